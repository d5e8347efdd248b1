"""Satisficing: keep to the standing order while it is good enough (Simon 1955)."""

from __future__ import annotations

from typing import Any

from sim.jit import rule
from sim.rules.choice import good_enough


@rule
def satisficing(utility: Any, precision: float, aspiration: float, standing: int, out: Any) -> None:
    """The standing option while it reaches the aspiration level, else any option that does."""
    good_enough(utility, aspiration, standing, out)
