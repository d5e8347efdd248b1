"""How often each ending comes, with the uncertainty of a finite number of runs."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from sim.draw.history import JUNE_2023, is_june_2023
from sim.draw.labels import note
from sim.draw.style import (
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
from sim.model.state import ENDINGS as ENDING_NAMES
from sim.stats.estimates import wilson
from sim.studies.sweep.lead import lead_settled

CHANCE = "Share of runs by ending; the bracket is the 95 % interval that the number of runs leaves open"
WILSON = "intervals: Wilson 1927; chance alone, not doubt about the model"
BETWEEN = "Share of runs by ending; the bracket is where the shares of 95 % of the parameter sets lie"
DOUBT = "brackets: doubt about the numbers, luck taken out"


def takeaway(outcome: np.ndarray) -> str:
    """The headline: the commonest ending and its share, as far as so many runs settle that."""
    counts = np.bincount(outcome, minlength=len(ENDINGS))
    first, n = int(np.argmax(counts)), len(outcome)
    phrase = ENDINGS[first].phrase
    if counts[first] == n:
        return f"The one crisis ends in {phrase}" if n == 1 else f"Every crisis ends in {phrase}"
    share, (low, high) = percent(counts[first] / n), wilson(int(counts[first]), n)
    if low > 0.5:
        return f"Most crises end in {phrase} ({share})"
    if not lead_settled(counts[None])[0]:
        return f"So few runs do not settle which ending is the commonest; {phrase} has {share}"
    return f"{'No ending has a majority; ' if high < 0.5 else 'About half: '}{phrase} is the commonest ({share})"


@styled
def outcome_shares(runs: Table, setting: Setting) -> Page:
    """Share of runs by ending with 95 % Wilson intervals, and the channels that settled the exits."""
    outcome = runs["outcome"]
    fig = page(
        takeaway(outcome),
        BETWEEN if _varied(setting) else CHANCE,
        small_print(setting, len(outcome), note=DOUBT if _varied(setting) else WILSON),
    )
    ax = fig.add_axes((0.235, 0.12, 0.73, 0.69))
    spans = [span(row, outcome, setting) for row in range(len(ENDINGS))]
    reach = max(_row(ax, row, outcome, spans[row]) for row in range(len(ENDINGS)))
    ax.set_xlim(0, max(reach * 1.72, 1.0))
    _names(ax, setting)
    for row in range(len(ENDINGS)):
        _label(ax, row, outcome, spans[row], _settled(row, runs))
    return fig


def _varied(setting: Setting) -> bool:
    """Whether numbers vary from run to run, and enough runs tell how much that does."""
    return any(entry["sets_low"] is not None for entry in setting.get("doubt", {}).values())


def span(row: int, outcome: np.ndarray, setting: Setting) -> tuple[float, float]:
    """What an ending's bracket shows: its Wilson interval, or the middle 95 % of the sets of numbers."""
    if _varied(setting):
        entry = setting["doubt"][ENDING_NAMES[row]]
        return entry["sets_low"], entry["sets_high"]
    return wilson(int(np.count_nonzero(outcome == row)), len(outcome))


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


def _row(ax: Axes, row: int, outcome: np.ndarray, bracket: tuple[float, float]) -> float:
    """One bar with its interval; returns how far right it reaches."""
    n, count = len(outcome), int(np.count_nonzero(outcome == row))
    low, high = bracket
    ax.barh(row, count / n, height=0.56, color=ENDINGS[row].colour, zorder=2)
    ax.plot([low, high], [row, row], color=INK, lw=2.2, zorder=3, solid_capstyle="butt")
    for end in (low, high):
        ax.plot([end, end], [row - 0.13, row + 0.13], color=INK, lw=2.2, zorder=3, solid_capstyle="butt")
    return max(high, count / n)


def _label(ax: Axes, row: int, outcome: np.ndarray, bracket: tuple[float, float], settled: str) -> None:
    """Share and interval to the right of the bar; below them, in small print, through whom it was settled."""
    n, count = len(outcome), int(np.count_nonzero(outcome == row))
    low, high = bracket
    at, colour = (max(high, count / n), row - 0.16 if settled else row - 0.02), ink(ENDINGS[row].colour)
    note(ax, percent(count / n), at, (12, 0), size=19, weight="bold", color=colour, va="center")
    note(ax, interval(low, high), at, (98, 0), size=12, color=MUTED, va="center")
    if settled:
        note(ax, settled, (max(high, count / n), row + 0.26), (12, 0), color=MUTED, va="center")


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
