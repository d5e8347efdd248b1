"""How sharply somebody chose by what options are worth: the precision of a logit fitted to choices.

A chooser of precision lambda takes option j with chance proportional to exp(lambda u_j)
(McKelvey & Palfrey 1995). Nought is choosing blindly; the model's own seats have 10 to 20 a stake.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

SHARPEST = 1000.0  # a stake; beyond it choices are those of one who always takes the best
HALF_WIDTH = 1.920729  # half the 95 % point of chi-squared with one degree of freedom
HALVINGS = 60


def log_likelihood(precision: float, utility: np.ndarray, chosen: np.ndarray) -> float:
    """Log-likelihood (nats) of choices (n,) among options of these utilities (n, k), at a precision."""
    scaled = precision * (utility - utility.max(axis=1, keepdims=True))
    picked = scaled[np.arange(len(chosen)), chosen]
    return float(np.sum(picked - np.log(np.exp(scaled).sum(axis=1))))


def fit(utility: np.ndarray, chosen: np.ndarray) -> dict[str, Any]:
    """Maximum-likelihood precision with its profile-likelihood 95 % interval (Venzon & Moolgavkar 1988).

    Returns decisions, precision, low, high. `precision` and `high` are None where the data set no
    upper end: every choice was the best one, or near enough. With no decision all are None.
    The log-likelihood is concave, so its slope has one zero and each end of the interval is one crossing.
    """
    if len(chosen) == 0:
        return {"decisions": 0, "precision": None, "low": None, "high": None}

    def slope(precision: float) -> float:
        scaled = precision * (utility - utility.max(axis=1, keepdims=True))
        chance = np.exp(scaled)
        chance /= chance.sum(axis=1, keepdims=True)
        return float(np.sum(utility[np.arange(len(chosen)), chosen] - (chance * utility).sum(axis=1)))

    always_best = bool((utility[np.arange(len(chosen)), chosen] == utility.max(axis=1)).all())
    best: float | None = None
    if not always_best:  # else the likelihood rises for ever, and its slope only fades into rounding
        best = 0.0 if slope(0.0) <= 0.0 else _crossing(slope, 0.0, SHARPEST)
    top = log_likelihood(SHARPEST if best is None else best, utility, chosen)

    def spare(precision: float) -> float:
        return log_likelihood(precision, utility, chosen) - top + HALF_WIDTH

    peak = SHARPEST if best is None else best
    low = 0.0 if spare(0.0) >= 0.0 else _crossing(lambda x: -spare(x), 0.0, peak)
    return {"decisions": len(chosen), "precision": best, "low": low, "high": _crossing(spare, peak, SHARPEST)}


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
