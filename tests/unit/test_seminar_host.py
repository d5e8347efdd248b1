"""A room with people: who sits where, how a team decides, when a turn closes, and what comes back after a stop."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.catalog import option as configured
from sim.classroom import chair, hall, views
from sim.classroom.host import Host
from sim.classroom.presence import HERE_S
from sim.classroom.seats import CLASS_SEATS, SeminarError
from sim.classroom.teams import CHAIR, Ballot, decided, pooled
from sim.classroom.timer import Timer
from sim.model.state import ENDINGS, OPTIONS, Option
from sim.results.moves import DiskRefuses
from tests.conftest import same_bits, setting

OF = setting("scenario=historical")
TREE = {**configured("seminar", "june_2023"), "grace_s": 0}


class Clock:
    """A clock that goes when it is told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def host(tmp_path: Path, clock: Clock) -> Iterator[Host]:
    found = made(tmp_path / "class", clock)
    yield found
    found.close()


def made(folder: Path, clock: Clock, **changes: Any) -> Host:
    plain = hall.create(folder, OF, {**TREE, **changes}, 1, 3).hosts[0]
    return Host(plain.name, plain.journal, plain.desk, plain.rules, clock)


def act(host: Host, action: str, **given_: Any) -> None:
    chair.act(host, action, f"{action}-{host.version}", given_)


def vote(host: Host, member: int, option: str = "hold", id_: str | None = None, **details: Any) -> bool:
    return host.vote(member, id_ or f"v{host.version}", host.at, option, details)


# teams


@given(st.lists(st.tuples(st.sampled_from(OPTIONS), st.booleans()), min_size=1, max_size=9))
def test_a_majority_is_a_largest_group_whatever_the_order_of_the_list(wishes: list[tuple[str, bool]]) -> None:
    ballots = [Ballot(i + 1, option, {"offer": True} if offer else {}, i) for i, (option, offer) in enumerate(wishes)]
    found = decided(ballots, "majority", None)
    assert found is not None
    counts = {option: sum(one.option == option for one in ballots) for option in OPTIONS}
    assert counts[found.option] == max(counts.values())
    tied = [one for one in ballots if counts[one.option] == max(counts.values())]
    assert found.option == min(tied, key=lambda one: one.at).option
    assert decided(ballots[::-1], "majority", None) == found


def test_a_captain_decides_and_the_facilitator_before_everybody() -> None:
    ballots = [Ballot(1, "hold", {}, 1), Ballot(2, "hold", {}, 2), Ballot(3, "advance", {}, 3)]
    assert decided(ballots, "captain", 3) == ballots[2]
    assert decided(ballots, "captain", 4) == ballots[0], "a captain who has not voted leaves it to the majority"
    assert decided([*ballots, Ballot(CHAIR, "concede", {}, 0)], "captain", 3).option == "concede"  # type: ignore[union-attr]
    assert decided([], "majority", None) is None


def test_a_team_foresees_the_mean_of_its_members() -> None:
    sure = {name: float(name == "crushed") for name in ENDINGS}
    even = dict.fromkeys(ENDINGS, 1 / 6)
    found = pooled([sure, even])
    assert found is not None
    assert found["crushed"] == pytest.approx(7 / 12)
    assert sum(found.values()) == pytest.approx(1.0)


def test_a_timer_runs_waits_is_extended_and_runs_out(clock: Clock) -> None:
    timer = Timer(60.0, clock)
    assert (timer.left, timer.running, timer.due) == (60.0, False, False)
    timer.go()
    clock.now += 20
    timer.pause()
    clock.now += 500
    assert timer.left == 40.0
    timer.extend(30)
    timer.go()
    clock.now += 69
    assert (timer.left, timer.due) == (1.0, False)
    clock.now += 1
    assert timer.due
    assert Timer(None, clock).left is None


# people


def test_people_are_spread_over_the_seats_and_may_have_no_name(host: Host) -> None:
    members = [host.join(None, "") for _ in range(12)]
    assert [len(host.book.team(seat)) for seat in CLASS_SEATS] == [2] * 6
    assert host.join("ruler", "  A\u202eB\n" + "x" * 90).name == "AB " + "x" * 37
    with pytest.raises(SeminarError, match="there is no seat 'king'"):
        host.join("king", "")
    assert len({one.number for one in members}) == 12


