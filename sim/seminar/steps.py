"""A turn of the room: steps by the rules of `sim.doctrines.play`, with people's orders in the places they may fill.

With no orders a step is `play_step` bit for bit; a test holds that. An order is given like a
scripted one, once a turn; in the later steps of the turn the seat keeps to it and does not look up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sim.doctrines.decide import decide, has_say
from sim.doctrines.play import move, negotiate
from sim.doctrines.script import Line, Script, line_at, order, scripted_orders
from sim.params import Params
from sim.rules.aftermath import aftermath
from sim.rules.calls import TAKE_CALL
from sim.rules.channels import engagement
from sim.rules.combat import fight
from sim.rules.formations import meet
from sim.rules.society import attend_all, stir_public, visible_support
from sim.rules.talks import GIVE_TERMS, TAKE_TERMS
from sim.rules.turn import arrive, close_turn, open_turn
from sim.seminar.orders import Order, accepts, channel_of, numbers
from sim.seminar.seats import CLASS_SEATS
from sim.state import N_ROUTE, State


class Played(NamedTuple):
    """States after each step of a turn, and what elites saw in each (nan where the step ended before)."""

    states: list[State]
    visible: list[float]


def play_turn(state: State, p: Params, key: int, script: Script, orders: Mapping[str, Order], steps: int) -> Played:
    """Play `steps` steps from a copy of `state`, fewer if the crisis ends; the last adds the weeks after."""
    s: Any = state.copy()
    told, out = numbers(p, orders), Played([], [])
    given: set[int] = set()
    for _ in range(steps):
        seen = _step(s, p, told, key, line_at(script, s.step), orders, given)
        s.will = [-1, -1, -1]
        out.visible.append(seen)
        if s.ending >= 0:
            aftermath(s, p, key)
        out.states.append(s.copy())
        if s.ending >= 0:
            break
    return out


def _step(s: Any, p: Params, told: Params, key: int, line: Line, orders: Mapping[str, Order], given: set[int]) -> float:
    open_turn(s, p, key)
    scripted_orders(s, p, line)
    _give(s, p, line, orders, given)
    decide(s, p, key)
    _fix_answers(s, told, key, line, orders)
    # A mediator who has come in goes by his standing order; consent is asked of one who has not.
    negotiate(s, told, key, line)
    if s.ending >= 0:
        return float("nan")
    if move(s, told, key, line):
        for j in range(N_ROUTE):
            meet(s, p, key, j)
    arrive(s, p)
    fight(s, p, key)
    visible = visible_support(s, p)
    attend_all(s, p, key, visible)
    stir_public(s, p)
    close_turn(s, p, key, line.bound)
    return visible


def _give(s: Any, p: Params, line: Line, orders: Mapping[str, Order], given: set[int]) -> None:
    """Hand the orders to the seats that have a say in this step; `given` are those that have theirs."""
    for seat, told in orders.items():
        for one in CLASS_SEATS[seat]:
            if line.option[one] >= 0 or not has_say(s, p, one):
                continue
            if one in given:
                s.revised[one] = 1
            else:
                order(s, int(one), int(told.option))
                given.add(one)
    k = channel_of(orders.get("leader"))
    if k is not None and p.rank[k] > 0.0:
        s.channel, s.engagement = int(k), engagement(int(k), s, p)


def _fix_answers(s: Any, told: Params, key: int, line: Line, orders: Mapping[str, Order]) -> None:
    """Write what leader and ruler answer in this step: to a call, and to the terms that would be put."""
    leader, ruler = orders.get("leader"), orders.get("ruler")
    if ruler is not None and ruler.call is not None:
        s.will[TAKE_CALL] = int(ruler.call == "take")
    if line.bound or not any(one is not None and one.terms != "rules" for one in (leader, ruler)):
        return
    ahead = s.copy()  # what would be put to them if both took anything
    ahead.will = [s.will[TAKE_CALL], 1, 1]
    negotiate(ahead, told, key, line)
    if ahead.ending < 0 or not (ahead.round_held or ahead.granted):
        return
    for one, seat, place in ((leader, "leader", TAKE_TERMS), (ruler, "ruler", GIVE_TERMS)):
        if one is not None:
            s.will[place] = accepts(one.terms, seat, ahead.package, bool(ahead.granted))
