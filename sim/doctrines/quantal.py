"""Quantal response: better options more often, the best not always (McKelvey & Palfrey 1995)."""

from __future__ import annotations

from typing import Any

from sim.jit import rule
from sim.rules.choice import softmax


@rule
def quantal(utility: Any, precision: float, aspiration: float, standing: int, out: Any) -> None:
    """Chances proportional to exp(precision * utility)."""
    softmax(utility, precision, out)
