"""A game beside 23-24 June 2023, and beside games that the model plays alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.catalog import conf_folder, option, read
from sim.classroom.room import Room
from sim.classroom.turning import named
from sim.engines.batch import run_table
from sim.model.rules.talks import ending_of_deal
from sim.model.state import ENDINGS, ITEMS
from sim.story.tension import shares

MOST_BINS = 24
ROUND = (0.5, 1.0, 2.0, 4.0, 6.0, 12.0, 24.0, 25.0, 50.0, 100.0)  # widths of bins, h or km


def comparison(room: Room, games: int) -> dict[str, Any]:
    """The game beside history and, once it has ended, where it lies among `games` of the model (0: left out)."""
    out: dict[str, Any] = {"history": history()}
    if games and room.over:
        of, now = room.setting, room.now.state
        runs = run_table(of.params, of.script, seed=of.seed, n=games)
        past = out["history"]
        out["model"] = {
            "games": games, "endings": named(shares(runs["outcome"])),
            "same_ending": float((runs["outcome"] == now.ending).mean()),
            "shorter": float((runs["duration_h"] < room.hour).mean()),
            "farther_off": float((runs["closest_km"] > now.closest_km).mean()),
            "hours": histogram(runs["duration_h"], max(room.hour, past["hour"])),
            "km": histogram(runs["closest_km"], max(now.closest_km, past["closest_km"])),
        }  # fmt: skip
    return out


def history() -> dict[str, Any]:
    """Ending, hour of the halt and distance left on 24 June 2023, with sources."""
    facts = read(conf_folder() / "patterns" / "june_2023.yaml")["patterns"]
    package = sum(1 << ITEMS.index(item) for item in option("doctrine", "historical_moves")["deal"]["items"])
    return {
        "ending": ENDINGS[ending_of_deal(package)], "hour": float(facts["P1"]["central"]),
        "closest_km": float(facts["P4"]["central"]),
        "source": f"{facts['P1']['source']}; {facts['P4']['source']}",
    }  # fmt: skip


def histogram(values: np.ndarray, reach: float) -> dict[str, Any]:
    """Counts in round bins from 0 to where 99 % of the values and `reach` lie; what lies beyond is counted in `beyond`.

    >>> histogram(np.array([0.2, 0.3, 0.9, 30.0]), 1.0)["counts"][:2]
    [3, 0]
    """
    top = max(float(np.quantile(values, 0.99, method="inverted_cdf")), reach, ROUND[0])
    width = next((one for one in ROUND if top / one <= MOST_BINS), ROUND[-1])
    bins = int(top // width) + 1
    edges = width * np.arange(bins + 1)
    counts, _ = np.histogram(values[values < edges[-1]], edges)
    return {"edges": edges.tolist(), "counts": counts.tolist(), "beyond": int((values >= edges[-1]).sum()),
            "median": float(np.median(values))}  # fmt: skip
