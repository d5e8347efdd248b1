"""After a deal: each clause kept, eroded or broken over the weeks, and the minister's own clock.

Powell 2006: the state is tempted to renege when what it gave exceeds what the weakening
rebels could still take. Nothing here can reach back into the crisis.
"""

from __future__ import annotations

from sim.jit import rule, seldom
from sim.model.luck import BREACH, ERODE, MINISTER, uniform
from sim.model.maths import exp, logistic
from sim.model.params import Params
from sim.model.rules.address import ITEM, WORLD
from sim.model.rules.chance import happens
from sim.model.state import N_ITEMS, Ending, Item, Seat, State

GOVERNMENT_CONCEDES, NEGOTIATED_EXIT = int(Ending.GOVERNMENT_CONCEDES), int(Ending.NEGOTIATED_EXIT)
STAY = int(Item.STAY)
RULER = int(Seat.RULER)


@rule
def breach_hazard(price: float, win: float, guarantee: float, grudge: float, p: Params) -> float:
    """Weekly hazard that the leader's safety is broken (Powell 2006).

    h_max grudge logistic(k (price + revenge grudge - p_w - c_G (c_renege + g))): what reneging
    saves, and what revenge is worth to a ruler who does not forgive, against what the
    rebels could still take and what the guarantor would make it cost.
    """
    gain = price + p.revenge * grudge - win - p.c_G * (p.c_renege + guarantee)
    return p.h_max * grudge * logistic(p.k_ren * gain)


@rule
def kept_clause(i: int, package: int) -> bool:
    """Whether clause i can erode: it was granted; exile, where staying was not."""
    granted = (package >> i) & 1 == 1
    return not granted if i == STAY else granted


@seldom
def erode(s: State, p: Params, key: int, week: int, grudge: float) -> None:
    """Clauses other than safety wear away one by one. Writes clause_week, eroded_week."""
    for i in range(N_ITEMS):
        if s.clause_week[i] >= 0 or not kept_clause(i, s.package):
            continue
        if happens(p.h_max * grudge * p.item_erosion[i], uniform(key, week, ITEM + i, ERODE)):
            s.clause_week[i] = week
            if s.eroded_week < 0:
                s.eroded_week = week


@seldom
def aftermath(s: State, p: Params, key: int) -> None:
    """The weeks after the ending. Writes public, breach_week, clause_week, eroded_week, minister_week."""
    s.public = logistic(s.log_odds)
    deal = s.ending == NEGOTIATED_EXIT or s.ending == GOVERNMENT_CONCEDES
    guarantee = p.guarantee[s.settled_channel] if s.settled_channel >= 0 else 0.0
    for week in range(int(p.n_weeks)):
        grudge = p.phi * (exp(-p.rho_grudge * (week + 1)) if p.rho_grudge > 0.0 else 1.0)
        if deal and s.breach_week < 0:
            luck = uniform(key, week, WORLD, BREACH)
            if luck < p.h_max * grudge:  # the most it can be: the exact hazard is dear to compute
                win = s.belief[RULER] * exp(-p.rho_w * (week + 1))
                if happens(breach_hazard(s.price, win, guarantee, grudge, p), luck):
                    s.breach_week = week
        if p.with_clauses != 0.0 and s.package >= 0:
            erode(s, p, key, week, grudge)
        if s.minister_week < 0 and happens(p.h_min, uniform(key, week, WORLD, MINISTER)):
            s.minister_week = week