def test_a_turn_closes_when_all_who_are_here_have_voted(host: Host) -> None:
    leader, second, mediator = host.join("leader", ""), host.join("leader", ""), host.join("mediator", "")
    with pytest.raises(SeminarError, match="not begun"):
        vote(host, leader.number)
    act(host, "start")
    before = host.at
    vote(host, leader.number, "advance")
    assert host.waiting() == ["leader", "mediator"]
    vote(host, mediator.number, "negotiate", offer=True)
    assert (host.at, host.waiting()) == (before, ["leader"])
    vote(host, second.number, "advance")
    assert host.at == (0, before[1] + 1)
    played = host.room.turns[before[1]]
    assert played.orders["leader"].option == Option.ADVANCE
    assert played.orders["mediator"].offer
    assert "ruler" not in played.orders, "an empty seat is left to its doctrine"


def test_a_vote_can_be_changed_is_counted_once_and_comes_too_late_after_the_turn(host: Host) -> None:
    one, other = host.join("leader", "").number, host.join("ruler", "").number
    act(host, "start")
    old = host.at
    assert vote(host, one, "advance", "a")
    assert not vote(host, one, "advance", "a"), "the same request again changes nothing"
    assert vote(host, one, "negotiate", "b")
    assert vote(host, other, "hold", "a"), "ids of one person do not stand in the way of another's"
    assert host.room.turns[old[1]].orders["leader"].option == Option.NEGOTIATE
    with pytest.raises(SeminarError, match="turn 1 has closed; the room is in turn 2"):
        host.vote(one, "c", old, "hold", {})
    assert not host.vote(one, "b", old, "negotiate", {}), "nor does one that was taken before the turn closed"


def test_who_goes_away_is_not_waited_for_but_a_dead_network_closes_nothing(host: Host, clock: Clock) -> None:
    stays, goes = host.join("leader", "").number, host.join("ruler", "").number
    host.connect(stays)
    host.connect(goes)
    act(host, "start")
    turn = host.at
    vote(host, stays)
    host.disconnect(goes)
    host.tick()
    assert host.at == turn, "a reload takes a moment"
    clock.now += HERE_S + 1
    host.tick()
    assert host.at != turn
    turn = host.at
    host.connect(goes)
    vote(host, stays)
    host.disconnect(goes)
    host.disconnect(stays)
    clock.now += HERE_S + 1
    host.tick()
    assert host.at == turn, "nobody is here"


def test_the_timer_closes_a_turn_unless_the_room_is_paused(host: Host, clock: Clock) -> None:
    host.join("leader", "")
    act(host, "start")
    act(host, "pause")
    clock.now += 10_000
    host.tick()
    first = host.at
    act(host, "go")
    act(host, "extend", seconds=60)
    clock.now += float(TREE["turn_s"]) + 59
    host.tick()
    assert host.at == first
    clock.now += 1
    host.tick()
    assert host.at == (0, first[1] + 1)
    assert host.timer.left == TREE["turn_s"], "the next turn has its whole time"


def test_the_facilitator_decides_hands_over_and_takes_back(host: Host) -> None:
    member = host.join("leader", "").number
    host.join("ruler", "")
    act(host, "start")
    act(host, "order", seat="leader", option="negotiate", details={"call": "officials"})
    vote(host, member, "advance")
    assert host.waiting() == ["ruler"]
    act(host, "end_turn", line=host.at[0], turn=host.at[1])
    assert host.room.turns[-2].orders["leader"].option == Option.NEGOTIATE
    act(host, "seat", seat="leader", open=False)
    with pytest.raises(SeminarError, match="played by the model for now"):
        vote(host, member)
    act(host, "seat", seat="leader", open=True)
    assert vote(host, member)
    act(host, "remove", member=member)
    with pytest.raises(SeminarError, match="given up"):
        vote(host, member)
    assert host.voted("leader") == [], "the vote of one who left does not count"


def test_a_branch_takes_no_votes_along(host: Host) -> None:
    member = host.join("leader", "").number
    act(host, "start")
    first = host.at[1]
    vote(host, member, "advance")
    vote(host, member, "negotiate")
    act(host, "branch", turn=first, luck="fresh")
    assert host.at == (1, first)
    assert host.voted("leader") == []
    assert host.phase == "paused", "a class needs a moment"
    act(host, "go")
    vote(host, member, "hold")
    assert host.room.turns[first].orders["leader"].option == Option.HOLD
    assert host.room.left[0][first].orders["leader"].option == Option.ADVANCE


