"""A few SVG elements as text, and the colours and names that all charts of the debrief share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from markupsafe import Markup

from sim.draw.style import ENDINGS as MARKS_OF_ENDINGS
from sim.draw.style import FAINT, INK, MUTED, SEAT_COLOURS, WASH, percent
from sim.draw.style import OPTIONS as MARKS_OF_OPTIONS
from sim.model.state import ENDINGS, OPTIONS

__all__ = ["FAINT", "INK", "MUTED", "SEAT_COLOURS", "WASH", "percent"]

WIDTH = 800  # of a full chart, in its own units: about a pixel on paper
COLOURS = {name: mark.colour for name, mark in zip(ENDINGS, MARKS_OF_ENDINGS, strict=True)}
LABELS = {name: mark.label for name, mark in zip(ENDINGS, MARKS_OF_ENDINGS, strict=True)}
PHRASES = {name: mark.phrase or "no decision in time" for name, mark in zip(ENDINGS, MARKS_OF_ENDINGS, strict=True)}
OPTION_COLOURS = {name: mark.colour for name, mark in zip(OPTIONS, MARKS_OF_OPTIONS, strict=True)}
LIGHT_TEXT = {"crushed"}  # endings whose colour is dark enough for white letters
DASHED = ' stroke-dasharray="3 2"'  # edge of what the facilitator ordered for a seat
GAME, PAST = "#1A2230", "#9A2A6B"  # lines of this game and of June 2023 in the comparison


def num(value: float) -> str:
    """A coordinate, to a tenth.

    >>> num(3.04), num(12.0)
    ('3', '12')
    """
    out = f"{value:.1f}".removesuffix(".0")
    return "0" if out == "-0" else out


def text(x: float, y: float, words: object, kind: str = "", anchor: str = "start", fill: str = "") -> str:
    """Words at a place; `kind` names classes of the style sheet."""
    put = "" if anchor == "start" else f' text-anchor="{anchor}"'
    put += f' class="{kind}"' if kind else ""
    put += f' fill="{fill}"' if fill else ""
    return f'<text x="{num(x)}" y="{num(y)}"{put}>{escape(str(words))}</text>'


def rect(x: float, y: float, w: float, h: float, fill: str, stroke: str = "", more: str = "") -> str:
    """A filled box, with an edge if `stroke` is given."""
    edge = f' stroke="{stroke}"' if stroke else ""
    return f'<rect x="{num(x)}" y="{num(y)}" width="{num(max(w, 0.0))}" height="{num(h)}" fill="{fill}"{edge}{more}/>'


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = FAINT, width: float = 1.0, dash: str = "") -> str:
    """A straight line."""
    broken = f' stroke-dasharray="{dash}"' if dash else ""
    place = f'x1="{num(x1)}" y1="{num(y1)}" x2="{num(x2)}" y2="{num(y2)}"'
    return f'<line {place} stroke="{stroke}" stroke-width="{width:g}"{broken}/>'


def points(pairs: Iterable[tuple[float, float]]) -> str:
    """Coordinates as an attribute."""
    return " ".join(f"{num(x)},{num(y)}" for x, y in pairs)


def polyline(pairs: Iterable[tuple[float, float]], stroke: str, width: float = 2.0, dash: str = "") -> str:
    """A line through points."""
    broken = f' stroke-dasharray="{dash}"' if dash else ""
    look = f'fill="none" stroke="{stroke}" stroke-width="{width:g}" stroke-linejoin="round"{broken}'
    return f'<polyline points="{points(pairs)}" {look}/>'


def polygon(pairs: Iterable[tuple[float, float]], fill: str, opacity: float = 1.0, stroke: str = "") -> str:
    """A filled shape."""
    more = f' fill-opacity="{opacity:g}"' if opacity < 1.0 else ""
    more += f' stroke="{stroke}"' if stroke else ""
    return f'<polygon points="{points(pairs)}" fill="{fill}"{more}/>'


def circle(x: float, y: float, r: float, fill: str, stroke: str = "", width: float = 1.5) -> str:
    """A disc, with an edge if `stroke` is given."""
    edge = f' stroke="{stroke}" stroke-width="{width:g}"' if stroke else ""
    return f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(r)}" fill="{fill}"{edge}/>'


def diamond(x: float, y: float, r: float, fill: str, stroke: str = "") -> str:
    """A square on its corner."""
    return polygon([(x, y - r), (x + r, y), (x, y + r), (x - r, y)], fill, stroke=stroke)


def picture(parts: Iterable[str], height: float, told: str, width: float = WIDTH, kind: str = "chart") -> Markup:
    """A whole drawing; `told` says in words what it shows, or is empty where the text beside it does."""
    box = f'viewBox="0 0 {num(width)} {num(height)}"'
    told = f'role="img" aria-label="{escape(told)}"' if told else 'aria-hidden="true"'
    return Markup(f'<svg class="{kind}" {box} {told} xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>')


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places near those wanted, in their order, at least `gap` apart and as far as may be between `low` and `high`."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    out = [0.0] * len(wanted)
    last = low - gap
    for i in order:
        last = out[i] = max(wanted[i], last + gap)
    over = last - high
    for i in reversed(order):  # push back what ran over the end
        if over <= 0.0:
            break
        out[i] = min(out[i], high)
        high = out[i] - gap
    return out


def endings_key(x: float, y: float, width: float, names: Sequence[str] = ENDINGS) -> list[str]:
    """A key of the endings' colours in one line of this width."""
    sizes = [18 + 6.2 * len(LABELS[name]) for name in names]
    gap = max((width - sum(sizes)) / max(len(names) - 1, 1), 4.0)
    out, at = [], x
    for name, size in zip(names, sizes, strict=True):
        out += [rect(at, y - 9, 11, 11, COLOURS[name]), text(at + 15, y, LABELS[name], "small")]
        at += size + min(gap, 22.0)
    return out


def told_odds(odds: Mapping[str, float]) -> str:
    """Odds in words, likeliest first, those below one per cent left out."""
    order = sorted(odds, key=lambda name: -odds[name])
    return ", ".join(f"{LABELS[name].lower()} {percent(odds[name])}" for name in order if odds[name] >= 0.01)
