"""How often each ending comes, with the uncertainty of a finite number of runs."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from sim.analysis.estimates import wilson
from sim.plots.history import JUNE_2023, is_june_2023
from sim.plots.labels import note
from sim.plots.style import (
    CHANNELS,
    ENDINGS,
    INK,
    MUTED,
    Page,
    Setting,
    Table,
    ink,
    interval,
    page,
    percent,
    small_print,
    styled,
)


def takeaway(outcome: np.ndarray) -> str:
    """The headline: the commonest ending and its share."""
    counts = np.bincount(outcome, minlength=len(ENDINGS))
    first, n = int(np.argmax(counts)), len(outcome)
    phrase = ENDINGS[first].phrase
    if counts[first] == n:
        return f"The one crisis ends in {phrase}" if n == 1 else f"Every crisis ends in {phrase}"
    if counts[first] > n / 2:
        return f"Most crises end in {phrase} ({percent(counts[first] / n)})"
    return f"No ending has a majority; {phrase} is the commonest ({percent(counts[first] / n)})"


@styled
def outcome_shares(runs: Table, setting: Setting) -> Page:
    """Share of runs by ending with 95 % Wilson intervals, and the channels that settled the exits."""
    outcome = runs["outcome"]
    fig = page(
        takeaway(outcome),
        "Share of runs by ending; the bracket is the 95 % interval that the number of runs leaves open",
        small_print(setting, len(outcome), note="intervals: Wilson 1927; chance alone, not doubt about the model"),
    )
    ax = fig.add_axes((0.235, 0.12, 0.73, 0.69))
    reach = max(_row(ax, row, outcome) for row in range(len(ENDINGS)))
    ax.set_xlim(0, max(reach * 1.72, 1.0))
    _names(ax, setting)
    for row in range(len(ENDINGS)):
        _label(ax, row, outcome, _settled(row, runs))
    return fig


def _names(ax: Axes, setting: Setting) -> None:
    """The endings down the left side in their colours, and no other axis: the labels carry the numbers."""
    names = [mark.label for mark in ENDINGS]
    if is_june_2023(setting):
        names[JUNE_2023.ending] += "\n(June 2023)"
    ax.set_yticks(range(len(ENDINGS)), names, size=15, weight="bold")
    for tick, mark in zip(ax.get_yticklabels(), ENDINGS, strict=True):
        tick.set_color(ink(mark.colour))
    ax.set_ylim(len(ENDINGS) - 0.4, -0.6)
    ax.tick_params(length=0)
    ax.set_xticks([])
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.axvline(0, color=INK, lw=1.2)


def _row(ax: Axes, row: int, outcome: np.ndarray) -> float:
    """One bar with its interval; returns how far right it reaches."""
    n, count = len(outcome), int(np.count_nonzero(outcome == row))
    low, high = wilson(count, n)
    ax.barh(row, count / n, height=0.56, color=ENDINGS[row].colour, zorder=2)
    ax.plot([low, high], [row, row], color=INK, lw=2.2, zorder=3, solid_capstyle="butt")
    for end in (low, high):
        ax.plot([end, end], [row - 0.13, row + 0.13], color=INK, lw=2.2, zorder=3, solid_capstyle="butt")
    return max(high, count / n)


def _label(ax: Axes, row: int, outcome: np.ndarray, settled: str) -> None:
    """Share and interval to the right of the bar; below them, in small print, through whom it was settled."""
    n, count = len(outcome), int(np.count_nonzero(outcome == row))
    low, high = wilson(count, n)
    at, colour = (high, row - 0.16 if settled else row - 0.02), ink(ENDINGS[row].colour)
    note(ax, percent(count / n), at, (12, 0), size=19, weight="bold", color=colour, va="center")
    note(ax, interval(low, high), at, (98, 0), size=12, color=MUTED, va="center")
    if settled:
        note(ax, settled, (high, row + 0.26), (12, 0), color=MUTED, va="center")


def _settled(row: int, runs: Table) -> str:
    """Through whom runs of this ending were settled, at most two channels; empty where most were not settled so."""
    through = runs["settled_channel"][runs["outcome"] == row]
    settled = through[through >= 0]
    if 2 * len(settled) < len(through):
        return ""
    counts = np.bincount(settled, minlength=len(CHANNELS))
    best = [k for k in np.argsort(-counts, kind="stable") if counts[k]][:2]
    parts = [f"{CHANNELS[k].label} {percent(counts[k] / len(settled))}" for k in best]
    return "through " + ", ".join(parts) if parts else ""
