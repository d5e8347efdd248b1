"""Labels on the thing itself instead of a legend: placed so that none lies on another."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from sim.draw.style import SMALL, TEXT, Mark, ink, text_width

LINE, LEAST = 1.17, 6.5  # height of a line over the size of its letters; the smallest letters, in points


def halo(colour: str = "white") -> list[withStroke]:
    """An outline in the colour of the ground, so that text can be read over lines and areas."""
    return [withStroke(linewidth=3, foreground=colour)]


def note(ax: Axes, text: str, at: tuple[float, float], offset: tuple[float, float], **look: Any) -> None:
    """Text `offset` points away from a point of the data; `look` as matplotlib's text takes it."""
    ax.annotate(text, at, offset, textcoords="offset points", annotation_clip=False, **{"size": SMALL, **look})


def short(name: str, most: int = 22) -> str:
    """A name cut at a word's end to at most so many characters."""
    return textwrap.shorten(name, most, placeholder=" …")


def lined(text: str, width: int, room: float, size: float = SMALL) -> dict[str, Any]:
    """A text whole, as matplotlib's arguments: in lines of `width` characters of `size`, no higher than `room` points.

    Where that does not do, the letters get smaller: what is cut cannot be read at any size.
    """
    while True:
        lines = textwrap.wrap(text, int(width * SMALL / size), break_on_hyphens=False)
        if len(lines) * LINE * size <= max(room, LINE * size) or size <= LEAST:
            return {"text": "\n".join(lines), "size": size, "linespacing": 1.0}
        size -= 0.5


def edge_label(ax: Axes, value: float, place: float, text: str, colour: str, size: float = SMALL, **look: Any) -> None:
    """A label right of the axes at height `place`, tied to the height `value` by a line."""
    across, dark = ax.get_yaxis_transform(), ink(colour)
    ax.plot([1.002, 1.01, 1.028], [value, value, place], transform=across, color=dark, lw=1.2, clip_on=False)
    style: dict[str, Any] = {"size": size, "color": dark, "va": "center", "weight": "bold", **look}
    ax.text(1.034, place, text, transform=across, **style)


def spread(wanted: Sequence[float] | NDArray[np.float64], gap: float, low: float, high: float) -> NDArray[np.float64]:
    """Places for labels: at least `gap` apart, inside [low, high], as near as can be to `wanted`.

    Least squares under an order constraint (pool adjacent violators); where there is
    no room for the gap the labels share what room there is.
    """
    goal = np.asarray(wanted, dtype=float)
    order = np.argsort(goal, kind="stable")
    gap = min(gap, (high - low) / max(len(goal) - 1, 1))
    steps = gap * np.arange(len(goal))
    blocks: list[tuple[float, int]] = []
    for value in goal[order] - steps:
        mean, size = float(value), 1
        while blocks and blocks[-1][0] > mean:
            other, count = blocks.pop()
            mean, size = (mean * size + other * count) / (size + count), size + count
        blocks.append((mean, size))
    flat = np.repeat([mean for mean, _ in blocks], [size for _, size in blocks])
    placed = np.empty_like(goal)
    placed[order] = np.clip(flat, low, high - gap * (len(goal) - 1)) + steps
    return placed


def key(fig: Figure, marks: Sequence[Mark], left: float, y: float, size: float = TEXT) -> None:
    """Names in their colours, each behind a swatch, from `left` on: one key for many panels."""
    for mark in marks:
        box = (size / 1250, size / 720)
        square = Rectangle((left, y - size / 1250), *box, transform=fig.transFigure, color=mark.colour)
        fig.add_artist(square)
        name = fig.text(left + size / 900, y, mark.label, size=size, weight="bold", color=ink(mark.colour), va="center")
        left += size / 900 + text_width(fig, name) + 0.018
