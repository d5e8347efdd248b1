"""The verb `cases`: put episodes of a table on the shelf, or list those that are there."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from sim import record
from sim.cases import CLASSES, read_csv, shelf
from sim.studies.console import console


def bring(table: Path, to: Path) -> list[Path]:
    """Write one YAML file an episode of a CSV file; equal rows give equal files. Notes go to standard error."""
    reading = read_csv(table)
    for note in reading.notes:
        print(f"note: {note}", file=sys.stderr)
    files = {to / shelf.file_name(case.case_id): shelf.text(case) for case in reading.cases}
    for path, text in files.items():
        record.write_text(path, text)
    return list(files)


def listing(place: Path) -> list[dict[str, str | None]]:
    """Each episode of a shelf: id, cluster, what was demanded and by whom, and how it ended."""
    return [
        {
            "case_id": case.case_id, "cluster": case.cluster, "demand": case.words["demand_type"],
            "rebels": case.words["rebel_type"], "ending": None if case.outcome is None else CLASSES[case.outcome],
        }
        for case in shelf.load(place)
    ]  # fmt: skip


def main(argv: list[str]) -> int:
    """Entry of `rubicon cases import FILE.csv [--to DIR]` and `rubicon cases list [--from DIR] [--json]`."""
    parser = argparse.ArgumentParser("rubicon cases", description=__doc__)
    verbs = parser.add_subparsers(dest="what", required=True)
    adding = verbs.add_parser("import", help="write one YAML file an episode of a CSV file")
    adding.add_argument("file", type=Path, help="table with the columns that docs/cases.md names")
    adding.add_argument("--to", type=Path, default=shelf.folder(), help="folder of the shelf (default: conf/cases)")
    told = verbs.add_parser("list", help="the episodes of a shelf")
    told.add_argument("--from", dest="place", type=Path, default=shelf.folder(), help="folder (default: conf/cases)")
    told.add_argument("--json", action="store_true", help="as JSON")
    given = parser.parse_args(argv)
    if given.what == "import":
        written = bring(given.file, given.to)
        print(f"{len(written)} episodes written to {given.to}")
    elif given.json:
        print(json.dumps(listing(given.place), indent=1, ensure_ascii=False))
    else:
        _show(listing(given.place))
    return 0


def _show(rows: list[dict[str, str | None]]) -> None:
    from rich.table import Table

    table = Table(title=f"{len(rows)} episodes", title_justify="left")
    for heading in rows[0]:
        table.add_column(heading)
    for row in rows:
        table.add_row(*(value or "-" for value in row.values()))
    console().print(table)
