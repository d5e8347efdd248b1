"""Confidence sequences: they hold at the stated rate under optional stopping, where the usual intervals do not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.stats.sequential import LEAST_PAIRS, looks, mean_half_width, mean_p, more_needed, share_interval, share_p

ALPHA, STUDIES = 0.05, 600
RARE, COMMON = (0.002, 0.001), (0.25, 0.20)  # chances that a pair counts only for the other, only for the reference


def counts(chances: tuple[float, float], sizes: list[int], studies: int, seed: int) -> np.ndarray:
    """Pairs +1 and -1 by (study, look, 2), cumulated over the looks."""
    rng = np.random.default_rng(seed)
    steps = np.diff([0, *sizes])
    draws = [rng.multinomial(step, [*chances, 1 - sum(chances)], size=studies)[:, :2] for step in steps]
    return np.cumsum(np.stack(draws, axis=1), axis=1)


def stopped_early(plus: np.ndarray, minus: np.ndarray, sizes: np.ndarray, truth: float, intervals: object) -> float:
    """Share of studies that hold the truth when each stops at the first look whose interval leaves out zero."""
    low, high = intervals(plus, minus, sizes)  # type: ignore[operator]
    settled = (low > 0) | (high < 0)
    at = np.where(settled.any(axis=1), settled.argmax(axis=1), len(sizes) - 1)
    row = np.arange(len(plus))
    return float(np.mean((low[row, at] <= truth) & (truth <= high[row, at])))


def naive(plus: np.ndarray, minus: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The usual normal interval, as if the size had been fixed beforehand."""
    mean = (plus - minus) / n
    half = 1.96 * np.sqrt(np.maximum((plus + minus) / n - mean**2, 0) / n)
    return mean - half, mean + half


def exact(plus: np.ndarray, minus: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return share_interval(plus, minus, n, ALPHA)


@pytest.mark.parametrize("chances", [RARE, COMMON, (0.002, 0.002), (0.2, 0.2)], ids=str)
def test_shares_hold_the_truth_when_the_study_stops_as_soon_as_it_is_settled(chances: tuple[float, float]) -> None:
    sizes = list(looks(200, 20_000))
    seen = counts(chances, sizes, STUDIES, seed=11)
    plus, minus, n, truth = seen[..., 0], seen[..., 1], np.array(sizes), chances[0] - chances[1]
    held = stopped_early(plus, minus, n, truth, exact)
    # one-sided 99.9 % margin of the simulation itself
    assert held >= 1 - ALPHA - 3.1 * math.sqrt(ALPHA * (1 - ALPHA) / STUDIES)


def test_the_usual_interval_does_not_hold_under_the_same_stopping() -> None:
    """Otherwise the test above could not tell a good method from a bad one."""
    sizes = list(looks(200, 20_000))
    seen = counts((0.2, 0.2), sizes, STUDIES, seed=11)
    assert stopped_early(seen[..., 0], seen[..., 1], np.array(sizes), 0.0, naive) < 0.85


def test_shares_are_held_at_all_looks_at_once() -> None:
    sizes = list(looks(50, 20_000))
    for chances in (RARE, COMMON):
        seen = counts(chances, sizes, STUDIES, seed=12)
        low, high = share_interval(seen[..., 0], seen[..., 1], np.array(sizes), ALPHA)
        truth = chances[0] - chances[1]
        assert np.mean(np.all((low <= truth) & (truth <= high), axis=1)) >= 0.95


def test_rare_endings_are_why_shares_are_not_left_to_the_normal_limit() -> None:
    """With three pairs in ten thousand that differ, all one way, the asymptotic sequence misses too often."""
    sizes = list(looks(200, 20_000))
    seen = counts((0.0003, 0.0), sizes, STUDIES, seed=13)
    plus, n, truth = seen[..., 0], np.array(sizes), 0.0003
    mean = plus / n
    half = mean_half_width(np.sqrt(mean - mean**2), n, ALPHA, sizes[0])
    assert np.mean(np.all(np.abs(mean - truth) <= half, axis=1)) < 0.5
    low, high = share_interval(plus, 0, n, ALPHA)
    assert np.mean(np.all((low <= truth) & (truth <= high), axis=1)) >= 0.95


def heavy(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Differences as of deaths: most pairs alike, the others log-normal with either sign; the mean is -0.15 e."""
    sign = rng.choice([0.0, 1.0, -1.0], shape, p=[0.55, 0.15, 0.30])
    return sign * np.exp(rng.normal(0.5, 1.0, shape))


def test_means_hold_the_truth_when_the_study_stops_as_soon_as_it_is_settled() -> None:
    rng, sizes, studies = np.random.default_rng(14), list(looks(1000, 8000)), 800
    truth, alpha = -0.15 * math.exp(1.0), ALPHA / 5
    held = 0
    for centre in (truth, 0.0):  # a true difference, and none
        done = np.zeros(studies, bool)
        values = heavy(rng, (studies, sizes[-1])) + (centre - truth)
        for size in sizes:
            mean, sd = values[:, :size].mean(axis=1), values[:, :size].std(axis=1)
            half = mean_half_width(sd, size, alpha, sizes[0])
            stop = ~done & ((np.abs(mean) > half) | (size == sizes[-1]))
            held += int(np.sum(stop & (np.abs(mean - centre) <= half)))
            done |= stop
    assert held / (2 * studies) >= 1 - alpha - 3.1 * math.sqrt(alpha * (1 - alpha) / (2 * studies))


def test_p_values_are_small_exactly_where_the_interval_leaves_out_zero() -> None:
    rng = np.random.default_rng(15)
    plus, minus = rng.integers(0, 60, 200), rng.integers(0, 60, 200)
    low, high = share_interval(plus, minus, 4000, ALPHA)
    np.testing.assert_array_equal((low > 0) | (high < 0), share_p(plus, minus) < ALPHA)
    mean = rng.normal(0, 0.05, 200)
    half = mean_half_width(1.0, 4000, ALPHA, 1000)
    np.testing.assert_array_equal(np.abs(mean) > half, mean_p(mean, 1.0, 4000, ALPHA, 1000) < ALPHA)


def test_an_interval_mirrors_and_narrows_and_stays_in_bounds() -> None:
    low, high = share_interval([3, 30, 300, 0, 40], [1, 10, 100, 40, 0], [40, 400, 4000, 40, 40], ALPHA)
    assert np.all(np.diff((high - low)[:3]) < 0)
    back = share_interval([1, 10, 100, 40, 0], [3, 30, 300, 0, 40], [40, 400, 4000, 40, 40], ALPHA)
    np.testing.assert_allclose(low, -back[1])
    assert low.min() >= -1
    assert high.max() <= 1
    assert high[4] == 1.0


def test_the_asymptotic_width_is_the_published_one() -> None:
    """By hand for n = 100, rho = 1 and alpha = 0.05: sqrt(2 * 101 / 10000 * log(sqrt(101) / 0.05))."""
    ask = -2 * math.log(0.05)
    planned = ask + math.log(ask + 1)  # tunes rho to one
    assert mean_half_width(1.0, 100, 0.05, planned) == pytest.approx(0.32730, abs=1e-5)


def test_forecast_is_where_the_claim_begins_to_hold() -> None:
    half = lambda n: float(mean_half_width(1.0, n, ALPHA, 1000))  # noqa: E731
    more = more_needed(1000, lambda n: half(n) <= 0.02)
    assert more is not None
    assert half(1000 + more) <= 0.02 < half(0.9 * (1000 + more))
    assert more_needed(1000, lambda n: False) is None
    assert LEAST_PAIRS >= 30
