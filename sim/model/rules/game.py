"""The stage game between leader and ruler, and its logit quantal response equilibrium."""

from __future__ import annotations

from sim.jit import rule
from sim.model.maths import clamp
from sim.model.params import Params
from sim.model.rules.terms import cost_of, reservation_leader, reservation_ruler, worth_at
from sim.model.state import Matrix, Option, Vector

ADVANCE, HOLD, NEGOTIATE, CONCEDE = (int(option) for option in Option)
TOLERANCE = 1e-3  # largest change of a probability at which a run's equilibrium counts as found
TRIES = 40  # replies per stage; met only where the game has a fold
STAGES = 3


@rule
def fill_game(
    win: float, engagement: float, breach: float, audience: float, cost_leader: float, recognition: float,
    standing_down: float, concession_cost: float, p: Params, leader: Matrix, ruler: Matrix,
) -> None:  # fmt: skip
    """Write the 4x4 stage game of an actor who believes that the rebels win with probability `win`.

    Rows are the leader's options, columns the ruler's. The actor projects its belief on
    the other side. Both negotiating gives, with chance `engagement`, the deal at the
    middle of the bargaining range; the ruler's conceding gives the main demand.

    Parameters
    ----------
    win, engagement, breach : probabilities
    audience, cost_leader, recognition, standing_down, concession_cost : stake
    leader, ruler : 4x4 payoffs in stakes, overwritten
    """
    war_leader, war_ruler = win - cost_leader, 1.0 - win - p.c_G
    least = reservation_leader(win, cost_leader, recognition, breach)
    most = worth_at(reservation_ruler(win, p.c_G, audience), p)
    deal = clamp(0.5 * (least + most), 0.0, 1.0)
    momentum = p.delta * max(war_leader, 0.0)
    for j in range(3):
        struck = p.k_s if j == ADVANCE else 0.0
        snub = p.face if j == NEGOTIATE else 0.0
        for i in range(3):
            lost = 0.0 if i == ADVANCE else momentum
            leader[i][j] = war_leader - lost - struck - (p.face if i == NEGOTIATE else 0.0)
            ruler[i][j] = war_ruler + lost - p.k_s_own * struck - snub
        leader[CONCEDE][j] = standing_down
        ruler[CONCEDE][j] = 1.0
    for i in range(3):
        leader[i][CONCEDE] = p.v_C
        ruler[i][CONCEDE] = 1.0 - p.v_C - concession_cost
    leader[CONCEDE][CONCEDE] = p.half_way * p.v_C
    ruler[CONCEDE][CONCEDE] = 1.0 - p.half_way * p.v_C - concession_cost
    talk_leader = (1.0 - breach) * deal + recognition
    talk_ruler = 1.0 - cost_of(deal, p) - audience
    leader[NEGOTIATE][NEGOTIATE] = engagement * talk_leader + (1.0 - engagement) * leader[NEGOTIATE][NEGOTIATE]
    ruler[NEGOTIATE][NEGOTIATE] = engagement * talk_ruler + (1.0 - engagement) * ruler[NEGOTIATE][NEGOTIATE]


@rule
def leader_utility(game: Matrix, mix_ruler: Vector, out: Vector) -> None:
    """Expected payoff of each row against the ruler's mix."""
    for i in range(4):
        row = game[i]
        out[i] = row[0] * mix_ruler[0] + row[1] * mix_ruler[1] + row[2] * mix_ruler[2] + row[3] * mix_ruler[3]


@rule
def ruler_utility(game: Matrix, mix_leader: Vector, out: Vector) -> None:
    """Expected payoff of each column against the leader's mix."""
    for j in range(4):
        out[j] = (
            game[0][j] * mix_leader[0] + game[1][j] * mix_leader[1]
            + game[2][j] * mix_leader[2] + game[3][j] * mix_leader[3]
        )  # fmt: skip
