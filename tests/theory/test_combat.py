"""Fighting at a prepared line, and what it lets the sides expect."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.rules.combat import attrition
from sim.model.rules.observe import contest, win_chance
from sim.model.state import Conduct, Ending
from tests.conftest import changed, crises, numbers, setting

STRENGTHS = [(5.0, 7.0), (3.0, 3.0), (0.5, 12.0)]


@pytest.mark.parametrize(("own", "enemy"), STRENGTHS)
def test_hirshleifer_1989_contest_success(own: float, enemy: float) -> None:
    """m = 2: a^2 / (a^2 + b^2); odds of both sides sum to one; only the ratio counts."""
    assert contest(own, enemy, 2.0) == pytest.approx(own**2 / (own**2 + enemy**2), abs=1e-15)
    for m in (0.5, 1.0, 2.0, 3.0):
        assert contest(own, enemy, m) + contest(enemy, own, m) == pytest.approx(1.0, abs=1e-14)
        assert contest(3.7 * own, 3.7 * enemy, m) == pytest.approx(contest(own, enemy, m), abs=1e-14)
        assert contest(own, own, m) == 0.5
    assert contest(own, 0.0, 2.0) == 1.0
    assert contest(0.0, enemy, 2.0) == 0.0


@pytest.mark.parametrize(("own", "enemy"), STRENGTHS)
def test_lanchester_1916_square_law_invariant(own: float, enemy: float) -> None:
    own_kills, enemy_kills = 0.06, 0.11
    before = own_kills * own**2 - enemy_kills * enemy**2
    a, b = attrition(own, enemy, own_kills, enemy_kills, 0.1)
    assert own_kills * a**2 - enemy_kills * b**2 == pytest.approx(before, abs=1e-12)
    assert 0.0 < a < own
    assert 0.0 < b < enemy


@pytest.mark.parametrize(("own", "enemy"), [(5.0, 0.0), (5.0, 0.05), (0.01, 7.0), (0.5, 12.0)])
def test_lanchester_1916_the_law_ends_where_a_side_runs_out(own: float, enemy: float) -> None:
    """Within the step the weaker side is gone; the stronger keeps sqrt(a^2 - (k_b/k_a) b^2) and gains nobody."""
    own_kills, enemy_kills = 0.06, 0.11
    left = own**2 - enemy_kills / own_kills * enemy**2
    a, b = attrition(own, enemy, own_kills, enemy_kills, 1.5)
    if left > 0.0:
        assert (a, b) == pytest.approx((np.sqrt(left), 0.0), abs=1e-12)
    else:
        assert (a, b) == pytest.approx((0.0, np.sqrt(-left * own_kills / enemy_kills)), abs=1e-12)


def test_lanchester_1916_steps_of_any_length_agree() -> None:
    """The step is the law's exact solution: thirty of 0.1 h are one of 3 h, and near 0 it is its derivative."""
    a, b = 5.0, 4.0
    for _ in range(30):
        a, b = attrition(a, b, 0.06, 0.11, 0.1)
    assert (a, b) == pytest.approx(attrition(5.0, 4.0, 0.06, 0.11, 3.0), abs=1e-12)
    little = attrition(5.0, 4.0, 0.06, 0.11, 1e-6)
    assert (5.0 - little[0]) / 1e-6 == pytest.approx(0.11 * 4.0, rel=1e-5)
    assert (4.0 - little[1]) / 1e-6 == pytest.approx(0.06 * 5.0, rel=1e-5)


@pytest.mark.parametrize(("line", "crushed"), [(1.5, False), (2.6, True)])
def test_lanchester_1916_the_stronger_side_breaks_the_other(line: float, crushed: bool) -> None:
    """Without luck and with equal breaking points the line breaks first exactly where e_R R > mu B.

    Everybody at the line fights (huge loyalty at no cost), so B is the line's strength at
    arrival, all of it there from the start; route formations cannot fight at that cost.
    """
    of = changed(
        setting("scenario=core"),
        {
            "forces.sd_b": 0.0, "forces.L_max": line, "forces.t_L0": 0.0, "forces.t_L1": 0.5, "units.loy_mu": 50.0,
            "units.cf_route": 100.0, "units.cf_line": 0.0, "bargaining.nu": 0.0, "clock.horizon_h": 60.0,
        },
    )  # fmt: skip
    states = crises(of, 200)
    p = of.params
    assert (p.e_R * p.R0 > p.mu_def * line) == (not crushed)
    assert (states["conduct"][:, 8:13] == Conduct.FIGHTS).all()
    assert (states["line_up"] == (1 if crushed else 0)).all()
    if crushed:
        assert (states["ending"] == Ending.CRUSHED).all()


@pytest.mark.parametrize("line", [0.0, 1.0, 4.0, 1e6])
def test_war_odds_are_a_path_of_two_gates(line: float) -> None:
    """P = P_line (1 - (1 - P_force)(1 - P_cascade)); an endless line leaves no hope."""
    p = numbers()
    gate, force = contest(5.0, p.mu_def * 0.6 * line, 2.0), contest(5.0, p.mu_def * 0.6 * p.K, 2.0)
    chance = win_chance(5.0, 0.6, line, p.K, 1, 0.3, p)
    assert chance == pytest.approx(gate * (1 - (1 - force) * (1 - 0.3)), abs=1e-15)
    assert chance <= win_chance(5.0, 0.6, line, p.K, 0, 0.3, p)
    assert win_chance(5.0, 0.6, line, p.K, 1, 0.2, p) <= chance
    if line == 1e6:
        assert chance < 1e-10


def test_a_handful_of_rebels_takes_no_capital() -> None:
    """R0 near 0 and all units willing to fight: no battle is won, and no regime falls to force."""
    of = changed(setting("scenario=core"), {"forces.R0": 0.01, "units.loy_mu": 5.0, "units.cf_route": 0.0})
    states = crises(of, 2000)
    assert not (states["ending"] == Ending.REBELS_WIN).any()
    assert np.isfinite(states["rebels"]).all()


def test_casualties_are_the_men_lost() -> None:
    """What both sides lose in a battle at the line without strikes or other fights is what they no longer have."""
    of = changed(setting("scenario=core"), {"units.cf_route": 100.0, "units.c_d": 100.0, "forces.p_strike": 0.0})
    states = crises(of, 2000)
    states = states[(states["battle"] == 1) & (states["line_up"] == 1)]
    assert len(states) > 100
    lost = 1000.0 * (states["rebels_start"] - states["rebels"])
    assert states["casualties_rebels"] == pytest.approx(lost, abs=1e-6)
    assert states["casualties_state"] == pytest.approx(
        1000.0 * (states["defenders_start"] - states["defenders"]), abs=1e-6
    )
