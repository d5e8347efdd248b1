"""After the game: what each decision was worth given what its seat could know, who foresaw what, and what was hidden.

Every number is a simulation: odds have standard errors, marks allow for them, and the worlds a
seat might have been in are drawn as `sim.classroom.worlds` says.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.classroom import rationality
from sim.classroom.compared import comparison
from sim.classroom.graded import MARKS, graded, total
from sim.classroom.numbering import fair, flags
from sim.classroom.orders import plain
from sim.classroom.revealed import branches, hidden, notes
from sim.classroom.room import Room, Turn, model_seats
from sim.classroom.scored import forecasts, foresight
from sim.classroom.seats import CLASS_SEATS, SeminarError, filled, role
from sim.classroom.turning import line, line_of_fates, named, turning_points
from sim.model.luck import run_key
from sim.model.rules.appraise import weigh
from sim.model.rules.turn import open_turn
from sim.model.state import ENDINGS, OPTIONS

Progress = Callable[[int, int, str], None]  # told (pieces done, pieces in all, what is being worked out)


@dataclass(frozen=True)
class Measure:
    """What a game is measured by, as in conf/seminar/: worth of each ending to each seat, thresholds of the marks."""

    worth: Mapping[str, np.ndarray]
    marks: Mapping[str, float]
    source: str


def measure(tree: Mapping[str, Any]) -> Measure:
    """A file of conf/seminar/ as numbers; SeminarError where a seat, ending or mark is missing or out of order."""
    worth = {}
    for seat in CLASS_SEATS:
        given = tree.get("worth", {}).get(seat, {})
        good = set(given) == set(ENDINGS) and all(0.0 <= float(value) <= 1.0 for value in given.values())
        if not good:
            raise SeminarError(f"seminar: worth.{seat} must give each of {', '.join(ENDINGS)} a number from 0 to 1.")
        worth[seat] = np.array([float(given[name]) for name in ENDINGS])
    marks = {name: float(tree.get("marks", {}).get(name, -1.0)) for name in MARKS[:-1]}
    if not 0.0 <= marks["best"] <= marks["fine"] <= marks["dubious"]:
        raise SeminarError("seminar: marks need best <= fine <= dubious, in points from 0.")
    return Measure(worth, marks, str(tree.get("source", "not stated")))


def debrief(
    room: Room, by: Measure, *, samples: int = 1000, continuations: int = 1000, games: int = 20_000,
    first: int | None = None, progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The whole debrief as plain data; of the room as it is now, whatever happens to it meanwhile.

    Parameters
    ----------
    samples : worlds for each option of each decision
    continuations : from each turn's true state, for the line of odds
    games : of the model, by which the game is compared; 0 leaves that out
    first : turns that the model played before a class took over, whose pages count turns from 1; None where people
        were shown the room's own numbers
    progress : told after each piece of work; an error that it raises stops the debrief
    """
    room = snapshot(room)
    seats = [seat for seat in CLASS_SEATS if _played(room, seat)]
    graded_turns = {seat: _decided(room, seat) for seat in seats}
    pieces = len(room.turns) + sum(map(len, graded_turns.values())) + len(seats) + 1
    done = _counter(pieces, progress)
    fates, before = line_of_fates(room, continuations, done)
    entries = {seat: of_seat(room, seat, by, samples, fates, done) for seat in seats}
    found = {
        "scenario": room.setting.name, "seed": room.setting.seed, "replicate": room.replicate, "turn_h": room.turn_h,
        "ending": ENDINGS[room.now.state.ending] if room.over else None, "hour": room.hour,
        "closest_km": float(room.now.state.closest_km), "turns": len(room.turns) - 1,
        "roles": roles(room), "open": [seat for seat in CLASS_SEATS if seat in room.open],
        "measure": {"source": by.source, "marks": dict(by.marks)},
        "line": line(room, fates), "turning_points": turning_points(room, fates, before),
        "seats": entries, "foresight": foresight({seat: entry["forecasts"] for seat, entry in entries.items()}),
        "first": first, "comparison": comparison(room, games), "hidden": hidden(room), "notes": notes(room),
        "branches": branches(room), "samples": samples, "continuations": continuations,
    }  # fmt: skip
    done("comparison with the model's own games")
    return found


