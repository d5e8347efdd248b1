"""Tables of the documents, written from what they describe: `make docs` fills them in, a test holds them in step.

A document marks the place with two comment lines, `<!-- table: NAME -->` and `<!-- end -->`;
what stands between them is replaced. `TABLES` lists the names.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sim import catalog

PLACE = re.compile(r"(<!-- table: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
SHOWN = ("historical", "no_mediator", "no_oka_line", "ruler_takes_call")  # scenarios of the table of results
RUNS, SEED = 20_000, 1


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table with a final newline; bars inside a cell are escaped.

    >>> markdown(["a", "b"], [["1", "x|y"]]).splitlines()[-1]
    '| 1 | x\\\\|y |'
    """
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def parameters() -> str:
    """Every number of the model, in the order of `conf/`; an asterisk marks those to look at first."""
    rows = []
    for p in catalog.catalogue().values():
        name = f"`{p.path}`{' *' if p.main else ''}"
        rows.append((name, f"{p.value:g}", f"{p.low:g} to {p.high:g}", p.unit, p.grade, p.about, p.source))
    return markdown(("number", "value", "range", "unit", "grade", "meaning", "source"), rows)


def scenarios() -> str:
    """Every scenario with its sentence."""
    found = ((name, catalog.option("scenario", name)["about"]) for name in catalog.options("scenario"))
    return markdown(("scenario", "what is different"), ((f"`{name}`", about) for name, about in found))


def doctrines() -> str:
    """Every doctrine by name, with the rule it is a preset of."""
    found = ((name, catalog.option("doctrine", name)) for name in catalog.options("doctrine"))
    return markdown(("doctrine", "rule", "how"), ((f"`{name}`", f"`{of['rule']}`", of["about"]) for name, of in found))


def columns() -> str:
    """Every column of `runs.parquet`."""
    from sim.engines.columns import COLUMNS

    return markdown(("column", "unit", "meaning"), ((f"`{name}`", c.unit, c.about) for name, c in COLUMNS.items()))


def luck() -> str:
    """Every purpose of a draw with its number, which is part of the luck's address."""
    from sim.model.luck import Purpose

    return ", ".join(f"{purpose.value} {purpose.name.lower()}" for purpose in Purpose) + "\n"


def results() -> str:
    """Shares of the endings with 95 % intervals and the medians, for the scenarios of `SHOWN` (per cent)."""
    from sim.model.state import ENDINGS
    from sim.notebook import runs
    from sim.stats.outcomes import summary

    found = {name: summary(runs(f"scenario={name}", f"seed={SEED}", n=RUNS)) for name in SHOWN}
    rows = []
    for ending in ENDINGS:
        shares = (found[name]["outcomes"][ending] for name in SHOWN)
        cells = (f"{100 * s['share']:.1f} ({100 * s['low']:.1f} to {100 * s['high']:.1f})" for s in shares)
        rows.append((f"`{ending}`", *cells))
    for label, key, unit in (("median duration", "duration_h", "h"), ("median closest point", "closest_km", "km")):
        rows.append((label, *(f"{found[name]['medians'][key]['median']:.1f} {unit}" for name in SHOWN)))
    rows.append(("median deaths", *(f"{found[name]['medians']['deaths']['median']:.0f}" for name in SHOWN)))
    rows.append(
        (
            "deals and concessions kept for 26 weeks",
            *(f"{100 * found[name]['deals']['kept']['share']:.0f} %" for name in SHOWN),
        )
    )
    return markdown(("", *(f"`{name}`" for name in SHOWN)), rows)


def patterns() -> str:
    """The patterns as conf/ has them."""
    from sim.studies.validate.tables import patterns as table

    return table()


def pattern_results() -> str:
    """What a run of `rubicon validate` says of each pattern."""
    from sim.studies.validate.tables import pattern_results as table

    return table()


def directions() -> str:
    """The expected directions as conf/ has them."""
    from sim.studies.validate.tables import directions as table

    return table()


TABLES: dict[str, Callable[[], str]] = {
    "parameters": parameters,
    "scenarios": scenarios,
    "doctrines": doctrines,
    "columns": columns,
    "luck": luck,
    "results": results,
    "patterns": patterns,
    "pattern_results": pattern_results,
    "directions": directions,
}


def filled(text: str) -> str:
    """A document with every marked table written anew; KeyError for a name that `TABLES` lacks."""
    return PLACE.sub(lambda place: f"{place[1]}{TABLES[place[2]]()}{place[4]}", text)


def main(names: Sequence[str]) -> int:
    """Fill the tables of these documents in place."""
    for name in names:
        path = Path(name)
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
