"""`rubicon play`: one seat in the terminal, the model in the others, a debrief at the end."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.classroom.seats import CLASS_SEATS, SeminarError, known
from sim.errors import command
from sim.studies.play.playing import Game, beforehand, typed

if TYPE_CHECKING:
    from sim.classroom.debrief import Measure
    from sim.classroom.journal import Journal
    from sim.settings import Settings


def task(settings: Settings) -> int:
    """One composed job of the command line."""
    from sim import jit
    from sim.classroom.debrief import measure

    keys = checked(settings.choices)
    by = measure(keys["seminar"])
    jit.use_threads(settings.threads)
    journal, seat = opened(settings, keys)
    commands = typed() if keys["moves"] is None else beforehand(keys["moves"])
    try:
        if Game(journal, seat, commands, keys).run():
            finish(journal, seat, by, keys)
        else:
            print(f"Saved. Go on with: {command('play', resume=journal.path)}")
    finally:
        journal.close()
    return 0


def opened(settings: Settings, keys: Mapping[str, Any]) -> tuple[Journal, str]:
    """The game to play: a saved one, or a new one with its file, brought to the hour at which the person takes over."""
    import uuid

    from sim import results as record
    from sim.classroom import journal as journals
    from sim.scenario import build

    if keys["resume"]:
        journal = journals.resume(Path(str(keys["resume"])))
        if not journals.same_rules(journal.log.header()):
            print("note: the rules have changed since this game was saved; it goes on by today's.", file=sys.stderr)
        if len(journal.room.open) != 1:
            raise SeminarError(
                f"{keys['resume']} is a room with seats {', '.join(sorted(journal.room.open))}, not one."
            )
        return journal, next(iter(journal.room.open))
    setting, seat = build(settings), known(str(keys["seat"]))
    record.check_place(Path(settings.out) / settings.verb / setting.name, settings.name)
    name = f"play-{seat}-{setting.name}-{uuid.uuid4().hex[:8]}.sqlite"
    place = Path(settings.out) / "seminar" / name
    journal = journals.start(place, setting, replicate=settings.replicate, turn_h=float(keys["turn_h"]), seats=(seat,))
    wait(journal, seat, keys["start_h"])
    return journal, seat


def wait(journal: Journal, seat: str, start_h: float | None) -> None:
    """Let the model play until the hour asked for, or until the seat has something to decide."""
    room, count = journal.room, 0
    while not room.over and (room.hour < start_h if start_h is not None else not room.has_say(seat)):
        count += 1
        journal.accept({"id": f"wait-{count}", "kind": "resolve", "turn": room.now.number})


def finish(journal: Journal, seat: str, by: Measure, keys: Mapping[str, Any]) -> None:
    """Print the debrief and write the run directory."""
    from sim.classroom.debrief import debrief
    from sim.classroom.debriefing import files
    from sim.classroom.words import told
    from sim.studies.writing import study

    room = journal.room
    print("\nWorking out the debrief ...", file=sys.stderr)
    with study(room.setting) as (results, summary, manifest):
        found = debrief(room, by, samples=keys["samples"], continuations=keys["continuations"], games=keys["games"])
        results.say(told(found), highlight=False, markup=False, soft_wrap=True)
        files.write(found, room, journal.log, results.working)
        mine = found["seats"].get(seat, {})
        summary |= {name: found[name] for name in ("ending", "hour", "closest_km", "turns", "replicate", "comparison")}
        summary |= {
            "seat": seat,
            **{name: mine[name] for name in ("marks", "given_away", "rationality", "forecasts") if mine},
        }
        manifest |= {"seat": seat, "replicate": room.replicate, "log": str(journal.path)}


def checked(choices: Mapping[str, Any]) -> dict[str, Any]:
    """The verb's own keys, each of its kind; SeminarError says what is allowed."""
    keys = dict(choices)
    if keys["seat"] not in CLASS_SEATS:
        raise SeminarError(f"seat={keys['seat']} is not allowed; give one of {', '.join(CLASS_SEATS)}.")
    for name, least in (("continuations", 2), ("samples", 2), ("games", 0)):
        if not isinstance(keys[name], int) or isinstance(keys[name], bool) or keys[name] < least:
            raise SeminarError(f"{name}={keys[name]} is not allowed; give a whole number from {least} on.")
    if keys["start_h"] is not None and not isinstance(keys["start_h"], (int, float)):
        raise SeminarError(f"start_h={keys['start_h']} is not allowed; give an hour of the crisis, or null.")
    if keys["moves"] is not None and not isinstance(keys["moves"], list):
        raise SeminarError(f"moves={keys['moves']} is not allowed; give a list such as [hold,negotiate].")
    return keys


def main(argv: list[str]) -> int:
    """Entry of the verb."""
    from sim.config import launch

    return launch(argv, task, "play")
