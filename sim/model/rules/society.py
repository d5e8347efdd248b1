"""The public and the elites: thresholds, falsified preferences, and the cascade.

Granovetter 1978; Kuran 1989, 1991. Whoever attends compares what is visible with a
private threshold; what the elites do moves the public odds, and those move the elites.
"""

from __future__ import annotations

from sim.jit import first_bit, rule
from sim.model.luck import ATTEND, uniform
from sim.model.maths import logistic, normal_cdf
from sim.model.params import Params
from sim.model.rules.address import ELITE
from sim.model.state import N_ELITES, Stance, State

LOYAL, SILENT, HEDGING, DEFECTED = (int(stance) for stance in Stance)


@rule
def crowd_after(crowd: float, win: float, chance: float, p: Params) -> float:
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
def visible_support(s: State, p: Params) -> float:
    """What an elite sees: open defection and the public odds, in the mixture omega."""
    return p.omega * (s.defected + p.w_hedge * s.hedging) + (1.0 - p.omega) * logistic(s.log_odds)


@rule
def take_stance(s: State, i: int, after: int) -> None:
    """Elite i changes its open stance. Writes stance, by_stance."""
    s.by_stance[s.stance[i]] -= s.capability[i]
    s.by_stance[after] += s.capability[i]
    s.stance[i] = after


@rule
def attend(s: State, p: Params, key: int, i: int, visible: float) -> None:
    """Elite i looks up with the chance of the hour and takes its stance. Writes stance, by_stance.

    Luck is asked only where looking up would change something.
    """
    before = s.stance[i]
    after = stance_after(before, s.threshold[i], visible, p.gap, p.hedge_gap)
    if after == before:
        return
    chance = p.p_attend_after if s.speech == 1 else p.p_attend_before
    if uniform(key, s.step, ELITE + i, ATTEND) < chance:
        take_stance(s, i, after)


@rule
def attend_all(s: State, p: Params, key: int, visible: float) -> None:
    """`attend` for every elite, as the kernel runs it. Writes stance, by_stance.

    First who looks up and would change, without a branch, so that the machine takes several
    elites at once; then the few who do. Branches on luck cost more than unused draws.
    """
    chance = p.p_attend_after if s.speech == 1 else p.p_attend_before
    step, gap, hedge = s.step, p.gap, p.hedge_gap
    movers = 0
    for i in range(N_ELITES):
        before = s.stance[i]
        moves = stance_after(before, s.threshold[i], visible, gap, hedge) != before
        looks = uniform(key, step, ELITE + i, ATTEND) < chance
        movers |= int(moves & looks) << i
    while movers != 0:
        i = first_bit(movers)
        movers &= movers - 1
        take_stance(s, i, stance_after(s.stance[i], s.threshold[i], visible, gap, hedge))


@rule
def stir_public(s: State, p: Params) -> None:
    """The public moves towards what its thresholds allow. Writes crowd."""
    s.crowd = crowd_after(s.crowd, logistic(s.log_odds), p.p_crowd, p)


@rule
def tally(s: State, p: Params) -> None:
    """Let the change of open stances move the public odds. Writes the shares and log_odds."""
    defected, loyal, hedging = s.by_stance[DEFECTED], s.by_stance[LOYAL], s.by_stance[HEDGING]
    moved = defected - s.defected + p.w_hedge * (hedging - s.hedging)
    s.log_odds += p.w_edef * moved - p.w_loy * (loyal - s.loyal)
    s.defected, s.loyal, s.hedging = defected, loyal, hedging