def snapshot(room: Room) -> Room:
    """The room as it is now: a debrief of it is not disturbed by moves that come in meanwhile."""
    out = copy.copy(room)
    out.open, out.left = set(room.open), list(room.left)
    *resolved, now = room.turns  # what is resolved does not change any more
    mine = replace(
        now, orders=dict(now.orders), forecasts=dict(now.forecasts), notes=list(now.notes), chaired=set(now.chaired)
    )
    out.turns = [*resolved, mine]
    return out


def _counter(pieces: int, progress: Progress | None) -> Callable[[str], None]:
    count = iter(range(1, pieces + 1))

    def done(what: str) -> None:
        if progress is not None:
            progress(next(count), pieces, what)

    return done


def roles(room: Room) -> dict[str, Any]:
    """Title, persons and aims of each seat that is filled."""
    told = {seat: role(room.setting, seat) for seat in CLASS_SEATS if filled(room.setting, seat)}
    return {seat: {"title": of.title, "persons": list(of.persons), "aims": list(of.aims)} for seat, of in told.items()}


def _played(room: Room, seat: str) -> bool:
    return any(seat in turn.orders or seat in turn.forecasts for turn in room.turns)


def _decided(room: Room, seat: str) -> list[int]:
    """Turns in which the team gave an order that could take effect; the facilitator's orders are not the team's."""
    return [turn.number for turn in room.turns[:-1] if _own(turn, seat) and room.has_say(seat, turn.state)]


def _own(turn: Turn, seat: str) -> bool:
    return seat in turn.orders and seat not in turn.chaired


def chaired(room: Room, seat: str) -> list[dict[str, Any]]:
    """Orders of the facilitator for a seat, which are not marked."""
    dt = room.setting.params.dt
    return [
        {"turn": turn.number, "hour": turn.state.step * dt, "order": plain(turn.orders[seat])}
        for turn in room.turns[:-1] if seat in turn.orders and seat in turn.chaired
    ]  # fmt: skip


def of_seat(
    room: Room, seat: str, by: Measure, samples: int, fates: np.ndarray, done: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """One seat's moves with their marks, its forecasts with their scores, and how sharply it chose.

    without : marks, total and precision over the moves without a flag of `sim.classroom.numbering`; None where none or
        all have one
    """
    moves = []
    for turn in _decided(room, seat):
        moves.append(graded(room, turn, seat, by, samples) | {"flags": flags(room, turn)})
        done(f"decisions of the {seat}")
    scores = forecasts(room, seat, samples, fates)
    done(f"forecasts of the {seat}")
    clean = [move for move in moves if not move["flags"]]
    apart = total(clean) | {"rationality": sharpness(room, seat, fair(room))} if 0 < len(clean) < len(moves) else None
    return {
        "moves": moves, **total(moves), "rationality": sharpness(room, seat), "without": apart, "forecasts": scores,
        "chaired": chaired(room, seat), "worth": named(by.worth[seat]),
    }  # fmt: skip


def sharpness(room: Room, seat: str, turns: Collection[int] | None = None) -> dict[str, Any]:
    """Precision that best fits a team's choices to the model's worths of its options, and the model's own.

    Parameters
    ----------
    turns : those to go by; all without
    """
    worths, chosen = [], []
    for turn in room.turns[:-1]:
        counts = _own(turn, seat) and weighs(room, seat, turn.number)
        if not counts or (turns is not None and turn.number not in turns):
            continue
        state, p = turn.state.copy(), room.params(turn)
        open_turn(state, p, run_key(room.setting.seed, turn.luck))
        mine = [one for one in model_seats(seat) if p.present[one]]
        for one in mine:
            weigh(one, state, p)
        worths.append(np.mean([state.utility[one] for one in mine], axis=0))
        chosen.append(int(turn.orders[seat].option))
    own = float(np.mean([room.setting.params.precision[one] for one in model_seats(seat)]))
    worth, taken = np.array(worths).reshape(-1, len(OPTIONS)), np.array(chosen, int)
    best = int((worth[np.arange(len(taken)), taken] == worth.max(axis=1)).sum()) if len(taken) else 0
    return rationality.fit(worth, taken) | {"model": own, "best_taken": best}


def weighs(room: Room, seat: str, turn: int) -> bool:
    """Whether the model has a worth for each option of the seat then: not before a mediator has come in."""
    state = room.turns[turn].state
    return room.has_say(seat, state) and (seat != "mediator" or state.mediation == 1)
