"""How many die, by ending: a logarithmic scale with a true place for none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sim.draw.history import JUNE_2023, is_june_2023
from sim.draw.labels import note
from sim.draw.style import ENDINGS, FAINT, INK, MUTED, Page, Setting, Table, ink, page, percent, small_print, styled

BINS_A_DECADE = 8
FIRST = math.log10(0.9)  # left edge of the scale for those who count: one death lies just inside it
ZERO = FIRST - 0.32, FIRST - 0.08  # the bin of runs without a death


def bins(deaths: np.ndarray, edges: np.ndarray) -> tuple[float, np.ndarray]:
    """Share of runs with no death (fewer than half a man), and shares in the bins of log10(deaths)."""
    whole = np.rint(deaths)
    some = np.log10(np.maximum(whole[whole > 0], 1.0))
    return float(np.mean(whole == 0)), np.histogram(some, edges)[0] / len(deaths)


@styled
def deaths(runs: Table, setting: Setting) -> Page:
    """One row an ending: share of its runs by number of dead, zero in a bin of its own."""
    dead, outcome = runs["deaths"], runs["outcome"]
    top = max(2.0, math.ceil(math.log10(max(float(dead.max()), 1.0)) * 2 + 0.2) / 2)
    edges = FIRST + np.arange(0, math.ceil((top - FIRST) * BINS_A_DECADE) + 1) / BINS_A_DECADE
    fig = page(
        _takeaway(dead),
        "Killed on the day, all sides, by ending; each row is scaled to its own tallest bar",
        small_print(setting, len(dead), note="rounded to whole persons; median and middle 80 % at the right"),
    )
    ax = fig.add_axes((0.235, 0.155, 0.545, 0.655))
    came = [k for k in range(len(ENDINGS)) if np.any(outcome == k)]
    _axes(ax, len(came), float(edges[-1]))
    for row, k in enumerate(came):
        _row(ax, row, k, dead[outcome == k], edges)
        _words(ax, row, k, dead[outcome == k], len(dead))
    if is_june_2023(setting):
        _june(ax)
    return fig


def _takeaway(dead: np.ndarray) -> str:
    whole = np.rint(dead)
    if len(whole) == 1:
        return f"The crisis costs {whole[0]:.0f} lives"
    if not whole.any():
        return "Nobody dies in any run"
    middle, high = np.percentile(whole, [50, 95])
    return f"Half of the crises cost {middle:.0f} lives or fewer; one in twenty more than {high:,.0f}"


def _row(ax: Axes, row: int, k: int, dead: np.ndarray, edges: np.ndarray) -> None:
    """The bars of one ending, standing on a line of their own."""
    none, shares = bins(dead, edges)
    scale = 0.66 / max(none, float(shares.max()))
    colour, base = ENDINGS[k].colour, row + 0.4
    look: dict[str, Any] = {"bottom": base, "align": "edge", "color": colour}
    ax.bar(edges[:-1], -shares * scale, width=np.diff(edges), ec="white", lw=0.8, **look)
    ax.bar(ZERO[0], -none * scale, width=ZERO[1] - ZERO[0], **look)
    ax.plot([ZERO[0] - 0.06, edges[-1]], [base, base], color=FAINT, lw=1.2, zorder=3)
    if none:
        note(ax, percent(none), (sum(ZERO) / 2, base - none * scale), (0, 2), ha="center", color=ink(colour))
    median = float(np.median(np.rint(dead)))
    if median > 0:
        ax.plot(math.log10(median), base + 0.06, "^", color=INK, ms=8, zorder=5)


def _words(ax: Axes, row: int, k: int, dead: np.ndarray, n: int) -> None:
    """The ending and its share of runs at the left, median and middle 80 % at the right."""
    low, median, high = np.percentile(np.rint(dead), [10, 50, 90])
    bold: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "weight": "bold", "color": ink(ENDINGS[k].colour)}
    ax.text(-0.02, row + 0.1, f"{ENDINGS[k].label}\n{percent(len(dead) / n)} of runs", ha="right", va="center", **bold)
    at = (1.02 * ax.get_xlim()[1] - 0.02 * ax.get_xlim()[0], row + 0.08)
    note(ax, f"median {median:,.0f}", at, (0, 1), size=16, weight="bold", color=ink(ENDINGS[k].colour))
    note(ax, f"{low:,.0f} to {high:,.0f}", at, (0, -3), color=MUTED, va="top")


def _axes(ax: Axes, rows: int, right: float) -> None:
    ax.set_xlim(ZERO[0] - 0.06, right)
    ax.set_ylim(rows - 0.4, -0.6)
    decades = range(int(right) + 1)
    marks = [m for d in decades for m in (d, d + math.log10(3)) if m <= right]
    ax.set_xticks([sum(ZERO) / 2, *marks], ["none", *(f"{round(10**m):,}" for m in marks)])
    ax.set_yticks([])
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.set_xlabel("dead (logarithmic scale; triangle: median)")


def _june(ax: Axes) -> None:
    low, high = math.log10(JUNE_2023.dead_low), math.log10(JUNE_2023.dead_high)
    ax.axvspan(low, high, color=FAINT, alpha=0.35, lw=0, zorder=0)
    text = f"June 2023: {JUNE_2023.dead_low} to {JUNE_2023.dead_high}"
    note(ax, text, ((low + high) / 2, 1), (0, 4), xycoords=("data", "axes fraction"), ha="center", color=MUTED)
