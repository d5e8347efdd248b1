"""Battle at the line and in the capital: Lanchester's square law until one side breaks."""

from __future__ import annotations

from math import sqrt

from sim.jit import rule, seldom
from sim.model.luck import BATTLE, normal
from sim.model.maths import cosh_sinh, exp
from sim.model.params import Params
from sim.model.rules.address import WORLD
from sim.model.rules.fall import fall_of_regime
from sim.model.rules.formations import take_stand
from sim.model.rules.observe import garrison, line_strength
from sim.model.state import N_FORMATIONS, N_LINE, N_ROUTE, Ending, Option, Seat, State

ADVANCE = int(Option.ADVANCE)
LEADER, RULER = int(Seat.LEADER), int(Seat.RULER)
CRUSHED = int(Ending.CRUSHED)
AT_LINE, IN_CAPITAL = 1, 2


@seldom
def attrition(own: float, enemy: float, own_kills: float, enemy_kills: float, hours: float) -> tuple[float, float]:
    """Both strengths after `hours` of aimed fire: the exact solution of da = -k_b b dt, db = -k_a a dt.

    Lanchester 1916. k_a a^2 - k_b b^2 stays the same; a side that runs out stays at
    zero, and the other keeps what it had then (the formula alone would let it grow).

    Parameters
    ----------
    own, enemy : k men
    own_kills, enemy_kills : enemy lost per own man and hour, and the reverse, > 0
    """
    even, odd = cosh_sinh(sqrt(own_kills * enemy_kills) * hours)
    own_left = own * even - enemy * sqrt(enemy_kills / own_kills) * odd
    enemy_left = enemy * even - own * sqrt(own_kills / enemy_kills) * odd
    if enemy_left <= 0.0:
        return sqrt(max(own * own - enemy * enemy * enemy_kills / own_kills, 0.0)), 0.0
    if own_left <= 0.0:
        return 0.0, sqrt(max(enemy * enemy - own * own * own_kills / enemy_kills, 0.0))
    return own_left, enemy_left


@rule
def contact(s: State, p: Params) -> int:
    """Stage of fighting in this step: 0 none, 1 at the line, 2 in the capital.

    It is fought while the rebels advance; at the line also while the ruler strikes.
    """
    if s.step * p.dt < p.t_start:
        return 0
    if s.option[LEADER] != ADVANCE and not (s.battle == AT_LINE and s.option[RULER] == ADVANCE):
        return 0
    if s.line_up == 1:
        return AT_LINE if s.km <= p.D_line else 0
    return IN_CAPITAL if s.km <= 0.0 else 0


@seldom
def open_battle(s: State, p: Params, stage: int) -> None:
    """Formations take their stand; those that fight bring their share of the strength. Writes the battle."""
    s.battle = stage
    if stage == AT_LINE:
        strength = line_strength(s.step * p.dt, p) + s.forward
        s.defenders = take_stand(s, p, N_ROUTE, N_ROUTE + N_LINE) * strength
    else:
        s.defenders = take_stand(s, p, N_ROUTE + N_LINE, N_FORMATIONS) * garrison(s, p)
    s.defenders_start, s.rebels_start = s.defenders, s.rebels


@rule
def fight(s: State, p: Params, key: int) -> None:
    """One step of battle, if there is contact. Writes strengths, losses, the line, and the ending."""
    stage = contact(s, p)
    if stage == 0:
        return
    if s.battle < stage:
        open_battle(s, p, stage)
    luck = exp(p.sd_battle * normal(key, s.step, WORLD, BATTLE))
    rebels, defenders = s.rebels, s.defenders
    s.rebels, s.defenders = attrition(
        rebels, defenders, p.beta * p.e_R * p.e_R * luck, p.beta * p.mu_def * p.mu_def / luck, p.dt
    )
    s.casualties_rebels += 1000.0 * (rebels - s.rebels)
    s.casualties_state += 1000.0 * (defenders - s.defenders)
    if s.defenders <= (1.0 - p.bp) * s.defenders_start:
        if stage == AT_LINE:
            s.line_up = 0
            s.log_odds += p.w_break
        else:
            s.ending = fall_of_regime(s, p, key)
    elif s.rebels <= (1.0 - p.bp) * s.rebels_start:
        s.ending = CRUSHED
