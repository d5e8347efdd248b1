"""Standing down, conceding, and a round of talks: what the two principals' orders come to."""

from __future__ import annotations

from math import sqrt

from sim.jit import rule, seldom
from sim.model.luck import (
    ACCEPT_CONCESSION,
    ACCEPT_LEADER,
    ACCEPT_RULER,
    ENGAGE,
    READ_LEADER,
    READ_RULER,
    WALK_OUT,
    normal,
    uniform,
)
from sim.model.maths import logistic, power
from sim.model.params import Params
from sim.model.rules.address import CHANNEL
from sim.model.rules.chance import answer
from sim.model.rules.channels import LEFT, MEDIATOR, MEDIATOR_SEAT, audience_cost, breach_seen, news, war_cost_leader
from sim.model.rules.terms import best_package, concession_cost, reservation_leader, reservation_ruler, split_range
from sim.model.state import Ending, Item, Option, Seat, State

LEADER, RULER = int(Seat.LEADER), int(Seat.RULER)
HOLD, NEGOTIATE, CONCEDE = int(Option.HOLD), int(Option.NEGOTIATE), int(Option.CONCEDE)
GOVERNMENT_CONCEDES, NEGOTIATED_EXIT = int(Ending.GOVERNMENT_CONCEDES), int(Ending.NEGOTIATED_EXIT)
REBELS_COLLAPSE = int(Ending.REBELS_COLLAPSE)
MINISTER = int(Item.MINISTER)
TAKE_TERMS, GIVE_TERMS = 1, 2  # places in `will`
BY_ITEMS = 2  # in `will`: the items on the table decide, see `terms_least` and `terms_most`
PLAIN_TERMS = -2  # `package` of a deal that is a number, or the main demand itself


@rule
def round_chance(chance: float, hours: float, rate: float) -> float:
    """Chance that a round is held within `hours`, from its chance per half hour at two tries an hour."""
    return 1.0 - power(1.0 - chance, rate * hours) if chance < 1.0 else 1.0


@rule
def propose(k: int, s: State, p: Params, key: int) -> None:
    """The go-between reads both reservation values with error and puts terms forward. Writes terms, price, package.

    The error has standard deviation sd_x / sqrt(rounds): he learns as he goes.
    """
    spread = p.sd_x / sqrt(s.rounds)
    least = reservation_leader(s.belief[LEADER], war_cost_leader(k, s, p), p.rec * p.status[k], breach_seen(k, s, p))
    most = reservation_ruler(s.belief[RULER], p.c_G, audience_cost(k, s, p))
    least += spread * normal(key, s.step, CHANNEL + k, READ_LEADER)
    most += spread * normal(key, s.step, CHANNEL + k, READ_RULER)
    bias = p.b_med if k == MEDIATOR else 0.0
    if p.with_package != 0.0:
        s.package = best_package(least, most, bias, p)
        s.terms, s.price = p.package_worth[s.package], p.package_price[s.package]
    else:
        s.package = PLAIN_TERMS
        s.terms = split_range(least, most, bias)
        s.price = s.terms


@rule
def accepts_leader(k: int, s: State, p: Params) -> float:
    """Chance that the leader takes the terms: logistic(lam ((1 - q) x + rec - (p_R - c_R)))."""
    deal = (1.0 - breach_seen(k, s, p)) * s.terms + p.rec * p.status[k]
    return logistic(p.precision[LEADER] * (deal - (s.belief[LEADER] - war_cost_leader(k, s, p))))


@rule
def accepts_ruler(k: int, s: State, p: Params) -> float:
    """Chance that the ruler gives them: logistic(lam (p_G + c_G - price - A))."""
    return logistic(p.precision[RULER] * (s.belief[RULER] + p.c_G - s.price - audience_cost(k, s, p)))


@rule
def ending_of_deal(package: int) -> int:
    """Class of an agreed package: a deal that grants the main demand is a concession, by whatever way it came.

    The rule of the case shelf: an exit is a deal *without* the main demand. Plain terms are an exit.
    """
    return GOVERNMENT_CONCEDES if package >= 0 and (package >> MINISTER) & 1 == 1 else NEGOTIATED_EXIT


