"""A seat's decision in one step: when it looks up, what it weighs, what it picks."""

from __future__ import annotations

from typing import Any

from sim.doctrines import respond
from sim.jit import first_bit, rule
from sim.luck import ACT, REVISE, uniform
from sim.rules.appraise import mediator_waits, weigh
from sim.rules.choice import pick
from sim.state import N_SEATS, Option, Seat

LEADER, RULER, MEDIATOR = int(Seat.LEADER), int(Seat.RULER), int(Seat.MEDIATOR)
HOLD = int(Option.HOLD)
# Counsel is heard before the ruler decides; all decide on what was known as the step began.
ORDER_OF_DECISION = (2, 3, 4, 5, 6, 0, 1, 7)


@rule
def has_say(s: Any, p: Any, seat: int) -> bool:
    """Whether the seat decides at all: filled, and for the principals once the column is on the road."""
    if p.present[seat] == 0.0:
        return False
    if seat == MEDIATOR:
        return not mediator_waits(s, p)
    return seat > RULER or s.step * p.dt >= p.t_start


@rule
def choose(s: Any, p: Any, key: int, seat: int) -> None:
    """Weigh the options and draw one. Writes utility, chance, option, revised."""
    weigh(seat, s, p)
    respond(p.doctrine[seat], s.utility[seat], p.precision[seat], p.aspiration[seat], s.option[seat], s.chance[seat])
    s.option[seat] = pick(s.chance[seat], uniform(key, s.step, seat, ACT))
    s.revised[seat] = 1


@rule
def consider(s: Any, p: Any, key: int, seat: int) -> None:
    """Choose if the moment has come (rate nu)."""
    if uniform(key, s.step, seat, REVISE) < p.p_revise:
        choose(s, p, key, seat)


@rule
def decide(s: Any, p: Any, key: int) -> None:
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
