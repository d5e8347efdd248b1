"""How often what was given a probability happened: each class of each episode is one forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.draw.style import FAINT, MUTED, SMALL, Page, page, styled

HUE = "#D55E00"


@styled
def reliability(backtest: Mapping[str, Any]) -> Page:
    """Share that happened against mean probability said, by bin, with the range expected of right forecasts."""
    bins = [entry for entry in backtest["reliability"] if entry["n"]]
    fig = page(
        takeaway(bins),
        "Each class of each episode as one forecast, in bins; grey: range of the share were the forecasts right",
        f"{backtest['scored']} episodes, six forecasts each · bins {_edges(backtest['reliability'])} · bars: 95 % "
        "for all bins together, episodes taken as independent · after Broecker & Smith 2007",
    )
    ax = fig.add_axes((0.1, 0.17, 0.8, 0.64))
    ax.plot([0, 1], [0, 1], color=FAINT, lw=1.5, zorder=0)
    for entry in bins:
        x = entry["said"]
        ax.plot([x, x], [entry["bar_low"], entry["bar_high"]], color=FAINT, lw=14, solid_capstyle="butt", zorder=1)
    ax.plot([entry["said"] for entry in bins], [entry["happened"] for entry in bins], "o-", color=HUE, ms=10, lw=2)
    for entry in bins:
        ax.annotate(
            f"{entry['n']} forecasts", (entry["said"], entry["happened"]), (14, -14), textcoords="offset points",
            size=SMALL, color=MUTED,
        )  # fmt: skip
    top = max(0.5, 1.15 * max(max(entry["said"], entry["happened"], entry["bar_high"]) for entry in bins))
    ax.set_xlim(0, min(1.15 * max(0.3, max(entry["said"] for entry in bins)), 1.0))
    ax.set_ylim(0, min(top, 1.02))
    ax.set_xlabel("mean probability that was said")
    ax.set_ylabel("share that happened")
    ax.grid()
    return fig


def takeaway(bins: Sequence[Mapping[str, Any]]) -> str:
    """Whether any bin lies outside what right forecasts would show."""
    off = [entry for entry in bins if not entry["bar_low"] <= entry["happened"] <= entry["bar_high"]]
    if not off:
        return "What was said and what happened agree as far as so few episodes can tell"
    high = sum(entry["happened"] > entry["said"] for entry in off)
    way = "too low" if high == len(off) else "too high" if high == 0 else "off"
    return f"In {len(off)} of {len(bins)} bins the probabilities were {way}, beyond chance"


def _edges(bins: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join([*(f"{100 * entry['low']:g}" for entry in bins), f"{100 * bins[-1]['high']:g} %"])
