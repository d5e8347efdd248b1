"""The column on the road, what it meets there, and what is sent against it."""

from __future__ import annotations

from functools import partial

import pytest

from sim.model.luck import run_key
from sim.model.params import Params
from sim.model.rules.appraise import counsel, standing_down_value
from sim.model.rules.formations import meet
from sim.model.rules.march import distance_made, drive, pass_nodes, send_forward, strike_from_air
from sim.model.rules.observe import garrison, line_strength
from sim.model.rules.setup import begin
from sim.model.rules.terms import concession_cost
from sim.model.state import Conduct, Option, Seat, State
from tests.conftest import crises, setting
from tests.conftest import numbers as any_numbers

KEY = run_key(3, 1)


numbers = partial(any_numbers, "historical")


def column(p: Params, *, km: float = 500.0, step: int = 20, order: Option = Option.ADVANCE) -> State:
    s = State()
    begin(s, p, KEY)
    s.km, s.step, s.option[Seat.LEADER] = km, step, int(order)
    return s


@pytest.mark.parametrize(("order", "made"), [(Option.ADVANCE, 25.0), (Option.NEGOTIATE, 12.5)])
def test_half_an_hour_on_the_road(order: Option, made: float) -> None:
    p = numbers(v=50.0)
    s = column(p, order=order)
    assert drive(s, p)
    assert s.km == 500.0 - made


def test_a_halt_costs_momentum_in_the_public_eye() -> None:
    p = numbers()
    s = column(p, order=Option.HOLD)
    before = s.log_odds
    assert not drive(s, p)
    assert s.km == 500.0
    assert s.log_odds == pytest.approx(before - p.w_stall * p.dt)


def test_delay_is_lost_hour_for_hour_and_no_more() -> None:
    assert distance_made(50.0, 0.5, 1.0, 0.2) == pytest.approx(15.0)
    assert distance_made(50.0, 0.5, 1.0, 3.0) == 0.0
    p = numbers(v=50.0)
    s = column(p)
    s.delay = 1.2
    for _ in range(4):
        drive(s, p)
    assert s.delay == 0.0
    assert 500.0 - s.km == pytest.approx(50.0 * (2.0 - 1.2))


def test_the_column_stops_at_a_standing_line_and_at_the_capital() -> None:
    p = numbers()
    s = column(p, km=p.D_line + 3.0)
    drive(s, p)
    assert s.km == p.D_line
    assert not drive(s, p)
    s.line_up = 0
    for _ in range(20):
        drive(s, p)
    assert s.km == 0.0


def test_a_town_is_news_once() -> None:
    p = numbers()
    s = column(p, km=p.node_km[1] - 1.0)
    before = s.log_odds
    pass_nodes(s, p)
    pass_nodes(s, p)
    assert sum(s.node_passed) == 2  # the start, and the first town
    assert s.log_odds == pytest.approx(before + 2 * p.w_node)


def test_a_sortie_costs_men_and_machines_and_a_refused_one_standing() -> None:
    flown, refused = numbers(p_strike=1.0), numbers(p_strike=0.0)
    s = column(flown)
    s.option[Seat.RULER] = int(Option.ADVANCE)
    strike_from_air(s, flown, KEY)
    sorties = flown.r_strike * flown.dt
    assert (s.sorties, s.airmen, s.aircraft) == pytest.approx(
        (sorties, flown.airmen_sortie * sorties, flown.aircraft_sortie * sorties)
    )
    assert s.delay == pytest.approx(flown.lag_sortie * sorties)
    s = column(refused)
    s.option[Seat.RULER] = int(Option.ADVANCE)
    before = s.log_odds
    strike_from_air(s, refused, KEY)
    assert s.sorties == 0.0
    assert s.log_odds == pytest.approx(before + refused.w_pass * refused.r_strike * refused.dt)
    s = column(refused)
    s.option[Seat.MINISTRY] = int(Option.ADVANCE)
    strike_from_air(s, refused, KEY)
    assert s.log_odds == before, "a quiet refusal within the ministry is no public fact"


