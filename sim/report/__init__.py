"""`rubicon report`: one self-contained HTML file of a finished directory of any verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ABOUT = """Write one HTML file that tells a finished directory: the question, the answer with its
numbers, what differs from `historical`, figures, tables, and how to do it again. It holds
everything it shows, opens offline and prints on A4."""


MARK = '<meta name="generator" content="Rubicon'  # how a report is told from other files; see page.html.j2


def main(argv: list[str]) -> int:
    """Entry of `rubicon report RUN_DIR [--to FILE] [--force]`: writes RUN_DIR/report.html and prints where it is."""
    from pathlib import Path

    from sim import results as record
    from sim.arguments import Arguments

    parser = Arguments("rubicon report", description=ABOUT)
    parser.add_argument("run_dir", type=Path, help="folder that a verb printed")
    parser.add_argument("--to", type=Path, help="file to write (default: report.html in that folder)")
    parser.add_argument("--force", action="store_true", help="replace a file that is no report of Rubicon")
    given = parser.parse_args(argv)
    done = record.finished(given.run_dir)
    target: Path = given.to or given.run_dir / "report.html"
    check(target, force=given.force)
    from sim.report.page import html

    record.write_text(target, html(done))
    print(target)
    return 0


def head(file: Path) -> str:
    """The first letters of a file, whatever it is."""
    with file.open("rb") as opened:
        return opened.read(4000).decode("utf-8", "replace")


def check(target: Path, *, force: bool) -> None:
    """RecordError unless a report may be written there: an .html in a folder that exists, over nothing but a report."""
    from sim import results as record

    if target.suffix not in (".html", ".htm"):
        raise record.RecordError(f"{target} is no name for a report; choose one that ends in .html with --to.")
    if not target.parent.is_dir():
        raise record.RecordError(
            f"there is no folder {target.parent} to write {target.name} in; make it, or choose another with --to."
        )
    record.check_folder(target.parent)
    if target.is_dir():
        raise record.RecordError(f"{target} is a folder; choose another name with --to.")
    if target.exists() and not force and MARK not in head(target):
        raise record.RecordError(
            f"{target} exists and is no report of Rubicon; choose another with --to, or replace it with --force."
        )
