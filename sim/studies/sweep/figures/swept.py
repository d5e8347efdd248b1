"""What the figures of a sweep share: its axes in words and on the page, its counts, and when a lead is settled."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sim.draw.style import SMALL, TEXT, Page, Setting, Table, empty, page, small_print
from sim.model.state import ENDINGS as NAMES
from sim.studies.sweep.effects import LEVEL, Laid, movement
from sim.studies.sweep.figures.bands import alone
from sim.studies.sweep.movement import Movement

Meta = Mapping[str, Mapping[str, Any]]
MARGIN = 10  # letters of an option's name left of a panel
FEW = 4  # a number with so few levels is drawn as a discrete axis


@dataclass(frozen=True, eq=False)
class Swept:
    """One axis of a sweep: its column (n,), its levels in order, and what it is called."""

    path: str
    about: str
    unit: str
    log: bool
    values: np.ndarray
    levels: tuple[Any, ...]

    @property
    def number(self) -> bool:
        """Whether it is a number of the model rather than an option."""
        return self.values.dtype.kind in "iuf"

    @property
    def discrete(self) -> bool:
        """Whether it is drawn level by level."""
        return not self.number or len(self.levels) <= FEW

    @property
    def short(self) -> str:
        """The last parts of its path, as in the equations: `mediator.status`, `R0`."""
        parts = self.path.split(".")
        return ".".join(parts[-2:]) if len(parts) > 2 else parts[-1]

    def title(self, width: int = 62) -> str:
        """What it is and its unit, in lines of at most `width`, and below them its name: for the label of an axis."""
        unit = f" ({self.unit})" if self.unit not in ("", "-") else ""
        about = textwrap.fill(f"{self.about}{unit}", width, break_on_hyphens=False)
        return f"{about}\n{self.path}" if self.about != self.path else self.path

    def place(self, values: Any) -> np.ndarray:
        """Where values lie across the axis: [0, 1] from its lowest to its highest, or by the number of the level."""
        if self.discrete:
            known = {level: (i + 0.5) / len(self.levels) for i, level in enumerate(self.levels)}
            return np.array([known[value] for value in values])
        low, high = self._bounds()
        scaled = np.log(np.asarray(values, float)) if self.log else np.asarray(values, float)
        return np.asarray((scaled - low) / (high - low))

    def _bounds(self) -> tuple[float, float]:
        low, high = float(self.levels[0]), float(self.levels[-1])
        return (float(np.log(low)), float(np.log(high))) if self.log else (low, high)

    def ticks(self) -> tuple[list[float], list[str]]:
        """Places and texts of its ticks."""
        if self.discrete:
            return list(self.place(self.levels)), [level_text(level) for level in self.levels]
        from matplotlib.ticker import LogLocator, MaxNLocator

        low, high = float(self.levels[0]), float(self.levels[-1])
        steps = LogLocator(subs=(1.0, 2.0, 3.0, 5.0)) if self.log else MaxNLocator(7, steps=[1, 2, 2.5, 5, 10])
        inside = [t for t in steps.tick_values(low, high) if low - 1e-9 <= t <= high + 1e-9]
        return [float(p) for p in self.place(inside)], [f"{t:g}" for t in np.round(inside, 10)]

    def key(self) -> np.ndarray:
        """Which level each point has (n,)."""
        known = {level: i for i, level in enumerate(self.levels)}
        return np.array([known[value] for value in self.values])


def level_text(level: Any) -> str:
    """A level as text: 0.30000000000000004 -> '0.3', no_mediator -> 'no mediator'."""
    return f"{level:.4g}" if isinstance(level, (int, float, np.number)) else str(level).replace("_", " ")


def swept(points: Table, axes: Meta) -> list[Swept]:
    """The axes that have more than one level, in the order of `axes`; options keep the order in which they come."""
    found = []
    for path, meta in axes.items():
        values = np.asarray(points[path])
        if values.dtype.kind in "iuf":
            levels: Sequence[Any] = [float(v) for v in np.unique(values)]
            values = values.astype(float)
        else:
            values = np.array([str(value) for value in values], dtype=object)
            levels = list(dict.fromkeys(values))
        if len(levels) > 1:
            log = str(meta.get("scale")) == "log" and values.dtype.kind == "f" and float(levels[0]) > 0
            about, unit = str(meta.get("about") or path), str(meta.get("unit") or "")
            found.append(Swept(path, about, unit, log, values, tuple(levels)))
    return found


def counts(points: Table) -> np.ndarray:
    """Runs of each point by ending (n, 6)."""
    return np.column_stack([points[f"count_{name}"] for name in NAMES]).astype(np.int64)


def bins(axis: Swept, most: int = 10, *, pool: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Which cell each point falls in (n,), and the middles of the cells: its levels, or equal shares of the range.

    With `pool` points of which each has a value of its own are pooled however few they are: they differ in other axes.
    """
    if axis.discrete or (len(axis.levels) <= 3 * most and len(axis.levels) < len(axis.values)):
        return axis.key(), axis.place(axis.levels)
    if len(axis.values) <= 30 and not pool:
        return axis.key(), axis.place(axis.levels)
    m = int(np.clip(len(axis.values) // (12 if len(axis.values) > 30 else 5), 2, most))
    return np.minimum((axis.place(axis.values) * m).astype(int), m - 1), (np.arange(m) + 0.5) / m


def runs_a_point(points: Table) -> str:
    """How many runs a point has, in words.

    >>> runs_a_point({"n": np.array([400, 400])})
    '400 runs a point'
    """
    low, high = int(points["n"].min()), int(points["n"].max())
    return f"{low:,} runs a point" if low == high else f"{low:,} to {high:,} runs a point"


def lacking(headline: str, sentence: str, setting: Setting, n: int) -> Page:
    """A page that says what a sweep lacks for the figure that was asked for."""
    fig = page(headline, "", small_print(setting, n))
    empty(fig, sentence)
    return fig


def mark_ticks(
    ax: Axes, axis: Swept, *, y: bool = False, label: bool = True, names: bool = True, width: int = 62, size: float = 12
) -> None:
    """Ticks and label of a swept axis drawn across [0, 1]; options are wrapped, or every other left out, to fit."""
    places, texts = axis.ticks()
    set_ticks, set_label = (ax.set_yticks, ax.set_ylabel) if y else (ax.set_xticks, ax.set_xlabel)
    if not axis.number:
        places, texts = _fitted(places, texts, ax, size, y=y)
    set_ticks(places, texts if names else ["" for _ in texts], size=size)
    if label:
        title = axis.title(width)
        set_label(title, size=TEXT if title.count("\n") < 2 else SMALL)


def _fitted(places: list[float], texts: list[str], ax: Axes, size: float, *, y: bool) -> tuple[list[float], list[str]]:
    """Names of options in the room that there is: a stretch of the axis each, or the margin left of it."""
    box, figure = ax.get_position(), ax.figure.bbox
    letter, line = 0.9 * size, 1.75 * size  # pixels at 100 dots an inch: the width of a letter, the height of a line
    long = float(box.height * figure.height) if y else float(box.width * figure.width)
    every = max(1, math.ceil(len(texts) * (line if y else 8 * letter) / long))
    room = MARGIN if y else max(5, int(every * long / len(texts) / letter) - 1)
    lines = max(1, min(3, int(every * long / len(texts) / line))) if y else 3
    shown = [textwrap.wrap(text, room, max_lines=lines, placeholder="…") for text in texts[::every]]
    return places[::every], ["\n".join(part[:room] for part in parts) for parts in shown]


def moved(points: Table, setting: Setting, axes: Meta, path: str, ending: int, claims: int = 1) -> Movement:
    """What the share of an ending does along an axis, where a headline tells one of so many claims."""
    laid = Laid(str(setting.get("design", "table")), list(axes), points, not alone(setting))
    return movement(laid, path, NAMES[ending], (1 - LEVEL) / claims)


def commonest(total: np.ndarray) -> int:
    """Code of the ending that most runs of the whole sweep have."""
    return int(np.argmax(total.sum(axis=0)))


def choose(design: str, axes: Meta) -> list[str]:
    """Names of the figures that fit a design: what `rubicon sweep` draws.

    Parameters
    ----------
    design : kind of the design ("grid", "lhs", "sobol", "oat", "table", ...)
    axes : path -> {levels, low, high, ...}; an axis with levels that are no numbers is discrete
    """
    if design == "oat":
        return ["tornado"]
    levels = [meta.get("levels") for meta in axes.values()]
    listed = [given is not None and not _continuous(given) for given in levels]
    numbers, discrete = listed.count(False), listed.count(True)
    names = []
    if numbers >= 2 and (design == "grid" or numbers <= 3):
        names.append("phase_diagram")
    if discrete:
        names.append("small_multiples")
    if numbers:
        names.append("response_curves")
    if numbers + discrete >= 3:
        names.append("scatter_matrix")
    return names


def _continuous(levels: Sequence[Any]) -> bool:
    return len(levels) > FEW and all(isinstance(x, (int, float)) for x in levels)
