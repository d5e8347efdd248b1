"""What stands on a role's sheet, and what everybody is told: built from a seat's own briefing and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.classroom.briefing import Briefing, briefing
from sim.classroom.handouts.wording import Words, filled, spell_hours
from sim.classroom.seats import CLASS_SEATS, DETAILS, OWN_CHANNEL, known, reaches, role
from sim.classroom.seats import filled as sits
from sim.model.luck import run_key
from sim.model.rules.setup import begin
from sim.model.rules.turn import open_turn
from sim.model.state import CHANNELS, ENDINGS, OPTIONS, State
from sim.scenario import Setting
from sim.story.narrative import clock

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six")
LINES, PAGES = 15, 2  # of the turn log


def opening(setting: Setting, seat: str, replicate: int) -> Briefing:
    """What the seat is told as the crisis begins, its own reading of the odds included."""
    own, state = setting.at(replicate), State()
    key = run_key(setting.seed, replicate)
    begin(state, own.params, key)
    open_turn(state, own.params, key)
    return briefing(state, own, known(seat))


def sheet(setting: Setting, seat: str, worth: np.ndarray, words: Words, *, replicate: int) -> dict[str, Any]:
    """Content of a role sheet.

    Parameters
    ----------
    worth : (6,) of each ending to this seat, from 0 to 1
    """
    told, texts = opening(setting, seat, replicate), words["role"]
    mine = told.role
    return {
        "seat": seat, "title": mine.title, "persons": list(mine.persons), "aims": list(mine.aims),
        "knows": list(mine.knows), "facts": _facts(told, texts),
        "options": [(words.options[name], _sentence(mine.options[name])) for name in OPTIONS],
        "details": _details(seat, words), "write": _write(setting, seat, texts), "lines": _lines(seat, words, texts),
        "worth": sorted(
            ((words.endings[name], round(100 * float(worth[k]))) for k, name in enumerate(ENDINGS)),
            key=lambda pair: -pair[1],
        ),
        "short": [words.endings[name] for name in ENDINGS],
        "log": [range(LINES)] * PAGES,
    }  # fmt: skip


def _facts(told: Briefing, texts: Mapping[str, Any]) -> list[str]:
    own = [texts["facts"][name].format(x=value) for name, value in told.forces.items() if name in texts["facts"]]
    if len(told.beliefs) == 1:
        return [*own, *(texts["own"].format(share=_percent(value)) for value in told.beliefs.values())]
    each = "; ".join(texts["own_of"].format(actor=name, share=_percent(value)) for name, value in told.beliefs.items())
    return [*own, texts["own"].format(share=each)]


def _details(seat: str, words: Words) -> list[str]:
    own = words["details"].get(seat, {})
    return [filled(own[name], channels=words.channels(), items=words.items) for name in DETAILS[seat]]


def _write(setting: Setting, seat: str, texts: Mapping[str, Any]) -> str:
    names = [role(setting, other).title for other in reaches(seat) if sits(setting, other)]
    text: str = texts["write_to"].format(names="; ".join(names))
    return text


def _lines(seat: str, words: Words, texts: Mapping[str, Any]) -> str:
    if seat == "leader":
        return ""
    if not OWN_CHANNEL[seat]:
        return str(texts["no_lines"])
    text: str = texts["lines"].format(names=words.channels([CHANNELS[k] for k in OWN_CHANNEL[seat]]))
    return text


def public(setting: Setting, words: Words, *, turn_h: float, start_h: float) -> dict[str, Any]:
    """What everybody knows: outside of the role sheets, the rules, the road. Nothing here is any seat's own."""
    p = setting.params
    present = [role(setting, seat) for seat in seats_to_print(setting, tuple(CLASS_SEATS))]
    facts = {
        "start": f"{p.D0:.0f}", "line": f"{p.D_line:.0f}", "opens": f"{start_h:g}", "clock": clock(start_h),
        "turn": spell_hours(turn_h), "seats": NUMBERS[len(present)],
    }  # fmt: skip
    line = p.L_max > 0.0 and p.D_line < p.D0
    outside = filled(words["role"]["outside_text"], **facts)
    return {
        "outside": outside if line else [outside[0], *outside[2:]],
        "rules": filled(words["rules"], **facts),
        "seats": [(one.title, one.persons) for one in present],
        "options": [(words.options[name], words["rules"]["option_texts"][name]) for name in OPTIONS],
        "endings": [(words.endings[name], words.ending_texts[name]) for name in ENDINGS], "facts": facts,
    }  # fmt: skip


def seats_to_print(setting: Setting, wanted: Sequence[str]) -> list[str]:
    """The wanted seats in which somebody sits in this setting, in the usual order."""
    asked = {known(seat) for seat in wanted}
    return [seat for seat in CLASS_SEATS if seat in asked and sits(setting, seat)]


def _percent(value: float) -> str:
    return f"{100 * value:.0f}\N{NO-BREAK SPACE}%"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
