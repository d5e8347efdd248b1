"""Which expected directions hold whoever does the choosing: directions down, ways of choosing across."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.draw.labels import key, short
from sim.draw.style import INK, MUTED, SMALL, Mark, Page, Setting, page, styled

LOOK = {
    "holds": (Mark("+ holds", "#0072B2"), "+", "#A9CCE6"),
    "undecided": (Mark("· undecided", "#8C8C8C"), "·", "#EEF0F3"),
    "contradicted": (Mark("- the other way", "#D55E00"), "-", "#F2A77E"),
}


@styled
def jury(jury: Mapping[str, Any], setting: Setting) -> Page:
    """A matrix of verdicts with a stamp a row, and below it how alike each juror ranks the scenarios."""
    rows, names = jury["directions"], list(jury["jurors"])
    controls = ", ".join(jury["controls"])
    left_out = f" · {controls}: a control, not counted" if controls else ""
    fig = page(
        takeaway(rows),
        f"Change against {jury['reference']}; a verdict stands where the interval leaves out zero "
        f"(all hold together with {100 * jury['level']:g} %)",
        f"{jury['runs']:,} pairs each · seed {setting['seed']}{left_out} · bottom: Kendall's tau with {names[0]}, "
        "scenarios by share of exits · docs/patterns.md",
    )
    ax = fig.add_axes((0.42, 0.075, 0.56, 0.63))
    ax.set_xlim(0, len(names) + 2.0)
    ax.set_ylim(len(rows) + 1.5, 0)
    ax.axis("off")
    for column, name in enumerate(names):
        hue = MUTED if name in jury["controls"] else INK
        look: dict[str, Any] = {"ha": "left", "va": "bottom", "rotation": 28, "rotation_mode": "anchor"}
        ax.text(column + 0.4, -0.2, name, weight="bold", size=SMALL, color=hue, **look)
    ax.text(len(names) + 0.12, -0.2, "holds under", ha="left", va="bottom", size=SMALL, color=MUTED)
    for at, row in enumerate(rows):
        _row(ax, at, row, names)
    _taus(ax, len(rows) + 0.4, jury["ranking"], names)
    key(fig, [mark for mark, _, _ in LOOK.values()], 0.046, 0.825, size=SMALL + 1)
    return fig


def takeaway(rows: list[Mapping[str, Any]]) -> str:
    """The headline: how many directions hold under all ways of choosing, and how many never fail."""
    everywhere = sum(row["stamp"]["holds"] == row["stamp"]["of"] for row in rows)
    most = sum(2 * row["stamp"]["holds"] > row["stamp"]["of"] for row in rows)
    m = rows[0]["stamp"]["of"]
    return f"{everywhere} of {len(rows)} expected directions hold under all {m} ways of choosing, {most} under most"


def _row(ax: Axes, at: int, row: Mapping[str, Any], names: list[str]) -> None:
    look: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center", "size": SMALL}
    ax.text(-0.67, at + 0.5, row["scenario"], weight="bold", **look)
    ax.text(-0.31, at + 0.5, short(row["what"], 32), **look)
    for column, name in enumerate(names):
        _, sign, tint = LOOK[row["cells"][name]["verdict"]]
        ax.add_patch(Rectangle((column + 0.04, at + 0.07), 0.92, 0.86, color=tint, lw=0))
        ax.text(column + 0.5, at + 0.48, sign, ha="center", va="center", size=SMALL + 1, weight="bold")
    stamp = row["stamp"]
    other = f", {stamp['contradicted']} against" if stamp["contradicted"] else ""
    full = stamp["holds"] == stamp["of"]
    ax.text(
        len(names) + 0.12, at + 0.5, f"{stamp['holds']} of {stamp['of']}{other}", va="center", size=SMALL,
        weight="bold" if full else "normal",
    )  # fmt: skip


def _taus(ax: Axes, at: float, ranking: Mapping[str, Any], names: list[str]) -> None:
    ax.text(-0.67, at + 0.5, "Ranking of scenarios by exits: tau", transform=ax.get_yaxis_transform(), va="center",
            size=SMALL, weight="bold")  # fmt: skip
    for column, name in enumerate(names):
        tau = ranking[name]["tau"]
        text = "-" if tau is None or tau != tau else f"{tau:.2f}"
        ax.text(column + 0.5, at + 0.5, text, ha="center", va="center", size=SMALL, weight="bold")
