"""A room under any order of joins, votes, repeats, branches, injects, kills: nothing is lost, nothing counts twice."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sim.classroom import chair, hall, views
from sim.classroom import journal as journals
from sim.classroom.host import Host
from sim.classroom.injects import INJECTS
from sim.classroom.presence import HERE_S
from sim.classroom.seats import CLASS_SEATS, SeminarError, reaches
from sim.classroom.teams import CHAIR
from sim.model.state import ENDINGS, OPTIONS, Option
from tests.conftest import same_bits, setting
from tests.unit.test_seminar_host import Clock
from tests.web.driver import TREE

OF = setting("scenario=historical")
Seats, Options, Members = st.sampled_from([*CLASS_SEATS]), st.sampled_from(OPTIONS), st.integers(1, 8)


class Class(RuleBasedStateMachine):
    """A host, and what a careful clerk has written down beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory(prefix="rubicon-")
        self.folder = Path(self.place.name) / "hall"
        self.clock = Clock()
        hall.create(self.folder, OF, TREE, 1, 3).close()
        self.host = self.opened()
        self.count = 0
        self.ballots: dict[tuple[int, int], dict[tuple[str, int], str]] = {}
        self.accepted: dict[str, tuple[str, Any]] = {}
        self.version = 0

    def opened(self) -> Host:
        """The room from its files."""
        found = hall.resume(self.folder, {**TREE, "all_in": True}).hosts[0]
        return Host(found.name, found.journal, found.desk, found.rules, self.clock)

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.host.close()
        self.place.cleanup()

    def act(self, action: str, **given: Any) -> bool:
        """An action of the facilitator, each sent twice; whether it was taken."""
        self.count += 1
        try:
            for _ in range(2):
                chair.act(self.host, action, f"act-{self.count}", given)
        except SeminarError:
            return False
        return True

    def ready(self) -> bool:
        """Whether somebody may vote."""
        return self.host.book.started and not self.host.room.over

    # what people do

    @initialize(people=st.integers(0, 8), begun=st.booleans())
    def gather(self, people: int, begun: bool) -> None:
        for _ in range(people):
            self.join(None)
        if begun:
            self.start()

    @rule(seat=st.none() | Seats)
    def join(self, seat: str | None) -> None:
        if seat is not None and seat not in self.host.room.open:
            return
        if seat is None and not self.host.free_or_none():
            return
        self.count += 1
        if not self.host.book.doors:
            chair.act(self.host, "doors", f"doors-{self.count}", {"open": True})
        first, again = (self.host.join(seat, "name", f"newcomer-{self.count:012d}") for _ in range(2))
        assert first == again

    @rule()
    @precondition(lambda self: not self.host.book.started)
    def start(self) -> None:
        assert self.act("start")

    @rule(member=Members, option=Options, repeats=st.integers(1, 3))
    @precondition(lambda self: self.ready())
    def vote(self, member: int, option: str, repeats: int) -> None:
        at, turns = self.host.at, len(self.host.room.turns)
        self.count += 1
        id_ = f"vote-{self.count}"
        try:
            new = [self.host.vote(member, id_, at, option, {}) for _ in range(repeats)]
        except SeminarError:
            assert member not in self.host.book.members or self.seat_of(member) not in self.host.room.open
            return
        assert new == [True] + [False] * (repeats - 1), "counted once, and its repeats acknowledged"
        self.accepted[id_] = ("vote", (member, at, option))
        self.ballots.setdefault(at, {})[self.seat_of(member), member] = option
        if len(self.host.room.turns) > turns:
            self.judge(at)

    @rule(data=st.data())
    @precondition(lambda self: any(kind == "vote" for kind, _ in self.accepted.values()))
    def vote_late(self, data: st.DataObject) -> None:
        """An old request comes in once more, perhaps after a kill: it is acknowledged and changes nothing."""
        id_ = data.draw(st.sampled_from(sorted(one for one, (kind, _) in self.accepted.items() if kind == "vote")))
        member, at, option = self.accepted[id_][1]
        votes = self.host.book.votes
        assert self.host.vote(member, id_, at, option, {}) is False
        assert self.host.book.votes == votes

    @rule(member=Members, sure=st.sampled_from(ENDINGS))
    @precondition(lambda self: self.ready())
    def foresee(self, member: int, sure: str) -> None:
        self.count += 1
        odds = {name: float(name == sure) for name in ENDINGS}
        try:
            new = [self.host.forecast(member, f"odds-{self.count}", self.host.at, odds) for _ in range(2)]
        except SeminarError:
            return
        assert new == [True, False]
        self.accepted[f"odds-{self.count}"] = ("forecast", odds)

    @rule(member=Members, private=st.booleans())
    @precondition(lambda self: self.host.book.started)
    def say(self, member: int, private: bool) -> None:
        self.count += 1
        to = reaches(self.seat_of(member))[0] if private and member in self.host.book.members else None
        try:
            new = [self.host.say(member, f"say-{self.count}", f"words {self.count}", to) for _ in range(2)]
        except SeminarError:
            return
        assert new == [True, False]
        self.accepted[f"say-{self.count}"] = ("say", to)

    @rule(member=Members, comes=st.booleans())
    def network(self, member: int, comes: bool) -> None:
        if comes:
            self.host.connect(member)
        elif self.host.presence.connections(member):
            self.host.disconnect(member)

    # what the facilitator does

    @rule()
    @precondition(lambda self: self.ready())
    def end_turn(self) -> None:
        at = self.host.at
        assert self.act("end_turn", line=at[0], turn=at[1])
        self.judge(at)
        assert self.host.at == (at[0], at[1] + 1), "once, though it was sent twice"

    @rule(turn=st.integers(0, 12), luck=st.sampled_from(["same", "fresh"]))
    def branch(self, turn: int, luck: str) -> None:
        line = self.host.at[0]
        taken = self.act("branch", turn=turn, luck=luck)
        assert taken == (self.host.at == (line + 1, turn))

    @rule(seat=Seats, is_open=st.booleans())
    def seat(self, seat: str, is_open: bool) -> None:
        if self.act("seat", seat=seat, open=is_open):
            assert (seat in self.host.room.open) == is_open

    @rule(event=st.sampled_from([*INJECTS]), data=st.data())
    @precondition(lambda self: self.ready())
    def inject(self, event: str, data: st.DataObject) -> None:
        of = INJECTS[event]
        value = data.draw(st.integers(int(of.low), int(of.high)) if of.whole else st.floats(of.low, of.high))
        notes = len(self.host.room.now.notes)
        if self.act("inject", event=event, **{of.number: value}):
            assert len(self.host.room.now.notes) == notes + 1

    @rule(seat=Seats, option=Options)
    @precondition(lambda self: self.ready())
    def order(self, seat: str, option: str) -> None:
        at = self.host.at
        if self.act("order", seat=seat, option=option):
            self.ballots.setdefault(at, {})[seat, CHAIR] = option
            if self.host.at != at:
                self.judge(at)

    @rule(member=Members, action=st.sampled_from(["captain", "remove"]))
    def person(self, member: int, action: str) -> None:
        here = member in self.host.book.members
        assert self.act(action, member=member) == here

    @rule(member=Members, seat=Seats)
    def move(self, member: int, seat: str) -> None:
        if self.act("move", member=member, seat=seat):
            assert self.seat_of(member) == seat

    @rule(name=st.sampled_from(["majority", "captain"]), seconds=st.sampled_from([-60, 60]))
    def switches(self, name: str, seconds: float) -> None:
        assert self.act("rule", rule=name)
        assert self.act("extend", seconds=seconds)
        assert self.act("show", where="seats", on=seconds > 0)
        assert self.act("note", to="all", text="listen")

    @rule(seconds=st.sampled_from([1.0, HERE_S + 1]))
    def time_passes(self, seconds: float) -> None:
        at = self.host.at
        self.clock.now += seconds
        self.host.tick()
        if self.host.at != at:
            self.judge(at)

    @rule(action=st.sampled_from(["pause", "go"]))
    def hold(self, action: str) -> None:
        assert self.act(action)

    # what the world does

    @rule()
    def kill(self) -> None:
        """As a kill leaves it: the files as they are, everything else gone."""
        old = self.host
        for log in (old.desk.log, old.journal.log):
            log._db.close()
            log._held.close()
        self.host = self.opened()
        self.version = 0
        self.can_be_shown()
        assert self.host.at == old.at
        assert self.host.phase == ("lobby" if not old.book.started else "over" if old.room.over else "paused")
        assert self.host.book == old.book
        assert self.host.desk.token("table") == old.desk.token("table")
        for line, before in zip(
            [*self.host.room.left, self.host.room.turns], [*old.room.left, old.room.turns], strict=True
        ):
            for turn, was in zip(line, before, strict=True):
                assert same_bits(turn.state.row(), was.state.row()) == []
                assert (turn.orders, turn.forecasts, turn.notes) == (was.orders, was.forecasts, was.notes)

    # what always holds

    def seat_of(self, member: int) -> str:
        """Where somebody sits; anywhere if nowhere."""
        found = self.host.book.members.get(member)
        return "leader" if found is None else found.seat

    def judge(self, at: tuple[int, int]) -> None:
        """A turn has closed: its orders are those of most of the votes, of people who still sit there."""
        turn = self.host.room.turns[at[1]]
        self.can_be_shown()
        for seat, order in turn.orders.items():
            votes = {one: option for (of, one), option in self.ballots.get(at, {}).items() if of == seat}
            valid = {one: option for one, option in votes.items() if one == CHAIR or self.sits(one, seat)}
            assert valid, "no order comes from nowhere"
            option = Option(order.option).name.lower()
            counts = Counter(valid.values())
            captain = self.host.book.captain(seat)
            if CHAIR in valid:
                assert option == valid[CHAIR]
            elif self.host.book.rule == "captain" and captain in valid:
                assert option == valid[captain]
            else:
                assert counts[option] == max(counts.values())

    def sits(self, member: int, seat: str) -> bool:
        """Whether somebody is there."""
        return member in self.host.book.members and self.seat_of(member) == seat

    @invariant()
    def every_ballot_stands_once(self) -> None:
        held = {at: {key: one.option for key, one in of.items()} for at, of in self.host.book.ballots.items()}
        assert held == self.ballots
        lines = [*self.host.desk.log.moves(), *self.host.journal.log.moves()]
        ids = Counter(line["id"] for line in lines)
        assert max(ids.values(), default=1) == 1
        there = {id_.partition(":")[2] for id_ in ids}
        assert set(self.accepted) <= there
        assert self.host.book.votes == sum(line["kind"] == "ballot" for line in lines)

    @invariant()
    def versions_rise(self) -> None:
        assert self.host.version >= self.version
        self.version = self.host.version

    @invariant()
    def nobody_is_waited_for_who_has_voted(self) -> None:
        for seat in self.host.waiting():
            assert seat in self.host.room.open
            here = [one.number for one in self.host.book.team(seat) if self.host.presence.here(one.number)]
            assert here
            assert not set(here) <= set(self.host.voted(seat))
            assert CHAIR not in self.host.voted(seat)

    def can_be_shown(self) -> None:
        """Views of the table (with those of all seats) and of each member; too dear to look at after every step."""
        assert len(views.table(self.host)["seats"]) == len(CLASS_SEATS)
        for number in self.host.book.members:
            assert views.member(self.host, number)["member"] == number


def test_a_room_keeps_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "setting_of", lambda header: OF)  # composing it anew takes most of the time
    run_state_machine_as_test(
        Class,
        settings=settings(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[*HealthCheck],
            database=None,
            phases=[Phase.generate],  # an order of 25 steps can be read; making it shorter takes minutes
        ),
    )
