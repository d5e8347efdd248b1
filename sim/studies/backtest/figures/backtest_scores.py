"""Scores of the model and of reference lines on past episodes, with intervals over clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from sim.draw.style import FAINT, INK, MUTED, SMALL, Page, page, styled

NAMES = {
    "model": "The model", "logit": "Multinomial logit", "demand_type": "Demand type only",
    "class_frequencies": "Class frequencies", "uniform": "Uniform",
}  # fmt: skip
PANELS = (
    ("log_loss", "Log loss (nats)", "less is better"),
    ("brier", "Brier score", "less is better"),
    ("hits", "Likeliest ending came", "share; more is better"),
)
OURS, THEIRS = "#D55E00", "#566070"


@styled
def backtest_scores(backtest: Mapping[str, Any]) -> Page:
    """Three scores side by side, one line a forecaster."""
    fig = page(
        takeaway(backtest),
        "Each episode predicted without its cluster; the bar is the "
        f"{100 * backtest['level']:g} % interval when clusters are drawn again",
        f"{backtest['scored']} episodes in {backtest['clusters']} clusters · the lines learn from the same rows as the "
        f"model · probabilities below {backtest['floor']:g} count as that · docs/cases.md",
    )
    names = [name for name in NAMES if name in backtest["log_loss"]]
    for i, (score, title, unit) in enumerate(PANELS):
        ax = fig.add_axes((0.175 + 0.275 * i, 0.17, 0.235, 0.58))
        _panel(ax, backtest[score], names, title, unit, named=i == 0)
    return fig


def takeaway(backtest: Mapping[str, Any]) -> str:
    """Which lines the model beats beyond chance."""
    won = [
        NAMES[name].lower() for name, entry in backtest["against"].items() if entry["log_loss"]["verdict"] == "beats"
    ]
    ahead = [name for name, entry in backtest["against"].items() if entry["log_loss"]["value"] < 0.0]
    total = len(backtest["against"])
    if len(won) == total:
        return "The model beats every reference line beyond chance"
    if won:
        return f"Beyond chance the model beats {' and '.join([', '.join(won[:-1]), won[-1]] if won[1:] else won)}"
    if len(ahead) == total:
        return "The model is ahead of every reference line, but not beyond chance"
    return f"The model is ahead of {len(ahead)} of {total} reference lines, of none beyond chance"


def _panel(ax: Axes, scores: Mapping[str, Any], names: list[str], title: str, unit: str, *, named: bool) -> None:
    for at, name in enumerate(names):
        entry, hue = scores[name], OURS if name == "model" else THEIRS
        ax.plot([entry["low"], entry["high"]], [at, at], color=hue, lw=5, alpha=0.45, solid_capstyle="butt")
        ax.plot(entry["value"], at, "o", ms=10, color=hue)
        ax.annotate(
            f"{entry['value']:.2f}", (entry["value"], at), (0, 11), textcoords="offset points", ha="center",
            size=SMALL + 1, color=hue, weight="bold",
        )  # fmt: skip
    ax.axvline(scores["model"]["value"], color=OURS, lw=1, ls=":", zorder=0)
    ax.set_ylim(len(names) - 0.5, -0.6)
    ax.set_yticks(range(len(names)), [NAMES[name] for name in names] if named else [], size=SMALL + 2)
    if named:
        ax.get_yticklabels()[0].set_fontweight("bold")
    ax.tick_params(axis="y", length=0)
    ax.spines[["left"]].set_visible(False)
    for at in range(1, len(names)):
        ax.axhline(at - 0.5, color=FAINT, lw=0.6, zorder=0)
    ax.set_title(title, pad=14, color=INK)
    ax.set_xlabel(unit, color=MUTED)
    ax.margins(x=0.08)
