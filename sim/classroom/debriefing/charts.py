"""Charts of the seats: what each option was worth, forecasting scores, sharpness of choice."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from sim.classroom.debriefing.svg import (
    COLOURS,
    FAINT,
    INK,
    LIGHT_TEXT,
    MUTED,
    WIDTH,
    circle,
    diamond,
    line,
    picture,
    polygon,
    rect,
    text,
    told_odds,
)
from sim.classroom.rationality import SHARPEST
from sim.model.state import ENDINGS, OPTIONS

LEFT, RIGHT = 96.0, WIDTH - 60.0
ROW = 34.0
LEAST = 0.3  # precision from which on the axis is logarithmic; what is less stands at nought
SHOWN = 0.095  # shares from here on carry their number
BAR, BAR_LEFT, BAR_TALL, BAR_STEP = 270.0, 78.0, 13.0, 15.5


def options(move: Mapping[str, Any]) -> Markup:
    """Four bars: odds of the endings after each option as the seat could know them, with the option's points."""
    parts = []
    for i, option in enumerate(OPTIONS):
        y = 2 + BAR_STEP * i
        chosen, best = option == move["option"], option == move["best"]
        parts += [polygon([(0, y + 2), (8, y + 6.5), (0, y + 11)], INK)] if chosen else []
        parts.append(text(12, y + 10.5, option, "strong" if chosen else ""))
        parts += _stack(move["odds"][option], y)
        points = f"{move['points'][option]:.1f}" + (" best" if best else "")
        parts.append(text(BAR_LEFT + BAR + 6, y + 10.5, points, "strong" if best else ""))
    told = f"Chosen: {move['option']}. " + ". ".join(
        f"{name}: {move['points'][name]:.1f} points, {told_odds(move['odds'][name])}" for name in OPTIONS
    )
    return picture(parts, 2 + BAR_STEP * len(OPTIONS), told, BAR_LEFT + BAR + 66, "bars")


def _stack(odds: Mapping[str, float], y: float) -> list[str]:
    out, x = [], BAR_LEFT
    for name in ENDINGS:
        wide = BAR * odds[name]
        if wide < 0.3:
            continue
        out.append(rect(x, y, wide, BAR_TALL, COLOURS[name], "#fff"))
        if odds[name] >= SHOWN:
            fill = "#fff" if name in LIGHT_TEXT else INK
            out.append(text(x + wide / 2, y + 10, f"{100 * odds[name]:.0f}", "tiny", "middle", fill))
        x += wide
    return out


def briers(found: Mapping[str, Any], names: Mapping[str, str]) -> Markup:
    """Mean Brier score of each team, of the model in its seat, of the all-knowing, and of the base rate."""
    scored = {seat: entry["forecasts"] for seat, entry in found["seats"].items() if "seat" in entry["forecasts"]}
    base = next(iter(scored.values()))["base_rate"]
    most = max(
        1.0, *(max(row[key] for key in ("seat", "model", "all_knowing", "base_rate")) for row in scored.values())
    )
    top, foot = 44.0, 44.0 + ROW * len(scored)

    def x(score: float) -> float:
        return LEFT + (RIGHT - LEFT) * score / (math.ceil(5 * most) / 5)

    parts = _brier_key()
    for i in range(math.ceil(5 * most) + 1):
        parts += [
            line(x(i / 5), top, x(i / 5), foot, FAINT, 0.7),
            text(x(i / 5), foot + 15, f"{i / 5:.1f}", "small muted", "middle"),
        ]
    parts.append(line(x(base), top - 4, x(base), foot, MUTED, 1.6, "5 3"))
    for i, (seat, row) in enumerate(scored.items()):
        y = top + ROW * (i + 0.5)
        places = [x(row[key]) for key in ("seat", "model", "all_knowing")]
        parts += [text(LEFT - 10, y + 4, f"{names[seat]} ({row['stated']})", "strong", "end")]
        parts.append(line(min(places), y, max(places), y, FAINT, 2))
        parts += [
            polygon(_triangle(x(row["all_knowing"]), y), "#fff", stroke=INK),
            diamond(x(row["model"]), y, 7, "#0072B2"),
        ]
        parts += [circle(x(row["seat"]), y, 6.5, "#D55E00"), text(RIGHT + 12, y + 4, f"{row['seat']:.2f}", "strong")]
    parts.append(
        text(0.5 * (LEFT + RIGHT), foot + 32, "mean Brier score: 0 is best, 2 is worst", "small muted", "middle")
    )
    told = "Mean Brier scores. " + "; ".join(
        f"{names[seat]}: team {row['seat']:.2f} over {row['stated']} forecasts, "
        f"model {row['model']:.2f}, all-knowing {row['all_knowing']:.2f}"
        for seat, row in scored.items()
    )
    return picture(parts, foot + 36, f"{told}; base rate {base:.2f}")


