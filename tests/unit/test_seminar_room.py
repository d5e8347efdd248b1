"""A room plays by the rules of the engines, does what orders say, and goes back and forth to the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from sim.classroom.injects import INJECTS
from sim.classroom.room import BRANCH_LUCK, Room
from sim.classroom.seats import CLASS_SEATS, LINES, SeminarError, reaches, role
from sim.engines.rollouts import ordered
from sim.model.script import NO_SCRIPT
from sim.model.state import ITEMS, Conduct, Ending, Option, Seat
from tests.conftest import crises, same_bits, setting

PLAIN = setting("scenario=historical")


def played(room: Room, **orders: str) -> Room:
    while not room.over:
        for seat, option in orders.items():
            room.order(seat, option)
        room.resolve()
    return room


@pytest.mark.parametrize("scenario", ["historical", "core", "no_mediator", "bloody_first_battle"])
@pytest.mark.parametrize("turn_h", [0.5, 2.0])
def test_without_orders_a_room_is_the_kernel_bit_for_bit(scenario: str, turn_h: float) -> None:
    of = setting(f"scenario={scenario}")
    for replicate in (0, 5):
        room = played(Room(of, replicate=replicate, turn_h=turn_h, seats=()))
        assert same_bits(crises(of, 1, first=replicate), room.now.state.row()) == []


def test_a_timeline_rules_the_room_as_it_rules_the_kernel() -> None:
    of = setting("scenario=historical", "doctrine=historical_moves", "release_at_h=12")
    assert same_bits(crises(of, 1, first=4), played(Room(of, replicate=4, seats=())).now.state.row()) == []


def test_orders_are_those_of_a_script_on_the_kernel() -> None:
    from sim.engines import kernel
    from sim.model.state import state_type

    room = played(
        Room(PLAIN, replicate=2, turn_h=1.0, seats=("ministry", "officials")), ministry="hold", officials="hold"
    )
    script = NO_SCRIPT
    for step in range(int(PLAIN.params.n_steps)):
        for seat in (Seat.MINISTRY, Seat.ADMINISTRATION, Seat.COUNCIL, Seat.AMBASSADOR):
            script = ordered(script, step, int(seat), int(Option.HOLD))
    state = np.zeros(1, state_type())
    kernel.play(state, PLAIN.params.row(), seed=PLAIN.seed, replicate=np.array([2]), script=script)
    assert same_bits(state, room.now.state.row()) == []
    assert same_bits(crises(PLAIN, 1, first=2), state) != []


def test_leader_and_ruler_decide_from_the_hour_the_column_sets_out() -> None:
    room = Room(PLAIN, replicate=0, seats=("leader",))
    room.order("leader", "concede")
    assert not room.has_say("leader")
    room.resolve()
    assert not room.over
    while not room.has_say("leader"):
        room.resolve()
    room.order("leader", "concede")
    room.resolve()
    assert room.now.state.ending == Ending.REBELS_COLLAPSE
    assert room.hour == PLAIN.params.t_start


def deal_of(replicate: int, leader: object, ruler: object) -> Room:
    room = Room(PLAIN, replicate=replicate)
    while not room.over:
        room.order("leader", "negotiate" if room.hour > 13 else "advance", terms=leader)
        room.order("ruler", "negotiate" if room.hour > 13 else "hold", terms=ruler)
        room.order("mediator", "negotiate", offer=True)
        room.resolve()
    return room


def test_terms_are_taken_and_given_only_as_ordered() -> None:
    dealt = 0
    for replicate in range(12):
        room = deal_of(replicate, ["men"], ["immunity", "stay", "men"])
        package = room.now.state.package
        if room.now.state.settled_channel >= 0:
            granted = {item for i, item in enumerate(ITEMS) if package >> i & 1}
            assert {"men"} <= granted <= {"immunity", "stay", "men"}
            dealt += 1
        assert deal_of(replicate, "none", "any").now.state.settled_channel == -1
        assert deal_of(replicate, "any", "none").now.state.settled_channel == -1
    assert dealt >= 2


def test_any_terms_from_both_end_it_in_the_first_round() -> None:
    for replicate in range(4):
        room = deal_of(replicate, "any", "any")
        assert (room.now.state.rounds, room.now.state.settled_channel >= 0) == (1, True)


def test_a_mediator_comes_in_when_he_offers_and_not_while_he_stays_out() -> None:
    for replicate in range(5):
        room = Room(PLAIN, replicate=replicate, seats=("mediator",))
        room.order("mediator", "negotiate", offer=True)
        room.resolve()
        assert room.now.state.mediation == 1
        assert played(Room(PLAIN, replicate=replicate, seats=("mediator",)), mediator="hold").now.state.mediation == 0


def test_details_of_ruler_and_guard_are_obeyed() -> None:
    seen = {"take": [0, 0], "refuse": [0, 0]}  # calls taken, calls refused
    for call, count in seen.items():
        for replicate in range(6):
            room = Room(PLAIN, replicate=replicate, seats=("ruler", "guard", "leader"))
            while not room.over:
                room.order("ruler", "negotiate", call=call)
                room.order("guard", "advance", men=0.3)
                room.order("leader", "negotiate", call="ruler", terms="none")
                room.resolve()
            assert room.now.state.forward <= 0.3
            count[0] += room.now.state.ruler_took
            count[1] += room.now.state.refused[0]
    assert seen["take"][0] > 0
    assert seen["take"][1] == seen["refuse"][0] == 0
    assert seen["refuse"][1] > 0


def test_branching_with_the_same_luck_and_orders_comes_to_the_same_bits_and_with_fresh_luck_elsewhere() -> None:
    room = played(Room(PLAIN, replicate=1, seats=("guard",)), guard="advance")
    first = [state.row() for state in room.states()]
    room.branch(3)
    assert room.now.number == 3
    played(room, guard="advance")
    assert [same_bits(a, b.row()) for a, b in zip(first, room.states(), strict=True)] == [[]] * len(first)
    room.branch(3, "fresh")
    assert room.now.luck == BRANCH_LUCK + 1
    played(room, guard="advance")
    assert any(a.tobytes() != b.row().tobytes() for a, b in zip(first, room.states(), strict=False))
    assert [len(line) for line in room.left] == [len(first), len(first)]


def test_each_inject_changes_what_it_says() -> None:
    for event, of in INJECTS.items():
        room = Room(PLAIN, replicate=0)
        for _ in range(5):
            room.resolve()
        before, p = room.now.state.copy(), room.params()
        room.inject(
            event, **{of.number: {"formation": 18, "share": 1.0, "nats": 0.5, "men": 50, "hour": 7.0}[of.number]}
        )
        s = room.now.state
        if event == "address_moved":
            assert (room.params().t_speech, p.t_speech) == (7.0, 13.0)
            for _ in range(3):
                room.resolve()
            assert room.now.state.speech == 1
            continue
        assert same_bits(before.row(), s.row()) == {
            "unit_joins": ["told"], "unit_fights": ["told"], "leaked_call": ["log_odds"], "false_rumour": ["log_odds"],
            "shots_fired": [
                "rebels", "delay", "casualties_rebels", "casualties_state", "log_odds", "fights_leader", "fights_ruler",
            ],
        }[event]  # fmt: skip


def test_a_unit_told_to_join_joins() -> None:
    room = Room(PLAIN, replicate=0, seats=("leader",))
    room.inject("unit_joins", formation=2)
    played(room, leader="advance")
    assert room.now.state.conduct[1] == Conduct.JOINS


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda room: room.order("king", "hold"), "no seat 'king'"),
        (lambda room: room.order("guard", "hold"), "played by its doctrine"),
        (lambda room: room.order("leader", "attack"), "option 'attack' is none of"),
        (lambda room: room.order("leader", "hold", men=3), "no detail 'men'"),
        (lambda room: room.order("leader", "hold", terms="gold"), "terms='gold' is not allowed"),
        (lambda room: room.order("leader", "hold", call="telegraph"), "give one of ruler, officials"),
        (lambda room: room.branch(7), "no turn 7"),
        (lambda room: room.inject("meteor"), "no inject 'meteor'"),
        (lambda room: room.inject("false_rumour", nats=9), "from -2 to 2"),
        (lambda room: room.inject("unit_joins", formation=1.5), "whole"),
    ],
)
def test_a_mistake_is_explained_and_changes_nothing(call, words: str) -> None:  # type: ignore[no-untyped-def]
    room = Room(PLAIN, seats=("leader",))
    with pytest.raises(SeminarError, match=words):
        call(room)
    assert (room.now.number, room.now.orders, room.now.notes) == (0, {}, [])


def test_turn_length_must_be_a_multiple_of_the_step_and_seats_must_be_filled() -> None:
    with pytest.raises(SeminarError, match="multiple of the step"):
        Room(PLAIN, turn_h=0.7)
    with pytest.raises(SeminarError, match="nobody sits"):
        Room(setting("scenario=no_mediator"), seats=("mediator",))


def test_roles_say_what_the_configuration_says_and_lines_are_mutual() -> None:
    for seat, ones in CLASS_SEATS.items():
        told = role(PLAIN, seat)
        for one in ones:
            label = PLAIN.seats[one.name.lower()]
            assert label["person"] in told.persons
            assert all(label["options"][option] in told.options[option] for option in told.options)
        assert all(seat in reaches(other) for other in reaches(seat))
    assert {one for ones in CLASS_SEATS.values() for one in ones} == set(Seat)
    assert all(len(pair) == 2 for pair in LINES)


def test_what_is_said_reaches_all_and_a_message_its_two_ends() -> None:
    from sim.classroom.moves import read_move

    room = Room(PLAIN)
    for number, body in enumerate(
        (
            {"kind": "statement", "seat": "leader", "text": "we march"},
            {"kind": "message", "seat": "ruler", "to": "guard", "text": "hold"},
        )
    ):
        room.apply(read_move({"id": str(number), "turn": 0, **body}))
    room.resolve()
    heard = {seat: [note.body["text"] for note in room.said(seat)] for seat in CLASS_SEATS}
    both = ["we march", "hold"]
    assert heard == {seat: ["we march"] for seat in CLASS_SEATS} | {"ruler": both, "guard": both}
    assert same_bits(Room(PLAIN, seats=()).resolve().row(), room.now.state.row()) == []
