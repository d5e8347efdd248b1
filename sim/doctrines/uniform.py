"""Uniform random: every option equally likely, whatever it is worth; the null model of choice."""

from __future__ import annotations

from typing import Any

from sim.jit import rule
from sim.rules.choice import softmax


@rule
def uniform_random(utility: Any, precision: float, aspiration: float, standing: int, out: Any) -> None:
    """Chance 1/4 each: quantal response at precision zero."""
    softmax(utility, 0.0, out)
