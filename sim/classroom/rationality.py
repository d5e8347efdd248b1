"""How sharply somebody chose by what options are worth: the precision of a logit fitted to choices.

A chooser of precision lambda takes option j with chance proportional to exp(lambda u_j)
(McKelvey & Palfrey 1995). Nought is choosing blindly; the model's own seats have 10 to 20 a stake.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

SHARPEST = 1000.0  # a stake; beyond it choices are those of one who always takes the best
HALF_WIDTH = 1.920729  # half the 95 % point of chi-squared with one degree of freedom
FEW = 7  # decisions up to which an interval is exact: 16,384 ways to choose
TAIL = 0.025  # beyond either end of an exact interval
SAME = 1e-9  # utility by which sums differ from rounding alone
HALVINGS = 60


def log_likelihood(precision: float, utility: np.ndarray, chosen: np.ndarray) -> float:
    """Log-likelihood (nats) of choices (n,) among options of these utilities (n, k), at a precision."""
    scaled = precision * (utility - utility.max(axis=1, keepdims=True))
    picked = scaled[np.arange(len(chosen)), chosen]
    return float(np.sum(picked - np.log(np.exp(scaled).sum(axis=1))))


def fit(utility: np.ndarray, chosen: np.ndarray) -> dict[str, Any]:
    """Maximum-likelihood precision with its 95 % interval: exact for few decisions, by profile likelihood for more.

    Returns decisions, precision, low, high. `precision` and `high` are None where the data set no
    upper end: every choice was the best one, or near enough. With no decision all are None.
    The log-likelihood is concave, so its slope has one zero, and each end of the interval is one crossing (Venzon &
    Moolgavkar 1988). What was taken in all is sufficient and grows with the precision: for up to `FEW` decisions, where
    the likelihood interval holds too seldom, the ends are where as much, or as little, has a chance of 2.5 % (Clopper &
    Pearson 1934), over all ways to choose.
    """
    if len(chosen) == 0:
        return {"decisions": 0, "precision": None, "low": None, "high": None}
    picked = utility[np.arange(len(chosen)), chosen]

    def slope(precision: float) -> float:
        return float((picked - (_chances(precision, utility) * utility).sum(axis=1)).sum())

    best: float | None = None
    if not (picked == utility.max(axis=1)).all():  # else the likelihood rises for ever, its slope fades into rounding
        best = 0.0 if slope(0.0) <= 0.0 else _crossing(slope, 0.0, SHARPEST)
    ends = _exact(utility, float(picked.sum())) if len(chosen) <= FEW else _profile(utility, chosen, best)
    return {"decisions": len(chosen), "precision": best, "low": ends[0], "high": ends[1]}


def _chances(precision: float, utility: np.ndarray) -> np.ndarray:
    """Chances (n, k) of the options at a precision."""
    chance = np.exp(precision * (utility - utility.max(axis=1, keepdims=True)))
    return np.asarray(chance / chance.sum(axis=1, keepdims=True))


def _exact(utility: np.ndarray, taken: float) -> tuple[float | None, float | None]:
    """Ends at which as much as `taken`, or as little, has the chance TAIL: a sum over all k^n ways to choose."""
    sums = reduce(np.add.outer, utility).ravel()
    as_much, as_little = sums >= taken - SAME, sums <= taken + SAME

    def tail(precision: float, of: np.ndarray) -> float:
        ways = reduce(np.multiply.outer, _chances(precision, utility)).ravel()
        return float(ways[of].sum()) - TAIL

    low = 0.0 if tail(0.0, as_much) >= 0.0 else _crossing(lambda x: -tail(x, as_much), 0.0, SHARPEST)
    return low, _crossing(lambda x: tail(x, as_little), 0.0, SHARPEST)


def _profile(utility: np.ndarray, chosen: np.ndarray, best: float | None) -> tuple[float | None, float | None]:
    """Ends at which the log-likelihood is 1.92 below its top."""
    peak = SHARPEST if best is None else best
    top = log_likelihood(peak, utility, chosen)

    def spare(precision: float) -> float:
        return log_likelihood(precision, utility, chosen) - top + HALF_WIDTH

    low = 0.0 if spare(0.0) >= 0.0 else _crossing(lambda x: -spare(x), 0.0, peak)
    return low, _crossing(spare, peak, SHARPEST)


def _crossing(of: Callable[[float], float], low: float, high: float) -> float | None:
    """Where a function that falls from `low` to `high` reaches nought; None where it stays above."""
    if of(high) > 0.0:
        return None
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if of(middle) > 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
