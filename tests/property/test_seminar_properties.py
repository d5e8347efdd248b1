"""No briefing tells what its seat may not know; a log makes its room again."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.classroom import journal as journals
from sim.classroom.access import ACCESS, PUBLIC, sees
from sim.classroom.briefing import briefing, bulletin, news
from sim.classroom.room import Room
from sim.classroom.seats import CLASS_SEATS, OWN_CHANNEL, SeminarError
from sim.classroom.worlds import worlds
from sim.model.state import FIELDS, ITEMS, OPTIONS, Seat, State
from tests.conftest import same_bits, setting

OF = setting("scenario=historical")
NEVER = {
    "blood", "threshold", "capability", "loyalty", "signal", "latent", "told", "read", "utility", "chance", "will",
    "revised", "game_leader", "game_ruler", "plan_leader", "plan_ruler", "solved", "scratch",
}  # fmt: skip
EVERYBODY = {
    "step", "ending", "end_h", "km", "closest_km", "line_up", "battle", "log_odds", "public", "speech", "hq", "fled",
    "offered", "resigning", "node_passed", "crowd", "defected", "loyal", "hedging", "stance", "by_stance", "conduct",
    "position", "belief", "option", "ruler_took", "granted", "settled_channel", "package", "breach_week", "eroded_week",
    "clause_week", "minister_week",
}  # fmt: skip
COUNTED = {"rebels", "airmen", "aircraft", "sorties"}
SIDES = {"defenders", "defenders_start", "rebels_start", "line_ahead"}
LINE = {"linked", "refused", "called", "caller"}
MEDIATED = {"mediation", "entered_h"}
MORE = {
    "leader": COUNTED | SIDES | LINE | MEDIATED
    | {"delay", "casualties_rebels", "fights_leader", "yields_leader", "belief_peak", "channel", "engagement",
       "sought_ruler_h", "rounds", "round_held", "terms"},
    "ruler": COUNTED | SIDES | LINE | MEDIATED
    | {"forward", "casualties_state", "fights_ruler", "yields_ruler", "channel_ruler", "engagement_ruler", "asked",
       "sought_ruler_h", "rounds", "round_held", "channel", "price"},
    "ministry": COUNTED | SIDES | LINE | {"forward", "casualties_state"},
    "guard": COUNTED | SIDES | {"forward", "casualties_state"},
    "officials": COUNTED | SIDES | LINE | MEDIATED | {"forward", "casualties_state", "asked"},
    "mediator": LINE | MEDIATED | {"asked", "rounds", "round_held", "channel"},
    PUBLIC: set(),
}  # fmt: skip


def test_every_field_is_open_or_hidden_with_a_reason() -> None:
    assert list(ACCESS) == [field.name for field in FIELDS]
    assert all(reason for _, reason in ACCESS.values())
    for seat in (*CLASS_SEATS, PUBLIC):
        assert {name for name in ACCESS if sees(name, seat)} == EVERYBODY | MORE[seat]
        assert not (EVERYBODY | MORE[seat]) & NEVER


def hidden_places(state: State, seat: str, name: str) -> list[int] | None:
    """Places of an array that a seat may not see, all of a scalar's as [0]; None where all is open. Written anew."""
    if name in ("belief", "option"):
        own = {int(one) for one in CLASS_SEATS.get(seat, ())} | ({int(Seat.LEADER)} if name == "option" else set())
        return [i for i in range(len(Seat)) if i not in own]
    if name in LINE and name in MORE[seat]:
        return [k for k in range(4) if k not in {int(channel) for channel in OWN_CHANNEL[seat]}]
    shut = name not in EVERYBODY | MORE[seat]
    if seat == "leader" and name in ("defenders", "defenders_start", "rebels_start"):
        shut = state.battle == 0
    if seat == "leader" and name == "line_ahead":
        shut = state.km - OF.params.D_line >= OF.params.d_int
    if name in ("round_held", "channel") and seat in ("ruler", "mediator"):
        shut = not (state.round_held and (seat == "ruler" or state.channel == 2))
    if not shut:
        return None
    value = getattr(state, name)
    return list(range(len(value))) if isinstance(value, list) else [0]


def disturbed(state: State, seat: str, shift: int) -> State:
    """A copy in which everything the seat may not see is something else."""
    out = state.copy()
    for field in FIELDS:
        places = hidden_places(state, seat, field.name)
        if places is None or (seat != "leader" and field.name in ("round_held", "channel")):
            continue  # who sits at the table is itself what these two say
        value = getattr(out, field.name)
        if not isinstance(value, list):
            setattr(out, field.name, type(value)(value + 1 + shift))
            continue
        for i in places:
            value[i] = (
                [x + 1 + shift for x in value[i]]
                if isinstance(value[i], list)
                else type(value[i])(value[i] + 1 + shift)
            )
    return out


