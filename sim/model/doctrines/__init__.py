"""Who chooses, and how: doctrines turn a seat's utilities into chances of its four options.

`REGISTRY` is the one list: configuration, command line, error texts, contract tests and
documents read it. To add a doctrine, write its file and add its line here and in `respond`.
Presets (`cautious`, `aggressive`) are parameters in `conf/doctrine/`, not code.
"""

from __future__ import annotations

from sim.jit import rule
from sim.model.doctrines.best_response import best_response
from sim.model.doctrines.quantal import quantal
from sim.model.doctrines.satisficing import satisficing
from sim.model.doctrines.uniform import uniform_random
from sim.model.state import Vector

QUANTAL, UNIFORM, BEST_RESPONSE, SATISFICING, SCRIPTED = range(5)
REGISTRY: dict[str, int] = {
    "quantal": QUANTAL,
    "uniform": UNIFORM,
    "best_response": BEST_RESPONSE,
    "satisficing": SATISFICING,
    "scripted": SCRIPTED,  # follows a timeline while there is one, then quantal
}


@rule
def respond(code: float, utility: Vector, precision: float, aspiration: float, standing: int, out: Vector) -> None:
    """Chances of the four options under the doctrine with this code. Writes `out` (4 probabilities)."""
    if code == UNIFORM:
        uniform_random(utility, precision, aspiration, standing, out)
    elif code == BEST_RESPONSE:
        best_response(utility, precision, aspiration, standing, out)
    elif code == SATISFICING:
        satisficing(utility, precision, aspiration, standing, out)
    else:
        quantal(utility, precision, aspiration, standing, out)
