"""Intervals and tests of one paired difference at a size fixed beforehand, and Holm's correction for several."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.stats.estimates import Z95

RESAMPLES, BLOCKS = 999, 20_000
BOOTSTRAP = 7301  # stream of the bootstrap's draws beside the seed


def paired_share_interval(plus: int, minus: int, n: int, errors: float = Z95) -> tuple[float, float]:
    """Interval of a paired difference of shares, half a pair added to each cell (Agresti & Min 2005).

    Parameters
    ----------
    plus, minus : pairs of the n that only the other run (only the reference's) counts
    errors : half of its width in standard errors; 95 % as it is

    Source: Statistics in Medicine 24, 729-740.
    """
    p, m, size = plus + 0.5, minus + 0.5, n + 2.0
    middle = (p - m) / size
    half = errors * math.sqrt(max(p + m - (p - m) ** 2 / size, 0.0)) / size
    return max(middle - half, -1.0), min(middle + half, 1.0)


def mcnemar(plus: int, minus: int) -> float:
    """McNemar's mid-p value of equal shares, from the pairs that differ (Fagerland, Lydersen & Laake 2013).

    >>> round(mcnemar(1, 9), 6)
    0.011719
    """
    n, few = plus + minus, min(plus, minus)
    if n == 0:
        return 1.0
    k = np.arange(1, few + 1, dtype=float)
    logs = np.concatenate([[0.0], np.cumsum(np.log((n - k + 1) / k))]) - n * math.log(2)
    chances = np.exp(logs)
    return float(min(1.0, 2 * chances.sum() - chances[-1]))


def mean_test(mean: float, sd: float, n: int) -> float:
    """Two-sided p-value of a mean difference of zero in the normal limit."""
    return math.erfc(abs(mean) / (sd / math.sqrt(n)) / math.sqrt(2)) if sd > 0 else 1.0


def bootstrap(gaps: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """95 % percentile intervals (2, k) of the means of paired differences (n, k) (Efron & Tibshirani 1993, chapter 13).

    Above 20,000 pairs, blocks of neighbours are drawn in their place: pairs are independent, so block sums are.
    """
    n = len(gaps)
    blocks = min(n, BLOCKS)
    ends = np.linspace(0, n, blocks, endpoint=False).astype(int)
    sums = np.column_stack([np.add.reduceat(gaps, ends, axis=0), np.diff(np.append(ends, n))])
    rng = np.random.default_rng([seed, BOOTSTRAP])
    drawn = [np.bincount(rng.integers(blocks, size=blocks), minlength=blocks) @ sums for _ in range(RESAMPLES)]
    totals = np.array(drawn)
    return np.asarray(np.percentile(totals[:, :-1] / totals[:, -1:], [2.5, 97.5], axis=0))


def holm(p: Sequence[float]) -> list[float]:
    """P-values adjusted for their number: Holm 1979.

    >>> [round(x, 9) for x in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    adjusted, worst = [0.0] * len(p), 0.0
    for rank, i in enumerate(np.argsort(p, kind="stable")):
        worst = max(worst, min(1.0, (len(p) - rank) * p[i]))
        adjusted[int(i)] = worst
    return adjusted
