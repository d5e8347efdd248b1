"""Choice under noise: the logit rule, its equilibrium, and what it tends to."""

from __future__ import annotations

from functools import cache
from itertools import pairwise, product
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sim.engines.mesa import Crisis
from sim.model.params import Params
from sim.model.rules.choice import best_reply, pick, softmax
from sim.model.rules.game import STAGES, TOLERANCE, TRIES, fill_game, leader_utility
from sim.model.rules.solve import follow_branch, think_steps
from tests.conftest import numbers, setting

UTILITIES = ([0.3, -0.2, 0.1, 0.0], [1.0, 1.0, 0.5, -3.0], [0.0, 0.0, 0.0, 0.0], [-0.7, 0.2, 0.21, 0.19])
Game = tuple[list[list[float]], list[list[float]]]
TIGHT = (200, 4000, 1e-13)
FAST = (STAGES, TRIES, TOLERANCE)


def mix(utility: list[float], precision: float) -> np.ndarray:
    out = [0.0] * 4
    softmax(utility, precision, out)
    return np.array(out)


def stage_game(win: float, engagement: float, p: Params) -> Game:
    """The mediated game of the core as an actor who gives the rebels chance `win` sees it."""
    leader, ruler = ([[0.0] * 4 for _ in range(4)] for _ in range(2))
    breach, audience, recognition = p.phi * (1.0 - p.guarantee[2]), p.A0 * (1.0 - p.cover[2]), p.rec * p.status[2]
    fill_game(win, engagement, breach, audience, p.c_R, recognition, p.y_s, p.A_con, p, leader, ruler)
    return leader, ruler


def equilibrium(game: Game, precision: float, how: tuple[int, int, float] = TIGHT) -> tuple[np.ndarray, np.ndarray]:
    """Mixes on the principal branch, both sides at one precision; `how`: stages, tries, tolerance."""
    leader, ruler, scratch = [0.0] * 4, [0.0] * 4, [[0.0] * 4 for _ in range(7)]
    follow_branch(*game, precision, precision, *how, leader, ruler, scratch)
    return np.array(leader), np.array(ruler)


@pytest.mark.parametrize("utility", UTILITIES)
def test_mckelvey_palfrey_1995_uniform_at_zero_precision(utility: list[float]) -> None:
    assert (mix(utility, 0.0) == 0.25).all()


@pytest.mark.parametrize("utility", UTILITIES)
def test_mckelvey_palfrey_1995_best_reply_at_infinite_precision(utility: list[float]) -> None:
    """All weight on the best option, exact ties shared; the doctrine of best response is that limit."""
    best = np.array(utility) == max(utility)
    limit = [0.0] * 4
    best_reply(utility, limit)
    assert mix(utility, 1e6) == pytest.approx(best / best.sum(), abs=1e-12)
    assert limit == pytest.approx(best / best.sum(), abs=1e-15)


def test_odds_beyond_all_numbers_are_no_trouble() -> None:
    """On both sides of the bound at which the reference changes from the first option to the best one."""
    for gap in (599.0, 601.0, 5000.0):
        up, down = mix([0.0, gap, 0.0, 0.0], 1.0), mix([gap, 0.0, 0.0, 0.0], 1.0)
        assert np.isfinite([up, down]).all()
        assert up[1] == down[0] == 1.0
        assert up[0] == pytest.approx(np.exp(-gap), rel=1e-12)


@pytest.mark.parametrize("utility", UTILITIES)
def test_luce_1959_odds_depend_on_the_difference_alone(utility: list[float]) -> None:
    chance = mix(utility, 7.0)
    for i, j in product(range(4), range(4)):
        assert log(chance[i] / chance[j]) == pytest.approx(7.0 * (utility[i] - utility[j]), abs=1e-12)
    shifted = mix([u + 12.5 for u in utility], 7.0)
    scaled = mix([3.0 * u for u in utility], 7.0 / 3.0)
    assert shifted == pytest.approx(chance, abs=1e-13)
    assert scaled == pytest.approx(chance, abs=1e-12)


