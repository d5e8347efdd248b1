"""One step of a crisis, whole: what is known, who decides what, what comes of it.

The kernel runs `play_step`; the readable engine lets agents do the same phases in the
same order. A script, while it rules a step, stands in for calls, talks and the drive.
"""

from __future__ import annotations

from typing import Any

from sim.doctrines.decide import decide
from sim.doctrines.script import Line, scripted_calls, scripted_deal, scripted_drive, scripted_orders
from sim.jit import rule
from sim.rules.combat import fight
from sim.rules.formations import meet
from sim.rules.march import drive, send_forward, strike_from_air
from sim.rules.society import attend_all, stir_public, visible_support
from sim.rules.turn import arrive, close_turn, open_turn, talk
from sim.state import N_ROUTE


@rule
def negotiate(s: Any, p: Any, key: int, line: Line) -> None:
    """Calls and talks of the step, or the script's. May write the ending."""
    if line.bound == 1:
        scripted_calls(s, p, line)
        scripted_deal(s, p, line)
    else:
        talk(s, p, key)


@rule
def move(s: Any, p: Any, key: int, line: Line) -> bool:
    """Strikes, men sent forward, and the column's way; True when it moved (then it meets formations)."""
    strike_from_air(s, p, key)
    send_forward(s, p)
    if line.bound == 1 and line.km >= 0.0:
        return scripted_drive(s, line)
    return drive(s, p)


@rule
def play_step(s: Any, p: Any, key: int, line: Line) -> None:
    """Advance one crisis by one step of dt hours. `s` is written; `key` is its luck, see `sim.luck`."""
    open_turn(s, p, key)
    scripted_orders(s, p, line)
    decide(s, p, key)
    negotiate(s, p, key, line)
    if s.ending >= 0:
        return
    if move(s, p, key, line):
        for j in range(N_ROUTE):
            meet(s, p, key, j)
    arrive(s, p)
    fight(s, p, key)
    attend_all(s, p, key, visible_support(s, p))
    stir_public(s, p)  # one long chain of sums: here the machine reckons it beside the next step's first ones
    close_turn(s, p, key, line.bound)
