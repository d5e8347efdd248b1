"""What a calibration changes: each number's posterior against its prior."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sim.draw.labels import key, short
from sim.draw.style import FAINT, INK, MUTED, Mark, Page, Setting, ink, page, small_print, styled

VERDICTS = {
    "identified": Mark("identified: spread down by a fifth or more", "#D55E00"),
    "moved": Mark("moved, but hardly narrower", "#E69F00"),
    "not identified": Mark("not identified", "#8C8C8C"),
}
COLUMNS, MOST = 2, 32


@styled
def posterior(calibration: Mapping[str, Any], setting: Setting) -> Page:
    """Posterior density over the prior's range, one row a number, those that change most first.

    `calibration` is the summary of a calibration.
    """
    numbers = calibration["parameters"]
    rank = {verdict: place for place, verdict in enumerate(VERDICTS)}
    order = sorted(numbers, key=lambda path: (rank[numbers[path]["verdict"]], -numbers[path]["distance"]))
    left_out = len(order) - MOST
    note = f"{calibration['points']:,} points, {calibration['effective_points']:,.0f} effective"
    note += f"; {left_out} numbers not shown" if left_out > 0 else ""
    fig = page(
        takeaway(numbers),
        "Posterior over the plausible range of each number; line: the prior, flat; dot: the setting's own value; "
        "right: how much narrower",
        small_print(setting, calibration["runs"], note=note),
    )
    key(fig, tuple(VERDICTS.values()), 0.045, 0.825, size=12)
    shown = order[:MOST]
    rows = -(-len(shown) // COLUMNS)
    top = max(max(numbers[path]["curve"]) for path in shown)
    for place, path in enumerate(shown):
        column, row = divmod(place, rows)
        height = 0.69 / rows
        ax = fig.add_axes((0.245 + column * 0.49, 0.775 - (row + 1) * height, 0.185, 0.86 * height))
        _row(ax, path, numbers[path], max(top, 1.5))
    return fig


def takeaway(numbers: Mapping[str, Any]) -> str:
    """The headline: how few numbers the patterns identify."""
    known = sum(entry["identified"] for entry in numbers.values())
    same = sum(entry["verdict"] == "not identified" for entry in numbers.values())
    some = {0: "no number", 1: "one number"}.get(known, f"{known} numbers")
    return f"One case identifies {some} of {len(numbers)}; of {same} it tells next to nothing"


def _row(ax: Axes, path: str, entry: Mapping[str, Any], top: float) -> None:
    colour = VERDICTS[entry["verdict"]].colour
    curve = np.array(entry["curve"])
    edges = np.linspace(0.0, 1.0, len(curve) + 1)
    ax.stairs(curve, edges, fill=True, color=colour, alpha=0.75, zorder=2)
    ax.plot([0, 1], [1, 1], color=INK, lw=1, zorder=3)
    low, high = entry["prior"]["low"], entry["prior"]["high"]
    own = entry["value"]
    if low <= own <= high:
        log = entry["prior"]["scale"] == "log"
        at = np.log(own / low) / np.log(high / low) if log else (own - low) / (high - low)
        ax.plot(at, 0, "o", ms=5, mfc=INK, mec="white", mew=0.6, zorder=4, clip_on=False)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, top)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_color(FAINT)
    dark = ink(colour) if entry["verdict"] != "not identified" else MUTED
    across = ax.transAxes
    ax.text(-0.22, 0.30, short(path.removeprefix("actors.").removeprefix("channels."), 34), transform=across, size=11.5,
            ha="right", va="center", color=INK)  # fmt: skip
    ax.text(-0.02, 0.30, f"{low:g}", transform=across, size=10, ha="right", va="center", color=MUTED)
    ax.text(1.02, 0.30, f"{high:g}", transform=across, size=10, ha="left", va="center", color=MUTED)
    narrower = round(100 * entry["contraction"])
    ax.text(1.34, 0.30, f"{max(narrower, 0)} %", transform=across, size=11.5, weight="bold", ha="right", va="center",
            color=dark)  # fmt: skip
