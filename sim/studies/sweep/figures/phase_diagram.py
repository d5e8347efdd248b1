"""Which ending is the commonest over two numbers at once, and where that is not settled."""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from sim.draw.labels import key
from sim.draw.style import ENDINGS, INK, MUTED, Page, Setting, Table, ink, page, percent, small_print, styled
from sim.studies.sweep.figures.bands import alone, pooled
from sim.studies.sweep.figures.swept import Meta, Swept, counts, lacking, mark_ticks, runs_a_point, swept
from sim.studies.sweep.lead import lead_settled

SCATTERED = 3000  # points to each of which a spot may belong; more are pooled in squares
WIDE, HIGH = 330, 240  # spots of the raster: fine enough that the cells of a grid have straight edges
Extent = tuple[float, float, float, float]


@styled
def phase_diagram(points: Table, setting: Setting, axes: Meta) -> Page:
    """The commonest ending over the first two axes (numbers before options), hatched where its lead is not settled.

    One small panel an ending shows its share. Points that differ in further axes are pooled.
    """
    found = sorted(swept(points, axes), key=lambda axis: axis.discrete)
    table, n = counts(points), int(points["n"].sum())
    if len(found) < 2:
        return lacking(
            "Two axes are needed for a phase diagram", "this sweep varies fewer than two numbers", setting, n
        )
    x, y = found[:2]
    owner, both, how = cells(x, y, np.column_stack([table, np.ones_like(table[:, 0])]), exact=len(found) == 2)
    total, k = both[:, :-1], np.maximum(both[:, -1:], 1)  # runs by ending, and points, of each cell
    extent = (*_edges(x, gridded=how == "cells"), *_edges(y, gridded=how == "cells"))
    live = total.sum(axis=1) > 0
    # With shared luck the points of a cell are the same replicates again: as many runs as one of them has.
    settled = lead_settled(total if alone(setting) else np.rint(total / k).astype(np.int64))
    fig = page(
        takeaway(total[live]),
        f"Commonest ending, {runs_a_point(points)}; hatched: its lead over the next is not settled at 95 % "
        f"({int((live & ~settled).sum())} of {int(live.sum())} {how})",
        small_print(setting, n, note=_note(found[2:])),
    )
    ax = fig.add_axes((0.105, 0.175, 0.475, 0.605))
    _map(ax, owner, total, settled, extent)
    _axes(ax, x, y, extent, dots=how != "cells")
    first = [k for k in np.argsort(-total.sum(axis=0), kind="stable") if total[:, k].sum()]
    leads = [k for k in first if np.any(total[live].argmax(axis=1) == k)]
    key(fig, [ENDINGS[k] for k in leads], 0.105, 0.838, size=11)
    for place in range(len(ENDINGS)):
        _share(fig.add_axes(_panel(place)), owner, total, place)
    return fig


def cells(x: Swept, y: Swept, table: np.ndarray, *, exact: bool) -> tuple[np.ndarray, np.ndarray, str]:
    """Owner (HIGH, WIDE) of each spot of the raster, runs by ending of each owner (m, 6), and what an owner is called.

    A grid has a cell for each pair of levels. Of scattered points each spot belongs to the nearest one; where
    they differ in further axes too, the plane is cut into squares, and one without a point stays empty.
    """
    pairs = len(x.levels) * len(y.levels)
    gridded = pairs <= len(x.values)
    across, up = (_spots(axis, size, gridded=gridded) for axis, size in ((x, WIDE), (y, HIGH)))
    if gridded:
        own = _nearest(y.place(y.levels), up)[:, None] * len(x.levels) + _nearest(x.place(x.levels), across)[None, :]
        return own, pooled(table, y.key() * len(x.levels) + x.key(), pairs), "cells"
    here, there = x.place(x.values), y.place(y.values)
    if exact and len(here) <= SCATTERED:
        spots = np.column_stack([g.ravel() for g in np.meshgrid(across, up)])
        best = np.concatenate([_closest(part, here, there) for part in np.array_split(spots, 60)])
        return best.reshape(HIGH, WIDE), table, "points"
    m = int(np.clip(np.sqrt(len(here) / 8), 3, 14))
    square = [np.minimum((place * m).astype(int), m - 1) for place in (here, there)]
    own = (up * m).astype(int)[:, None] * m + (across * m).astype(int)[None, :]
    return own, pooled(table, square[1] * m + square[0], m * m), "squares"


