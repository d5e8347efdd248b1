"""Uniform random: every option equally likely, whatever it is worth; the null model of choice."""

from __future__ import annotations

from sim.jit import rule
from sim.model.rules.choice import softmax
from sim.model.state import Vector


@rule
def uniform_random(utility: Vector, precision: float, aspiration: float, standing: int, out: Vector) -> None:
    """Chance 1/4 each: quantal response at precision zero."""
    softmax(utility, 0.0, out)
