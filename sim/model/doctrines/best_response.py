"""Best response: always the option worth most; quantal response as precision grows."""

from __future__ import annotations

from sim.jit import rule
from sim.model.rules.choice import best_reply
from sim.model.state import Vector


@rule
def best_response(utility: Vector, precision: float, aspiration: float, standing: int, out: Vector) -> None:
    """All weight on the best option, ties shared evenly."""
    best_reply(utility, out)
