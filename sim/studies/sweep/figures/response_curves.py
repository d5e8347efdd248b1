"""How the endings and the costs answer to one axis of a sweep."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from sim.draw.labels import edge_label, spread
from sim.draw.style import ENDINGS, INK, MUTED, Page, Setting, Table, page, percent, small_print, styled
from sim.studies.sweep.figures.bands import Bands, alone, bands, luck_print, means, pooled, scattered
from sim.studies.sweep.figures.swept import Meta, Swept, bins, counts, lacking, mark_ticks, moved, swept
from sim.studies.sweep.movement import Movement

METRICS = (
    ("duration_h", "mean duration (h)"),
    ("closest_km", "mean closest point (km)"),
    ("deaths", "mean deaths"),
)
APART = "bands: how far points of a mark lie apart, and luck as of one point's runs"


@styled
def response_curves(points: Table, setting: Setting, axes: Meta) -> Page:
    """Share of each ending against the first axis that is a number, with 95 % bands, and the mean metrics beside it.

    Points that differ in other axes are pooled; of many scattered values each mark pools a stretch of the axis.
    """
    found = sorted(swept(points, axes), key=lambda axis: axis.discrete)
    n = int(points["n"].sum())
    if not found:
        return lacking("One axis is needed for a response", "this sweep varies nothing", setting, n)
    axis = found[0]
    owner, places = bins(axis, pool=len(found) > 1)
    table, apart = counts(points), scattered(len(found), setting) or (len(found) > 1 and len(places) < len(axis.levels))
    total = pooled(table, owner, len(places))
    pool = f"pooled over {len(found) - 1} other axes" if len(found) > 2 else "pooled over the other axis"
    note = "; ".join([*([pool] if len(found) > 1 else []), APART if apart else luck_print(setting)])
    told = [moved(points, setting, axes, axis.path, k, len(ENDINGS)) for k in range(len(ENDINGS))]
    fig = page(
        takeaway(axis, told),
        f"Shares of the endings with 95 % bands, {_runs(total)} runs a mark",
        small_print(setting, n, note=note),
    )
    band = bands(table, owner, len(places), setting, apart=apart)
    _shares(fig.add_axes((0.075, 0.175, 0.40, 0.645)), axis, places, total, band)
    for row, (name, label) in enumerate(METRICS):
        ax = fig.add_axes((0.70, 0.632 - 0.2285 * row, 0.265, 0.17))
        middle, half = means(points, name, owner, len(places), shared=not alone(setting), apart=apart)
        _metric(ax, axis, places, middle, half)
        ax.set_title(label, size=12)
        mark_ticks(ax, axis, label=row == len(METRICS) - 1, names=row == len(METRICS) - 1, width=40)
    return fig


def takeaway(axis: Swept, told: Sequence[Movement]) -> str:
    """The headline: of the endings whose shares move beyond chance along the axis, the one that moves most."""
    k = max(range(len(told)), key=lambda k: round(told[k].reach, 9))
    phrase, one, pair = ENDINGS[k].phrase, told[k], told[k].widest()
    if pair is None:
        return f"No ending is seen to change along {axis.short}"
    if one.shape in ("rise", "fall"):
        return (
            f"The share of {phrase} {one.shape}s from {percent(one.shares[0])} to {percent(one.shares[-1])} "
            f"along {axis.short}"
        )
    low, high = sorted(pair, key=lambda place: one.shares[place])
    ends = [f"{percent(one.shares[place])} at {one.places[place]}" for place in (high, low)]
    return f"The share of {phrase} along {axis.short}: {' but '.join(ends)}"


def _runs(total: np.ndarray) -> str:
    runs = total.sum(axis=1)
    low, high = int(runs[runs > 0].min()), int(runs.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _shares(ax: Axes, axis: Swept, places: np.ndarray, total: np.ndarray, bands: Bands) -> None:
    runs = total.sum(axis=1)
    live = runs > 0
    came = [k for k in range(len(ENDINGS)) if total[:, k].any()]
    for k in came:
        low, high = (band[:, k] for band in bands)
        share = total[live, k] / runs[live]
        ax.fill_between(places[live], low[live], high[live], color=ENDINGS[k].colour, alpha=0.22, lw=0)
        ax.plot(places[live], share, "-o", color=ENDINGS[k].colour, lw=2.4, ms=4.5)
    tops = np.fmax(bands[1][live], total[live] / runs[live, None])  # one point alone has no band
    top = min(1.0, 1.08 * float(np.max(tops)))
    ax.set_ylim(0, top)
    ax.set_xlim(-0.02, 1.02)
    ticks = [t for t in ax.get_yticks() if 0 <= t <= top]
    ax.set_yticks(ticks, [f"{100 * t:.0f} %" for t in ticks])
    ax.grid(axis="y")
    mark_ticks(ax, axis)
    last = np.flatnonzero(live)[-1]
    ends = [total[last, k] / runs[last] for k in came]
    for k, value, place in zip(came, ends, spread([e / top for e in ends], 0.055, 0.0, 1.0), strict=True):
        edge_label(ax, value, place * top, f"{ENDINGS[k].label} {percent(value)}", ENDINGS[k].colour)


def _metric(ax: Axes, axis: Swept, places: np.ndarray, middle: np.ndarray, half: np.ndarray) -> None:
    """A mean against the axis with its 95 % interval."""
    live = np.isfinite(middle)
    ax.fill_between(places[live], (middle - half)[live], (middle + half)[live], color=MUTED, alpha=0.25, lw=0)
    ax.plot(places[live], middle[live], "-o", color=INK, lw=1.8, ms=3.5)
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(0, 1.12 * float(np.max(np.fmax(middle + half, middle)[live])) or 1.0)
    ax.grid(axis="y")
    ax.locator_params(axis="y", nbins=4)