def test_men_sent_forward_leave_the_capital() -> None:
    p = numbers(r_fwd=1.0, fwd_max=1.2)
    s = column(p)
    s.option[Seat.GUARD] = int(Option.ADVANCE)
    held = garrison(s, p)
    for _ in range(10):
        send_forward(s, p)
    assert s.forward == 1.2
    assert held - garrison(s, p) == pytest.approx(1.2)
    s.option[Seat.GUARD] = int(Option.CONCEDE)
    assert garrison(s, p) == pytest.approx((p.K - 1.2) * (1.0 - p.guard_share))


def test_the_line_is_built_between_two_hours() -> None:
    p = numbers()
    assert [line_strength(h, p) / p.L_max for h in (p.t_L0, (p.t_L0 + p.t_L1) / 2, p.t_L1, 100.0)] == pytest.approx(
        [0.0, 0.5, 1.0, 1.0]
    )


@pytest.mark.parametrize(
    ("over", "conduct"), [({"n_first": 1.0}, Conduct.FIGHTS), ({"n_join": 1.0}, Conduct.JOINS)], ids=["first", "join"]
)
def test_a_formation_does_as_the_scenario_says(over: dict[str, float], conduct: Conduct) -> None:
    p = numbers(**over)
    s = column(p, km=600.0)
    rebels = s.rebels
    meet(s, p, KEY, 0)
    meet(s, p, KEY, 0)
    assert s.conduct[0] == conduct
    if conduct is Conduct.FIGHTS:
        assert s.casualties_state == s.casualties_rebels == p.cas_first
        assert rebels - s.rebels == pytest.approx(p.cas_first / 1000.0)
    else:
        assert s.rebels == pytest.approx(rebels + p.gain_brigade)


def test_word_of_talks_lets_formations_step_aside_quietly() -> None:
    loud, quiet = (
        numbers(parley_share=0.0, cf_route=100.0, c_d=100.0),
        numbers(parley_share=1.0, cf_route=100.0, c_d=100.0),
    )
    odds = {}
    for p in (loud, quiet):
        s = column(p, km=600.0)
        s.option[Seat.GUARD] = int(Option.NEGOTIATE)
        before = s.log_odds
        meet(s, p, KEY, 0)
        odds[s.conduct[0]] = s.log_odds - before
        assert s.delay == (p.lag_parley if s.conduct[0] == Conduct.PARLEYS else 0.0)
    assert odds == pytest.approx(
        {int(Conduct.STANDS_ASIDE): loud.w_pass, int(Conduct.PARLEYS): quiet.w_pass * (1.0 - quiet.parley_quiet)}
    )


def test_going_home_is_worth_less_with_every_km_and_nothing_after_treason() -> None:
    p = numbers(y_quo=0.45)
    values = [standing_down_value(column(p, km=km), p) for km in (p.D0, 500.0, 200.0)]
    assert values[0] == pytest.approx(p.y_s + 0.45)
    assert values[0] > values[1] > values[2]
    s = column(p)
    s.speech = 1
    assert standing_down_value(s, p) == p.y_s


def test_a_head_offered_makes_conceding_cheaper_but_never_a_gain() -> None:
    p = numbers()
    s = column(p)
    full_cost = concession_cost(s, p)
    s.resigning = 1
    assert full_cost - concession_cost(s, p) == pytest.approx(p.relief)
    assert concession_cost(s, numbers(relief=9.0)) == 0.0


def test_counsel_is_a_matter_of_more_or_less() -> None:
    """Advisers who favour nothing weigh nothing; what one option gains the others lose."""
    p = numbers()
    s = column(p)
    assert [counsel(j, s, p) for j in range(4)] == pytest.approx([0.0] * 4, abs=1e-15)
    for seat in range(Seat.MINISTRY, Seat.MEDIATOR):
        s.chance[seat] = [0.7, 0.1, 0.1, 0.1]
    weights = [counsel(j, s, p) for j in range(4)]
    assert weights[0] == pytest.approx(p.chi_c * sum(p.influence) * 0.45)
    assert sum(weights) == pytest.approx(0.0, abs=1e-15)
    assert sum(p.influence) == pytest.approx(1.0)


def test_every_formation_on_the_way_is_met_once() -> None:
    """Those the column has passed have shown what they do; those ahead have not."""
    states = crises(setting("scenario=historical"), 500)
    met = states["conduct"][:, :8] != Conduct.UNTESTED
    assert (met == (states["closest_km"][:, None] <= states["position"][:, :8])).all()
