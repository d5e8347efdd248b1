"""What `game` says where the equilibrium ends as the model does, and whether its words are those of its table."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.model.state import ENDINGS, OPTIONS
from sim.report.endings import phrase, points
from sim.studies.game import report
from sim.studies.game.figures.game_qre import takeaway
from sim.studies.game.side import Played, odds
from tests.calibration.counting import Case, Said, check
from tests.calibration.nulls import STREAM, pool

CHOICES = {name: {"apart": 0.2} for name in ("leader", "ruler")}


def found(under: np.ndarray, model: np.ndarray, equilibrium: np.ndarray) -> dict[str, Any]:
    play = Played(np.zeros((2, 4)), [], under[0, 0], under)
    return odds(play, {"model": model, "equilibrium": equilibrium, "nash": model})


def whatever_they_choose(n: int, stir: float, seed: int) -> Iterator[Said]:
    """Under every pair of orders the crisis ends by one law, some continuations otherwise than under the first."""
    rng, outcome = np.random.default_rng([seed, STREAM]), pool()["outcome"]
    under = np.tile(rng.choice(outcome, n), (4, 4, 1))
    other = rng.random(under.shape) < stir
    under[other] = rng.choice(outcome, int(other.sum()))
    told = found(under, *(np.outer(rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(4))) for _ in range(2)))
    yield Said(report._odds(told), "beyond chance" not in report._odds(told))
    text = takeaway({"choices": CHOICES, "odds": told})
    yield Said(text, "beyond chance" not in text)


CASES = [
    Case("game", f"{n} continuations", f"{1 - stir:.0%} common", "choices that do not matter",
         partial(whatever_they_choose, n, stir)) for n, stir in ((200, 0.5), (1000, 0.1), (1000, 1.0))
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_choices_that_do_not_matter_are_not_told_to_move_the_odds(case: Case) -> None:
    check(case)


def test_a_choice_that_decides_is_told() -> None:
    under = np.tile(pool()["outcome"][:400], (4, 4, 1))
    under[3] = 3  # a leader who stands down ends it
    model, other = np.full((4, 4), 1 / 16), np.zeros((4, 4))
    other[3] = 0.25
    text = report._odds(found(under, model, other))
    assert phrase("rebels_collapse") in text
    assert "in place of" in text


@given(st.dictionaries(st.sampled_from(ENDINGS), st.floats(-0.4, 0.4), min_size=6, max_size=6), st.floats(0.0, 0.3))
@settings(max_examples=80, deadline=None)
def test_the_ending_told_is_the_largest_beyond_chance(gaps: dict[str, float], half: float) -> None:
    told = {
        name: {"model": {"share": 0.5}, "equilibrium": {"share": 0.5 + gap},
               "difference": {"share": gap, "low": gap - half, "high": gap + half}}
        for name, gap in gaps.items()
    }  # fmt: skip
    text = report._odds(told)
    sure = {name: gap for name, gap in gaps.items() if gap - half > 0 or gap + half < 0}
    if sure:
        first = max(sure, key=lambda name: abs(sure[name]))
        assert phrase(first) in text or abs(sure[first]) in [abs(gap) for name, gap in sure.items() if name != first]
        assert points(sure[first]) in text or points(-sure[first]) in text
    else:
        assert "no ending would differ beyond chance" in text


@pytest.mark.parametrize(("chances", "words"), [
    ([0.4, 0.4, 0.1, 0.1], ["advance", "hold"]), ([1.0, 0.0, 0.0, 0.0], ["advance"]), ([0.25] * 4, list(OPTIONS)),
])  # fmt: skip
def test_level_options_are_told_as_level(chances: list[float], words: list[str]) -> None:
    assert report._top(chances) == words


def test_a_branch_that_has_not_settled_is_not_told_to_have() -> None:
    nash = {"lambda": 800.0, "regret": 0.02}
    choice = {"equilibrium": [1.0, 0, 0, 0], "model": [1.0, 0, 0, 0], "apart": 0.0}
    told = {"hour": 22.0, "choices": {"leader": choice, "ruler": choice}, "odds": {}, "nash": nash,
            "gambit": {"used": False, "why": "left out"}}  # fmt: skip
    from tests.calibration.nulls import done

    text = " ".join(report.conclusions(done(told)))
    assert "has not come as near to a Nash equilibrium as counts for one (1e-05 stakes)" in text
    assert "tends to a Nash equilibrium" not in text
