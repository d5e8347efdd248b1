"""The public and the elites: thresholds, falsified preferences, and the cascade.

Granovetter 1978; Kuran 1989, 1991. Whoever attends compares what is visible with a
private threshold; what the elites do moves the public odds, and those move the elites.
"""

from __future__ import annotations

from typing import Any

from sim.jit import rule
from sim.luck import ATTEND, uniform
from sim.maths import log, logistic, normal_cdf
from sim.rules.address import ELITE
from sim.state import N_ELITES, Stance

LOYAL, SILENT, HEDGING, DEFECTED = (int(stance) for stance in Stance)


@rule
def crowd_after(crowd: float, win: float, chance: float, p: Any) -> float:
    """Mean-field threshold dynamics: crowd + chance * (Phi((pi - mu)/sd) - crowd)."""
    return crowd + chance * (normal_cdf((win - p.pub_mu) / p.pub_sd) - crowd)


@rule
def stance_after(stance: int, threshold: float, visible: float, gap: float, hedge: float) -> int:
    """Stance of an elite that attends: defect at the threshold for good, hedge just below, loyal far below.

    Parameters
    ----------
    visible : omega * defected share + (1 - omega) * public belief
    gap, hedge : distances below the threshold, hedge < gap
    """
    if stance == DEFECTED or visible >= threshold:
        return DEFECTED
    if visible <= threshold - gap:
        return LOYAL
    return HEDGING if visible > threshold - hedge else SILENT


@rule
def visible_support(s: Any, p: Any) -> float:
    """What an elite sees: open defection and the public odds, in the mixture omega."""
    return p.omega * (s.defected + p.w_hedge * s.hedging) + (1.0 - p.omega) * logistic(s.log_odds)


@rule
def next_look(key: int, step: int, i: int) -> float:
    """Looks until elite i looks up again: exponential with mean 1 on the attention clock.

    Looking up is a Poisson event, rarer before the ruler's address than after. On the
    clock of expected looks its gaps have mean 1 whatever the rate, so one draw serves
    until it falls due, instead of one draw in every step.
    """
    return -log(uniform(key, step, ELITE + i, ATTEND))


@rule
def pass_attention(s: Any, p: Any) -> None:
    """Move the attention clock on by a step. Writes attention."""
    s.attention += (p.att1 if s.speech == 1 else p.att0) * p.dt


@rule
def attend(s: Any, p: Any, key: int, i: int, visible: float) -> None:
    """Elite i looks up if its moment has come and takes its stance. Writes stance, due."""
    if s.attention >= s.due[i]:
        s.stance[i] = stance_after(s.stance[i], s.threshold[i], visible, p.gap, p.hedge_gap)
        s.due[i] = s.attention + next_look(key, s.step + 1, i)


@rule
def stir_public(s: Any, p: Any) -> None:
    """The public moves towards what its thresholds allow, and time to look up passes. Writes crowd, attention."""
    pass_attention(s, p)
    s.crowd = crowd_after(s.crowd, logistic(s.log_odds), p.p_crowd, p)


@rule
def tally(s: Any, p: Any) -> None:
    """Weigh the stances and let the change move the public odds. Writes shares and log_odds."""
    defected, loyal, hedging = 0.0, 0.0, 0.0
    for i in range(N_ELITES):
        if s.stance[i] == DEFECTED:
            defected += s.capability[i]
        elif s.stance[i] == LOYAL:
            loyal += s.capability[i]
        elif s.stance[i] == HEDGING:
            hedging += s.capability[i]
    moved = defected - s.defected + p.w_hedge * (hedging - s.hedging)
    s.log_odds += p.w_edef * moved - p.w_loy * (loyal - s.loyal)
    s.defected, s.loyal, s.hedging = defected, loyal, hedging
