"""Charts of what was hidden, and of where the game lies among others."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from sim.classroom.debriefing.svg import (
    COLOURS,
    FAINT,
    GAME,
    INK,
    LABELS,
    MUTED,
    PAST,
    SEAT_COLOURS,
    WIDTH,
    circle,
    diamond,
    line,
    num,
    percent,
    picture,
    polygon,
    polyline,
    rect,
    spread,
    text,
)
from sim.classroom.debriefing.tension import Axis
from sim.model.state import ENDINGS, SEATS

DASHES = ("", "6 3", "2 3", "8 3 2 3", "", "6 3", "2 3", "8 3 2 3")
STANCES = {"loyal": "#0072B2", "silent": "#C8CED6", "hedging": "#E69F00", "defected": "#D55E00"}
CONDUCTS = {"resists": "R", "stands aside": "S", "joins the column": "J", "lets the column pass under parley": "P",
            "not met": "-"}  # fmt: skip


def beliefs(found: Mapping[str, Any]) -> Markup:
    """What each actor believed the rebels' chance to be as each turn opened."""
    axis, told = Axis(found), found["hidden"]["beliefs_by_turn"]
    left, right, top, tall = 44.0, WIDTH - 130.0, 12.0, 210.0
    most = max((value for values in told.values() for value in values if value is not None), default=1.0)
    ceiling = min(1.0, math.ceil(4 * most) / 4)

    def x(hour: float) -> float:
        return left + (right - left) * (hour - axis.first) / (axis.last - axis.first)

    def y(chance: float) -> float:
        return top + tall * (1.0 - chance / ceiling)

    parts = _grid(left, right, y, ceiling)
    parts += [text(x(hour), top + tall + 16, f"{hour:g}", "small muted", "middle") for hour in axis.ticks()]
    last = {name: values[-1] for name, values in told.items() if values[-1] is not None}
    ends = spread([y(value) for value in last.values()], 15.0, top + 4, top + tall)
    for name, at in zip(last, ends, strict=True):
        i = SEATS.index(name)
        track = [(x(hour), y(one)) for hour, one in zip(axis.hours, told[name], strict=True) if one is not None]
        parts += [polyline(track, SEAT_COLOURS[i], 2.2, DASHES[i])]
        parts += [line(right + 2, track[-1][1], right + 12, at, SEAT_COLOURS[i])]
        parts.append(text(right + 15, at + 4, f"{name} {percent(last[name])}", "small"))
    words = "hours since the first public defiance"
    parts.append(text(0.5 * (left + right), top + tall + 33, words, "small muted", "middle"))
    told_last = ", ".join(f"{name} {percent(value)}" for name, value in last.items())
    return picture(parts, top + tall + 38, f"Belief of each actor that the rebels prevail, at the end: {told_last}")


def _grid(left: float, right: float, y: Callable[[float], float], ceiling: float) -> list[str]:
    out = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        if share <= ceiling:
            words = f"{100 * share:.0f}" + (" %" if share == ceiling else "")
            out += [
                line(left, y(share), right, y(share), FAINT, 0.7),
                text(left - 6, y(share) + 4, words, "small muted", "end"),
            ]
    return out


def formations(found: Mapping[str, Any]) -> Markup:
    """Loyalty of each formation as it was drawn, and what the formation did when the column came."""
    rows = found["hidden"]["formations"]
    reach = max(1e-9, *(abs(row["loyalty"]) for row in rows)) * 1.15
    left, right, top, tall = 44.0, WIDTH - 4.0, 26.0, 120.0
    wide, middle = (right - left) / len(rows), top + tall / 2
    parts = [line(left, middle, right, middle, INK, 1.0), text(left - 6, middle + 4, "0", "small muted", "end")]
    parts += [
        text(left - 6, top + 10, "loyal", "small muted", "end"),
        text(left - 6, top + tall, "not", "small muted", "end"),
    ]
    place = ""
    for i, row in enumerate(rows):
        x = left + wide * (i + 0.5)
        if row["place"] != place:
            place = row["place"]
            parts += [
                text(
                    x - wide / 2 + 4,
                    14,
                    {"road": "on the road", "line": "at the line"}.get(place, "in the capital"),
                    "strong",
                )
            ]
            parts += [line(x - wide / 2, 4, x - wide / 2, top + tall + 34, FAINT)] if i else []
        y = middle - tall / 2 * row["loyalty"] / reach
        colour = "#0072B2" if row["loyalty"] >= 0 else "#D55E00"
        parts += [line(x, middle, x, y, colour, 5), circle(x, y, 4.5, colour)]
        parts.append(text(x, top + tall + 15, row["number"], "small muted", "middle"))
        parts.append(text(x, top + tall + 31, CONDUCTS[row["did"]] + ("*" if row["told"] else ""), "strong", "middle"))
    words = "; ".join(f"{row['number']} {row['did']}, loyalty {row['loyalty']:+.2f}" for row in rows)
    return picture(parts, top + tall + 38, f"Formations: {words}")


