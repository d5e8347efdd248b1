"""Scores of probability forecasts over classes, their reliability, and a bootstrap over clusters.

Log loss and Brier score are proper: a forecaster can do no better than by saying what it
believes (Gneiting & Raftery 2007). Rows of one cluster share actors or memory, so clusters
and not rows are drawn again (Field & Welsh 2007).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

FLOOR = 1e-3  # least probability that is scored: what was called impossible costs 6.9 nats and not infinity
FEWEST = 5  # clusters that tell anything of chance
STREAM = 8101  # of bootstrap draws


def log_loss(chances: np.ndarray, truth: np.ndarray, floor: float = FLOOR) -> np.ndarray:
    """-ln of the probability given to what happened, row by row (nats); less than `floor` counts as `floor`.

    Parameters
    ----------
    chances : (n, k), each row sums to 1
    truth : (n,) codes 0..k-1
    """
    return -np.log(np.maximum(chances[np.arange(len(truth)), truth], floor))


def brier(chances: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Sum over the classes of (probability - what happened)^2, row by row: 0 best, 2 worst (Brier 1950)."""
    happened = np.zeros_like(chances)
    happened[np.arange(len(truth)), truth] = 1.0
    return np.sum((chances - happened) ** 2, axis=1)


def hits(chances: np.ndarray, truth: np.ndarray, places: int = 1) -> np.ndarray:
    """Chance that the truth is among the `places` likeliest classes, ties broken evenly, row by row.

    >>> hits(np.array([[0.5, 0.3, 0.2], [1 / 3, 1 / 3, 1 / 3]]), np.array([0, 1])).round(2).tolist()
    [1.0, 0.33]
    """
    own = chances[np.arange(len(truth)), truth][:, None]
    same = np.isclose(chances, own, rtol=0.0, atol=1e-12)
    above = np.sum((chances > own) & ~same, axis=1)
    return np.clip((places - above) / same.sum(axis=1), 0.0, 1.0)


def ranked(chances: np.ndarray, truth: np.ndarray, order: Sequence[int]) -> np.ndarray:
    """Ranked probability score over classes in `order`, row by row: far misses cost more (Epstein 1969); 0 to 1."""
    place = np.empty(len(order), int)
    place[list(order)] = np.arange(len(order))
    reached = np.cumsum(chances[:, list(order)], axis=1)
    happened = place[truth][:, None] <= np.arange(len(order))
    return np.sum((reached - happened)[:, :-1] ** 2, axis=1) / (len(order) - 1)


def crps_normal(mean: np.ndarray, sd: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score of normal forecasts, in the unit of the truth (Gneiting et al. 2005).

    sd (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)), z = (truth - mean) / sd

    >>> crps_normal(np.array([0.0]), np.array([1.0]), np.array([0.0])).round(4).tolist()
    [0.2337]
    """
    z = (truth - mean) / sd
    below = np.array([0.5 * (1.0 + math.erf(x / math.sqrt(2.0))) for x in z])
    density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    out: np.ndarray = sd * (z * (2.0 * below - 1.0) + 2.0 * density - 1.0 / math.sqrt(math.pi))
    return out


def reliability(
    chances: np.ndarray, truth: np.ndarray, edges: Sequence[float] = (0, 0.1, 0.2, 0.4, 1)
) -> list[dict[str, Any]]:
    """Each class of each row as one forecast: by bin of what was said, how often it happened.

    Entries: low, high, n, said (mean), happened (share; None where n = 0), `bar_low`, `bar_high`, the range of that
    share were the forecasts right (Broecker & Smith 2007, one ending drawn a row), 95 % for all bins together.
    """
    said = chances.ravel()
    came = (truth[:, None] == np.arange(chances.shape[1])).ravel()
    rng, times = np.random.default_rng([STREAM, 1]), 4000
    drawn = np.array([rng.choice(len(row), times, p=row / row.sum()) for row in chances])  # (n, times)
    rows = np.arange(len(chances))[:, None]
    tail = 0.05 / (2 * (len(edges) - 1))
    out = []
    for low, high in pairwise(edges):
        inside = (said >= low) & ((said < high) | (high == edges[-1]))
        n = int(inside.sum())
        entry: dict[str, Any] = {"low": float(low), "high": float(high), "n": n, "said": None, "happened": None}
        if n:
            happens = inside.reshape(chances.shape)[rows, drawn].sum(axis=0) / n
            bars = np.quantile(happens, [tail, 1 - tail], method="inverted_cdf")
            entry |= {"said": float(said[inside].mean()), "happened": float(came[inside].mean())}
            entry |= {"bar_low": float(bars[0]), "bar_high": float(bars[1])}
        out.append(entry)
    return out


class Draws(NamedTuple):
    """Whole clusters drawn with replacement: `weights` (times, n) of the rows; `member` (n,), each row's cluster."""

    weights: np.ndarray
    member: np.ndarray


