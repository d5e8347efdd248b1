"""The closing table: shares of the six endings with intervals, medians, and how deals fared."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.model.state import CHANNELS, ENDINGS, ITEMS, Ending
from sim.stats.estimates import Z95, wilson

MEDIANS = ("duration_h", "closest_km", "deaths")


def median_interval(values: np.ndarray, z: float = Z95) -> dict[str, float | int | None]:
    """Median with its distribution-free 95 % interval from order statistics; None where there is no value."""
    kept = np.sort(values[~np.isnan(values)])
    n = len(kept)
    if n == 0:
        return {"median": None, "low": None, "high": None, "n": 0}
    spread = z * n**0.5 / 2
    low, high = max(int(np.floor(n / 2 - spread)), 0), min(int(np.ceil(n / 2 + spread)), n - 1)
    return {"median": float(np.median(kept)), "low": float(kept[low]), "high": float(kept[high]), "n": n}


def share(flags: np.ndarray) -> dict[str, float | int]:
    """Share of true flags, its Wilson interval, and the counts."""
    count, n = int(np.count_nonzero(flags)), len(flags)
    low, high = wilson(count, n) if n else (0.0, 1.0)
    return {"share": count / n if n else float("nan"), "low": low, "high": high, "count": count, "n": n}


def package_name(bits: int) -> str:
    """Items of a package in words.

    >>> package_name(5)
    'immunity + men'
    """
    return " + ".join(item for i, item in enumerate(ITEMS) if bits >> i & 1) or "nothing"


def summary(runs: dict[str, np.ndarray]) -> dict[str, Any]:
    """Everything `summary.json` holds: `outcomes` by class, `medians`, `exits`, `deals`, `talks`, `count`."""
    outcome = runs["outcome"]
    exits = outcome == Ending.NEGOTIATED_EXIT
    settled = runs["deal_kept"] >= 0
    return {
        "count": len(outcome),
        "outcomes": {name: share(outcome == code) for code, name in enumerate(ENDINGS)},
        "medians": {name: median_interval(runs[name]) for name in MEDIANS},
        "exits": {name: median_interval(runs[name][exits].astype(float)) for name in (*MEDIANS, "terms", "mediated_h")}
        | {"package": _packages(runs["package"][exits])},
        "deals": {
            "made": int(settled.sum()),
            "kept": share(runs["deal_kept"][settled] == 1),
            "breach_week": median_interval(_weeks(runs["breach_week"][settled])),
            "channel": {name: share(runs["settled_channel"][exits] == k) for k, name in enumerate(CHANNELS)},
        },
        "talks": {
            "ruler_refused_a_call": share(runs["ruler_refused"] > 0),
            "ruler_took_a_call": share(runs["ruler_took_call"] == 1),
            "mediator_entered": share(~np.isnan(runs["mediator_entered_h"])),
            "mediator_entered_h": median_interval(runs["mediator_entered_h"]),
            "leader_sought_ruler_h": median_interval(runs["leader_sought_ruler_h"]),
        },
        "battle": {"any": share(runs["battle"] > 0), "in_capital": share(runs["battle"] == 2)},
    }


def _weeks(weeks: np.ndarray) -> np.ndarray:
    return np.where(weeks < 0, np.nan, weeks.astype(float))


def _packages(bits: np.ndarray, top: int = 5) -> dict[str, dict[str, float | int]]:
    """The commonest packages among exits, by name."""
    codes, counts = np.unique(bits, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:top]
    return {package_name(int(codes[i])) if codes[i] >= 0 else "a number": share(bits == codes[i]) for i in order}