@rule
def leaders_word(s: State) -> int:
    """The leader's answer from outside to the package on the table: 1 takes, 0 refuses, -1 free."""
    if s.will[TAKE_TERMS] != BY_ITEMS:
        return s.will[TAKE_TERMS]
    if s.package < 0:
        return -1
    return 1 if s.package & s.terms_least == s.terms_least else 0


@rule
def rulers_word(s: State) -> int:
    """The ruler's answer from outside to the package on the table: 1 gives, 0 refuses, -1 free."""
    if s.will[GIVE_TERMS] != BY_ITEMS:
        return s.will[GIVE_TERMS]
    if s.package < 0:
        return -1
    return 1 if s.package & s.terms_most == s.package else 0


@seldom
def hold_round(k: int, s: State, p: Params, key: int) -> None:
    """One round through channel k: both accept, or each learns from the other.

    Writes rounds, round_held, and the ending and the deal, or Beta counts and perhaps the mediator's leaving.
    """
    s.rounds += 1
    s.round_held = 1
    propose(k, s, p, key)
    takes = answer(leaders_word(s), uniform(key, s.step, LEADER, ACCEPT_LEADER) < accepts_leader(k, s, p))
    gives = answer(rulers_word(s), uniform(key, s.step, RULER, ACCEPT_RULER) < accepts_ruler(k, s, p))
    if takes and gives:
        s.ending = ending_of_deal(s.package)
        s.settled_channel = k
        return
    s.terms, s.price, s.package = 0.0, 0.0, -1
    learn_from_failure(news(k, p), s)
    if k == MEDIATOR and p.with_mediation != 0.0 and uniform(key, s.step, MEDIATOR_SEAT, WALK_OUT) < p.r_walk:
        s.mediation = LEFT
        s.linked[MEDIATOR] = 0


@rule
def learn_from_failure(weight: float, s: State) -> None:
    """A failed round is worth `weight` observations at the other side's mean (Slantchev 2003). Writes Beta counts."""
    leader = s.fights_leader / (s.fights_leader + s.yields_leader)
    ruler = s.fights_ruler / (s.fights_ruler + s.yields_ruler)
    s.fights_leader += weight * ruler
    s.yields_leader += weight * (1.0 - ruler)
    s.fights_ruler += weight * leader
    s.yields_ruler += weight * (1.0 - leader)


@seldom
def answer_concession(s: State, p: Params, key: int) -> None:
    """The ruler grants the main demand: taken, or turned down in public.

    Writes granted, and the ending and the deal, or log_odds and the ruler's option.
    """
    chance = logistic(p.precision[LEADER] * (p.v_C - (s.belief[LEADER] - war_cost_leader(s.channel, s, p))))
    if answer(min(s.will[TAKE_TERMS], 1), uniform(key, s.step, LEADER, ACCEPT_CONCESSION) < chance):
        s.ending = GOVERNMENT_CONCEDES
        s.granted = 1
        s.terms, s.package = p.v_C, PLAIN_TERMS
        s.price = p.v_C + (concession_cost(s, p) if p.with_package != 0.0 else 0.0)
    else:
        s.granted = 2
        s.log_odds += p.w_con
        s.option[RULER] = HOLD


@rule
def resolve(s: State, p: Params, key: int) -> None:
    """What leader and ruler's orders come to in this step, from hour t_start. May write the ending."""
    if s.step * p.dt < p.t_start:
        return
    if s.option[LEADER] == CONCEDE:
        s.ending = REBELS_COLLAPSE
    elif s.option[RULER] == CONCEDE:
        answer_concession(s, p, key)
    elif s.option[LEADER] == NEGOTIATE and s.option[RULER] == NEGOTIATE:
        k = s.channel
        if s.linked[k] == 1:
            chance = round_chance(s.engagement, p.dt, p.r_talk)
            if uniform(key, s.step, CHANNEL + k, ENGAGE) < chance:
                hold_round(k, s, p, key)
