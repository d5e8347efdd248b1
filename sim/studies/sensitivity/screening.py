"""Screening: how far each of many parameters moves each output, at the price of a few hundred runs each.

An elementary effect is the change of an output over the change of one parameter, in units
of its whole range, the others standing anywhere (Morris 1991; mu* after Campolongo, Cariboni
& Saltelli 2007). Steps of flags and whole numbers are taken as they are, not as Morris's 2/3.
Beside it stands the plain look from the setting itself, one parameter at a time: what matters
there need not matter where everything is in doubt, and the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.stats.axes import Axis
from sim.stats.designs import Design
from sim.studies.sensitivity.point_means import SHARES

STREAM = 1  # of the bootstrap's draws


@dataclass(frozen=True)
class Screened:
    """Of every parameter (k) and output (o): mean effect, mean absolute effect with its interval, spread.

    `square` is the mean square effect freed of luck: the mean product of the effects in even and
    in odd replicates. It may fall below zero where there is nothing but luck; `drawn`
    (b, k, o) are its resamples. `moved` (k) with its
    interval is the share of crises that end otherwise when a parameter crosses its range: half the sum of
    mu* over the shares of all endings, the mean total variation distance.
    """

    names: tuple[str, ...]
    mu: np.ndarray
    mu_star: np.ndarray
    low: np.ndarray
    high: np.ndarray
    sigma: np.ndarray
    square: np.ndarray
    drawn: np.ndarray
    moved: np.ndarray
    moved_low: np.ndarray
    moved_high: np.ndarray


def places(axis: Axis, column: np.ndarray) -> np.ndarray:
    """Where values lie on their axis, from 0 to 1: on its scale, or by the order of its levels."""
    if axis.levels is not None:
        order = {level: i for i, level in enumerate(axis.levels)}
        return np.array([order[value] for value in column.tolist()]) / max(len(axis.levels) - 1, 1)
    assert axis.low is not None
    assert axis.high is not None
    if axis.scale == "log":
        return np.asarray(np.log(column / axis.low) / np.log(axis.high / axis.low))
    return np.asarray((column - axis.low) / (axis.high - axis.low))


def effects(design: Design, y: np.ndarray) -> np.ndarray:
    """Elementary effects (trajectories, k, outputs) of a Morris design with outputs y (n, outputs)."""
    k = len(design.axes)
    x = np.column_stack([places(axis, design.columns[axis.path]) for axis in design.axes])
    moves, changes = (np.diff(part.reshape(-1, k + 1, part.shape[1]), axis=1) for part in (x, y))
    which = np.argmax(np.abs(moves), axis=2)  # each step moves one parameter, each trajectory moves all
    step = np.take_along_axis(moves, which[:, :, None], axis=2)
    out = np.empty_like(changes)
    np.put_along_axis(out, which[:, :, None], changes / step, axis=1)
    return out


def screen(
    design: Design, means: np.ndarray, halves: np.ndarray, *, confidence: float, resamples: int, seed: int
) -> Screened:
    """Morris's measures with percentile intervals of mu* over resampled trajectories.

    Parameters
    ----------
    means : (n, outputs), the shares of all endings first; halves : (2, n, outputs), of even and of odd replicates
    """
    found = effects(design, means)
    even, odd = (effects(design, half) for half in halves)
    t = len(found)
    rng = np.random.default_rng([seed, STREAM])
    weights = rng.multinomial(t, np.full(t, 1 / t), size=resamples) / t
    stars, squares = (
        (weights @ part.reshape(t, -1)).reshape(resamples, *found.shape[1:]) for part in (np.abs(found), even * odd)
    )
    tail = (1 - confidence) / 2
    low, high = np.quantile(stars, [tail, 1 - tail], axis=0)
    ends = slice(0, len(SHARES))
    moved_low, moved_high = np.quantile(stars[:, :, ends].sum(axis=2) / 2, [tail, 1 - tail], axis=0)
    star = np.abs(found).mean(axis=0)
    return Screened(
        names=tuple(axis.path for axis in design.axes), mu=found.mean(axis=0), mu_star=star, low=low, high=high,
        sigma=found.std(axis=0, ddof=1) if t > 1 else np.zeros_like(star), square=(even * odd).mean(axis=0),
        drawn=squares, moved=star[:, ends].sum(axis=1) / 2, moved_low=moved_low, moved_high=moved_high,
    )  # fmt: skip


def nearby(design: Design, means: np.ndarray) -> dict[str, float]:
    """Share of crises that end otherwise where one axis alone leaves the base, at its most, by path.

    Parameters
    ----------
    design : one at a time, its base the first point; means : (n, outputs), the shares of all endings first
    """
    far = np.abs(means[:, : len(SHARES)] - means[0, : len(SHARES)]).sum(axis=1) / 2
    return {axis.path: float(far[design.extra["moved"] == axis.path].max(initial=0.0)) for axis in design.axes}


def pick(orders: Sequence[Sequence[int]], top: int) -> list[int]:
    """The first `top` places from several orders in turn, each once.

    >>> pick([[5, 1, 2], [1, 7, 5]], 4)
    [5, 1, 7, 2]
    """
    turns = [place for places in zip(*orders, strict=True) for place in places]
    return list(dict.fromkeys(turns))[:top]


def ranked(far: np.ndarray | Sequence[float]) -> list[int]:
    """Places of the parameters from the one that moves the endings most to the least."""
    return [int(i) for i in np.argsort(-np.asarray(far), kind="stable")]
