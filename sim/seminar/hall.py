"""The rooms of one server: where their files lie, which links lead where, and how they come back after a stop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sim.scenario import Setting
from sim.seminar import desk as desks
from sim.seminar import journal as journals
from sim.seminar.host import Host
from sim.seminar.journal import Journal
from sim.seminar.options import rules, within
from sim.seminar.seats import CLASS_SEATS, SeminarError, known

MOST_ROOMS = 26
MOVES, DESK, DEBRIEF = "moves.sqlite", "desk.sqlite", "debrief"
LATEST_START_H = 16.0
TURN_H = (0.5, 2.0)  # hours of crisis that a turn of the classroom may have


class Who(NamedTuple):
    """What a link stands for: `kind` is join, sit, member, wall or table."""

    host: Host
    kind: str
    seat: str = ""
    member: int = 0


class Hall:
    """All rooms, and the index from tokens to what they are for."""

    def __init__(self, folder: Path, hosts: Iterable[Host], options: Mapping[str, Any]) -> None:
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


def create(folder: Path, setting: Setting, tree: Mapping[str, Any], rooms: int, replicate: int) -> Hall:
    """New rooms under `folder`, each with a crisis of its own: replicates from `replicate` on."""
    if not 1 <= rooms <= MOST_ROOMS:
        raise SeminarError(f"rooms={rooms} is not allowed; give 1 to {MOST_ROOMS}.")
    by = rules(tree)
    turn_h, seats = tree["turn_h"], [known(str(seat)) for seat in tree["seats"]]
    if not seats:
        raise SeminarError("seats=[] is not allowed; open at least one seat to people.")
    if tree["start_h"] is not None and not within(tree["start_h"], 0.0, LATEST_START_H):
        raise SeminarError(
            f"start_h={tree['start_h']} is not allowed; give an hour from 0 to {LATEST_START_H:g}, or null: later most"
            " crises are over."
        )
    if not within(turn_h, *TURN_H):
        raise SeminarError(f"turn_h={turn_h} is not allowed; give {TURN_H[0]:g} to {TURN_H[1]:g} hours of crisis.")
    try:
        folder.mkdir(parents=True, mode=0o700)  # the links' secrets lie here
    except OSError as error:
        raise SeminarError(f"cannot make the folder {folder} ({error}); choose another with out=...") from error
    hosts = []
    for number in range(rooms):
        place = folder / name_of(number)
        place.mkdir(mode=0o700)
        desk = desks.create(place / DESK)
        journal = journals.start(
            place / MOVES, setting, replicate=replicate + number, turn_h=float(turn_h), seats=seats
        )
        wait(journal, tree["start_h"])
        hosts.append(Host(name_of(number), journal, desk, by))
    return Hall(folder, hosts, tree)


def resume(folder: Path, tree: Mapping[str, Any]) -> Hall:
    """The rooms that lie under `folder`, as they were when they were stopped, each paused."""
    places = sorted(path.parent for path in folder.glob(f"*/{DESK}"))
    if not places:
        raise SeminarError(f"there is no room under {folder}; delete that folder, or choose another name=...")
    hosts = []
    for place in places:
        journal, desk = journals.resume(place / MOVES), desks.reopen(place / DESK)
        if not desk.book.started and not journal.room.left:
            wait(journal, tree["start_h"])  # in case it was stopped on the way there
        host = Host(place.name, journal, desk, rules(tree))
        host.job.ready = (place / DEBRIEF / "debrief.html").is_file()
        if desk.book.started:
            host.planned()  # in case it was stopped between a turn and what is planned for the next
        hosts.append(host)
    return Hall(folder, hosts, tree)


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
