"""Thresholds, cascades, and evidence: what the public and the elites make of what they see."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from sim.model.maths import normal_cdf
from sim.model.rules.formations import fight_on_the_road
from sim.model.rules.society import crowd_after, stance_after
from sim.model.state import Ending, Stance, State
from tests.conftest import changed, crises, numbers, setting

DEFECTED, HEDGING, LOYAL, SILENT = (int(s) for s in (Stance.DEFECTED, Stance.HEDGING, Stance.LOYAL, Stance.SILENT))


def rioters(thresholds: list[float]) -> int:
    """Participants where all watch only each other (omega = 1), all the time, from nobody."""
    stances, shown = [SILENT] * len(thresholds), -1
    while shown != sum(stance == DEFECTED for stance in stances):
        shown = sum(stance == DEFECTED for stance in stances)
        stances = [
            stance_after(stance, threshold, shown / len(thresholds), 0.25, 0.1)
            for stance, threshold in zip(stances, thresholds, strict=True)
        ]
    return shown


def test_granovetter_1978_riot() -> None:
    """Thresholds 0, 1, ..., 99 of a hundred bring all out; raise one from 1 to 2 and a single rioter is left."""
    thresholds = [i / 100 for i in range(100)]
    assert rioters(thresholds) == 100
    thresholds[1] = 2 / 100
    assert rioters(thresholds) == 1


def test_kuran_1989_stances_by_distance_from_the_threshold() -> None:
    """Loyal far below it, silent nearer, hedging just below, defected at it and for good."""
    stances = [
        stance_after(SILENT, 0.6, visible, 0.25, 0.1) for visible in (0.2, 0.35, 0.36, 0.5, 0.51, 0.59, 0.6, 0.9)
    ]
    assert stances == [LOYAL, LOYAL, SILENT, SILENT, HEDGING, HEDGING, DEFECTED, DEFECTED]
    assert stance_after(DEFECTED, 0.6, 0.0, 0.25, 0.1) == DEFECTED
    assert stance_after(SILENT, 0.6, 0.59, 0.25, 0.0) == SILENT, "no hedging where the mechanism is off"


@pytest.mark.parametrize(("middle", "spread"), [(0.7, 0.2), (0.4, 0.3), (0.3, 0.1)])
def test_granovetter_1978_crowd_rests_at_the_smallest_fixed_point(middle: float, spread: float) -> None:
    """With the crowd itself as evidence, r = Phi((r - mu)/sd); from nobody the smallest root is reached."""
    p = numbers(pub_mu=middle, pub_sd=spread)
    crowd = 0.0
    for _ in range(20_000):
        crowd = crowd_after(crowd, crowd, 0.1, p)
    grid = np.linspace(0.0, 1.0, 20_001)
    beyond = np.array([normal_cdf((r - middle) / spread) for r in grid]) - grid
    smallest = grid[np.argmax(beyond <= 0.0)]
    assert crowd == pytest.approx(normal_cdf((crowd - middle) / spread), abs=1e-12)
    assert crowd == pytest.approx(smallest, abs=1e-4)


def test_bayes_the_order_of_events_does_not_matter() -> None:
    """n fights and m passes: mean (a + w n)/(a + b + w (n + m)), the same odds, in whatever order."""
    p = numbers()
    seen = []
    for order in set(permutations("ffppp")):
        s = State()
        s.fights_ruler, s.yields_ruler, s.rebels = p.aG, p.bG, p.R0
        for event in order:
            if event == "f":
                fight_on_the_road(s, p, 15.0, 0.5)
            else:
                s.yields_ruler += p.w_route
                s.log_odds += p.w_pass
        mean = s.fights_ruler / (s.fights_ruler + s.yields_ruler)
        assert mean == pytest.approx((p.aG + 2 * p.w_route) / (p.aG + p.bG + 5 * p.w_route), abs=1e-14)
        seen.append((s.log_odds, mean))
    assert np.ptp(np.array(seen), axis=0) == pytest.approx([0.0, 0.0], abs=1e-13)
    assert len(seen) == 10


def test_elites_look_up_as_often_as_their_rate_says() -> None:
    """Before the address nobody is expected to look more than att0 h times: first looks are exponential.

    Thresholds below zero make each first look a defection; the share after the first
    steps is 1 - exp(-att0 hours).
    """
    of = changed(
        setting("scenario=core"),
        {
            "society.tau_mu": -9.0, "society.tau_sd": 0.01, "society.quorum": 1.0, "bargaining.nu": 0.0,
            "clock.horizon_h": 12.0, "clock.t_speech": 1000.0,
        },
    )  # fmt: skip
    states = crises(of, 2000)
    assert (states["step"] == 24).all()
    looked = (states["stance"] == DEFECTED).mean()
    expected = 1.0 - np.exp(-of.params.att0 * 12.0)
    assert abs(looked - expected) < 3.9 * np.sqrt(expected * (1 - expected) / states["stance"].size)


def test_a_quorum_of_nobody_is_reached_at_once() -> None:
    states = crises(changed(setting("scenario=core"), {"society.quorum": 0.0}), 200)
    assert (states["ending"] == Ending.REBELS_WIN).all()
    assert (states["step"] == 1).all()


def test_shares_of_elite_capability_are_those_of_their_stances() -> None:
    states = crises(setting("scenario=early_joiners"), 2000)
    for share, stance in (("defected", DEFECTED), ("loyal", LOYAL), ("hedging", HEDGING)):
        weighed = (states["capability"] * (states["stance"] == stance)).sum(axis=1)
        assert states[share] == pytest.approx(weighed, abs=1e-12)
    assert states["capability"].sum(axis=1) == pytest.approx(1.0, abs=1e-12)
    assert (states["defected"] > 0.3).any()
