"""Finding the equilibrium of the stage game: accelerated replies, warm-started from the last one."""

from __future__ import annotations

from sim.jit import rule, seldom
from sim.model.params import Params
from sim.model.rules.choice import softmax
from sim.model.rules.game import STAGES, TOLERANCE, TRIES, leader_utility, ruler_utility
from sim.model.state import Matrix, Seat, State, Vector

LEADER, RULER = int(Seat.LEADER), int(Seat.RULER)
FLAT = 1e-18  # squared change below which a secant has no direction


@rule
def settle(
    leader: Matrix, ruler: Matrix, precision_leader: float, precision_ruler: float, tries: int, tolerance: float,
    mix_leader: Vector, mix_ruler: Vector, w: Matrix,
) -> bool:  # fmt: skip
    """Find where the leader's logit reply to the ruler's logit reply is itself, near `mix_leader`.

    Fixed point of x -> reply(reply(x)) by Anderson acceleration with one remembered
    step (Walker & Ni 2011, SIAM J. Numer. Anal. 49:1715): a secant along the direction
    in which replies chase each other. Writes the mixes; returns whether no probability
    wanted to move by `tolerance` within `tries`. `w`: 6x4 scratch.
    """
    x, reply, miss, last_reply, last_miss, weigh = w[0], w[1], w[2], w[3], w[4], w[5]
    for i in range(4):
        x[i] = mix_leader[i]
    for attempt in range(tries):
        ruler_utility(ruler, x, weigh)
        softmax(weigh, precision_ruler, mix_ruler)
        leader_utility(leader, mix_ruler, weigh)
        softmax(weigh, precision_leader, reply)
        change = 0.0
        for i in range(4):
            mix_leader[i] = reply[i]
            miss[i] = reply[i] - x[i]
            change = max(change, abs(miss[i]))
        if change < tolerance:
            return True
        along, length = 0.0, 0.0
        for i in range(4):
            along += (miss[i] - last_miss[i]) * miss[i]
            length += (miss[i] - last_miss[i]) * (miss[i] - last_miss[i])
        back = along / length if attempt > 0 and length > FLAT else 0.0
        for i in range(4):
            x[i] = reply[i] - back * (reply[i] - last_reply[i])
            last_reply[i], last_miss[i] = reply[i], miss[i]
    return False


@rule
def uniform_mix(mix_leader: Vector, mix_ruler: Vector) -> None:
    """Both sides choose at random: the equilibrium at precision zero."""
    for i in range(4):
        mix_leader[i] = 0.25
        mix_ruler[i] = 0.25


@seldom
def follow_branch(
    leader: Matrix, ruler: Matrix, precision_leader: float, precision_ruler: float, stages: int, tries: int,
    tolerance: float, mix_leader: Vector, mix_ruler: Vector, w: Matrix,
) -> None:  # fmt: skip
    """Logit QRE on the principal branch: from uniform at precision 0 up to the full one in `stages`.

    McKelvey & Palfrey 1995. Writes the mixes.
    """
    uniform_mix(mix_leader, mix_ruler)
    for stage in range(1, stages + 1):
        share = stage / stages
        settle(
            leader, ruler, precision_leader * share, precision_ruler * share, tries, tolerance,
            mix_leader, mix_ruler, w,
        )  # fmt: skip


@seldom
def think_steps(
    leader: Matrix, ruler: Matrix, precision_leader: float, precision_ruler: float, depth: int,
    mix_leader: Vector, mix_ruler: Vector, w: Matrix,
) -> None:  # fmt: skip
    """Level-k quantal response: `depth` simultaneous replies from uniform (Camerer, Ho & Chong 2004)."""
    uniform_mix(mix_leader, mix_ruler)
    for _ in range(depth):
        leader_utility(leader, mix_ruler, w[0])
        ruler_utility(ruler, mix_leader, w[1])
        softmax(w[0], precision_leader, mix_leader)
        softmax(w[1], precision_ruler, mix_ruler)


@seldom
def solve(seat: int, s: State, p: Params) -> None:
    """Solve the filled game as `seat` (leader or ruler) sees it. Writes plan_leader[seat], plan_ruler[seat], solved.

    depth = 0: the equilibrium, tried first from the seat's last one, which is mostly
    near; where that does not come to rest, by the branch from uniform. depth = k: level
    k - 1 for both, so that the seat's own logit reply is level k.
    """
    mix_leader, mix_ruler = s.plan_leader[seat], s.plan_ruler[seat]
    sharp_leader, sharp_ruler = p.precision[LEADER], p.precision[RULER]
    if p.depth > 0.0:
        think_steps(
            s.game_leader, s.game_ruler, sharp_leader, sharp_ruler, int(p.depth) - 1,
            mix_leader, mix_ruler, s.scratch,
        )  # fmt: skip
        return
    if s.solved[seat] == 1 and settle(
        s.game_leader, s.game_ruler, sharp_leader, sharp_ruler, TRIES, TOLERANCE,
        mix_leader, mix_ruler, s.scratch,
    ):  # fmt: skip
        return
    follow_branch(
        s.game_leader, s.game_ruler, sharp_leader, sharp_ruler, STAGES, TRIES, TOLERANCE,
        mix_leader, mix_ruler, s.scratch,
    )  # fmt: skip
    s.solved[seat] = 1
