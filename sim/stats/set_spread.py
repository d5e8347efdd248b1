"""Luck and doubt apart: how far the ending of a run hangs on its set of numbers, and how far on its luck."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.model.state import ENDINGS

RESAMPLES = 1000
MIDDLE = (0.025, 0.975)


def over_sets(outcome: NDArray[Any], which: NDArray[np.int64], m: int, seed: int) -> dict[str, dict[str, float | None]]:
    """Shares of the endings over runs whose numbers come from m sets.

    Parameters
    ----------
    outcome, which : (n,) ending and set of each run; which counts from 0 below m

    Returns by ending: `share`; `low`, `high`, its 95 % interval from resampling whole sets, so that runs of one
    set do not pass for independent ones; `sets_low`, `sets_high`, between which the shares of 95 % of the sets
    lie, luck taken out; `explained`, the part of a single run's variance that is between sets (one-way random
    effects, Searle et al. 1992). What cannot be told from fewer than two runs a set is None.
    """
    runs = np.bincount(which, minlength=m).astype(float)
    rng = np.random.default_rng([seed, 21])
    drawn = rng.integers(0, m, (RESAMPLES, m))
    met = runs[drawn].sum(axis=1)
    return {
        name: _one(np.bincount(which[outcome == code], minlength=m).astype(float), runs, drawn, met)
        for code, name in enumerate(ENDINGS)
    }


def _one(
    counts: NDArray[np.float64], runs: NDArray[np.float64], drawn: NDArray[np.int64], met: NDArray[np.float64]
) -> dict[str, float | None]:
    n, used = runs.sum(), runs > 0
    share = counts.sum() / n
    means = counts[drawn].sum(axis=1)[met > 0] / met[met > 0]
    low, high = np.quantile(means, MIDDLE)
    found: dict[str, float | None] = {"share": float(share), "low": float(low), "high": float(high)}
    m = int(used.sum())
    if m < 2 or n < 2 * m:
        return found | {"sets_low": None, "sets_high": None, "explained": None}
    own, size = counts[used] / runs[used], runs[used]
    within = float((size * own * (1.0 - own)).sum() / (n - m))
    typical = (n - (size**2).sum() / n) / (m - 1)
    between = max(float((size * (own - share) ** 2).sum() / (m - 1) - within) / typical, 0.0)
    # Shares of few runs scatter by luck too; drawn in until their spread is that between sets alone.
    spread = float(own.var(ddof=1))
    true = share + (own - share) * np.sqrt(min(between / spread, 1.0) if spread else 0.0)
    sets_low, sets_high = np.clip(np.quantile(true, MIDDLE), 0.0, 1.0)
    whole = between + within
    return found | {
        "sets_low": float(sets_low), "sets_high": float(sets_high), "explained": between / whole if whole else 0.0,
    }  # fmt: skip
