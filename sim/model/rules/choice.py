"""Choice among four options: quantal response and its relatives, and the draw that picks one."""

from __future__ import annotations

from collections.abc import Sequence

from sim.jit import rule, seldom
from sim.model.maths import exp, exp_of_four
from sim.model.state import Vector

FAR = 600.0  # nats: four odds below exp(600) can be added and divided


@rule
def softmax(utility: Sequence[float], precision: float, out: Vector) -> None:
    """Logit (quantal) response: out_i proportional to exp(precision * utility_i).

    McKelvey & Palfrey 1995. `utility`, `out`: 4 numbers; precision per stake, >= 0.
    Precision 0 gives exactly 1/4 each.
    """
    first = utility[0]
    b, c, d = precision * (utility[1] - first), precision * (utility[2] - first), precision * (utility[3] - first)
    if not (abs(b) < FAR and abs(c) < FAR and abs(d) < FAR):
        softmax_from_top(utility, precision, out)
        return
    # Odds against the first option: equilibria wait for this chain, and the search for the largest
    # utility, a sum one by one and four divisions would make it half as long again.
    one, b, c, d = exp_of_four(0.0, b, c, d)
    share = 1.0 / ((one + b) + (c + d))
    out[0], out[1], out[2], out[3] = share, b * share, c * share, d * share


@seldom
def softmax_from_top(utility: Sequence[float], precision: float, out: Vector) -> None:
    """`softmax` where odds are beyond what a number can hold: against the largest utility, nothing overflows."""
    top = max(max(utility[0], utility[1]), max(utility[2], utility[3]))
    total = 0.0
    for i in range(4):
        out[i] = exp(precision * (utility[i] - top))
        total += out[i]
    for i in range(4):
        out[i] = out[i] / total


@seldom
def best_reply(utility: Sequence[float], out: Vector) -> None:
    """All weight on the best option, ties shared evenly: quantal response as precision grows."""
    top = max(max(utility[0], utility[1]), max(utility[2], utility[3]))
    ties = 0.0
    for i in range(4):
        ties += 1.0 if utility[i] == top else 0.0
    for i in range(4):
        out[i] = 1.0 / ties if utility[i] == top else 0.0


@seldom
def good_enough(utility: Sequence[float], aspiration: float, standing: int, out: Vector) -> None:
    """Satisficing (Simon 1955): keep the standing order while it reaches the aspiration, else share the rest.

    The aspiration level is worst + aspiration * (best - worst); if the standing option
    falls below it, every option at or above the level is equally likely.
    """
    low = min(min(utility[0], utility[1]), min(utility[2], utility[3]))
    high = max(max(utility[0], utility[1]), max(utility[2], utility[3]))
    level = low + aspiration * (high - low)
    keeps = utility[standing] >= level
    enough = 0.0
    for i in range(4):
        enough += 1.0 if utility[i] >= level else 0.0
    for i in range(4):
        if keeps:
            out[i] = 1.0 if i == standing else 0.0
        else:
            out[i] = 1.0 / enough if utility[i] >= level else 0.0


@rule
def pick(chance: Sequence[float], luck: float) -> int:
    """Option at `luck` in the cumulated chances; rounding can only favour the last."""
    if luck < chance[0]:
        return 0
    if luck < chance[0] + chance[1]:
        return 1
    if luck < chance[0] + chance[1] + chance[2]:
        return 2
    return 3
