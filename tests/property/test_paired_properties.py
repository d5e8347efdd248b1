"""Differences of shares under common luck, for any counts."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.model.state import ENDINGS
from sim.stats.paired import SHARES, Terms, differences, transitions
from sim.stats.pointwise import holm, mcnemar
from sim.stats.sequential import share_interval, share_p

COUNTS = st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(1, 4000))
ALPHAS = st.sampled_from([0.2, 0.05, 0.001])
OUTCOMES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=60)


@given(COUNTS, ALPHAS)
def test_interval_holds_the_estimate_and_mirrors(counts: tuple[int, int, int], alpha: float) -> None:
    plus, minus, agree = counts
    n = plus + minus + agree
    low, high = share_interval(plus, minus, n, alpha)
    assert -1 <= low <= (plus - minus) / n <= high <= 1
    mirrored = share_interval(minus, plus, n, alpha)
    np.testing.assert_allclose(mirrored, (-high, -low), atol=1e-9)
    assert share_p(plus, minus) == share_p(minus, plus)


@given(COUNTS, ALPHAS)
def test_being_surer_takes_a_wider_interval_and_more_pairs_a_narrower(
    counts: tuple[int, int, int], alpha: float
) -> None:
    plus, minus, agree = counts
    n = plus + minus + agree
    low, high = share_interval(plus, minus, n, alpha)
    wide_low, wide_high = share_interval(plus, minus, n, alpha / 2)
    more_low, more_high = share_interval(4 * plus, 4 * minus, 4 * n, alpha)
    assert wide_low <= low + 1e-9
    assert wide_high >= high - 1e-9
    assert more_high - more_low <= high - low + 1e-9


@given(OUTCOMES)
def test_differences_of_the_endings_cancel_and_follow_the_transitions(pairs: list[tuple[int, int]]) -> None:
    a, b = (np.array(column, np.int8) for column in zip(*pairs, strict=True))
    still = {name: np.zeros(len(a), bool) for name in SHARES if name not in ENDINGS}
    numbers = {name: np.zeros(len(a)) for name in ("duration_h", "closest_km", "deaths", "authority")}
    numbers |= {name: np.zeros(len(a)) for name in ("casualties_rebels", "casualties_state")}
    found = differences({"outcome": a, **still, **numbers}, {"outcome": b, **still, **numbers}, Terms(0.95, 1, 100))
    matrix = transitions(a, b)
    gaps = (matrix.sum(axis=0) - matrix.sum(axis=1)) / len(a)
    np.testing.assert_allclose([found[name]["difference"] for name in ENDINGS], gaps, atol=1e-12)
    assert abs(gaps.sum()) < 1e-12


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_lies_between_the_plain_and_bonferroni(p: list[float]) -> None:
    adjusted = holm(p)
    assert all(one <= two <= min(1.0, len(p) * one) + 1e-12 for one, two in zip(p, adjusted, strict=True))
    assert [adjusted[i] for i in np.argsort(p, kind="stable")] == sorted(adjusted)


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_symmetric_and_a_chance(plus: int, minus: int) -> None:
    assert 0 < mcnemar(plus, minus) == mcnemar(minus, plus) <= 1
