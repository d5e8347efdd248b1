"""The facilitator's desk: who sits where, what each has voted, and the switches of the room, as a log that only grows.

The room's own log holds what the crisis is made of and nothing about persons. This one holds the
rest, and the secret from which all links are derived, so a room that was killed has the same
links when it is started again. It is never exported.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.classroom.seats import CLASS_SEATS, SeminarError
from sim.classroom.teams import CHAIR, RULES, Ballot
from sim.results import moves as files
from sim.results import stamp

FORMAT = 1
MOST_MEMBERS = 500
LONGEST_NAME = 40
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SHOWN = ("wall", "seats")  # where live odds may be shown
TABLE = "table"  # addressee of a note that only the facilitator sees
KINDS = {
    "join": ("member", "seat", "name"),
    "seated": ("member", "seat", "name"),  # the facilitator's link of the seat was used: it is theirs
    "fix": ("member",),
    "leave": ("member",),
    "captain": ("seat", "member"),
    "ballot": ("member", "seat", "line", "turn", "option", "details"),
    "forecast": ("member", "seat", "line", "turn", "odds"),
    "show": ("where", "on"),
    "note": ("to", "text", "turn"),
    "rule": ("rule",),
    "start": (),
    "publish": (),
    "withdraw": (),
    "doors": ("open",),
}
At = tuple[int, int]  # line of play (branches so far) and turn


@dataclass(frozen=True)
class Member:
    """Somebody at a seat. `name` is what they call themselves, or empty: none is asked for."""

    number: int
    seat: str
    name: str


@dataclass
class Book:
    """What the log comes to. Tables that pages go through are replaced, not changed: another thread may be reading."""

    members: dict[int, Member] = field(default_factory=dict)
    joined: int = 0
    fixed: frozenset[int] = frozenset()  # who may not change seats, and so may read what is for theirs alone
    sat: dict[int, tuple[str, ...]] = field(default_factory=dict)  # the seats of each in the order they took them
    captains: dict[str, int] = field(default_factory=dict)
    ballots: dict[At, dict[tuple[str, int], Ballot]] = field(default_factory=dict)
    forecasts: dict[At, dict[tuple[str, int], Mapping[str, float]]] = field(default_factory=dict)
    shows: dict[str, bool] = field(default_factory=dict)
    notes: list[Mapping[str, Any]] = field(default_factory=list)
    rule: str = ""
    started: bool = False
    published: bool = False
    doors: bool = True
    votes: int = 0

    def apply(self, kind: str, body: Mapping[str, Any]) -> None:
        """Enter an event that has been checked."""
        getattr(self, f"_{kind}")(body)

    def team(self, seat: str) -> list[Member]:
        """Who sits there, in the order in which they came."""
        return [one for one in self.members.values() if one.seat == seat]

    def captain(self, seat: str) -> int | None:
        """The one named, or else the first who came."""
        named = self.members.get(self.captains.get(seat, -1))
        if named is not None and named.seat == seat:
            return named.number
        return next((one.number for one in self.team(seat)), None)

    def votes_of(self, at: At, seat: str) -> list[Ballot]:
        """Ballots for a seat's order of a turn, of those who still sit there and of the facilitator."""
        team = {CHAIR, *(one.number for one in self.team(seat))}
        return [one for (of, member), one in self.ballots.get(at, {}).items() if of == seat and member in team]

    def odds_of(self, at: At, seat: str) -> list[Mapping[str, float]]:
        """Forecasts for a turn of those who still sit at a seat."""
        team = {one.number for one in self.team(seat)}
        found = self.forecasts.get(at, {})
        return [odds for (of, member), odds in found.items() if of == seat and member in team]

    def _join(self, body: Mapping[str, Any]) -> None:
        member = Member(body["member"], body["seat"], body["name"])
        others = {number: one for number, one in self.members.items() if number != member.number}
        self.members = others | {member.number: member}  # one who changes seats comes last
        self.joined = max(self.joined, member.number)
        self.sat = {**self.sat, member.number: (*self.sat.get(member.number, ()), member.seat)}

    def _seated(self, body: Mapping[str, Any]) -> None:
        self._join(body)
        self._fix(body)

    def _fix(self, body: Mapping[str, Any]) -> None:
        self.fixed |= {body["member"]} if body["member"] is not None else set(self.members)

    def _leave(self, body: Mapping[str, Any]) -> None:
        self.members = {number: one for number, one in self.members.items() if number != body["member"]}

    def _captain(self, body: Mapping[str, Any]) -> None:
        self.captains[body["seat"]] = body["member"]

    def _ballot(self, body: Mapping[str, Any]) -> None:
        self.votes += 1
        ballot = Ballot(body["member"], body["option"], body["details"], self.votes)
        at = (body["line"], body["turn"])
        self.ballots[at] = {**self.ballots.get(at, {}), (body["seat"], body["member"]): ballot}

    def _forecast(self, body: Mapping[str, Any]) -> None:
        at = (body["line"], body["turn"])
        self.forecasts[at] = {**self.forecasts.get(at, {}), (body["seat"], body["member"]): body["odds"]}

    def _show(self, body: Mapping[str, Any]) -> None:
        self.shows[body["where"]] = body["on"]

    def _note(self, body: Mapping[str, Any]) -> None:
        self.notes.append(body)

    def _rule(self, body: Mapping[str, Any]) -> None:
        self.rule = body["rule"]

    def _start(self, body: Mapping[str, Any]) -> None:
        self.started = True
        self.doors = False  # whoever comes later could sit down in a second seat and read its briefing

    def _doors(self, body: Mapping[str, Any]) -> None:
        self.doors = body["open"]

    def _withdraw(self, body: Mapping[str, Any]) -> None:
        self.published = False

    def _publish(self, body: Mapping[str, Any]) -> None:
        self.published = True