def _edges(axis: Swept, *, gridded: bool) -> tuple[float, float]:
    """How far the map reaches: beyond the outermost levels of a grid by half a cell, so that all cells are whole."""
    half = 0.5 / (len(axis.levels) - 1) if gridded and not axis.discrete else 0.0
    return -half, 1.0 + half


def _spots(axis: Swept, size: int, *, gridded: bool) -> np.ndarray:
    low, high = _edges(axis, gridded=gridded)
    return low + (np.arange(size) + 0.5) / size * (high - low)


def _nearest(places: np.ndarray, spots: np.ndarray) -> np.ndarray:
    return np.abs(spots[:, None] - places[None, :]).argmin(axis=1)


def _closest(spots: np.ndarray, here: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Nearest point to each spot (k, 2), distances as seen on the page."""
    far = ((spots[:, :1] - here) * WIDE / HIGH) ** 2 + (spots[:, 1:] - there) ** 2
    return np.asarray(far.argmin(axis=1))


def takeaway(total: np.ndarray) -> str:
    """The headline: over how much of the plane which ending is the commonest."""
    lead = np.bincount(total.argmax(axis=1), minlength=len(ENDINGS)) / len(total)
    first, second = (int(k) for k in np.argsort(-lead, kind="stable")[:2])
    phrase = ENDINGS[first].phrase
    if lead[first] == 1:
        return f"{phrase[0].upper()}{phrase[1:]} is the commonest ending everywhere here"
    other = f"{ENDINGS[second].phrase} over {percent(lead[second])}"
    return f"{phrase[0].upper()}{phrase[1:]} is commonest over {percent(lead[first])} of the plane, {other}"


def _note(others: list[Swept]) -> str:
    """What the map averages over."""
    return (
        f"pooled over {', '.join(axis.short for axis in others[:3])}" + (" …" if len(others) > 3 else "")
        if others
        else ""
    )


def _map(ax: Axes, owner: np.ndarray, total: np.ndarray, settled: np.ndarray, extent: Extent) -> None:
    colours = np.array([to_rgb(mark.colour) for mark in ENDINGS])[total.argmax(axis=1)]
    colours[total.sum(axis=1) == 0] = 1.0
    ax.imshow(colours[owner], origin="lower", extent=extent, aspect="auto", interpolation="nearest")
    doubt = (~settled & (total.sum(axis=1) > 0))[owner].astype(float)
    if doubt.any():
        left, right, bottom, top = extent
        across = left + (np.arange(WIDE) + 0.5) / WIDE * (right - left)
        up = bottom + (np.arange(HIGH) + 0.5) / HIGH * (top - bottom)
        with matplotlib.rc_context({"hatch.color": "white", "hatch.linewidth": 1.6}):
            ax.contourf(across, up, doubt, levels=[0.5, 1.5], colors="none", hatches=["//"])


def _axes(ax: Axes, x: Swept, y: Swept, extent: Extent, *, dots: bool) -> None:
    if dots:
        ax.plot(x.place(x.values), y.place(y.values), ".", color=INK, ms=2.5, alpha=0.6)
    mark_ticks(ax, x)
    mark_ticks(ax, y, y=True, width=48)
    ax.set_xlim(extent[0], extent[1])
    ax.set_ylim(extent[2], extent[3])
    ax.tick_params(length=4)


def _panel(place: int) -> tuple[float, float, float, float]:
    """Place of a small panel: two columns, three rows."""
    return 0.635 + 0.18 * (place % 2), 0.605 - 0.235 * (place // 2), 0.15, 0.175


def _share(ax: Axes, owner: np.ndarray, total: np.ndarray, code: int) -> None:
    """Share of one ending over the plane, white at none, its full colour at its own highest."""
    runs = total.sum(axis=1)
    share = np.divide(total[:, code], runs, out=np.full(len(runs), np.nan), where=runs > 0)
    low, high = float(np.nanmin(share)), float(np.nanmax(share))
    depth = np.nan_to_num(share / high if high else share * 0.0)[:, None]
    picture = 1.0 - depth * (1.0 - np.array(to_rgb(ENDINGS[code].colour)))
    ax.imshow(picture[owner], origin="lower", extent=(0, 1, 0, 1), aspect="auto", interpolation="nearest")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[["top", "right"]].set_visible(True)
    ax.set_title(ENDINGS[code].label, size=12, color=ink(ENDINGS[code].colour), pad=4)
    ax.text(
        0,
        -0.03,
        f"{percent(low, sign=False)} to {percent(high)}",
        size=11,
        color=MUTED,
        va="top",
        transform=ax.transAxes,
    )
