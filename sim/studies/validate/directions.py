"""Directions that should hold when one thing is changed, and whether they hold under every way of choosing.

The directions are data (conf/patterns/directions.yaml); here they are measured: the mean of a measure in a scenario
less that in the reference, crisis by crisis under common luck, with intervals that hold together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.catalog import option
from sim.errors import ConfigurationError
from sim.model.state import ENDINGS, Ending
from sim.stats import sequential

Table = Mapping[str, NDArray[Any]]
Measure = Callable[[Table], NDArray[np.float64]]
HOLDS, AGAINST, OPEN = "holds", "contradicted", "undecided"
LEAST = 30  # runs on either side before the means among an ending are compared
COLUMNS = ("outcome", "duration_h", "closest_km", "deaths", "authority", "terms", "deal_kept")  # of a run table


@dataclass(frozen=True)
class Direction:
    """In `scenario` the mean of `measure` moves from the reference's in the direction of `sign`.

    `among` restricts it to runs of one ending; `fails` says what was found where the sign does not hold.
    """

    scenario: str
    what: str
    measure: str
    sign: int
    among: str | None = None
    fails: str = ""


@dataclass(frozen=True)
class Juror:
    """A way of choosing: a doctrine for every seat, and numbers on top; a control is shown and not counted."""

    name: str
    about: str
    doctrine: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    control: bool = False


def directions() -> list[Direction]:
    """The rows of conf/patterns/directions.yaml; ConfigurationError for a measure that does not exist."""
    found = [Direction(**row) for row in option("patterns", "directions")["directions"]]
    for row in found:
        measure(row.measure)
    return found


def reference() -> str:
    """The scenario that directions start from."""
    return str(option("patterns", "directions")["reference"])


def jurors() -> list[Juror]:
    """The ways of choosing of conf/patterns/directions.yaml; the first is the default."""
    return [Juror(name=name, **entry) for name, entry in option("patterns", "directions")["jury"].items()]


def _granted(table: Table) -> NDArray[np.float64]:
    """Worth to the leader of what was granted in the end, 0 without a deal or concession (stake)."""
    return np.nan_to_num(table["terms"])


def _home_early(table: Table) -> NDArray[np.float64]:
    """Stood down within the first twelve hours."""
    return np.asarray((table["outcome"] == Ending.REBELS_COLLAPSE) & (table["duration_h"] < 12.0), float)


def _kept(table: Table) -> NDArray[np.float64]:
    """A deal was made and kept through the last week."""
    return np.asarray(table["deal_kept"] == 1, float)


def _column(name: str) -> Measure:
    return lambda table: np.asarray(table[name], float)


MEASURES: dict[str, Measure] = {
    "granted": _granted, "home_early": _home_early, "kept": _kept,
    **{name: _column(name) for name in ("duration_h", "closest_km", "deaths", "authority")},
}  # fmt: skip


def measure(name: str) -> Measure:
    """A measure by name: one of MEASURES, or an ending, or endings joined by + (the share that ends so)."""
    if name in MEASURES:
        return MEASURES[name]
    parts = name.split("+")
    if not set(parts) <= set(ENDINGS):
        raise ConfigurationError(
            f"there is no measure {name!r}; known: {', '.join(MEASURES)}, and endings joined by +, such as "
            f"{ENDINGS[0]}+{ENDINGS[1]}."
        )
    codes = [ENDINGS.index(part) for part in parts]
    return lambda table: np.isin(table["outcome"], codes).astype(float)


def judged(row: Direction, other: Table, usual: Table, alpha: float) -> dict[str, Any]:
    """Difference of a direction's measure, an interval that misses with chance `alpha`, and the verdict on its sign.

    Tables are of the same replicates. Pairs are compared under common luck; among an ending the runs differ,
    so the interval is that of two independent means, which common luck makes too wide rather than too narrow.
    """
    of = measure(row.measure)
    if row.among is None:
        gap, half = _paired(of(usual), of(other), alpha)
        low, high = gap - half[0], gap + half[1]
    else:
        code = ENDINGS.index(row.among)
        gap, wide = _apart(of(usual)[usual["outcome"] == code], of(other)[other["outcome"] == code], alpha)
        low, high = gap - wide, gap + wide
    return {"difference": gap, "low": low, "high": high, "verdict": verdict(row.sign, low, high)}


def verdict(sign: int, low: float, high: float) -> str:
    """`holds` when the interval leaves out zero on the expected side, `contradicted` on the other.

    >>> verdict(-1, -0.2, -0.1), verdict(1, -0.2, -0.1), verdict(1, -0.1, 0.2), verdict(1, float("nan"), float("nan"))
    ('holds', 'contradicted', 'undecided', 'undecided')
    """
    way = 1 if low > 0 else -1 if high < 0 else 0
    return OPEN if way == 0 else HOLDS if way == sign else AGAINST


def _paired(a: NDArray[np.float64], b: NDArray[np.float64], alpha: float) -> tuple[float, tuple[float, float]]:
    """Mean of b - a and how far the interval reaches below and above; flags exactly, numbers by the normal limit."""
    gap, n = b - a, len(a)
    mean = float(gap.mean())
    if set(np.unique(gap)) <= {-1.0, 0.0, 1.0}:
        low, high = sequential.share_interval(np.sum(gap > 0), np.sum(gap < 0), n, alpha)
        return mean, (mean - float(low), float(high) - mean)
    if np.count_nonzero(gap) < sequential.LEAST_PAIRS:
        return mean, (math.nan, math.nan)
    half = float(sequential.mean_half_width(gap.std(), n, alpha, n))
    return mean, (half, half)


def _apart(a: NDArray[np.float64], b: NDArray[np.float64], alpha: float) -> tuple[float, float]:
    """Difference of two means of unlike runs and its half-width (Welch); nan where one side has too few."""
    if min(len(a), len(b)) < LEAST:
        return math.nan, math.nan
    spread = math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    return float(b.mean() - a.mean()), NormalDist().inv_cdf(1 - alpha / 2) * spread


def stamp(cells: Mapping[str, Mapping[str, Any]], jury: Sequence[Juror]) -> dict[str, int]:
    """Of how many jurors a direction holds, is contradicted, is undecided; controls left out."""
    found = [cells[juror.name]["verdict"] for juror in jury if not juror.control]
    return {name: found.count(name) for name in (HOLDS, AGAINST, OPEN)} | {"of": len(found)}


def kendall_tau(a: Sequence[float], b: Sequence[float]) -> float:
    """Kendall's tau-b of two rankings of the same things; nan where one has ties only (Kendall 1945).

    >>> kendall_tau([1, 2, 3], [1, 2, 3]), kendall_tau([1, 2, 3], [3, 2, 1])
    (1.0, -1.0)
    """
    x, y = (np.sign(np.subtract.outer(np.asarray(v, float), np.asarray(v, float))) for v in (a, b))
    size = math.sqrt(float((x**2).sum()) * float((y**2).sum()))
    return float((x * y).sum()) / size if size else math.nan


def order(flags: NDArray[np.bool_], alpha: float) -> NDArray[np.int64]:
    """Settled order of k shares from flags (k, n) of the same replicates: (k, k), 1 where i is above j, 0 if open."""
    table, n = flags.astype(np.int64), flags.shape[1]
    both = table @ table.T
    only = table.sum(axis=1)[:, None] - both  # runs that count for i and not for j
    low, high = sequential.share_interval(only, only.T, n, alpha)
    return np.where(low > 0, 1, np.where(high < 0, -1, 0))


Flags = Mapping[str, NDArray[np.bool_]]


def ranking(flags: Flags, usual: Flags, alpha: float) -> dict[str, Any]:
    """How one juror ranks things by a share, against the default's ranking.

    Returns order (highest first), shares, tau, and pairs: settled under the default, agree and against under both.
    """
    names = list(usual)
    once = np.triu_indices(len(names), 1)
    shares, before = ({name: float(np.mean(of[name])) for name in names} for of in (flags, usual))
    mine, theirs = (order(np.array([of[name] for name in names]), alpha)[once] for of in (flags, usual))
    return {
        "order": sorted(names, key=lambda name: -shares[name]), "shares": shares,
        "tau": kendall_tau([shares[name] for name in names], [before[name] for name in names]),
        "settled": int(np.count_nonzero(theirs)), "agree": int(np.sum((mine * theirs) == 1)),
        "against": int(np.sum((mine * theirs) == -1)),
    }  # fmt: skip
