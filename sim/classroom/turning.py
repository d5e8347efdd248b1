"""The line of a game's odds turn by turn, and the turns and injects over which it jumped clear of chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.classroom.briefing import news
from sim.classroom.injects import INJECTS
from sim.classroom.numbering import flags
from sim.classroom.room import Room, Turn, ordered_seats
from sim.classroom.seats import CLASS_SEATS, filled
from sim.classroom.worlds import true_odds
from sim.engines.rollouts import fates
from sim.model.luck import run_key
from sim.model.params import Params
from sim.model.rules.setup import begin
from sim.model.state import ENDINGS, OPTIONS, Ending, State
from sim.story.tension import bands, change, described, largest, shares, telling

MOST_TURNING = 6
MOST_EVENTS = 4
Done = Callable[[str], None]


def named(odds: np.ndarray) -> dict[str, float]:
    """Odds (6,) by name of the ending."""
    return dict(zip(ENDINGS, odds.tolist(), strict=True))


def line_of_fates(room: Room, n: int, done: Done) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """Endings (turns, n) of continuations from each opening; by turn with injects, (n,) from before them."""
    rows, before = [], {}
    for turn in room.turns:
        rows.append(true_odds(room, turn.number, n))
        if injects(turn):
            was, of = before_injects(room, turn.number)
            before[turn.number] = fates(was.row(), of.row(), seed=room.setting.seed, n=n, script=room.setting.script)[0]
        done("odds turn by turn")
    return np.array(rows), before


def injects(turn: Turn) -> list[dict[str, Any]]:
    """Events thrown into a turn, as plain data."""
    return [dict(note.body) for note in turn.notes if note.kind == "inject"]


def before_injects(room: Room, turn: int) -> tuple[State, Params]:
    """The state and numbers a turn opened with, without the events that were thrown into it."""
    if turn:
        last = room.turns[turn - 1]
        return last.states[-1], room.params(last)
    state = State()
    begin(state, room.setting.params, run_key(room.setting.seed, room.replicate))
    return state, room.setting.params


def line(room: Room, odds: np.ndarray) -> list[dict[str, Any]]:
    """Each turn as plain data: hour, km, odds (from `odds`, endings (turns, n)) with 95 % bands, orders, who decided.

    `standing`: what each seat's actors stood at when the turn closed, ordered or not; `say`: seats whose order counts;
    `chaired`: seats for which the facilitator ordered; `flags`: as in `sim.classroom.numbering`.
    """
    low, high = bands(odds)
    out = []
    for turn, now, least, most in zip(room.turns, shares(odds), low, high, strict=True):
        closed = turn.states[-1] if turn.states else turn.state
        standing = {
            seat: [OPTIONS[closed.option[one]] for one in CLASS_SEATS[seat] if room.setting.params.present[one]]
            for seat in CLASS_SEATS if filled(room.setting, seat)
        }  # fmt: skip
        ended = turn.state.ending >= 0
        out.append({
            "turn": turn.number, "hour": float(turn.state.end_h) if ended else turn.state.step * room.setting.params.dt,
            "km": float(turn.state.km), "orders": ordered_seats(turn),
            "chaired": sorted(turn.chaired & set(turn.orders)), "odds": named(now), "low": named(least),
            "high": named(most), "flags": flags(room, turn.number), "standing": standing, "resolved": bool(turn.states),
            "say": [seat for seat in standing if room.has_say(seat, turn.state)],
        })  # fmt: skip
    return out


def turning_points(room: Room, odds: np.ndarray, before: dict[int, np.ndarray] | None = None) -> list[dict[str, Any]]:
    """Turns, and injects, over which the odds jumped most, clear of chance, with what anybody could see of them.

    Parameters
    ----------
    odds : endings (turns, n) of continuations from the openings
    before : by turn with injects, endings (n,) from before them; without, a turn's jump includes the next one's injects
    """
    told = before or {}
    steps = []
    for at in range(len(odds) - 1):
        if at in told:
            steps.append(("inject", at, told[at], odds[at]))
        steps.append(("turn", at, odds[at], told.get(at + 1, odds[at + 1])))
    if len(odds) - 1 in told:
        steps.append(("inject", len(odds) - 1, told[len(odds) - 1], odds[-1]))
    if not steps:
        return []
    jumps = change(np.array([step[2] for step in steps]), np.array([step[3] for step in steps]))
    ending = room.now.state.ending if room.over else int(Ending.NEGOTIATED_EXIT)
    out = []
    for i in sorted(largest(jumps, MOST_TURNING)):
        kind, at = steps[i][:2]
        events = [inject_text(body) for body in injects(room.turns[at])] if kind == "inject" else seen(room, at)
        entry = {"turn": at, "kind": kind, "hour": room.turns[at].state.step * room.setting.params.dt}
        out.append(entry | {"events": events[:MOST_EVENTS], "ending": ENDINGS[ending]} | described(jumps, i, ending))
    return out


def seen(room: Room, turn: int) -> list[str]:
    """What some seat saw of a turn, the weightiest first."""
    events = [event for seat in CLASS_SEATS for event in news(room.path(turn), room.setting, seat)]
    return list(dict.fromkeys(event.text for event in telling(events)))


def inject_text(body: dict[str, Any]) -> str:
    """An inject in words.

    >>> inject_text({"event": "false_rumour", "nats": 0.6})
    'Thrown in by the facilitator: false rumour, 0.6 (by how much public log-odds of the rebels move).'
    """
    of = INJECTS[body["event"]]
    number = f", {body[of.number]:g}" if of.number in body else ""
    return f"Thrown in by the facilitator: {body['event'].replace('_', ' ')}{number} ({of.about})."
