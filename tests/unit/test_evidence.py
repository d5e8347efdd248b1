"""The page of evidence says what the studies say: its places are what docs/evidence/ makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.results import Finished, RecordError
from tools import evidence
from tools.headline import LINES, headline

ROOT = Path(__file__).parents[2]
PAGES = ("docs/credibility.md", "README.md")
STUDIES = evidence.kept(ROOT / "docs" / "evidence")


@pytest.mark.parametrize("page", PAGES)
def test_no_number_on_the_page_is_typed(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert evidence.PLACE.search(text)
    assert evidence.filled(text, STUDIES) == text, f"{page} is out of step with docs/evidence/; run `make evidence`"


def test_every_study_kept_has_its_place() -> None:
    text = (ROOT / "docs/credibility.md").read_text(encoding="utf-8")
    assert {place[2] for place in evidence.PLACE.finditer(text)} == {*STUDIES, evidence.HEADLINE}


def test_a_changed_number_changes_the_page() -> None:
    """The places are made of the numbers, not copied from before."""
    told = json.loads(json.dumps(STUDIES["backtest"].summary))
    told["log_loss"]["model"]["value"] = 9.87
    changed = {**STUDIES, "backtest": Finished(ROOT, {"verb": "backtest"}, {}, told)}
    assert "9.87" in headline(changed)
    assert "9.87" not in headline(STUDIES)
    assert len(headline(STUDIES).splitlines()) == len(LINES)


def test_a_place_without_its_study_is_named() -> None:
    with pytest.raises(RecordError, match="'nothing'"):
        evidence.filled("<!-- evidence: nothing -->\nx<!-- end -->", {})
