"""Events of a given hazard."""

from __future__ import annotations

from sim.jit import rule
from sim.maths import exp


@rule
def happens(hazard: float, luck: float) -> bool:
    """Whether a Poisson event with this expected count in the step falls at `luck`: luck < 1 - exp(-hazard).

    The draw is first held against the hazard itself, which is never smaller: most
    exponentials of rare events need not be computed.
    """
    return luck < hazard and luck < 1.0 - exp(-hazard)
