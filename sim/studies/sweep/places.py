"""Places along an axis of a sweep: levels, or thirds of many scattered values; which points differ in it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = Mapping[str, NDArray[Any]]
FEW = 5  # levels that scattered points are compared at one by one; more are taken in thirds


@dataclass(frozen=True)
class Places:
    """Where points stand on an axis: `names` of the places in its order, and of each point (n,) which it is at.

    `ordered` tells numbers, which stand by size, from options, which have no order but that of the design.
    """

    names: tuple[str, ...]
    at: NDArray[np.int64]
    ordered: bool

    def __len__(self) -> int:
        return len(self.names)

    def means(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Mean of values (n,) at each place."""
        return np.bincount(self.at, values, len(self)) / np.bincount(self.at, minlength=len(self))


def as_numbers(column: NDArray[Any]) -> NDArray[np.float64] | None:
    """A column as numbers, also where they were written as words (the tilt of a doctrine); None where it has others."""
    try:
        return np.asarray(column).astype(float)
    except ValueError:
        return None


def coded(column: NDArray[Any]) -> tuple[list[Any], NDArray[np.int64]]:
    """The levels of a column, numbers by size and options as they come, and which one each point (n,) has."""
    numbers = as_numbers(column)
    if numbers is not None:
        levels, at = np.unique(numbers, return_inverse=True)
        return levels.tolist(), at.reshape(-1)
    words = np.asarray(column).astype(str).tolist()
    known = {name: i for i, name in enumerate(dict.fromkeys(words))}
    return list(known), np.array([known[word] for word in words])


def by_level(column: NDArray[Any]) -> Places:
    """Every level a place."""
    levels, at = coded(column)
    ordered = not isinstance(levels[0], str)
    return Places(_told_apart(levels) if ordered else tuple(levels), at, ordered)


def by_third(column: NDArray[Any]) -> Places:
    """The levels where they are few or options, else the lowest, middle and highest third of the points."""
    values = as_numbers(column)
    if values is None or len(np.unique(values)) <= FEW:
        return by_level(column)
    one, two = np.quantile(values, [1 / 3, 2 / 3])
    return _stretches(values, (values > one).astype(int) + (values > two))


def by_half(column: NDArray[Any]) -> Places:
    """Options, or the lower and the upper half of the levels of a number."""
    fine = by_level(column)
    return _stretches(np.asarray(column).astype(float), fine.at >= len(fine) / 2) if fine.ordered else fine


def _stretches(values: NDArray[np.float64], cut: NDArray[Any]) -> Places:
    """Places by the order of `cut` (n,), each named by its lowest and highest value."""
    _, at = np.unique(cut, return_inverse=True)
    ends = [(values[at == k].min(), values[at == k].max()) for k in range(int(at.max()) + 1)]
    names = [f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}" for low, high in ends]
    return Places(tuple(names), at.reshape(-1), True)


def _told_apart(levels: Sequence[float]) -> tuple[str, ...]:
    """Numbers as short as they can be while no two read the same."""
    texts: tuple[str, ...] = ()
    for digits in (6, 9, 12, 17):
        texts = tuple(f"{level:.{digits}g}" for level in levels)
        if len(set(texts)) == len(texts):
            break
    return texts


def blocks(paths: Sequence[str], points: Points, path: str) -> NDArray[np.int64]:
    """Of each point (n,) a number of all else: points with the same number differ at most in this axis."""
    found = np.zeros(len(points[path]), np.int64)
    for other in paths:
        if other != path:
            levels, at = coded(points[other])
            _, found = np.unique(found * len(levels) + at, return_inverse=True)
    return np.asarray(found.reshape(-1))


def complete(places: Places, block: NDArray[np.int64]) -> NDArray[np.intp]:
    """Points (blocks, places) of the blocks that have every place; a point that is there twice counts once."""
    cells, first = np.unique(block * len(places) + places.at, return_index=True)
    owner, count = np.unique(cells // len(places), return_counts=True)
    whole = np.isin(cells // len(places), owner[count == len(places)])
    return first[whole].reshape(-1, len(places))
