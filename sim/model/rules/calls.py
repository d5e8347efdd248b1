"""Calls as events: who calls whom, who picks up, who is refused; and how the mediator comes in.

A refused call is seen by its two ends only, so it moves what the caller expects and
not the public odds. A ruler who takes the leader's call is a public fact.
"""

from __future__ import annotations

from sim.jit import rule, seldom
from sim.model.luck import ANSWER, ASK, CALL, JOIN_TALKS, OFFER, uniform
from sim.model.maths import clamp, logistic
from sim.model.params import Params
from sim.model.rules.chance import answer, happens
from sim.model.rules.channels import (
    IN,
    LEFT,
    MEDIATOR,
    MEDIATOR_SEAT,
    NEGOTIATE,
    NOT_IN,
    RULER,
    audience_cost,
    breach_seen,
    readiness,
)
from sim.model.rules.terms import cost_of, reservation_leader, reservation_ruler, worth_at
from sim.model.seats import ASKERS, CALLERS, CHANNEL_OF
from sim.model.state import Option, Seat, State

LEADER, RULER_SEAT = int(Seat.LEADER), int(Seat.RULER)
CONCEDE = int(Option.CONCEDE)
ANSWERED, REFUSED = 1, 2
TAKE_CALL = 0  # place in `will`


@rule
def take_call_chance(s: State, p: Params) -> float:
    """Chance that the ruler takes the leader's call: logit of a direct deal's gain less the cost of recognition.

    logistic(lam_call (p_G + c_G - A_0 - price(x) - k_call (1 + a_s [treason]))), x the middling direct deal.
    """
    win, audience = s.belief[RULER_SEAT], audience_cost(RULER, s, p)
    least = reservation_leader(win, p.c_R, p.rec * p.status[RULER], breach_seen(RULER, s, p))
    most = reservation_ruler(win, p.c_G, audience)
    deal = clamp(0.5 * (least + worth_at(most, p)), 0.0, 1.0)
    recognition = p.k_call * (1.0 + p.a_s * s.speech)
    return logistic(p.lam_call * (most - cost_of(deal, p) - recognition))


@rule
def ring(s: State, caller: int, k: int, answered: bool) -> None:
    """Enter a call through channel k in this step's log. Writes called, caller, linked, refused."""
    s.caller[k] = caller
    if answered:
        s.called[k] = ANSWERED
        s.linked[k] = 1
    else:
        s.called[k] = REFUSED
        s.refused[k] += 1


@rule
def call_leader(s: State, p: Params, key: int, seat: int, k: int) -> None:
    """A seat that wants to talk rings the leader; he picks up the more readily the higher the rank."""
    if s.option[seat] != NEGOTIATE or s.linked[k] == 1 or p.present[seat] == 0.0:
        return
    if uniform(key, s.step, seat, CALL) < p.p_call:
        ring(s, seat, k, uniform(key, s.step, seat, ANSWER) < p.p_answer[k])


@seldom
def call_ruler(s: State, p: Params, key: int, hour: float) -> None:
    """The leader rings the ruler, who decides for himself.

    Writes the call log, linked, refused, sought_ruler_h, ruler_took, log_odds.
    """
    if s.sought_ruler_h < 0.0:
        s.sought_ruler_h = hour
    takes = answer(s.will[TAKE_CALL], uniform(key, s.step, RULER_SEAT, ANSWER) < take_call_chance(s, p))
    ring(s, LEADER, RULER, takes)
    if takes:
        s.ruler_took = 1
        s.log_odds += p.w_call


@rule
def ruler_rings(s: State, p: Params, key: int) -> None:
    """A ruler who has offered to talk rings the leader himself, for all to see. Writes links, ruler_took, log_odds."""
    if s.offered == 0 or s.linked[RULER] == 1 or p.rank[RULER] == 0.0:
        return
    if uniform(key, s.step, RULER_SEAT, CALL) < p.p_call:
        ring(s, RULER_SEAT, RULER, uniform(key, s.step, LEADER, ANSWER) < p.p_answer[RULER])
        if s.linked[RULER] == 1:
            s.ruler_took = 1
            s.log_odds += p.w_call


@rule
def urgency(s: State) -> float:
    """Share of his highest hope that the leader has lost: 1 - p_R / peak; nobody calls for help while it rises."""
    return 1.0 - s.belief[LEADER] / s.belief_peak if s.belief_peak > 0.0 else 0.0


@rule
def call_out(s: State, p: Params, key: int, hour: float) -> None:
    """The leader who negotiates tries his best channel, the sooner the more hope he has lost."""
    k = s.channel
    if s.option[LEADER] != NEGOTIATE or s.linked[k] == 1 or k == MEDIATOR or p.rank[k] == 0.0:
        return
    if happens(p.r_seek * urgency(s) * p.dt, uniform(key, s.step, LEADER, CALL)):
        if k == RULER:
            call_ruler(s, p, key, hour)
        else:
            ring(s, LEADER, k, True)


@rule
def who_asks(s: State, p: Params, key: int) -> int:
    """Seat that asks the mediator in, or he himself; -1 nobody.

    Officials wait for the public line, the ruler may ask before; the leader asks when
    that is the channel he wants.
    """
    for seat in ASKERS:
        may = (seat == RULER_SEAT or s.speech == 1) and p.present[seat] == 1.0
        if may and s.option[seat] == NEGOTIATE and uniform(key, s.step, seat, ASK) < p.p_ask[seat]:
            return seat
    wants = s.option[LEADER] == NEGOTIATE and s.channel == MEDIATOR
    if wants and uniform(key, s.step, LEADER, ASK) < p.p_ask[LEADER]:
        return LEADER
    if answer(s.offers, uniform(key, s.step, MEDIATOR_SEAT, OFFER) < p.p_offer):
        return MEDIATOR_SEAT
    return -1


@rule
def bring_in_mediator(s: State, p: Params, key: int, hour: float) -> None:
    """Ask the mediator, hear his answer, and let him ring the leader; he may also have left by his own order.

    Once in he listens; to carry the talks is his own next decision. Writes mediation,
    asked, entered_h, the call log, linked.
    """
    if p.rank[MEDIATOR] == 0.0:
        return
    if s.mediation == IN and s.option[MEDIATOR_SEAT] == CONCEDE:
        s.mediation = LEFT
        s.linked[MEDIATOR] = 0
    if s.mediation == NOT_IN:
        s.asked = who_asks(s, p, key)
        if s.asked >= 0:
            chance = readiness(s.belief[MEDIATOR_SEAT], s, p)
            if answer(s.consent, uniform(key, s.step, MEDIATOR_SEAT, JOIN_TALKS) < chance):
                s.mediation = IN
    if s.mediation == IN and s.linked[MEDIATOR] == 0:
        ring(s, MEDIATOR_SEAT, MEDIATOR, uniform(key, s.step, MEDIATOR_SEAT, ANSWER) < p.p_answer[MEDIATOR])
        if s.linked[MEDIATOR] == 1:
            s.entered_h = hour


@rule
def place_calls(s: State, p: Params, key: int) -> None:
    """All calls of a step, those of the state first. Writes the call log, links and the mediator's entry."""
    hour = s.step * p.dt
    if p.with_calls != 0.0:
        for seat in CALLERS:
            call_leader(s, p, key, seat, CHANNEL_OF[seat])
        if hour >= p.t_start:
            ruler_rings(s, p, key)
            call_out(s, p, key, hour)
    if p.with_mediation != 0.0:
        bring_in_mediator(s, p, key, hour)
