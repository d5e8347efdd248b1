"""Shares at the places of an axis that scattered points have: a regression over points, judged by shuffling the axis.

The share of each point is regressed on its place and on the other axes. Were the axis to do nothing, its column could
be dealt out to the points anew and the largest studentized difference would be one of many alike (Draper & Stoneman
1966). That is exact for a Latin hypercube whatever the shares hang on, with few points, few runs, either kind of luck.
Where points come in blocks that differ in this axis alone (Saltelli, Morris), blocks take the place of the other axes,
and the column is shuffled within them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sim.analysis.places import Places

Floats = NDArray[np.float64]
SHUFFLES = 1999
WORK = 2_000_000  # numbers held at once
FLAT = 1e-12  # of the variance: what is left is rounding
KNOWN = 1e-6  # of a contrast: what is left of it is rounding
TANGLED = 0.5  # share of a place's variance that goes with another axis, beyond which a table cannot tell them apart


# Differences of the mean share by pair of places, other axes held: estimate and half-width, for all together.
Estimates = dict[tuple[int, int], tuple[float, float]]


def terms(places: Places, column: NDArray[np.generic]) -> Floats:
    """What an axis may do to a share, (n, k): line and bend of a number, one column for each option but the first."""
    if not places.ordered:
        return (places.at[:, None] == np.arange(1, len(places))).astype(float)
    values = np.asarray(column).astype(float)
    spread = values.std()
    if spread == 0.0:
        return np.empty((len(values), 0))
    line = (values - values.mean()) / spread
    return np.column_stack([line, line**2]) if len(places) > 2 else line[:, None]


def held(share: Floats, others: Sequence[Floats]) -> Floats:
    """Orthonormal basis (n, k) of the mean and of those terms of the other axes that go best with the share.

    At most a quarter of the points: the choice looks at the share and the other axes only, so shuffling stays exact.
    """
    n = len(share)
    one = np.ones((n, 1))
    every = np.column_stack([one[:, :0], *others]) if others else one[:, :0]
    every = every - every.mean(axis=0)
    size = np.sqrt((every**2).sum(axis=0))
    every = every[:, size > 0] / size[size > 0]
    near = np.abs(every.T @ (share - share.mean()))
    kept = every[:, np.sort(np.argsort(-near, kind="stable")[: n // 4])]
    basis, weight, _ = np.linalg.svd(np.column_stack([one / math.sqrt(n), kept]), full_matrices=False)
    return np.asarray(basis[:, weight > 1e-9 * weight[0]])


def tangled(places: Places, others: Sequence[Floats]) -> bool:
    """Whether some place of the axis goes along with another axis, so that a table cannot tell which of them acts."""
    dummies = (places.at[:, None] == np.arange(len(places))).astype(float)
    dummies -= dummies.mean(axis=0)
    whole = (dummies**2).sum(axis=0)
    for other in others:
        centred = other - other.mean(axis=0)
        fitted = centred @ np.linalg.pinv(centred) @ dummies
        if np.any((fitted**2).sum(axis=0) > TANGLED * whole):
            return True
    return False


def freed_of(basis: Floats) -> Callable[[Floats], Floats]:
    """What is left of arrays (..., n, k) when a basis (n, m) is taken out."""
    return lambda given: given - basis @ (basis.T @ given)


def freed_of_blocks(block: NDArray[np.int64]) -> Callable[[Floats], Floats]:
    """What is left of arrays (..., n, k) when the mean of each block is taken out; points of a block stand together."""
    starts = np.flatnonzero(np.diff(block, prepend=block[0] - 1))
    size = np.diff(np.append(starts, len(block)))

    def take(given: Floats) -> Floats:
        means = np.add.reduceat(given, starts, axis=-2) / size[:, None]
        return np.asarray(given - np.repeat(means, size, axis=-2))

    return take


def alike(share: Floats, block: NDArray[np.int64]) -> bool:
    """Whether all points of each block (n,), in order, have one share."""
    return bool(np.all(freed_of_blocks(block)(share[:, None]) == 0.0)) if len(share) else True


def regression(share: Floats, places: Places, basis: Floats, *, alpha: float, seed: Sequence[int]) -> Estimates | None:
    """Differences between places with the basis held, the axis shuffled over all points; None if too little is left."""
    n = len(share)
    return _shuffled(share, places, freed_of(basis), basis.shape[1], lambda rng, m: rng.random((m, n)), alpha, seed)


def within(
    share: Floats, places: Places, block: NDArray[np.int64], *, alpha: float, seed: Sequence[int]
) -> Estimates | None:
    """The same with blocks (n,), in order, in place of a basis: the axis is shuffled within each."""
    if len(places) < 2:
        return None
    number = np.cumsum(np.diff(block, prepend=block[0]) != 0)
    return _shuffled(
        share, places, freed_of_blocks(block), int(number[-1]) + 1, lambda rng, m: number + rng.random((m, len(share))),
        alpha, seed,
    )  # fmt: skip


Keys = Callable[[np.random.Generator, int], Floats]


def _shuffled(
    share: Floats, places: Places, take: Callable[[Floats], Floats], used: int, keys: Keys, alpha: float,
    seed: Sequence[int],
) -> Estimates | None:  # fmt: skip
    rest = take(share[:, None])[:, 0]
    free = len(share) - used - (len(places) - 1)
    if free < 1 or float(rest @ rest) <= FLAT * len(share):
        return None
    pairs = list(combinations(range(len(places)), 2))
    estimate, error = (part[0] for part in _fit(places.at[None], rest, take, pairs, free))
    ratio = float(_ratio(estimate, error).max())
    limit = _critical(ratio, lambda labels: _ratio(*_fit(labels, rest, take, pairs, free)).max(axis=1),
                      places.at, keys, alpha, seed)  # fmt: skip
    half = limit * error
    return {pair: (float(estimate[k]), float(half[k])) for k, pair in enumerate(pairs)}


def _fit(
    labels: NDArray[np.int64],
    rest: Floats,
    take: Callable[[Floats], Floats],
    pairs: Sequence[tuple[int, int]],
    free: int,
) -> tuple[Floats, Floats]:
    """Differences and their standard errors (m, pairs) for m dealings of the places (m, n)."""
    last = max(j for _, j in pairs)
    dummies = take((labels[:, :, None] == np.arange(1, last + 1)).astype(float))
    within = np.swapaxes(dummies, 1, 2) @ dummies
    cross = np.linalg.pinv(within, rcond=1e-9, hermitian=True)
    with_rest = np.einsum("mnk,n->mk", dummies, rest)
    effect = np.einsum("mkl,ml->mk", cross, with_rest)
    whole = float(rest @ rest)
    left = np.maximum(whole - np.einsum("mk,mk->m", effect, with_rest), FLAT * whole) / free
    contrasts = np.array([[(level == j) - (level == i) for level in range(1, last + 1)] for i, j in pairs], float)
    spread = np.einsum("pk,mkl,pl->mp", contrasts, cross, contrasts)
    # A pair that no chain of blocks joins cannot be estimated; the inverse would give it some number all the same.
    beyond = contrasts[None] - np.einsum("pk,mkl,mlj->mpj", contrasts, cross, within)
    unknown = np.abs(beyond).max(axis=2) > KNOWN
    return effect @ contrasts.T, np.where(unknown, np.inf, np.sqrt(np.maximum(spread, 0.0) * left[:, None]))


def _ratio(estimate: Floats, error: Floats) -> Floats:
    """Size in standard errors; nought where a pair cannot be told apart at all."""
    return np.divide(np.abs(estimate), error, out=np.zeros_like(estimate), where=error > 0)


def _critical(
    ratio: float, largest: Callable[[NDArray[np.int64]], Floats], at: NDArray[np.int64], keys: Keys, alpha: float,
    seed: Sequence[int],
) -> float:  # fmt: skip
    """The ratio above which a dealing is one of the alpha rarest; infinite as soon as it is clear that ours is not."""
    total = max(SHUFFLES, math.ceil(3 / alpha))
    rank = math.floor(alpha * (total + 1))
    rng = np.random.default_rng(list(seed))
    step = max(1, min(200, WORK // len(at)))
    top = np.empty(0)
    for start in range(0, total, step):
        drawn = np.argsort(keys(rng, min(step, total - start)), axis=1, kind="stable")
        top = np.sort(np.append(top, largest(at[drawn])))[::-1][:rank]
        if len(top) == rank and top[-1] >= ratio:
            return math.inf
    return float(top[-1])
