"""A turn of the room: steps of `sim.model.step`, with people's orders in the fields of the state that rules read.

With no orders a step is the kernel's bit for bit; a test holds that. An order is given like a
scripted one, once a turn; in the later steps of the turn the seat keeps to it and does not look up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sim.classroom.orders import Order, in_state
from sim.model.params import Params
from sim.model.rules.aftermath import aftermath
from sim.model.rules.setup import free
from sim.model.script import Script, line_at
from sim.model.state import State
from sim.model.step import walk_step


class Played(NamedTuple):
    """States after each step of a turn, no orders in them, and what elites saw in each (nan where it ended before)."""

    states: list[State]
    visible: list[float]


def play_turn(state: State, p: Params, key: int, script: Script, orders: Mapping[str, Order], steps: int) -> Played:
    """Play `steps` steps from a copy of `state`, fewer if the crisis ends; the last adds the weeks after."""
    s, out = state.copy(), Played([], [])
    for name, value in in_state(orders).items():
        setattr(s, name, value)
    for _ in range(steps):
        before = s.step
        walk_step(s, p, key, line_at(script, s.step))
        out.visible.append(s.visible if s.step > before else float("nan"))
        if s.ending >= 0:
            aftermath(s, p, key)
        seen = s.copy()
        free(seen)
        out.states.append(seen)
        if s.ending >= 0:
            break
    return out
