"""Small estimates with their uncertainty that several figures draw; numpy only."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054
Curve = NDArray[np.float64]


def bonferroni(alpha: float, among: int) -> float:
    """Standard errors to either side of an interval that misses with chance alpha, divided evenly `among` so many.

    >>> round(bonferroni(0.05, 1), 2), round(bonferroni(0.05, 10), 2)
    (1.96, 2.81)
    """
    return NormalDist().inv_cdf(1 - alpha / (2 * max(among, 1)))


def student95(free: int) -> float:
    """How many standard errors a 95 % interval reaches to either side with so many degrees of freedom (Student 1908).

    >>> round(student95(10), 2)
    2.23
    """
    if free < 3:
        return (math.inf, 12.7062, 4.3027)[max(free, 0)]
    z, z3, z5, z7 = (Z95**k for k in (1, 3, 5, 7))  # Cornish & Fisher 1938; right to 0.01 from 3 on
    return z + (z3 + z) / (4 * free) + (5 * z5 + 16 * z3 + 3 * z) / (96 * free**2) + (
        3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * free**3)  # fmt: skip


def wilson(count: int, n: int) -> tuple[float, float]:
    """95 % score interval of a share, `count` of `n` (Wilson 1927); never empty, never outside [0, 1].

    >>> [round(x, 3) for x in wilson(0, 100)]
    [0.0, 0.037]
    """
    if not 0 <= count <= n or n < 1:
        raise ValueError(f"a share needs 0 <= count <= n and n >= 1; given count={count}, n={n}")
    share = count / n
    spread = 1 + Z95**2 / n
    middle = (share + Z95**2 / (2 * n)) / spread
    half = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n)) / spread
    return max(0.0, middle - half) if count else 0.0, min(1.0, middle + half) if count < n else 1.0


def kaplan_meier(week: NDArray[np.integer], horizon: int) -> tuple[Curve, Curve, Curve]:
    """Share surviving at weeks 0..horizon, with Greenwood's 95 % band on the log-log scale (score interval at 0 and 1).

    Parameters
    ----------
    week : (n,) week of the event, 1 or later; -1 where it has not come by `horizon` (censored there)

    Source: Kaplan & Meier 1958; Greenwood 1926; Kalbfleisch & Prentice 2002, section 1.4.
    """
    came = week[(week >= 0) & (week <= horizon)]
    events = np.bincount(came, minlength=horizon + 1)[: horizon + 1].astype(float)
    at_risk = len(week) - np.concatenate([[0.0], np.cumsum(events)[:-1]])
    hazard = np.divide(events, at_risk, out=np.zeros_like(events), where=at_risk > 0)
    survival = np.cumprod(1 - hazard)
    left = at_risk - events
    terms = np.divide(events, at_risk * left, out=np.zeros_like(events), where=left > 0)
    inside = (survival > 0) & (survival < 1)
    log_s = np.log(np.where(inside, survival, 0.5))
    width = np.exp(np.where(inside, Z95 * np.sqrt(np.cumsum(terms)) / np.abs(log_s), 0.0))
    # With all alive or none Greenwood's variance is zero; all are followed to the horizon, so the score interval holds.
    alive, dead = wilson(len(week), len(week))[0], wilson(0, len(week))[1]
    low = np.where(inside, np.exp(log_s * width), np.where(survival == 1, alive, 0.0))
    high = np.where(inside, np.exp(log_s / width), np.where(survival == 0, dead, 1.0))
    low[0] = low[0] if events[0] else 1.0
    return survival, low, high
