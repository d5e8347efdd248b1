"""Marks, precision and scores of a game: right where the answer is known, honest where chance explains a loss."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.catalog import option
from sim.classroom import rationality
from sim.classroom.debrief import debrief, measure
from sim.classroom.graded import MARKS, crossed, graded, mark, total
from sim.classroom.moves import Move
from sim.classroom.orders import Order
from sim.classroom.room import Room
from sim.classroom.scored import base_rate, foresight
from sim.classroom.seats import CLASS_SEATS, SeminarError
from sim.classroom.steps import play_turn
from sim.classroom.worlds import _played_on, by_option, known_odds, true_odds, worlds
from sim.engines.rollouts import FRESH, onward
from sim.model.luck import run_key
from sim.model.state import ENDINGS, OPTIONS, Ending, Option
from tests.conftest import crises, setting, shares

OF = setting("scenario=historical")
TREE = option("seminar", "june_2023")
BY = measure(TREE)


@cache
def finished() -> Room:
    """A mediator who carries from hour 13 on and says what he expects; a leader who is played by a person too."""
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


def test_options_of_equal_worth_give_away_nought_on_average_and_a_better_one_all_it_is_better_by() -> None:
    rng = np.random.default_rng([7, 2])
    games, decisions, worlds_each = 300, 10, 200
    totals, beyond, naive = [], 0, []
    for _ in range(games):
        moves = []
        for _ in range(decisions):
            points = rng.normal(50.0, 30.0, (4, worlds_each)) + rng.normal(0.0, 20.0, worlds_each)
            lost, error = (float(one[0]) for one in crossed(points))
            moves.append({"lost": lost, "error": error, "mark": "fine"})
            naive.append(points.mean(axis=1).max() - points[0].mean())
        of = total(moves)
        totals.append(of["given_away"])
        beyond += abs(of["given_away"]) > 1.96 * of["given_away_error"]
    assert abs(np.mean(totals)) < 3.0 * np.std(totals) / np.sqrt(games)
    assert np.mean(naive) * decisions > 10.0 * np.std(totals) / np.sqrt(games)  # the bias that there would be
    assert beyond < 0.15 * games
    apart = crossed(rng.normal(0.0, 5.0, (4, 2000)) + np.array([[0.0], [10.0], [0.0], [-10.0]]))
    assert apart[0] == pytest.approx([10.0, 0.0, 10.0, 20.0], abs=1.0)
    assert apart[1][1] == 0.0
    assert np.isinf(crossed(np.zeros((4, 1)))[1]).all()


def flawed() -> Room:
    """Odds shown in turns 1 and 2, the facilitator orders in turn 3, turns 4 and 5 are played twice."""
    room = Room(OF, replicate=3, turn_h=4.0, seats=("guard", "ministry"))
    odds = dict.fromkeys(ENDINGS, 1 / 6)
    while not room.over:
        at = room.now.number
        body: dict[str, Any] = {"orders": {"guard": {"option": "hold"}}, "forecasts": {"guard": odds}}
        body |= {"chaired": ["guard"]} if at == 3 else {}
        body |= {"shown": ["wall"]} if at in (1, 2) else {}
        if at == 1 and not room.left:
            room.inject("address_moved", hour=200)
        room.apply(Move("", "resolve", at, body))
        if at == 5 and not room.left:
            room.branch(4)
    return room


def test_turns_in_which_a_seat_knew_more_are_flagged_and_scores_given_without_them() -> None:
    found = debrief(flawed(), BY, samples=20, continuations=20, games=0, first=1)
    entry = found["seats"]["guard"]
    flagged = {1: ["shown"], 2: ["shown"], 4: ["replayed"], 5: ["replayed"]}
    assert {move["turn"]: move["flags"] for move in entry["moves"] if move["flags"]} == flagged
    assert {row["turn"]: row["flags"] for row in entry["forecasts"]["turns"] if row["flags"]} == flagged
    clean = [move for move in entry["moves"] if not move["flags"]]
    assert sum(entry["without"]["marks"].values()) == len(clean) == len(entry["moves"]) - 4
    assert entry["without"]["given_away"] == pytest.approx(sum(move["lost"] for move in clean))
    assert entry["without"]["rationality"]["decisions"] == entry["rationality"]["decisions"] - 4
    assert entry["forecasts"]["without"]["stated"] == entry["forecasts"]["stated"] - 4
    assert found["hidden"]["moved"] == [
        {"what": "the ruler's address", "from_h": OF.params.t_speech, "to_h": 200.0, "turn": 1}
    ]
    assert found["first"] == 1


def test_orders_of_the_facilitator_are_not_the_teams() -> None:
    room = flawed()
    entry = debrief(room, BY, samples=20, continuations=20, games=0)["seats"]["guard"]
    assert [one["turn"] for one in entry["chaired"]] == [3]
    assert 3 not in [move["turn"] for move in entry["moves"]]
    assert 3 in [row["turn"] for row in entry["forecasts"]["turns"]]  # what the team foresaw is its own
    assert entry["rationality"]["decisions"] == len(room.turns) - 2


def test_who_foresaw_best_is_told_of_the_same_turns_or_beside_the_model_or_not_at_all() -> None:
    def stated(turns: range, seat: float, model: float, flagged: int = -1) -> dict[str, Any]:
        flags = {flagged: ["shown"]}
        rows = [{"turn": turn, "seat": seat, "model": model, "flags": flags.get(turn, [])} for turn in turns]
        return {"base_rate": 0.75, "turns": rows}

    # The guard's easy late turns do not count against the ministry, which did not state odds then.
    early = stated(range(10), 0.9, 1.0)
    early["turns"] += stated(range(10, 30), 0.0, 0.0)["turns"]
    same = foresight({"guard": early, "ministry": stated(range(10), 0.6, 1.0)})
    assert same is not None
    assert same["base_rate"] == 0.75
    assert (same["by"], same["best"], same["stated"]) == ("turns", "ministry", {"guard": 10, "ministry": 10})
    assert same["scores"] == pytest.approx({"guard": 0.9, "ministry": 0.6})
    apart = foresight({"guard": stated(range(5), 0.9, 1.0), "ministry": stated(range(5, 12), 0.2, 0.1)})
    assert apart is not None
    assert (apart["by"], apart["best"]) == ("model", "guard")
    assert apart["scores"] == pytest.approx({"guard": 0.1, "ministry": -0.1})
    few = {"guard": stated(range(5), 0.9, 1.0), "ministry": stated(range(5), 0.5, 1.0, flagged=2)}
    assert foresight(few) is None
    assert foresight({"guard": stated(range(9), 0.1, 1.0), "ministry": {"stated": 0}}) is None
    assert foresight({name: stated(range(9), 0.5, 1.0) for name in ("guard", "ministry")}) is None


def test_standing_down_without_cause_is_a_blunder_by_the_leaders_own_worth() -> None:
    room = finished()
    ended = by_option(room, 6, "leader", 300)
    assert (ended[Option.CONCEDE] == Ending.REBELS_COLLAPSE).all()
    worth = 100 * BY.worth["leader"][ended].mean(axis=1)
    assert worth[Option.CONCEDE] == pytest.approx(15.0)
    entry = graded(room, 6, "leader", BY, 300)
    assert entry["points"] == pytest.approx(dict(zip(OPTIONS, worth.tolist(), strict=True)))
    down = entry["behind"]["concede"]
    assert down["lost"] == pytest.approx(worth.max() - 15.0, abs=3.0 * down["error"])
    assert mark(down["lost"], down["error"], BY.marks) == "blunder"
    assert entry["lost"] == entry["behind"]["advance"]["lost"] < down["lost"]


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
        assert all(move["mark"] in MARKS and move["flags"] == [] for move in entry["moves"])
        assert (entry["without"], entry["chaired"]) == (None, [])
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
