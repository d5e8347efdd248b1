"""Whether the commonest ending of some runs leads the next one beyond chance."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FALSE = 0.05  # share of the leads named that may be chance


def lead_settled(counts: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether the commonest ending of each row (m, 6) leads the next one beyond chance.

    Of the runs that ended in either of the two, the leader has so many more than half that a fair coin
    would not: the sign test with continuity correction (Dixon & Mood 1946). A single run settles nothing. Many
    rows are many chances to err, so the rows named are those of which at most one in twenty is expected to be wrong
    (Benjamini & Hochberg 1995; also where rows met the same luck: Benjamini & Yekutieli 2001, theorem 1.2).
    """
    ordered = np.sort(counts, axis=1).astype(float)
    first, second = ordered[:, -1], ordered[:, -2]
    ratio = np.maximum(first - second - 1, 0.0) / np.sqrt(np.maximum(first + second, 1.0))
    return below(np.array([math.erfc(value / math.sqrt(2)) for value in ratio.tolist()]), FALSE)


def below(p: NDArray[np.float64], level: float) -> NDArray[np.bool_]:
    """Which of many p-values (m,) are taken, so that at most this share of those taken is expected to be false.

    >>> below(np.array([0.02, 0.9, 0.03]), 0.05).tolist()
    [True, False, True]
    """
    order = np.argsort(p, kind="stable")
    under = np.flatnonzero(p[order] <= level * (np.arange(len(p)) + 1) / len(p))
    taken = np.zeros(len(p), bool)
    if len(under):
        taken[order[: under[-1] + 1]] = True
    return taken
