"""Every number at once: how far each moves an outcome, and how much that depends on where the others stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sim.draw.labels import key, lined, spread
from sim.draw.style import FAINT, INK, MUTED, Mark, Page, Setting, empty, ink, page, percent, small_print, styled

# One hue from well sourced to badly, and judgement apart from it
GRADES = {
    "A": Mark("source A", "#08306B"),
    "B": Mark("source B", "#2171B5"),
    "C": Mark("source C", "#9ECAE1"),
    "judgement": Mark("judgement alone", "#E69F00"),
}
TOP = 12  # numbers that are named


@styled
def morris_screening(sensitivity: Mapping[str, Any], setting: Setting) -> Page:
    """How far each number moves the endings (mu*) against how unevenly (sigma), both summed over the endings.

    `sensitivity` is the summary of a sensitivity study with screening.
    """
    morris, size = sensitivity["morris"], sensitivity["stages"]["screening"]
    walks = size["points"] // (size["numbers"] + 1)
    fig = page(
        takeaway(morris),
        "Crises that end otherwise when a number crosses its range, and how much that depends on the other numbers",
        small_print(setting, size["runs"], note=f"{walks} Morris trajectories; grey: "
                    f"{100 * sensitivity['confidence']:.0f} % intervals of those named"),
    )  # fmt: skip
    if not any(entry["moved"] for entry in morris.values()):
        empty(fig, "no number moves any ending")
        return fig
    ax = fig.add_axes((0.085, 0.15, 0.46, 0.62))
    ranked = sorted(morris, key=lambda path: -morris[path]["moved"])
    _points(ax, morris, ranked)
    _names(ax, morris, ranked[:TOP], sensitivity["parameters"])
    key(fig, tuple(GRADES.values()), 0.045, 0.815, size=12)
    return fig


def takeaway(morris: Mapping[str, Any]) -> str:
    """The headline: how few numbers carry most of the movement."""
    far = np.sort([entry["moved"] for entry in morris.values()])[::-1]
    if not far.sum():
        return "No number moves any ending"
    few = int(np.searchsorted(np.cumsum(far) / far.sum(), 0.5)) + 1
    verb = "carries" if few == 1 else "carry"
    return f"{few} of {len(far)} numbers {verb} half of what moves the endings"


def _points(ax: Axes, morris: Mapping[str, Any], ranked: list[str]) -> None:
    for path in reversed(ranked):
        entry = morris[path]
        x, y, colour = entry["moved"], entry["uneven"], GRADES[entry["grade"]].colour
        if path in ranked[:TOP]:
            ax.plot([entry["moved_low"], entry["moved_high"]], [y, y], color=FAINT, lw=1.4, zorder=1)
        ax.plot(x, y, "o", ms=8, mfc=colour, mec="white", mew=0.8, zorder=3)
    reach = max(morris[path]["moved_high"] for path in ranked[:TOP])
    top = max(max(entry["uneven"] for entry in morris.values()), 0.2 * reach)
    end = min(reach, top)
    ax.plot([0, end], [0, end], color=MUTED, lw=1, ls=(0, (4, 3)), zorder=2)
    ax.annotate("sigma = mu*", (0.32 * end, 0.32 * end), (8, -12), textcoords="offset points", size=11, color=MUTED)
    ax.set_xlim(0, 1.04 * reach)
    ax.set_ylim(0, 1.08 * top)
    for axis in (ax.xaxis, ax.yaxis):
        ticks = [tick for tick in axis.get_majorticklocs() if tick <= axis.get_view_interval()[1]]
        axis.set_ticks(ticks, [f"{100 * tick:.4g}" for tick in ticks])
    ax.grid()
    ax.set_xlabel("crises moved to another ending (mu*), %")
    ax.set_ylabel("spread of that (sigma), points")


def _names(ax: Axes, morris: Mapping[str, Any], named: list[str], parameters: Mapping[str, Any]) -> None:
    """A column of names right of the points, in their order of height, each tied to its point."""
    low, high = ax.get_ylim()
    places = spread([morris[path]["uneven"] for path in named], (high - low) / (len(named) + 0.2), low, high)
    across = ax.get_xlim()[1]
    room = 0.72 * ax.get_position().height * 720 / (len(named) + 0.2) - 15
    for path, place in zip(named, places, strict=True):
        entry, colour = morris[path], GRADES[morris[path]["grade"]].colour
        ax.plot([entry["moved"], across * 1.005, across * 1.03], [entry["uneven"], place, place], color=ink(colour),
                lw=0.7, alpha=0.6, zorder=2, clip_on=False)  # fmt: skip
        text = lined(f"{percent(entry['moved'])}  {parameters[path]['about']}", 60, room)
        look: dict[str, Any] = {"xy": (across * 1.035, place), "textcoords": "offset points", "annotation_clip": False}
        ax.annotate(xytext=(0, 0), color=INK, va="bottom", **text, **look)
        ax.annotate(path, xytext=(0, -1), color=MUTED, va="top", size=11, **look)
