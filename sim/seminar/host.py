"""A room with people in it: who is here, what they vote, when a turn closes. Knows no web; every method may be called
from any thread.

What is accepted is on the disk when a method returns: votes in the desk's log, moves in the
room's. `version` rises with every change that somebody might see, and listeners are told.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.analysis.narrative import Event
from sim.seminar.access import PUBLIC
from sim.seminar.briefing import news
from sim.seminar.desk import LONGEST_NAME, MOST_MEMBERS, At, Desk, Member
from sim.seminar.journal import Journal
from sim.seminar.moves import LONGEST, read_move, writable
from sim.seminar.orders import plain, read_order
from sim.seminar.room import Turn
from sim.seminar.seats import CLASS_SEATS, SeminarError, known
from sim.seminar.teams import CHAIR, decided, pooled
from sim.seminar.timer import Timer

LONGEST_REQUEST = 60  # characters of the id that a page gives a request
SHORTEST_SECRET = 16  # characters of such an id that alone says who somebody is
MOST_ACTS = 1000  # acts of the facilitator whose ids are remembered beside those in the logs
HERE_S = 30.0  # seconds after which somebody without a connection is not waited for


Moment = tuple[int, int, int]  # line of play, turn, injects of the turn


@dataclass
class Odds:
    """Odds of the endings from the true state as it is now: what they were computed for, and the counts."""

    moment: Moment
    hour: float
    shares: dict[str, float]
    n: int


@dataclass
class Job:
    """A debrief in the making: how far it is, where its files are, or why it failed."""

    done: int = 0
    total: int = 0
    what: str = ""
    error: str = ""
    ready: bool = False
    running: bool = False
    cancelled: bool = False


@dataclass(frozen=True)
class Rules:
    """What a room is played by beyond the crisis: see conf/seminar/."""

    turn_s: float | None = 300.0
    team: str = "majority"
    all_in: bool = True
    wall_odds: bool = True
    seat_odds: bool = False
    injects: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)


class Host:
    """See the module. `chair` actions of the facilitator are in `sim.seminar.chair`."""

    def __init__(
        self, name: str, journal: Journal, desk: Desk, rules: Rules, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = name
        self.journal = journal
        self.room = journal.room
        self.desk = desk
        self.book = desk.book
        self.rules = rules
        self.timer = Timer(rules.turn_s, clock)
        self.lock = threading.RLock()
        self.version = 0
        self._odds: dict[int, Odds] = {}
        self.job = Job()
        self.listeners: list[Callable[[bool], None]] = []
        self.acts: deque[str] = deque(maxlen=MOST_ACTS)  # of the facilitator, so that one sent again is not done again
        self.first = journal.waited  # turns that the model played before the class took over
        self._news: dict[int, tuple[object, list[Event]]] = {}
        self.paused = self.book.started  # a room that was stopped waits for its facilitator
        self._clock = clock
        self._connected: Counter[int] = Counter()
        self._seen: dict[int, float] = {}
        for where, on in (("wall", rules.wall_odds), ("seats", rules.seat_odds)):
            self.book.shows.setdefault(where, on)
        self.book.rule = self.book.rule or rules.team

    # what it is

    @property
    def at(self) -> At:
        """Line of play and turn that are open."""
        return len(self.room.left), self.room.now.number

    @property
    def phase(self) -> str:
        """lobby, open, paused or over."""
        if not self.book.started:
            return "lobby"
        return "over" if self.room.over else "paused" if self.paused else "open"

    @property
    def moment(self) -> Moment:
        """What live odds hang on: line of play, turn, and injects of the open turn."""
        return (*self.at, sum(note.kind == "inject" for note in self.room.now.notes))

    def member(self, number: int) -> Member:
        """Somebody who is here; SeminarError where they have left."""
        found = self.book.members.get(number)
        if found is None:
            raise SeminarError("this place was given up; join again with the room's link.")
        return found

    def present(self, number: int) -> bool:
        """Whether somebody is connected, or was a moment ago."""
        return self._connected[number] > 0 or self._clock() - self._seen.get(number, -HERE_S) < HERE_S

    def voted(self, seat: str) -> list[int]:
        """Members of a seat, or the facilitator, who have voted in the open turn."""
        return [one.member for one in self.book.votes_of(self.at, seat)]

    def awaits(self, seat: str) -> bool:
        """Whether the turn waits for a seat: people are there, it has a say, and not all it needs have voted."""
        if seat not in self.room.open or not self.room.has_say(seat):
            return False
        needed = {one.number for one in self.book.team(seat) if self.present(one.number)}
        if self.book.rule == "captain":
            needed &= {self.book.captain(seat)}
        voted = self.voted(seat)
        return bool(needed) and CHAIR not in voted and not needed <= set(voted)

    def waiting(self) -> list[str]:
        """Seats that the turn waits for."""
        return [seat for seat in CLASS_SEATS if self.awaits(seat)]

    def standing_odds(self) -> list[Odds]:
        """Live odds of the standing line by turn, as far as they were computed."""
        return [self._odds[id(turn)] for turn in list(self.room.turns) if id(turn) in self._odds]

    def wants_odds(self) -> bool:
        """Whether live odds of the open turn are missing, or older than an inject."""
        have = self._odds.get(id(self.room.now))
        return have is None or have.moment != self.moment

    def tell_odds(self, turn: Turn, moment: Moment, hour: float, shares: Mapping[str, float], n: int) -> None:
        """Enter live odds of a turn, and show them."""
        with self.lock:
            self._odds[id(turn)] = Odds(
                moment, hour, dict(shares), n
            )  # no turn is ever dropped, so its id stays its own
            self.changed(urgent=True)

    def public_news(self, turn: int) -> list[Event]:
        """What everybody saw of a resolved turn."""
        of = self.room.turns[turn]
        if self._news.get(turn, (None,))[0] is not of:
            self._news[turn] = (of, news(self.room.path(turn), self.room.setting, PUBLIC))
        return self._news[turn][1]

    # people

    def join(self, seat: str | None, name: str, id_: str = "") -> Member:
        """Sit down, without a seat given where fewest sit; SeminarError where that cannot be.

        id_ : of the request, unguessable; sent again, it leads to the place that it got the first time
        """
        with self.lock:
            if id_ and len(id_) < SHORTEST_SECRET:
                raise SeminarError(f"the id of a request to join has at least {SHORTEST_SECRET} characters.")
            id_ = own("newcomer", id_) if id_ else _id("join")
            before = self.desk.event(id_)
            if before is not None:
                return self.member(before["member"])
            if seat is None:
                seat = min(self.free(), key=lambda one: len(self.book.team(one)))
            self._sittable(seat)
            if len(self.book.members) >= MOST_MEMBERS:
                raise SeminarError(f"the room is full ({MOST_MEMBERS}).")
            number = self.book.joined + 1
            self.desk.enter(id_, "join", member=number, seat=seat, name=_name(name))
            self._seen[number] = self._clock()
            self.changed()
            return self.book.members[number]

    def move(self, number: int, seat: str) -> Member:
        """Change seats, before the start or by the facilitator."""
        with self.lock:
            member = self.member(number)
            self._sittable(seat)
            self.desk.enter(_id("move"), "join", member=number, seat=seat, name=member.name)
            self.changed()
            return self.book.members[number]

    def free(self) -> list[str]:
        """Seats that take people."""
        found = self.free_or_none()
        if not found:
            raise SeminarError("no seat is open to people; ask the facilitator to open one.")
        return found

    def free_or_none(self) -> list[str]:
        """The same, empty where no seat takes people."""
        return [seat for seat in CLASS_SEATS if seat in self.room.open]

    def connect(self, number: int) -> None:
        """A page of a member's has opened a connection."""
        with self.lock:
            self._connected[number] += 1
            self.changed()

    def disconnect(self, number: int) -> None:
        """It has closed."""
        with self.lock:
            self._connected[number] -= 1
            self._seen[number] = self._clock()
            self.changed()

    def vote(self, number: int, id_: str, at: At, option: Any, details: Mapping[str, Any]) -> bool:
        """A member's wish for the seat's order; may be changed until the turn closes. Closes it where all are in."""
        with self.lock:
            id_ = own(number, id_)
            if id_ in self.desk:
                return False
            seat = self.member(number).seat
            self._open_turn(at)
            self._played(seat)
            self._ballot(number, id_, seat, option, details)
            return True

    def _ballot(self, number: int, id_: str, seat: str, option: Any, details: Mapping[str, Any]) -> None:
        body = plain(read_order(seat, option, details))
        option = body.pop("option")
        line, turn = self.at
        self.desk.enter(id_, "ballot", member=number, seat=seat, line=line, turn=turn, option=option, details=body)
        if self.phase == "open" and self._all_in():
            self.close_turn()
        else:
            self.changed()

    def forecast(self, number: int, id_: str, at: At, odds: Any) -> bool:
        """A member's odds of the endings, for the open turn."""
        with self.lock:
            id_ = own(number, id_)
            if id_ in self.desk:
                return False
            seat = self.member(number).seat
            self._open_turn(at)
            self._played(seat)
            line, turn = self.at
            read_move({"id": id_, "kind": "forecast", "turn": turn, "seat": seat, "odds": odds})
            told = {name: float(value) for name, value in odds.items()}
            self.desk.enter(id_, "forecast", member=number, seat=seat, line=line, turn=turn, odds=told)
            self.changed()
            return True

    def say(self, number: int, id_: str, text: Any, to: str | None = None) -> bool:
        """A public statement, or a message to a seat; it changes nothing in the crisis."""
        with self.lock:
            id_ = own(number, id_)
            if id_ in self.journal:
                return False
            seat = self.member(number).seat
            if not self.book.started:
                raise SeminarError("the game has not begun.")
            self._played(seat)
            body = {"kind": "message", "to": to} if to is not None else {"kind": "statement"}
            new = self.journal.accept({"id": id_, "turn": self.room.now.number, "seat": seat, "text": text, **body})
            self.changed()
            return new

    # turns

    def close_turn(self) -> None:
        """Make votes into orders and forecasts, and let the rules play the turn."""
        with self.lock:
            self._running()
            at = self.at
            for seat in CLASS_SEATS:
                if seat not in self.room.open:
                    continue
                ballot = decided(self.book.votes_of(at, seat), self.book.rule, self.book.captain(seat))
                if ballot is not None:
                    self.enter("order", seat=seat, option=ballot.option, **ballot.details)
                odds = pooled(self.book.odds_of(at, seat))
                if odds is not None:
                    self.enter("forecast", seat=seat, odds=odds)
            self.enter("resolve")
            self.planned()
            self.timer.reset(run=not self.room.over and not self.paused)
            self.changed(urgent=True)

    def planned(self) -> None:
        """Throw in what conf/seminar/ plans for hours of the open turn, once on each line of play."""
        for body in self.rules.injects:
            told = {key: value for key, value in body.items() if key != "at_h"}
            here = self.room.hour <= float(body["at_h"]) < self.room.hour + self.room.turn_h
            if here and not self.room.over and told not in [dict(note.body) for note in self.room.now.notes]:
                self.enter("inject", **told)

    def tick(self) -> None:
        """Close the turn where its time has run out, or where all have voted who have not gone away."""
        with self.lock:
            if self.phase == "open" and (self.timer.due or self._all_in()):
                self.close_turn()

    def _all_in(self) -> bool:
        """Whether everybody who is here has voted; not while nobody is here, for then the network may be down."""
        here = any(self.present(number) for number in self.book.members)
        voted = any(self.voted(seat) for seat in CLASS_SEATS if seat in self.room.open)
        return self.rules.all_in and here and voted and not self.waiting()

    def enter(self, kind: str, *, turn: int | None = None, id_: str | None = None, **body: Any) -> bool:
        """A move into the room's log, by default of the open turn."""
        at = self.room.now.number if turn is None else turn
        return self.journal.accept({"id": id_ or _id(kind), "kind": kind, "turn": at, **body})

    def changed(self, urgent: bool = False) -> None:
        """Tell all who look that something is new."""
        self.version += 1
        for listener in self.listeners:
            listener(urgent)

    def close(self) -> None:
        """Close both logs."""
        self.journal.close()
        self.desk.close()

    # checks

    def _running(self) -> None:
        if not self.book.started:
            raise SeminarError("the game has not begun.")
        if self.room.over:
            raise SeminarError("the crisis has ended.")

    def _open_turn(self, at: At) -> None:
        self._running()
        if at != self.at:
            raise SeminarError(f"turn {at[1]} has closed; the room is in turn {self.at[1]}.")

    def _played(self, seat: str) -> None:
        if seat not in self.room.open:
            raise SeminarError("this seat is played by the model for now.")

    def _sittable(self, seat: str) -> None:
        if known(seat) not in self.room.open:
            raise SeminarError(f"the seat {seat!r} is played by the model; the seats are: {', '.join(self.free())}.")


def _id(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(12)}"


def _name(text: str) -> str:
    """A name without control characters, cut to its longest."""
    return "".join(letter for letter in text if letter.isprintable()).strip()[:LONGEST_NAME]


def own(sender: int | str, id_: str) -> str:
    """A sender's id for a request, made his own: one person's ids cannot stand in the way of another's."""
    if not 0 < len(id_) <= LONGEST_REQUEST or not id_.isascii() or not id_.isprintable():
        raise SeminarError(f"a request needs an id of 1 to {LONGEST_REQUEST} printable ASCII characters.")
    return f"by-{sender}:{id_}"


def checked_text(text: Any) -> str:
    """A text that can be shown: SeminarError where it is empty, too long or not text."""
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST or not writable(text):
        raise SeminarError(f"write from 1 to {LONGEST} characters.")
    return text
