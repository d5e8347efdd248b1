"""When crises end, and how: cumulative incidence of the competing endings."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from sim.draw.history import JUNE_2023, is_june_2023
from sim.draw.labels import edge_label, note, spread
from sim.draw.style import (
    ENDINGS,
    INK,
    MUTED,
    SMALL,
    WASH,
    Page,
    Setting,
    Table,
    hours_axis,
    interval,
    page,
    percent,
    small_print,
    styled,
)
from sim.stats.estimates import wilson


def incidence(outcome: np.ndarray, duration_h: np.ndarray, last: float) -> tuple[np.ndarray, np.ndarray]:
    """Hours (T,) and the share ended by then in each way (endings, T); every run ends, so none is censored."""
    hours = np.unique(np.concatenate([[0.0], duration_h, [last]]))
    shares = [np.searchsorted(np.sort(duration_h[outcome == k]), hours, "right") for k in range(len(ENDINGS))]
    return hours, np.array(shares) / len(outcome)


@styled
def endings_over_time(runs: Table, setting: Setting) -> Page:
    """Stacked share of runs that have ended in each way by the hour, up to the last ending."""
    outcome, duration = runs["outcome"], runs["duration_h"]
    longest = float(duration.max())
    # Two hours more, so that the last ending shows as an area.
    last = max(longest, min(longest + 2, float(setting["horizon_h"])), 1.0)
    fig = page(
        _takeaway(duration),
        "Share of runs that have ended by the hour, by the way they ended",
        small_print(setting, len(outcome), note="95 % Wilson intervals of the final shares beside the labels"),
    )
    ax = fig.add_axes((0.085, 0.17, 0.61, 0.655))
    edges = _areas(ax, *incidence(outcome, duration, last))
    _labels(ax, outcome, duration, edges)
    if np.median(duration) > max(last / 6, 2):
        ax.text(0.03, 0.5, "not yet ended", transform=ax.transAxes, size=15, color=MUTED)
    if is_june_2023(setting) and JUNE_2023.halt_hour < last:
        ax.axvline(JUNE_2023.halt_hour, color=INK, lw=1.6, ls=(0, (4, 3)))
        note(ax, "June 2023", (JUNE_2023.halt_hour, 100), (0, 5), ha="center")
    hours_axis(ax, last, setting)
    return fig


def _areas(ax: Axes, hours: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The stacked areas; returns the heights (endings + 1,) of their borders at the right edge, %."""
    edges = 100 * np.vstack([np.zeros(len(hours)), np.cumsum(shares, axis=0)])
    for k, mark in enumerate(ENDINGS):
        ax.fill_between(hours, edges[k], edges[k + 1], step="post", color=mark.colour, lw=0)
        ax.step(hours, edges[k + 1], where="post", color="white", lw=0.9)
    ax.set_facecolor(WASH)
    ax.set_ylim(0, 100)
    ax.set_yticks(range(0, 101, 20), [f"{y} %" for y in range(0, 101, 20)])
    ax.set_ylabel("runs ended")
    return np.asarray(edges[:, -1])


def _takeaway(duration: np.ndarray) -> str:
    low, middle, high = np.percentile(duration, [10, 50, 90])
    if low == high:
        return f"The end comes at hour {middle:.1f}" + ("" if len(duration) == 1 else " in nearly every run")
    return f"Half of the crises are over by hour {middle:.1f}; four in five end between {low:.1f} and {high:.1f}"


def _labels(ax: Axes, outcome: np.ndarray, duration: np.ndarray, edges: np.ndarray) -> None:
    """Name, final share and median hour of each ending that came, to the right of its band."""
    came = [k for k in range(len(ENDINGS)) if np.any(outcome == k)]
    middles = [(edges[k] + edges[k + 1]) / 2 for k in came]
    for k, middle, place in zip(came, middles, spread(middles, 15.5, 6, 94), strict=True):
        mine = outcome == k
        name, low_high = ENDINGS[k].label, wilson(int(mine.sum()), len(outcome))
        edge_label(ax, middle, place, f"{name} {percent(float(mine.mean()))}", ENDINGS[k].colour, 15, va="bottom")
        text = f"{interval(*low_high)} · median hour {np.median(duration[mine]):.1f}"
        ax.text(1.034, place - 1.2, text, transform=ax.get_yaxis_transform(), size=SMALL, color=MUTED, va="top")
