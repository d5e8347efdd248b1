"""Satisficing: keep to the standing order while it is good enough (Simon 1955)."""

from __future__ import annotations

from sim.jit import rule
from sim.model.rules.choice import good_enough
from sim.model.state import Vector


@rule
def satisficing(utility: Vector, precision: float, aspiration: float, standing: int, out: Vector) -> None:
    """The standing option while it reaches the aspiration level, else any option that does."""
    good_enough(utility, aspiration, standing, out)
