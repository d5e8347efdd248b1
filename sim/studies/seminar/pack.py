"""`rubicon seminar pack`: role sheets, rules, map, cards, odds tables and the teacher's guide, to print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.classroom.seats import CLASS_SEATS, SeminarError

if TYPE_CHECKING:
    from sim.classroom.handouts.paper import Check
    from sim.scenario import Setting
    from sim.settings import Settings

LEAST = {"pool": 200, "ask": 50, "games": 50}


def task(settings: Settings) -> int:
    """One composed job of the command line."""
    from sim import jit
    from sim.scenario import build
    from sim.studies.seminar.room import with_scenario

    keys = checked(settings.choices)
    jit.use_threads(settings.threads)
    write(build(with_scenario(settings)), keys)
    return 0


def write(setting: Setting, keys: Mapping[str, Any]) -> None:
    """Count the tables, check them against the model, and write the pieces as a run directory."""
    from sim import results as record
    from sim.classroom.debrief import measure
    from sim.classroom.handouts import pages, sheets, wording
    from sim.classroom.handouts.course import course
    from sim.classroom.handouts.paper import checked as check
    from sim.classroom.handouts.printed import Sheet
    from sim.classroom.handouts.tables import tables
    from sim.studies.writing import study

    room = keys["seminar"]
    words = wording.words(str(keys["words"]), str(room["labels"]))
    seats = sheets.seats_to_print(setting, keys["seats"] or room["seats"])
    if not seats:
        raise SeminarError(f"nobody sits in any of these seats in {setting.name}; name others with seats=[...].")
    of = course(setting, float(keys["paper_turn_h"]), float(keys["near_km"]))
    turn_h = float(keys["turn_h"] or room["turn_h"])
    with study(setting) as (results, summary, manifest):
        sheet = Sheet(of, tables(of, pool=keys["pool"], ask=keys["ask"]))
        checks = check(sheet, keys["games"])
        made = pages.Class(seats, turn_h, of.start, measure(room).worth, setting.settings.replicate)
        for line in report(checks):
            results.say(line, highlight=False)
        for name, text in pages.pack(made, setting, sheet, checks, keys["games"], words).items():
            record.write_text(results.working / name, text)
        summary |= {"seats": seats, "turns_counted": sheet.counted.played, "check": told(checks)}
        manifest |= {"seats": seats, "replicate": setting.settings.replicate}


def report(checks: Mapping[str, Check]) -> list[str]:
    """How far the tables for playing by hand agree with the model, a line each."""
    return [f"  {one.text}: tables and model differ in {100 * one.apart:.0f} % of games" for one in checks.values()]


def told(checks: Mapping[str, Check]) -> dict[str, Any]:
    """The check as plain data: shares of the endings by tables and model, and their distance."""
    from sim.classroom.handouts.course import share
    from sim.model.state import ENDINGS

    return {
        name: {
            "text": one.text, "distance": one.apart,
            "tables": dict(zip(ENDINGS, share(one.paper).tolist(), strict=True)),
            "model": dict(zip(ENDINGS, share(one.model).tolist(), strict=True)),
        }
        for name, one in checks.items()
    }  # fmt: skip


def checked(choices: Mapping[str, Any]) -> dict[str, Any]:
    """The verb's own keys, each of its kind; SeminarError says what is allowed."""
    keys = dict(choices)
    for name, least in LEAST.items():
        if not isinstance(keys[name], int) or isinstance(keys[name], bool) or keys[name] < least:
            raise SeminarError(f"{name}={keys[name]} is not allowed; give a whole number from {least} on.")
    seats = keys["seats"]
    if seats is not None and (not isinstance(seats, list) or not seats or any(one not in CLASS_SEATS for one in seats)):
        raise SeminarError(f"seats={seats} is not allowed; give a list of some of: {', '.join(CLASS_SEATS)}.")
    if keys["turn_h"] is not None and not (isinstance(keys["turn_h"], (int, float)) and keys["turn_h"] > 0):
        raise SeminarError(f"turn_h={keys['turn_h']} is not allowed; give hours of crisis above 0, or null.")
    for name, low, high in (("paper_turn_h", 0.0, 12.0), ("near_km", 0.0, 1000.0)):
        if not low < keys[name] <= high:
            raise SeminarError(f"{name}={keys[name]} is not allowed; give a number above {low:g}, at most {high:g}.")
    return keys


def main(argv: list[str]) -> int:
    """Entry of the verb."""
    from sim.config import launch

    return launch(argv, task, "seminar_pack")
