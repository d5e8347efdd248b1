"""`rubicon query`: a question in SQL to a finished directory, over its own tables."""

from __future__ import annotations

import csv
import json
import math
import sys
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from sim.results import queries
from sim.studies.console import console

ABOUT = """Ask a finished directory of any verb in SQL (DuckDB). Each Parquet file is a table:
runs, points and summary of a sweep, runs and trajectories of a run, and so on. Without a
query the tables and their columns are listed. A query only reads."""


def show(answer: queries.Answer, most: int) -> None:
    """The first rows as a table (or one under another where it is too wide), and how many more there are."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    rows, screen = list(islice(answer.rows, most)), console()
    if not rows and most:
        print(f"0 rows; columns: {', '.join(answer.columns)}")
        return
    table = Table(box=box.SIMPLE_HEAD)
    for i, name in enumerate(answer.columns):
        right = all(row[i] is None or isinstance(row[i], (int, float, Decimal)) for row in rows)
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(value)) for value in row))
    if (
        len(answer.columns) > 1
        and screen.measure(table, options=screen.options.update(width=10_000)).maximum > screen.width
    ):
        stacked(answer.columns, rows)
    else:
        screen.print(table)
    more = sum(1 for _ in answer.rows)
    if more:
        print(f"{more:,} more rows; --rows shows more of them, --csv and --json give all.")


def stacked(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    """Rows one under another, a line a column."""
    width = max(map(len, names))
    for number, row in enumerate(rows, 1):
        print(f"row {number}")
        for name, value in zip(names, row, strict=True):
            print(f"  {name:<{width}}  {cell(value)}")


def cell(value: Any) -> str:
    """A value for the eye: six significant digits, nothing for null.

    >>> cell(0.123456789), cell(None), cell(12)
    ('0.123457', '', '12')
    """
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, (float, Decimal)) else str(value)


def plain(value: Any) -> Any:
    """A value that JSON can hold: dates as text, numbers that are none as null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (date, time, timedelta, bytes)):
        return str(value)
    return value


def as_csv(answer: queries.Answer) -> None:
    """All rows to standard output, null as nothing."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows(answer.rows)


def as_json(answer: queries.Answer) -> None:
    """All rows to standard output as a list of objects, a line each."""
    start = "["
    for row in answer.rows:
        line = json.dumps(dict(zip(answer.columns, map(plain, row), strict=True)), ensure_ascii=False, default=str)
        sys.stdout.write(f"{start}\n{line}")
        start = ","
    sys.stdout.write("\n]\n" if start == "," else "[]\n")


def list_tables(folder: Path, *, machine: bool) -> None:
    """What there is to ask: each table with its rows and columns."""
    found = queries.listing(folder)
    if machine:
        print(json.dumps([entry | {"columns": dict(entry["columns"])} for entry in found], indent=2))
        return
    for entry in found:
        print(f"{entry['table']}: {entry['rows']:,} rows")
        for name, kind in entry["columns"]:
            print(f"  {name:<24} {kind}")


def main(argv: list[str]) -> int:
    """Entry of `rubicon query RUN_DIR "select ..." [--csv | --json] [--rows N]`."""
    from sim.arguments import Arguments

    parser = Arguments("rubicon query", description=ABOUT)
    parser.add_argument("run_dir", type=Path, help="folder that a verb printed")
    parser.add_argument("sql", nargs="?", help="one select; left out, the tables are listed")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="all rows as CSV")
    form.add_argument("--json", action="store_true", help="all rows as JSON")
    parser.add_argument("--rows", type=int, default=40, help="rows of the printed table (default 40)")
    given = parser.parse_args(argv)
    if given.sql is None:
        list_tables(given.run_dir, machine=given.json)
        return 0
    with queries.ask(given.run_dir, given.sql) as answer:
        if given.csv:
            as_csv(answer)
        elif given.json:
            as_json(answer)
        else:
            show(answer, max(given.rows, 0))
    return 0
