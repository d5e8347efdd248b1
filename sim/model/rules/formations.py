"""What a formation does when the column comes: fight, stand aside, let pass under parley, or join."""

from __future__ import annotations

from sim.jit import rule, seldom
from sim.model.luck import PARLEY, uniform
from sim.model.maths import exp, logistic
from sim.model.params import Params
from sim.model.rules.address import FORMATION
from sim.model.state import Conduct, Option, Seat, State

UNTESTED, FIGHTS, STANDS_ASIDE, JOINS, PARLEYS = (int(conduct) for conduct in Conduct)
ADVANCE, NEGOTIATE = int(Option.ADVANCE), int(Option.NEGOTIATE)
MINISTRY, GUARD = int(Seat.MINISTRY), int(Seat.GUARD)


@rule
def fight_utility(loyalty: float, win: float, cost: float, crowd: float, blocking: float, p: Params) -> float:
    """Utility of resisting (passive = 0): loyalty + rho (1 - 2 pi) - cost - chi crowd + orders (util)."""
    return loyalty + p.rho_u * (1.0 - 2.0 * win) - cost - p.chi * crowd + blocking


@rule
def join_utility(loyalty: float, win: float, p: Params) -> float:
    """Utility of joining (passive = 0): -loyalty + rho (2 pi - 1) - c_d (util)."""
    return -loyalty + p.rho_u * (2.0 * win - 1.0) - p.c_d


@rule
def conduct_of(latent: float, fight: float, join: float, precision: float) -> int:
    """Logit choice among fight, stand aside (utility 0) and join, at a fixed latent draw.

    The draw is fixed per formation, so what scouts hear today is what it does tomorrow.
    """
    stronger = exp(precision * fight)
    total = stronger + 1.0 + exp(precision * join)
    if latent * total < stronger:
        return FIGHTS
    if latent * total < stronger + 1.0:
        return STANDS_ASIDE
    return JOINS


@rule
def conduct_now(j: int, cost: float, s: State, p: Params) -> int:
    """What formation j would do now if resisting costs `cost` utils; reads only its own types and public facts.

    A conduct fixed from outside (`told`) goes before.
    """
    if s.told[j] >= 0:
        return s.told[j]
    win = logistic(s.log_odds + p.sd_pi * s.signal[j])
    blocking = p.w_block if s.option[MINISTRY] == ADVANCE else 0.0
    fight = fight_utility(s.loyalty[j], win, cost, s.crowd, blocking, p)
    return conduct_of(s.latent[j], fight, join_utility(s.loyalty[j], win, p), p.lam_u)


@rule
def would_fight(j: int, cost: float, s: State, p: Params) -> bool:
    """Whether formation j would fight now."""
    return conduct_now(j, cost, s, p) == FIGHTS


@rule
def meet(s: State, p: Params, key: int, j: int) -> None:
    """The column reaches route formation j, once. Writes its conduct and all that follows from it."""
    if s.conduct[j] != UNTESTED or s.km > s.position[j]:
        return
    blocks = j < p.n_block
    first = j < p.n_first
    conduct = conduct_now(j, p.cf_line if blocks else p.cf_route, s, p)
    if s.told[j] < 0 and first:
        conduct = FIGHTS
    elif s.told[j] < 0 and j < p.n_join:
        conduct = JOINS
    if conduct == FIGHTS:
        hurt = p.cas_first if first else (p.cas_block if blocks else p.cas_fight)
        fight_on_the_road(s, p, hurt, p.lag_block if blocks else p.lag_fight)
    else:
        s.yields_leader += p.w_route
        s.yields_ruler += p.w_route
        if conduct == JOINS:
            s.log_odds += p.w_def
            s.rebels += p.gain_brigade if j < p.n_join else p.gain_def
        else:
            conduct = stand_aside(s, p, key, j)
    s.conduct[j] = conduct


@seldom
def fight_on_the_road(s: State, p: Params, hurt: float, lag: float) -> None:
    """Losses, delay and evidence of one formation that resists (`hurt` men a side, `lag` hours)."""
    s.log_odds -= p.w_fight
    s.delay += lag
    s.rebels = max(s.rebels - 0.001 * hurt, 0.0)
    s.casualties_rebels += hurt
    s.casualties_state += hurt
    s.fights_leader += p.w_route
    s.fights_ruler += p.w_route


@seldom
def stand_aside(s: State, p: Params, key: int, j: int) -> int:
    """A passive formation lets the column by, under parley where the guard wants to talk. Writes log_odds, delay.

    A parley costs the column time and hides part of the public sign that nobody resists.
    """
    if s.option[GUARD] == NEGOTIATE and uniform(key, 0, FORMATION + j, PARLEY) < p.parley_share:
        s.log_odds += p.w_pass * (1.0 - p.parley_quiet)
        s.delay += p.lag_parley
        return PARLEYS
    s.log_odds += p.w_pass
    return STANDS_ASIDE


@rule
def take_stand(s: State, p: Params, low: int, high: int) -> float:
    """Formations low..high-1 decide as the battle opens; returns the share that fights."""
    fighting = 0.0
    for j in range(low, high):
        s.conduct[j] = conduct_now(j, p.cf_line, s, p)
        if s.conduct[j] == FIGHTS:
            fighting += 1.0
        elif s.conduct[j] == JOINS:
            s.log_odds += p.w_def
    return fighting / (high - low)
