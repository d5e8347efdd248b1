"""A room with people in it: who is here, what they vote, when a turn closes. Knows no web; every method may be called
from any thread.

What is accepted is on the disk when a method returns: votes in the desk's log, moves in the
room's. `version` rises with every change that somebody might see, and listeners are told.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.classroom.access import PUBLIC
from sim.classroom.briefing import news
from sim.classroom.closing import due, gathered
from sim.classroom.desk import MOST_MEMBERS, TABLE, At, Desk, Member
from sim.classroom.injects import thrown_in
from sim.classroom.journal import Journal
from sim.classroom.liveodds import LiveOdds, Odds
from sim.classroom.moves import read_move
from sim.classroom.options import Rules
from sim.classroom.orders import plain, read_order
from sim.classroom.presence import Presence
from sim.classroom.requests import SHORTEST_SECRET, checked_text, name_of, new_id, own
from sim.classroom.room import Turn
from sim.classroom.seats import CLASS_SEATS, SeminarError, known
from sim.classroom.teams import CHAIR
from sim.classroom.timer import Timer
from sim.story.narrative import Event

MOST_ACTS = 1000  # acts of the facilitator whose ids are remembered beside those in the logs
MOST_TEXTS = 10  # of one person in one turn


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


class Host:
    """See the module. `chair` actions of the facilitator are in `sim.classroom.chair`."""

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
        self._bell = threading.Lock()
        self.version = 0
        self.odds = LiveOdds()
        self.job = Job()
        self.listeners: list[Callable[[bool], None]] = []
        self.acts: deque[str] = deque(maxlen=MOST_ACTS)  # of the facilitator, so that one sent again is not done again
        self.first = journal.waited  # turns that the model played before the class took over
        self._news: dict[int, tuple[object, list[Event]]] = {}
        self.paused = self.book.started  # a room that was stopped waits for its facilitator
        self._clock = clock
        self.presence = Presence(clock)
        self._all_in_since: float | None = None
        self._owed = False  # whether what is planned for the open turn is still to be thrown in: the disk refused it
        self._waited_for: list[str] = []
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

    def member(self, number: int) -> Member:
        """Somebody who is here; SeminarError where they have left."""
        found = self.book.members.get(number)
        if found is None:
            raise SeminarError("this place was given up; join again with the room's link.")
        return found

    def voted(self, seat: str) -> list[int]:
        """Members of a seat, or the facilitator, who have voted in the open turn."""
        return [one.member for one in self.book.votes_of(self.at, seat)]

    def awaits(self, seat: str) -> bool:
        """Whether the turn waits for a seat: people are there, it has a say, and not all it needs have voted."""
        if seat not in self.room.open or not self.room.has_say(seat):
            return False
        needed = {one.number for one in self.book.team(seat) if self.presence.here(one.number)}
        if self.book.rule == "captain":
            needed &= {self.book.captain(seat)}
        voted = self.voted(seat)
        return bool(needed) and CHAIR not in voted and not needed <= set(voted)

    def waiting(self) -> list[str]:
        """Seats that the turn waits for."""
        return [seat for seat in CLASS_SEATS if self.awaits(seat)]

    def standing(self) -> list[Turn]:
        """Turns of the standing line that the class has opened."""
        return list(self.room.turns)[self.first :]

    def wants_odds(self) -> Turn | None:
        """A turn whose live odds are missing: the open one first, then those before it."""
        return self.odds.missing(self.standing())

    def tell_odds(self, turn: Turn, odds: Odds) -> None:
        """Enter live odds of a turn, and show them."""
        self.odds.tell(turn, odds)
        self.changed(urgent=True)

    def public_news(self, turn: int) -> list[Event]:
        """What everybody saw of a resolved turn."""
        of = self.room.turns[turn]
        if self._news.get(turn, (None,))[0] is not of:
            self._news[turn] = (of, news(self.room.path(turn), self.room.setting, PUBLIC))
        return [*self.thrown(of), *self._news[turn][1]]

    def thrown(self, turn: Turn) -> list[Event]:
        """Events thrown into a turn that everybody learns of."""
        return thrown_in(turn, turn.state.step * self.room.setting.params.dt)

    # people

    def may_read(self, number: int) -> bool:
        """Whether somebody may read what is for their seat alone: not while they could still go from seat to seat."""
        return self.book.started or number in self.book.fixed

    def join(self, seat: str | None, name: str, id_: str = "", *, fixed: bool = False) -> Member:
        """Sit down, without a seat given where fewest sit; SeminarError where that cannot be.

        id_ : of the request, unguessable; sent again, it leads to the place that it got the first time
        fixed : whether the facilitator gave them this seat
        """
        with self.lock:
            if id_ and len(id_) < SHORTEST_SECRET:
                raise SeminarError(f"the id of a request to join has at least {SHORTEST_SECRET} characters.")
            id_ = own("newcomer", id_) if id_ else new_id("join")
            before = self.desk.event(id_)
            if before is not None:
                return self.member(before["member"])
            if not self.book.doors:
                raise SeminarError("the doors are closed; ask the facilitator to open them.")
            if seat is None:
                seat = min(self.free(), key=lambda one: len(self.book.team(one)))
            self._sittable(seat)
            if len(self.book.members) >= MOST_MEMBERS:
                raise SeminarError(f"the room is full ({MOST_MEMBERS}).")
            number = self.book.joined + 1
            kind = "seated" if fixed else "join"
            self.desk.enter(id_, kind, member=number, seat=seat, name=name_of(name))
            self.presence.seen(number)
            self.changed()
            return self.book.members[number]

    def change(self, number: int, seat: str) -> Member:
        """Change seats on one's own: before the start, as long as the facilitator has not fixed one's seat."""
        with self.lock:
            if self.may_read(number):
                why = "the game has begun" if self.book.started else "your seat is fixed"
                raise SeminarError(f"{why}; the facilitator can move you.")
            return self.move(number, seat)

    def move(self, number: int, seat: str) -> Member:
        """Change somebody's seat."""
        with self.lock:
            member = self.member(number)
            self._sittable(seat)
            if seat == member.seat:
                return member
            self.desk.enter(new_id("move"), "join", member=number, seat=seat, name=member.name)
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
        self.presence.connect(number)
        self.changed()

    def disconnect(self, number: int) -> None:
        """It has closed."""
        self.presence.disconnect(number)
        self.changed()

    def vote(self, number: int, id_: str, at: At, option: Any, details: Mapping[str, Any]) -> bool:
        """A member's wish for the seat's order; may be changed until the turn closes. Closes it where all are in."""
        with self.lock:
            id_ = own(number, id_)
            if id_ in self.desk:
                return False
            seat = self._seat_in(number, at)
            self.ballot_for(number, id_, seat, option, details)
            return True

    def _seat_in(self, number: int, at: At) -> str:
        """A member's seat, if people play it and a turn is the open one; SeminarError otherwise."""
        seat = self.member(number).seat
        self.open_turn(at)
        self.played(seat)
        return seat

    def ballot_for(self, number: int, id_: str, seat: str, option: Any, details: Mapping[str, Any]) -> None:
        """Enter a vote, of a member or of the facilitator, and close the turn where it was the last."""
        body = plain(read_order(seat, option, details))
        option = body.pop("option")
        line, turn = self.at
        self.desk.enter(id_, "ballot", member=number, seat=seat, line=line, turn=turn, option=option, details=body)
        self._all_in_since = None  # a changed vote starts the grace anew
        if self.phase == "open" and self._settled():
            self.close_turn()
        else:
            self.changed()

    def forecast(self, number: int, id_: str, at: At, odds: Any) -> bool:
        """A member's odds of the endings, for the open turn."""
        with self.lock:
            id_ = own(number, id_)
            if id_ in self.desk:
                return False
            seat = self._seat_in(number, at)
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
            self.played(seat)
            mine = f"by-{number}:"
            if sum(note.id.startswith(mine) for note in self.room.now.notes) >= MOST_TEXTS:
                raise SeminarError(f"that is enough for this turn ({MOST_TEXTS} texts); wait for the next.")
            text = checked_text(text)
            body = {"kind": "message", "to": to} if to is not None else {"kind": "statement"}
            new = self.journal.accept({"id": id_, "turn": self.room.now.number, "seat": seat, "text": text, **body})
            self.changed()
            return new

    # turns

    def close_turn(self) -> None:
        """Make votes into orders and forecasts, and let the rules play the turn: one move of the log, whole or not."""
        with self.lock:
            self.running()
            self.enter("resolve", **gathered(self.book, self.at, self.room.open))
            self._all_in_since = None
            self.timer.reset(run=not self.room.over and not self.paused)
            self.planned()
            self.changed(urgent=True)

    def planned(self) -> None:
        """Throw in what is planned for hours of the open turn; what the crisis no longer allows is told instead."""
        self._owed = True
        for at_h, body in due(self.rules.injects, self.room):
            try:
                self.enter("inject", **body)
            except SeminarError as error:
                text = f"planned for hour {at_h:g}, left out: {error}"
                if text not in [note["text"] for note in self.book.notes]:
                    self.desk.enter(new_id("note"), "note", to=TABLE, text=text, turn=self.at[1])
        self._owed = False

    def tick(self) -> None:
        """Close the turn where its time has run out, or where all who have not gone away have voted for long enough."""
        waiting = self.waiting() if self.phase == "open" else []
        if waiting != self._waited_for:  # somebody's half minute is over: no event tells of it
            self._waited_for = waiting
            self.changed()
        with self.lock:
            if self._owed and self.phase == "open":
                self.planned()
            if self.phase == "open" and (self.timer.due or self._settled()):
                self.close_turn()

    @property
    def closing(self) -> bool:
        """Whether all are in and the turn is about to close."""
        return self._all_in_since is not None and self.phase == "open"

    def _settled(self) -> bool:
        """Whether everybody has been in for `grace_s`: time to change one's mind, or to state one's odds."""
        if not self._all_in():
            self._all_in_since = None
            return False
        if self._all_in_since is None:
            self._all_in_since = self._clock()
            self.changed()
        return self._clock() - self._all_in_since >= self.rules.grace_s

    def _all_in(self) -> bool:
        """Whether everybody who is here has voted; not while nobody is here, for then the network may be down."""
        here = any(self.presence.here(number) for number in self.book.members)
        voted = any(self.voted(seat) for seat in CLASS_SEATS if seat in self.room.open)
        return self.rules.all_in and here and voted and not self.waiting()

    def enter(self, kind: str, *, turn: int | None = None, id_: str | None = None, **body: Any) -> bool:
        """A move into the room's log, by default of the open turn."""
        at = self.room.now.number if turn is None else turn
        return self.journal.accept({"id": id_ or new_id(kind), "kind": kind, "turn": at, **body})

    def changed(self, urgent: bool = False) -> None:
        """Tell all who look that something is new."""
        with self._bell:
            self.version += 1
        for listener in self.listeners:
            listener(urgent)

    def withdraw(self) -> None:
        """Take back a published debrief; nothing happens where none is published."""
        if self.book.published:
            self.desk.enter(new_id("withdraw"), "withdraw")
            self.changed(urgent=True)

    def close(self) -> None:
        """Close both logs."""
        self.journal.close()
        self.desk.close()

    # checks

    def running(self) -> None:
        """SeminarError before the start and after the ending."""
        if not self.book.started:
            raise SeminarError("the game has not begun.")
        if self.room.over:
            raise SeminarError("the crisis has ended.")

    def open_turn(self, at: At) -> None:
        """SeminarError where something is meant for another turn than the open one."""
        self.running()
        if at != self.at:
            raise SeminarError(self.closed(at))

    def closed(self, at: At) -> str:
        """Why something came too late, in the turn numbers that the class sees."""
        if at[0] != self.at[0]:
            return f"the class went back; it is in turn {self.at[1] - self.first + 1} now."
        return f"turn {at[1] - self.first + 1} has closed; the room is in turn {self.at[1] - self.first + 1}."

    def played(self, seat: str) -> None:
        """SeminarError where a doctrine has the seat."""
        if seat not in self.room.open:
            raise SeminarError("this seat is played by the model for now.")

    def _sittable(self, seat: str) -> None:
        if known(seat) not in self.room.open:
            raise SeminarError(f"the seat {seat!r} is played by the model; the seats are: {', '.join(self.free())}.")
