"""A sweep in sentences: what leads where, and what moves along each axis, claimed only beyond chance.

What is beyond chance hangs on the design. Where the same points are there at every level of an axis (a grid, one at a
time), only luck can tell the levels apart: `sim.studies.sweep.levels`. Scattered points differ by their other axes too,
and what counts is how far such points lie apart: `sim.studies.sweep.shuffle`. All claims of a sweep along axes hold
together at `LEVEL`.

Points that share their luck are no independent samples: an average over points is taken to be as sure as one point's
runs (n), and pairing is given no credit. Both make the intervals too wide rather than too narrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from sim.model.state import ENDINGS, Ending
from sim.stats.estimates import bonferroni
from sim.studies.sweep import levels, shuffle
from sim.studies.sweep.movement import Movement
from sim.studies.sweep.places import Places, Points, blocks, by_half, by_level, by_third, coded, complete

LEVEL = 0.95
MATCHED = ("grid", "oat", "table")  # designs that may hold the same point at every level of an axis
EXIT = ENDINGS[Ending.NEGOTIATED_EXIT]
ABOUT = dict(zip(ENDINGS, ("rebel victories", "concessions", "negotiated exits", "rebel collapses", "crushed marches",
                           "prolonged crises"), strict=True))  # fmt: skip
FEW_POINTS = "there are too few points for so many axes"
TANGLED = "other axes change along with it"
PAIRS_ALIKE = "no two points that differ in it alone have other shares"


def sentences(kind: str, paths: Sequence[str], points: Points, settled: np.ndarray, *, shared: bool) -> Iterator[str]:
    """The sweep in a few sentences, each with its numbers."""
    yield from leaders(points, settled)
    yield from map(str, movements(kind, paths, points, shared=shared))


def movements(kind: str, paths: Sequence[str], points: Points, *, shared: bool, ending: str = EXIT) -> list[Movement]:
    """What the share of an ending does along each axis of a design that has more than one level.

    Parameters
    ----------
    kind, paths : of the design, and its axes in its order
    points : one row a point: the axes, `n`, and `count_<ending>`
    shared : all points met the same luck
    """
    moving = [path for path in paths if len(coded(points[path])[0]) > 1]
    alpha, laid = (1 - LEVEL) / max(len(moving), 1), Laid(kind, paths, points, shared)
    return [movement(laid, path, ending, alpha) for path in moving]


@dataclass(frozen=True)
class Laid:
    """The points of a design as they were laid out and played; see `movements`."""

    kind: str
    paths: Sequence[str]
    points: Points
    shared: bool

    @cached_property
    def free(self) -> np.ndarray:
        """Points in which the axes vary freely of each other: all, but of Saltelli's those that mix two samples."""
        every, k = np.arange(len(self.points["n"])), len(self.paths)
        return every[np.isin(every % (k + 2), (0, k + 1))] if self.kind == "saltelli" else every

    @cached_property
    def thirds(self) -> dict[str, tuple[Places, np.ndarray]]:
        """Of each axis the places of those points, and what it may do to a share."""
        columns = {path: np.asarray(self.points[path])[self.free] for path in self.paths}
        return {path: (places := by_third(column), shuffle.terms(places, column)) for path, column in columns.items()}


def movement(laid: Laid, path: str, ending: str, alpha: float) -> Movement:
    """The same along one axis, where all that is said of it may miss with chance alpha."""
    count, n = np.asarray(laid.points[f"count_{ending}"]), np.asarray(laid.points["n"])
    if laid.kind in MATCHED:
        places = by_level(laid.points[path])
        same = complete(places, blocks(laid.paths, laid.points, path))
        if len(same):
            found = levels.gaps(count[same], n[same], _compared(places), alpha=alpha, shared=laid.shared)
            shares = count[same].sum(axis=0) / n[same].sum(axis=0)
            return Movement(path, places.names, tuple(shares.tolist()), places.ordered, found, about=ABOUT[ending])
    seen = (_stepped if laid.kind == "morris" else _scattered)(laid, path, count / n, alpha)
    shares = seen.places.means(count[seen.which] / n[seen.which])
    told = Movement(path, seen.places.names, tuple(shares.tolist()), seen.places.ordered, about=ABOUT[ending])
    if seen.found is None:
        return replace(told, why=seen.why)
    luck = _luck(seen.places, count[seen.which], n[seen.which], alpha) if laid.shared else {}
    gaps = {pair: _both(*gap, luck.get(pair, 0.0)) for pair, gap in seen.found.items()}
    return replace(told, gaps=gaps, held=len(laid.paths) > 1)


def _compared(places: Places) -> list[tuple[int, int]]:
    """Pairs of places: every two options, but of many numbers only each with the two ends."""
    pairs = combinations(range(len(places)), 2)
    last = len(places) - 1
    return [(i, j) for i, j in pairs if not places.ordered or i == 0 or j == last]


@dataclass(frozen=True)
class _Seen:
    """What points that differ in more than one axis tell: which of them, at which places; `why` where they do not."""

    places: Places
    which: np.ndarray
    found: shuffle.Estimates | None
    why: str


def _scattered(laid: Laid, path: str, share: np.ndarray, alpha: float) -> _Seen:
    """Places of an axis over points in which the axes vary freely of each other."""
    places, own = laid.thirds[path][0], share[laid.free]
    others = [terms for other, (_, terms) in laid.thirds.items() if other != path]
    if laid.kind == "table" and shuffle.tangled(places, others):
        return _Seen(places, laid.free, None, TANGLED)
    seed = (len(share), laid.paths.index(path))
    found = shuffle.regression(own, places, shuffle.held(own, others), alpha=alpha, seed=seed)
    return _Seen(places, laid.free, found, "" if np.ptp(own) == 0.0 else FEW_POINTS)


def _stepped(laid: Laid, path: str, share: np.ndarray, alpha: float) -> _Seen:
    """Lower against upper half of an axis over pairs of points that differ in it alone."""
    block = blocks(laid.paths, laid.points, path)
    order = np.argsort(block, kind="stable")
    which = order[np.bincount(block)[block[order]] > 1]
    places = by_half(np.asarray(laid.points[path])[which])
    seed = (len(share), laid.paths.index(path))
    found = shuffle.within(share[which], places, block[which], alpha=alpha, seed=seed)
    return _Seen(places, which, found, PAIRS_ALIKE if shuffle.alike(share[which], block[which]) else FEW_POINTS)


def _luck(places: Places, count: np.ndarray, n: np.ndarray, alpha: float) -> dict[tuple[int, int], float]:
    """Half-widths of the differences from luck alone, where all points met the same: as of one point's runs."""
    pairs = list(combinations(range(len(places)), 2))
    z = bonferroni(alpha, len(pairs))
    luck = places.means(levels.careful(count, n, z * z / 4)[1])
    return {(i, j): z * float(np.hypot(luck[i], luck[j])) for i, j in pairs}


def _both(estimate: float, half: float, luck: float) -> tuple[float, float]:
    """An interval for two doubts at once, added in squares."""
    whole = float(np.hypot(half, luck))
    return max(estimate - whole, -1.0), min(estimate + whole, 1.0)


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
        of = where if total == 1 else f"{int(np.sum(~settled)):,} of {where}"
        yield f"At {of} no ending leads beyond chance."


def inert(canaries: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the probes say of axes that did nothing."""
    return [f"{entry['text'][:1].upper()}{entry['text'][1:]}." for entry in canaries if "did nothing" in entry["text"]]
