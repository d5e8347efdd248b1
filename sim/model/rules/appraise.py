"""What each seat thinks its four options are worth: utilities in stakes, from what that seat knows.

Leader and ruler look ahead through the stage game; the government seats weigh survival,
bloodshed and authority; the mediator weighs fame against the risk of failing in public.
"""

from __future__ import annotations

from sim.jit import rule
from sim.model.params import Params
from sim.model.rules.channels import audience_cost, breach_seen, road_covered, war_cost_leader
from sim.model.rules.game import ADVANCE, CONCEDE, HOLD, NEGOTIATE, fill_game, leader_utility, ruler_utility
from sim.model.rules.solve import solve
from sim.model.rules.terms import concession_cost, cost_of, reservation_leader, reservation_ruler, worth_at
from sim.model.seats import COUNSELLORS
from sim.model.state import Seat, State

LEADER, RULER, MINISTRY, GUARD = int(Seat.LEADER), int(Seat.RULER), int(Seat.MINISTRY), int(Seat.GUARD)
MEDIATOR = int(Seat.MEDIATOR)


@rule
def standing_down_value(s: State, p: Params) -> float:
    """Worth of going home without terms: y_s, plus what is left of the status quo before the line is crossed.

    y_quo is zero under a contract deadline; without one it fades with the road covered
    and is gone once the ruler has called it treason.
    """
    return p.y_s + p.y_quo * (1.0 - road_covered(s, p)) * (1.0 - s.speech)


@rule
def counsel(j: int, s: State, p: Params) -> float:
    """Weight of counsel on the ruler's option j: chi_c sum_i influence_i (P_i(j) - 1/4) (stake)."""
    total = 0.0
    for seat in COUNSELLORS:
        total += p.influence[seat] * (s.chance[seat][j] - 0.25)
    return p.chi_c * total


@rule
def play(seat: int, k: int, chance: float, s: State, p: Params) -> None:
    """Fill the stage game as `seat` sees it, through channel k, and solve it. Writes games and plans."""
    fill_game(
        s.belief[seat], chance, breach_seen(k, s, p), audience_cost(k, s, p), war_cost_leader(k, s, p),
        p.rec * p.status[k], standing_down_value(s, p), concession_cost(s, p), p, s.game_leader, s.game_ruler,
    )  # fmt: skip
    if seat == RULER and p.chi_c > 0.0:
        for j in range(4):
            gain = counsel(j, s, p)
            for i in range(4):
                s.game_ruler[i][j] += gain
    solve(seat, s, p)


@rule
def weigh_leader(s: State, p: Params) -> None:
    """The leader's options against the ruler's mix in the game as the leader sees it. Writes utility[leader]."""
    play(LEADER, s.channel, s.engagement, s, p)
    leader_utility(s.game_leader, s.plan_ruler[LEADER], s.utility[LEADER])


@rule
def weigh_ruler(s: State, p: Params) -> None:
    """The ruler's options, counsel included, in the game as the ruler sees it. Writes utility[ruler]."""
    play(RULER, s.channel_ruler, s.engagement_ruler, s, p)
    ruler_utility(s.game_ruler, s.plan_leader[RULER], s.utility[RULER])


@rule
def expected_price(k: int, win: float, s: State, p: Params) -> float:
    """Price of the middling deal through channel k, audience cost included, to a seat of belief `win` (stake)."""
    audience = audience_cost(k, s, p)
    least = reservation_leader(win, war_cost_leader(k, s, p), p.rec * p.status[k], breach_seen(k, s, p))
    most = worth_at(reservation_ruler(win, p.c_G, audience), p)
    return max(cost_of(0.5 * (least + most), p), 0.0) + audience


@rule
def weigh_government(seat: int, s: State, p: Params) -> None:
    """A government seat on the ruler's four options, and so on its own part in each. Writes utility[seat].

    U_j = w_post * survival_j - w_blood * c_G * blood_j - w_auth * authority lost_j

    survival: the state stands, or for the ministry its own head stays; blood: how near a
    battle comes; authority: what the ruler gives away. The guard's fourth option is to
    stand aside: it survives if the rebels win, and gives up all authority.
    """
    risk, near = s.belief[seat], road_covered(s, p)
    talk = s.engagement_ruler
    post, authority = p.w_post[seat], p.w_auth[seat]
    horror = p.w_blood[seat] * p.c_G
    u = s.utility[seat]
    u[ADVANCE] = post * (1.0 - risk * (1.0 - p.faith[seat])) - horror
    u[HOLD] = post * (1.0 - risk) - horror * near - authority * p.delta * near
    u[NEGOTIATE] = (
        post * (1.0 - (1.0 - talk) * risk)
        - horror * (1.0 - talk) * near
        - authority * (talk * expected_price(s.channel_ruler, risk, s, p) + (1.0 - talk) * p.delta * near)
    )
    if seat == GUARD:
        u[CONCEDE] = post * risk - authority
    else:
        kept = 1.0 - p.post_at_stake if seat == MINISTRY else 1.0
        u[CONCEDE] = post * kept - authority * (p.v_C + concession_cost(s, p))


@rule
def weigh_mediator(s: State, p: Params) -> None:
    """The mediator: staying out is worth nothing, carrying talks is fame less cost and risk. Writes utility[mediator].

    carry = v_med S - c_med - k_fail P(rebels prevail). Lent leverage makes failure less
    likely in so far as he leans on the rebels' side (b_med), and costs him lev_med where he does
    not. Withdrawing costs the fame in sight and saves k_fail for every round that has failed.
    """
    fame = p.v_med * road_covered(s, p)
    risk = p.k_fail * s.belief[MEDIATOR]
    carry = fame - p.c_med - risk
    u = s.utility[MEDIATOR]
    u[ADVANCE] = carry + risk * max(p.b_med, 0.0) - p.lev_med * (1.0 - p.b_med)
    u[HOLD] = 0.0
    u[NEGOTIATE] = carry
    u[CONCEDE] = p.k_fail * s.rounds - fame


@rule
def weigh(seat: int, s: State, p: Params) -> None:
    """Utilities of the four options of any seat, with its standing tastes. Writes utility[seat]."""
    if seat == LEADER:
        weigh_leader(s, p)
    elif seat == RULER:
        weigh_ruler(s, p)
    elif seat == MEDIATOR:
        weigh_mediator(s, p)
    else:
        weigh_government(seat, s, p)
    for j in range(4):
        s.utility[seat][j] += p.act[seat][j] + p.tilt[seat] * (1.5 - j) / 1.5


@rule
def mediator_waits(s: State, p: Params) -> bool:
    """Whether the mediator has nothing to decide: not in, left, or (core) willing by formula."""
    return p.with_mediation == 0.0 or s.mediation != 1
