"""What telling one fact to one actor does to the endings, fact by fact and hour by hour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.draw.labels import key
from sim.draw.style import (
    ENDINGS,
    FAINT,
    INK,
    MUTED,
    SMALL,
    TEXT,
    Mark,
    Page,
    Setting,
    page,
    percent,
    small_print,
    styled,
)
from sim.model.state import ENDINGS as NAMES

PHRASES = {name: mark.phrase for name, mark in zip(NAMES, ENDINGS, strict=True)}
COLOURS = ("#56B4E9", "#0072B2", "#E69F00", "#D55E00", "#009E73", "#CC79A7")
LEFT, RIGHT, BOTTOM, HEIGHT = (0.315, 0.3), (0.665, 0.3), 0.145, 0.605


def takeaway(disclosure: Mapping[str, Any]) -> str:
    """The headline: of the disclosures beyond chance the largest, by an ending that it surely moves."""
    clear = [e for e in disclosure["disclosures"] if e["clear"]]
    if not clear:
        return "No disclosure moves the odds of the endings by more than chance"
    first = clear[0]
    about, told = disclosure["facts"][first["fact"]]["about"], first["sure"][0]
    return (
        f"Told at hour {first['hour']:g} to the {first['actor']}, {about} makes {PHRASES[told['ending']]} "
        f"{'likelier' if told['change'] > 0 else 'rarer'}: {percent(told['after'])} for {percent(told['before'])}"
    )


@styled
def disclosure(disclosure: Mapping[str, Any], setting: Setting) -> Page:
    """Share of the odds that a disclosure moves to another ending, and its effect on deals."""
    found = disclosure["disclosures"]
    pairs = list(dict.fromkeys((e["fact"], e["actor"]) for e in found))
    hours = disclosure["hours"]
    fig = page(
        takeaway(disclosure),
        "Crises still running at an hour, told or not, going on by the same luck; each fact to each actor it concerns",
        small_print(setting, disclosure["replications"], "runs", "hollow: no more than chance · lines: 95 % intervals"),
    )
    axes = [fig.add_axes((left, BOTTOM, width, HEIGHT)) for left, width in (LEFT, RIGHT)]
    step = 0.62 / max(len(hours), 1)
    for e in found:
        number = hours.index(e["hour"])
        y = pairs.index((e["fact"], e["actor"])) + (number - (len(hours) - 1) / 2) * step
        hue = COLOURS[number % len(COLOURS)]
        look: dict[str, Any] = {"ms": 5.5, "mec": hue, "mew": 1.5, "mfc": hue if e["clear"] else "white", "zorder": 3}
        axes[0].plot(100 * e["moved"], y, "o", clip_on=False, **look)
        axes[1].plot([100 * e["deal"]["low"], 100 * e["deal"]["high"]], [y, y], color=hue, lw=2, zorder=2)
        axes[1].plot(100 * e["deal"]["difference"], y, "o", **look)
    for ax, title in zip(axes, ("Odds moved, per cent", "Deals, points"), strict=True):
        ax.set_title(title, size=TEXT, pad=8)
        ax.set_ylim(len(pairs) - 0.5, -0.5)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.grid(axis="x")
        for row in range(1, len(pairs)):
            ax.axhline(row - 0.5, color=FAINT, lw=0.6, zorder=0)
    axes[0].set_xlim(left=0)
    axes[1].axvline(0, color=MUTED, lw=1.2, zorder=1)
    for row, (fact, actor) in enumerate(pairs):
        named = fact.replace("rulers", "ruler's").replace("_", " ")
        text = f"{named} to the {actor}"
        axes[0].text(-0.03, row, text, transform=axes[0].get_yaxis_transform(), ha="right", va="center",
                     size=SMALL, color=INK)  # fmt: skip
    key(
        fig,
        [Mark(f"hour {hour:g}", COLOURS[i % len(COLOURS)]) for i, hour in enumerate(hours)],
        LEFT[0],
        0.825,
        size=SMALL,
    )
    return fig