def test_a_click_that_comes_twice_closes_one_turn(host: Host) -> None:
    act(host, "start")
    line, turn = host.at
    act(host, "end_turn", line=line, turn=turn)
    with pytest.raises(SeminarError, match="has closed"):
        act(host, "end_turn", line=line, turn=turn)
    assert host.at == (line, turn + 1)


def test_planned_injects_come_at_their_hour_once_a_line(tmp_path: Path, clock: Clock) -> None:
    host = made(tmp_path / "c", clock, injects=[{"at_h": 4.0, "event": "false_rumour", "nats": 0.5}], start_h=3.0)
    act(host, "start")
    first = host.at[1]

    def injected() -> list[int]:
        return [sum(note.kind == "inject" for note in turn.notes) for turn in host.room.turns]

    for _ in range(3):
        act(host, "end_turn", line=host.at[0], turn=host.at[1])
    assert injected() == [0] * (first + 1) + [1, 0, 0]
    act(host, "branch", turn=first + 1)
    assert injected() == [0] * (first + 1) + [1]
    host.close()


def test_a_planned_event_that_cannot_be_any_more_is_told_and_stops_neither_the_turn_nor_a_restart(
    tmp_path: Path, clock: Clock
) -> None:
    injects = [{"at_h": 4.0, "event": "address_moved", "hour": 2.0}]
    host = made(tmp_path / "c", clock, injects=injects, start_h=3.0)
    act(host, "start")
    act(host, "end_turn", line=0, turn=host.at[1])
    assert host.room.hour == 4.0
    assert host.timer.left == TREE["turn_s"]
    assert "left out" in views.table(host)["notes"][0]["text"]
    assert not any("left out" in json.dumps(view) for view in (views.wall(host), views.seat(host, "leader")))
    host.close()
    again = hall.resume(tmp_path / "c", {**TREE, "injects": injects}).hosts[0]
    assert len(again.book.notes) == 1
    again.close()


