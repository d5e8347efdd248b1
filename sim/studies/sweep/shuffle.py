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

from sim.stats.estimates import bonferroni
from sim.studies.sweep.places import Places

Floats = NDArray[np.float64]
SHUFFLES = 1999
MANY = 2_000  # points beyond which differences are normal
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
    both = np.column_stack([one / math.sqrt(n), kept])
    weight, turn = np.linalg.eigh(both.T @ both)
    firm = weight > KNOWN * weight[-1]
    return np.asarray(both @ (turn[:, firm] / np.sqrt(weight[firm])))


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


Products = tuple[Floats, Floats, float]
Freed = Callable[[Floats], Products]


def freed_of(basis: Floats, share: Floats) -> Freed:
    """Products of columns (m, n, k) among themselves (m, k, k) and with the share (m, k), and the share's square.

    A basis (n, j) is taken out of all of them.
    """
    rest = share - basis @ (basis.T @ share)
    known = np.column_stack([basis, rest]).T

    def products(columns: Floats) -> Products:
        m, n, k = columns.shape
        flat = known @ columns.transpose(1, 0, 2).reshape(n, m * k)
        taken, with_rest = flat[:-1].reshape(-1, m, k), flat[-1].reshape(m, k)
        own = np.swapaxes(columns, 1, 2) @ columns
        return own - np.einsum("jmk,jml->mkl", taken, taken), with_rest, float(rest @ rest)

    return products


def freed_of_blocks(block: NDArray[np.int64], share: Floats) -> Freed:
    """The same with the mean of each block taken out; points of a block (n,) stand together."""
    rest = _unlike(block, share[:, None])[:, 0]

    def products(columns: Floats) -> Products:
        left = _unlike(block, columns)
        return np.swapaxes(left, 1, 2) @ left, np.einsum("mnk,n->mk", left, rest), float(rest @ rest)

    return products


def _unlike(block: NDArray[np.int64], given: Floats) -> Floats:
    """What is left of arrays (..., n, k) when the mean of each block is taken out."""
    starts = np.flatnonzero(np.diff(block, prepend=block[0] - 1))
    size = np.diff(np.append(starts, len(block)))
    means = np.add.reduceat(given, starts, axis=-2) / size[:, None]
    return np.asarray(given - np.repeat(means, size, axis=-2))


def alike(share: Floats, block: NDArray[np.int64]) -> bool:
    """Whether all points of each block (n,), in order, have one share."""
    return bool(np.all(_unlike(block, share[:, None]) == 0.0)) if len(share) else True


def regression(
    share: Floats, places: Places, basis: Floats, *, alpha: float, seed: Sequence[int]
) -> Estimates | None:  # fmt: skip
    """Differences between places with the basis held, the axis shuffled over all points; None if too little is left."""
    n = len(share)
    return _shuffled(places, freed_of(basis, share), basis.shape[1], lambda rng, m: rng.random((m, n)), alpha, seed)


def within(
    share: Floats, places: Places, block: NDArray[np.int64], *, alpha: float, seed: Sequence[int]
) -> Estimates | None:
    """The same with blocks (n,), in order, in place of a basis: the axis is shuffled within each."""
    number, n = np.cumsum(np.diff(block, prepend=block[0]) != 0), len(share)
    free = freed_of_blocks(block, share)
    return _shuffled(places, free, int(number[-1]) + 1, lambda rng, m: number + rng.random((m, n)), alpha, seed)


Keys = Callable[[np.random.Generator, int], Floats]


def _shuffled(
    places: Places, freed: Freed, used: int, keys: Keys, alpha: float, seed: Sequence[int]
) -> Estimates | None:  # fmt: skip
    n, k = len(places.at), len(places)
    free = n - used - (k - 1)
    if k < 2 or free < 1:
        return None
    pairs = list(combinations(range(k), 2))

    def fit(labels: NDArray[np.int64]) -> tuple[Floats, Floats]:
        return _fit(freed((labels[:, :, None] == np.arange(1, k)).astype(float)), pairs, k, free)

    if freed(np.zeros((1, n, 1)))[2] <= FLAT * n:
        return None
    estimate, error = (part[0] for part in fit(places.at[None]))
    largest = float(_ratio(estimate, error).max())
    limit = _critical(largest, lambda at: _ratio(*fit(at)).max(axis=1), places.at, keys, alpha, seed, len(pairs))
    return {pair: (float(estimate[p]), float(limit * error[p])) for p, pair in enumerate(pairs)}


def _fit(given: Products, pairs: Sequence[tuple[int, int]], k: int, free: int) -> tuple[Floats, Floats]:
    """Differences between k places and their standard errors (m, pairs) for m dealings."""
    own, with_rest, whole = given
    cross = np.linalg.pinv(own, rcond=1e-9, hermitian=True)
    effect = np.einsum("mkl,ml->mk", cross, with_rest)
    left = np.maximum(whole - np.einsum("mk,mk->m", effect, with_rest), FLAT * whole) / free
    contrasts = np.array([[(level == j) - (level == i) for level in range(1, k)] for i, j in pairs], float)
    spread = np.einsum("pk,mkl,pl->mp", contrasts, cross, contrasts)
    # A pair that no chain of blocks joins cannot be estimated; the inverse would give it some number all the same.
    beyond = contrasts[None] - np.einsum("pk,mkl,mlj->mpj", contrasts, cross, own)
    unknown = np.abs(beyond).max(axis=2) > KNOWN
    return effect @ contrasts.T, np.where(unknown, np.inf, np.sqrt(np.maximum(spread, 0.0) * left[:, None]))


def _ratio(estimate: Floats, error: Floats) -> Floats:
    """Size in standard errors; nought where a pair cannot be told apart at all."""
    return np.divide(np.abs(estimate), error, out=np.zeros_like(estimate), where=error > 0)


def _critical(
    ratio: float, largest: Callable[[NDArray[np.int64]], Floats], at: NDArray[np.int64], keys: Keys, alpha: float,
    seed: Sequence[int], pairs: int,
) -> float:  # fmt: skip
    """The ratio above which a dealing is one of the alpha rarest; infinite as soon as it is clear that ours is not.

    Of very many points the ratios are normal, and none is dealt.
    """
    if len(at) > MANY:
        return bonferroni(alpha, pairs)
    total = max(SHUFFLES, math.ceil(3 / alpha))
    rank = math.floor(alpha * (total + 1))
    rng = np.random.default_rng(list(seed))
    step = max(1, min(200, WORK // len(at)))
    top = np.empty(0)
    for start in range(0, total, step):
        drawn = np.argsort(keys(rng, min(step, total - start)), axis=1)
        top = np.sort(np.append(top, largest(at[drawn])))[::-1][:rank]
        if len(top) == rank and top[-1] >= ratio:
            return math.inf
    return float(top[-1])
