"""The odds of the endings hour by hour along one crisis, with the events that moved them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sim.draw.labels import halo, key, spread
from sim.draw.style import (
    ENDINGS,
    INK,
    MUTED,
    SMALL,
    TEXT,
    Page,
    Setting,
    empty,
    hours_axis,
    ink,
    page,
    percent,
    small_print,
    styled,
)
from sim.story.tension import telling_change

NAMES = tuple(mark.label.lower().replace(" ", "_") for mark in ENDINGS)
CODES = {"rebels_crushed": "crushed"}  # the one ending whose label is longer than its name
LEFT, WIDTH = 0.075, 0.575
LINES, CHARACTERS, STEP = 25, 42, 0.0265  # lines of the side panel, characters a line, height of a line
TALL = 8  # per cent at the first moment that have room for a name in the area
MOST = 7  # turning points that the side panel has room for
COLUMN = "#3B4656"


def ending_code(name: str) -> int:
    """Code of an ending by its name in the tables."""
    return [CODES.get(known, known) for known in NAMES].index(name)


def takeaway(tension: Mapping[str, Any]) -> str:
    """The headline: the largest turning point, by an ending whose odds surely changed, or that there was none."""
    points = tension["turning_points"]
    if not points:
        return "From no moment to the next did the odds move beyond chance"
    told = telling_change(points[0], tension["ending"])
    before, after = percent(told["before"]), percent(told["after"])
    verb = "fell" if told["change"] < 0 else "rose"
    phrase = ENDINGS[ending_code(told["ending"])].phrase
    return f"At hour {points[0]['hour']:.1f} the odds of {phrase} {verb} from {before} to {after}"


@styled
def tension(tension: Mapping[str, Any], setting: Setting) -> Page:
    """Stacked odds of the six endings against hours, the column's km below, the turning points named beside."""
    told = "history set free at each moment" if tension["history"] else f"replicate {tension['replicate']}"
    fig = page(
        takeaway(tension),
        "Odds of each ending if the crisis went on from that moment with fresh luck; numbered: the largest jumps",
        small_print(
            setting, tension["continuations"], "continuations a moment",
            f"{told}; odds known to ±{100 * _half_width(tension):.1f} points or better",
        ),
    )  # fmt: skip
    hour = tension["hour"]
    if len(hour) < 2:
        empty(fig, "The crisis was over before its first half hour.")
        return fig
    points = sorted(tension["turning_points"][:MOST], key=lambda point: float(point["hour"]))
    ax = fig.add_axes((LEFT, 0.385, WIDTH, 0.355))
    named = _areas(ax, tension)
    below = fig.add_axes((LEFT, 0.165, WIDTH, 0.17))
    _column(below, tension, setting)
    for number, (point, place) in enumerate(zip(points, _places(points, float(hour[-1])), strict=True), 1):
        _marker(ax, below, number, point, place)
    unnamed = [
        mark for code, mark in enumerate(ENDINGS) if tension["odds"][:, code].max() >= 0.01 and code not in named
    ]
    key(fig, unnamed, LEFT, 0.835, SMALL)
    _side_panel(fig, points)
    return fig


def _half_width(tension: Mapping[str, Any]) -> float:
    """The widest 95 % half-width that so many continuations leave."""
    return 0.98 / float(tension["continuations"]) ** 0.5


def _areas(ax: Axes, tension: Mapping[str, Any]) -> list[int]:
    """The stacked odds; returns the endings that are named in their areas."""
    hour, odds = tension["hour"], 100 * tension["odds"]
    ax.stackplot(hour, odds.T, colors=[mark.colour for mark in ENDINGS], lw=0, alpha=0.92)
    edges = np.cumsum(odds, axis=1)
    for code in range(len(ENDINGS) - 1):
        ax.plot(hour, edges[:, code], color="white", lw=0.8)
    ax.set_ylim(0, 100)
    ax.set_yticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100 %"])
    ax.set_ylabel("odds")
    hours_axis(ax, float(hour[-1]), {}, label=False)
    ax.tick_params(labelbottom=False)
    tall = [code for code in range(len(ENDINGS)) if odds[0, code] >= TALL]
    for code in tall:
        ax.text(
            0.012 * hour[-1], edges[0, code] - odds[0, code] / 2, f"{ENDINGS[code].label} {odds[0, code]:.0f} %",
            size=SMALL, weight="bold", color=INK, va="center", path_effects=halo(),
        )  # fmt: skip
    return tall


