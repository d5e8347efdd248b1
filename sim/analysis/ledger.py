"""The mediator's ledger: paired differences in deaths, deals and deals kept, each with its interval; numpy only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.estimates import Z95
from sim.analysis.pointwise import holm, mcnemar, mean_test, paired_share_interval
from sim.state import ENDINGS

Table = Mapping[str, NDArray[Any]]
Entry = dict[str, Any]
LEVEL = 0.05  # chance that any entry of a ledger is called more than nothing though it is nothing
MEASURES: Mapping[str, tuple[str, str]] = {
    "deaths": ("men", "mean number of killed, all sides"),
    "deal": ("share", "runs that end in a negotiated exit or a concession"),
    "deal_kept": ("share", "runs in which a deal is made and kept through the last week"),
}
DEALS = (ENDINGS.index("negotiated_exit"), ENDINGS.index("government_concedes"))


def measured(runs: Table) -> dict[str, NDArray[Any]]:
    """Of a run table, each measure run by run: numbers of deaths, flags of deals."""
    return {
        "deaths": np.asarray(runs["deaths"], float),
        "deal": np.isin(runs["outcome"], DEALS),
        "deal_kept": np.asarray(runs["deal_kept"] == 1),
    }


def differences(reference: Table, other: Table) -> dict[str, Entry]:
    """Each measure's difference other - reference over the same replicates, with a 95 % interval and a p-value.

    Shares: Agresti & Min 2005 and McNemar's mid-p; deaths: normal. `low`, `high` hold one by one; `settle` adds what
    holds for a whole ledger.
    """
    a, b = measured(reference), measured(other)
    found: dict[str, Entry] = {}
    for name in MEASURES:
        n = len(a[name])
        if name == "deaths":
            gap = b[name] - a[name]
            mean, sd = float(gap.mean()), float(gap.std())
            half, p = Z95 * sd / math.sqrt(n), mean_test(float(gap.mean()), sd, n)
            low, high = mean - half, mean + half
        else:
            plus, minus = int(np.count_nonzero(b[name] & ~a[name])), int(np.count_nonzero(a[name] & ~b[name]))
            mean, p = (plus - minus) / n, mcnemar(plus, minus)
            low, high = paired_share_interval(plus, minus, n) if plus + minus else (0.0, 0.0)
        found[name] = {
            "reference": float(a[name].mean()), "other": float(b[name].mean()), "difference": mean,
            "low": low, "high": high, "p": p, "n": n, "changed": int(np.count_nonzero(a[name] != b[name])),
        }  # fmt: skip
    return found


def kept_of_deals(runs: Table) -> float | None:
    """Share of the deals made that are kept through the last week; None where none was made."""
    made = runs["deal_kept"] >= 0
    return float(np.mean(runs["deal_kept"][made] == 1)) if made.any() else None


def settle(entries: Sequence[Entry]) -> None:
    """Add `nothing` to each entry of a ledger: true where chance explains the difference (Holm 1979, 5 % for all)."""
    for entry, p in zip(entries, holm([entry["p"] for entry in entries]), strict=True):
        entry["nothing"] = bool(p >= LEVEL)
        entry["precision"] = (entry["high"] - entry["low"]) / 2
