"""What a facilitator may throw into the room: explicit edits of the state or of one number, each written down.

| event | what it does |
| --- | --- |
| unit_joins | a formation not met yet will join the column when it is met, or when its battle opens |
| unit_fights | a formation not met yet will resist |
| leaked_call | a call between the sides becomes known: public odds rise as when he takes one (`belief.w_call`) |
| false_rumour | public odds move by `nats`, up or down, with nothing behind it |
| shots_fired | a skirmish on the road with so many hurt on each side: losses, delay, evidence that men fight |
| address_moved | the ruler speaks at another hour, if he has not spoken |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.classroom.seats import SeminarError
from sim.model.params import Params
from sim.model.rules.formations import UNTESTED, fight_on_the_road
from sim.model.state import N_FORMATIONS, Conduct
from sim.story.narrative import Event

if TYPE_CHECKING:
    from sim.classroom.room import Turn


class Inject(NamedTuple):
    """An event with its one number: name, bounds, and what it means to a reader."""

    number: str
    low: float
    high: float
    about: str
    whole: bool = False
    told: str = ""  # what everybody learns at once; empty: nothing, until it shows


INJECTS: dict[str, Inject] = {
    "unit_joins": Inject(
        "formation", 1, N_FORMATIONS, "formation (1-8 route, 9-13 line, 14-18 capital) will join", True
    ),
    "unit_fights": Inject("formation", 1, N_FORMATIONS, "formation that will resist", True),
    "leaked_call": Inject(
        "share",
        0.0,
        2.0,
        "share of what a call taken in public moves",
        told="A call between the two sides has leaked.",
    ),
    "false_rumour": Inject(
        "nats",
        -2.0,
        2.0,
        "by how much public log-odds of the rebels move",
        told="A rumour of the rebels' chances goes round.",
    ),
    "shots_fired": Inject("men", 1, 500, "men hurt on each side", told="Shots are fired at the column on the road."),
    "address_moved": Inject("hour", 0.0, 336.0, "hour of the crisis at which the ruler speaks"),
}


def thrown_in(turn: Turn, hour: float) -> list[Event]:
    """What everybody learns of events thrown into a turn at its opening `hour`; the rest shows when it takes effect."""
    told = [INJECTS[note.body["event"]].told for note in turn.notes if note.kind == "inject"]
    return [Event(hour, "public", "public", text) for text in told if text]


def number_of(event: Any, body: Mapping[str, Any]) -> float:
    """The number of an event, checked against its bounds; SeminarError says what is wanted."""
    if not isinstance(event, str) or event not in INJECTS:
        raise SeminarError(f"there is no inject {event!r}; there are: {', '.join(INJECTS)}.")
    of = INJECTS[event]
    strange = [name for name in body if name not in ("event", of.number)]
    if strange:
        raise SeminarError(f"{event} takes {of.number} and no {strange[0]!r}.")
    value = body.get(of.number, 1.0 if event == "leaked_call" else None)
    wanted = f"{event} wants {of.number} from {of.low:g} to {of.high:g} ({of.about})"
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not of.low <= value <= of.high:
        raise SeminarError(f"{wanted}; given: {value!r}.")
    if of.whole and value != int(value):
        raise SeminarError(f"{wanted}, whole; given: {value!r}.")
    return float(value)


def read_inject(event: Any, body: Mapping[str, Any], state: Any, p: Params) -> float:
    """The same, checked against what has happened already too."""
    value = number_of(event, body)
    of = INJECTS[event]
    if of.number == "formation" and state.conduct[int(value) - 1] != UNTESTED:
        raise SeminarError(f"{event}: formation {int(value)} has been met already; choose one that has not.")
    hour = state.step * p.dt
    if event == "address_moved" and (state.speech or value < hour):
        said = "he has spoken already" if state.speech else f"it is hour {hour:g}; give that or a later one"
        raise SeminarError(f"address_moved: {said}.")
    return value


def apply_inject(event: str, value: float, state: Any, p: Params) -> dict[str, float]:
    """Write an event into `state`; returns the numbers that change from now on, by field name."""
    if event == "address_moved":
        return {"t_speech": value}
    _EDITS[event](state, p, value)
    return {}


def _tell(conduct: Conduct) -> Callable[[Any, Params, float], None]:
    def edit(state: Any, p: Params, value: float) -> None:
        state.told[int(value) - 1] = int(conduct)

    return edit


def _leak(state: Any, p: Params, value: float) -> None:
    state.log_odds += value * p.w_call


def _rumour(state: Any, p: Params, value: float) -> None:
    state.log_odds += value


def _shots(state: Any, p: Params, value: float) -> None:
    fight_on_the_road(state, p, value, p.lag_fight)


_EDITS: dict[str, Callable[[Any, Params, float], None]] = {
    "unit_joins": _tell(Conduct.JOINS),
    "unit_fights": _tell(Conduct.FIGHTS),
    "leaked_call": _leak,
    "false_rumour": _rumour,
    "shots_fired": _shots,
}
