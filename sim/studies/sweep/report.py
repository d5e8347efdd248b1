"""The report of `rubicon sweep`: how the endings change over a design."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.report.endings import PHRASE, phrase
from sim.report.parts import Table, number, percent
from sim.results import Finished, queries

QUESTION = "How do the endings change as these axes change, and where is the answer settled?"
MOST_POINTS = 30


def conclusions(done: Finished) -> Iterator[str]:
    """The sweep's own sentences, and how much of it is settled."""
    told = done.summary
    points = told["points"]
    yield (
        f"The design ({told['design']}) has {points:,} point{'' if points == 1 else 's'} over {len(told['axes'])} "
        f"{'axis' if len(told['axes']) == 1 else 'axes'}, {told['runs']:,} runs in all; at {told['settled_points']:,} "
        f"of the points ({percent(told['settled_points'] / points)}) the commonest ending leads beyond chance."
    )
    yield from map(str, told.get("conclusions") or [])


def tables(done: Finished) -> Iterator[Table]:
    """The axes, the endings over the points, and the first points themselves."""
    axes = done.summary["axes"]
    rows = [
        (path, str(axis.get("about") or path), _span(axis), str(axis.get("unit") or ""), str(axis.get("grade") or ""))
        for path, axis in axes.items()
    ]
    yield Table("The axes", ("axis", "meaning", "levels or range", "unit", "grade"), rows)
    if not (done.folder / "summary.parquet").is_file():
        return
    with queries.opened(done.folder) as db:  # in SQL, as a design may have millions of points
        yield _over_points(db)
        yield _points(db, list(axes), done.summary["points"])


def _span(axis: dict[str, object]) -> str:
    levels = axis.get("levels")
    if isinstance(levels, list):
        shown = ", ".join(number(level) for level in levels[:16])
        return shown + (f", … ({len(levels)} levels)" if len(levels) > 16 else "")
    scale = " (logarithmic)" if axis.get("scale") == "log" else ""
    return f"{number(axis.get('low'))} to {number(axis.get('high'))}{scale}"


def _over_points(db: Any) -> Table:
    """Of each ending: at how many points it is the commonest, and its share over the points."""
    every = ", ".join(f"share_{name}" for name in PHRASE)
    cases = " ".join(f"when share_{name} = greatest({every}) then '{name}'" for name in PHRASE)
    first = dict(db.execute(f"select case {cases} end, count(*) from summary group by all").fetchall())
    rows = []
    for name in PHRASE:
        of = f"share_{name}"
        spread = db.execute(f"select min({of}), avg({of}), max({of}) from summary").fetchone()
        rows.append((phrase(name), number(first.get(name, 0)), *map(percent, spread)))
    return Table("The endings over the points", ("ending", "commonest at", "lowest share", "mean", "highest"), rows)


def _points(db: Any, axes: list[str], count: int) -> Table:
    shown = axes[:4]
    wanted = ", ".join(['"point"', *(f'"{path}"' for path in shown), *(f"share_{name}" for name in PHRASE), "n"])
    found = db.execute(f"select {wanted} from summary order by point limit {MOST_POINTS}").fetchall()
    k = 1 + len(shown)
    rows = [(*map(number, row[:k]), *map(percent, row[k:-1]), number(row[-1])) for row in found]
    note = f"The first {len(rows)} of {count:,} points. " if count > len(rows) else ""
    hidden = f"{len(axes) - len(shown)} more axes are not shown. " if len(axes) > len(shown) else ""
    return Table(
        "Shares of the endings point by point",
        ("point", *shown, *(name.replace("_", " ") for name in PHRASE), "runs"),
        rows,
        f"{note}{hidden}All: `rubicon export`." if note or hidden else "",
    )
