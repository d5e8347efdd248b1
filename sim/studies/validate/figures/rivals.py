"""This model and its simple rivals on the same patterns: shares of runs that hit, coloured by the verdict."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.draw.labels import key, short
from sim.draw.style import INK, MUTED, SMALL, WASH, Page, Setting, page, percent, small_print, styled
from sim.patterns.scores import MARGIN
from sim.studies.validate.figures.patterns import VERDICTS

TINTS = {"holds": "#A9CCE6", "partly": "#F6DDA6", "misses": "#F2BFA0"}
OURS = "this model"


@styled
def rivals(validation: Mapping[str, Any], setting: Setting) -> Page:
    """Patterns down, accounts of the case across, totals below."""
    accounts, found = validation["rivals"], validation["patterns"]
    rows = [name for name, p in found.items() if p["represented"] and not p["given"]]
    fig = page(
        takeaway(accounts),
        "Share of all runs that hit; colour: the verdict. Each rival is set where it does best on these patterns",
        small_print(
            setting, validation["replications"], unit="runs of each", note="bold: tell rivals apart best · rivals "
            "have no talks, so P13 is theirs for nothing · docs/patterns.md"
        ),
    )  # fmt: skip
    ax = fig.add_axes((0.40, 0.075, 0.575, 0.665))
    totals = _totals(accounts)
    ax.set_xlim(0, len(accounts))
    ax.set_ylim(len(rows) + 0.4 + len(totals), 0)
    ax.axis("off")
    for column, (name, account) in enumerate(accounts.items()):
        label = textwrap.fill(name.replace("_", " "), 14)
        ax.text(column + 0.5, -0.15, label, ha="center", va="bottom", weight="bold", size=SMALL + 1)
        for row, pattern in enumerate(rows):
            _cell(ax, column, row, account.get("patterns", {}).get(pattern))
    for row, pattern in enumerate(rows):
        _label(ax, row, pattern, found[pattern], telling=pattern in validation["telling_patterns"])
    for row, (label, values) in enumerate(totals.items(), len(rows)):
        _total(ax, row + 0.4, label, values)
    key(fig, [VERDICTS[name] for name in TINTS], 0.046, 0.825, size=SMALL + 1)
    return fig


def takeaway(accounts: Mapping[str, Any]) -> str:
    """The headline: whether the model beats every simulated rival on held-out hits beyond chance, or which not."""
    mine = accounts[OURS]["H"]
    rest = {name: a["H"] for name, a in accounts.items() if name != OURS and "H" in a}
    gaps = {name: accounts[name]["ahead"] for name in rest}
    close = [name for name, gap in gaps.items() if not (gap["low"] > 0.0 and gap["gap"] >= MARGIN)]
    if not close:
        best = max(rest.values(), key=lambda h: h["hit_share"])
        return (
            f"Held-out hits of a run: {percent(mine['hit_share'])} of the weight here, at most "
            f"{percent(best['hit_share'])} in a rival"
        )
    names, do = " and ".join(name.replace("_", " ") for name in close), "does" if len(close) == 1 else "do"
    if all(gaps[name]["high"] < 0.0 and gaps[name]["gap"] <= -MARGIN for name in close):
        way = f"{do} better than"
    elif all(max(-gaps[name]["low"], gaps[name]["high"]) < MARGIN for name in close):
        way = f"{do} about as well as"
    else:
        way = f"{'is' if len(close) == 1 else 'are'} not told from"
    fewer = all(rest[name]["covers"] < mine["covers"] for name in close)
    tail = f"; {'it covers' if len(close) == 1 else 'they cover'} fewer patterns" if fewer else ""
    return f"In what a single run hits, {names} {way} this model{tail}"


def _totals(accounts: Mapping[str, Any]) -> dict[str, list[float | None]]:
    """Rows below the patterns: label -> a share an account, None where an account does not tell it."""

    def of(kind: str, name: str) -> list[float | None]:
        return [a[kind][name] if kind in a else None for a in accounts.values()]

    return {
        "held-out weight covered": of("H", "covered"),
        "held-out weight a run hits": of("H", "hit_share"),
        "joint hits": of("joint", "share"),
        "odds of the ending that came": of("endings", "negotiated_exit"),
    }


def _label(ax: Axes, row: int, name: str, pattern: Mapping[str, Any], *, telling: bool) -> None:
    look: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center", "size": SMALL}
    weight = "bold" if telling else "normal"
    ax.text(-0.617, row + 0.5, name, weight=weight, **look)
    ax.text(-0.555, row + 0.5, short(pattern["what"], 44), weight=weight, **look)
    ax.text(-0.02, row + 0.5, pattern["use"], color=MUTED, ha="right", **look)


def _cell(ax: Axes, column: int, row: int, score: Mapping[str, Any] | None) -> None:
    tint = WASH if score is None else TINTS[score["verdict"]]
    ax.add_patch(Rectangle((column + 0.03, row + 0.06), 0.94, 0.88, color=tint, lw=0))
    text = "untold" if score is None else percent(score["hit_share"])
    ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", size=SMALL, color=MUTED if score is None else INK)


def _total(ax: Axes, row: float, label: str, values: list[float | None]) -> None:
    ax.text(-0.617, row + 0.5, label, transform=ax.get_yaxis_transform(), va="center", size=SMALL, weight="bold")
    for column, value in enumerate(values):
        blank = value is None or math.isnan(value)
        text = "untold" if blank or value is None else percent(value)
        look: dict[str, Any] = {"color": MUTED} if blank else {"weight": "bold"}
        ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", size=SMALL + 0.5, **look)
