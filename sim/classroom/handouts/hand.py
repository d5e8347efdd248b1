"""The part for playing by hand: every printed table as rows of text."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import numpy as np

from sim.classroom.handouts.course import BEFORE, FAR, LINE, NEAR, PAST, d100, half_width, share
from sim.classroom.handouts.paper import Check
from sim.classroom.handouts.printed import LEADER, POOLED, RULER, Sheet
from sim.classroom.handouts.reading import BATTLING, EVENTS, HOPES, OFF_ROAD, ROAD
from sim.classroom.handouts.tables import ATTACKS, FEW, MODES, WHO
from sim.classroom.handouts.wording import Words, filled, spell_hours
from sim.model.state import SEATS
from sim.story.narrative import clock

DASH = "\N{EN DASH}"
LETTERS = "ABCDEFGHIJ"
SELDOM = 0.005  # deals a turn below which talks between nobody of rank have no column of their own
POOR = 0.25  # distance of tables and model from which the page warns
ROLLS = (17, 20)  # rows and columns of the sheet of rolls
FEW_GAMES = 40  # a row of odds with fewer games is not printed


def content(sheet: Sheet, checks: Mapping[str, Check], words: Words, games: int) -> dict[str, Any]:
    """All that the template shows."""
    texts = filled(words["by_hand"], **_values(sheet, games, checks))
    if sheet.course.setting.params.t_speech > sheet.course.setting.params.horizon_h:
        texts["setup_texts"] = [*texts["setup_texts"], texts["no_speech"]]
    return {
        "texts": texts, "hope": _hope(sheet), "gives": _gives(sheet, words), "march": _march(sheet, texts),
        "entry": _entry(sheet, texts), "talks": _talks(sheet, texts), "battle": _battle(sheet, texts),
        "principals": _principals(sheet, texts), "others": _others(sheet, texts),
        "modes": [texts["tables"]["talks"]["heads"][mode] for mode in talking(sheet)],
        "poor": "; ".join(check.text for check in checks.values() if check.apart > POOR),
        "odds": _odds(sheet, texts), "rolls": rolls(sheet.course.setting.seed), "check": _check(checks),
        "titles": [str(sheet.course.setting.seats[SEATS[seat]]["title"]) for seat in POOLED],
        "log": [(t, f"{sheet.course.hour(t):g}") for t in range(sheet.course.turns)],
    }  # fmt: skip


def _values(sheet: Sheet, games: int, checks: Mapping[str, Check]) -> dict[str, Any]:
    course, counted = sheet.course, sheet.counted
    p = course.setting.params
    nobody = sum((v for k, v in counted.talks.items() if k[0] == "nobody"), np.zeros(4))
    rows = [v.sum() for v in counted.odds.values() if v.sum() >= FEW_GAMES]
    full = sorted(v.sum() for k, v in counted.talks.items() if v.sum() >= FEW)
    return {
        "turn": spell_hours(course.turn_h), "typical": round(20.0 / course.turn_h), "start": f"{p.D0:.0f}",
        "opens": f"{course.start:g}", "clock": clock(course.start), "sets_out": f"{p.t_start:g}",
        "part": _percent((course.start + course.turn_h - p.t_start) / course.turn_h), "keeps": round(100 * sheet.keeps),
        "speech": f"{p.t_speech:g}", "last": course.turns - 1, "fought": sheet.marks[0], "joined": sheet.marks[1],
        "played": f"{counted.played:,}", "few": FEW,
        "most": round(100 * half_width(0.5, FEW)),
        "usual": round(100 * half_width(0.5, float(np.median(full or [FEW])))),
        "games": f"{games:,}", "luck": _percent(_by_luck(checks)), "near": f"{course.near_km:g}",
        "strengthens": sheet.strengthens, "talked": int(nobody.sum()), "dealt": int(nobody[:2].sum()),
        "odds_few": FEW_GAMES, "odds_most": round(100 * half_width(0.5, min(rows or [FEW_GAMES]))),
    }  # fmt: skip


def _by_luck(checks: Mapping[str, Check]) -> float:
    """Mean distance of two samples of the model's shares by luck alone, each share's difference being normal."""
    apart = []
    for check in checks.values():
        p, n = share(check.model), float(check.model.sum())
        apart.append(0.5 * float(np.sqrt(2 / np.pi) * np.sqrt(2 * p * (1 - p) / max(n, 1.0)).sum()))
    return float(np.mean(apart)) if apart else 0.0


def _percent(value: float) -> str:
    return f"{100 * value:.0f}\N{NO-BREAK SPACE}%"


def span(pair: tuple[int, int] | None) -> str:
    """A range of rolls as printed.

    >>> ascii(span((1, 9))), span((100, 100))
    ("'1\\\\u20139'", '100')
    """
    if pair is None:
        return DASH
    return f"{pair[0]}{DASH}{pair[1]}" if pair[0] < pair[1] else str(pair[0])


def spans(shares: tuple[float, ...]) -> list[str]:
    """Ranges of rolls for chances in order."""
    return [span(pair) for pair in d100(shares)]


def ends(shares: tuple[float, ...]) -> list[str]:
    """Highest rolls of all but the last of some chances: what a cell with several numbers holds."""
    return [str(round(100 * float(end))) for end in np.cumsum(shares)[:-1]]


def _hope(sheet: Sheet) -> dict[str, Any]:
    course = sheet.course
    bands = range(len(course.bands))
    turns = sorted({turn for turn, _ in sheet.hope})
    return {
        "bands": [f"{low:.0f}{DASH}{high:.0f}" for low, high in course.bands],
        "rows": [(t, f"{course.hour(t):g}", [sheet.hope.get((t, b), "") for b in bands]) for t in turns],
        "mettle": [f"±{sheet.mettle.get(b, 0)}" for b in bands],
    }


def _gives(sheet: Sheet, words: Words) -> list[tuple[str, str, str, str]]:
    course = sheet.course
    p, out = course.setting.params, []
    for period in (BEFORE, FAR, NEAR, LINE, PAST):
        if period == BEFORE and p.t_speech > p.horizon_h:
            continue
        fall = [round(1000 * float(end)) for end in np.cumsum(sheet.fall[period])]
        name = str(words["places"][period]).format(near=f"{course.near_km:g}")
        first = span((1, fall[0]) if fall[0] else None)
        second = span((fall[0] + 1, fall[1]) if fall[1] > fall[0] else None)
        out.append((name, f"≤ {round(100 * sheet.taken[period])}", first, second))
    return out


def _march(sheet: Sheet, texts: Mapping[str, Any]) -> list[list[str]]:
    rolls = [spans(sheet.march["advance", attacks]) for attacks in ATTACKS]
    return [
        [texts["tables"]["march"]["events"][event], *(column[i] for column in rolls),
         f"{sheet.made['advance', event]:.0f}", f"{sheet.made['negotiate', event]:.0f}"]
        for i, event in enumerate(EVENTS)
    ]  # fmt: skip


def _entry(sheet: Sheet, texts: Mapping[str, Any]) -> list[list[str]]:
    named = texts["tables"]["entry"]
    if not sum(v[0] for v in sheet.counted.entry.values()):
        return []
    rows = [
        [named["rows"][who], *(_or_not(sheet.entry(spoken, who), who, spoken) for spoken in (False, True))]
        for who in named["rows"] if who in WHO
    ]  # fmt: skip
    return [*rows, [named["consent"], *(f"≤ {round(100 * sheet.consent(spoken))}" for spoken in (False, True))]]


def _or_not(chance: float, who: str, spoken: bool) -> str:
    return DASH if who == "officials" and not spoken else f"≤ {round(100 * chance)}"


def talking(sheet: Sheet) -> list[str]:
    """Who may stand between the two who talk in this setting: a column of the table each."""
    counts = {mode: sum((v for k, v in sheet.counted.talks.items() if k[0] == mode), np.zeros(4)) for mode in MODES}
    seldom = counts["nobody"][:2].sum() <= SELDOM * counts["nobody"].sum()
    return [mode for mode in MODES if counts[mode].sum() >= FEW and not (mode == "nobody" and seldom)]


def _talks(sheet: Sheet, texts: Mapping[str, Any]) -> list[dict[str, Any]]:
    p = sheet.course.setting.params
    out = []
    for spoken in (False, True):
        if (spoken and p.t_speech > p.horizon_h) or (not spoken and p.t_speech <= sheet.course.start):
            continue
        levels = range(OFF_ROAD + 1) if spoken or p.t_speech > p.horizon_h else range(OFF_ROAD)
        rows = [
            (_level(level), [" · ".join(ends(sheet.talks[mode, spoken, level])) for mode in talking(sheet)])
            for level in levels
        ]
        out.append({"title": texts["tables"]["talks"]["after" if spoken else "before"], "rows": rows})
    return out


def _level(level: int) -> str:
    return "L" if level == OFF_ROAD else LETTERS[level]


def _battle(sheet: Sheet, texts: Mapping[str, Any]) -> list[list[str]]:
    named = texts["tables"]["battle"]["rows"]
    rows = [
        (f"{name}_{strong}", table[strong])
        for name, table in (("arrival", sheet.arrival), ("battle", sheet.battle)) for strong in (False, True)
    ]  # fmt: skip
    return [[named[key], *spans(shares)] for key, shares in [*rows, ("past", sheet.past)]]


def _principals(sheet: Sheet, texts: Mapping[str, Any]) -> list[dict[str, Any]]:
    off = texts["tables"]["principals"]["elsewhere"]
    out = []
    for seat in (LEADER, RULER):
        columns = ((ROAD, 0), (ROAD, 1), (NEAR, 1))
        rows = [
            (LETTERS[level], [" · ".join(ends(sheet.choice[seat, where, level, inside])) for where, inside in columns])
            for level in range(len(HOPES))
        ]  # fmt: skip
        places = ((LINE, off["line"]), (BATTLING, off["battle"]), (PAST, off["past"]))
        rest = [(text, " · ".join(ends(sheet.choice[seat, where, OFF_ROAD, 1]))) for where, text in places]
        title = str(sheet.course.setting.seats[SEATS[seat]]["title"])
        out.append({"title": title, "rows": rows, "rest": rest})
    return out


def _others(sheet: Sheet, texts: Mapping[str, Any]) -> list[list[str]]:
    off, heads = texts["tables"]["principals"]["elsewhere"], texts["tables"]["principals"]["heads"]
    rows = {ROAD: str(heads[1]).split(",")[0], NEAR: heads[3], **off}
    return [[name, *(" · ".join(ends(sheet.choice[seat, at, 0, 0])) for seat in POOLED)] for at, name in rows.items()]


def _odds(sheet: Sheet, texts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of every second turn, by hour, place and mediator."""
    named, course = texts["tables"]["odds"], sheet.course
    out: list[dict[str, Any]] = []
    for (turn, band, inside), counts in sorted(sheet.counted.odds.items(), key=lambda item: item[0]):
        if counts.sum() < FEW_GAMES or turn % 2:
            continue
        (low, high), hour = course.bands[band], f"{course.hour(turn):g}"
        out.append(
            {
                "hour": hour, "first": not out or out[-1]["hour"] != hour, "km": f"{low:.0f}{DASH}{high:.0f}",
                "inside": named["inside" if inside else "outside"], "best": int(np.argmax(counts)),
                "shares": [f"{100 * value:.0f}" for value in share(counts)],
            }
        )  # fmt: skip
    return out


def rolls(seed: int) -> list[list[str]]:
    """A page of rolls from 1 to 100, the same for the same seed; 100 is printed as 00."""
    rng = Random(f"rolls-{seed}")
    rows, columns = ROLLS
    return [[f"{rng.randint(1, 100) % 100:02d}" for _ in range(columns)] for _ in range(rows)]


def _check(checks: Mapping[str, Check]) -> list[dict[str, Any]]:
    return [
        {
            "text": check.text, "apart": _percent(check.apart),
            "rows": [[f"{100 * value:.0f}" for value in share(counts)] for counts in (check.paper, check.model)],
        }
        for check in checks.values()
    ]  # fmt: skip
