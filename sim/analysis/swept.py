"""A sweep in sentences: what leads where, and what moves along each axis, claimed only beyond chance.

What is beyond chance hangs on the design. Where the same points are there at every level of an axis (a grid, one at a
time), only luck can tell the levels apart: `sim.analysis.levels`. Scattered points differ by their other axes too, and
what counts is how far such points lie apart: `sim.analysis.shuffle`. All claims of a sweep along axes hold together
at `LEVEL`.

Points that share their luck are no independent samples: an average over points is taken to be as sure as one point's
runs (n), and pairing is given no credit. Both make the intervals too wide rather than too narrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis import levels, shuffle
from sim.analysis.movement import Movement
from sim.analysis.places import Places, Points, blocks, by_half, by_level, by_third, complete
from sim.state import ENDINGS, Ending

if TYPE_CHECKING:
    from sim.analysis.designs import Axis, Design

LEVEL = 0.95
MATCHED = ("grid", "oat", "table")  # designs that may hold the same point at every level of an axis
EXIT = ENDINGS[Ending.NEGOTIATED_EXIT]
FEW_POINTS = "there are too few points for so many axes"
TANGLED = "other axes change along with it"
PAIRS_ALIKE = "no two points that differ in it alone have other shares"


def sentences(design: Design, points: Points, settled: np.ndarray, *, shared: bool) -> Iterator[str]:
    """The sweep in a few sentences, each with its numbers."""
    yield from leaders(points, settled)
    yield from map(str, movements(design, points, shared=shared))


def movements(design: Design, points: Points, *, shared: bool, ending: str = EXIT, parts: int = 1) -> list[Movement]:
    """What the share of an ending does along each axis that has more than one level.

    Parameters
    ----------
    points : one row a point: the axes, `n`, and `count_<ending>`
    shared : all points met the same luck
    parts : how many endings are asked about; all their claims hold together
    """
    moving = [axis for axis in design.axes if len(by_level(points[axis.path])) > 1]
    alpha = (1 - LEVEL) / max(len(moving) * parts, 1)
    count = np.asarray(points[f"count_{ending}"])
    return [_movement(design, axis, points, count, alpha=alpha, shared=shared) for axis in moving]


def _movement(
    design: Design, axis: Axis, points: Points, count: np.ndarray, *, alpha: float, shared: bool
) -> Movement:  # fmt: skip
    if design.kind in MATCHED:
        places, block = by_level(points[axis.path]), blocks(design, points, axis.path)
        same = complete(places, block)
        if len(same):
            return _matched(axis, places, count[same], np.asarray(points["n"])[same], alpha=alpha, shared=shared)
    return _scattered(design, axis, points, count, alpha=alpha, shared=shared)


def _matched(
    axis: Axis, places: Places, count: np.ndarray, n: np.ndarray, *, alpha: float, shared: bool
) -> Movement:  # fmt: skip
    found = levels.gaps(count, n, _compared(places), alpha=alpha, shared=shared)
    shares = tuple(float(share) for share in count.sum(axis=0) / n.sum(axis=0))
    return Movement(axis.path, places.names, shares, places.ordered, found)


def _compared(places: Places) -> list[tuple[int, int]]:
    """Pairs of places: every two options, but of many numbers only each with the two ends."""
    pairs = combinations(range(len(places)), 2)
    last = len(places) - 1
    return [(i, j) for i, j in pairs if not places.ordered or i == 0 or j == last]


def _scattered(
    design: Design, axis: Axis, points: Points, count: np.ndarray, *, alpha: float, shared: bool
) -> Movement:  # fmt: skip
    n, number = np.asarray(points["n"]), design.axes.index(axis)
    share, seed = count / n, (len(n), number)
    if design.kind == "morris":
        places, which, found, silent = _stepped(design, axis, points, share, alpha, seed)
    else:
        which = _free(design, len(n))
        own = {path: np.asarray(points[path])[which] for path in (one.path for one in design.axes)}
        places = by_third(own[axis.path])
        others = [shuffle.terms(by_third(column), column) for path, column in own.items()
                  if path != axis.path and len(by_level(column)) > 1]  # fmt: skip
        if design.kind == "table" and shuffle.tangled(places, others):
            return Movement(axis.path, places.names, (), places.ordered, why=TANGLED)
        basis = shuffle.held(share[which], others)
        found = shuffle.regression(share[which], places, basis, alpha=alpha, seed=seed)
        silent = "" if np.ptp(share[which]) == 0.0 else FEW_POINTS
    shares = tuple(float(mean) for mean in places.means(share[which]))
    if found is None:
        return Movement(axis.path, places.names, shares, places.ordered, why=silent)
    luck = _luck(places, shares, n, alpha) if shared else {}
    gaps = {pair: _both(*gap, luck.get(pair, 0.0)) for pair, gap in found.gaps.items()}
    return Movement(axis.path, places.names, shares, places.ordered, gaps, held=len(design.axes) > 1)


def _free(design: Design, n: int) -> np.ndarray:
    """Points in which axes vary freely of each other: all, but of Saltelli's sample the two that others mix."""
    which = np.arange(n)
    k = len(design.axes)
    return which[np.isin(which % (k + 2), (0, k + 1))] if design.kind == "saltelli" else which


def _stepped(
    design: Design, axis: Axis, points: Points, share: np.ndarray, alpha: float, seed: Sequence[int]
) -> tuple[Places, np.ndarray, shuffle.Shuffled | None, str]:
    """Lower against upper half of an axis over pairs of points that differ in it alone."""
    block = blocks(design, points, axis.path)
    order = np.argsort(block, kind="stable")
    which = order[np.bincount(block)[block[order]] > 1]
    places = by_half(np.asarray(points[axis.path])[which])
    found = shuffle.within(share[which], places, block[which], alpha=alpha, seed=seed)
    return places, which, found, PAIRS_ALIKE if shuffle.alike(share[which], block[which]) else FEW_POINTS


def _luck(places: Places, shares: Sequence[float], n: np.ndarray, alpha: float) -> dict[tuple[int, int], float]:
    """Half-widths of the differences from luck alone, as of one point's runs at each place."""
    runs = np.full(len(places), float(n.min()))
    pairs = list(combinations(range(len(places)), 2))
    found = levels.gaps((np.array(shares) * runs)[None], runs[None], pairs, alpha=alpha, shared=True)
    return {pair: (high - low) / 2 for pair, (low, high) in found.items()}


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
        yield f"At {int(np.sum(~settled)):,} of {where} no ending leads beyond chance."


def inert(canaries: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the probes say of axes that did nothing."""
    return [f"{entry['text'][:1].upper()}{entry['text'][1:]}." for entry in canaries if "did nothing" in entry["text"]]
