"""Scripted moves: a timeline that a crisis follows until the hour at which it is set free."""

from __future__ import annotations

from typing import Any, NamedTuple

from sim.jit import rule
from sim.rules.calls import ANSWERED, ring
from sim.rules.channels import IN, MEDIATOR, RULER
from sim.state import N_SEATS, Ending

FREE = -1  # no scripted order for this seat in this step
NEGOTIATED_EXIT = int(Ending.NEGOTIATED_EXIT)


class Script(NamedTuple):
    """A timeline in steps; T = number of steps of the horizon, or 0 for no script at all.

    option : (T, 8) Option of each seat, -1 where it is free
    km : (T,) where the column's head stands at the end of the step, -1 where it drives itself
    caller, called : (T, 4) who rings through each channel (-1 nobody); 1 answered, 2 refused
    package : (T,) items of a deal struck at the start of the step, -1 none
    channel : (T,) through which channel
    bound : (T,) 1 where the script rules: no other call, deal or concession can happen
    """

    option: Any
    km: Any
    caller: Any
    called: Any
    package: Any
    channel: Any
    bound: Any


@rule
def bound(script: Script, step: int) -> bool:
    """Whether the script rules this step."""
    return step < len(script.bound) and script.bound[step] == 1


@rule
def order(s: Any, seat: int, option: int) -> None:
    """Give a seat its standing order from outside: a script, a person. Its counsel is that option alone."""
    s.option[seat] = option
    s.revised[seat] = 1
    for j in range(4):
        s.chance[seat][j] = 1.0 if j == option else 0.0
        s.support[seat][j] = s.chance[seat][j]


@rule
def scripted_orders(s: Any, script: Script) -> None:
    """Give the script's orders of this step, if it has any. Writes option, chance, support, revised."""
    if s.step >= len(script.option):
        return
    for seat in range(N_SEATS):
        if script.option[s.step][seat] >= 0:
            order(s, seat, script.option[s.step][seat])


@rule
def scripted_calls(s: Any, p: Any, script: Script) -> None:
    """Enter the script's calls of this step: links, refusals, and the mediator's entry."""
    for k in range(4):
        if script.called[s.step][k] != 0:
            answered = script.called[s.step][k] == ANSWERED
            if k == RULER and s.sought_ruler_h < 0.0:
                s.sought_ruler_h = s.step * p.dt
            ring(s, script.caller[s.step][k], k, answered)
            if k == MEDIATOR and answered and s.mediation != IN:
                s.mediation = IN
                s.entered_h = s.step * p.dt


@rule
def scripted_deal(s: Any, p: Any, script: Script) -> None:
    """Strike the script's deal, if this is its step. May write the ending."""
    if script.package[s.step] >= 0:
        s.ending = NEGOTIATED_EXIT
        s.package = script.package[s.step]
        s.terms, s.price = p.package_worth[s.package], p.package_price[s.package]
        s.settled_channel = script.channel[s.step]
        s.rounds += 1
        s.round_held = 1
        s.end_h = s.step * p.dt


@rule
def scripted_drive(s: Any, script: Script) -> bool:
    """Put the column where the script has it; True when that moved it on."""
    track = script.km[s.step]
    if track < 0.0 or track >= s.km:
        return False
    s.km = track
    return True


