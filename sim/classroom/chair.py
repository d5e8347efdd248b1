"""What only the facilitator may do: a registry of actions that the page, the errors and the tests read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sim.classroom.host import Host
from sim.classroom.options import within
from sim.classroom.requests import checked_text, own
from sim.classroom.seats import SeminarError, known
from sim.classroom.teams import CHAIR

MOST_EXTENSION_S = 3600.0


def act(host: Host, action: str, id_: str, given: Mapping[str, Any]) -> None:
    """Carry out an action of `ACTIONS`; SeminarError says what is wrong with it. Nothing has changed then."""
    if action not in ACTIONS:
        raise SeminarError(f"there is no action {action!r}; there are: {', '.join(ACTIONS)}.")
    function, names = ACTIONS[action]
    strange = [name for name in given if name not in names]
    if strange:
        raise SeminarError(f"{action} has no {strange[0]!r}; it takes: {', '.join(names) or 'nothing more'}.")
    with host.lock:
        id_ = own("facilitator", id_)
        if id_ in host.acts or id_ in host.desk or id_ in host.journal:
            return
        function(host, id_, given)
        host.acts.append(id_)
        host.changed(urgent=True)


def _start(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    host.desk.enter(id_, "start")
    host.paused = False
    host.timer.reset(run=True)
    host.planned()


def _pause(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    host.paused = True
    host.timer.pause()


def _go(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    host.paused = False
    host.timer.go()


def _extend(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    seconds: Any = given.get("seconds")
    if not within(seconds, -MOST_EXTENSION_S, MOST_EXTENSION_S):
        raise SeminarError(f"extend: give seconds from {-MOST_EXTENSION_S:g} to {MOST_EXTENSION_S:g}.")
    host.timer.extend(float(seconds))


def _end_turn(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    """Only the turn that the facilitator saw: a click that comes twice closes one turn."""
    if (given.get("line"), given.get("turn")) != host.at:
        raise SeminarError(f"that turn has closed; the room is in turn {host.at[1] - host.first + 1}.")
    host.close_turn()


def _branch(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    turn, luck = given.get("turn"), given.get("luck", "same")
    if isinstance(turn, bool) or not isinstance(turn, int) or turn < 0:
        raise SeminarError("branch: give the number of a turn to go back to.")
    host.withdraw()  # first: where the disk refuses it, all of this is tried again
    host.enter("branch", turn=turn, id_=id_, luck=luck)
    host.timer.reset(run=False)
    host.paused = True


def _seat(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    host.enter("seat", id_=id_, seat=given.get("seat"), open=given.get("open"))


def _order(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    """The facilitator decides for a seat this turn, whoever sits there; for the turn named, if one is named."""
    seat = known(str(given.get("seat")))
    if (given.get("line", host.at[0]), given.get("turn", host.at[1])) != host.at:
        raise SeminarError(f"that turn has closed; the room is in turn {host.at[1] - host.first + 1}.")
    host.running()
    host.played(seat)
    details = given.get("details", {})
    if not isinstance(details, Mapping):
        raise SeminarError('order: details is a mapping such as {"call": "officials"}.')
    host.ballot_for(CHAIR, id_, seat, given.get("option"), details)


def _inject(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    host.running()
    body = {key: value for key, value in given.items() if key != "event"}
    host.enter("inject", id_=id_, event=given.get("event"), **body)


def _show(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    host.desk.enter(id_, "show", where=given.get("where"), on=given.get("on"))


def _note(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    to = given.get("to", "all")
    if to != "all":
        known(str(to))
    host.desk.enter(id_, "note", to=to, text=checked_text(given.get("text")), turn=host.at[1])


def _captain(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    member = _member(host, given)
    host.desk.enter(id_, "captain", seat=member.seat, member=member.number)


def _remove(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    host.desk.enter(id_, "leave", member=_member(host, given).number)


def _fix(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    """The seat of a member, or of all who are here where none is named: they may read what is for it alone."""
    number = None if given.get("member") is None else _member(host, given).number
    host.desk.enter(id_, "fix", member=number)


def _move(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    host.move(_member(host, given).number, str(given.get("seat")))


def _rule(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    host.desk.enter(id_, "rule", rule=given.get("rule"))


def _doors(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    host.desk.enter(id_, "doors", open=given.get("open"))


def _publish(host: Host, id_: str, given: Mapping[str, Any]) -> None:
    if not host.job.ready:
        raise SeminarError("the debrief is not ready; make it first.")
    host.desk.enter(id_, "publish")


def _member(host: Host, given: Mapping[str, Any]) -> Any:
    number = given.get("member")
    if isinstance(number, bool) or not isinstance(number, int):
        raise SeminarError("name the member by number.")
    return host.member(number)


# Action -> what does it, and what it may be given.
ACTIONS: dict[str, tuple[Callable[[Host, str, Mapping[str, Any]], None], tuple[str, ...]]] = {
    "start": (_start, ()),
    "pause": (_pause, ()),
    "go": (_go, ()),
    "extend": (_extend, ("seconds",)),
    "end_turn": (_end_turn, ("line", "turn")),
    "branch": (_branch, ("turn", "luck")),
    "seat": (_seat, ("seat", "open")),
    "order": (_order, ("seat", "option", "details", "line", "turn")),
    "inject": (_inject, ("event", "formation", "share", "nats", "men", "hour")),
    "show": (_show, ("where", "on")),
    "note": (_note, ("to", "text")),
    "captain": (_captain, ("member",)),
    "remove": (_remove, ("member",)),
    "move": (_move, ("member", "seat")),
    "fix": (_fix, ("member",)),
    "rule": (_rule, ("rule",)),
    "doors": (_doors, ("open",)),
    "publish": (_publish, ()),
}
