"""The line of a game: odds of the endings turn by turn, the column, and all orders below the same axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from sim.classroom.debriefing.svg import (
    COLOURS,
    DASHED,
    FAINT,
    INK,
    LABELS,
    LIGHT_TEXT,
    MUTED,
    OPTION_COLOURS,
    WIDTH,
    circle,
    diamond,
    endings_key,
    line,
    picture,
    polygon,
    polyline,
    rect,
    spread,
    text,
    told_odds,
)
from sim.classroom.debriefing.words import SYMBOLS, TONES
from sim.model.state import ENDINGS, OPTIONS

LEFT, RIGHT = 74.0, WIDTH - 8.0
TOP, TALL = 52.0, 250.0
KM_TALL, ROW = 62.0, 27.0
LETTERS = {name: name[0].upper() for name in OPTIONS}
FLAWS = ("dubious", "blunder")  # marks that the row of orders shows; the seat's own page has all
NAMED = 0.15  # odds that leave room for a name in the area
TICKS = (1, 2, 3, 4, 6, 12, 24, 48)


class Axis:
    """Hours across: every turn as wide as it was long."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self.hours = [float(row["hour"]) for row in found["line"]]
        self.first, self.last = self.hours[0], max(self.hours[-1], self.hours[0] + 1e-9)

    def x(self, hour: float) -> float:
        """Place of an hour."""
        return LEFT + (RIGHT - LEFT) * (hour - self.first) / (self.last - self.first)

    def span(self, turn: int) -> tuple[float, float]:
        """Where a turn begins and ends."""
        return self.x(self.hours[turn]), self.x(self.hours[min(turn + 1, len(self.hours) - 1)])

    def point(self, mark: Mapping[str, Any]) -> float:
        """Where a turning point is marked: in the middle of its turn, an inject at its opening."""
        begin, end = self.span(mark["turn"])
        return begin if mark["kind"] == "inject" else 0.5 * (begin + end)

    def ticks(self) -> list[float]:
        """Round hours, ten at most."""
        step = next((one for one in TICKS if (self.last - self.first) / one <= 13), 96)
        return [float(hour) for hour in range(0, int(self.last) + 1, step) if hour >= self.first]


def tension(found: Mapping[str, Any], names: Mapping[str, str]) -> Markup:
    """Stacked odds, the column's distance, the orders with their marks; turning points are numbered."""
    axis = Axis(found)
    seats = list(found["line"][0]["standing"])
    below = TOP + TALL + 14
    rows = below + KM_TALL + 12
    foot = rows + ROW * len(seats)
    parts = endings_key(LEFT, 13, RIGHT - LEFT) + _areas(found, axis)
    parts += _column(found, axis, below)
    for i, seat in enumerate(seats):
        parts += _orders(found, axis, seat, rows + ROW * i, names[seat])
    parts += _hours(axis, foot)
    marks = found["turning_points"]
    places = spread([axis.point(mark) for mark in marks], 21.0, LEFT, RIGHT - 2)
    for number, (mark, place) in enumerate(zip(marks, places, strict=True), 1):
        parts += _flag(axis.point(mark), place, number, mark["kind"], rows - 4)
    told = "Odds of the six endings as each turn opened. At first: " + told_odds(found["line"][0]["odds"])
    told += ". At the end: " + told_odds(found["line"][-1]["odds"]) + ". Below: the column's distance, and all orders."
    return picture(parts, foot + 34, told)


def _areas(found: Mapping[str, Any], axis: Axis) -> list[str]:
    out, floor = [], [0.0] * len(axis.hours)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        words = f"{100 * share:.0f}" + (" %" if share == 1.0 else "")
        out.append(text(LEFT - 6, _y(share) + 4, words, "small muted", "end"))
    labels = []
    for name in ENDINGS:
        odds = [row["odds"][name] for row in found["line"]]
        top = [a + b for a, b in zip(floor, odds, strict=True)]
        edge = [(axis.x(hour), _y(share)) for hour, share in zip(axis.hours, top, strict=True)]
        base = [(axis.x(hour), _y(share)) for hour, share in zip(axis.hours, floor, strict=True)]
        out += [polygon([*edge, *reversed(base)], COLOURS[name]), polyline(edge, "#fff", 0.8)]
        labels += _label(name, odds, floor, axis)
        floor = top
    return out + labels


def _label(name: str, odds: Sequence[float], floor: Sequence[float], axis: Axis) -> list[str]:
    """The ending's name where its area is thickest, unless it would run over the edge."""
    half = 3.6 * len(LABELS[name])
    inside = [i for i, hour in enumerate(axis.hours) if LEFT + half < axis.x(hour) < RIGHT - half]
    around = {i: min(odds[max(i - 1, 0) : i + 2]) for i in inside}
    best = max(inside, key=lambda i: around[i], default=0)
    if not inside or around[best] < NAMED:
        return []
    fill = "#fff" if name in LIGHT_TEXT else INK
    middle = floor[best] + odds[best] / 2
    return [text(axis.x(axis.hours[best]), _y(middle) + 4, LABELS[name], "strong", "middle", fill)]


def _y(share: float) -> float:
    return TOP + TALL * (1.0 - share)