def resample(clusters: Sequence[str], times: int, seed: int) -> Draws:
    """Draws of as many clusters as there are."""
    names, member = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    rng = np.random.default_rng([seed, STREAM])
    drawn = rng.multinomial(len(names), np.full(len(names), 1.0 / len(names)), size=times)
    return Draws(drawn[:, member].astype(float), member)


def interval(
    values: np.ndarray, draws: Draws, level: float = 0.95, least: float = -math.inf, most: float = math.inf
) -> dict[str, float]:
    """Mean of row values, which lies from `least` to `most`, and its studentised bootstrap interval over clusters.

    With some twenty clusters of unlike size the plain percentiles of the drawn means miss twice as often as they say;
    dividing each by its own error mends that (Hall 1988; Cameron, Gelbach & Miller 2008). Three clusters and fewer
    have too few draws for it: there the interval is Student's.
    """
    weights, member = draws
    first = np.unique(member, return_index=True)[1]
    mean, error = (float(x[0]) for x in _means(values, np.ones((1, len(values))), member, first))
    means, errors = _means(values, weights, member, first)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(means == mean, 0.0, (means - mean) / errors)
    tail = (1 - level) / 2
    ends = np.quantile(t, [tail, 1 - tail], method="inverted_cdf")
    if not np.isfinite(ends).all():
        p = 1 - tail
        wide = math.tan(math.pi * (p - 0.5)) if len(first) < 3 else (2 * p - 1) * math.sqrt(2 / (4 * p * (1 - p)))
        ends = np.array([-wide, wide])
    low, high = max(mean - error * float(ends[1]), least), min(mean - error * float(ends[0]), most)
    value = float(values.mean())
    return {"value": value, "low": min(low, value), "high": max(high, value)}


def _means(
    values: np.ndarray, weights: np.ndarray, member: np.ndarray, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted means (times,) and their errors, clusters being the sample (Cochran 1977, section 6.4)."""
    times, clusters = weights[:, first], len(first)  # how often each cluster is in
    sums, sizes = np.bincount(member, values), np.bincount(member)
    total = times @ sizes
    means = (times @ sums) / total
    left = sums[None] - means[:, None] * sizes[None]
    return means, np.sqrt((times * left**2).sum(axis=1) * clusters / max(clusters - 1, 1)) / total


def paired(ours: np.ndarray, theirs: np.ndarray, draws: Draws, level: float = 0.95) -> dict[str, Any]:
    """Difference of losses ours - theirs on the same rows with its interval; `verdict` reads its sign.

    Verdicts: beats (whole interval below 0, of `FEWEST` clusters or more), does not beat (mean at or above 0), cannot
    tell.
    """
    entry: dict[str, Any] = interval(ours - theirs, draws, level)
    verdict = "does not beat" if entry["value"] >= 0.0 else "cannot tell"
    if draws.member.max() + 1 >= FEWEST and entry["high"] < 0.0:
        verdict = "beats"
    better = float(np.mean((draws.weights @ (ours - theirs)) < 0.0))
    return entry | {"verdict": verdict, "share_better": better}


def scores(chances: np.ndarray, truth: np.ndarray, draws: Draws, level: float = 0.95) -> dict[str, Any]:
    """All scores of one forecaster, each with its interval."""
    rows: Mapping[str, np.ndarray] = {
        "log_loss": log_loss(chances, truth), "brier": brier(chances, truth),
        "hits": hits(chances, truth), "hits_2": hits(chances, truth, 2),
    }  # fmt: skip
    most = {"log_loss": math.inf, "brier": 2.0}
    return {name: interval(values, draws, level, 0.0, most.get(name, 1.0)) for name, values in rows.items()}
