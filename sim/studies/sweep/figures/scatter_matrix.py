"""Many axes at once: every pair of those that matter most, point by point."""

from __future__ import annotations

import textwrap

import numpy as np
from matplotlib.axes import Axes

from sim.draw.labels import key
from sim.draw.style import ENDINGS, INK, MUTED, Page, Setting, Table, page, percent, small_print, styled
from sim.studies.sweep.figures.bands import bands, pooled, scattered
from sim.studies.sweep.figures.swept import (
    Meta,
    Swept,
    bins,
    commonest,
    counts,
    lacking,
    mark_ticks,
    moved,
    runs_a_point,
    swept,
)

MOST = 5  # axes; more make the panels too small to read
DOTS = 3000  # points drawn; the first of a design, which for random designs are a sample of all
BOX = (0.075, 0.155, 0.86, 0.675)


@styled
def scatter_matrix(points: Table, setting: Setting, axes: Meta) -> Page:
    """Below the diagonal the commonest ending of each point over two axes; on it one share against each axis.

    Of many axes those are shown along which the share of the commonest ending of all varies most
    (correlation ratio, Pearson 1905).
    """
    found, table, n = swept(points, axes), counts(points), int(points["n"].sum())
    if len(found) < 2:
        return lacking(
            "Two axes are needed for a scatter matrix", "this sweep varies fewer than two numbers", setting, n
        )
    main = commonest(table)
    share = table[:, main] / points["n"]
    ratio = np.array([correlation_ratio(axis, share) for axis in found])
    shown = [found[i] for i in np.argsort(-ratio, kind="stable")[:MOST]]
    moves = (axis for axis in shown if moved(points, setting, axes, axis.path, main, len(found)).settled)
    first = next(moves, None)
    fig = page(
        takeaway(first, correlation_ratio(first, share) if first else 0.0, main),
        f"Commonest ending of each point, {runs_a_point(points)}; on the diagonal the share of {ENDINGS[main].phrase}",
        small_print(
            setting, n, note=f"{len(shown)} of {len(found)} axes, widest first; bands: 95 % of the mean of a stretch"
        ),
    )
    lead = table.argmax(axis=1)
    came = [int(k) for k in np.argsort(-np.bincount(lead, minlength=6), kind="stable") if np.any(lead == k)]
    key(fig, [ENDINGS[k] for k in came], 0.075, 0.848, size=11)
    wide, tall = BOX[2] / len(shown), BOX[3] / len(shown)
    for row, y in enumerate(shown):
        for column, x in enumerate(shown[: row + 1]):
            corner = (BOX[0] + column * wide, BOX[1] + (len(shown) - 1 - row) * tall)
            ax = fig.add_axes((*corner, wide - 0.012, tall - 0.018))
            if row == column:
                _response(ax, x, table, main, setting, words=wide * 150)
            else:
                _dots(ax, x, y, lead)
            _ticks(ax, x, y, bottom=row == len(shown) - 1, left=column == 0 and row > 0)
    return fig


def correlation_ratio(axis: Swept, values: np.ndarray) -> float:
    """Share of the variance of `values` (n,) between stretches of the axis, in [0, 1], beyond what chance makes."""
    owner, places = bins(axis, pool=True)
    k = np.bincount(owner, minlength=len(places))
    mean = np.bincount(owner, values, len(places)) / np.maximum(k, 1)
    whole, n, m = float(np.var(values)), len(values), int(np.count_nonzero(k))
    if not whole or n <= m:
        return 0.0
    ratio = float(np.sum(k * (mean - values.mean()) ** 2) / n / whole)
    return max(1 - (1 - ratio) * (n - 1) / (n - m), 0.0)  # less what stretches differ by chance (Kelley 1935)


def takeaway(axis: Swept | None, ratio: float, main: int) -> str:
    """The headline: of the axes along which the share of the commonest ending moves beyond chance, the first."""
    if axis is None:
        return f"No axis alone is seen to move the share of {ENDINGS[main].phrase}"
    return f"{axis.short} alone goes with {percent(ratio)} of how the share of {ENDINGS[main].phrase} varies"


def _dots(ax: Axes, x: Swept, y: Swept, lead: np.ndarray) -> None:
    here, there = x.place(x.values)[:DOTS], y.place(y.values)[:DOTS]
    colours = np.array([mark.colour for mark in ENDINGS])[lead[:DOTS]]
    ax.scatter(here, there, s=float(np.clip(4000 / len(here), 4, 26)), c=colours, lw=0, alpha=0.85)
    ax.set_xlim(-0.04, 1.04)
    ax.set_ylim(-0.04, 1.04)


def _response(ax: Axes, axis: Swept, table: np.ndarray, main: int, setting: Setting, words: float) -> None:
    """Mean share of one ending along an axis, whose name stands in its panel."""
    owner, places = bins(axis, pool=True)
    total = pooled(table, owner, len(places))
    low, high = bands(table, owner, len(places), setting, apart=scattered(2, setting))
    live = total.sum(axis=1) > 0
    share = total[live, main] / total[live].sum(axis=1)
    ax.fill_between(places[live], low[live, main], high[live, main], color=ENDINGS[main].colour, alpha=0.3, lw=0)
    ax.plot(places[live], share, color=ENDINGS[main].colour, lw=2.2)
    ax.set_xlim(-0.04, 1.04)
    reach = np.concatenate([high[live, main], share])
    top = max(float(np.max(reach[np.isfinite(reach)])), 0.05)  # a bin of one point has no interval
    ax.set_ylim(0, 2.6 * top)  # the upper half is for the name
    ax.set_yticks([0, top], ["0", percent(top)], size=11)
    ax.yaxis.tick_right()
    ax.text(0.03, 0.95, axis.short, size=12, weight="bold", color=INK, va="top", transform=ax.transAxes)
    about = "\n".join(textwrap.wrap(axis.about, int(words))[:2])
    ax.text(0.03, 0.77, about, size=11, color=MUTED, va="top", transform=ax.transAxes)


def _ticks(ax: Axes, x: Swept, y: Swept, *, bottom: bool, left: bool) -> None:
    """Few ticks, and their texts only at the left and lower edges."""
    mark_ticks(ax, x, label=False, names=bottom, size=11)
    if x is not y:
        mark_ticks(ax, y, y=True, label=False, names=left, size=11)
    for axis, of in ((ax.xaxis, x), (ax.yaxis, y)):
        if of.number and (of is x or x is not y) and len(axis.get_majorticklocs()) > 4:
            texts = [tick.get_text() for tick in axis.get_ticklabels()]
            axis.set_ticks(axis.get_majorticklocs()[::2], texts[::2], size=11)
    ax.tick_params(length=3)