GAMES: dict[int, Room] = {}


def game(replicate: int) -> Room:
    if replicate not in GAMES:
        room = Room(OF, replicate=replicate, seats=())
        while not room.over:
            room.resolve()
        GAMES[replicate] = room
    return GAMES[replicate]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 7), st.integers(0, 60), st.sampled_from(sorted(CLASS_SEATS)), st.integers(0, 3))
def test_states_that_differ_in_what_is_hidden_give_equal_briefings(
    replicate: int, at: int, seat: str, shift: int
) -> None:
    room = game(replicate)
    turn = at % (len(room.turns) - 1)
    path = room.path(turn)
    other = [disturbed(state, seat, shift) for state in path]
    for a, b in zip(path, other, strict=True):
        assert briefing(a, OF, seat).as_json() == briefing(b, OF, seat).as_json()
    assert news(path, OF, seat) == news(other, OF, seat)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 7), st.integers(0, 60), st.integers(0, 3))
def test_states_that_differ_in_what_is_hidden_give_equal_bulletins(replicate: int, at: int, shift: int) -> None:
    room = game(replicate)
    path = room.path(at % (len(room.turns) - 1))
    other = [disturbed(state, PUBLIC, shift) for state in path]
    for a, b in zip(path, other, strict=True):
        assert bulletin(a, OF) == bulletin(b, OF)
    assert news(path, OF, PUBLIC) == news(other, OF, PUBLIC)


@pytest.mark.parametrize("seat", CLASS_SEATS)
def test_what_is_open_is_told(seat: str) -> None:
    state = game(1).turns[12].state
    for name in ("belief", "km", "log_odds", "loyal"):
        other = state.copy()
        value = getattr(other, name)
        setattr(other, name, [x + 0.01 for x in value] if isinstance(value, list) else value + 0.01)
        assert briefing(state, OF, seat).as_json() != briefing(other, OF, seat).as_json(), name


@pytest.mark.parametrize("seat", CLASS_SEATS)
def test_worlds_a_seat_might_be_in_brief_it_alike_and_differ_in_what_is_hidden(seat: str) -> None:
    room = game(2)
    for turn in (0, 9, 15):
        told = room.briefing(seat, turn).as_json()
        found = worlds(room, turn, seat, 40)
        assert all(briefing(State.of_row(row), OF, seat).as_json() == told for row in found)
        # All forty differ in what nobody has shown yet.
        assert (
            len({row.tobytes() for row in found["latent"]}) == len({row.tobytes() for row in found["threshold"]}) == 40
        )


ORDERS = st.fixed_dictionaries(
    {"kind": st.just("order"), "seat": st.sampled_from(sorted(CLASS_SEATS)), "option": st.sampled_from(OPTIONS)},
    optional={
        "terms": st.one_of(st.sampled_from(["any", "none"]), st.lists(st.sampled_from(ITEMS), min_size=1, unique=True))
    },
)
MOVES = st.one_of(
    ORDERS,
    ORDERS,
    st.just({"kind": "resolve"}),
    st.just({"kind": "resolve"}),
    st.fixed_dictionaries(
        {"kind": st.just("branch"), "turn": st.integers(0, 9), "luck": st.sampled_from(["same", "fresh"])}
    ),
    st.fixed_dictionaries({"kind": st.just("inject"), "event": st.just("false_rumour"), "nats": st.floats(-2, 2)}),
    st.fixed_dictionaries(
        {"kind": st.just("seat"), "seat": st.sampled_from(sorted(CLASS_SEATS)), "open": st.booleans()}
    ),
    st.fixed_dictionaries({"kind": st.just("statement"), "seat": st.just("ruler"), "text": st.text(max_size=20)}),
)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(MOVES, max_size=40))
def test_a_log_makes_its_room_again_bit_for_bit(moves: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "game.sqlite"
        journal = journals.start(path, OF, replicate=3)
        room, taken = journal.room, 0
        for number, move in enumerate(moves):
            full = {"turn": room.now.number, **move, "id": str(number)}
            try:
                taken += journal.accept(full)
            except SeminarError:
                continue
            assert journal.accept(full) is False
        assert len(journal.log.moves()) == taken
        journal.close()
        again = journals.replay(path)
    assert [same_bits(a.row(), b.row()) for a, b in zip(room.states(), again.states(), strict=True)] == [[]] * len(
        room.turns
    )
    assert [turn.orders for turn in room.turns] == [turn.orders for turn in again.turns]
    assert (room.open, len(room.left), room.now.changes) == (again.open, len(again.left), again.now.changes)
