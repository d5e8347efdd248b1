"""Intervals that hold however often one looks, so that a study may stop when its differences are settled.

A *confidence sequence* covers the truth at all sample sizes at once with the stated chance.
Two are used. For a difference of shares, the betting sequence of Waudby-Smith & Ramdas (2024,
JRSS B 86, 1-27) with a fixed grid of bets ("grid Kelly"): exact at any size, rare endings included,
and of counts alone. For a difference of means, the asymptotic sequence of Waudby-Smith, Arbour,
Sinha, Kennedy & Ramdas (2024, Annals of Statistics 52, 2613-2640), which needs some size to hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

GROWTH = 1.5  # a look at n pairs is followed by one at 1.5 n
BETS = np.geomspace(1e-3, 0.99, 48)  # shares of the capital that are staked; equal capital on each
HALVINGS = 40  # of the interval (-1, 1): ends are found to 2e-12
LEAST_PAIRS = 50  # pairs that differ before the normal limit is trusted for a mean
FARTHEST = 10**9  # no forecast of the pairs needed goes further


def looks(start: int, cap: int) -> Iterator[int]:
    """Sizes at which a sequential study looks: start, then 1.5 times as many each time, the last at the cap.

    >>> list(looks(100, 300))
    [100, 150, 225, 300]
    """
    at = min(start, cap)
    while at < cap:
        yield at
        at = math.ceil(at * GROWTH)
    yield cap


def _log_capital(plus: Floats, minus: Floats, n: Floats, m: Floats) -> Floats:
    """Log capital of one who bets that the mean exceeds m, on values 1 (`plus`), -1 (`minus`), else 0.

    With y = (x + 1) / 2 and u = (m + 1) / 2 a bet b multiplies the capital by 1 - b + b y / u: it has mean one
    if E[x] = m, never turns negative, and falls in m, so that what is not refuted is an interval.
    """
    u, b = (m[..., None] + 1) / 2, BETS
    with np.errstate(divide="ignore", invalid="ignore"):
        won, drawn = np.log1p(b * (1 / u - 1)), np.log1p(b * (0.5 / u - 1))
        terms = [
            np.where(k[..., None] > 0, k[..., None] * log, 0.0) for k, log in ((plus, won), (n - plus - minus, drawn))
        ]
    logs = terms[0] + terms[1] + minus[..., None] * np.log1p(-b)
    top = logs.max(axis=-1)
    return np.asarray(top + np.log(np.mean(np.exp(logs - top[..., None]), axis=-1)))


def _lower(plus: Floats, minus: Floats, n: Floats, alpha: float) -> Floats:
    """Smallest mean that the bets have not refuted at level alpha."""
    below, above = np.full(n.shape, -1.0), np.ones(n.shape)
    for _ in range(HALVINGS):
        middle = (below + above) / 2
        refuted = _log_capital(plus, minus, n, middle) >= -math.log(alpha)
        below, above = np.where(refuted, middle, below), np.where(refuted, above, middle)
    return below


def share_interval(plus: ArrayLike, minus: ArrayLike, n: ArrayLike, alpha: float) -> tuple[Floats, Floats]:
    """Confidence sequence of a paired difference of shares, at its present size.

    Parameters
    ----------
    plus, minus : pairs that only the other run (only the reference's) counts towards the share; any shape
    n : pairs played
    alpha : chance that the sequence ever misses the truth

    Source: Waudby-Smith & Ramdas 2024 (grid Kelly); two one-sided sequences at alpha / 2.
    """
    p, m, size = (np.asarray(x, float) for x in np.broadcast_arrays(plus, minus, n))
    return _lower(p, m, size, alpha / 2), -_lower(m, p, size, alpha / 2)


def share_p(plus: ArrayLike, minus: ArrayLike) -> Floats:
    """Smallest alpha at which `share_interval` leaves out zero: a p-value valid at any stopping time.

    Pairs that agree do not matter: at zero the bets are on the sign of those that differ.
    """
    p, m = (np.asarray(x, float) for x in np.broadcast_arrays(plus, minus))
    best = np.maximum(_log_capital(p, m, p + m, np.zeros(p.shape)), _log_capital(m, p, p + m, np.zeros(p.shape)))
    return np.asarray(np.minimum(1.0, 2 * np.exp(-best)))


def _tuning(alpha: float, planned: float) -> float:
    """rho that makes the asymptotic sequence narrowest at the planned size, to the paper's approximation."""
    ask = -2 * math.log(alpha)
    return math.sqrt((ask + math.log(ask + 1)) / planned)


def mean_half_width(sd: ArrayLike, n: ArrayLike, alpha: float, planned: float) -> Floats:
    """Half-width of the asymptotic confidence sequence of a mean; narrowest, in z, at `planned` values.

    Source: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024, theorem 2.2.
    """
    rho2, size = _tuning(alpha, planned) ** 2, np.asarray(n, float)
    room = size * rho2 + 1
    return np.asarray(np.asarray(sd) * np.sqrt(2 * room / (size**2 * rho2) * np.log(np.sqrt(room) / alpha)))


def mean_p(mean: ArrayLike, sd: ArrayLike, n: ArrayLike, alpha: float, planned: float) -> Floats:
    """Smallest level at which the sequence tuned at `alpha` leaves out zero: a p-value valid at any stopping time."""
    rho2, size = _tuning(alpha, planned) ** 2, np.asarray(n, float)
    room = size * rho2 + 1
    square = (size * np.asarray(mean)) ** 2 / np.maximum(np.asarray(sd) ** 2, np.finfo(float).tiny)
    return np.asarray(np.minimum(1.0, np.exp(0.5 * np.log(room) - rho2 * square / (2 * room))))


def more_needed(n: int, enough: Callable[[float], Any]) -> int | None:
    """Further pairs until `enough(size)` holds, should the estimates stay as they are; None beyond 10^9.

    `enough` must stay true once it is true. Rounded up to two figures: the estimates do move.
    """
    low, high = float(n), 2.0 * n
    while not enough(high):
        low, high = high, 2 * high
        if high > FARTHEST:
            return None
    while high - low > 0.01 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return _two_figures(high - n)


def _two_figures(x: float) -> int:
    """Rounded up to two figures; 1 at least.

    >>> _two_figures(12345.0)
    13000
    """
    unit = 10 ** max(math.floor(math.log10(max(x, 1.0))) - 1, 0)
    return max(math.ceil(x / unit) * unit, 1)
