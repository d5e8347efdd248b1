"""The bench that counts false claims can fail, and does not where the level is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.calibration import counting
from tests.calibration.counting import Case, Said, check, count


def case(rate: float) -> Case:
    """A verb that claims falsely under so large a share of all seeds."""
    return Case(
        "none", "coin", "shared", "a coin", lambda seed: [Said("Up.", np.random.default_rng(seed).random() < rate)]
    )  # fmt: skip


def test_a_level_that_is_kept_passes_and_one_that_is_not_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "SEEDS", 30)
    monkeypatch.setattr(counting, "ROWS", "")
    check(case(0.05))
    check(case(0.0))
    with pytest.raises(AssertionError, match="stated level"):
        check(case(0.5))


def test_silence_is_no_success() -> None:
    with pytest.raises(AssertionError, match="nothing was said"):
        check(Case("none", "coin", "shared", "a coin", lambda seed: []))


def test_a_family_of_sentences_counts_once_a_seed() -> None:
    both = Case("none", "two", "shared", "two coins", lambda seed: [Said("It rises.", True), Said("It falls.", True)])
    found = count(both, 7)
    assert (found.n, found.sentences, found.wrong) == (7, 14, 7)


def test_rows_make_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "ROWS", str(tmp_path / "rows"))
    monkeypatch.setattr(counting, "SEEDS", 30)
    check(case(0.0))
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- claims -->\nold\n<!-- end -->\nafter\n")
    counting.main(str(tmp_path / "rows"), str(page))
    text = page.read_text()
    assert "| none | coin | shared | a coin | 30 | 30 | 0 | 0.0 % | at most 5 % |" in text
    assert "old" not in text
    assert text.endswith("<!-- end -->\nafter\n")
