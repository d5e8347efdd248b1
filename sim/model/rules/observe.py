"""What becomes known in a step: the schedule's events, scouting, and each seat's odds."""

from __future__ import annotations

from sim.jit import rule
from sim.model.luck import SCOUT_WHAT, SCOUT_WHOM, uniform
from sim.model.maths import clamp, logistic, power
from sim.model.params import Params
from sim.model.rules.address import WORLD
from sim.model.rules.formations import would_fight
from sim.model.seats import OBSERVERS
from sim.model.state import N_CHANNELS, N_LINE, N_ROUTE, N_SEATS, Option, Seat, State

GUARD, LEADER, RULER, CONCEDE = int(Seat.GUARD), int(Seat.LEADER), int(Seat.RULER), int(Option.CONCEDE)


@rule
def contest(own: float, enemy: float, decisiveness: float) -> float:
    """Chance that `own` prevails: own^m / (own^m + enemy^m), the contest success function.

    Hirshleifer 1989; with m = 2 the odds of Lanchester's square law. Strengths >= 0;
    an absent enemy loses, an absent force wins nothing.
    """
    if enemy <= 0.0:
        return 1.0
    if own <= 0.0:
        return 0.0
    if decisiveness == 2.0:  # the default: one division instead of two
        return own * own / (own * own + enemy * enemy)
    return 1.0 / (1.0 + power(enemy / own, decisiveness))


@rule
def line_strength(hour: float, p: Params) -> float:
    """Men at the prepared line at an hour: it grows linearly between t_L0 and t_L1 (k men)."""
    return p.L_max * clamp((hour - p.t_L0) / (p.t_L1 - p.t_L0), 0.0, 1.0)


@rule
def garrison(s: State, p: Params) -> float:
    """Men who would defend the capital: less those sent forward and a guard that stands aside (k men).

    Either is plain to see, so leader and ruler reckon with it alike.
    """
    share = p.guard_share if s.option[GUARD] == CONCEDE else 0.0
    return max((p.K - s.forward) * (1.0 - share), 0.0)


@rule
def win_chance(
    rebels: float, fights: float, line: float, held: float, line_up: int, cascade: float, p: Params
) -> float:
    """Chance that the rebels prevail if it is fought out: past the line, then by force or by cascade.

    P = P_line * (1 - (1 - P_force) * (1 - cascade)), cascade = logistic(l + w_break [line])

    Parameters
    ----------
    rebels, line, held : k men of the column, the line and the capital
    fights : believed chance that a formation fights
    cascade : chance that the regime gives way by itself once the column is past the line
    """
    past_line = contest(p.e_R * rebels, p.mu_def * fights * line, p.m_csf) if line_up == 1 else 1.0
    force = contest(p.e_R * rebels, p.mu_def * fights * held, p.m_csf)
    return past_line * (1.0 - (1.0 - force) * (1.0 - cascade))


@rule
def read_schedule(s: State, p: Params, hour: float) -> None:
    """Wipe the log of the step and apply what the calendar brings: address, headquarters, flight, offer.

    Writes revised, called, caller, asked, round_held, granted, the flags and log_odds.
    """
    for seat in range(N_SEATS):
        s.revised[seat] = 0
    for k in range(N_CHANNELS):
        s.called[k] = 0
        s.caller[k] = -1
    s.asked = -1
    s.round_held = 0
    s.granted = 0
    if s.speech == 0 and hour >= p.t_speech:
        s.speech = 1
        s.log_odds -= p.w_speech
    if s.hq == 0 and hour >= p.t_hq:
        s.hq = 1
        s.log_odds += p.w_node
    if s.fled == 0 and hour >= p.t_flee:
        s.fled = 1
        s.log_odds += p.w_flee
    if s.offered == 0 and hour >= p.t_offer:
        s.offered = 1


@rule
def scout(s: State, p: Params, key: int, step: int) -> None:
    """The column hears whether one formation of the line would fight; right with chance q_int.

    The report is taken at face value and weighs r_int * dt observations. Writes the leader's Beta counts.
    """
    j = N_ROUTE + int(uniform(key, step, WORLD, SCOUT_WHOM) * N_LINE)
    fights = would_fight(j, p.cf_line, s, p)
    if fights == (uniform(key, step, WORLD, SCOUT_WHAT) < p.q_int):
        s.fights_leader += p.r_int * p.dt
    else:
        s.yields_leader += p.r_int * p.dt


@rule
def observe(s: State, p: Params, key: int) -> None:
    """Bring every seat's knowledge up to the present.

    Writes flags, log_odds, Beta counts, line_ahead, belief, belief_peak.
    """
    step = s.step
    hour = step * p.dt
    read_schedule(s, p, hour)
    to_line = s.km - p.D_line
    fog = clamp((p.d_int - to_line) / p.d_int, 0.0, 1.0)
    if s.battle > 0:
        s.line_ahead = s.defenders
    else:
        s.line_ahead = line_strength(hour + max(to_line, 0.0) / p.v, p) + s.forward
    if s.line_up == 1 and hour >= p.t_start and to_line < p.d_int:
        scout(s, p, key, step)
    fights_leader = s.fights_leader / (s.fights_leader + s.yields_leader)
    fights_ruler = s.fights_ruler / (s.fights_ruler + s.yields_ruler)
    held = garrison(s, p)
    cascade = logistic(s.log_odds + p.w_break * s.line_up)
    seen = (1.0 - fog) * p.L_prior + fog * s.line_ahead
    s.belief[LEADER] = win_chance(s.rebels, fights_leader, seen, held, s.line_up, cascade, p)
    s.belief[RULER] = win_chance(s.rebels, fights_ruler, s.line_ahead, held, s.line_up, cascade, p)
    s.belief_peak = max(s.belief_peak, s.belief[LEADER])
    # The others see what the ruler sees, each through a standing misreading of the odds.
    win, lose = s.belief[RULER], 1.0 - s.belief[RULER]
    for seat in OBSERVERS:
        s.belief[seat] = win * s.read[seat] / (win * s.read[seat] + lose)
