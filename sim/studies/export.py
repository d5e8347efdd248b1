"""`rubicon export`: tables of a finished directory as CSV (or as one Parquet file)."""

from __future__ import annotations

from pathlib import Path

from sim.results import RecordError, finished, queries

ABOUT = """Write tables of a finished directory as CSV. Without --table all of them go to
RUN_DIR/export/. A large table is streamed, and the parts of a sweep's runs become one file."""


def main(argv: list[str]) -> int:
    """Entry of `rubicon export RUN_DIR [--table NAME] [--to FILE or FOLDER] [--force]`."""
    from sim.arguments import Arguments

    parser = Arguments("rubicon export", description=ABOUT)
    parser.add_argument("run_dir", type=Path, help="folder that a verb printed")
    parser.add_argument("--table", action="append", help="one table; may be given again (default: all)")
    parser.add_argument("--to", type=Path, help="a file (.csv or .parquet) for one table, else a folder")
    parser.add_argument("--force", action="store_true", help="replace files that exist")
    given = parser.parse_args(argv)
    finished(given.run_dir)
    wanted = given.table or list(queries.tables(given.run_dir))
    if not wanted:
        raise RecordError(f"{given.run_dir} has no tables; its numbers are in summary.json.")
    places = targets(wanted, given.to or given.run_dir / "export")
    for table, target in places.items():  # before the first is written
        queries.check_export(given.run_dir, table, target, force=given.force)
    counts = {
        target: queries.export(given.run_dir, table, target, force=given.force) for table, target in places.items()
    }
    for target, rows in counts.items():
        print(f"{target}: {rows:,} rows")
    return 0


def targets(wanted: list[str], to: Path) -> dict[str, Path]:
    """Table -> the file it goes to; RecordError for an unknown ending, a missing folder, or one file for several."""
    if not to.parent.is_dir():
        raise RecordError(
            f"there is no folder {to.parent} to write {to.name} in; make it, or choose another with --to."
        )
    if to.suffix and to.suffix not in queries.FORMATS and not to.is_dir():
        raise RecordError(
            f"{to} ends in {to.suffix}; a table goes to a file that ends in {' or '.join(queries.FORMATS)}, "
            "and several to a folder."
        )
    if to.suffix not in queries.FORMATS:
        return {table: to / f"{table}.csv" for table in wanted}
    if len(wanted) > 1:
        raise RecordError(
            f"{to} is one file and there are {len(wanted)} tables; choose one with --table: {', '.join(wanted)}."
        )
    return {wanted[0]: to}
