"""The pieces of the pack as self-contained HTML, made for A4 and for black and white."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import __version__
from sim.classroom.handouts import hand, road, sheets
from sim.classroom.handouts.paper import Check
from sim.classroom.handouts.printed import KM_STEP, Sheet
from sim.classroom.handouts.wording import Words, filled, spell_hours
from sim.classroom.injects import INJECTS
from sim.scenario import Setting

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent
STYLE = "pack.css"


@dataclass(frozen=True)
class Class:
    """How the class plays: open seats, hours of crisis a turn in the room, and what endings are worth to each seat."""

    seats: Sequence[str]
    turn_h: float
    start_h: float
    worth: Mapping[str, np.ndarray]
    replicate: int = 0


def pack(
    of: Class, setting: Setting, sheet: Sheet, checks: Mapping[str, Check], games: int, words: Words
) -> dict[str, str]:
    """Every piece by its file name, and `pack.html` with all of them in the order of the contents page."""
    common = sheets.public(setting, words, turn_h=of.turn_h, start_h=sheet.course.start)
    pieces: dict[str, tuple[str, str, dict[str, Any]]] = {}
    for seat in of.seats:
        name, content = role_sheet(of, setting, seat, words)
        pieces[name] = ("role", f"{words['pieces']['role']}: {content['sheet']['title']}", content | {"common": common})
    label = setting.label
    pieces["rules.html"] = ("rules", words["pieces"]["rules"], {"common": common})
    pieces["map.html"] = (
        "map",
        words["pieces"]["map"],
        {"map": road.drawing(setting), "common": common, "box_km": road.BOX_KM},
    )
    pieces["injects.html"] = ("injects", words["pieces"]["injects"], {"cards": cards(sheet, words)})
    by_hand = hand.content(sheet, checks, words, games) | {"label": label, "seed": setting.seed}
    pieces["by_hand.html"] = ("by_hand", words["pieces"]["by_hand"], by_hand)
    guide = filled(words["guide"], turn=spell_hours(sheet.course.turn_h))
    pieces["guide.html"] = ("guide", words["pieces"]["guide"], {"guide": guide, "label": label})
    titles = [str(content["sheet"]["title"]) for kind, _, content in pieces.values() if kind == "role"]
    cover = ("cover", words["contents"]["title"], {"titles": titles, "label": label, "about": setting.settings.about})
    out = {name: rendered([piece], words) for name, piece in pieces.items()}
    out["pack.html"] = rendered([cover, *pieces.values()], words)
    return out


def role_sheet(of: Class, setting: Setting, seat: str, words: Words) -> tuple[str, dict[str, Any]]:
    """File name and content of one seat's sheet; only the seat's own briefing and worth go in."""
    made = sheets.sheet(setting, seat, of.worth[seat], words, replicate=of.replicate)
    return f"role_{seat}.html", {"sheet": made}


def cards(sheet: Sheet, words: Words) -> list[dict[str, Any]]:
    """Inject cards: what to read out, what it does in the room, and what it does on paper."""
    p = sheet.course.setting.params
    nat = 100.0 * sheet.counted.nat
    values = {
        "call": round(nat * p.w_call),
        "rumour": round(nat),
        "lag": f"{KM_STEP * round(p.lag_fight * p.v / KM_STEP):.0f}",
    }
    own = words["injects"]["cards"]
    out = []
    for name, of in INJECTS.items():
        told = filled({k: v for k, v in own[name].items() if k != "by_hand"})
        number = words["injects"]["range"].format(number=of.number, low=of.low, high=of.high, about=of.about)
        out.append(told | {"name": name, "number": number, "by_hand": own[name]["by_hand"].format(**values)})
    return out


def rendered(pieces: Sequence[tuple[str, str, Mapping[str, Any]]], words: Words) -> str:
    """One HTML text with these pieces (template, title, content); no script, no request to anywhere."""
    style = (FOLDER / STYLE).read_text(encoding="utf-8")
    return _environment().get_template("page.html.j2").render(
        pieces=pieces, words=words.own, shared=words.shared, endings=list(words.endings.values()), style=style,
        version=__version__, title=pieces[0][1],
    )  # fmt: skip


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