def elites(found: Mapping[str, Any]) -> Markup:
    """Each elite at the visible support at which it would defect, in the colour of the stance it showed at the end."""
    told = found["hidden"]
    pairs = list(zip(told["elite_thresholds"], told["elite_stances"], strict=True))
    peak = told["visible_peak"]
    low, high = min(0.0, *told["elite_thresholds"]), max(told["elite_thresholds"])
    high = max(high, peak or high)
    bins, left, right = 40, 12.0, WIDTH - 12.0
    width = (high - low) / bins * 1.0001
    piles: Counter[int] = Counter(int((value - low) / width) for value, _ in pairs)
    foot = 62.0 + 15 * max(piles.values())
    counts: Counter[int] = Counter()

    def x(value: float) -> float:
        return left + (right - left) * (value - low) / (width * bins)

    parts = [*_stances_key(left), line(left, foot, right, foot, MUTED)]
    for value, stance in sorted(pairs):
        place = int((value - low) / width)
        y = foot - 8 - 15 * counts[place]
        counts[place] += 1
        parts.append(_elite(x(low + width * (place + 0.5)), y, stance))
    ticks = range(2 * math.ceil(5 * low), int(10 * high) + 1, 2)
    parts += [text(x(tick / 10), foot + 15, f"{tick / 10:.1f}", "small muted", "middle") for tick in ticks]
    if peak is not None:
        anchor = "end" if x(peak) > 0.5 * WIDTH else "start"
        parts += [line(x(peak), 30, x(peak), foot, INK, 1.6, "5 3")]
        parts.append(
            text(
                x(peak) + (-6 if anchor == "end" else 6), 40, f"most that was seen: {peak:.2f}", "small strong", anchor
            )
        )
    parts.append(
        text(
            0.5 * WIDTH, foot + 32, "visible support of the rebels at which the elite defects", "small muted", "middle"
        )
    )
    count = Counter(stance for _, stance in pairs)
    words = ", ".join(f"{count[name]} {name}" for name in STANCES)
    seen = "" if peak is None else f"; the most support that was visible: {peak:.2f}"
    return picture(
        parts, foot + 37, f"{len(pairs)} elites by the support at which they defect; at the end {words}{seen}"
    )


def _elite(x: float, y: float, stance: str) -> str:
    if stance == "defected":
        return rect(x - 5.5, y - 5.5, 11, 11, STANCES[stance])
    if stance == "hedging":
        return diamond(x, y, 7, STANCES[stance])
    return circle(x, y, 5.5, STANCES[stance] if stance == "loyal" else "#fff", "" if stance == "loyal" else MUTED)


def _stances_key(left: float) -> list[str]:
    out = []
    for i, name in enumerate(STANCES):
        out += [_elite(left + 8 + 92 * i, 12, name), text(left + 19 + 92 * i, 16, name, "small")]
    return out


def endings(found: Mapping[str, Any]) -> Markup:
    """Shares of the endings in the model's own games, with this game's and June 2023's marked."""
    shares, games = found["comparison"]["model"]["endings"], found["comparison"]["model"]["games"]
    left, wide, row = 150.0, WIDTH - 330.0, 25.0
    most = max(shares.values())
    parts = []
    for i, name in enumerate(ENDINGS):
        y = 4 + row * i
        notes = [("this game", GAME)] if name == found["ending"] else []
        notes += [("June 2023", PAST)] if name == found["comparison"]["history"]["ending"] else []
        parts += [text(left - 8, y + 15, LABELS[name], "strong" if notes else "", "end")]
        parts += [rect(left, y + 3, wide * shares[name] / most, 17, COLOURS[name])]
        at = left + wide * shares[name] / most + 7
        parts.append(text(at, y + 16, percent(shares[name]), "strong"))
        for words, colour in notes:
            at += 50
            parts += [
                polygon([(at, y + 11.5), (at + 8, y + 6), (at + 8, y + 17)], colour),
                text(at + 12, y + 16, words, "strong", fill=colour),
            ]
            at += 30
    told = ", ".join(f"{LABELS[name].lower()} {percent(shares[name])}" for name in ENDINGS)
    return picture(parts, 8 + row * len(ENDINGS), f"Endings of {games:,} games of the model: {told}")


def histogram(of: Mapping[str, Any], unit: str, marks: Sequence[tuple[float, str, str]]) -> Markup:
    """Counts in bins with lines for this game and for June 2023.

    Parameters
    ----------
    marks : (value, words, colour) of each line
    """
    edges, counts = of["edges"], of["counts"]
    left, right, top, foot = 6.0, 394.0, 44.0, 150.0
    most = max(1, *counts)

    def x(value: float) -> float:
        return left + (right - left) * value / edges[-1]

    parts = [line(left, foot, right, foot, MUTED)]
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        tall = (foot - top - 4) * count / most
        parts.append(rect(x(low) + 0.5, foot - tall, x(high) - x(low) - 1, tall, "#AEB8C6"))
    step = next((one for one in (1, 2, 3, 4, 6, 12, 24, 48, 100, 200, 500) if edges[-1] / one <= 8), 1000)
    ticks = range(0, int(edges[-1]) + 1, step)
    parts += [text(x(tick), foot + 15, tick, "small muted", "middle") for tick in ticks]
    first = min(marks)[0]
    for i, (value, words, colour) in enumerate(marks):
        # The lesser one is named at its left, the other at its right, unless the edge is near.
        anchor = "end" if (value == first and x(value) > 130) or x(value) > right - 100 else "start"
        y = 13.0 + 16 * i
        parts += [line(x(value), y - 9, x(value), foot, colour, 2.0, "" if i == 0 else "5 3")]
        parts.append(
            text(x(value) + (-5 if anchor == "end" else 5), y, f"{words} {num(value)}", "strong", anchor, colour)
        )
    beyond = f"; {of['beyond']:,} beyond" if of["beyond"] else ""
    parts.append(
        text(0.5 * (left + right), foot + 32, f"{unit}, median {num(of['median'])}{beyond}", "small muted", "middle")
    )
    told = f"{unit}: median of the model's games {num(of['median'])}; " + ", ".join(
        f"{words} {num(v)}" for v, words, _ in marks
    )
    return picture(parts, foot + 38, told, 400.0, "half")
