"""What sensitivity is measured of: means over a point's runs, and how much of their spread is luck.

All points meet the same luck, so the mean of R runs is a function of the numbers alone,
f + d: the expectation f, and d that belongs to the R crises drawn. Even and odd
replicates give two such functions with independent d, which is what tells d from f.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sim.model.state import ENDINGS, Ending

Columns = Mapping[str, np.ndarray]


class Output(NamedTuple):
    """A number that each run gives and whose mean over a point's runs is studied."""

    unit: str
    about: str
    of: Callable[[Columns], np.ndarray]


def _ends_as(code: int) -> Callable[[Columns], np.ndarray]:
    return lambda runs: runs["outcome"] == code


# Every one is defined for every run: a mean over deals only would leave points without a value.
OUTPUTS: dict[str, Output] = {
    **{
        f"share_{name}": Output("share", f"runs that end in {name.replace('_', ' ')}", _ends_as(code))
        for code, name in enumerate(ENDINGS)
    },
    "share_deal_kept": Output("share", "runs whose deal is made and holds", lambda runs: runs["deal_kept"] == 1),
    "duration_h": Output("h", "mean hours to the ending", lambda runs: runs["duration_h"]),
    "closest_km": Output("km", "mean of the column's closest approach", lambda runs: runs["closest_km"]),
    "deaths": Output("men", "mean deaths", lambda runs: runs["deaths"]),
}
NAMES = tuple(OUTPUTS)
SHARES = NAMES[: len(ENDINGS)]
EXIT = SHARES[Ending.NEGOTIATED_EXIT]
FLAT = 1e-24  # of a squared mean: less variance than that is rounding


@dataclass
class PointMeans:
    """Sums of the outputs by point and half of its replicates, added to while runs stream in.

    `sums` (n, 2, outputs) and `counts` (n, 2) hold even and odd replicates.
    """

    n: int
    sums: np.ndarray = field(init=False)
    counts: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.sums = np.zeros((self.n, 2, len(OUTPUTS)))
        self.counts = np.zeros((self.n, 2))

    def add(self, points: np.ndarray, runs: Columns) -> None:
        """Take in runs (k,) of these points (k,); `runs` as in the run table."""
        low = int(points.min())
        cell = (points - low) * 2 + runs["replicate"] % 2
        size = 2 * (int(points.max()) - low + 1)
        here = slice(low, low + size // 2)
        self.counts[here] += np.bincount(cell, minlength=size).reshape(-1, 2)
        for j, output in enumerate(OUTPUTS.values()):
            sums = np.bincount(cell, weights=output.of(runs).astype(float), minlength=size)
            self.sums[here, :, j] += sums.reshape(-1, 2)

    def means(self) -> np.ndarray:
        """Means over all runs of a point, (n, outputs)."""
        return np.asarray(self.sums.sum(axis=1) / self.counts.sum(axis=1)[:, None])

    def halves(self) -> np.ndarray:
        """Means over the even and over the odd replicates, (2, n, outputs)."""
        return np.asarray(np.moveaxis(self.sums / self.counts[:, :, None], 1, 0))

    def luck(self) -> np.ndarray:
        """Share of the variance between points that is the luck of their runs, by output; nan where there is none.

        The halves differ by luck only: var(even - odd) = v (1/even + 1/odd), and a mean of R
        runs has v / R of it.
        """
        even, odd = self.counts[0]
        gap = np.subtract(*self.halves()).var(axis=0, ddof=1)
        spread = self.means().var(axis=0, ddof=1)
        noise = gap / (1 / even + 1 / odd) / (even + odd)
        rounding = FLAT * np.square(self.means()).max(axis=0)
        return np.divide(noise, spread, out=np.full_like(spread, np.nan), where=spread > rounding)
