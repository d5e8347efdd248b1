"""Bands of the figures of a sweep: what luck leaves open, and what points leave open that differ in other axes."""

from __future__ import annotations

import numpy as np

from sim.draw.style import Setting, Table
from sim.stats.estimates import Z95, student95

Bands = tuple[np.ndarray, np.ndarray]


def pooled(table: np.ndarray, owner: np.ndarray, m: int) -> np.ndarray:
    """Rows of `table` added up by cell `owner` (n,) of m cells; owner -1 is left out."""
    out = np.zeros((m, *table.shape[1:]), table.dtype)
    np.add.at(out, owner[owner >= 0], table[owner >= 0])
    return out


def wilson_all(count: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % score intervals of many shares at once; as `sim.stats.estimates.wilson`, and nan where n is 0."""
    n = np.where(n > 0, n, np.nan).astype(float)
    share, spread = count / n, 1 + Z95**2 / n
    middle = (share + Z95**2 / (2 * n)) / spread
    half = Z95 * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n)) / spread
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def alone(setting: Setting) -> bool:
    """Whether every point had luck of its own; a setting that does not say so is taken to share it."""
    return setting.get("luck") == "independent"


def luck_print(setting: Setting) -> str:
    """The small print of bands over pooled points."""
    return "Wilson 1927" if alone(setting) else "points share their luck: bands as for one point's runs"


def scattered(axes: int, setting: Setting) -> bool:
    """Whether points of one place differ in other axes by chance: in every design but those laid out evenly."""
    return axes > 1 and setting.get("design", "grid") not in ("grid", "oat")


def effective(owner: np.ndarray, total: np.ndarray, setting: Setting) -> np.ndarray:
    """Runs of each cell (m,) that count for its interval: with shared luck, those of one of its points on average.

    Points that meet the same luck are the same replicates seen again. Were they fully alike, the variance
    of a pooled share would be at most that of N / k runs, for N runs of k points.
    """
    runs = total.sum(axis=1).astype(float)
    k = np.bincount(owner[owner >= 0], minlength=len(total))
    return runs if alone(setting) else runs / np.maximum(k, 1)


def share_bands(total: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % bands (m, 6) of the pooled shares of `total` (m, 6), as of n (m,) independent runs; nan where n is 0."""
    runs = np.maximum(total.sum(axis=1), 1)
    return wilson_all(total / runs[:, None] * n[:, None], n[:, None])


def means(
    points: Table, name: str, owner: np.ndarray, m: int, *, shared: bool = True, apart: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Mean of a metric over the runs of each cell, and the half-width of its 95 % interval.

    With `shared` luck the runs of a cell count as those of one of its points: see `effective`. With `apart` the points
    of a cell differ by chance, and how far they lie apart is added: see `between`.
    """
    n = points["n"].astype(float)
    mean, sd = points[f"mean_{name}"], np.nan_to_num(points[f"sd_{name}"])
    size, count = pooled(n, owner, m), np.bincount(owner[owner >= 0], minlength=m)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = pooled(n * mean, owner, m) / size
        squares = pooled((n - 1) * sd**2 + n * mean**2, owner, m)
        variance = np.maximum(squares - size * middle**2, 0.0) / np.maximum(size - 1, 1)
        luck = Z95 * np.sqrt(variance * (count if shared else 1) / size)
        return middle, np.hypot(luck, reach(mean[:, None], owner, m)[:, 0]) if apart else luck


def bands(table: np.ndarray, owner: np.ndarray, m: int, setting: Setting, *, apart: bool) -> Bands:
    """95 % bands (m, 6) of the shares of m cells; with `apart` their points differ by chance; one alone has none."""
    total = pooled(table, owner, m)
    luck = share_bands(total, effective(owner, total, setting))
    if not apart:
        return luck
    with np.errstate(invalid="ignore", divide="ignore"):
        share = total / total.sum(axis=1, keepdims=True)
    far = reach(table / table.sum(axis=1, keepdims=True), owner, m)
    low, high = (np.hypot(far, end - share) for end in luck)
    return np.clip(share - low, 0.0, 1.0), np.clip(share + high, 0.0, 1.0)


def reach(values: np.ndarray, owner: np.ndarray, m: int) -> np.ndarray:
    """Half-widths (m, j) of 95 % intervals of means of scattered points (n, j), from how much those of a cell differ.

    Their other axes differ too, so that the runs of a cell are no sample of one share; the points are. One has nan.
    """
    k = np.bincount(owner[owner >= 0], minlength=m)
    wide = np.array([student95(int(count) - 1) if count > 1 else np.nan for count in k])[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = pooled(values, owner, m) / k[:, None]
        variance = np.maximum(pooled(values**2, owner, m) - k[:, None] * mean**2, 0.0) / (k[:, None] - 1)
        return np.asarray(wide * np.sqrt(variance / k[:, None]))
