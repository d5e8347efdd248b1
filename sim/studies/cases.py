"""The verb `cases`: put episodes of a table on a shelf of your own, or list those of a shelf."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from sim import results as record
from sim.arguments import Arguments
from sim.cases import CLASSES, CaseError, read_csv, shelf
from sim.studies.console import console

SHELF = Path("cases")  # where a shelf of one's own is written, unless --to says otherwise
PACKAGE = Path(__file__).resolve().parents[1]


def bring(table: Path, to: Path, *, force: bool = False) -> list[Path]:
    """Write one YAML file an episode of a CSV file, all or none; equal rows give equal files. Notes go to stderr.

    Raises
    ------
    CaseError
        when the table cannot be used, an id cannot name a file, `to` is part of the program or cannot be written, or
        (without `force`) another episode is there under one of the names.
    """
    if to.resolve().is_relative_to(PACKAGE):
        raise CaseError(f"{to} is inside the program itself; give a folder of your own with --to.")
    reading = read_csv(table, strict=True)
    names = shelf.file_names(reading.cases)
    files = dict(zip(names, map(shelf.text, reading.cases), strict=True))
    try:
        _refuse_taken(files, to, force=force)
        _write_all(files, to)
    except OSError as error:
        raise CaseError(f"cannot write to {to} ({error.strerror}); give another folder with --to.") from error
    for note in reading.notes:
        print(f"note: {note}", file=sys.stderr)
    return [to / name for name in names]


def _refuse_taken(files: Mapping[str, str], to: Path, *, force: bool) -> None:
    """CaseError where a file is there that would be lost, or one whose name differs in capitals only."""
    there = {path.name.lower(): path for path in to.iterdir()} if to.is_dir() else {}
    for name, text in files.items():
        found = there.get(name.lower())
        if found is None or (found.name == name and (force or found.read_bytes() == text.encode())):
            continue
        if found.name != name:
            raise CaseError(
                f"{found} is there already, and {name} differs from it in capitals only; rename one of them."
            )
        raise CaseError(
            f"{found} holds another episode of that name, or another state of it; nothing was written. Give --force to "
            "replace it, or another folder with --to."
        )


def _write_all(files: Mapping[str, str], to: Path) -> None:
    """Write all files beside their places first, where a full disk shows, then put each in its place."""
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".import-", dir=to) as beside:
        for name, text in files.items():
            record.write_text(Path(beside) / name, text)
        for name in files:
            (Path(beside) / name).replace(to / name)


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
    """Entry of `rubicon cases import FILE.csv [--to DIR] [--force]` and `rubicon cases list [--from DIR] [--json]`."""
    parser = Arguments("rubicon cases", description=__doc__)
    verbs = parser.add_subparsers(dest="what", required=True)
    adding = verbs.add_parser("import", help="write one YAML file an episode of a CSV file")
    adding.add_argument("file", type=Path, help="table with the columns that docs/cases.md names")
    adding.add_argument("--to", type=Path, default=SHELF, help="folder of your shelf, made if missing (default: cases)")
    adding.add_argument("--force", action="store_true", help="replace files of the same name")
    told = verbs.add_parser("list", help="the episodes of a shelf")
    told.add_argument(
        "--from", dest="place", type=Path, default=shelf.folder(), help="folder (default: the shelf that is shipped)"
    )
    told.add_argument("--json", action="store_true", help="as JSON")
    given = parser.parse_args(argv)
    if given.what == "import":
        written = bring(given.file, given.to, force=given.force)
        print(f"{len(written)} episodes written to {given.to}; play them with rubicon backtest shelf={given.to}")
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
