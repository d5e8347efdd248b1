"""The closing table: shares of the six endings with intervals, medians, and how deals fared."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.state import CHANNELS, ENDINGS, ITEMS, Ending

Z95 = 1.959963984540054  # standard normal quantile at 0.975
MEDIANS = ("duration_h", "closest_km", "deaths")


def wilson(count: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's interval of a share (Wilson 1927, JASA 22:209); holds at 0 and at n too.

    >>> [round(x, 4) for x in wilson(0, 100)]
    [0.0, 0.037]
    """
    if n == 0:
        return 0.0, 1.0
    share = count / n
    middle = share + z * z / (2 * n)
    spread = z * ((share * (1 - share) + z * z / (4 * n)) / n) ** 0.5
    scale = 1 + z * z / n
    return max((middle - spread) / scale, 0.0), min((middle + spread) / scale, 1.0)


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
    low, high = wilson(count, n)
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