def _column(ax: Axes, tension: Mapping[str, Any], setting: Setting) -> None:
    hour, km = tension["hour"], tension["km"]
    line, top = tension["line_km"], max(float(np.max(km)) * 1.08, 1.0)
    ax.plot(hour, km, color=COLUMN, lw=3)
    if line is not None and line < top:
        ax.axhline(line, color=ink(ENDINGS[4].colour), lw=1.2, ls=(0, (4, 3)))
        ax.text(0.01 * hour[-1], line + 0.02 * top, "line on the Oka" if setting.get("track") else "line",
                size=SMALL, color=ink(ENDINGS[4].colour), va="top")  # fmt: skip
    ax.set_ylim(top, 0)
    ax.set_yticks(np.arange(0, top, 200))
    ax.set_ylabel("km left")
    ax.grid(axis="y")
    hours_axis(ax, float(hour[-1]), setting)


def _places(points: Sequence[Mapping[str, Any]], last: float) -> np.ndarray:
    return spread([_middle(point) for point in points], last / 24, 0, last)


def _middle(point: Mapping[str, Any]) -> float:
    """Where a jump lies: between the moment before and the one after."""
    return 0.5 * (float(point["hour"]) + float(point["until_h"]))


def _marker(ax: Axes, below: Axes, number: int, point: Mapping[str, Any], place: float) -> None:
    """The number of a turning point above the odds, tied to its hour in both panels."""
    at, across = _middle(point), ax.get_xaxis_transform()
    ax.plot([at, at, place], [0, 1, 1.05], transform=across, color=INK, lw=1.1, clip_on=False, zorder=5)
    below.axvline(at, color=INK, lw=0.8, alpha=0.5, zorder=1)
    ax.text(place, 1.095, str(number), transform=across, ha="center", va="center", size=TEXT, weight="bold")


def _side_panel(fig: Page, points: Sequence[Mapping[str, Any]]) -> None:
    """What each number stands for: when, what happened, and which odds moved."""
    fig.text(0.685, 0.835, "What moved the odds", size=TEXT, weight="bold", va="center")
    if not points:
        fig.text(0.685, 0.79, "No jump beyond chance.", size=SMALL, color=MUTED, va="top")
        return
    room = (LINES - len(points)) // len(points)
    y = 0.795
    for number, point in enumerate(points, 1):
        fig.text(0.700, y, str(number), size=TEXT, weight="bold", ha="right", va="top")
        fig.text(0.709, y, f"hour {point['hour']:.1f}: {_moved(point)}", size=SMALL, va="top", weight="bold")
        y -= STEP
        for text in _told(point, max(min(room, 3), 1)):
            fig.text(0.709, y, text, size=SMALL, color=MUTED, va="top")
            y -= STEP
        y -= 0.4 * STEP


def _moved(point: Mapping[str, Any]) -> str:
    """Of the endings whose odds surely changed the one that changed most, and by how many points."""
    first = point["sure"][0]
    return f"{ENDINGS[ending_code(first['ending'])].label} {100 * first['change']:+.0f}"


def _told(point: Mapping[str, Any], lines: int) -> list[str]:
    """What happened then, the weightiest first, in so many lines."""
    texts = [str(event["text"]) for event in point["events"][:3]] or ["No event: time passed, and beliefs moved."]
    return textwrap.wrap(" ".join(texts), CHARACTERS, max_lines=lines, placeholder=" …")
