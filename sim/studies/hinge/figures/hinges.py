"""Where a crisis hangs: decisions that would have ended it otherwise by hour and actor, and the numbers that would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from sim.draw.labels import key
from sim.draw.style import (
    ENDINGS,
    FAINT,
    INK,
    MUTED,
    SMALL,
    WASH,
    Mark,
    Page,
    Setting,
    empty,
    hours_axis,
    page,
    percent,
    small_print,
    styled,
)
from sim.studies.tension.figures.tension import ending_code

FOUR = 4  # options of a decision: rows of the table come in fours
BOX, BARS = (0.14, 0.155, 0.445, 0.58), (0.795, 0.155, 0.165, 0.58)
MOST = 10  # numbers that are shown
FEW = 20  # decisions below which a cell's share is too rough to be coloured
SHADE = LinearSegmentedColormap.from_list("hinge", [WASH, "#F3B27A", "#D55E00", "#7A2E00"])


def takeaway(hinges: Mapping[str, Any]) -> str:
    """The headline: how many decisions are hinges, and whose most often."""
    taken, flip = hinges["decisions_taken"], hinges["decisions_that_flip"]
    if "ensemble" not in hinges:
        end = ENDINGS[ending_code(hinges["ending"])].phrase
        return f"{flip} of {taken} decisions, taken otherwise, would have undone {end}"
    lead = hinges["seat_lead"]
    if not lead:
        return f"No single decision of {taken:,} would have ended its run otherwise"
    if lead["level"]:
        return f"{flip:,} of {taken:,} decisions are hinges; whose most often is not settled"
    most = lead["first"]
    return f"The {most}'s decisions are hinges most often: {percent(hinges['by_seat'][most]['share'])} of them"


@styled
def hinges(hinges: Mapping[str, Any], setting: Setting) -> Page:
    """Decisions by hour and actor, those that flip the ending marked; beside them the numbers that flip it."""
    many = "ensemble" in hinges
    n = int(hinges["ensemble"]) if many else 1
    note = "" if many else f"replicate {hinges['replicate']}, "
    fig = page(
        takeaway(hinges),
        "Share of decisions which, taken otherwise, would have ended their run otherwise; same luck" if many else
        "Every decision of the run; in colour where another option would have led to the ending of that colour",
        small_print(setting, n, note=f"{note}one thing changed at a time; options of almost no chance left out"),
    )  # fmt: skip
    if not hinges["decisions_taken"]:
        empty(fig, "No seat had a decision to take.")
        return fig
    ax = fig.add_axes(BOX)
    if many:
        _cells(fig, ax, hinges, setting)
    else:
        _dots(fig, ax, hinges, setting)
    seats = [str(seat) for seat in setting["seats"]]
    ax.set_yticks(range(len(seats)), seats, size=SMALL)
    ax.set_ylim(len(seats) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    _numbers(fig, hinges, many)
    return fig


def _cells(fig: Page, ax: Axes, hinges: Mapping[str, Any], setting: Setting) -> None:
    """A map of shares, hour by hour; empty where too few decisions were taken to tell."""
    chart = hinges["chart"]
    with np.errstate(invalid="ignore"):
        share = np.where(chart.taken >= FEW, chart.turned / np.maximum(chart.taken, 1), np.nan)
    top = max(float(np.nanmax(share, initial=0.0)), 0.05)
    edges = np.arange(chart.taken.shape[1] + 1) * chart.width_h
    known = np.flatnonzero(~np.isnan(share).all(axis=0))
    ax.pcolormesh(
        edges, np.arange(len(share) + 1) - 0.5, share, cmap=SHADE, vmin=0, vmax=top, edgecolor="white", lw=0.6
    )
    hours_axis(ax, float(edges[known[-1] + 1]) if len(known) else float(edges[-1]), setting)
    bar = fig.add_axes((BOX[0] + 0.01, 0.797, 0.2, 0.018))
    bar.imshow(np.linspace(0, 1, 100)[None, :], aspect="auto", cmap=SHADE, extent=(0, 100 * top, 0, 1))
    bar.set_yticks([])
    bar.set_xticks([])
    bar.spines[:].set_visible(False)
    fig.text(BOX[0], 0.806, "0", size=SMALL, ha="right", va="center")
    fig.text(BOX[0] + 0.218, 0.806, f"{percent(top)} (blank: under {FEW} decisions)",
             size=SMALL, va="center")  # fmt: skip


def _dots(fig: Page, ax: Axes, hinges: Mapping[str, Any], setting: Setting) -> None:
    """A mark a decision: small and grey, or as many coloured ones as endings it could have led to."""
    table, rows, dt = hinges["table"], hinges["rows"], float(hinges["dt"])
    hour = table["step"] * dt
    ax.scatter(hour[::FOUR], table["seat"][::FOUR], s=26, color=FAINT, zorder=2, lw=0)
    seen: set[int] = set()
    for start in range(0, len(rows), FOUR):
        ends = sorted({int(table["ending"][i]) for i in range(start, start + FOUR) if rows[i]})
        seen |= set(ends)
        for place, code in enumerate(ends):
            y = table["seat"][start] + 0.26 * (place - 0.5 * (len(ends) - 1))
            ax.scatter([hour[start]], [y], s=92, color=ENDINGS[code].colour, zorder=3, edgecolor=INK, lw=0.6)
    ax.grid(axis="x")
    hours_axis(ax, max(float(hour.max()) + dt, 1.0), setting)
    key(fig, [*(ENDINGS[code] for code in sorted(seen)), Mark("same ending", FAINT)], BOX[0], 0.806, SMALL)


def _numbers(fig: Page, hinges: Mapping[str, Any], many: bool) -> None:
    """Bars: of an ensemble the share of runs flipped, of one run how far the number has to move."""
    shown = hinges["numbers"][:MOST]
    title = "Runs flipped by one number\nat an end of its plausible range" if many else \
        "Smallest moves of one number that\nflip it, as share of its plausible range"  # fmt: skip
    fig.text(0.625, 0.806, title, size=SMALL, weight="bold", va="center")
    if not shown:
        fig.text(0.625, 0.70, "No single number does.", size=SMALL, color=MUTED)
        return
    ax = fig.add_axes(BARS)
    values = np.array([100 * float(entry["share" if many else "size"]) for entry in shown])
    for place, (entry, value) in enumerate(zip(shown, values, strict=True)):
        colour = ENDINGS[4].colour if many else ENDINGS[ending_code(entry["ending"])].colour
        ax.barh(place, value, height=0.5, color=colour, zorder=2)
        if many:
            ax.plot([100 * entry["low"], 100 * entry["high"]], [place, place], color=INK, lw=2, zorder=3)
        reach = 100 * entry["high"] if many else value
        text = percent(value / 100) if many else f"{entry['own']:g} to {entry['value']:.5g}"
        ax.annotate(text, (reach, place), (5, 0), textcoords="offset points", size=SMALL, va="center")
    reach = max(100 * float(entry["high"]) for entry in shown) if many else float(values.max())
    ax.set_xlim(0, reach * (1.45 if many else 2.3))
    ax.set_yticks(range(len(shown)), [_short(str(entry["path"])) for entry in shown], size=SMALL)
    ax.set_ylim(MOST - 0.4, -0.6)
    ax.set_xticks([])
    ax.tick_params(length=0)
    ax.spines[["bottom"]].set_visible(False)


def _short(path: str) -> str:
    """A number's path without the group that says the least."""
    return path.removeprefix("actors.")
