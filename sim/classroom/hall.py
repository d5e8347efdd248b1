"""The rooms of one server: where their files lie, which links lead where, and how they come back after a stop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sim.classroom import building
from sim.classroom import desk as desks
from sim.classroom import journal as journals
from sim.classroom.building import DESK, MOVES, Checked, Key
from sim.classroom.host import Host
from sim.classroom.journal import Journal
from sim.classroom.options import rules, within
from sim.classroom.requests import new_id
from sim.classroom.seats import CLASS_SEATS, SeminarError, known
from sim.results.place import check_name
from sim.scenario import Setting

MOST_ROOMS = 26
DEBRIEF = "debrief"
LONGEST_NAME = 200  # bytes of a folder's name; systems allow 255, and ours puts something behind it
LATEST_START_H = 16.0
TURN_H = (0.5, 2.0)  # hours of crisis that a turn of the classroom may have


class Who(NamedTuple):
    """What a link stands for: `kind` is join, sit, member, wall or table."""

    host: Host
    kind: str
    seat: str = ""
    member: int = 0


class Hall:
    """All rooms, and the index from tokens to what they are for; `checked` is what came of looking through the logs."""

    def __init__(
        self, folder: Path, hosts: Iterable[Host], options: Mapping[str, Any], key: Key, checked: Checked
    ) -> None:
        self.checked = checked
        self._key = key
        self.folder = folder
        self.hosts = list(hosts)
        self.options = options
        self._index: dict[str, Who] = {}
        for host in self.hosts:
            for kind in ("join", "wall", "table"):
                self._index[host.desk.token(kind)] = Who(host, kind)
            for seat in CLASS_SEATS:
                self._index[host.desk.token("sit", seat)] = Who(host, "sit", seat)
            for number in range(1, host.book.joined + 1):
                self.seated(host, number)

    def seated(self, host: Host, number: int) -> str:
        """The token of a member's own link, from now on known."""
        token = host.desk.token("member", number)
        self._index[token] = Who(host, "member", member=number)
        return token

    def who(self, token: str, *kinds: str) -> Who | None:
        """What a token is for, if it is for one of these kinds."""
        found = self._index.get(token)
        return found if found is not None and found.kind in kinds else None

    def coded(self, code: str) -> str | None:
        """The token of the room's join link that a typed code stands for."""
        asked = desks.code_of(code)
        return next((host.desk.token("join") for host in self.hosts if host.desk.code == asked), None)

    def close(self) -> None:
        """Close every log."""
        for host in self.hosts:
            host.close()
        self._key.close()


def opened(
    folder: Path, setting: Setting, tree: Mapping[str, Any], rooms: int, replicate: int, *, go_on: bool = False
) -> tuple[Hall, bool]:
    """The hall of a folder, and whether it was there already; errors as in `create` and `resume`."""
    key = Key(folder)
    try:
        if building.is_there(folder):
            return _resumed(folder, tree, key, go_on=go_on), True
        return _created(folder, setting, tree, rooms, replicate, key), False
    except BaseException:
        key.close()
        raise


def create(folder: Path, setting: Setting, tree: Mapping[str, Any], rooms: int, replicate: int) -> Hall:
    """New rooms under `folder`, each with a crisis of its own: replicates from `replicate` on. All of them, or none."""
    found, was_there = opened(folder, setting, tree, rooms, replicate)
    if was_there:
        found.close()
        raise SeminarError(f"{folder} exists already; choose another name=...")
    return found


def resume(folder: Path, tree: Mapping[str, Any], *, go_on: bool = False) -> Hall:
    """The rooms that lie under `folder`, as they were when they were stopped, each paused.

    go_on : whether to go on with what is left where a log is damaged; without, SeminarError says what is
    """
    key = Key(folder)
    try:
        return _resumed(folder, tree, key, go_on=go_on)
    except BaseException:
        key.close()
        raise


def named(name: str) -> str:
    """`name` if a hall can have it; UserError says why not."""
    check_name(name)
    if name.startswith(".") or len(name.encode()) > LONGEST_NAME:
        shown = name if len(name) <= 40 else f"{name[:40]}..."
        raise SeminarError(
            f"name={shown} is not allowed; give at most {LONGEST_NAME} bytes that do not begin with a dot."
        )
    return name


