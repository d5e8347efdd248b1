"""Tables of `rubicon validate`: for Parquet, for the terminal, and for docs/patterns.md."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from rich.table import Table

    from sim.patterns.patterns import Book

NUMBERS = ("hit_share", "low", "high", "told", "median")


def readings(of: Book, e: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """One row a run: replicate, outcome, and of each represented pattern its quantity and whether the run hits."""
    import numpy as np

    from sim.patterns.patterns import READ
    from sim.patterns.scores import hits

    table = {"replicate": np.arange(len(e["outcome"])), "outcome": e["outcome"]}
    for name, pattern in of.patterns.items():
        if pattern.represented:
            reading = READ[name](e)
            table |= {name: reading.value, f"{name}_hit": hits(pattern, reading)}
    return table


def pattern_rows(found: Mapping[str, Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """One row a pattern: what it is, its range, its scores over all runs and over exits (nan where there is none)."""
    import numpy as np

    words = ("what", "how", "unit", "use", "grade", "source", "verdict", "given", "seen", "why")
    table = {"id": np.array(list(found), object)}
    table |= {name: np.array([p[name] for p in found.values()], object) for name in words}
    table |= {name: np.array([p[name] for p in found.values()]) for name in ("represented", "weight", "central")}
    table |= {f"accept_{end}": np.array([p["accept"][i] for p in found.values()], float) for i, end in enumerate(ENDS)}
    for runs in ("all", "exit"):
        scores = [p.get(runs, {}) for p in found.values()]
        table |= {f"{name}_{runs}": np.array([s.get(name, math.nan) for s in scores], float) for name in NUMBERS}
        for i, end in enumerate(ENDS):
            table[f"band80_{end}_{runs}"] = np.array([s["band80"][i] if s else math.nan for s in scores], float)
        table[f"covers_{runs}"] = np.array([bool(s.get("covers", False)) for s in scores])
    return table


ENDS = ("low", "high")


def rival_rows(accounts: Mapping[str, Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """One row a model and pattern that it tells: hit share, whether it covers the fact, verdict."""
    import numpy as np

    rows = [(name, key, s) for name, told in accounts.items() for key, s in told.get("patterns", {}).items()]
    return {
        "model": np.array([name for name, _, _ in rows], object),
        "pattern": np.array([key for _, key, _ in rows], object),
        "hit_share": np.array([s["hit_share"] for _, _, s in rows]),
        "covers": np.array([s["covers"] for _, _, s in rows]),
        "verdict": np.array([s["verdict"] for _, _, s in rows], object),
    }  # fmt: skip


def jury_rows(found: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """One row a direction and juror: difference, interval, verdict."""
    import numpy as np

    rows = [(row, juror, cell) for row in found["directions"] for juror, cell in row["cells"].items()]
    table = {name: np.array([row[name] for row, _, _ in rows], object) for name in ("scenario", "what", "measure")}
    table |= {"sign": np.array([row["sign"] for row, _, _ in rows])}
    table |= {"juror": np.array([juror for _, juror, _ in rows], object)}
    table |= {name: np.array([cell[name] for _, _, cell in rows], float) for name in ("difference", *ENDS)}
    return table | {"verdict": np.array([cell["verdict"] for _, _, cell in rows], object)}


def quantity(value: float | None) -> str:
    """A quantity in few digits; a time that never comes is `never`, none at all a dash.

    >>> quantity(23.25), quantity(0.949), quantity(math.inf), quantity(math.nan)
    ('23.2', '0.95', 'never', '-')
    """
    if value is None or math.isnan(value):
        return "-"
    if math.isinf(value):
        return "never"
    if float(value).is_integer() or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.2f}" if abs(value) < 1 else f"{value:.1f}"


def span(ends: Any) -> str:
    """A range of quantities in words; one number where both ends are the same.

    >>> span([18, 36]), span([7, math.inf]), span([0, 0])
    ('18 to 36', '7 to never', '0')
    """
    low, high = map(quantity, ends)
    return low if low == high else f"{low} to {high}"


def pattern_table(summary: Mapping[str, Any]) -> Table:
    """The patterns with fact, range, band, share of runs that hit, and verdict."""
    from rich.box import SIMPLE
    from rich.table import Table

    runs = "all runs" if summary["given"] == "all" else "runs that end in a negotiated exit"
    table = Table(
        title=f"{summary['scenario']}: patterns of June 2023 in {summary['replications']:,} runs; verdicts over {runs}",
        caption="use K: may set numbers, H: held out; * in view when they were set; band of 80 % of runs that have it",
        title_justify="left", caption_justify="left", box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0),
    )  # fmt: skip
    for heading in ("", "pattern", "use", "fact (accepted)", "80 % band", "runs", "exits", "verdict"):
        table.add_column(
            heading, justify="right" if heading in ("runs", "exits") else "left", no_wrap=heading != "pattern"
        )
    for name, p in summary["patterns"].items():
        fact = f"{quantity(p['central'])} ({span(p['accept'])})"
        head = (name, p["what"], f"{p['use']}{p['grade']}{'*' if p['seen'] else ''}", fact)
        if not p["represented"]:
            table.add_row(*head, "-", "-", "-", "absent")
        else:
            scores = (f"{100 * p['all']['hit_share']:.0f} %", _percent(p["exit"]["hit_share"]))
            table.add_row(*head, span(p["band80"]), *scores, p["verdict"])
    return table


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.0f} %"


def patterns() -> str:
    """The patterns as a Markdown table, from the data alone: what, fact, range, use, how it is read, source."""
    from sim.patterns.patterns import book
    from tools.tables import markdown

    rows = []
    for p in book().patterns.values():
        state = "tested" if p.counts else f"given: {p.given}" if p.given else f"not represented: {p.why}"
        fact = f"{quantity(p.central)} ({span((p.low, p.high))}) {p.unit}"
        use = f"{p.use}{', in view' if p.seen else ''}"
        rows.append((p.id, p.what, fact, use, p.grade, p.how, state, p.source))
    return markdown(("id", "pattern", "fact (accepted)", "use", "grade", "how it is read", "state", "source"), rows)


def pattern_results(runs: int = 20_000, seed: int = 1) -> str:
    """How `historical` fares, as a Markdown table: band, share of runs that hit, among exits too, verdict."""
    from sim.notebook import setting
    from sim.patterns.evidence import gather
    from sim.patterns.patterns import book
    from sim.studies.validate import verb as validate
    from tools.tables import markdown

    found = validate.patterns(book(), gather(setting("scenario=historical", f"seed={seed}"), runs), "all")
    rows = []
    for name, p in found["patterns"].items():
        fact = f"{quantity(p['central'])} ({span(p['accept'])})"
        if not p["represented"]:
            rows.append((name, p["what"], p["use"], fact, "", "", "", p["verdict"]))
            continue
        shown = (f"{100 * p['all']['hit_share']:.0f} %", _percent(p["exit"]["hit_share"]))
        rows.append((name, p["what"], p["use"], fact, span(p["all"]["band80"]), *shown, p["verdict"]))
    return markdown(
        ("id", "pattern", "use", "fact (accepted)", "80 % band", "runs that hit", "of exits", "verdict"), rows
    )


def directions() -> str:
    """The directions as a Markdown table: scenario, what should follow, what was found where it does not."""
    from sim.studies.validate.directions import directions as rows
    from tools.tables import markdown

    found = [(f"`{row.scenario}`", row.what, f"`{row.measure}`", row.among or "", row.fails) for row in rows()]
    return markdown(("scenario", "expected", "measure", "among", "does not hold"), found)
