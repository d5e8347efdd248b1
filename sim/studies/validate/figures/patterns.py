"""What happened and what the ensemble shows, a row a pattern: fact, accepted range, 80 % band, hits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from sim.draw.labels import key, short
from sim.draw.style import FAINT, INK, MUTED, SMALL, Mark, Page, Setting, ink, page, small_print, styled

VERDICTS = {
    "holds": Mark("holds", "#0072B2"),
    "partly": Mark("partly", "#E69F00"),
    "misses": Mark("misses", "#D55E00"),
    "given": Mark("given: an input", "#8C8C8C"),
    "not represented": Mark("not represented", "#B4BBC6"),
}
LAST = 500.0  # days: where an open range ends on the page
LEFT, RIGHT = -0.9, 1.9  # of the panel, in units of the accepted range


@styled
def patterns(validation: Mapping[str, Any], setting: Setting) -> Page:
    """Every pattern of the case, those that are inputs or not represented too."""
    found, given = validation["patterns"], validation["given"]
    runs = "all runs" if given == "all" else "the runs that end in a negotiated exit"
    fig = page(
        takeaway(validation),
        f"Bars: 80 % band of {runs} with the quantity; tick: median; shaded: accepted range; diamond: June 2023",
        small_print(
            setting, validation["replications"], note="K may set numbers, H held out, * in view when numbers were set; "
            "grade A, B, C of the fact; docs/patterns.md"
        ),
    )  # fmt: skip
    ax = fig.add_axes((0.545, 0.085, 0.235, 0.685))
    ax.set_ylim(len(found) - 0.4, -0.6)
    ax.set_xlim(LEFT, RIGHT)
    ax.axvspan(0, 1, color="#E4E8ED", zorder=0)
    ax.axis("off")
    for row, (name, entry) in enumerate(found.items()):
        _named(ax, row, name, entry)
        if entry["represented"]:
            _band(ax, row, entry)
    _heads(ax)
    shown = [mark for name, mark in VERDICTS.items() if any(p["verdict"] == name for p in found.values())]
    key(fig, shown, 0.046, 0.825, size=SMALL + 1)
    return fig


def takeaway(validation: Mapping[str, Any]) -> str:
    """The headline: how many held-out patterns hold, and how few runs show the joint ones."""
    h, joint = validation["totals"][validation["given"]]["H"], validation["joint"][validation["given"]]
    return (
        f"{h['holds']} of {h['patterns']} held-out patterns hold; {100 * joint['share']:.0f} % of runs show "
        f"{len(validation['joint_patterns'])} key patterns at once"
    )


def scaled(value: float | None, low: float, high: float | None) -> float:
    """Place of a quantity on the page: 0 and 1 are the ends of the accepted range, cut at the edges.

    What never comes is infinity, or None where it was read from a file.

    >>> scaled(27, 18, 36), scaled(1, 0, 0), scaled(math.inf, 7, math.inf), scaled(None, 7, None)
    (0.5, 1.5, 1.9, 1.9)
    """
    if value is None or math.isinf(value):
        return RIGHT
    top = LAST if high is None or math.isinf(high) else high
    place = 0.5 + (value - low) if top == low else (value - low) / (top - low)
    return min(max(place, LEFT), RIGHT)


def _heads(ax: Axes) -> None:
    for x, text, side in ((-2.10, "pattern", "left"), (-0.28, "fact (accepted)", "center"), (1.155, "runs", "right"),
                          (1.33, "exits", "right"), (1.40, "verdict", "left")):  # fmt: skip
        ax.text(x, 1.012, text, transform=ax.transAxes, size=SMALL, color=MUTED, ha=side, va="bottom")


def _named(ax: Axes, row: int, name: str, entry: Mapping[str, Any]) -> None:
    """Text at both sides of the panel."""
    mark = VERDICTS[entry["verdict"]]
    shade = INK if entry["represented"] else MUTED
    look: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center", "size": SMALL}
    ax.text(-2.10, row, name, weight="bold", color=shade, **look)
    ax.text(-1.93, row, f"{entry['use']}{entry['grade']}{'*' if entry['seen'] else ''}", color=MUTED, **look)
    ax.text(-1.76, row, short(entry["what"], 44), color=shade, **look)
    unit = "" if entry["unit"] in ("flag", "share") else f" {entry['unit']}"
    ax.text(
        -0.03, row, f"{_number(entry['central'])} ({_range(entry['accept'])}){unit}", ha="right", color=shade, **look
    )
    if entry["represented"]:
        for x, part in ((1.155, "all"), (1.33, "exit")):
            share = entry[part]["hit_share"]
            blank = share is None or math.isnan(share)
            ax.text(x, row, "-" if blank else f"{100 * share:.0f} %", ha="right", **look)
    ax.text(
        1.40, row, entry["verdict"], weight="bold" if entry["represented"] else "normal", color=ink(mark.colour), **look
    )


def _band(ax: Axes, row: int, entry: Mapping[str, Any]) -> None:
    low, high = entry["accept"]
    hue = VERDICTS[entry["verdict"]].colour
    if entry["told"]:
        ends = [scaled(value, low, high) for value in entry["band80"]]
        ax.plot(ends, [row, row], color=hue, lw=5, solid_capstyle="butt", zorder=2)
        if ends[0] == ends[1]:
            ax.plot(ends[0], row, "s", color=hue, ms=9, zorder=2)
        ax.plot(scaled(entry["median"], low, high), row, "|", color=INK, ms=10, mew=2, zorder=3)
        for place, side in zip(ends, ("<", ">"), strict=True):
            if place in (LEFT, RIGHT):
                ax.plot(place, row, side, color=hue, ms=6, zorder=3, clip_on=False)
    ax.plot(scaled(entry["central"], low, high), row, "D", ms=5, mfc="white", mec=INK, mew=1.4, zorder=4)
    ax.axhline(row + 0.5, color=FAINT, lw=0.4, zorder=1)


def _range(ends: Any) -> str:
    low, high = map(_number, ends)
    return low if low == high else f"{low} to {high}"


def _number(value: float | None) -> str:
    return "never" if value is None or math.isinf(value) else f"{value:g}"
