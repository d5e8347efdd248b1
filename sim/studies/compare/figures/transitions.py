"""What became of the reference's runs in another setting under the same luck: flows between the endings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from numpy.typing import NDArray

from sim.draw.labels import halo, short, spread
from sim.draw.style import ENDINGS, INK, MUTED, SMALL, TEXT, Page, counted, ink, page, percent, styled

WIDTH, ROOM = 0.035, 0.012  # of the bars, and between their parts, as shares of the page of flows
LEAST = 0.035  # of all runs: a flow that gets its number


@styled
def transitions(comparison: Mapping[str, Any], pair: Mapping[str, Any]) -> Page:
    """Flows from the endings of the reference (left) to those of the other setting (right), pair by pair."""
    counts = np.array([list(row.values()) for row in pair["transitions"].values()], float)
    n = int(counts.sum())
    fig = page(
        takeaway(pair, counts),
        f"Each run of {short(pair['reference'], 40)} and what the same luck brings in {short(pair['other'], 40)}; "
        "numbers on flows: share of all runs",
        f"{counted(n, 'pair')} under common luck · seed {comparison['seed']} · "
        "brackets: difference in points with an interval; "
        f"all of the comparison hold with {100 * comparison['level']:g} %",
    )
    ax = fig.add_axes((0.24, 0.09, 0.45, 0.69))
    ax.set_xlim(0, 1)
    ax.set_ylim(1 + 5 * ROOM, 0)
    ax.set_axis_off()
    _flows(ax, counts / n)
    _bar(ax, 0.0, counts.sum(axis=1) / n, pair, other=False)
    _bar(ax, 1.0 - WIDTH, counts.sum(axis=0) / n, pair, other=True)
    for x, side, name in ((-0.02, "right", pair["reference"]), (1.02, "left", pair["other"])):
        ax.text(x, -0.045, short(name, 26), size=TEXT, weight="bold", ha=side, va="center", color=INK)
    return fig


def takeaway(pair: Mapping[str, Any], counts: NDArray[np.float64]) -> str:
    """How many runs of the reference's commonest ending stay in it."""
    if pair["identical"] or pair["same_runs"]:
        return "Every run ends as it did"
    first = int(counts.sum(axis=1).argmax())
    row = counts[first]
    stay, phrase = row[first] / row.sum(), ENDINGS[first].phrase.removeprefix("a ")
    lost = np.where(np.arange(len(row)) == first, -1, row)
    goes = int(lost.argmax())
    text = f"Of the runs with a {phrase}, {percent(stay)} keep it"
    return (
        text if lost[goes] <= 0 else f"{text}; {percent(row[goes] / row.sum())} end in {ENDINGS[goes].phrase} instead"
    )


def _starts(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Upper edges of a bar's parts, with some room between them."""
    return np.concatenate([[0.0], np.cumsum(shares)[:-1]]) + ROOM * np.arange(len(shares))


def _flows(ax: Axes, shares: NDArray[np.float64]) -> None:
    left, right = _starts(shares.sum(axis=1)), _starts(shares.sum(axis=0))
    for i in range(len(ENDINGS)):
        for j in range(len(ENDINGS)):
            size = shares[i, j]
            if size > 0:
                _band(ax, left[i], right[j], size, ENDINGS[i].colour, stays=i == j)
                if size >= LEAST:
                    at = WIDTH + 0.012, left[i] + size / 2
                    look: dict[str, Any] = {"size": SMALL, "va": "center", "path_effects": halo(), "zorder": 5}
                    ax.text(*at, percent(size), color=ink(ENDINGS[i].colour, 0.55), **look)
            left[i] += size
            right[j] += size


def _band(ax: Axes, y0: float, y1: float, size: float, colour: str, *, stays: bool) -> None:
    """One flow as a curved band; those that keep their ending are fainter, as nothing happened to them."""
    a, b = WIDTH, 1 - WIDTH
    there, back = [(a, y0), (0.5, y0), (0.5, y1), (b, y1)], [(b, y1 + size), (0.5, y1 + size), (0.5, y0 + size)]
    points = [*there, *back, (a, y0 + size), (a, y0)]
    curve, line = [Path.CURVE4] * 3, [Path.LINETO]
    path = Path(points, [Path.MOVETO, *curve, *line, *curve, Path.CLOSEPOLY])
    ax.add_patch(PathPatch(path, fc=colour, ec="none", alpha=0.28 if stays else 0.6, zorder=1 if stays else 2))


def _bar(ax: Axes, x: float, shares: NDArray[np.float64], pair: Mapping[str, Any], *, other: bool) -> None:
    """One setting's endings as a bar, each named with its share beside it, tied to its part by a line."""
    tops = _starts(shares)
    places = spread(tops + shares / 2, 0.09 if other else 0.05, 0.02, 1.04)
    at, edge, tie = (1.02, x + WIDTH, 1.016) if other else (-0.02, x, -0.016)
    for k, (mark, entry) in enumerate(zip(ENDINGS, pair["differences"].values(), strict=False)):
        ax.add_patch(Rectangle((x, tops[k]), WIDTH, shares[k], fc=mark.colour, ec="none", zorder=3))
        ax.plot([edge, tie], [tops[k] + shares[k] / 2, places[k]], color=ink(mark.colour), lw=1, clip_on=False)
        look: dict[str, Any] = {"ha": "left" if other else "right", "va": "center"}
        up = 0.017 if other else 0.0
        label = f"{mark.label} {percent(shares[k])}"
        ax.text(at, places[k] - up, label, weight="bold", color=ink(mark.colour), **look)
        if other:
            low, gap, high = (100 * entry[name] for name in ("low", "difference", "high"))
            text = f"{gap:+.1f} [{low:+.1f}, {high:+.1f}]" + ("" if entry["settled"] else " not settled")
            ax.text(at, places[k] + 0.022, text, color=MUTED, size=SMALL, **look)
