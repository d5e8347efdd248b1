"""Rival accounts: legal settings without talks, set where they do best, scored like the model."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from sim.catalog import option, options
from sim.model.state import ENDINGS
from sim.patterns.evidence import gather
from sim.patterns.patterns import book
from sim.patterns.scores import scored, total
from sim.studies.validate import rivals
from tests.conftest import setting

BOOK = book()
SHELF = Path(__file__).parents[1] / "data" / "cases.csv"
CLASSES = {"REBELS_WIN": "rebels_win", "GOV_CONCEDES": "government_concedes", "NEGOTIATED_EXIT": "negotiated_exit",
           "REBELS_COLLAPSE": "rebels_collapse", "CRUSHED": "crushed", "PROLONGED_WAR": "prolonged"}  # fmt: skip


def test_the_four_rivals_of_the_brief_are_there() -> None:
    assert set(options("rival")) == {"class_frequencies", "coordination", "march_until_stopped", "signalling"}
    for name in options("rival"):
        told = option("rival", name)
        assert told["about"].endswith(".")
        assert len(told["why"]) > 80


@pytest.mark.parametrize("name", rivals.simulated())
def test_a_simulated_rival_has_no_talks_and_gives_nothing(name: str) -> None:
    base = setting("scenario=historical", "seed=1")
    for numbers in rivals.points(option("rival", name)):
        e = gather(base.changed(numbers), 100)
        assert (e["package"] == -1).all()
        assert (e["contacts"] == 0).all()


@pytest.mark.parametrize("name", rivals.simulated())
def test_a_rival_is_set_where_it_does_best(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rivals, "GRID_RUNS", 60)
    base, told = setting("scenario=historical", "seed=1"), option("rival", name)
    scores = {}
    for numbers in rivals.points(told):
        made = base.changed(numbers)
        scores[made.params.row().tobytes()] = total(BOOK, scored(BOOK, gather(made, 60)), "H")["hit_share"]
    chosen = rivals.fitted(base, told, BOOK, lambda done: None)
    assert scores[chosen.params.row().tobytes()] == max(scores.values())
    assert len(scores) == len(rivals.points(told))


def test_class_frequencies_are_those_of_the_shelf() -> None:
    with SHELF.open(encoding="utf-8") as file:
        counts = Counter(CLASSES[row["outcome_class"]] for row in csv.DictReader(file))
    assert option("rival", "class_frequencies")["endings"] == {name: counts[name] for name in ENDINGS}


def test_class_frequencies_tell_no_pattern() -> None:
    found = rivals.frequencies(option("rival", "class_frequencies"))
    assert sum(found["endings"].values()) == pytest.approx(1.0)
    assert "patterns" not in found
    assert "H" not in found
