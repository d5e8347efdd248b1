"""What `backtest` says of a forecaster that is as good as the line beside it, and of forecasts that are right."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.stats import scoring
from sim.studies.backtest.figures.backtest_scores import takeaway as scored
from sim.studies.backtest.figures.reliability import takeaway as reliable
from sim.studies.backtest.words import sentences
from tests.calibration.counting import Case, Said, check
from tests.calibration.nulls import STREAM
from tools.headline import _shelf

TRUE = 0.7  # spread of what two equally good forecasters see of the log odds
RESAMPLES = 999
EVIDENCE = Path(__file__).parents[2] / "docs" / "evidence" / "backtest.json"
Losses = Callable[[np.random.Generator, np.ndarray], tuple[np.ndarray, np.ndarray]]


@cache
def shelf() -> tuple[str, ...]:
    """Clusters of the shelf's rows: nineteen of one to three episodes."""
    rows = json.loads(EVIDENCE.read_text(encoding="utf-8"))["summary"]["rows"]
    return tuple(row["cluster"] for row in rows.values() if row["truth"])


def as_good(rng: np.random.Generator, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log losses of two who each see the odds through a fog of the same thickness."""
    logs = rng.normal(size=(len(member), 6))
    two = [np.exp(logs + TRUE * rng.normal(size=logs.shape)) for _ in range(2)]
    ours, theirs = (one / one.sum(axis=1, keepdims=True) for one in two)
    truth = np.array([rng.choice(6, p=row) for row in (ours + theirs) / 2])
    return scoring.log_loss(ours, truth), scoring.log_loss(theirs, truth)


def in_clusters(rng: np.random.Generator, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Differences that the episodes of one cluster share in good part."""
    gap = rng.normal(size=member.max() + 1)[member] + rng.normal(size=len(member))
    return gap, np.zeros(len(member))


def told(ours: np.ndarray, theirs: np.ndarray, clusters: tuple[str, ...], seed: int) -> dict[str, Any]:
    """What a backtest writes down of these losses, for one line."""
    draws = scoring.resample(clusters, RESAMPLES, seed)
    entry = scoring.paired(ours, theirs, draws)
    size = {"n": len(ours), "model_crps": ours.mean(), "mean_line_crps": theirs.mean(), "model_covered_80": 0.8,
            "against_mean_line": entry}  # fmt: skip
    return {
        "scored": len(ours), "episodes": len(ours), "clusters": len(set(clusters)), "level": 0.95, "classes": {},
        "against": {"demand_type": {"log_loss": entry}}, "magnitudes": {"log_hours": size},
        "log_loss": {"model": scoring.interval(ours, draws), "demand_type": scoring.interval(theirs, draws)},
    }  # fmt: skip


def spoken(of: Mapping[str, Any]) -> Iterator[Said]:
    for text in (*sentences(of), scored(of), _shelf(of)):
        claims = "model beats" in text or "chance is ruled out" in text
        yield Said(text, claims or "the model is better than" in text)


def level(losses: Losses, seed: int) -> Iterator[Said]:
    rng = np.random.default_rng([seed, STREAM])
    member = np.unique(shelf(), return_inverse=True)[1]
    return spoken(told(*losses(rng, member), shelf(), seed))


def right(seed: int) -> Iterator[Said]:
    """Forecasts from which the truth was drawn."""
    rng = np.random.default_rng([seed, STREAM])
    chances = rng.dirichlet(np.full(6, 0.7), size=31)
    truth = np.array([rng.choice(6, p=row) for row in chances])
    text = reliable([one for one in scoring.reliability(chances, truth) if one["n"]])
    yield Said(text, "beyond chance" in text)


CASES = [
    Case(
        "backtest", "31 episodes in 19 clusters", "-", "two forecasters as good as each other", partial(level, as_good)
    ),
    Case("backtest", "31 episodes in 19 clusters", "-", "losses alike, in clusters", partial(level, in_clusters)),
    Case("backtest", "reliability", "-", "forecasts that are right", right),
]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_equals_are_not_told_to_beat_each_other(case: Case) -> None:
    check(case)


def test_a_real_lead_is_claimed() -> None:
    ours, theirs = as_good(np.random.default_rng(1), np.arange(31))
    of = told(ours, theirs + 0.8, shelf(), 1)
    assert {said.claims for said in spoken(of) if "known to about" not in said.sentence} == {True}


values = st.lists(st.sampled_from([-2.0, -0.5, 0.0, 0.01, 1.5]), min_size=1, max_size=12)


@given(values, st.integers(1, 12))
@settings(max_examples=80, deadline=None)
def test_verdicts_are_those_of_the_interval(gaps: list[float], clusters: int) -> None:
    """Also of one episode, one cluster, ties, and differences that are all the same."""
    gap, of = np.array(gaps), tuple(str(i % clusters) for i in range(len(gaps)))
    found = told(gap, np.zeros(len(gap)), of, 1)
    entry = found["against"]["demand_type"]["log_loss"]
    assert entry["low"] <= entry["value"] <= entry["high"]
    text = sentences(found)[0]
    assert ("beats" in text) == (entry["verdict"] == "beats")
    assert entry["verdict"] != "beats" or (entry["high"] < 0.0 and len(set(of)) >= scoring.FEWEST)
    assert ("does not beat" in text) == (entry["value"] >= 0.0)
    assert f"{entry['value']:+.3f}" in text


def test_the_shelf_is_as_it_is_taken_here() -> None:
    assert (len(shelf()), len(set(shelf()))) == (31, 19)
    assert max(Counter(shelf()).values()) == 3
