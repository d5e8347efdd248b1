"""Odds of the six endings for each past episode, with what happened marked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from sim.draw.labels import key
from sim.draw.style import ENDINGS, FAINT, INK, MUTED, SMALL, Page, ink, page, percent, styled

CLASSES = ("REBELS_WIN", "GOV_CONCEDES", "NEGOTIATED_EXIT", "REBELS_COLLAPSE", "CRUSHED", "PROLONGED_WAR")
MOST = 40  # episodes that one page can hold
Row = tuple[str, Mapping[str, Any]]


@styled
def backtest_rows(backtest: Mapping[str, Any]) -> Page:
    """One bar an episode, ordered by the probability that was given to what happened."""
    rows = sorted(backtest["rows"].items(), key=lambda item: -_told(item[1]))
    shown = rows[:MOST] if len(rows) <= MOST else [*rows[: MOST // 2], *rows[-MOST // 2 :]]
    left = "" if len(shown) == len(rows) else f" · best and worst {MOST // 2} of {len(rows)}"
    fig = page(
        takeaway(rows),
        "Predicted odds of the six endings, each episode without its cluster; dot and figure: the ending that came",
        f"{backtest['episodes']} episodes, {backtest['scored']} with a known ending · {backtest['trained_on']} to "
        f"learn from, less the cluster of the one predicted · docs/cases.md{left}",
    )
    half = math.ceil(len(shown) / 2)
    height = 0.68
    for left_edge, part in ((0.155, shown[:half]), (0.645, shown[half:])):
        ax = fig.add_axes((left_edge, 0.085, 0.295, height))
        _bars(ax, part, half)
    key(fig, ENDINGS, 0.046, 0.825, size=SMALL)
    return fig


def takeaway(rows: Sequence[Row]) -> str:
    """How often the likeliest ending was the one that came."""
    known = [row for _, row in rows if row["truth"]]
    if not known:
        return f"What the model expects of {len(rows)} episodes whose ending is not given"
    first = sum(row["rank"] == 1 for row in known)
    return f"The ending that the model called likeliest came in {first} of {len(known)} past episodes"


def _told(row: Mapping[str, Any]) -> float:
    """Probability that was given to what happened; without a known ending, below all."""
    return float(row[row["truth"]]) if row["truth"] else -1.0


def _bars(ax: Axes, part: Sequence[Row], places: int) -> None:
    for at, (_, row) in enumerate(part):
        start = 0.0
        for name, mark in zip(CLASSES, ENDINGS, strict=True):
            ax.barh(at, row[name], left=start, height=0.74, color=mark.colour, edgecolor="white", lw=0.6)
            if row["truth"] == name:
                middle = start + row[name] / 2
                ax.plot(middle, at, "o", ms=8, mfc="white", mec=INK, mew=1.6, zorder=3)
                ax.text(1.02, at, percent(row[name]), size=SMALL, va="center", color=ink(mark.colour), weight="bold")
            start += row[name]
    ax.set_xlim(0, 1)
    ax.set_ylim(max(places, 1) - 0.4, -0.6)
    ax.set_yticks(range(len(part)), [name.replace("_", " ") for name, _ in part], size=SMALL)
    ax.tick_params(axis="y", length=0)
    ax.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"], size=SMALL, color=MUTED)
    ax.spines[["left"]].set_visible(False)
    ax.spines["bottom"].set_color(FAINT)
