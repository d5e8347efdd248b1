"""The mediator's ledger: paired differences in deaths, deals and deals kept, each with its interval; numpy only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.model.state import ENDINGS
from sim.stats.estimates import Z95, bonferroni
from sim.stats.pointwise import holm, mcnemar, mean_test, paired_share_interval

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
            plus, minus = _differ(a[name], b[name])
            mean, p = (plus - minus) / n, mcnemar(plus, minus)
            low, high = paired_share_interval(plus, minus, n) if plus + minus else (0.0, 0.0)
        found[name] = {
            "reference": float(a[name].mean()), "other": float(b[name].mean()), "difference": mean,
            "low": low, "high": high, "p": p, "n": n, "changed": int(np.count_nonzero(a[name] != b[name])),
        }  # fmt: skip
    return found


def best_hour(never: Table, by_hour: Mapping[float, Table]) -> Entry:
    """The hour of entry with most deals, which was picked after looking, and how sure that is.

    Returns hour, difference to no mediation, low and high (95 % for all hours together, Bonferroni), `sure` whether
    that is above nothing, and `level`: the hours that chance may have put behind it. That the best hour is it or one of
    these has a chance of 95 % (McNemar's test against each, Bonferroni; Hsu 1996, comparisons with the best).
    """
    without = measured(never)["deal"]
    deals = {hour: measured(runs)["deal"] for hour, runs in by_hour.items()}
    first = max(deals, key=lambda hour: int(deals[hour].sum()))
    (plus, minus), n = _differ(without, deals[first]), len(without)
    low, high = 0.0, 0.0
    if plus + minus:
        low, high = paired_share_interval(plus, minus, n, bonferroni(LEVEL, len(deals)))
    others = [hour for hour in deals if hour != first]
    alpha = LEVEL / max(len(others), 1)
    level = [hour for hour in others if mcnemar(*_differ(deals[hour], deals[first])) >= alpha]
    found = {"hour": first, "difference": (plus - minus) / n, "low": low, "high": high}
    return found | {"sure": low > 0.0, "level": level}


def _differ(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> tuple[int, int]:
    """Pairs that only the second counts, and that only the first does."""
    return int(np.count_nonzero(b & ~a)), int(np.count_nonzero(a & ~b))


def kept_of_deals(runs: Table) -> float | None:
    """Share of the deals made that are kept through the last week; None where none was made."""
    made = runs["deal_kept"] >= 0
    return float(np.mean(runs["deal_kept"][made] == 1)) if made.any() else None


def settle(entries: Sequence[Entry]) -> None:
    """Add `nothing` to each entry of a ledger: true where chance explains the difference (Holm 1979, 5 % for all)."""
    for entry, p in zip(entries, holm([entry["p"] for entry in entries]), strict=True):
        entry["nothing"] = bool(p >= LEVEL)
        entry["precision"] = (entry["high"] - entry["low"]) / 2