class Desk:
    """A book and its log; an event is on the disk before it counts."""

    def __init__(self, log: files.MoveLog) -> None:
        header = log.header()
        if header.get("format") != FORMAT:
            raise SeminarError(f"{log.path} has format {header.get('format')!r}; this version reads {FORMAT}.")
        self.log = log
        self.book = Book()
        self._secret = bytes.fromhex(header["secret"])
        self._lock = threading.Lock()
        self._seen: dict[str, str] = {}
        for line in log.moves():
            body = {key: value for key, value in line.items() if key not in ("number", "at", "id", "kind")}
            self._seen[line["id"]] = _text(line["id"], line["kind"], body)
            self.book.apply(line["kind"], body)

    def enter(self, id_: str, kind: str, **body: Any) -> bool:
        """Write an event and let it count; False where it was entered before."""
        check(kind, body)
        text = _text(id_, kind, body)
        with self._lock:
            if id_ in self._seen:
                if self._seen[id_] != text:
                    raise SeminarError(f"the id {id_!r} was used for something else; a new event needs a new id.")
                return False
            self.log.add(id_, text, stamp())
            self._seen[id_] = text
            self.book.apply(kind, body)
        return True

    def __contains__(self, id_: str) -> bool:
        """Whether an event of this id was entered."""
        return id_ in self._seen

    def event(self, id_: str) -> Mapping[str, Any] | None:
        """The event of this id as plain data, if there is one."""
        text = self._seen.get(id_)
        return None if text is None else json.loads(text)

    def token(self, *of: str | int) -> str:
        """The unguessable part of a link (192 bits): HMAC-SHA256 of what it is for, keyed by the room's secret."""
        digest = hmac.new(self._secret, "/".join(map(str, of)).encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:24]).decode()

    @property
    def code(self) -> str:
        """Eight letters and digits (40 bits) that can be typed in place of the join link; it opens no other door.

        Crockford's base 32: no I, L, O, U, so that nothing is mistaken for something else.
        """
        digest = hmac.new(self._secret, b"code", hashlib.sha256).digest()
        number = int.from_bytes(digest[:5], "big")
        letters = "".join(ALPHABET[number >> 5 * i & 31] for i in range(8))
        return f"{letters[:4]}-{letters[4:]}"

    def close(self) -> None:
        """Close the log."""
        self.log.close()


def create(path: Path) -> Desk:
    """A new desk with a secret of its own; only the owner of the file may read it."""
    log = files.create(path, {"format": FORMAT, "secret": secrets.token_hex(32)})
    path.chmod(0o600)
    return Desk(log)


def reopen(path: Path) -> Desk:
    """The desk of a room that was stopped."""
    return Desk(files.reopen(path))


def code_of(text: str) -> str:
    """A code as somebody typed it, in the form that `Desk.code` has.

    >>> code_of(" 7kqf x2md"), code_of("oO1i-Ll00")
    ('7KQF-X2MD', '0011-1100')
    """
    plain = "".join(letter for letter in text.upper() if letter.isalnum()).translate(str.maketrans("OIL", "011"))
    return f"{plain[:4]}-{plain[4:]}"


def check(kind: str, body: Mapping[str, Any]) -> None:
    """SeminarError where a switch is set to what it has not got; persons and turns are the host's to check."""
    if set(body) != set(KINDS[kind]):
        raise SeminarError(f"{kind} takes: {', '.join(KINDS[kind]) or 'nothing more'}.")
    if body.get("seat", "leader") not in CLASS_SEATS:
        raise SeminarError(f"there is no seat {body['seat']!r}; the seats are: {', '.join(CLASS_SEATS)}.")
    if kind == "show" and (body["where"] not in SHOWN or not isinstance(body["on"], bool)):
        raise SeminarError(f"show: where is one of {', '.join(SHOWN)}, on is true or false.")
    if kind == "doors" and not isinstance(body["open"], bool):
        raise SeminarError("doors: say open: true or false.")
    if kind == "rule" and body["rule"] not in RULES:
        raise SeminarError(f"rule={body['rule']!r} is not allowed; give one of {', '.join(RULES)}.")


def _text(id_: str, kind: str, body: Mapping[str, Any]) -> str:
    return json.dumps({"id": id_, "kind": kind, **body}, sort_keys=True)
