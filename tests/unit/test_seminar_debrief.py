"""Marks, precision and scores of a game: right where the answer is known, honest where chance explains a loss."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.catalog import option
from sim.engines.continuations import FRESH, onward
from sim.luck import run_key
from sim.seminar import rationality
from sim.seminar.debrief import MARKS, base_rate, debrief, graded, mark, measure
from sim.seminar.orders import Order
from sim.seminar.room import Room
from sim.seminar.seats import CLASS_SEATS, SeminarError
from sim.seminar.steps import play_turn
from sim.seminar.worlds import _played_on, by_option, known_odds, true_odds, worlds
from sim.state import ENDINGS, OPTIONS, Ending, Option
from tests.conftest import crises, setting, shares

OF = setting("scenario=historical")
TREE = option("seminar", "june_2023")
BY = measure(TREE)


@cache
def finished() -> Room:
    """A mediator who carries from hour 13 on and says what he expects; a leader who is played by a person too."""
    from sim.seminar.moves import Move

    room = Room(OF, replicate=3, seats=("mediator", "leader"))
    odds = dict.fromkeys(ENDINGS, 0.0) | {"negotiated_exit": 1.0}
    while not room.over:
        room.order("mediator", "negotiate" if room.hour >= 13 else "hold")
        room.order("leader", "negotiate" if room.hour >= 14 else "advance")
        if room.now.number in (2, 12):
            room.apply(Move("", "forecast", room.now.number, {"seat": "mediator", "odds": odds}))
        room.resolve()
    return room


def test_marks_stand_at_their_thresholds_and_allow_for_chance() -> None:
    marks = {"best": 0.5, "fine": 2.0, "dubious": 6.0}
    assert [mark(lost, 0.0, marks) for lost in (0.0, 0.5, 0.6, 2.0, 2.1, 6.0, 6.1)] == [
        "best", "best", "fine", "fine", "dubious", "dubious", "blunder",
    ]  # fmt: skip
    assert mark(9.0, 5.0, marks) == "fine"
    assert mark(9.0, 4.0, marks) == "blunder"


def test_standing_down_without_cause_is_a_blunder_by_the_leaders_own_worth() -> None:
    room = finished()
    ended = by_option(room, 6, "leader", 300)
    assert (ended[Option.CONCEDE] == Ending.REBELS_COLLAPSE).all()
    worth = 100 * BY.worth["leader"][ended].mean(axis=1)
    assert worth[Option.CONCEDE] == pytest.approx(15.0)
    entry = graded(room, 6, "leader", BY, 300)
    assert entry["points"] == pytest.approx(dict(zip(OPTIONS, worth.tolist(), strict=True)))
    assert entry["lost"] == pytest.approx(worth.max() - worth[Option.ADVANCE])


@pytest.mark.parametrize(
    ("seat", "turn", "details"),
    [
        ("leader", 14, {}), ("ruler", 14, {}), ("ruler", 3, {}), ("leader", 3, {}), ("ministry", 8, {}),
        ("officials", 14, {}), ("mediator", 14, {}),
        ("leader", 14, {"terms": "none"}), ("ruler", 14, {"terms": "any", "call": "refuse"}),
        ("guard", 9, {"men": 0.1}),
    ],
)  # fmt: skip
def test_what_if_on_the_kernel_is_what_the_room_would_play(seat: str, turn: int, details: dict[str, Any]) -> None:
    room, count = finished(), 12
    opened, p = room.turns[turn].state, room.params()
    assert opened.ending < 0
    assert seat != "mediator" or opened.mediation == 1
    for chosen in Option:
        told = Order(chosen, **details)
        states = np.repeat(opened.row(), count)
        expected = []
        for j in range(count):
            after = play_turn(opened, p, run_key(OF.seed, FRESH + j), OF.script, {seat: told}, room.steps).states[-1]
            whose = np.array([FRESH + j])
            ended = (
                after.ending if after.ending >= 0 else onward(after.row(), p.row(), seed=OF.seed, replicate=whose)[0]
            )
            expected.append(int(ended))
        assert _played_on(room, turn, seat, states, told).tolist() == expected
        assert (states == np.repeat(opened.row(), count)).all()


def test_an_order_played_in_one_go_is_the_same_as_step_by_step() -> None:
    room = finished()
    states = worlds(room, 11, "guard", 200)
    for chosen in Option:
        at_once = _played_on(room, 11, "guard", states, Order(chosen))
        stepwise = _played_on(room, 11, "guard", states, Order(chosen, men=100.0))  # more than there are: no limit
        assert at_once.tolist() == stepwise.tolist()


def test_a_mediator_outside_may_consent_or_stay_out_and_nothing_else() -> None:
    room = Room(OF, replicate=3, turn_h=0.5, seats=("mediator",))  # in one step he cannot come in and carry too
    for _ in range(10):
        room.order("mediator", "hold", offer=True)
        room.resolve()
    ended = by_option(room, 9, "mediator", 400)
    assert (ended[Option.ADVANCE] == ended[Option.NEGOTIATE]).all()
    assert (ended[Option.HOLD] == ended[Option.CONCEDE]).all()
    assert (ended[Option.HOLD] != ended[Option.NEGOTIATE]).any()


def test_odds_of_a_seat_are_near_those_of_the_model_before_anything_is_hidden_from_it() -> None:
    room = finished()
    for seat in CLASS_SEATS:
        known = np.bincount(known_odds(room, 0, seat, 2000), minlength=6) / 2000
        fresh = np.bincount(true_odds(room, 0, 2000), minlength=6) / 2000
        assert abs(known - fresh).max() < 0.12  # the true state differs by its dispositions alone
    model = np.bincount(known_odds(room, 0, "guard", 4000), minlength=6) / 4000
    assert abs(model - shares(crises(OF, 4000, first=100))).max() < 0.04


def test_the_debrief_is_plain_complete_and_the_same_twice() -> None:
    room = finished()
    first = debrief(room, BY, samples=60, continuations=60, games=100)
    assert json.dumps(first) == json.dumps(debrief(room, BY, samples=60, continuations=60, games=100))
    assert [row["turn"] for row in first["line"]] == list(range(len(room.turns)))
    assert first["line"][-1]["odds"][first["ending"]] == 1.0
    assert set(first["seats"]) == {"mediator", "leader"}
    for entry in first["seats"].values():
        assert sum(entry["marks"].values()) == len(entry["moves"]) > 3
        assert all(move["lost"] >= 0.0 and move["mark"] in MARKS for move in entry["moves"])
    assert all(move["hour"] >= 3.0 for move in first["seats"]["leader"]["moves"])
    found = first["seats"]["mediator"]["forecasts"]
    assert found["seat"] == (0.0 if first["ending"] == "negotiated_exit" else 2.0)
    assert found["base_rate"] == pytest.approx(
        float(((base_rate() - np.eye(6)[ENDINGS.index(first["ending"])]) ** 2).sum())
    )


def test_a_game_not_finished_is_debriefed_without_scores() -> None:
    room = Room(OF, seats=("guard",))
    room.order("guard", "hold")
    room.resolve()
    found = debrief(room, BY, samples=20, continuations=20, games=50)
    assert (found["ending"], found["turns"], len(found["seats"]["guard"]["moves"])) == (None, 1, 1)
    assert "model" not in found["comparison"]


def test_precision_is_found_again_and_its_interval_covers_it() -> None:
    rng = np.random.default_rng([7, 1])
    covered = 0
    for _ in range(60):
        utility = rng.normal(0.0, 0.15, (40, 4))
        chance = np.exp(10.0 * utility)
        chance /= chance.sum(axis=1, keepdims=True)
        chosen = (rng.random((40, 1)) > chance.cumsum(axis=1)).sum(axis=1)
        found = rationality.fit(utility, chosen)
        assert found["low"] <= found["precision"] <= found["high"]
        covered += found["low"] <= 10.0 <= found["high"]
    assert 51 <= covered <= 60


def test_precision_at_its_ends() -> None:
    utility = np.tile([0.0, 0.1, 0.2, 0.3], (5, 1))
    best, worst = rationality.fit(utility, np.full(5, 3)), rationality.fit(utility, np.zeros(5, int))
    assert (best["precision"], best["high"]) == (None, None)
    assert best["low"] > 0.0
    assert (worst["precision"], worst["low"]) == (0.0, 0.0)
    assert rationality.fit(np.zeros((0, 4)), np.zeros(0, int))["precision"] is None


def test_a_measure_must_be_complete() -> None:
    assert set(BY.worth) == set(CLASS_SEATS)
    with pytest.raises(SeminarError, match=r"worth\.guard"):
        measure({**TREE, "worth": {**TREE["worth"], "guard": {"crushed": 1.0}}})
    with pytest.raises(SeminarError, match="best <= fine"):
        measure({**TREE, "marks": {"best": 3.0, "fine": 2.0, "dubious": 6.0}})
