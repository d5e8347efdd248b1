"""How runs fare on the patterns of a case: hits, bands, verdicts, totals by weight, joint hits.

A run hits when its quantity is in range and the rest holds; the ensemble covers the fact when at least a tenth of
all runs lie on either side of it. A run without the quantity is a miss and lies on no side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.patterns.patterns import READ, Book, Evidence, Pattern, Reading, everywhere
from sim.stats.estimates import Z95, bonferroni, wilson
from sim.stats.outcomes import share

BAND = (0.10, 0.90)  # the ensemble's 80 % band
HOLDS, PARTLY, MISSES = "holds", "partly", "misses"

MARGIN = 0.05  # of the weight: less is no difference to speak of, as the accepted ranges are judgement


def hits(pattern: Pattern, reading: Reading) -> NDArray[np.bool_]:
    """Runs (n,) that show a pattern; a run without the quantity does not."""
    inside = (reading.value >= pattern.low) & (reading.value <= pattern.high)  # nan is in no range
    return np.asarray(inside & reading.also, bool)


def score(pattern: Pattern, e: Evidence) -> dict[str, Any]:
    """How a pattern fares over these runs.

    Returns hit_share with its Wilson interval (low, high) over all runs; `told`, the share of runs that have the
    quantity; the 80 % band and the median over those; `covers`, whether at least a tenth of all runs lie on either
    side of the central value or at it (where all runs have the quantity, the band covers it); the verdict, and whether
    chance may have set it (`near`).
    Ends of the band are inf where "never" is that common, nan without any run.
    """
    reading = READ[pattern.id](e)
    shown = share(hits(pattern, reading))
    value = reading.value[~np.isnan(reading.value)]
    band, middle = _quantile(value, BAND), _quantile(value, (0.5,))[0]
    n, tenth = len(reading.value), BAND[0]
    sides = np.count_nonzero(value <= pattern.central), np.count_nonzero(value >= pattern.central)
    covers = bool(n > 0 and min(sides) >= tenth * n)
    return {
        "hit_share": shown["share"], "low": shown["low"], "high": shown["high"], "n": shown["n"],
        "told": len(value) / n if n else 0.0, "median": middle,
        "band80": band, "covers": covers, "verdict": verdict(shown["share"], covers),
        "near": near(shown, int(min(sides))),
    }  # fmt: skip


def near(shown: Mapping[str, Any], fewer: int) -> bool:
    """Whether a threshold of the verdict lies within an interval: half of the runs that hit, a tenth on either side."""
    if not shown["n"]:
        return False
    low, high = wilson(fewer, shown["n"])
    return bool(shown["low"] < 0.5 <= shown["high"] or low < BAND[0] <= high)


def _quantile(value: NDArray[np.float64], at: Sequence[float]) -> list[float]:
    """Quantiles as values that occur, which leaves "never" (inf) whole; nan of nothing."""
    if not len(value):
        return [math.nan] * len(at)
    return [float(x) for x in np.quantile(value, at, method="inverted_cdf")]


def verdict(hit_share: float, covers: bool) -> str:
    """`holds` when the band covers the fact and at least half of the runs hit, `partly` when only one is so."""
    return (MISSES, PARTLY, HOLDS)[int(covers) + int(hit_share >= 0.5)]


def joint(of: Book, e: Evidence) -> dict[str, Any]:
    """Runs that show all patterns of `of.joint` at once: share, Wilson interval, counts."""
    together = everywhere(e)
    for name in of.joint:
        together &= hits(of.patterns[name], READ[name](e))
    return share(together)


def scored(of: Book, e: Evidence, among: NDArray[np.bool_] | None = None) -> dict[str, dict[str, Any]]:
    """`score` of every represented pattern, over all runs or over those of `among` (n,)."""
    part = e if among is None else {name: values[among] for name, values in e.items()}
    return {name: score(pattern, part) for name, pattern in of.patterns.items() if pattern.represented}


def total(of: Book, scores: Mapping[str, Mapping[str, Any]], use: str, *, unseen: bool = False) -> dict[str, Any]:
    """Weighted totals over the patterns of one use that count (inputs and what is not represented do not).

    `covered` and `hit_share` are shares of the weight; `strict` puts patterns that are not represented in as
    misses. With `unseen`, only patterns that were not in view when numbers were set.
    """
    mine = [p for p in of.patterns.values() if p.use == use and not p.given and not (unseen and p.seen)]
    told = [p for p in mine if p.counts]
    weight, every = sum(p.weight for p in told), sum(p.weight for p in mine)
    covered = sum(p.weight for p in told if scores[p.id]["covers"])
    hit = sum(p.weight * scores[p.id]["hit_share"] for p in told if not math.isnan(scores[p.id]["hit_share"]))
    return {
        "patterns": len(told), "absent": len(mine) - len(told), "weight": weight,
        "covers": sum(scores[p.id]["covers"] for p in told),
        "holds": sum(scores[p.id]["verdict"] == HOLDS for p in told),
        "covered": covered / weight if weight else math.nan, "hit_share": hit / weight if weight else math.nan,
        "covered_strict": covered / every if every else math.nan,
        "hit_share_strict": hit / every if every else math.nan,
    }  # fmt: skip


def weighted(of: Book, e: Evidence, use: str) -> dict[str, float]:
    """95 % interval (hit_low, hit_high) of the weighted hit share of one use, from the scores of single runs."""
    own = by_run(of, e, use)
    if own is None or len(own) < 2:
        return {"hit_low": math.nan, "hit_high": math.nan}
    mean, half = float(np.mean(own)), _half_width(own)
    return {"hit_low": mean - half, "hit_high": mean + half}


def by_run(of: Book, e: Evidence, use: str) -> NDArray[np.float64] | None:
    """Share of the weight of one use's patterns that each run (n,) hits; None without such patterns."""
    mine = [p for p in of.patterns.values() if p.use == use and p.counts]
    if not mine:
        return None
    told = sum(p.weight * hits(p, READ[p.id](e)) for p in mine) / sum(p.weight for p in mine)
    return np.asarray(told, float)


def _half_width(values: NDArray[np.float64], errors: float = Z95) -> float:
    return errors * float(np.std(values, ddof=1)) / math.sqrt(len(values))


def ahead(ours: NDArray[np.float64], theirs: NDArray[np.float64], compared: int) -> dict[str, float]:
    """Difference of the weight hit by two models' runs of the same luck, ours - theirs, with its interval.

    `low` and `high` hold for all `compared` rivals together (95 %, Bonferroni); nan of fewer than two runs.
    """
    gap = ours - theirs
    half = math.nan
    if len(gap) > 1:
        half = _half_width(gap, bonferroni(0.05, compared))
    return {"gap": float(gap.mean()), "low": float(gap.mean()) - half, "high": float(gap.mean()) + half}
