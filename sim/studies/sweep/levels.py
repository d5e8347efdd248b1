"""Shares at the levels of an axis, all else equal: intervals of their differences from the luck of the runs alone.

A grid, a design one at a time or a table may hold the same point at every level of an axis. Then nothing but the axis
and luck tells the levels apart. Intervals add pseudo-runs as Agresti & Caffo 2000 do, as many as the level asks for,
and half a run for continuity, so that few runs do not claim too much.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sim.stats.estimates import bonferroni

Gaps = dict[tuple[int, int], tuple[float, float]]


def careful(
    count: NDArray[np.integer], n: NDArray[np.integer], pseudo: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares with so many runs added that ended so and that did not, and the standard deviation of their luck."""
    share = (count + pseudo) / (n + 2 * pseudo)
    return share, np.sqrt(share * (1 - share) / (n + 2 * pseudo))


def gaps(
    count: NDArray[np.integer], n: NDArray[np.integer], pairs: Iterable[tuple[int, int]], *, alpha: float, shared: bool
) -> Gaps:
    """Intervals of share j less share i for pairs (i, j) of levels, which hold for all pairs together.

    Parameters
    ----------
    count, n : (blocks, levels) runs that ended so, and runs; a level's share is the mean over the blocks
    alpha : chance that any interval misses; divided evenly (Bonferroni)
    shared : all points met the same luck. Blocks are then the same runs seen again, and count as one block does; levels
        are taken for independent, which is safe as long as the same luck does not work against itself
    """
    pairs = list(pairs)
    z, blocks = bonferroni(alpha, len(pairs)), len(count)
    share, luck = careful(count, n, z * z / 4 / (1 if shared else blocks))
    spread = luck.mean(axis=0) ** 2 if shared else (luck**2).sum(axis=0) / blocks**2
    middle, step = share.mean(axis=0), 0.5 / (n.mean(axis=0) if shared else n.sum(axis=0))
    found: Gaps = {}
    for i, j in pairs:
        half = z * float(np.sqrt(spread[i] + spread[j])) + float(step[i] + step[j])
        found[i, j] = (float(middle[j] - middle[i]) - half, float(middle[j] - middle[i]) + half)
    return found