def _column(found: Mapping[str, Any], axis: Axis, top: float) -> list[str]:
    km = [float(row["km"]) for row in found["line"]]
    most = max(*km, 1.0)
    track = [(axis.x(hour), top + KM_TALL * (1.0 - one / most)) for hour, one in zip(axis.hours, km, strict=True)]
    area = [(LEFT, top + KM_TALL), *track, (RIGHT, top + KM_TALL)]
    last = f"closest {found['closest_km']:.0f} km"
    return [
        polygon(area, "#E8EBF0"), polyline(track, "#3B4656", 2.0),
        text(LEFT - 6, top + 8, f"{most:.0f}", "small muted", "end"),
        text(LEFT - 6, top + KM_TALL, "0 km", "small muted", "end"),
        text(LEFT + 5, top + KM_TALL - 6, "road left to the capital", "small muted"),
        text(RIGHT - 4, top + (10 if km[-1] < 0.6 * most else KM_TALL - 6), last, "small strong", "end"),
    ]  # fmt: skip


def _orders(found: Mapping[str, Any], axis: Axis, seat: str, top: float, name: str) -> list[str]:
    """A row of orders: filled where people ordered, outlined where that had no effect, grey where the model chose.

    What the facilitator ordered has a broken edge.
    """
    out = [text(LEFT - 6, top + ROW / 2 + 4, name, "small strong", "end")]
    marks = {move["turn"]: move["mark"] for move in found["seats"].get(seat, {}).get("moves", [])}
    for row in found["line"]:
        if not row["resolved"]:
            continue
        begin, end = axis.span(row["turn"])
        own = row["orders"].get(seat)
        options = [own["option"]] if own else list(dict.fromkeys(row["standing"][seat]))
        colour, wide = OPTION_COLOURS[options[0]], end - begin - 1.4
        letter = "/".join(LETTERS[one] for one in options)
        letter = letter if wide >= 8 * len(letter) else "·" if len(options) > 1 else letter
        chaired = seat in row["chaired"]
        full = own is not None and seat in row["say"] and not chaired
        fill, edge = (colour, "") if full else ("#fff", colour if own else "")
        out.append(rect(begin + 0.7, top + 1, wide, ROW - 3, fill if own else "#F1F3F6", edge, DASHED * chaired))
        middle = 0.5 * (begin + end)
        if wide >= 7 * len(letter):
            mark = marks.get(row["turn"]) if marks.get(row["turn"]) in FLAWS else None
            put = 11.5 if mark else 16.5
            out.append(text(middle, top + put, letter, "tiny strong", "middle", INK if own else MUTED))
            if mark and wide >= 12:
                out.append(text(middle, top + 22, SYMBOLS[mark], "tiny strong", "middle", INK if full else TONES[mark]))
    return out


def _hours(axis: Axis, foot: float) -> list[str]:
    out = []
    for hour in axis.ticks():
        x = axis.x(hour)
        out += [line(x, foot, x, foot + 4, MUTED), text(x, foot + 15, f"{hour:g}", "small muted", "middle")]
    words = "hours since the first public defiance"
    return [*out, text(0.5 * (LEFT + RIGHT), foot + 30, words, "small muted", "middle")]


def _flag(x: float, place: float, number: int, kind: str, end: float) -> list[str]:
    """A number over the areas at `place`, and a line down from `x`."""
    shape = circle(place, TOP - 18, 9, INK) if kind == "turn" else diamond(place, TOP - 18, 11, INK)
    stem = [line(place, TOP - 9, x, TOP - 1, INK), line(x, TOP - 1, x, end, INK, 1.0, "2 3")]
    return [*stem, shape, text(place, TOP - 14, number, "small strong", "middle", "#fff")]


def multiples(found: Mapping[str, Any]) -> Markup:
    """Odds of each ending by itself with 95 % bands: what the stacked areas cannot show."""
    axis, parts = Axis(found), []
    wide, tall, gap = 226.0, 84.0, 36.0
    for i, name in enumerate(ENDINGS):
        left, top = 34 + (wide + gap) * (i % 3), 22 + (tall + 50) * (i // 3)
        parts += _panel(found, axis, name, left, top, wide, tall)
    told = "Odds of each ending turn by turn with bands of 95 per cent. " + "; ".join(
        f"{LABELS[name].lower()} from {100 * found['line'][0]['odds'][name]:.0f} to "
        f"{100 * found['line'][-1]['odds'][name]:.0f} per cent" for name in ENDINGS
    )  # fmt: skip
    return picture(parts, 22 + 2 * (tall + 50) - 18, told)


def _panel(
    found: Mapping[str, Any], axis: Axis, name: str, left: float, top: float, wide: float, tall: float
) -> list[str]:
    def x(hour: float) -> float:
        return left + wide * (hour - axis.first) / (axis.last - axis.first)

    def track(of: str) -> list[tuple[float, float]]:
        return [(x(row["hour"]), top + tall * (1.0 - row[of][name])) for row in found["line"]]

    out = [text(left, top - 7, LABELS[name], "strong")]
    for share in (0.0, 0.5, 1.0):
        y = top + tall * (1.0 - share)
        out += [
            line(left, y, left + wide, y, FAINT, 0.7),
            text(left - 4, y + 4, f"{100 * share:.0f}", "tiny muted", "end"),
        ]
    out += [
        polygon([*track("high"), *reversed(track("low"))], COLOURS[name], 0.35),
        polyline(track("odds"), COLOURS[name], 2.2),
    ]
    marks = [left + (axis.point(mark) - LEFT) / (RIGHT - LEFT) * wide for mark in found["turning_points"]]
    for number, (at, spot) in enumerate(zip(marks, spread(marks, 9.0, left, left + wide), strict=True), 1):
        out.append(line(at, top, at, top + tall, INK, 0.8, "1 3"))
        out.append(text(spot, top + tall + 22, number, "tiny strong", "middle"))
    for hour in (axis.first, axis.last):
        place = "start" if hour == axis.first else "end"
        out.append(text(x(hour), top + tall + 12, f"h {hour:g}", "tiny muted", place))
    return out
