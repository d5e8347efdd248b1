"""What a disclosure does to the endings, by the same luck with and without it; numpy only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.model.state import ENDINGS
from sim.stats.accounts import differences
from sim.stats.outcomes import share
from sim.story.tension import change, surely

Table = Mapping[str, NDArray[Any]]


def value(silent: Table, told: Table, compared: int) -> dict[str, Any]:
    """The effect of one disclosure: odds of the endings moved, runs that end otherwise, deals, deaths.

    Parameters
    ----------
    silent, told : run tables of the same replicates
    compared : disclosures looked at together; `clear` holds for all of them (Bonferroni, 5 %)

    Total variation is never negative, so chance alone makes it positive: `clear` says where it is more than chance,
    and `sure` which endings surely gained or lost, the largest change first, with intervals that hold for all.
    """
    moved = change(silent["outcome"], told["outcome"], compared)
    step = moved.after - moved.before
    gaps = differences(silent, told)
    return {
        "moved": float(moved.size), "clear": bool(moved.clear),
        "flipped": share(silent["outcome"] != told["outcome"]),
        "gained": ENDINGS[int(np.argmax(step))], "gain": float(step.max()),
        "lost": ENDINGS[int(np.argmin(step))], "loss": float(step.min()), "sure": surely(moved),
        **{name: {key: gaps[name][key] for key in ("difference", "low", "high")} for name in ("deal", "deaths")},
    }  # fmt: skip


def ranked(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Largest move of the odds first; equal ones by runs that end otherwise, then in the order given."""
    return sorted(entries, key=lambda entry: (-entry["moved"], -entry["flipped"]["share"]))
