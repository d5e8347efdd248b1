"""A seat's decision in one step: when it looks up, what it weighs, what it picks."""

from __future__ import annotations

from sim.jit import first_bit, rule
from sim.model.doctrines import respond
from sim.model.luck import ACT, REVISE, uniform
from sim.model.params import Params
from sim.model.rules.appraise import mediator_waits, weigh
from sim.model.rules.channels import engagement
from sim.model.rules.choice import pick
from sim.model.script import Line, order
from sim.model.seats import ORDER_OF_DECISION
from sim.model.state import N_OPTIONS, N_SEATS, Option, Seat, State

LEADER, RULER, MEDIATOR = int(Seat.LEADER), int(Seat.RULER), int(Seat.MEDIATOR)
HOLD = int(Option.HOLD)
KEEP = N_OPTIONS  # in `ordered`: keep to the standing order


@rule
def has_say(s: State, p: Params, seat: int) -> bool:
    """Whether the seat decides at all: filled, and for the principals once the column is on the road."""
    if p.present[seat] == 0.0:
        return False
    if seat == MEDIATOR:
        return not mediator_waits(s, p)
    return (seat != LEADER and seat != RULER) or s.step * p.dt >= p.t_start


@rule
def obey(s: State, p: Params, line: Line) -> None:
    """Orders of this step, the script's first, then those from outside.

    An order from outside is given once and then kept to: the seat does not look up while it stands.
    Writes option, chance, revised, ordered, channel, engagement.
    """
    for seat in range(N_SEATS):
        if line.option[seat] >= 0 and p.present[seat] == 1.0:
            order(s, seat, line.option[seat])
        elif s.ordered[seat] >= 0 and line.option[seat] < 0 and has_say(s, p, seat):
            if s.ordered[seat] == KEEP:
                s.revised[seat] = 1
            else:
                order(s, seat, s.ordered[seat])
                s.ordered[seat] = KEEP
    if s.tries >= 0 and p.rank[s.tries] > 0.0:
        s.channel, s.engagement = s.tries, engagement(s.tries, s, p)


@rule
def choose(s: State, p: Params, key: int, seat: int) -> None:
    """Weigh the options and draw one. Writes utility, chance, option, revised."""
    weigh(seat, s, p)
    respond(p.doctrine[seat], s.utility[seat], p.precision[seat], p.aspiration[seat], s.option[seat], s.chance[seat])
    s.option[seat] = pick(s.chance[seat], uniform(key, s.step, seat, ACT))
    s.revised[seat] = 1


@rule
def consider(s: State, p: Params, key: int, seat: int) -> None:
    """Choose if the moment has come (rate nu)."""
    if uniform(key, s.step, seat, REVISE) < p.p_revise:
        choose(s, p, key, seat)


@rule
def decide(s: State, p: Params, key: int) -> None:
    """The decisions of all seats in this step, except those whose order has come from outside.

    Whose moment has come is drawn for all beforehand: eight draws side by side, then only
    the one or two that it concerns, are sooner done than eight branches on luck.
    """
    step, chance = s.step, p.p_revise
    turns = 0
    for i in range(N_SEATS):
        turns |= int(uniform(key, step, ORDER_OF_DECISION[i], REVISE) < chance) << i
    while turns != 0:
        seat = ORDER_OF_DECISION[first_bit(turns)]
        turns &= turns - 1
        if s.revised[seat] == 0 and has_say(s, p, seat):
            choose(s, p, key, seat)
