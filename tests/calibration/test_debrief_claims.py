"""What a debrief says of options that are worth the same, of turns at which nothing happens, and of blind choices."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

from sim.classroom import rationality
from sim.classroom.debriefing.words import verdict
from sim.classroom.graded import crossed, mark
from sim.classroom.sentences import sharpness
from sim.model.state import ENDINGS, OPTIONS
from tests.calibration.counting import Case, Said, check
from tests.calibration.nulls import STREAM, pool

MARKS = {"best": 0.5, "fine": 2.0, "dubious": 8.0}
WORTH = dict(zip(ENDINGS, (0.0, 0.6, 1.0, 0.3, 0.2, 0.1), strict=True))
OWN = 15.0


def decision(points: np.ndarray, chosen: int) -> dict[str, Any]:
    """A decision as the debrief has it, from points (options, worlds)."""
    lost, error = crossed(points)
    return {
        "option": OPTIONS[chosen], "best": OPTIONS[int(points.mean(axis=1).argmax())], "lost": float(lost[chosen]),
        "error": float(error[chosen]), "mark": mark(float(lost[chosen]), float(error[chosen]), MARKS),
        "behind": {name: {"lost": float(lost[j]), "error": float(error[j])} for j, name in enumerate(OPTIONS)},
        "odds": {name: dict.fromkeys(ENDINGS, 1 / 6) for name in OPTIONS},
    }  # fmt: skip


def worlds(seed: int, n: int, stir: float) -> np.ndarray:
    """Points of four options that are worth the same: each ends otherwise than the first in some of the worlds."""
    rng = np.random.default_rng([seed, STREAM])
    outcome = pool()["outcome"]
    ended = np.tile(rng.choice(outcome, n), (len(OPTIONS), 1))
    other = rng.random(ended.shape) < stir
    ended[other] = rng.choice(outcome, int(other.sum()))
    return 100.0 * np.array(list(WORTH.values()))[ended]


def decided(n: int, stir: float, seed: int) -> Iterator[Said]:
    move = decision(worlds(seed, n, stir), seed % 4)
    yield Said(f"{move['mark']}, {move['lost']:.1f} +- {move['error']:.1f}", move["mark"] in ("dubious", "blunder"))
    text = verdict(move, WORTH)
    yield Said(text, "was better by" in text or "would have cost" in text)


def choices(n: int, precision: float, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng([seed, STREAM])
    utility = 0.2 * rng.random((n, 4))
    chance = np.exp(precision * utility)
    chance /= chance.sum(axis=1, keepdims=True)
    chosen = (rng.random((n, 1)) > chance.cumsum(axis=1)).sum(axis=1)
    return rationality.fit(utility, chosen) | {"model": OWN, "best_taken": 0}


def blind(n: int, seed: int) -> Iterator[Said]:
    text = sharpness(choices(n, 0.0, seed))
    yield Said(text, "sharper than choosing blindly" in text or "more sharply" in text)


def as_the_model(n: int, seed: int) -> Iterator[Said]:
    text = sharpness(choices(n, OWN, seed))
    yield Said(text, "more sharply" in text or "less sharp" in text)


CASES = [
    *(Case("play and seminar", f"{n} worlds an option", f"{1 - stir:.0%} common", "options worth the same",
           partial(decided, n, stir)) for n, stir in ((60, 0.5), (1000, 0.1), (1000, 0.5))),
    *(Case("play and seminar", f"{n} decisions", "independent", "a team that chooses blindly", partial(blind, n))
      for n in (2, 5, 12)),
    *(Case("play and seminar", f"{n} decisions", "independent", "a team as sharp as the model",
           partial(as_the_model, n))
      for n in (2, 5, 12)),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_debrief_does_not_find_fault_or_merit_where_there_is_none(case: Case) -> None:
    check(case)


def test_a_real_blunder_and_a_real_eye_are_told() -> None:
    points = worlds(1, 1000, 0.2)
    points[3] -= 20.0
    move = decision(points, 3)
    assert move["mark"] == "blunder"
    assert "was better by" in verdict(move, WORTH)
    assert "would have cost" in verdict(decision(points, int(points.mean(axis=1).argmax())), WORTH)
    assert "sharper than choosing blindly" in sharpness(choices(60, OWN, 1))


def test_the_words_of_a_verdict_have_its_numbers() -> None:
    for seed in range(40):
        move = decision(worlds(seed, 200, 0.3), seed % 4)
        text = verdict(move, WORTH)
        if "was better by" in text:
            assert f"{move['lost']:.1f}" in text
            assert text.lower().startswith(move["best"])
        if move["option"] == move["best"]:
            assert "better by" not in text
            level = [name for name in OPTIONS if f" {name}" in text.partition("level with")[2].partition(";")[0]]
            assert move["best"] not in level
