"""Equilibria of a crisis's game over lambda: what each side chooses, the model's choices as marks, and the odds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from sim.draw.labels import halo, key, spread
from sim.draw.style import (
    ENDINGS,
    FAINT,
    INK,
    MUTED,
    OPTIONS,
    SMALL,
    TEXT,
    Mark,
    Page,
    Setting,
    ink,
    page,
    percent,
    small_print,
    styled,
)
from sim.model.state import ENDINGS as NAMES

BOXES = {"leader": (0.07, 0.165, 0.205, 0.57), "ruler": (0.372, 0.165, 0.205, 0.57)}
ODDS = (0.79, 0.165, 0.175, 0.57)
SIDE = 1.03  # where the names of the curves begin, in widths of a panel
WAYS = (
    ("model", Mark("the model's choice now", MUTED)),
    ("equilibrium", Mark("equilibrium now", INK)),
)


def takeaway(game: Mapping[str, Any]) -> str:
    """The headline: how far the equilibrium's choices are from the model's, and what that does to the odds."""
    apart = max(("leader", "ruler"), key=lambda name: float(game["choices"][name]["apart"]))
    text = f"Playing the equilibrium would move the {apart}'s choice by {percent(game['choices'][apart]['apart'])}, "
    gaps = {name: game["odds"][name]["difference"] for name in NAMES}
    sure = [name for name, gap in gaps.items() if gap["low"] > 0.0 or gap["high"] < 0.0]
    if not sure:
        return f"{text}and the odds of no ending beyond chance"
    name = max(sure, key=lambda one: abs(float(gaps[one]["share"])))
    phrase = ENDINGS[NAMES.index(name)].phrase
    return f"{text}the odds of {phrase} by {100 * gaps[name]['share']:+.1f} points"


@styled
def game_qre(game: Mapping[str, Any], setting: Setting) -> Page:
    """Choice chances of leader and ruler along the branch of logit equilibria, and the odds of the endings."""
    fig = page(
        takeaway(game),
        f"Logit equilibria of the next choice at hour {game['hour']:g}, replicate {game['replicate']}, column "
        f"{game['km']:.0f} km from the capital; at the right where it leads",
        small_print(
            setting, game["continuations"], "continuations",
            f"{len(game['types']['leader']['beliefs'])} types a side · lines: 95 % intervals",
        ),
    )  # fmt: skip
    for name, box in BOXES.items():
        _branch(fig.add_axes(box), game, name, label=name == "leader")
    _odds(fig.add_axes(ODDS), game)
    fig.text(
        0.07,
        0.807,
        "line: equilibrium · disc: the model's chance · bar: simulated",
        size=SMALL,
        color=MUTED,
        va="center",
    )
    key(fig, [mark for _, mark in WAYS], ODDS[0] - 0.14, 0.807, size=SMALL)
    return fig


def _branch(ax: Axes, game: Mapping[str, Any], name: str, *, label: bool) -> None:
    """One side's four chances over lambda, with the model's at its own lambda."""
    at, chance, own = game["lambda"], 100 * game["branches"][name], float(game["precision"])
    choices = game["choices"][name]
    belief = choices_belief(game, name)
    ax.set_title(f"{name.title()} (rebels' odds: {percent(belief)})", size=TEXT, pad=10)
    ax.axvline(own, color=FAINT, lw=1.2, zorder=0)
    for option, mark in enumerate(OPTIONS):
        ax.plot(at, chance[:, option], color=mark.colour, lw=2.6, zorder=2)
        ax.plot(own, 100 * choices["model"][option], "o", ms=8, color=mark.colour, mec="white", mew=1.2, zorder=4)
        seen = choices["simulated"][OPTIONS[option].label]
        if seen["n"]:
            shift = own + 0.045 * at[-1]
            ax.plot([shift] * 2, [100 * seen["low"], 100 * seen["high"]], color=ink(mark.colour), lw=3, zorder=3)
    ax.set_xlim(0, at[-1])
    ax.set_ylim(-1.5, max(62.0, 1.08 * chance.max()))
    ax.set_xlabel("lambda (1/stake)")
    if label:
        ax.set_ylabel("chance, per cent")
    ax.grid(axis="y")
    top = ax.get_ylim()[1]
    for y, option in zip(spread(chance[-1], 0.06 * top, 0.0, top), range(4), strict=True):
        mark = OPTIONS[option]
        ax.text(SIDE * at[-1], y, mark.label, color=ink(mark.colour), size=SMALL, va="center")
    ax.text(own, top * 0.99, " the model's\n lambda", size=SMALL, color=MUTED, va="top", path_effects=halo(), zorder=5)


def choices_belief(game: Mapping[str, Any], name: str) -> float:
    """What this side believes of the rebels' odds in this state."""
    types = game["types"][name]
    return float(types["beliefs"][types["own"]])


def _odds(ax: Axes, game: Mapping[str, Any]) -> None:
    """Odds of each ending with the next choice drawn as the model does, and as the equilibrium does."""
    for row, (name, mark) in enumerate(zip(NAMES, ENDINGS, strict=True)):
        entry = game["odds"][name]
        for place, (way, shade) in enumerate(WAYS):
            y = row + (-0.17, 0.17)[place]
            ax.plot([100 * entry[way]["low"], 100 * entry[way]["high"]], [y, y], color=shade.colour, lw=2.4)
            ax.plot(100 * entry[way]["share"], y, "o", ms=7, color=shade.colour, mec="white", mew=1)
        ax.text(-0.04, row, mark.label, transform=ax.get_yaxis_transform(), color=ink(mark.colour), size=SMALL + 1,
                ha="right", va="center")  # fmt: skip
    ax.set_title("Odds of the ending", size=TEXT, pad=10)
    ax.set_yticks([])
    ax.set_ylim(len(NAMES) - 0.5, -0.5)
    ax.set_xlim(left=0)
    ax.set_xlabel("per cent")
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    for row in range(1, len(NAMES)):
        ax.axhline(row - 0.5, color=FAINT, lw=0.6, zorder=0)
