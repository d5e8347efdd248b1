"""Who could carry talks, and on what footing: rank, reach, cover, guarantee, leverage.

The article's point is rank: the leader wants an interlocutor of enough standing, and
the ruler will not be that person. A go-between adds cover for the ruler, a guarantee,
news and, at times, pressure (Kydd 2003; Favretto 2009; Beardsley 2010).
"""

from __future__ import annotations

from sim.jit import rule
from sim.model.maths import clamp, exp, logistic
from sim.model.params import Params
from sim.model.rules.terms import reservation_ruler, worth_at
from sim.model.state import N_CHANNELS, Channel, Option, Seat, State

RULER, OFFICIALS, MEDIATOR, DEPUTIES = (int(channel) for channel in Channel)
ADVANCE, NEGOTIATE = int(Option.ADVANCE), int(Option.NEGOTIATE)
LEADER, RULER_SEAT, MEDIATOR_SEAT = int(Seat.LEADER), int(Seat.RULER), int(Seat.MEDIATOR)
NOT_IN, IN, LEFT = 0, 1, 2  # stages of `mediation`
# Most that the gain from talking counts (stake); the least, `try_least`, lets reach decide where there is none.
ALL = 1.0


@rule
def road_covered(s: State, p: Params) -> float:
    """Share of the road behind the column: how spectacular, and how near to a battle, the crisis is."""
    return 1.0 - s.km / p.D0 if p.D0 > 0.0 else 1.0


@rule
def deaths(s: State, p: Params) -> float:
    """Killed so far: airmen, and the share of ground casualties that die (men)."""
    return s.airmen + p.dead_share * (s.casualties_rebels + s.casualties_state)


@rule
def blood_after(dead: float, p: Params) -> float:
    """How far bloodshed has changed what can be forgiven: 1 - exp(-dead / d_blood)."""
    return 1.0 - exp(-dead / p.d_blood)


@rule
def breach_seen(k: int, s: State, p: Params) -> float:
    """Chance of a broken deal that the leader reckons with: phi (1 - guarantee), worse after bloodshed."""
    plain = p.phi * (1.0 - p.guarantee[k])
    return plain + (1.0 - plain) * p.q_blood * s.blood


@rule
def audience_cost(k: int, s: State, p: Params) -> float:
    """Cost to the ruler of a deal through channel k (stake; Fearon 1994).

    A0 (1 + a_s [called it treason]) (1 - cover) + a_blood * blood; nobody else's name covers the dead.
    """
    return p.A0 * (1.0 + p.a_s * s.speech) * (1.0 - p.cover[k]) + p.a_blood * s.blood


@rule
def war_cost_leader(k: int, s: State, p: Params) -> float:
    """The leader's cost of fighting on, raised by a partial mediator's leverage (stake; Favretto 2009)."""
    if k != MEDIATOR:
        return p.c_R
    if s.option[MEDIATOR_SEAT] == ADVANCE:
        return p.c_R + p.lev_med
    return p.c_R + p.lev_med * max(p.b_med, 0.0) * max(p.b_med, 0.0)


@rule
def news(k: int, p: Params) -> float:
    """Observations' worth of believable news in a failed round; a partial go-between is believed less (Kydd 2003)."""
    return p.news[k] * (1.0 - p.b_med) if k == MEDIATOR else p.news[k]


@rule
def readiness(win: float, s: State, p: Params) -> float:
    """Chance that the mediator enters when asked: fame and his tie to the ruler against the risk of failure.

    `win` is the chance that the rebels prevail in the eyes of whoever asks the question.
    """
    gain = p.v_med * road_covered(s, p) + p.rel - p.c_med - p.k_fail * win
    return logistic(p.precision[MEDIATOR_SEAT] * gain)


@rule
def carrying(win: float, s: State, p: Params) -> float:
    """Chance that the mediator carries talks now, or would if asked, to a reckoner of belief `win`."""
    if p.with_mediation == 0.0:
        return logistic(p.precision[MEDIATOR_SEAT] * (p.v_med * road_covered(s, p) - p.c_med))
    if s.mediation == IN:
        return 1.0 if s.option[MEDIATOR_SEAT] in (NEGOTIATE, ADVANCE) else 0.0
    return readiness(win, s, p) if s.mediation == NOT_IN else 0.0


@rule
def reach(k: int, s: State, p: Params) -> float:
    """Chance, as the leader reckons, that channel k answers him: refusals teach him (Beta mean)."""
    if k != RULER or s.linked[RULER] == 1 or s.offered == 1:
        return 1.0
    return p.ans_a / (p.ans_a + p.ans_b + s.refused[RULER])


@rule
def engagement(k: int, s: State, p: Params) -> float:
    """Chance, as the leader reckons, that a round is held in half an hour through channel k: rank, reach, carried."""
    if p.rank[k] == 0.0:
        return 0.0
    return p.rank[k] * reach(k, s, p) * (carrying(s.belief[LEADER], s, p) if k == MEDIATOR else 1.0)


@rule
def talk_value(k: int, chance: float, win: float, s: State, p: Params) -> float:
    """Worth to the leader of trying channel k: chance of a round times what a middling deal beats war by (stake).

    `win` is the belief of whoever reckons, who projects it on the other.
    """
    war = win - war_cost_leader(k, s, p)
    most = worth_at(reservation_ruler(win, p.c_G, audience_cost(k, s, p)), p)
    # The least he takes is worth war to him, so the middling deal beats war by half of what the best one would.
    surplus = 0.5 * ((1.0 - breach_seen(k, s, p)) * most + p.rec * p.status[k] - war)
    return chance * clamp(surplus, p.try_least, ALL)


@rule
def choose_channels(s: State, p: Params) -> None:
    """The leader's best channel, and the one the ruler reckons with: not himself unless he is on the line.

    Each ranks them by his own belief; in the core, without calls, there is one channel for both.
    Writes blood, channel, engagement, channel_ruler, engagement_ruler.
    """
    s.blood = blood_after(deaths(s, p), p) if p.a_blood + p.q_blood > 0.0 else 0.0
    leader, ruler = s.belief[LEADER], s.belief[LEADER if p.with_calls == 0.0 else RULER_SEAT]
    best, best_ruler = -1.0, -1.0
    s.channel = OFFICIALS
    s.channel_ruler = OFFICIALS
    for k in range(N_CHANNELS):
        chance = engagement(k, s, p)
        if chance * ALL > best:  # else it cannot be the best: its exact value need not be known
            value = talk_value(k, chance, leader, s, p)
            if value > best:
                best = value
                s.channel, s.engagement = k, chance
        himself = k == RULER and s.linked[RULER] == 0
        if chance * ALL > best_ruler and not himself:
            value = talk_value(k, chance, ruler, s, p)
            if value > best_ruler:
                best_ruler = value
                s.channel_ruler, s.engagement_ruler = k, chance
