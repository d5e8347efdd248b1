"""The commands of the study pages are run, in their order, as a reader would."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from sim.cli import main
from tests.conftest import undrawn

DOCS = Path(__file__).parents[2] / "docs"
BLOCKS = re.compile(r"```sh\n(.*?)```", re.DOTALL)
PAGES = sorted(page.name for page in DOCS.glob("*.md") if BLOCKS.search(page.read_text(encoding="utf-8")))

PLAIN = ("query", "export", "report", "plot", "replay", "cases", "list")  # verbs whose words are no configuration


def commands(page: str) -> list[list[str]]:
    """Words of each `rubicon` command of a page; a line that ends in a backslash goes on."""
    text = "\n".join(BLOCKS.findall((DOCS / page).read_text(encoding="utf-8"))).replace("\\\n", " ")
    lines = (shlex.split(line, comments=True) for line in text.splitlines())
    return [words[1:] for words in lines if words[:1] == ["rubicon"]]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert commands(page)
    for words in commands(page):
        # Blank figures in one format: that they are drawn is other tests' business, and takes minutes.
        quick = [] if words[0] in PLAIN else ["figures.formats=[png]"]
        with undrawn():
            assert main([*words, *quick]) == 0, f"{page}: rubicon {shlex.join(words)}"
