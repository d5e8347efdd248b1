"""The frame of a step: what is known as it opens, what the talks come to, how it closes.

open_turn -> (the seats decide) -> talk -> the column moves -> fight -> elites and public
-> close_turn; `sim.model.step` has the whole sequence.
"""

from __future__ import annotations

from sim.jit import rule
from sim.model.params import Params
from sim.model.rules.calls import place_calls
from sim.model.rules.channels import choose_channels
from sim.model.rules.fall import fall_of_regime
from sim.model.rules.march import pass_nodes
from sim.model.rules.observe import observe
from sim.model.rules.society import tally
from sim.model.rules.talks import resolve
from sim.model.state import Ending, Option, Seat, State

PROLONGED = int(Ending.PROLONGED)
MINISTRY, CONCEDE = int(Seat.MINISTRY), int(Option.CONCEDE)


@rule
def open_turn(s: State, p: Params, key: int) -> None:
    """What every seat knows before it decides."""
    observe(s, p, key)
    choose_channels(s, p)


@rule
def talk(s: State, p: Params, key: int) -> None:
    """Calls, then what the two principals' orders come to. A crisis that ends here ends at the step's start."""
    s.resigning = 1 if s.option[MINISTRY] == CONCEDE else 0
    place_calls(s, p, key)
    resolve(s, p, key)
    if s.ending >= 0:
        s.end_h = s.step * p.dt


@rule
def arrive(s: State, p: Params) -> None:
    """Towns passed and the closest point reached, after the column has met what stood there."""
    pass_nodes(s, p)
    s.closest_km = min(s.closest_km, s.km)


@rule
def close_turn(s: State, p: Params, key: int, bound: int) -> None:
    """Weigh the elites, then the clock: a quorum of defectors ends it, and so does the horizon.

    A step that is `bound` replays what happened, so the regime that stood then stands.
    """
    tally(s, p)
    if s.ending < 0 and bound == 0 and s.defected >= p.quorum:
        s.ending = fall_of_regime(s, p, key)
    s.step += 1
    if s.ending < 0 and s.step >= p.n_steps:
        s.ending = PROLONGED
    if s.ending >= 0:
        s.end_h = s.step * p.dt
