"""Differences of settings under common luck, each with its interval and whether it is settled."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from sim.draw.labels import key, short
from sim.draw.style import ENDINGS, FAINT, INK, MUTED, SMALL, Mark, Page, counted, ink, page, styled
from sim.model.state import ENDINGS as NAMES

MOST = 5  # comparisons that one page can hold
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#9A7D0A", "#CC79A7")
SHARES = {
    **dict(zip(NAMES, (mark.label for mark in ENDINGS), strict=True)),
    "deal_kept": "Deal made and kept", "mediator_in": "Mediator reaches leader", "battle": "Battle",
}  # fmt: skip
NUMBERS = {
    "duration_h": "Duration", "closest_km": "Closest km", "deaths": "Deaths", "casualties_rebels": "Rebel casualties",
    "casualties_state": "State casualties", "authority": "Ruler's authority",
}  # fmt: skip
Pairs = Sequence[Mapping[str, Any]]


@styled
def paired_differences(comparison: Mapping[str, Any]) -> Page:
    """Forest of differences: shares in points at the left, means as change in per cent at the right."""
    pairs = list(comparison["pairs"].values())
    told = pairs[:MOST]
    left = "" if len(told) == len(pairs) else f" · the first {MOST} of {len(pairs)} comparisons"
    fig = page(
        takeaway(pairs),
        f"Difference from the reference; lines are intervals that hold together with {100 * comparison['level']:g} %, "
        "whenever one stops; hollow: not settled",
        f"{counted(comparison['replications'], 'pair')} under common luck · seed {comparison['seed']} · chance alone, "
        f"not doubt about the model · confidence sequences, see docs/compare.md{left}",
    )
    axes = fig.add_axes((0.185, 0.15, 0.34, 0.63)), fig.add_axes((0.725, 0.15, 0.205, 0.63))
    _panel(axes[0], told, SHARES, "points")
    _panel(axes[1], told, NUMBERS, "per cent of the reference's mean")
    marks, reference = [], {pair["reference"] for pair in pairs}
    room = 125 // len(told)
    for i, pair in enumerate(told):
        name = pair["other"] if len(reference) == 1 and len(told) > 2 else f"{pair['other']} vs {pair['reference']}"
        marks.append(Mark(short(name, room), COLOURS[i]))
    key(fig, marks, 0.046, 0.825, size=SMALL + 1)
    return fig


def takeaway(pairs: Pairs) -> str:
    """The largest settled difference between the endings, in a sentence."""
    if all(pair["identical"] for pair in pairs):
        return "The settings are the same: every difference is exactly zero"
    phrases = dict(zip(NAMES, (mark.phrase for mark in ENDINGS), strict=True))
    sure = [
        (abs(pair["differences"][name]["difference"]), name, pair)
        for pair in pairs for name in NAMES if pair["differences"][name]["direction"] in ("higher", "lower")
    ]  # fmt: skip
    if not sure:
        return "No difference between the shares of the endings is settled"
    size, name, pair = max(sure, key=lambda one: one[0])
    way = "likelier" if pair["differences"][name]["difference"] > 0 else "rarer"
    text, one, two = phrases[name], short(pair["reference"], 40), short(pair["other"], 40)
    return f"{text[0].upper()}{text[1:]} is {100 * size:.1f} points {way} in {two} than in {one}"


def _panel(ax: Axes, pairs: Pairs, rows: Mapping[str, str], unit: str) -> None:
    reach = 0.0
    for row, name in enumerate(rows):
        for number, pair in enumerate(pairs):
            at = row + (number - (len(pairs) - 1) / 2) * 0.62 / len(pairs)
            entry = pair["differences"][name]
            scale = 100.0 if unit == "points" else _relative(entry)
            if scale is not None:
                reach = max(reach, _mark(ax, at, entry, scale, COLOURS[number]))
    reach = reach or 1.0
    ax.set_xlim(-1.12 * reach, 1.12 * reach)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), list(rows.values()), size=SMALL + 1)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.axvline(0, color=INK, lw=1.2, zorder=1)
    ax.grid(axis="x")
    for row in range(1, len(rows)):
        ax.axhline(row - 0.5, color=FAINT, lw=0.6, zorder=0)
    ax.set_xlabel(unit)
    _written(ax, pairs, rows, unit)


def _relative(entry: Mapping[str, Any]) -> float | None:
    """Factor to per cent of the reference's mean; None where that is zero."""
    return 100.0 / abs(entry["reference"]) if entry["reference"] else None


def _mark(ax: Axes, at: float, entry: Mapping[str, Any], scale: float, hue: str) -> float:
    """One difference with its interval; returns how far it reaches from zero."""
    gap, low, high = (scale * entry[name] for name in ("difference", "low", "high"))
    if not math.isnan(low):
        ax.plot([low, high], [at, at], color=hue, lw=2.4, solid_capstyle="butt", zorder=2)
    ax.plot(gap, at, "o", ms=6.5, mec=hue, mew=2, mfc=hue if entry["settled"] else "white", zorder=3)
    return max(abs(x) for x in (gap, low, high) if not math.isnan(x))


def _written(ax: Axes, pairs: Pairs, rows: Mapping[str, str], unit: str) -> None:
    """The numbers at the right edge, where one comparison leaves room for them."""
    if len(pairs) > 1:
        return
    look: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center", "size": SMALL}
    for row, name in enumerate(rows):
        entry = pairs[0]["differences"][name]
        scale = 100.0 if unit == "points" else _relative(entry)
        text, sure = "-" if scale is None else f"{scale * entry['difference']:+.1f}", entry["settled"]
        weight, dark = ("bold", ink(COLOURS[0])) if sure else ("normal", MUTED)
        ax.text(1.02, row, text, color=dark, weight=weight, **look)
