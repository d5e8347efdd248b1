"""Which of many tried changes are hinges, which of them is the smallest, and where hinges lie over many crises.

A tried decision is a row of the table of `sim.studies.hinge.deviations.deviations`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sim.model.state import N_OPTIONS, N_SEATS
from sim.stats.estimates import Z95, bonferroni, wilson
from sim.stats.pointwise import mcnemar

Table = Mapping[str, np.ndarray]
LEVEL = 0.05  # chance that whoever truly leads is told to be behind


def hinges(endings: np.ndarray, table: Table, least_chance: float) -> np.ndarray:
    """Rows (bool) that are hinges: another option ends the crisis otherwise, while obeying the own choice does not.

    The seat must itself have given the option at least `least_chance`.
    """
    other = table["ending"] != endings[table["crisis"]]
    own = table["option"] == table["chose"]
    # Rows come in fours, one an option: the own choice's row judges the three beside it.
    clean = np.repeat(~(other & own).reshape(-1, N_OPTIONS).any(axis=1), N_OPTIONS)
    found: np.ndarray = other & ~own & clean & (table["chance"] >= least_chance)
    return found


def smallest_first(table: Table, rows: np.ndarray) -> np.ndarray:
    """Places of some rows, the smallest change first.

    Nearest option (on the scale from hard to soft) before farther ones, then the later hour, since
    it leaves more of the crisis as it was, then the likelier option, then the seat's place.
    """
    at = np.flatnonzero(rows)
    apart = np.abs(table["option"] - table["chose"])[at]
    order = np.lexsort((table["seat"][at], -table["chance"][at], -table["step"][at], apart))
    return at[order]


class Chart(NamedTuple):
    """Decisions by seat and hour (8, bins): how many were taken, and how many of them were hinges."""

    taken: np.ndarray
    turned: np.ndarray
    width_h: float


def chart(table: Table, rows: np.ndarray, dt: float, width_h: float) -> Chart:
    """Decisions taken and hinges among them by seat and by stretches of `width_h` hours."""
    width = max(round(width_h / dt), 1)
    decision = slice(None, None, N_OPTIONS)
    bins = table["step"][decision] // width
    shape = (N_SEATS, int(bins.max()) + 1 if len(bins) else 1)
    taken, turned = np.zeros(shape, int), np.zeros(shape, int)
    np.add.at(taken, (table["seat"][decision], bins), 1)
    np.add.at(turned, (table["seat"][decision], bins), rows.reshape(-1, N_OPTIONS).any(axis=1))
    return Chart(taken, turned, width * dt)


def by_run(turned: np.ndarray, run: np.ndarray) -> dict[str, float | int]:
    """Share of decisions (n,) that turned, with a 95 % interval that knows which `run` (n,) each belongs to.

    Decisions of one run hang together, so runs, not decisions, are the sample: the ratio estimator's
    linearised variance (Cochran 1977, section 6.4). With no or all decisions turned the interval is
    Wilson's over the runs.
    """
    n, count = len(turned), int(turned.sum())
    if n == 0:
        return {"share": float("nan"), "low": 0.0, "high": 1.0, "count": 0, "n": 0}
    share, runs = count / n, len(np.unique(run))
    if count in (0, n):
        low, high = wilson(runs if count else 0, runs)
        return {"share": share, "low": low, "high": high, "count": count, "n": n}
    left = np.bincount(run, weights=turned - share)
    half = Z95 * float(np.sqrt((left**2).sum() * runs / max(runs - 1, 1))) / n
    return {"share": share, "low": max(share - half, 0.0), "high": min(share + half, 1.0), "count": count, "n": n}


class Lead(NamedTuple):
    """The one with the largest share, and those that chance may have put behind it: none where its lead is settled."""

    first: str
    level: list[str]


def lead_of_seats(turned: Mapping[str, np.ndarray], run: Mapping[str, np.ndarray]) -> Lead | None:
    """Whose decisions turned most often, from `turned` (n,) and the `run` (n,) of each decision, by seat.

    The leader is picked after looking, so it is told from each other seat by a difference whose error knows the runs
    that both share, at 5 % over all of them (Bonferroni): that the true first is it or one of `level` has a chance of
    95 % (Hsu 1996, multiple comparisons with the best). None where nothing turned.
    """
    there = {name: flags for name, flags in turned.items() if len(flags)}
    if not any(flags.any() for flags in there.values()):
        return None
    first = max(there, key=lambda name: float(there[name].mean()))
    others = [name for name in there if name != first]
    bound = bonferroni(LEVEL, len(others))
    level = [name for name in others if not _ahead(there[first], run[first], there[name], run[name], bound)]
    return Lead(first, level)


def _ahead(a: np.ndarray, run_a: np.ndarray, b: np.ndarray, run_b: np.ndarray, bound: float) -> bool:
    """Whether the share of `a` is above that of `b` by more than `bound` errors, runs being the sample."""
    runs, of = np.unique(np.concatenate([run_a, run_b]), return_inverse=True)
    left = np.bincount(of[: len(a)], (a - a.mean()) / len(a), len(runs))
    left -= np.bincount(of[len(a) :], (b - b.mean()) / len(b), len(runs))
    count = len(runs)
    # As if one run more had turned one decision on each side: a spread of nought is no certainty.
    square = (left**2).sum() * count / max(count - 1, 1) + (1 / len(a)) ** 2 + (1 / len(b)) ** 2
    return bool(a.mean() - b.mean() > bound * np.sqrt(square))


def lead_of_numbers(flipped: Mapping[str, np.ndarray]) -> Lead | None:
    """Which number flips most runs, from its flags (runs,): told from each other by McNemar's test, as for seats."""
    counts = {path: int(flags.sum()) for path, flags in flipped.items()}
    if not any(counts.values()):
        return None
    first = max(counts, key=counts.__getitem__)
    others = [path for path in flipped if path != first]
    mine, alpha = flipped[first], LEVEL / max(len(others), 1)
    level = [
        path for path in others
        if mcnemar(int(np.sum(mine & ~flipped[path])), int(np.sum(flipped[path] & ~mine))) >= alpha
    ]  # fmt: skip
    return Lead(first, level)


def size(own: float, value: float, low: float, high: float) -> float:
    """A change of a number as a share of its plausible range.

    >>> size(5.0, 6.0, 4.0, 8.0)
    0.25
    """
    return abs(value - own) / (high - low)


def shortest(same: float, value: float, room: float) -> list[str]:
    """Decimals for a value just beyond a flip, shortest first: no nearer than it, and at most `room` farther.

    >>> shortest(0.7042969, 0.7042643, 0.01)[0]
    '0.7'
    """
    out = []
    sign = 1.0 if value > same else -1.0
    for digits in range(17):
        step = 10.0**-digits
        far = np.ceil(value / step) if sign > 0 else np.floor(value / step)
        text = f"{far * step:.{digits}f}"
        if 0.0 <= sign * (float(text) - value) <= room:
            out.append(text)
    return [*out, repr(value)]
