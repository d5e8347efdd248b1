"""A sweep in sentences: what leads where, and what moves along each axis, claimed only beyond chance.

Points that share their luck are no independent samples: an average over points is taken to be as sure as
one point's runs (n), and pairing is given no credit. Both make the intervals too wide rather than too narrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.state import ENDINGS

if TYPE_CHECKING:
    from sim.analysis.designs import Axis, Design

Points = Mapping[str, np.ndarray]
BALANCED = ("grid", "lhs", "sobol", "saltelli")  # designs in which all else varies alike at every level of an axis
LEVEL = 0.95


@dataclass(frozen=True)
class Movement:
    """Difference of a share between two places of an axis: `low`, `high` hold for all axes of a sweep together."""

    axis: str
    from_place: str
    to_place: str
    from_share: float
    to_share: float
    low: float
    high: float

    @property
    def settled(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0.0 or self.high < 0.0

    def __str__(self) -> str:
        way = f"{100 * self.from_share:.1f} % at {self.from_place} and {100 * self.to_share:.1f} % at {self.to_place}"
        if not self.settled:
            return f"Whether negotiated exits change along {self.axis} is not settled: {way}."
        word = "rise" if self.low > 0.0 else "fall"
        gap = f"{100 * (self.to_share - self.from_share):+.1f} points, {100 * self.low:+.1f} to {100 * self.high:+.1f}"
        return f"Negotiated exits {word} along {self.axis}: {way} ({gap})."


def sentences(design: Design, points: Points, settled: np.ndarray) -> Iterator[str]:
    """The sweep in a few sentences, each with its numbers."""
    yield from leaders(points, settled)
    if design.kind not in (*BALANCED, "oat"):
        return  # in a table all else may differ between the places of an axis
    pairs = [(axis, ends) for axis in design.axes if (ends := _ends(design, axis, points)) is not None]
    for axis, ends in pairs:
        yield str(movement(axis.path, ends, points, 1 - (1 - LEVEL) / len(pairs)))


def leaders(points: Points, settled: np.ndarray) -> Iterator[str]:
    """Which ending is the commonest at how many points, counting only leads beyond chance."""
    first = np.argmax(np.column_stack([points[f"count_{name}"] for name in ENDINGS]), axis=1)
    total = len(settled)
    where = "the point" if total == 1 else f"{total:,} points"
    for code in np.argsort(-np.bincount(first[settled], minlength=len(ENDINGS)), kind="stable"):
        count = int(np.sum(settled & (first == code)))
        if count:
            of = where if total == 1 else f"{count:,} of {where}"
            yield f"{ENDINGS[code].replace('_', ' ').capitalize()} leads beyond chance at {of}."
    if not settled.all():
        yield f"At {int(np.sum(~settled)):,} of {where} no ending leads beyond chance."


Ends = tuple[tuple[str, np.ndarray], tuple[str, np.ndarray]]


def _ends(design: Design, axis: Axis, points: Points) -> Ends | None:
    """Two places of an axis, named, with the points that stand there; None where it has but one."""
    column = points[axis.path]
    own = np.ones(len(column), bool)
    if design.kind == "oat":
        own = np.isin(points["moved"].astype(str), ["", "None", axis.path])
    if axis.kind == "option":
        return _option_ends(column, own, points)
    low, high = float(column[own].min()), float(column[own].max())
    if low == high:
        return None
    if design.kind in ("oat", "grid"):
        return (f"{low:g}", own & (column == low)), (f"{high:g}", own & (column == high))
    third = (high - low) / 3
    return (
        (f"{low:g} to {low + third:g}", column <= low + third),
        (f"{high - third:g} to {high:g}", column >= high - third),
    )


def _option_ends(column: np.ndarray, own: np.ndarray, points: Points) -> Ends | None:
    """The options with the fewest and the most negotiated exits."""
    words = column.astype(str)
    levels = list(dict.fromkeys(words[own].tolist()))
    if len(levels) < 2:
        return None
    least, most = (
        of(levels, key=lambda level: _share(points, own & (words == level))) for of in (min, max)
    )  # fmt: skip
    return (least, own & (words == least)), (most, own & (words == most))


def _share(points: Points, where: np.ndarray) -> float:
    return float(points["count_negotiated_exit"][where].sum() / points["n"][where].sum())


def movement(axis: str, ends: Ends, points: Points, level: float) -> Movement:
    """Difference of the share of exits between two places, with a normal interval of one point's runs at each."""
    (one, here), (two, there) = ends
    a, b = _share(points, here), _share(points, there)
    z = NormalDist().inv_cdf((1 + level) / 2)
    spread = sum(_variance(share, float(points["n"][where].min())) for share, where in ((a, here), (b, there)))
    half = z * spread**0.5
    return Movement(axis, one, two, a, b, b - a - half, b - a + half)


def _variance(share: float, n: float) -> float:
    """Of a share of n runs; by the rule of succession, so that 0 of n is not taken for certain (Laplace)."""
    kept = (share * n + 1) / (n + 2)
    return kept * (1 - kept) / n


def inert(canaries: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the probes say of axes that did nothing."""
    return [f"{entry['text'][:1].upper()}{entry['text'][1:]}." for entry in canaries if "did nothing" in entry["text"]]
