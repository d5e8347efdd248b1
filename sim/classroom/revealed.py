"""What no seat was told while the game was on: inner states, dispositions, private messages, lines that were left."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from sim.classroom.room import Room, Turn
from sim.classroom.turning import inject_text
from sim.model.state import CHANNELS, ENDINGS, N_LINE, N_ROUTE, SEATS, Conduct, Stance
from sim.story.narrative import CONDUCT_TEXT

PLACES = ("road", "line", "capital")
NOT_MET = "not met"


def hidden(room: Room) -> dict[str, Any]:
    """Beliefs and misreadings of all, dispositions of formations and elites, refused calls.

    beliefs : probability that the rebels prevail, at the end; `beliefs_by_turn` as each turn opened (None at hour 0)
    misreads_by : factor by which a seat misreads the odds (1: not at all)
    moved : events whose hour the facilitator changed
    elite_thresholds : visible support at which an elite defects; `visible_peak` the most that there was to see
    """
    s = room.now.state
    seen = [value for turn in room.turns for value in turn.visible if value == value]
    return {
        "beliefs": {SEATS[i]: float(value) for i, value in enumerate(s.belief)},
        "beliefs_by_turn": {
            SEATS[i]: [float(turn.state.belief[i]) if turn.state.step else None for turn in room.turns]
            for i in range(len(SEATS))
            if room.setting.params.present[i]
        },
        "misreads_by": {SEATS[i]: float(value) for i, value in enumerate(s.read)},
        "formation_loyalty": [float(value) for value in s.loyalty],
        "formations": [formation(room, j) for j in range(len(s.loyalty))],
        "elite_thresholds": [float(value) for value in s.threshold],
        "elite_stances": [Stance(code).name.lower() for code in s.stance],
        "visible_peak": max(seen, default=None), "rounds": int(s.rounds),
        "refused_calls": {"by_ruler": int(s.refused[0]), "by_leader": int(sum(s.refused[1:]))},
        "refused_by_channel": {name: int(s.refused[k]) for k, name in enumerate(CHANNELS)},
        "moved": moved(room),
        "line": {"k": float(s.line_ahead), "leader_reckoned_k": float(room.setting.params.L_prior)},
    }  # fmt: skip


def moved(room: Room) -> list[dict[str, Any]]:
    """Events that the facilitator set for another hour: which, from and to which hour, in which turn."""
    out, was = [], float(room.setting.params.t_speech)
    for turn in room.turns:
        for note in turn.notes:
            if note.kind == "inject" and note.body["event"] == "address_moved":
                to = float(note.body["hour"])
                out.append({"what": "the ruler's address", "from_h": was, "to_h": to, "turn": turn.number})
                was = to
    return out


def formation(room: Room, j: int) -> dict[str, Any]:
    """One formation: where it stands, its taste for the government, what it did, and what it was told to do."""
    s = room.now.state
    told = [turn.state.told[j] for turn in room.turns]
    fixed = next((code for code in reversed(told) if code >= 0), -1)
    return {
        "number": j + 1, "place": PLACES[(j >= N_ROUTE) + (j >= N_ROUTE + N_LINE)], "km": float(s.position[j]),
        "loyalty": float(s.loyalty[j]), "did": CONDUCT_TEXT.get(Conduct(s.conduct[j]), NOT_MET),
        "told": CONDUCT_TEXT[Conduct(fixed)] if fixed >= 0 else None,
    }  # fmt: skip


def notes(room: Room) -> list[dict[str, Any]]:
    """Statements, private messages and injects of the line that stands, in order."""
    out = []
    for turn in room.turns:
        hour = turn.state.step * room.setting.params.dt
        for note in turn.notes:
            said = {"text": inject_text(dict(note.body))} if note.kind == "inject" else {}
            out.append({"turn": turn.number, "hour": hour, "kind": note.kind, **note.body, **said})
    return out


def branches(room: Room) -> list[dict[str, Any]]:
    """Lines of play that the class went back from: to which turn, after how many, and how they stood."""
    out = []
    for old, new in pairwise([*room.left, room.turns]):
        back = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a is not b), len(new))
        last: Turn = old[-1]
        ended = ENDINGS[last.state.ending] if last.state.ending >= 0 else None
        out.append({"from_turn": last.number, "to_turn": back, "ending": ended,
                    "fresh_luck": new[min(back, len(new) - 1)].luck != last.luck})  # fmt: skip
    return out
