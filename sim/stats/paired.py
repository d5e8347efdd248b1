"""Two settings under common luck: differences in every share and mean, with intervals; numpy only.

Replicate i meets the same luck in both settings, so each difference is taken within pairs: other - reference.
`low` and `high` hold for all differences of a comparison together, at whatever size it stops.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.model.state import ENDINGS
from sim.stats import sequential
from sim.stats.pointwise import bootstrap, mcnemar, mean_test, paired_share_interval

Table = Mapping[str, NDArray[Any]]
Entry = dict[str, Any]


class Measure(NamedTuple):
    """What is compared, over all runs: a flag (its share) or a number (its mean)."""

    unit: str
    about: str


SHARES: dict[str, Measure] = {name: Measure("share", f"runs that end in {name}") for name in ENDINGS} | {
    "deal_kept": Measure("share", "runs in which a deal is made and kept through the last week"),
    "mediator_in": Measure("share", "runs in which the mediator reaches the leader"),
    "battle": Measure("share", "runs with a battle at the line or in the capital"),
}
MEANS: dict[str, Measure] = {
    "duration_h": Measure("h", "mean duration"),
    "closest_km": Measure("km", "mean of the smallest distance from the capital"),
    "deaths": Measure("men", "mean number of killed, all sides"),
    "casualties_rebels": Measure("men", "mean ground casualties of the rebels"),
    "casualties_state": Measure("men", "mean ground casualties of the state"),
    "authority": Measure("share", "mean of the ruler's standing at the end"),
}
MEASURES = SHARES | MEANS


@dataclass(frozen=True)
class Terms:
    """What an interval needs to know of the study it belongs to.

    Parameters
    ----------
    level : chance that all intervals hold
    pairs : pairs of settings compared
    planned : size of the first look; the intervals of means are narrowest there
    """

    level: float
    pairs: int
    planned: int

    @property
    def alpha(self) -> float:
        """Error of one interval: Bonferroni's share of what is allowed to all."""
        return (1 - self.level) / (self.pairs * len(MEASURES))


def kept(runs: Table) -> dict[str, NDArray[Any]]:
    """The columns of a run table that a comparison needs: outcome, a flag for each further share, the numbers."""
    flags = {
        "deal_kept": runs["deal_kept"] == 1,
        "mediator_in": ~np.isnan(runs["mediator_entered_h"]),
        "battle": runs["battle"] > 0,
    }
    numbers = {name: np.asarray(runs[name], float) for name in MEANS}
    return {"outcome": np.asarray(runs["outcome"], np.int8), **flags, **numbers}


def flag(table: Table, name: str) -> NDArray[np.bool_]:
    """Which runs of a `kept` table count towards a share."""
    return np.asarray(table["outcome"] == ENDINGS.index(name) if name in ENDINGS else table[name], bool)


def same(a: Table, b: Table) -> bool:
    """Whether two tables agree in every run and column, to the last bit."""
    return all(a[name].tobytes() == b[name].tobytes() for name in a)


def differences(a: Table, b: Table, terms: Terms, *, identical: bool = False) -> dict[str, Entry]:
    """Every difference b - a between two `kept` tables of the same replicates, by measure.

    `identical` says that the two settings are one: zero is then known, not estimated.
    An entry has reference, other, difference, low, high, settled, direction, unit, p_anytime and variance_reduction.
    """
    found = share_differences({name: (flag(a, name), flag(b, name)) for name in SHARES}, terms)
    found |= {name: mean_difference(a[name], b[name], terms) for name in MEANS}
    for name, entry in found.items():
        if identical:
            entry |= {"low": 0.0, "high": 0.0}
        way = "equal" if identical else "higher" if entry["low"] > 0 else "lower" if entry["high"] < 0 else "open"
        entry |= {"settled": way != "open", "direction": way, "unit": MEASURES[name].unit}
    return found


def share_differences(
    flags: Mapping[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]], terms: Terms
) -> dict[str, Entry]:
    """Differences of shares over the same replicates; `plus` and `minus` count the pairs that differ."""
    n = len(next(iter(flags.values()))[0])
    plus = np.array([np.count_nonzero(b & ~a) for a, b in flags.values()])
    minus = np.array([np.count_nonzero(a & ~b) for a, b in flags.values()])
    low, high = sequential.share_interval(plus, minus, n, terms.alpha)
    p = sequential.share_p(plus, minus)
    found = {}
    for i, (name, (a, b)) in enumerate(flags.items()):
        found[name] = {
            "reference": float(np.mean(a)), "other": float(np.mean(b)), "difference": float(plus[i] - minus[i]) / n,
            "low": float(low[i]), "high": float(high[i]), "p_anytime": float(p[i]),
            "variance_reduction": variance_reduction(a.astype(float), b.astype(float)),
            "plus": int(plus[i]), "minus": int(minus[i]),
        }  # fmt: skip
    return found


