"""When the capital is taken or the elites desert: a change of power, or a war that goes on elsewhere."""

from __future__ import annotations

from sim.jit import seldom
from sim.model.luck import REGROUP, uniform
from sim.model.params import Params
from sim.model.rules.address import WORLD
from sim.model.state import Ending, State

REBELS_WIN, PROLONGED = int(Ending.REBELS_WIN), int(Ending.PROLONGED)


@seldom
def fall_of_regime(s: State, p: Params, key: int) -> int:
    """Ending once the regime has lost its capital or its elites: with chance p_regroup it fights on from elsewhere."""
    return PROLONGED if uniform(key, s.step, WORLD, REGROUP) < p.p_regroup else REBELS_WIN