def test_a_pick_falls_on_each_option_for_its_share_of_luck() -> None:
    chance = [0.1, 0.0, 0.6, 0.3]
    picks = [pick(chance, (k + 0.5) / 1000) for k in range(1000)]
    assert np.bincount(picks, minlength=4).tolist() == [100, 0, 600, 300]


GAMBIT = yaml.safe_load((Path(__file__).parents[1] / "data" / "gambit_qre.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("found", GAMBIT, ids=lambda row: f"{row['win']}-{row['engagement']}-{row['precision']}")
def test_mckelvey_palfrey_1995_equilibrium_as_gambit_found_it(found: dict[str, Any]) -> None:
    """The principal branch by an independent path follower (Turocy 2005, in Gambit), its answers kept as data."""
    game = stage_game(found["win"], found["engagement"], numbers())
    for how, tolerance in ((TIGHT, 1e-5), (FAST, 4e-3)):
        leader, ruler = equilibrium(game, found["precision"], how)
        assert leader == pytest.approx(found["leader"], abs=tolerance)
        assert ruler == pytest.approx(found["ruler"], abs=tolerance)


@pytest.mark.parametrize("win", [0.1, 0.25, 0.4, 0.6])
@pytest.mark.parametrize("engagement", [0.05, 0.85])
@pytest.mark.parametrize("precision", [8.0, 20.0])
def test_mckelvey_palfrey_1995_equilibrium_as_gambit_finds_it(win: float, engagement: float, precision: float) -> None:
    """The same against Gambit itself, where it is installed."""
    gambit = pytest.importorskip("pygambit", reason="Gambit is the optional extra [games]")
    game = stage_game(win, engagement, numbers())
    table = gambit.Game.from_arrays(np.array(game[0]), np.array(game[1]))
    profile = gambit.qre.logit_solve_lambda(table, lam=[precision])[0].profile
    theirs_leader, theirs_ruler = ([float(chance) for _, chance in profile[player]] for player in table.players)
    for how, tolerance in ((TIGHT, 1e-5), (FAST, 4e-3)):
        leader, ruler = equilibrium(game, precision, how)
        assert leader == pytest.approx(theirs_leader, abs=tolerance)
        assert ruler == pytest.approx(theirs_ruler, abs=tolerance)


def test_in_equilibrium_each_side_answers_the_other_with_its_own_precision() -> None:
    leader, ruler = stage_game(0.4, 0.85, numbers())
    mine, theirs, scratch = [0.0] * 4, [0.0] * 4, [[0.0] * 4 for _ in range(7)]
    follow_branch(leader, ruler, 9.0, 25.0, *TIGHT, mine, theirs, scratch)
    against_theirs, against_mine = np.array(leader) @ theirs, np.array(ruler).T @ mine
    assert mine == pytest.approx(mix(against_theirs.tolist(), 9.0), abs=1e-9)
    assert theirs == pytest.approx(mix(against_mine.tolist(), 25.0), abs=1e-9)


@cache
def games_met() -> list[tuple[Game, tuple[list[float], list[float]]]]:
    """Games that leader or ruler really weighed, with the mixes the run went on with (mostly warm-started)."""
    met = []
    for scenario, replicate in product(("historical", "core", "no_mediator", "no_oka_line"), range(6)):
        of = setting(f"scenario={scenario}")
        crisis = Crisis(of.params, of.script, seed=5, replicate=replicate)
        while crisis.running:
            crisis.step()
            s = crisis.state
            seat = 1 if s.revised[1] else 0  # the ruler weighs last and so leaves his game in the scratch
            if s.revised[seat] and s.step * of.params.dt > of.params.t_start:
                game = ([list(row) for row in s.game_leader], [list(row) for row in s.game_ruler])
                met.append((game, (list(s.plan_leader[seat]), list(s.plan_ruler[seat]))))
        crisis.remove_all_agents()
    return met


def test_a_warm_start_stays_on_the_principal_branch() -> None:
    """Mixes a run carries from step to step are those found afresh from uniform play.

    Neighbouring games may have a fold between them, where a warm start could be left on
    a side branch; more than one in a hundred would bias the choices of runs.
    """
    met = games_met()
    assert len(met) > 200
    sharp = setting("scenario=historical").params.precision
    assert sharp[0] == sharp[1], "`equilibrium` follows the branch at one precision"
    off = []
    for game, (leader, ruler) in met:
        cold = equilibrium(game, sharp[0], (60, 400, 1e-10))
        off.append(max(np.abs(cold[0] - leader).max(), np.abs(cold[1] - ruler).max()))
    assert np.mean(np.array(off) < 5e-3) >= 0.99, f"worst {max(off):.3f} of {len(met)}"


def test_maynard_smith_1974_war_of_attrition() -> None:
    """Stay or leave: cost c each if both stay, prize v to whoever stays alone.

    Two of the four options copy `leave`'s pay at minus a lot, so that only two are played.
    The symmetric equilibrium solves s/(1-s) = exp(-lambda (s v - (1-s) c))  with s = P(leave),
    and tends to c/(c + v).
    """
    v, c, precision = 1.0, 0.5, 12.0
    own = [[-c, v], [0.0, 0.0]]
    leader = [[own[i][j] if i < 2 and j < 2 else -50.0 for j in range(4)] for i in range(4)]
    ruler = [[own[j][i] if i < 2 and j < 2 else -50.0 for j in range(4)] for i in range(4)]
    for i, j in product(range(4), range(4)):
        if i >= 2 > j:
            ruler[i][j] = 0.0
        if j >= 2 > i:
            leader[i][j] = 0.0
    mine, theirs = equilibrium((leader, ruler), precision, (400, 4000, 1e-14))
    leave = mine[1]
    assert mine == pytest.approx(theirs, abs=1e-6)
    assert mine[2:] == pytest.approx([0.0, 0.0], abs=1e-12)
    assert leave / (1 - leave) == pytest.approx(np.exp(-precision * (leave * v - (1 - leave) * c)), abs=1e-6)
    assert abs(leave - c / (c + v)) <= abs(log(v / c)) / (precision * (v + c))


def test_camerer_ho_chong_2004_level_one_answers_uniform_play() -> None:
    leader, ruler = stage_game(0.4, 0.85, numbers())
    mine, theirs, scratch = [0.0] * 4, [0.0] * 4, [[0.0] * 4 for _ in range(7)]
    think_steps(leader, ruler, 20.0, 20.0, 1, mine, theirs, scratch)
    assert mine == pytest.approx(mix([sum(row) / 4 for row in leader], 20.0), abs=1e-12)
    assert theirs == pytest.approx(mix([sum(column) / 4 for column in zip(*ruler, strict=True)], 20.0), abs=1e-12)


@pytest.mark.parametrize("win", [0.1, 0.4, 0.6])
def test_deep_thought_is_equilibrium_where_replies_contract(win: float) -> None:
    """Precision times the range of payoffs below 2 makes the reply map a contraction."""
    game = stage_game(win, 0.85, numbers())
    precision = 1.9 / (max(np.ptp(game[0]), np.ptp(game[1])))
    errors = []
    exact = equilibrium(game, precision)
    for depth in (1, 4, 40):
        mine, theirs, scratch = [0.0] * 4, [0.0] * 4, [[0.0] * 4 for _ in range(7)]
        think_steps(*game, precision, precision, depth, mine, theirs, scratch)
        errors.append(max(np.abs(exact[0] - mine).max(), np.abs(exact[1] - theirs).max()))
    assert all(later < earlier for earlier, later in pairwise(errors))
    assert errors[-1] < 1e-9


def test_powell_2006_mutual_projection_leaves_war_worth_its_odds_less_its_cost() -> None:
    """Against a ruler who never yields and nobody to talk to, driving on is worth p - c_R exactly."""
    p = numbers()
    leader, _ = stage_game(0.4, 0.0, p)
    worth = [0.0] * 4
    leader_utility(leader, [0.0, 1.0, 0.0, 0.0], worth)
    assert worth[0] == pytest.approx(0.4 - p.c_R, abs=1e-15)
    assert worth[1] == pytest.approx(worth[0] - p.delta * worth[0], abs=1e-15)
    assert worth[2] == pytest.approx(worth[1] - p.face, abs=1e-15)
    assert worth[3] == p.y_s
