"""`rubicon report`: one self-contained HTML file of a finished directory of any verb."""

from __future__ import annotations

ABOUT = """Write one HTML file that tells a finished directory: the question, the answer with its
numbers, what differs from `historical`, figures, tables, and how to do it again. It holds
everything it shows, opens offline and prints on A4."""


def main(argv: list[str]) -> int:
    """Entry of `rubicon report RUN_DIR [--to FILE]`: writes RUN_DIR/report.html and prints where it is."""
    import argparse
    from pathlib import Path

    from sim import record

    parser = argparse.ArgumentParser("rubicon report", description=ABOUT)
    parser.add_argument("run_dir", type=Path, help="folder that a verb printed")
    parser.add_argument("--to", type=Path, help="file to write (default: report.html in that folder)")
    given = parser.parse_args(argv)
    done = record.finished(given.run_dir)
    from sim.report.page import html

    target = given.to or given.run_dir / "report.html"
    try:
        record.write_text(target, html(done))
    except OSError as error:
        raise record.RecordError(f"cannot write {target} ({error.strerror}); choose another with --to.") from error
    print(target)
    return 0
