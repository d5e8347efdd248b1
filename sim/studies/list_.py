"""The verb `list`: what there is to choose from, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sim import catalog
from sim.arguments import Arguments
from sim.errors import UserError
from sim.studies.console import console

Rows = list[dict[str, Any]]
Folders = tuple[Path, ...]  # the user's own folders of options


def scenarios(folders: Folders) -> Rows:
    """Each scenario with its sentence."""
    return _with_sentence("scenario", folders)


def sweeps(folders: Folders) -> Rows:
    """Each ready design of `rubicon sweep sweep=...`."""
    return _with_sentence("sweep", folders)


def _with_sentence(group: str, folders: Folders) -> Rows:
    found = ((name, catalog.option(group, name, folders)) for name in catalog.options(group, folders))
    return [{"name": name, "about": of.get("about", "")} for name, of in found]


def actors(folders: Folders) -> Rows:
    """Each seat: who held it in June 2023, and what its four options mean."""
    rows = []
    for seat, actor in catalog.defaults_tree()["actors"].items():
        who = {key: actor[key] for key in ("title", "person", "office", "aims", "knows")}
        rows.append({"name": seat, **who, **actor["options"]})
    return rows


def doctrines(folders: Folders) -> Rows:
    """Each way of choosing, with the rule it is a preset of."""
    default = catalog.option("doctrine", "quantal")
    found = ((name, catalog.option("doctrine", name, folders)) for name in catalog.options("doctrine", folders))
    return [{"name": name, **{key: of.get(key, default[key]) for key in ("rule", "about")}} for name, of in found]


def parameters(folders: Folders) -> Rows:
    """Every number of the model: value, plausible range, unit, grade, source."""
    rows = []
    for p in catalog.catalogue().values():
        row = {"name": p.path, "value": p.value, "low": p.low, "high": p.high, "unit": p.unit, "grade": p.grade}
        bounds = [None if abs(x) == float("inf") else x for x in (p.allowed_low, p.allowed_high)]
        rows.append({**row, "main": p.main, "about": p.about, "source": p.source, "allowed": bounds})
    return rows


def figures(folders: Folders) -> Rows:
    """Each figure."""
    from sim.draw import FIGURES, STUDY_FIGURES

    return [{"name": name, "about": about} for name, (_, about) in {**FIGURES, **STUDY_FIGURES}.items()]


def endings(folders: Folders) -> Rows:
    """The six classes of outcome, exclusive and exhaustive."""
    from sim.model.state import ENDINGS

    return [{"code": code, "name": name, "about": ENDING_RULES[name]} for code, name in enumerate(ENDINGS)]


ENDING_RULES = {
    "rebels_win": "the capital's force breaks or the elites desert, and the state does not fight on",
    "government_concedes": "the ruler grants the main demand and the leader accepts it",
    "negotiated_exit": "both accept terms, through any channel",
    "rebels_collapse": "the rebels stand down without terms",
    "crushed": "the rebels break in combat",
    "prolonged": "none of these within the horizon, or the state fights on after capital or elites are lost",
}
WHAT: dict[str, Callable[[Folders], Rows]] = {
    "scenarios": scenarios,
    "sweeps": sweeps,
    "actors": actors,
    "doctrines": doctrines,
    "parameters": parameters,
    "figures": figures,
    "endings": endings,
}


def main(argv: Sequence[str]) -> int:
    """`rubicon list [what] [--json | --markdown]`; 0, or 2 when `what` is unknown."""
    parser = Arguments(prog="rubicon list", description=__doc__)
    parser.add_argument("what", nargs="?", default="all", help=f"one of {', '.join(WHAT)}; all when left out")
    parser.add_argument("--json", action="store_true", help="machine-readable, all columns")
    parser.add_argument("--markdown", action="store_true", help="the parameters as the table of docs/model.md")
    parser.add_argument("--main", action="store_true", help="of the parameters only those to look at first")
    parser.add_argument("-cd", "--config-dir", type=Path, help="a folder with scenarios, doctrines, sweeps of your own")
    args = parser.parse_args(list(argv))
    if args.config_dir is not None and not args.config_dir.is_dir():
        raise UserError(f"--config-dir {args.config_dir} is no folder; it must hold folders such as scenario/.")
    folders = () if args.config_dir is None else (args.config_dir,)
    if args.what != "all" and args.what not in WHAT:
        raise UserError(catalog.unknown("list", args.what, WHAT))
    if args.markdown:
        return _markdown(args.what)
    chosen = [args.what] if args.what != "all" else [name for name in WHAT if args.json or name != "parameters"]
    tables = {name: _selected(name, folders, main_only=args.main) for name in chosen}
    if args.json:
        print(json.dumps(tables if args.what == "all" else tables[args.what], indent=2, ensure_ascii=False))
    else:
        _show(tables, summary=args.what == "all")
    return 0


def _markdown(what: str) -> int:
    from tools.tables import parameters as table

    if what != "parameters":
        raise UserError(f"--markdown was asked of {what!r}; only `rubicon list parameters --markdown` exists.")
    print(table(), end="")
    return 0


def _selected(name: str, folders: Folders, *, main_only: bool) -> Rows:
    return [row for row in WHAT[name](folders) if not main_only or row.get("main", True)]


def _show(tables: dict[str, Rows], *, summary: bool) -> None:
    screen = console(columns=160)
    for name, rows in tables.items():
        screen.print(_parameter_table(rows) if name == "parameters" else _table(name, rows, short=summary))
    if summary:
        screen.print(f"parameters: {len(catalog.catalogue())} numbers; `rubicon list parameters`, or `--main` of it.")


def _table(name: str, rows: Rows, *, short: bool) -> Any:
    columns = [key for key in rows[0] if not short or key in ("code", "name", "about", "person", "rule", "aims")]
    table = _empty(name.capitalize(), columns)
    for row in rows:
        table.add_row(*(str(row[key]) for key in columns))
    return table


def _parameter_table(rows: Rows) -> Any:
    table = _empty("Parameters (* look at these first)", ["name", "value", "range", "unit", "grade", "about", "source"])
    for row in rows:
        name, span = f"{row['name']}{' *' if row['main'] else ''}", f"{row['low']:g}..{row['high']:g}"
        table.add_row(name, f"{row['value']:g}", span, *(row[key] for key in ("unit", "grade", "about", "source")))
    return table


def _empty(title: str, columns: Sequence[str]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, title_style="bold")
    for column in columns:
        table.add_column(Text(column), overflow="fold", no_wrap=column in ("value", "range"))
    return table
