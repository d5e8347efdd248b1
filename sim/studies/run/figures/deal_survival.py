"""How long the word given on the road is kept: survival of the deals over the weeks."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from sim.draw.history import JUNE_2023, is_june_2023
from sim.draw.labels import edge_label, note, spread
from sim.draw.style import (
    CHANNELS,
    ENDINGS,
    INK,
    MUTED,
    SMALL,
    TEXT,
    Page,
    Setting,
    Table,
    empty,
    page,
    percent,
    small_print,
    styled,
)
from sim.stats.estimates import kaplan_meier

KEPT = ENDINGS[2].colour
FEWEST = 30  # deals: a channel with fewer has no curve of its own
MOST = 0.8  # of the deals: a channel with more is the whole, and its curve would lie on it


@styled
def deal_survival(runs: Table, setting: Setting) -> Page:
    """Kaplan-Meier share of deals not broken by week, 95 % Greenwood band; below it those not even eroded.

    The weeks followed are `setting["weeks"]`, 26 where it is silent.
    """
    made = runs["deal_kept"] >= 0
    broken, eroded = runs["breach_week"][made], runs["eroded_week"][made]
    weeks = max(int(setting.get("weeks", 26)), int(broken.max(initial=0)))
    subtitle = "Share of deals not yet broken, by week after the march (Kaplan-Meier)"
    if not made.any():
        fig = page("No run ends in a deal, so there is none to keep", subtitle, _caption(runs, made, setting))
        empty(fig, "no deals in these runs")
        return fig
    curve = kaplan_meier(broken, weeks)
    fig = page(_takeaway(curve[0], int(made.sum())), subtitle, _caption(runs, made, setting))
    ax = fig.add_axes((0.085, 0.155, 0.625, 0.635))
    _axes(ax, weeks)
    ends = [_main(ax, curve), _intact(ax, broken, eroded, weeks)]
    ends += _by_channel(ax, runs["settled_channel"][made], broken, weeks)
    _end_labels(ax, ends)
    if is_june_2023(setting) and JUNE_2023.breach_day <= 7 * weeks:
        _june(ax, curve[0])
    return fig


def _takeaway(survival: np.ndarray, n: int) -> str:
    weeks = len(survival) - 1
    if n == 1:
        return f"The one deal is {'kept for' if survival[-1] == 1 else 'broken within'} {weeks} weeks"
    if survival[-1] <= 0.5:
        half = int(np.argmax(survival <= 0.5))
        return f"Half of the deals are broken by week {half}; {percent(survival[-1])} outlive {weeks} weeks"
    return f"{percent(survival[-1])} of the deals outlive {weeks} weeks"


def _caption(runs: Table, made: np.ndarray, setting: Setting) -> str:
    moved = float(np.mean(runs["minister_week"] >= 0))
    deals = f"{int(made.sum()):,} with a deal"
    note = f"{deals}; band: 95 %, Greenwood; minister moved by then in {percent(moved)} of runs"
    return small_print(setting, len(made), note=note)


def _axes(ax: Axes, weeks: int) -> None:
    ax.set_xlim(0, weeks)
    ax.set_ylim(0, 100)
    ax.set_xticks(range(0, weeks + 1, 2 if weeks <= 30 else 10))
    ax.set_yticks(range(0, 101, 20), [f"{y} %" for y in range(0, 101, 20)])
    ax.set_xlabel("weeks after the march")
    ax.set_ylabel("deals that still stand")
    ax.grid(axis="y")


def _main(ax: Axes, curve: tuple[np.ndarray, np.ndarray, np.ndarray]) -> tuple[float, str, str, float]:
    survival, low, high = curve
    week = np.arange(len(survival))
    ax.fill_between(week, 100 * low, 100 * high, step="post", color=KEPT, alpha=0.25, lw=0, zorder=2)
    ax.step(week, 100 * survival, where="post", color=KEPT, lw=4, zorder=5)
    band = f"{100 * low[-1]:.0f} to {100 * high[-1]:.0f}"
    return survival[-1], f"Not broken {percent(survival[-1])} ({band})", KEPT, TEXT + 1


def _intact(ax: Axes, broken: np.ndarray, eroded: np.ndarray, weeks: int) -> tuple[float, str, str, float]:
    """Deals with every clause untouched: neither eroded nor broken yet."""
    never = np.iinfo(np.int64).max
    first = np.minimum(np.where(broken >= 0, broken, never), np.where(eroded >= 0, eroded, never))
    survival = kaplan_meier(np.where(first == never, -1, first), weeks)[0]
    ax.step(np.arange(weeks + 1), 100 * survival, where="post", color=INK, lw=2.2, ls=(0, (4, 2)), zorder=4)
    return survival[-1], f"No clause eroded {percent(survival[-1])}", INK, TEXT


def _by_channel(ax: Axes, channel: np.ndarray, broken: np.ndarray, weeks: int) -> list[tuple[float, str, str, float]]:
    """Thin curves for the channels with deals enough to tell and few enough to differ from the whole."""
    counts = np.bincount(channel[channel >= 0], minlength=len(CHANNELS))
    ends = []
    for k in np.flatnonzero((counts >= FEWEST) & (counts < MOST * len(channel))):
        survival = kaplan_meier(broken[channel == k], weeks)[0]
        ax.step(np.arange(weeks + 1), 100 * survival, where="post", color=CHANNELS[k].colour, lw=1.6, zorder=3)
        ends.append((survival[-1], f"via {CHANNELS[k].label} {percent(survival[-1])}", CHANNELS[k].colour, SMALL + 1))
    return ends


def _end_labels(ax: Axes, ends: list[tuple[float, str, str, float]]) -> None:
    places = spread([100 * share for share, *_ in ends], 7.5, 4, 94)
    for (share, text, colour, size), place in zip(ends, places, strict=True):
        edge_label(ax, 100 * share, place, text, colour, size)


def _june(ax: Axes, survival: np.ndarray) -> None:
    """Day 60: where the deal of June 2023 ended."""
    week = JUNE_2023.breach_day / 7
    alive = float(survival[int(week)])
    ax.axvline(week, color=MUTED, lw=1.6, ls=(0, (4, 3)), zorder=1)
    ax.plot(week, 100 * alive, "o", ms=9, mfc="white", mec=INK, mew=2, zorder=7)
    text = f"June 2023: day {JUNE_2023.breach_day}; {percent(alive)} of the simulated deals then stood"
    note(ax, text, (week, 100), (0, 7), ha="left" if 2 * week < ax.get_xlim()[1] else "right", color=MUTED)
