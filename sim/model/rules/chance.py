"""Events of a given hazard, and answers that may be fixed from outside."""

from __future__ import annotations

from sim.jit import rule
from sim.model.maths import exp


@rule
def happens(hazard: float, luck: float) -> bool:
    """Whether a Poisson event with this expected count in the step falls at `luck`: luck < 1 - exp(-hazard).

    The draw is first held against the hazard itself, which is never smaller: most
    exponentials of rare events need not be computed.
    """
    return luck < hazard and luck < 1.0 - exp(-hazard)


@rule
def answer(fixed: int, drawn: bool) -> bool:
    """An answer by luck, unless a person or a script has fixed it (1 yes, 0 no, -1 free)."""
    return fixed == 1 if fixed >= 0 else drawn
