"""Scores on forecasters whose scores are known by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.stats import scoring

TRUTH = np.array([0, 1, 2, 3, 4, 5] * 200)
SURE = np.eye(6)[TRUTH]
EVEN = np.full((len(TRUTH), 6), 1 / 6)


@pytest.mark.parametrize(
    ("chances", "loss", "square", "first", "second"),
    [
        (SURE, 0.0, 0.0, 1.0, 1.0),
        (EVEN, math.log(6), 5 / 6, 1 / 6, 2 / 6),
        (np.roll(SURE, 1, axis=1), -math.log(scoring.FLOOR), 2.0, 0.0, 1 / 5),
        (0.5 * SURE + 0.5 * EVEN, -math.log(7 / 12), (5 / 12) ** 2 + 5 / 144, 1.0, 1.0),
    ],
    ids=["sure and right", "even", "sure and wrong", "half and half"],
)
def test_known_forecasters(chances: np.ndarray, loss: float, square: float, first: float, second: float) -> None:
    assert scoring.log_loss(chances, TRUTH).mean() == pytest.approx(loss)
    assert scoring.brier(chances, TRUTH).mean() == pytest.approx(square)
    assert scoring.hits(chances, TRUTH).mean() == pytest.approx(first)
    assert scoring.hits(chances, TRUTH, 2).mean() == pytest.approx(second)


def test_ranked_score_minds_how_far_the_miss_is() -> None:
    near, far = np.array([[0.0, 1.0, 0.0]]), np.array([[0.0, 0.0, 1.0]])
    truth, order = np.array([0]), (0, 1, 2)
    assert scoring.ranked(near, truth, order)[0] == pytest.approx(0.5)
    assert scoring.ranked(far, truth, order)[0] == pytest.approx(1.0)
    assert scoring.ranked(far, truth, (0, 2, 1))[0] == pytest.approx(0.5)


@given(st.lists(st.floats(0.01, 1.0), min_size=6, max_size=6), st.lists(st.floats(0.01, 1.0), min_size=6, max_size=6))
def test_saying_what_one_believes_is_best(belief: list[float], other: list[float]) -> None:
    p, q = np.array(belief) / sum(belief), np.array(other) / sum(other)
    codes = np.arange(6)
    for score in (scoring.log_loss, scoring.brier):
        honest = p @ score(np.tile(p, (6, 1)), codes)
        assert honest <= p @ score(np.tile(q, (6, 1)), codes) + 1e-9


def test_normal_crps_is_its_integral() -> None:
    mean, sd, y = 1.3, 0.7, 2.1
    x = np.linspace(-8, 10, 200_001)
    below = np.array([0.5 * (1 + math.erf((v - mean) / sd / math.sqrt(2))) for v in x[::100]])
    by_hand = np.trapezoid((below - (x[::100] >= y)) ** 2, x[::100])
    assert scoring.crps_normal(np.array([mean]), np.array([sd]), np.array([y]))[0] == pytest.approx(by_hand, abs=5e-3)


def test_reliability_of_an_honest_and_of_a_boastful_forecaster() -> None:
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.ones(6), size=4000)
    truth = np.array([rng.choice(6, p=row) for row in p])
    honest = scoring.reliability(p, truth)
    assert all(entry["said"] == pytest.approx(entry["happened"], abs=0.03) for entry in honest)
    assert sum(entry["n"] for entry in honest) == p.size
    boast = p**4 / (p**4).sum(axis=1, keepdims=True)
    last = scoring.reliability(boast, truth)[-1]
    assert last["happened"] < last["bar_low"] < last["said"]


def test_clusters_are_drawn_whole() -> None:
    clusters = ["a", "a", "a", "b", "c"]
    weights, _ = scoring.resample(clusters, 500, 1)
    assert np.array_equal(weights[:, 0], weights[:, 1])
    assert np.array_equal(weights[:, 0], weights[:, 2])
    assert np.all(weights[:, 2] + weights[:, 3] + weights[:, 4] == 3)
    assert np.array_equal(weights, scoring.resample(clusters, 500, 1).weights)


def test_rows_of_one_cluster_are_no_independent_evidence() -> None:
    values = np.repeat(np.random.default_rng(0).normal(size=10), 10)
    by_row = scoring.interval(values, scoring.resample([str(i) for i in range(100)], 2000, 1))
    by_cluster = scoring.interval(values, scoring.resample([str(i // 10) for i in range(100)], 2000, 1))
    assert by_cluster["high"] - by_cluster["low"] > 2 * (by_row["high"] - by_row["low"])


@pytest.mark.parametrize(("shift", "verdict"), [(-1.0, "beats"), (1.0, "does not beat"), (0.0, "does not beat")])
def test_verdicts(shift: float, verdict: str) -> None:
    theirs = np.linspace(1, 2, 40)
    weights = scoring.resample([str(i) for i in range(40)], 1000, 1)
    assert scoring.paired(theirs + shift, theirs, weights)["verdict"] == verdict


def test_a_lead_within_chance_is_not_called() -> None:
    noise = np.random.default_rng(5).normal(size=40)
    ours = noise - noise.mean() - 0.01
    entry = scoring.paired(ours, np.zeros(40), scoring.resample([str(i) for i in range(40)], 1000, 1))
    assert entry["verdict"] == "cannot tell"


def test_a_single_cluster_tells_nothing_of_chance() -> None:
    weights = scoring.resample(["a", "a"], 200, 1)
    assert scoring.paired(np.zeros(2), np.ones(2), weights)["verdict"] == "cannot tell"
