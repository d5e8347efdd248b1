"""Where the stories part: the hour of the first difference under the same luck, and with whom it begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sim.draw.labels import note, short
from sim.draw.style import (
    FAINT,
    INK,
    MUTED,
    SEAT_COLOURS,
    SMALL,
    Page,
    counted,
    empty,
    hours_axis,
    ink,
    page,
    percent,
    styled,
)
from sim.stats.estimates import wilson

NAMES = {
    "leader": "Leader", "ruler": "Ruler", "ministry": "Ministry", "guard": "Guard", "administration": "Administration",
    "council": "Council", "ambassador": "Ambassador", "mediator": "Mediator", "talks": "Talks end one",
    "column": "Column's place", "fighting": "Fighting ends one",
}  # fmt: skip
COLOURS = dict(zip(NAMES, (*SEAT_COLOURS, *("#3D4756",) * 3), strict=True))
BLUE = "#0072B2"


@styled
def parting(comparison: Mapping[str, Any], pair: Mapping[str, Any]) -> Page:
    """Share of pairs that have parted by each hour, and whose order is the first to differ."""
    parts = pair["parting"]
    fig = page(
        takeaway(parts),
        f"{short(pair['other'], 40)} against {short(pair['reference'], 40)}, run by run under the same luck, "
        "compared step by step",
        f"{counted(parts['pairs'], 'pair')} · seed {comparison['seed']} · intervals: Wilson 1927, 95 % · "
        "in one step seats count before talks, talks before the column",
    )
    if not parts["parted"]["count"]:
        empty(fig, "No pair differs in any order, in the column's way or in its ending.")
        return fig
    _hours(fig.add_axes((0.075, 0.17, 0.46, 0.61)), parts)
    _actors(fig.add_axes((0.705, 0.17, 0.235, 0.61)), parts)
    return fig


def takeaway(parts: Mapping[str, Any]) -> str:
    """How many pairs part, and when half of those have."""
    count, n = parts["parted"]["count"], parts["pairs"]
    if not count:
        return "The stories never part"
    who = "Every story parts" if count == n else f"{percent(count / n)} of the stories part"
    return f"{who}, half of them by hour {parts['hour']['median']:g}"


def _hours(ax: Axes, parts: Mapping[str, Any]) -> None:
    """Cumulative share of pairs that have parted, with pointwise intervals."""
    n, hours = parts["pairs"], np.array(parts["hours"])
    counts = np.cumsum(parts["counts"])
    last = max(float(hours[-1]) * 1.06, 6.0)
    band = np.array([wilson(int(count), n) for count in (0, *counts, counts[-1])])
    at = np.concatenate([[0.0], hours, [last]])
    share = np.concatenate([[0], counts, counts[-1:]]) / n
    ax.fill_between(at, 100 * band[:, 0], 100 * band[:, 1], step="post", color=BLUE, alpha=0.18, lw=0)
    ax.step(at, 100 * share, where="post", color=BLUE, lw=2.4)
    ax.set_ylim(0, 104)
    ax.set_ylabel("per cent of pairs that have parted")
    ax.grid(axis="y")
    hours_axis(ax, last, {})
    middle, end = parts["hour"]["median"], 100 * counts[-1] / n
    height = 100 * share[np.searchsorted(at, middle, side="right") - 1]
    ax.plot(middle, height, "o", color=BLUE, ms=9, mec="white", zorder=4)
    ax.axhline(end, color=FAINT, lw=1, ls="--", zorder=0)
    never = "" if counts[-1] == n else f"{percent(1 - counts[-1] / n)} never part"
    if never:
        note(ax, never, (last, end), (-4, 5 if end < 94 else -16), ha="right", color=MUTED)


def _actors(ax: Axes, parts: Mapping[str, Any]) -> None:
    """Bars by actor, longest first: dark where the ending changed, pale where it is the same all the same."""
    first = sorted(parts["first"].items(), key=lambda item: -item[1]["count"])
    first = [(name, entry) for name, entry in first if entry["count"]]
    n, reach = parts["pairs"], 100 * first[0][1]["high"]
    for row, (name, entry) in enumerate(first):
        total, changed = 100 * entry["share"], 100 * (entry["count"] - entry["same_ending"]) / n
        ax.barh(row, total, height=0.62, color=COLOURS[name], alpha=0.38, lw=0)
        ax.barh(row, changed, height=0.62, color=COLOURS[name], lw=0)
        ax.plot([100 * entry["low"], 100 * entry["high"]], [row, row], color=INK, lw=1.8, solid_capstyle="butt")
        look: dict[str, Any] = {"size": SMALL + 1, "weight": "bold", "va": "center", "color": ink(COLOURS[name])}
        note(ax, percent(entry["share"]), (100 * entry["high"], row), (7, 0), **look)
    ax.set_yticks(range(len(first)), [NAMES[name] for name, _ in first], size=SMALL + 1)
    ax.set_ylim(max(len(first), 6) - 0.4, -0.6)
    ax.set_xlim(0, reach * 1.3)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("per cent of pairs; full: the ending changed")
    ax.set_title("First to differ")