def _brier_key() -> list[str]:
    out = [
        circle(LEFT + 6, 12, 6.5, "#D55E00"), diamond(LEFT + 76, 12, 7, "#0072B2"),
        polygon(_triangle(LEFT + 242, 12), "#fff", stroke=INK), line(LEFT + 444, 3, LEFT + 444, 21, MUTED, 1.6, "5 3"),
    ]  # fmt: skip
    named = ((18, "team"), (88, "the model in that seat"), (254, "one who knows the true state"))
    return out + [text(LEFT + x, 16, words, "small") for x, words in (*named, (452, "base rate of past episodes"))]


def _triangle(x: float, y: float) -> list[tuple[float, float]]:
    return [(x - 6.5, y + 5.5), (x + 6.5, y + 5.5), (x, y - 6.5)]


def sharpness(found: Mapping[str, Any], names: Mapping[str, str]) -> Markup:
    """Precision of each team with its 95 % interval on a log scale, beside the model's own and a blind chooser."""
    rows = {seat: entry["rationality"] for seat, entry in found["seats"].items() if entry["rationality"]["decisions"]}
    top, foot = 40.0, 40.0 + ROW * len(rows)
    zero, start = LEFT + 8, LEFT + 46

    def x(precision: float | None) -> float:
        if precision is None:
            return RIGHT
        return zero if precision < LEAST else start + (RIGHT - start) * math.log(precision / LEAST, SHARPEST / LEAST)

    parts = _sharpness_key()
    for tick in (0.0, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0):
        words = {0.0: "0", 1000.0: "1,000"}.get(tick, f"{tick:g}")
        parts += [
            line(x(tick), top, x(tick), foot, FAINT, 0.7),
            text(x(tick), foot + 15, words, "small muted", "middle"),
        ]
    for i, (seat, row) in enumerate(rows.items()):
        y = top + ROW * (i + 0.5)
        low, high = x(row["low"]), x(row["high"])
        parts += [text(LEFT - 10, y + 4, names[seat], "strong", "end"), line(low, y, high, y, "#D55E00", 3)]
        if row["high"] is None:
            parts.append(polygon([(RIGHT - 2, y - 6), (RIGHT + 9, y), (RIGHT - 2, y + 6)], "#D55E00"))
        parts.append(diamond(x(row["model"]), y, 7, "#fff", "#0072B2"))
        if row["precision"] is not None:
            parts.append(circle(x(row["precision"]), y, 6, "#D55E00", "#fff"))
    words = (
        "precision: how sharply choices follow the model's worth of the options (1/stake, log scale; 0 is blind choice)"
    )
    parts.append(text(0.5 * (LEFT + RIGHT), foot + 33, words, "small muted", "middle"))
    told = "; ".join(
        f"{names[seat]} {_plain(row['precision'])} ({_plain(row['low'])} to {_plain(row['high'])}), "
        f"the model's own seat {row['model']:g}"
        for seat, row in rows.items()
    )
    told = f"Precision of choice with 95 per cent intervals: {told}"
    return picture(parts, foot + 38, told)


def _plain(value: float | None) -> str:
    return "no upper end" if value is None else f"{value:.1f}"


def _sharpness_key() -> list[str]:
    out = [
        line(LEFT, 12, LEFT + 30, 12, "#D55E00", 3), circle(LEFT + 15, 12, 6, "#D55E00", "#fff"),
        diamond(LEFT + 186, 12, 7, "#fff", "#0072B2"),
        polygon([(LEFT + 346, 6), (LEFT + 357, 12), (LEFT + 346, 18)], "#D55E00"),
    ]  # fmt: skip
    named = ((38, "team, 95 % interval"), (198, "the model's own seat"), (364, "no upper end"))
    return out + [text(LEFT + x, 16, words, "small") for x, words in named]