def test_a_planned_event_that_the_disk_refuses_is_thrown_in_when_it_takes_it(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    injects = [{"at_h": 4.0, "event": "false_rumour", "nats": 0.5}]
    host = made(tmp_path / "c", clock, injects=injects, start_h=3.0)
    act(host, "start")
    real = host.journal.log.add

    def full(id_: str, text: str, at: str) -> bool:
        if '"inject"' in text:
            raise DiskRefuses("full")
        return real(id_, text, at)

    with monkeypatch.context() as broken:
        broken.setattr(host.journal.log, "add", full)
        for tries in (lambda: act(host, "end_turn", line=0, turn=host.at[1]), host.tick):
            with pytest.raises(DiskRefuses):
                tries()
    assert host.room.hour == 4.0
    assert host.room.now.notes == []
    host.tick()
    assert [note.body["event"] for note in host.room.now.notes] == ["false_rumour"]
    host.tick()
    assert len(host.room.now.notes) == 1
    host.close()


def test_after_the_last_vote_there_is_a_moment_to_think_again(tmp_path: Path, clock: Clock) -> None:
    host = made(tmp_path / "c", clock, grace_s=8)
    member = host.join("leader", "").number
    act(host, "start")
    turn = host.at
    vote(host, member, "advance")
    assert (host.at, views.status(host)["closing"]) == (turn, True)
    clock.now += 7
    vote(host, member, "hold")
    host.forecast(member, "f", turn, dict.fromkeys(ENDINGS, 1 / 6))
    clock.now += 7
    host.tick()
    assert host.at == turn, "a changed vote starts the moment anew"
    clock.now += 1
    host.tick()
    assert host.at != turn
    played = host.room.turns[turn[1]]
    assert (played.orders["leader"].option, set(played.forecasts)) == (Option.HOLD, {"leader"})
    host.close()


def test_after_the_start_nobody_sits_down_in_a_second_seat_unless_the_facilitator_opens_the_doors(host: Host) -> None:
    host.join("leader", "")
    act(host, "start")
    with pytest.raises(SeminarError, match="doors are closed"):
        host.join("ruler", "")
    act(host, "doors", open=True)
    assert host.join("ruler", "").seat == "ruler"


def test_one_person_cannot_drown_the_others_in_text(host: Host) -> None:
    one, other = host.join("leader", "").number, host.join("ruler", "").number
    act(host, "start")
    for i in range(10):
        host.say(one, f"s{i}", "again")
    with pytest.raises(SeminarError, match="enough for this turn"):
        host.say(one, "s10", "again")
    assert host.say(other, "s", "my turn")
    act(host, "end_turn", line=0, turn=host.at[1])
    assert host.say(one, "s11", "again")


def test_what_the_facilitator_orders_and_what_odds_were_shown_is_in_the_log(host: Host) -> None:
    host.join("leader", "")
    act(host, "start")
    act(host, "show", where="wall", on=True)
    act(host, "order", seat="guard", option="hold")
    act(host, "end_turn", line=0, turn=host.at[1])
    turn = host.room.turns[-2]
    assert (turn.chaired, turn.shown) == ({"guard"}, ("wall",))
    assert host.journal.log.moves()[-1]["chaired"] == ["guard"]


def test_an_event_thrown_in_does_not_show_in_the_odds_of_the_open_turn(host: Host) -> None:
    act(host, "start")
    assert host.wants_odds() is host.room.now
    before = host.room.now.opened().state.row()
    act(host, "inject", event="false_rumour", nats=2.0)
    assert same_bits(before, host.room.now.opened().state.row()) == []
    assert same_bits(before, host.room.now.state.row()) != []
    assert "rumour" in json.dumps(views.wall(host)["events"]), "but everybody hears of it"
    act(host, "inject", event="unit_joins", formation=8)
    assert "8" not in json.dumps([event["text"] for event in views.wall(host)["events"]]), "and not of what is secret"


def test_going_back_takes_a_published_debrief_back(host: Host) -> None:
    act(host, "start")
    act(host, "end_turn", line=0, turn=host.at[1])
    host.job.ready = True
    act(host, "publish")
    assert views.status(host)["published"]
    act(host, "branch", turn=host.first)
    assert not views.status(host)["published"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"seats": []}, "at least one seat"),
        ({"seats": ["king"]}, "no seat 'king'"),
        ({"turn_s": 1}, "5 to 3600"),
        ({"grace_s": -1}, "0 to 60"),
        ({"odds": 0}, "whole number from 100"),
        ({"debrief": {"samples": 1.5}}, "debrief.samples"),
        ({"shows": None}, "wall_odds and seat_odds"),
        ({"start_h": 99}, "0 to 16"),
        ({"injects": [{"at_h": 4, "event": "shots_fired", "men": 3000}]}, "men from 1 to 500"),
        ({"injects": [{"event": "shots_fired"}]}, "at_h"),
        ({"turn_h": 9}, "0.5 to 2"),
    ],
)
def test_a_class_file_that_cannot_be_is_refused_before_anything_is_made(
    tmp_path: Path, changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(SeminarError, match=text):
        hall.create(tmp_path / "c", OF, {**TREE, **changes}, 1, 0)
    assert not (tmp_path / "c").exists()
    with pytest.raises(SeminarError, match="has no turn_s"):
        hall.create(tmp_path / "c", OF, {key: value for key, value in TREE.items() if key != "turn_s"}, 1, 0)


@pytest.mark.parametrize(
    ("action", "given_", "text"),
    [
        ("dance", {}, "there is no action 'dance'; there are: start"),
        ("extend", {"seconds": "60"}, "give seconds"),
        ("extend", {"seconds": float("nan")}, "give seconds"),
        ("branch", {"turn": 99}, "no turn 99"),
        ("branch", {"turn": True}, "number of a turn"),
        ("seat", {"seat": "leader"}, "open: true"),
        ("order", {"seat": "leader", "option": "fly"}, "none of advance"),
        ("order", {"seat": "leader", "option": "hold", "details": []}, "mapping"),
        ("inject", {"event": "unit_joins", "formation": 1.5}, "whole"),
        ("show", {"where": "roof", "on": True}, "one of wall, seats"),
        ("note", {"to": "all", "text": "\ud800"}, "1 to 2000"),
        ("captain", {"member": 77}, "given up"),
        ("rule", {"rule": "dice"}, "majority, captain"),
        ("publish", {}, "not ready"),
        ("pause", {"for": 3}, "takes: nothing more"),
    ],
)
def test_actions_that_cannot_be_say_why_and_change_nothing(host: Host, action: str, given_: Any, text: str) -> None:
    act(host, "start")
    before = (host.version, host.at, json.dumps(views.table(host)))
    with pytest.raises(SeminarError, match=text):
        act(host, action, **given_)
    assert (host.version, host.at, json.dumps(views.table(host))) == before


# what comes back


def test_a_room_that_was_stopped_comes_back_with_links_people_votes_and_states(tmp_path: Path, clock: Clock) -> None:
    host = made(tmp_path / "c", clock)
    a, b = host.join("leader", "Ada").number, host.join("ruler", "").number
    act(host, "start")
    vote(host, a, "advance")
    vote(host, b, "hold")
    vote(host, a, "negotiate", call="mediator")
    host.forecast(a, "f", host.at, dict.fromkeys(ENDINGS, 1 / 6))
    host.say(b, "s", "Treason!")
    act(host, "note", to="leader", text="be brief")
    host.desk.log._db.close()  # as a kill leaves it: nothing is put in order
    host.journal.log._db.close()
    for log in (host.desk.log, host.journal.log):
        log._held.close()
    again = hall.resume(tmp_path / "c", TREE).hosts[0]
    assert again.phase == "paused"
    assert again.at == host.at
    assert again.book == host.book
    assert [again.desk.token(kind) for kind in ("join", "table")] == [host.desk.token(k) for k in ("join", "table")]
    for one, other in zip(again.room.states(), host.room.states(), strict=True):
        assert same_bits(one.row(), other.row()) == []
    assert views.seat(again, "leader")["notes"][0]["text"] == "be brief"
    assert views.member(again, a)["vote"] == {"option": "negotiate", "details": {"call": "mediator"}}
    again.close()


def test_links_cannot_be_guessed_from_each_other_and_lie_in_a_private_folder(tmp_path: Path) -> None:
    found = hall.create(tmp_path / "c", OF, TREE, 2, 0)
    tokens = {
        host.desk.token(*of)
        for host in found.hosts
        for of in [("join",), ("wall",), ("table",), *(("sit", seat) for seat in CLASS_SEATS), ("member", 1)]
    }
    assert len(tokens) == 20
    assert all(len(token) == 32 for token in tokens)
    assert (tmp_path / "c").stat().st_mode & 0o077 == 0
    token = found.hosts[1].desk.token("table")
    assert found.who(token, "table").host is found.hosts[1]  # type: ignore[union-attr]
    assert found.who(token, "member", "join", "wall") is None, "a link opens one door"
    exported = found.hosts[0].journal.log.export(tmp_path)[0].read_text()
    assert not any(token in exported for token in tokens)
    found.close()


# what is shown


def test_a_seat_is_not_shown_what_others_choose_foresee_or_write(host: Host) -> None:
    members = {seat: host.join(seat, f"name-{seat}").number for seat in CLASS_SEATS}
    act(host, "start")
    vote(host, members["leader"], "concede", terms="any")
    host.forecast(members["leader"], "f", host.at, {name: float(name == "crushed") for name in ENDINGS})
    host.say(members["ruler"], "m", "between us", "guard")
    for seat in ("ministry", "officials", "mediator"):
        seen = json.dumps([views.seat(host, seat), views.member(host, members[seat])])
        assert "between us" not in seen
        assert "name-leader" not in seen
    told = views.seats(host)
    assert [one["in"] for one in told] == [True, False, False, False, False, False]
    assert all(set(one) == {"seat", "title", "people", "played_by", "open", "waiting", "in"} for one in told)
    assert "between us" in json.dumps(views.seat(host, "guard"))
    assert "between us" not in json.dumps(views.wall(host))
    assert "between us" in json.dumps(views.table(host))


def test_the_facilitators_page_lists_every_action() -> None:
    names = {name for _, names in chair.ACTIONS.values() for name in names}
    assert names >= {"seat", "option", "event", "member", "turn"}
    assert all(len(set(names)) == len(names) for _, names in chair.ACTIONS.values())
    assert len(list(itertools.chain(chair.ACTIONS))) == 18
