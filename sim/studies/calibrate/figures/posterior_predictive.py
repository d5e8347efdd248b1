"""What a calibration predicts: share of single runs that show each pattern, those held out above all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from sim.draw.labels import key, short
from sim.draw.style import FAINT, INK, MUTED, WASH, Mark, Page, Setting, page, percent, small_print, styled

SOURCES = {
    "prior": Mark("prior: plausible ranges", "#8C8C8C"),
    "point": Mark("the setting's own numbers", "#0072B2"),
    "posterior": Mark("posterior", "#D55E00"),
}


@styled
def posterior_predictive(calibration: Mapping[str, Any], setting: Setting) -> Page:
    """Hit shares of all represented patterns under prior, posterior and the setting's own numbers.

    `calibration` is the summary of a calibration.
    """
    told, patterns = calibration["predictive"], calibration["patterns"]
    order = sorted(patterns, key=lambda name: (patterns[name]["use"] != "K", int(name[1:])))
    runs = told["posterior"]["runs"]
    fig = page(
        takeaway(told),
        "Share of single runs that show each pattern; above: those the posterior was made from; below: those held out",
        small_print(setting, runs, note=f"for each of the three; {calibration['sets']} sets of numbers; "
                    "* the pattern was in view when the setting's own numbers were set"),
    )  # fmt: skip
    key(fig, tuple(SOURCES.values()), 0.045, 0.825, size=12)
    ax = fig.add_axes((0.48, 0.115, 0.44, 0.675))
    _rows(ax, order, told, patterns)
    return fig


def takeaway(told: Mapping[str, Any]) -> str:
    """The headline: hit share of the held-out weight, before and after."""
    before, after = (told[name]["totals"]["H"]["hit_share"] for name in ("prior", "posterior"))
    return f"Of the held-out weight runs hit {percent(before)} under the prior, {percent(after)} under the posterior"


def _rows(ax: Axes, order: list[str], told: Mapping[str, Any], patterns: Mapping[str, Any]) -> None:
    used = sum(patterns[name]["use"] == "K" for name in order)
    ax.axhspan(-0.6, used - 0.5, color=WASH, zorder=0)
    for row, name in enumerate(order):
        shares = {source: told[source]["patterns"][name]["hit_share"] for source in SOURCES}
        ax.plot([min(shares.values()), max(shares.values())], [row, row], color=FAINT, lw=1.5, zorder=1)
        for source, mark in SOURCES.items():
            ax.plot(shares[source], row, "o", ms=10 if source == "posterior" else 8, mfc=mark.colour, mec="white",
                    mew=0.8, zorder=3)  # fmt: skip
        star = "*" if patterns[name]["seen"] else ""
        what = short(patterns[name]["what"], 62)
        ax.text(-0.025, row, f"{what}  {name}{star}", size=11, ha="right", va="center", color=INK,
                transform=ax.get_yaxis_transform())  # fmt: skip
        ax.text(1.03, row, percent(shares["posterior"]), size=11, ha="left", va="center", weight="bold", color=INK,
                transform=ax.get_yaxis_transform())  # fmt: skip
    ax.text(1.03, -1.05, "posterior", size=11, color=MUTED, ha="left", va="center", transform=ax.get_yaxis_transform())
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(len(order) - 0.4, -0.6)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
