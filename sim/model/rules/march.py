"""The column on the road, the air strikes on it, and the men sent to meet it."""

from __future__ import annotations

from sim.jit import rule
from sim.model.luck import SORTIE, uniform
from sim.model.params import Params
from sim.model.rules.address import WORLD
from sim.model.state import N_NODES, Option, Seat, State

ADVANCE, NEGOTIATE = int(Option.ADVANCE), int(Option.NEGOTIATE)
LEADER, RULER, MINISTRY, GUARD = int(Seat.LEADER), int(Seat.RULER), int(Seat.MINISTRY), int(Seat.GUARD)


@rule
def at_line(s: State, p: Params) -> bool:
    """Whether the column stands before the prepared line."""
    return s.line_up == 1 and s.km <= p.D_line


@rule
def distance_made(speed: float, hours: float, pace: float, delay: float) -> float:
    """Km of road march in `hours` at `pace` of full speed, less the time still lost to `delay` hours."""
    return speed * hours * pace * max(1.0 - delay / hours, 0.0)


@rule
def strike_from_air(s: State, p: Params, key: int) -> None:
    """Sorties ordered by the ruler, or flown on the ministry's own initiative, before any battle.

    Pilots fly with chance p_strike; a refused order of the ruler is a public fact, a quiet
    refusal within the ministry is not. Writes losses, rebels, delay or log_odds.
    """
    if s.battle != 0 or s.step * p.dt < p.t_start:
        return
    by_ruler = p.r_strike * p.dt if s.option[RULER] == ADVANCE else 0.0
    ordered = by_ruler + (p.r_min * p.dt if s.option[MINISTRY] == ADVANCE else 0.0)
    if ordered == 0.0:
        return
    if uniform(key, s.step, WORLD, SORTIE) < p.p_strike:
        s.sorties += ordered
        s.airmen += p.airmen_sortie * ordered
        s.aircraft += p.aircraft_sortie * ordered
        s.casualties_rebels += p.rebels_sortie * ordered
        s.rebels = max(s.rebels - 0.001 * p.rebels_sortie * ordered, 0.0)
        s.delay += p.lag_sortie * ordered
    else:
        s.log_odds += p.w_pass * by_ruler


@rule
def send_forward(s: State, p: Params) -> None:
    """A guard that advances takes men from the capital to the line, while there is one to man. Writes forward."""
    if s.line_up == 0 or s.battle != 0:
        return
    most = min(p.fwd_max, s.forward_most) if s.forward_most >= 0.0 else p.fwd_max
    if s.option[GUARD] == ADVANCE and s.forward < most:
        s.forward = min(s.forward + p.r_fwd * p.dt, min(most, p.K))


@rule
def pass_nodes(s: State, p: Params) -> None:
    """Each town, headquarters or ring passed is a public fact. Writes node_passed, log_odds."""
    for n in range(N_NODES):
        if n < p.n_towns and s.node_passed[n] == 0 and s.km <= p.node_km[n]:
            s.node_passed[n] = 1
            s.log_odds += p.w_node


@rule
def drive(s: State, p: Params) -> bool:
    """Move the column by its standing order; True when it was on the move. Writes km, delay, log_odds.

    Driving on is full speed, negotiating slower; a halt costs momentum in the public eye.
    It cannot pass the line while the line stands.
    """
    if s.step * p.dt < p.t_start or at_line(s, p):
        return False
    order = s.option[LEADER]
    if order != ADVANCE and order != NEGOTIATE:
        s.log_odds -= p.w_stall * p.dt
        return False
    made = distance_made(p.v, p.dt, 1.0 if order == ADVANCE else p.pace_talks, s.delay)
    s.delay = max(s.delay - p.dt, 0.0)
    s.km = max(s.km - made, p.D_line if s.line_up == 1 else 0.0)
    return True
