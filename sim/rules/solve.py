"""Finding the equilibrium of the stage game: damped responses, warm-started from the last one."""

from __future__ import annotations

from typing import Any

from sim.jit import rule
from sim.rules.game import STAGES, TOLERANCE, TRIES, respond
from sim.state import Seat

LEADER, RULER = int(Seat.LEADER), int(Seat.RULER)
DAMPING = 8.0  # 1/stake: precision at which a response is mixed in by half


@rule
def settle(
    leader: Any, ruler: Any, precision_leader: float, precision_ruler: float, tries: int, tolerance: float,
    mix_leader: Any, mix_ruler: Any, weigh: Any, odds: Any,
) -> bool:  # fmt: skip
    """Damped logit responses at fixed precisions until no probability wants to move by `tolerance`.

    Writes the mixes; returns whether they came to rest within `tries`.
    """
    weight = 1.0 / (1.0 + max(precision_leader, precision_ruler) / DAMPING)
    for _ in range(tries):
        change = respond(
            leader, ruler, precision_leader, precision_ruler, weight,
            mix_leader, mix_ruler, weigh[0], odds[0], weigh[1], odds[1],
        )  # fmt: skip
        if change < tolerance:
            return True
    return False


@rule
def uniform_mix(mix_leader: Any, mix_ruler: Any) -> None:
    """Both sides choose at random: the equilibrium at precision zero."""
    for i in range(4):
        mix_leader[i] = 0.25
        mix_ruler[i] = 0.25


@rule
def follow_branch(
    leader: Any, ruler: Any, precision_leader: float, precision_ruler: float, stages: int, tries: int,
    tolerance: float, mix_leader: Any, mix_ruler: Any, weigh: Any, odds: Any,
) -> None:  # fmt: skip
    """Logit QRE on the principal branch: from uniform at precision 0 up to the full one in `stages`.

    McKelvey & Palfrey 1995. Writes the mixes.
    """
    uniform_mix(mix_leader, mix_ruler)
    for stage in range(1, stages + 1):
        share = stage / stages
        settle(
            leader, ruler, precision_leader * share, precision_ruler * share, tries, tolerance,
            mix_leader, mix_ruler, weigh, odds,
        )  # fmt: skip


@rule
def think_steps(
    leader: Any, ruler: Any, precision_leader: float, precision_ruler: float, depth: int,
    mix_leader: Any, mix_ruler: Any, weigh: Any, odds: Any,
) -> None:  # fmt: skip
    """Level-k quantal response: `depth` undamped responses from uniform (Camerer, Ho & Chong 2004)."""
    uniform_mix(mix_leader, mix_ruler)
    for _ in range(depth):
        respond(
            leader, ruler, precision_leader, precision_ruler, 1.0,
            mix_leader, mix_ruler, weigh[0], odds[0], weigh[1], odds[1],
        )  # fmt: skip


@rule
def solve(seat: int, s: Any, p: Any) -> None:
    """Solve the filled game as `seat` (leader or ruler) sees it. Writes plan_leader[seat], plan_ruler[seat].

    depth = 0: the equilibrium, tried first from the seat's last one, which is mostly
    near; where that does not come to rest, by the branch from uniform. depth = k: level
    k - 1 for both, so that the seat's own logit reply is level k.
    """
    mix_leader, mix_ruler = s.plan_leader[seat], s.plan_ruler[seat]
    sharp_leader, sharp_ruler = p.precision[LEADER], p.precision[RULER]
    if p.depth > 0.0:
        think_steps(
            s.game_leader, s.game_ruler, sharp_leader, sharp_ruler, int(p.depth) - 1,
            mix_leader, mix_ruler, s.weigh, s.odds,
        )  # fmt: skip
        return
    if s.solved[seat] == 1 and settle(
        s.game_leader, s.game_ruler, sharp_leader, sharp_ruler, TRIES, TOLERANCE,
        mix_leader, mix_ruler, s.weigh, s.odds,
    ):  # fmt: skip
        return
    follow_branch(
        s.game_leader, s.game_ruler, sharp_leader, sharp_ruler, STAGES, TRIES, TOLERANCE,
        mix_leader, mix_ruler, s.weigh, s.odds,
    )  # fmt: skip
    s.solved[seat] = 1
