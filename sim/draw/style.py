"""One look for every figure: palette, type sizes, the page with its headline and its small print.

Nothing here touches matplotlib's global settings: `styled` lends its settings to one
figure function at a time, and a `Page` lends itself those it needs to be saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from sim.turns import turns

P = ParamSpec("P")
Table = Mapping[str, NDArray[Any]]
Setting = Mapping[str, Any]

SIZE = (12.8, 7.2)  # inches: 16:9, the shape of a projector
INK, MUTED, FAINT, WASH = "#1A2230", "#566070", "#C8CED6", "#F1F3F6"
SMALL, TEXT, HEAD = 11.0, 13.0, 21.0  # points; SMALL is the least that a back row can read


NOTHING_DRAWN = "nothing to draw"  # stands in the file of a blank page, so that a report can leave it out
BLANK = {"svg": "Description", "png": "Description", "pdf": "Subject"}  # where, by kind of file


class Mark(NamedTuple):
    """A thing that keeps its name and its colour in all figures."""

    label: str
    colour: str
    phrase: str = ""


# After Okabe & Ito (2008): warm where the rebels get their way, blue where the state does.
ENDINGS = (
    Mark("Rebels win", "#D55E00", "a rebel victory"),
    Mark("Government concedes", "#E69F00", "a government concession"),
    Mark("Negotiated exit", "#009E73", "a negotiated exit"),
    Mark("Rebels collapse", "#56B4E9", "a rebel collapse"),
    Mark("Rebels crushed", "#0072B2", "a crushed rebellion"),
    Mark("Prolonged", "#8C8C8C", "a prolonged stand-off"),
)
OPTIONS = (
    Mark("advance", "#D55E00"),
    Mark("hold", "#B4BBC6"),
    Mark("negotiate", "#009E73"),
    Mark("concede", "#CC79A7"),
)
CHANNELS = (
    Mark("the ruler himself", "#0072B2"),
    Mark("officials", "#E69F00"),
    Mark("the mediator", "#009E73"),
    Mark("deputies", "#CC79A7"),
)
SEAT_COLOURS = ("#D55E00", "#0072B2", "#56B4E9", "#8C8C8C", "#E69F00", "#9A7D0A", "#CC79A7", "#009E73")

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": TEXT,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.labelsize": TEXT,
    "axes.linewidth": 1.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": TEXT,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.axisbelow": True,
    "grid.color": "#E4E8ED",
    "grid.linewidth": 0.8,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 12,
    "ytick.labelsize": 12,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "path",
    "svg.hashsalt": "rubicon",  # with no date in the file, the same numbers give the same bytes
}


_TURNS = turns()


@contextmanager
def lent() -> Iterator[None]:
    """The project's style for a while; matplotlib's settings are one for all threads, so they take turns."""
    with _TURNS, matplotlib.style.context(["default", STYLE]):
        yield


class Page(Figure):
    """A matplotlib Figure that is saved to the same bytes each time; `blank` where it has nothing to draw."""

    blank = False

    def savefig(self, fname: Any, **options: Any) -> None:
        """Save as `Figure.savefig` does, with ids and dates taken out of vector formats."""
        kind = str(options.get("format") or Path(str(fname)).suffix.lstrip(".") or "png").lower()
        dates: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
        if kind in dates and options.get("metadata") is None:
            options["metadata"] = dates[kind]
        if self.blank and kind in BLANK:
            options["metadata"] = {**(options.get("metadata") or {}), BLANK[kind]: NOTHING_DRAWN}
        with lent():
            super().savefig(fname, **options)

    def draw(self, renderer: Any) -> None:
        """Draw under the project's style: ticks are made only now, and take the settings of the moment."""
        with lent():
            super().draw(renderer)


def styled(function: Callable[P, Page]) -> Callable[P, Page]:
    """Run a figure function under the project's style, whatever the caller's own settings are."""

    @wraps(function)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Page:
        with lent():
            return function(*args, **kwargs)

    return drawn


def page(title: str, subtitle: str, caption: str) -> Page:
    """An empty page with its headline, what is drawn below it, and the small print at the foot."""
    fig = Page(figsize=SIZE, facecolor="white")
    size = HEAD
    headline = fig.text(0.045, 0.955, title, size=size, weight="bold", va="top")
    while text_width(fig, headline) > 0.92 and size > SMALL:
        size -= 0.5
        headline.set_fontsize(size)
    fig.text(0.045, 0.888, subtitle, size=TEXT, color=MUTED, va="top")
    fig.text(0.045, 0.022, caption, size=SMALL, color=MUTED, va="bottom")
    return fig


def text_width(fig: Figure, text: Text) -> float:
    """Width of a text as a share of the figure's width."""
    renderer = FigureCanvasAgg(fig).get_renderer()  # type: ignore[no-untyped-call]
    box = text.get_window_extent(renderer)
    return float(box.width / fig.bbox.width)


def small_print(setting: Setting, n: int, unit: str = "runs", note: str = "") -> str:
    """Scenario, number of runs and seed, and a note of the figure's own."""
    unit = unit[:-1] if n == 1 and unit.endswith("s") else unit
    head = f"Scenario {setting['scenario']} · {n:,} {unit} · seed {setting['seed']}"
    return f"{head} · {note}" if note else head


def empty(fig: Figure, sentence: str) -> None:
    """Say in the middle of the page why there is nothing to draw."""
    if isinstance(fig, Page):
        fig.blank = True
    fig.text(0.5, 0.48, sentence, size=18, color=MUTED, ha="center", va="center")


def ink(colour: str, depth: float = 0.72) -> tuple[float, float, float]:
    """The colour darkened enough to be read as text on white."""
    red, green, blue = to_rgb(colour)
    return red * depth, green * depth, blue * depth


def percent(share: float, sign: bool = True) -> str:
    """A share as text, with one decimal below ten per cent: 0.52 -> '52 %', 0.043 -> '4.3 %'."""
    value = 100 * share
    number = f"{value:.0f}" if value >= 9.95 or value == 0 else "<0.1" if value < 0.05 else f"{value:.1f}"
    return f"{number} %" if sign else number


def counted(n: int, unit: str) -> str:
    """A count with its unit: '1 pair', '2,000 pairs'."""
    return f"{n:,} {unit}{'' if n == 1 else 's'}"


def interval(low: float, high: float) -> str:
    """A range of shares as text: '51.6 to 53.0 %'."""
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def hours_axis(ax: Axes, last: float, setting: Setting, label: bool = True) -> None:
    """Hours since the first defiance, with the hour of the day below where the setting has a track."""
    step = next((s for s in (1, 2, 3, 6, 12, 24, 48) if last / s <= 9), 96)
    ticks = np.arange(0, last + 0.01, step)
    clocked = bool(setting.get("track")) and step <= 12
    ax.set_xlim(0, last)
    ax.set_xticks(ticks, [f"{t:.0f}\n{(21 + t) % 24:02.0f}:00" if clocked else f"{t:.0f}" for t in ticks])
    if label:
        ax.set_xlabel("hours since the first public defiance" + (" (Moscow time below)" if clocked else ""))
