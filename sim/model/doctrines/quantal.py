"""Quantal response: better options more often, the best not always (McKelvey & Palfrey 1995)."""

from __future__ import annotations

from sim.jit import rule
from sim.model.rules.choice import softmax
from sim.model.state import Vector


@rule
def quantal(utility: Vector, precision: float, aspiration: float, standing: int, out: Vector) -> None:
    """Chances proportional to exp(precision * utility)."""
    softmax(utility, precision, out)
