"""A seat's decision in one step: when it looks up, what it weighs, what it picks."""

from __future__ import annotations

from typing import Any

from sim.doctrines import respond
from sim.jit import rule
from sim.luck import ACT, REVISE, uniform
from sim.rules.appraise import mediator_waits, weigh
from sim.rules.choice import pick
from sim.state import Option, Seat

LEADER, RULER, MEDIATOR = int(Seat.LEADER), int(Seat.RULER), int(Seat.MEDIATOR)
HOLD = int(Option.HOLD)


@rule
def has_say(s: Any, p: Any, seat: int) -> bool:
    """Whether the seat decides at all: filled, and for the principals once the column is on the road."""
    if p.present[seat] == 0.0:
        return False
    if seat == MEDIATOR:
        return not mediator_waits(s, p)
    return seat > RULER or s.step * p.dt >= p.t_start


@rule
def consider(s: Any, p: Any, key: int, seat: int) -> None:
    """Weigh the options if the moment has come (rate nu), and draw one. Writes utility, chance, option, revised."""
    if uniform(key, s.step, seat, REVISE) >= p.p_revise:
        return
    weigh(seat, s, p)
    respond(p.doctrine[seat], s.utility[seat], p.precision[seat], p.aspiration[seat], s.option[seat], s.chance[seat])
    s.option[seat] = pick(s.chance[seat], uniform(key, s.step, seat, ACT))
    s.revised[seat] = 1


@rule
def decide(s: Any, p: Any, key: int, seat: int) -> None:
    """The decision of one seat in this step, unless its order has come from outside."""
    if s.revised[seat] == 0 and has_say(s, p, seat):
        consider(s, p, key, seat)