def _created(
    folder: Path, setting: Setting, tree: Mapping[str, Any], rooms: int, replicate: int, key: Key
) -> Hall:  # fmt: skip
    if not 1 <= rooms <= MOST_ROOMS:
        raise SeminarError(f"rooms={rooms} is not allowed; give 1 to {MOST_ROOMS}.")
    rules(tree)
    turn_h, asked = tree["turn_h"], tree["seats"]
    if not isinstance(asked, list) or not asked:
        raise SeminarError(f"seats={asked} is not allowed; list at least one seat that is open to people.")
    seats = [known(str(seat)) for seat in asked]
    if tree["start_h"] is not None and not within(tree["start_h"], 0.0, LATEST_START_H):
        raise SeminarError(
            f"start_h={tree['start_h']} is not allowed; give an hour from 0 to {LATEST_START_H:g}, or null: later most"
            " crises are over."
        )
    if not within(turn_h, *TURN_H):
        raise SeminarError(f"turn_h={turn_h} is not allowed; give {TURN_H[0]:g} to {TURN_H[1]:g} hours of crisis.")
    names = [name_of(number) for number in range(rooms)]

    def furnish(place: Path) -> None:
        desks.create(place / DESK).close()
        at = replicate + names.index(place.name)
        journal = journals.start(place / MOVES, setting, replicate=at, turn_h=float(turn_h), seats=seats)
        try:
            wait(journal, tree["start_h"])
        finally:
            journal.close()

    building.build(folder, names, furnish, setting.settings.text)
    return _resumed(folder, tree, key, go_on=False, setting=setting)


def _resumed(
    folder: Path, tree: Mapping[str, Any], key: Key, *, go_on: bool, setting: Setting | None = None
) -> Hall:  # fmt: skip
    places, checked = building.examine(folder, key, go_on=go_on)
    hosts: list[Host] = []
    try:
        hosts.extend(_host(place, tree, setting, go_on) for place in places)
    except BaseException:
        for host in hosts:
            host.close()
        raise
    return Hall(folder, hosts, tree, key, checked)


def _host(place: Path, tree: Mapping[str, Any], setting: Setting | None, go_on: bool) -> Host:
    journal, desk = journals.resume(place / MOVES, setting), desks.reopen(place / DESK)
    if not desk.book.started and not journal.room.left:
        wait(journal, tree["start_h"])  # in case it was stopped on the way there
    host = Host(place.name, journal, desk, rules(tree))
    agree(host, go_on)
    host.job.ready = (place / DEBRIEF / "debrief.html").is_file()
    if desk.book.started:
        host.planned()  # in case it was stopped between a turn and what is planned for the next
    return host


def agree(host: Host, go_on: bool) -> None:
    """Hold the two logs of a room against each other: nobody can have voted in a turn that has not begun.

    With `go_on` the room goes on on a line of its own, so that votes of turns that were lost count in none.
    """
    voted = [*host.book.ballots, *host.book.forecasts]
    late = max((at for at in voted if at > host.at), default=None)
    if late is None:
        return
    if not go_on:
        raise SeminarError(
            f"{host.name}: the log of the crisis ends in turn {host.at[1] - host.first + 1}, but people voted in turn "
            f"{late[1] - host.first + 1}: what lies between was lost. Nothing was changed. Put a copy "
            f"of {host.journal.path.parent} in its place, or go on from there with damaged=go_on."
        )
    while len(host.room.left) <= late[0]:
        host.journal.accept({"id": new_id("branch"), "kind": "branch", "turn": host.room.now.number})


def wait(journal: Journal, start_h: float | None) -> None:
    """Let the model play until the hour asked for, or until leader or ruler have something to decide."""
    room, count = journal.room, journal.waited

    def early() -> bool:
        return not any(room.has_say(seat) for seat in ("leader", "ruler"))

    while not room.over and (room.hour < start_h if start_h is not None else early()):
        count += 1
        journal.accept({"id": f"{journals.WAIT}{count}", "kind": "resolve", "turn": room.now.number})


def name_of(number: int) -> str:
    """Rooms are called A, B, C ..."""
    return f"room-{chr(ord('A') + number)}"
