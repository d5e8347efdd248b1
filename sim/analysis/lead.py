"""Whether the commonest ending of some runs leads the next one beyond chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.analysis.estimates import Z95


def lead_settled(counts: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether the commonest ending of each row (m, 6) leads the next one at 95 %, row by row.

    Of the runs that ended in either of the two, the leader has so many more than half that a fair coin
    would not: the sign test with continuity correction (Dixon & Mood 1946). A single run settles nothing.
    """
    ordered = np.sort(counts, axis=1)
    first, second = ordered[:, -1], ordered[:, -2]
    return np.asarray(first - second - 1 > Z95 * np.sqrt(first + second))
