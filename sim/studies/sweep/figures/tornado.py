"""Which numbers matter one at a time: the swing of outputs from a number's low end to its high end."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from sim.draw.labels import lined
from sim.draw.style import ENDINGS, INK, MUTED, Page, Setting, Table, page, percent, small_print, styled
from sim.stats.estimates import Z95
from sim.studies.sweep.figures.bands import wilson_all
from sim.studies.sweep.figures.swept import Meta, Swept, counts, lacking, level_text, moved, runs_a_point, swept
from sim.studies.sweep.movement import Movement

TOP = 15  # rows: as many as can be read from the back
COLUMNS = ((0.468, 0.182), (0.672, 0.088), (0.778, 0.088), (0.888, 0.088))  # left edge and width of each output
LOW_COLOUR, HIGH_COLOUR = "#A9B4C2", "#5B4B8A"  # no ending has these


class Swing(NamedTuple):
    """An output at the ends of one axis, all else as at the base, with the 95 % interval (low, high) at each."""

    axis: Swept
    low: float
    high: float
    low_band: tuple[float, float]
    high_band: tuple[float, float]

    @property
    def size(self) -> float:
        """How far the output goes between the ends."""
        return abs(self.high - self.low)


@styled
def tornado(points: Table, setting: Setting, axes: Meta) -> Page:
    """Swing of the commonest ending's share and of three metrics as one number goes from low to high, widest first."""
    found, n = swept(points, axes), int(points["n"].sum())
    base = base_point(found)
    if base is None:
        return lacking(
            "A tornado needs a design one at a time", "no point differs from a base in one axis only", setting, n
        )
    table = counts(points)
    main = int(np.argmax(table[base]))
    outputs = _outputs(points, table, main)
    swings = {name: swings_of(found, base, *values) for name, _, values in outputs}
    leading = outputs[0][0]
    ranked = sorted(swings[leading], key=lambda path: -swings[leading][path].size)[:TOP]
    more = f"the {len(ranked)} widest of {len(swings[leading])}; " if len(swings[leading]) > TOP else ""
    told = {path: moved(points, setting, axes, path, main, len(swings[leading])) for path in ranked}
    fig = page(
        takeaway([swings[leading][path] for path in ranked], told, main),
        f"Each number alone from its low end (grey) to its high end (violet); {runs_a_point(points)}; "
        "lines: 95 % intervals",
        small_print(
            setting, n, note=f"{more}intervals take points as independent; luck shared between them makes them narrower"
        ),
    )
    for column, ((left, wide), (name, label, values)) in enumerate(zip(COLUMNS, outputs, strict=True)):
        ax = fig.add_axes((left, 0.115, wide, 0.665))
        _column(ax, [swings[name][path] for path in ranked], float(values[0][base]), share=column == 0)
        ax.set_title(label, size=12, pad=8)
        if column == 0:
            _names(ax, [swings[name][path] for path in ranked])
    return fig


def base_point(found: list[Swept]) -> int | None:
    """The point from which most others differ in one axis only; None where there is no such point."""
    if not found:
        return None
    levels = np.column_stack([axis.key() for axis in found])
    middle = np.array([np.bincount(column).argmax() for column in levels.T])
    base = np.flatnonzero((levels == middle).all(axis=1))
    return int(base[0]) if len(base) else None


def _outputs(points: Table, table: np.ndarray, main: int) -> list[tuple[str, str, tuple[np.ndarray, np.ndarray]]]:
    """(name, heading, (values (n,), intervals (n, 2))) of what is drawn, the share first with Wilson's interval."""
    n = points["n"].astype(float)
    bands = np.column_stack(wilson_all(table[:, main], n))
    found = [("share", f"share of\n{ENDINGS[main].phrase}", (table[:, main] / n, bands))]
    for name, label in (("duration_h", "hours"), ("closest_km", "closest km"), ("deaths", "deaths")):
        half = Z95 * np.nan_to_num(points[f"sd_{name}"]) / np.sqrt(n)
        mean = points[f"mean_{name}"]
        found.append((name, f"mean\n{label}", (mean, np.column_stack([mean - half, mean + half]))))
    return found


def swings_of(found: list[Swept], base: int, values: np.ndarray, bands: np.ndarray) -> dict[str, Swing]:
    """The swing along each axis from the points that differ from the base in that axis only; `bands` is (n, 2)."""
    levels = np.column_stack([axis.key() for axis in found])
    differs = levels != levels[base]
    swings = {}
    for i, axis in enumerate(found):
        alone = np.flatnonzero(differs[:, i] & (differs.sum(axis=1) == 1))
        line = np.append(alone, base)
        low, high = line[np.argmin(levels[line, i])], line[np.argmax(levels[line, i])]
        if low != high:
            at_low, at_high = ((float(bands[at, 0]), float(bands[at, 1])) for at in (low, high))
            swings[axis.path] = Swing(axis, float(values[low]), float(values[high]), at_low, at_high)
    return swings


def takeaway(swings: Sequence[Swing], told: Mapping[str, Movement], main: int) -> str:
    """The headline: the widest swing of the share that is beyond chance."""
    first = next((swing for swing in swings if told[swing.axis.path].settled), None)
    if first is None:
        return f"No number alone is seen to move the share of {ENDINGS[main].phrase}"
    return (
        f"{first.axis.short} has the widest swing: {ENDINGS[main].phrase} from {percent(first.low)} "
        f"to {percent(first.high)}"
    )


def _column(ax: Axes, rows: list[Swing], base: float, *, share: bool) -> None:
    """One output: a bar from the base to the value at each end, one under the other, with intervals at the ends."""
    for row, swing in enumerate(rows):
        for value, band, colour, shift in (
            (swing.low, swing.low_band, LOW_COLOUR, -0.17),
            (swing.high, swing.high_band, HIGH_COLOUR, 0.17),
        ):
            ax.barh(row + shift, value - base, left=base, height=0.33, color=colour)
            ax.plot(band, [row + shift] * 2, color=INK, lw=1.4, zorder=3, solid_capstyle="butt")
    ax.axvline(base, color=INK, lw=1.2)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    ax.locator_params(axis="x", nbins=6 if share else 3)
    if share:
        ticks = [t for t in ax.get_xticks() if ax.get_xlim()[0] <= t <= ax.get_xlim()[1]]
        ax.set_xticks(ticks, [f"{100 * t:.0f} %" for t in ticks])
    ax.tick_params(labelsize=11)


def _names(ax: Axes, rows: list[Swing]) -> None:
    """Left of the bars, in columns: the name, what it is, and its two ends."""
    look: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "size": 11, "va": "center"}
    for row, swing in enumerate(rows):
        axis = swing.axis
        ends = f"{level_text(axis.levels[0])} to {level_text(axis.levels[-1])}"
        ends = ends if axis.number else f"{len(axis.levels)} options"
        ax.text(-2.36, row, axis.short, weight="bold", **look)
        about = lined(axis.about, 30, 0.72 * ax.get_position().height * 720 / (len(rows) + 0.2) - 1)
        ax.text(-0.53, row, about.pop("text"), ha="right", **{**look, **about})
        ax.text(-0.04, row, textwrap.shorten(ends, 24, placeholder=" …"), ha="right", color=MUTED, **look)
