"""Scripted moves: a timeline that a crisis follows until the hour at which it is set free."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.jit import rule, seldom
from sim.model.params import Params
from sim.model.rules.calls import ANSWERED, ring
from sim.model.rules.channels import IN, MEDIATOR, RULER
from sim.model.rules.talks import ending_of_deal
from sim.model.state import N_CHANNELS, N_SEATS, Seat, State

if TYPE_CHECKING:
    import numpy as np

FREE = -1  # no scripted order for this seat in this step
LEADER = int(Seat.LEADER)


class Line(NamedTuple):
    """The script of one step; the kernel holds the same fields as one record.

    option : Option of each seat, -1 where it is free
    km : where the column's head stands at the end of the step, -1 where it drives itself
    caller, called : by channel, who rings (-1 nobody); 0 no call, 1 answered, 2 refused
    package, channel : items of a deal struck at the start of the step (-1 none), and through whom
    bound : 1 where the script rules: no other call, deal or concession can happen
    """

    option: Any
    km: float
    caller: Any
    called: Any
    package: int
    channel: int
    bound: int


Script = tuple[Line, ...]  # one line a step; steps beyond the last are free
NO_SCRIPT: Script = ()
FREE_LINE = Line([FREE] * N_SEATS, -1.0, [-1] * N_CHANNELS, [0] * N_CHANNELS, -1, -1, 0)


@cache
def line_type() -> np.dtype[np.void]:
    """NumPy record of a line."""
    import numpy as np

    return np.dtype(
        [
            ("option", "i8", (N_SEATS,)), ("km", "f8"), ("caller", "i8", (N_CHANNELS,)),
            ("called", "i8", (N_CHANNELS,)), ("package", "i8"), ("channel", "i8"), ("bound", "i8"),
        ],
        align=True,
    )  # fmt: skip


def rows(script: Script) -> np.ndarray:
    """The script as records for the kernel, with a free line at the end for all later steps."""
    import numpy as np

    return np.array([tuple(line) for line in (*script, FREE_LINE)], dtype=line_type())


def line_at(script: Script, step: int) -> Line:
    """The script's line of a step."""
    return script[step] if step < len(script) else FREE_LINE


@rule
def order(s: State, seat: int, option: int) -> None:
    """Give a seat its standing order from outside: a script, a person. Its counsel is that option alone."""
    s.option[seat] = option
    s.revised[seat] = 1
    for j in range(4):
        s.chance[seat][j] = 1.0 if j == option else 0.0


@seldom
def scripted_calls(s: State, p: Params, line: Line) -> None:
    """Enter the script's calls of this step, where both ends are there.

    Writes the call log, linked, refused, sought_ruler_h, mediation, entered_h.
    """
    for k in range(N_CHANNELS):
        if line.called[k] != 0 and p.rank[k] > 0.0 and p.present[line.caller[k]] == 1.0:
            answered = line.called[k] == ANSWERED
            if k == RULER and line.caller[k] == LEADER and s.sought_ruler_h < 0.0:
                s.sought_ruler_h = s.step * p.dt
            ring(s, line.caller[k], k, answered)
            if k == MEDIATOR and answered and s.mediation != IN:
                s.mediation = IN
                s.entered_h = s.step * p.dt


@seldom
def scripted_deal(s: State, p: Params, line: Line) -> None:
    """Strike the script's deal, if this is its step and its channel is there. May write the ending and the deal."""
    if line.package >= 0 and p.rank[line.channel] > 0.0:
        s.ending = ending_of_deal(line.package)
        s.package = line.package
        s.terms, s.price = p.package_worth[s.package], p.package_price[s.package]
        s.settled_channel = line.channel
        s.rounds += 1
        s.round_held = 1
        s.end_h = s.step * p.dt


@rule
def scripted_drive(s: State, line: Line) -> bool:
    """Put the column where the script has it; True when that moved it on."""
    if line.km >= s.km:
        return False
    s.km = line.km
    return True
