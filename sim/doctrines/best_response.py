"""Best response: always the option worth most; quantal response as precision grows."""

from __future__ import annotations

from typing import Any

from sim.jit import rule
from sim.rules.choice import best_reply


@rule
def best_response(utility: Any, precision: float, aspiration: float, standing: int, out: Any) -> None:
    """All weight on the best option, ties shared evenly."""
    best_reply(utility, out)
