"""How a class is run beyond the crisis: the room's part of a file of conf/seminar/, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.classroom.injects import number_of
from sim.classroom.seats import SeminarError
from sim.classroom.teams import RULES

TURN_S, GRACE_S = (5.0, 3600.0), (0.0, 60.0)  # seconds on the wall clock
LAST_H = 336.0
SHOWS = ("wall_odds", "seat_odds")
NEEDED = (
    "seats", "turn_h", "start_h", "turn_s", "team", "all_in", "grace_s", "shows", "odds", "labels", "debrief",
    "injects", "worth", "marks",
)  # fmt: skip
MOST_CRISES = 100_000
LEAST = (("samples", 2), ("continuations", 2), ("games", 0))


@dataclass(frozen=True)
class Rules:
    """What a room is played by beyond the crisis: see conf/seminar/."""

    turn_s: float | None = 300.0
    team: str = "majority"
    all_in: bool = True
    grace_s: float = 0.0
    wall_odds: bool = False
    seat_odds: bool = False
    injects: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)
    worth: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def rules(tree: Mapping[str, Any]) -> Rules:
    """The room's part of a file of conf/seminar/; SeminarError where a value is missing or not allowed."""
    missing = [key for key in NEEDED if key not in tree]
    if missing:
        raise SeminarError(f"the class's file has no {missing[0]}; it needs: {', '.join(NEEDED)}.")
    turn_s, team, shows = tree["turn_s"], tree["team"], tree["shows"]
    if turn_s is not None and not within(turn_s, *TURN_S):
        raise SeminarError(f"turn_s={turn_s} is not allowed; give {TURN_S[0]:g} to {TURN_S[1]:g} seconds, or null.")
    if team not in RULES:
        raise SeminarError(f"team={team} is not allowed; give one of {', '.join(RULES)}.")
    if not within(tree["grace_s"], *GRACE_S):
        raise SeminarError(f"grace_s={tree['grace_s']} is not allowed; give {GRACE_S[0]:g} to {GRACE_S[1]:g} seconds.")
    if not isinstance(shows, Mapping) or not all(isinstance(shows.get(key), bool) for key in SHOWS):
        raise SeminarError(f"shows={shows} is not allowed; give {' and '.join(SHOWS)}, each true or false.")
    if not isinstance(tree["all_in"], bool):
        raise SeminarError(f"all_in={tree['all_in']} is not allowed; give true or false.")
    _check_sizes(tree)
    return Rules(
        turn_s=turn_s, team=team, all_in=tree["all_in"], grace_s=float(tree["grace_s"]), worth=tree["worth"],
        wall_odds=shows["wall_odds"], seat_odds=shows["seat_odds"],
        injects=tuple(_planned(one) for one in tree["injects"] or ()),
    )  # fmt: skip


def _check_sizes(tree: Mapping[str, Any]) -> None:
    """SeminarError where a number of simulations is not allowed."""
    sizes = tree["debrief"] if isinstance(tree["debrief"], Mapping) else {}
    asked = [("odds", tree["odds"], 100), *((f"debrief.{key}", sizes.get(key), least) for key, least in LEAST)]
    for name, value, least in asked:
        if not within(value, least, MOST_CRISES) or value != int(value):
            raise SeminarError(f"{name}={value} is not allowed; give a whole number from {least} to {MOST_CRISES:,}.")


def _planned(one: Any) -> Mapping[str, Any]:
    """A planned event, if it can be thrown in at all; whether its hour allows it is seen then."""
    if not isinstance(one, Mapping) or not within(one.get("at_h"), 0.0, LAST_H):
        raise SeminarError(f"an inject wants at_h, an hour from 0 to {LAST_H:g}, and an event; given: {one}.")
    number_of(one.get("event"), {key: value for key, value in one.items() if key != "at_h"})
    return dict(one)


def within(value: Any, low: float, high: float) -> bool:
    """Whether a value is a number within bounds."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high
