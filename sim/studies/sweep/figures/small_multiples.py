"""The endings level by level of a discrete axis, against a second axis where there is one."""

from __future__ import annotations

import math
import textwrap

import numpy as np
from matplotlib.axes import Axes

from sim.draw.labels import key
from sim.draw.style import ENDINGS, INK, SMALL, Page, Setting, Table, page, percent, small_print, styled
from sim.studies.sweep.figures.bands import bands, luck_print, pooled, scattered
from sim.studies.sweep.figures.swept import (
    Meta,
    Swept,
    bins,
    commonest,
    counts,
    lacking,
    level_text,
    mark_ticks,
    moved,
    runs_a_point,
    swept,
)
from sim.studies.sweep.movement import Movement

Band = tuple[np.ndarray, np.ndarray]
MOST = 16  # panels; more would be too small to read
LEFT, RIGHT, LOW, HIGH = 0.045, 0.965, 0.135, 0.80


@styled
def small_multiples(points: Table, setting: Setting, axes: Meta) -> Page:
    """Shares of the endings: one panel a level of the discrete axis, and in it bars or areas along a second axis.

    The commonest ending of all stands first in every bar and carries its 95 % interval.
    """
    found = swept(points, axes)
    panels, along = _axes(found)
    table, n = counts(points), int(points["n"].sum())
    if panels is None and along is None:
        return lacking(
            "A discrete axis is needed for small multiples",
            "this sweep varies no option and no number with few levels",
            setting,
            n,
        )
    rest = [axis.short for axis in found if axis is not panels and axis is not along]
    main = commonest(table)
    judged = panels or along
    assert judged is not None
    cut = f"the first {MOST} of {len(panels.levels)} levels; " if panels and len(panels.levels) > MOST else ""
    fig = page(
        takeaway(judged, moved(points, setting, axes, judged.path, main), main),
        f"Shares of the endings, {runs_a_point(points)}; the bracket is the 95 % interval of {ENDINGS[main].phrase}",
        small_print(
            setting, n, note=f"{cut}{'pooled over ' + ', '.join(rest[:3]) + '; ' if rest else ''}{luck_print(setting)}"
        ),
    )
    order = [main, *(k for k in range(len(ENDINGS)) if k != main)]
    key(fig, [ENDINGS[k] for k in order if table[:, k].any()], LEFT, 0.84, size=11)
    _draw(fig, panels, along, table, order, setting, apart=bool(rest) and scattered(len(found), setting))
    return fig


def _axes(found: list[Swept]) -> tuple[Swept | None, Swept | None]:
    """The axis of the panels and the one along which each is drawn; a lone discrete axis is drawn along."""
    discrete = sorted((axis for axis in found if axis.discrete), key=lambda axis: len(axis.levels))
    numbers = [axis for axis in found if not axis.discrete]
    if not discrete:
        return None, None
    if numbers:
        return discrete[0], numbers[0]
    return (None, discrete[0]) if len(discrete) == 1 else (discrete[0], discrete[1])


def takeaway(axis: Swept, told: Movement, main: int) -> str:
    """The headline: at which level the commonest ending of all is likeliest, and at which least, if beyond chance."""
    phrase, pair = ENDINGS[main].phrase, told.widest()
    if pair is None:
        return f"{phrase[0].upper()}{phrase[1:]} is not seen to change along {axis.short}"
    low, high = sorted(pair, key=lambda place: told.shares[place])
    levels = [f"{percent(told.shares[k])} under {axis.short} {told.places[k]}" for k in (high, low)]
    return f"{phrase[0].upper()}{phrase[1:]}: {' but '.join(levels)}"


def _level(axis: Swept, place: int) -> str:
    text = level_text(axis.levels[place])
    return f"{axis.short} {text}" if axis.number else text


def _draw(
    fig: Page, panels: Swept | None, along: Swept | None, table: np.ndarray, order: list[int], setting: Setting, *,
    apart: bool,
) -> None:  # fmt: skip
    assert along is not None
    count = min(len(panels.levels), MOST) if panels else 1
    bars = along.discrete
    names = 0.13 if bars else 0.035  # room for the names of the rows, left of the first column
    # Many rows need the height of the page, few can share it.
    across = min(count, (8 if len(along.levels) > 8 else 4) if bars else math.ceil(math.sqrt(count)))
    down = math.ceil(count / across)
    wide, tall = (RIGHT - LEFT - names) / across, (HIGH - LOW) / down
    for place in range(count):
        row, column = divmod(place, across)
        box = (LEFT + names + column * wide, HIGH - (row + 1) * tall + 0.012, wide - 0.018, tall - 0.055)
        ax = fig.add_axes(box)
        mine = panels.key() == place if panels else np.ones(len(table), bool)
        owner, places = bins(along)
        owner = np.where(mine, owner, -1)
        total = pooled(table, owner, len(places))
        band = bands(table, owner, len(places), setting, apart=apart)
        low, high = (end[:, order[0]] for end in band)
        if panels:
            ax.set_title(_level(panels, place), size=12, pad=3)
        lowest = place + across >= count
        if bars:
            _bars(ax, along, total, order, (low, high), names=column == 0, ticks=lowest)
        else:
            _areas(ax, along, places, total, order, (low, high), left=column == 0, lowest=lowest)
    if not bars:
        what, name = along.title(200).rsplit("\n", 1) if "\n" in along.title(200) else ("", along.path)
        label = textwrap.fill(f"{what} · {name}" if what else name, 125, break_on_hyphens=False)
        fig.text((LEFT + RIGHT) / 2, 0.058, label, size=SMALL, ha="center", va="bottom", linespacing=1.0)


def _bars(ax: Axes, along: Swept, total: np.ndarray, order: list[int], band: Band, *, names: bool, ticks: bool) -> None:
    """One bar a level, the endings side by side; the interval stands at the end of the first."""
    runs = np.maximum(total.sum(axis=1), 1)  # a level that a panel lacks is an empty row
    rows, left = np.arange(len(total)), np.zeros(len(total))
    for k in order:
        share = total[:, k] / runs
        ax.barh(rows, share, left=left, height=0.74, color=ENDINGS[k].colour, ec="white", lw=0.6)
        left = left + share
    low, high = band
    ax.hlines(rows, low, high, color=INK, lw=2)
    ax.plot(np.concatenate([low, high]), np.tile(rows, 2), "|", color=INK, ms=7, mew=2)
    ax.set_ylim(len(total) - 0.5, -0.5)
    every = math.ceil(18 * len(total) / float(ax.get_position().height * ax.figure.bbox.height))  # pixels a name
    shown = [level_text(level) if names else "" for level in along.levels]
    ax.set_yticks(rows[::every], shown[::every], size=12 if len(total) <= 10 else 11)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5], ["0", "50 %"] if ticks else ["", ""], size=11)
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)


def _areas(
    ax: Axes,
    along: Swept,
    places: np.ndarray,
    total: np.ndarray,
    order: list[int],
    band: Band,
    *,
    left: bool,
    lowest: bool,
) -> None:
    """Shares stacked along a number, the commonest of all at the bottom with its band."""
    runs = total.sum(axis=1)
    live = runs > 0
    share = total[live][:, order] / runs[live, None]
    ax.stackplot(places[live], share.T, colors=[ENDINGS[k].colour for k in order], lw=0.6, ec="white")
    low, high = (end[live] for end in band)
    ax.plot(places[live], low, places[live], high, color=INK, lw=1.2)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"] if left else ["", "", ""], size=11)
    mark_ticks(ax, along, label=False, names=lowest)
    ax.tick_params(length=3, labelsize=11)