def mean_difference(a: NDArray[np.float64], b: NDArray[np.float64], terms: Terms) -> Entry:
    """Difference of two means over the same replicates; low and high are nan where too few pairs differ.

    Raises ValueError for a number that is not finite: means are over all runs, and nan would hide some.
    """
    gap = b - a
    if not np.isfinite(gap).all():
        raise ValueError("a mean over all runs needs a finite number in each")
    n, mean, sd, unlike = len(gap), float(gap.mean()), float(gap.std()), int(np.count_nonzero(gap))
    half, p = math.nan, 1.0
    if unlike >= sequential.LEAST_PAIRS:
        half = float(sequential.mean_half_width(sd, n, terms.alpha, terms.planned))
        p = float(sequential.mean_p(mean, sd, n, terms.alpha, terms.planned))
    return {
        "reference": float(a.mean()), "other": float(b.mean()), "difference": mean, "low": mean - half,
        "high": mean + half, "p_anytime": p, "variance_reduction": variance_reduction(a, b), "differ": unlike,
        "sd": sd,
    }  # fmt: skip


def variance_reduction(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    """How many times as many independent runs would be as sure: (var a + var b) / var(b - a); None if no pair differs.

    Source: common random numbers; Glasserman & Yao 1992, Management Science 38, 884-908.
    """
    together = float((b - a).var())
    return float(a.var() + b.var()) / together if together > 0 else None


def add_pointwise(found: dict[str, Entry], a: Table, b: Table, seed: int) -> None:
    """Add `pointwise` (95 %) and `p` to each difference; both are only right at a size fixed beforehand."""
    n = len(a["outcome"])
    intervals = bootstrap(np.column_stack([b[name] - a[name] for name in MEANS]), seed)
    for name, entry in found.items():
        if name in SHARES:
            low, high = paired_share_interval(entry["plus"], entry["minus"], n)
            entry["p"] = mcnemar(entry["plus"], entry["minus"])
        else:
            low, high = (float(end) for end in intervals[:, list(MEANS).index(name)])
            entry["p"] = mean_test(entry["difference"], entry["sd"], n)
        if entry["direction"] == "equal":
            low = high = 0.0
        entry["pointwise"] = {"low": low, "high": high}


def transitions(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.int64]:
    """Pairs by ending (6, 6): row of the reference's run, column of the other."""
    six = len(ENDINGS)
    return np.bincount(a.astype(np.int64) * six + b, minlength=six * six).reshape(six, six)


def more_for_direction(entry: Entry, n: int, terms: Terms) -> int | None:
    """Further pairs until a difference that stays as it is leaves out zero; None where none is in sight."""
    if entry["difference"] == 0 or math.isnan(entry["low"]):
        return None

    def settled(size: float) -> bool:
        if "plus" in entry:
            p = sequential.share_p(entry["plus"] * size / n, entry["minus"] * size / n)
        else:
            p = sequential.mean_p(entry["difference"], entry["sd"], size, terms.alpha, terms.planned)
        return bool(p < terms.alpha)

    return sequential.more_needed(n, settled)


def more_for_precision(entry: Entry, n: int, terms: Terms, precision: float) -> int | None:
    """Further pairs until the interval of a share's difference is no wider than +- precision."""

    def narrow(size: float) -> bool:
        low, high = sequential.share_interval(entry["plus"] * size / n, entry["minus"] * size / n, size, terms.alpha)
        return half_width(float(low), float(high)) <= precision

    return sequential.more_needed(n, narrow)


def half_width(low: float, high: float) -> float:
    """Half of an interval's width."""
    return (high - low) / 2


def ranking(labels: Sequence[str], ways: Mapping[tuple[str, str], str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Order from most to least, as far as settled directions carry it, and the neighbours whose order is open.

    `ways` gives for (reference, other) whether the other is "higher", "lower", "equal" (one setting) or "open".
    """
    above = {(other, one) for (one, other), way in ways.items() if way == "higher"}
    above |= {(one, other) for (one, other), way in ways.items() if way == "lower"}
    same = ties(labels, ways)
    for middle in labels:  # what is above or the same as what is above or the same is above, unless it is the same
        near = above | same
        above |= {(x, y) for x in labels for y in labels if (x, middle) in near and (middle, y) in near} - same
    order = sorted(labels, key=lambda x: -sum((x, y) in above for y in labels))
    return order, [(x, y) for x, y in pairwise(order) if (x, y) not in above | same]


def ties(labels: Sequence[str], ways: Mapping[tuple[str, str], str]) -> set[tuple[str, str]]:
    """Pairs, in both orders, that are one setting: told so, or both the same as a third."""
    equal = [pair for pair, way in ways.items() if way == "equal"]
    same = {(x, x) for x in labels} | {*equal} | {pair[::-1] for pair in equal}
    for middle in labels:
        same |= {(x, y) for x in labels for y in labels if (x, middle) in same and (middle, y) in same}
    return same


def direction(entry: Mapping[str, Any]) -> str:
    """Direction of a difference as written down, or as its interval has it: higher, lower, equal or open."""
    low, high = entry["low"], entry["high"]
    return str(
        entry.get("direction")
        or ("higher" if low is not None and low > 0 else "lower" if high is not None and high < 0 else "open")
    )


def in_words(entry: Mapping[str, Any]) -> str:
    """Whether a difference may be claimed, in a word or two: its direction, or only how small it is.

    >>> in_words({"direction": "open", "settled": True, "low": -0.004, "high": 0.006})
    'to ±0.5 points'
    """
    way = direction(entry)
    if way != "open":
        return {"equal": "equal", "higher": "yes, higher", "lower": "yes, lower"}[way]
    return f"to ±{100 * half_width(entry['low'], entry['high']):.2g} points" if entry["settled"] else "not settled"
