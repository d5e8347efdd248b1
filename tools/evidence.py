"""The page of evidence: what the studies of credibility say, set into a document between its marks.

`python -m tools.evidence DIR PAGE...` reads the finished directories DIR/<verb>/*/*, fills each place
`<!-- evidence: verb -->` ... `<!-- end -->` of the pages, and keeps what it read under docs/evidence/,
so that a test can hold the pages to it. Numbers on such a page are never typed.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.report import verbs
from sim.report.parts import Table
from sim.results import Finished, RecordError, finished, write_json, write_text
from tools.headline import headline

PLACE = re.compile(r"(<!-- evidence: ([\w-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
HEADLINE = "headline"
KEPT = ("verb", "scenario", "overrides", "seed", "replications", "source_hash", "versions", "digest")


def section(done: Finished) -> str:
    """One study as Markdown: its sentences as a list, then its tables."""
    lines = [f"- {text}" for text in verbs.conclusions(done)]
    return "\n".join([*lines, "", *(markdown(table) for table in verbs.tables(done))])


def markdown(table: Table) -> str:
    """A table with its caption above and its note below."""
    rows = [table.heads, ["---"] * len(table.heads), *table.rows]
    lines = ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    note = ["", table.note] if table.note else []
    return "\n".join([f"*{table.caption}*", "", *lines, *note, ""])


def _cell(text: Any) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def filled(page: str, studies: Mapping[str, Finished]) -> str:
    """A page with its places filled; RecordError when a place asks for a study that is not there."""

    def fill(place: re.Match[str]) -> str:
        name = place[2]
        if name == HEADLINE:
            return f"{place[1]}{headline(studies)}{place[4]}"
        if name not in studies:
            raise RecordError(f"the page asks for the evidence of {name!r}; there is {', '.join(studies) or 'none'}.")
        return f"{place[1]}{section(studies[name])}{place[4]}"

    return PLACE.sub(fill, page)


def keep(done: Finished, folder: Path) -> None:
    """Write down what a page shows of a study: its main numbers and what made them."""
    manifest = {key: done.manifest[key] for key in KEPT if key in done.manifest}
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / f"{done.verb}.json", {"manifest": manifest, "summary": done.summary})


def kept(folder: Path) -> dict[str, Finished]:
    """The studies written down in a folder, by verb."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        of = json.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = Finished(folder, of["manifest"], {}, of["summary"])
    return found


def main(words: Sequence[str]) -> int:
    """`python -m tools.evidence DIR PAGE...`: keep, fill the pages, copy the figures beside them."""
    source, pages = Path(words[0]), [Path(word) for word in words[1:]]
    for folder in sorted(path.parent for path in source.glob("*/*/*/manifest.json")):
        done = finished(folder)
        keep(done, Path("docs/evidence"))
        for figure in sorted((folder / "figures").glob("*.png")):
            shutil.copyfile(figure, Path("docs/img") / f"{done.verb}_{figure.name}")
    for page in pages:
        write_text(page, filled(page.read_text(encoding="utf-8"), kept(Path("docs/evidence"))))
        print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
