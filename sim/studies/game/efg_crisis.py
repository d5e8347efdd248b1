"""A crisis at one moment as a game in extensive form: leader against ruler, with the mediator, resolve being private.

Payoffs are the model's own: `fill_game` for the stage, `best_package` and the reservation values for the terms,
`weigh_mediator` for the mediator. What differs from the model is the reckoning: there each principal plugs its own
belief into the other's row; here each knows its own belief, and of the other's only how it is spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from sim.model.luck import run_key
from sim.model.params import Params
from sim.model.rules.appraise import counsel, standing_down_value, weigh_mediator
from sim.model.rules.channels import IN, NOT_IN, audience_cost, breach_seen, reach, road_covered, war_cost_leader
from sim.model.rules.channels import MEDIATOR as MEDIATOR_LINE
from sim.model.rules.game import fill_game
from sim.model.rules.terms import best_package, concession_cost, reservation_leader, reservation_ruler, split_range
from sim.model.rules.turn import open_turn
from sim.model.state import CHANNELS, ITEMS, N_OPTIONS, OPTIONS, SEATS, Option, Seat, State
from sim.studies.game.efg import Chance, Game, Leaf, Move, Node, exact

LEADER, RULER, MEDIATOR = int(Seat.LEADER), int(Seat.RULER), int(Seat.MEDIATOR)
ADVANCE, HOLD, NEGOTIATE, CONCEDE = (int(option) for option in Option)
PLAYERS = ("leader", "ruler", "mediator")
NAMES = {1: ("known",), 2: ("low", "high"), 3: ("low", "middling", "high")}  # the rebels' odds, to a type
CELLS = 200_001  # of the grid on which a Beta distribution is summed


@dataclass(frozen=True)
class Resolve:
    """What a principal may believe of the rebels' odds: values by type, their names, and which type is the state's."""

    beliefs: tuple[float, ...]
    names: tuple[str, ...]
    own: int


@dataclass(frozen=True)
class Reduced:
    """The game of a crisis at a moment: the tree, the types, the channel of talks, and lambda of the model's seats."""

    game: Game
    leader: Resolve
    ruler: Resolve
    channel: str
    precision: float


def opened(state: State, p: Params, key: int) -> State:
    """A copy of a state with all that is known as its step opens."""
    s = state.copy()
    open_turn(s, p, key)
    return s


def beta_quantiles(a: float, b: float, shares: np.ndarray) -> np.ndarray:
    """Quantiles of a Beta(a, b) distribution, a, b > 0, from its mass on a fine grid of log odds."""
    z = np.linspace(-30.0, 30.0, CELLS)
    log_density = -a * np.logaddexp(0.0, -z) - b * np.logaddexp(0.0, z)
    mass = np.cumsum(np.exp(log_density - log_density.max()))
    return np.asarray(1.0 / (1.0 + np.exp(-np.interp(shares, mass / mass[-1], z))))


def resolve(state: State, p: Params, key: int, seat: int, types: int) -> Resolve:
    """Beliefs of a principal's types: its belief were the formations' will to fight at quantiles of its own Beta.

    The other side knows how much the principal has seen, not what he makes of it. The type of the state is the one
    whose belief is nearest, and takes the state's own belief.
    """
    side = "leader" if seat == LEADER else "ruler"
    fights, yields = getattr(state, f"fights_{side}"), getattr(state, f"yields_{side}")
    shares = beta_quantiles(fights, yields, 1.0 - (np.arange(types) + 0.5) / types)
    found = []
    for share in shares:
        of = state.copy()
        setattr(of, f"fights_{side}", float(share) * (fights + yields))
        setattr(of, f"yields_{side}", (1.0 - float(share)) * (fights + yields))
        found.append(opened(of, p, key).belief[seat])
    held = opened(state, p, key).belief[seat]
    own = int(np.argmin(np.abs(np.array(found) - held)))
    found[own] = held
    names = NAMES.get(types) or tuple(f"type {i + 1}" for i in range(types))
    return Resolve(tuple(found), names, own)


def reduce(state: State, p: Params, *, seed: int, replicate: int, types: int, title: str) -> Reduced:
    """The game at `state`, the start of a step in which both principals have their say.

    Parameters
    ----------
    types : of resolve of each principal, equally likely; 1 gives a game of complete information
    """
    key = run_key(seed, replicate)
    s = opened(state, p, key)
    leader, ruler = (resolve(state, p, key, seat, types) for seat in (LEADER, RULER))
    build = _Tree(s, p)
    root: Node = Chance("what the leader believes of the rebels' odds", tuple(
        (name, Fraction(1, types), Chance("what the ruler believes of them", tuple(
            (other, Fraction(1, types), build.stage((name, belief), (other, doubt)))
            for other, doubt in zip(ruler.names, ruler.beliefs, strict=True)
        )))
        for name, belief in zip(leader.names, leader.beliefs, strict=True)
    ))  # fmt: skip
    return Reduced(Game(title, build.about(), PLAYERS, root), leader, ruler, CHANNELS[s.channel], p.precision[LEADER])


Type = tuple[str, float]


class _Tree:
    """The part of the tree below the moves of chance; `s` has been opened."""

    def __init__(self, s: State, p: Params) -> None:
        self.s, self.p, self.k = s, p, s.channel
        sharp = p.precision[LEADER] or 1.0
        # One lambda serves all players: who chooses less sharply has payoffs that count for less.
        self.scale = [p.precision[seat] / sharp for seat in (LEADER, RULER, MEDIATOR)]

    def about(self) -> str:
        s, p, sharp = self.s, self.p, self.p.precision
        return (
            f"Hour {s.step * p.dt:g}, column {s.km:.0f} km from the capital, talks through {CHANNELS[self.k]}. Payoffs "
            f"in stakes, those of ruler and mediator times their precision over the leader's ({sharp[RULER]:g} and "
            f"{sharp[MEDIATOR]:g} over {sharp[LEADER]:g}), so that one lambda serves all."
        )

    def stage(self, leader: Type, ruler: Type) -> Node:
        """Both principals choose without seeing the other's choice or type."""
        rows, columns = self.payoffs(leader[1]), self.payoffs(ruler[1])

        def after(i: int, j: int) -> Node:
            if i == NEGOTIATE and j == NEGOTIATE:
                return self.talks(leader, ruler, rows[0][i][j], columns[1][i][j])
            return self.leaf(leader, ruler, f"{OPTIONS[i]}, {OPTIONS[j]}", rows[0][i][j], columns[1][i][j], 0.0, i, j)

        return Move(0, f"leader, {leader[0]}", tuple(
            (OPTIONS[i], Move(1, f"ruler, {ruler[0]}", tuple((OPTIONS[j], after(i, j)) for j in range(N_OPTIONS))))
            for i in range(N_OPTIONS)
        ))  # fmt: skip

    def payoffs(self, belief: float) -> tuple[list[list[float]], list[list[float]]]:
        """The stage game of an actor of this belief, talks left out: they have their own part of the tree."""
        s, p, k = self.s, self.p, self.k
        rows, columns = ([[0.0] * N_OPTIONS for _ in range(N_OPTIONS)] for _ in range(2))
        fill_game(
            belief, 0.0, breach_seen(k, s, p), audience_cost(k, s, p), war_cost_leader(k, s, p),
            p.rec * p.status[k], standing_down_value(s, p), concession_cost(s, p), p, rows, columns,
        )  # fmt: skip
        return rows, columns

    def leaf(
        self, leader: Type, ruler: Type, name: str, mine: float, theirs: float, fame: float, i: int, j: int
    ) -> Leaf:
        """An end, with each principal's standing taste for what it chose and, to the ruler, the weight of counsel."""
        s, p = self.s, self.p
        paid = (
            mine + self.taste(LEADER, i),
            theirs + self.taste(RULER, j) + (counsel(j, s, p) if p.chi_c > 0.0 else 0.0),
            fame,
        )
        scaled = tuple(exact(pay * scale) for pay, scale in zip(paid, self.scale, strict=True))
        return Leaf(f"{leader[0]}/{ruler[0]}: {name}", scaled)

    def taste(self, seat: int, option: int) -> float:
        p = self.p
        return float(p.act[seat][option] + p.tilt[seat] * (1.5 - option) / 1.5)

    def talks(self, leader: Type, ruler: Type, mine: float, theirs: float) -> Node:
        """Both negotiate: the mediator carries or not, where the talks are his; else the channel holds the round."""
        offers = self.mediation()

        def end(name: str, fame: float) -> Leaf:
            return self.leaf(leader, ruler, f"both negotiate, {name}", mine, theirs, fame, NEGOTIATE, NEGOTIATE)

        if not offers:
            return self.round(leader, ruler, end, "", 0.0)
        return Move(2, "mediator", tuple(
            (name, self.round(leader, ruler, end, name, fame, option) if carries else end(name, fame))
            for name, option, fame, carries in offers
        ))  # fmt: skip

    def mediation(self) -> list[tuple[str, int, float, bool]]:
        """The mediator's options now as (name, option, his payoff, whether talks are carried); none where not his."""
        s, p = self.s, self.p
        if self.k != MEDIATOR_LINE or p.rank[self.k] == 0.0:
            return []
        if p.with_mediation == 0.0:
            return [("carry", NEGOTIATE, p.v_med * road_covered(s, p) - p.c_med, True), ("stay out", HOLD, 0.0, False)]
        if s.mediation == NOT_IN:
            fame = p.v_med * road_covered(s, p) + p.rel - p.c_med - p.k_fail * s.belief[MEDIATOR]
            return [("enter", NEGOTIATE, fame, True), ("stay out", HOLD, 0.0, False)]
        if s.mediation != IN:
            return [("gone", HOLD, 0.0, False)]
        of = s.copy()
        weigh_mediator(of, p)
        names = ("carry and press", "listen", "carry", "leave")
        fame_of = [of.utility[MEDIATOR][j] + self.taste(MEDIATOR, j) for j in range(N_OPTIONS)]
        return [(names[j], j, fame_of[j], j in (ADVANCE, NEGOTIATE)) for j in range(N_OPTIONS)]

    def round(self, leader: Type, ruler: Type, end: Any, how: str, fame: float, option: int | None = None) -> Node:
        """A round is held or not; if it is, terms are put forward, the ruler gives them or not, the leader takes them.

        Terms come from both reservation values without error. Refusal pays both what they expect of war, as in the
        rules of acceptance.
        """
        p, k = self.p, self.k
        s = self.s.copy()
        if option is not None:
            s.option[MEDIATOR] = option
        held = exact(p.rank[k] * reach(k, s, p))
        missed = end(f"{how}, no round".strip(", "), fame)
        if held <= 0:
            return missed
        cost, breach, rec = war_cost_leader(k, s, p), breach_seen(k, s, p), p.rec * p.status[k]
        audience = audience_cost(k, s, p)
        terms, price, name = self.terms(
            reservation_leader(leader[1], cost, rec, breach), reservation_ruler(ruler[1], p.c_G, audience)
        )
        told = f"{how}: {name}".strip(": ")

        def leaf(word: str, mine: float, theirs: float) -> Leaf:
            text = f"both negotiate, {told}, {word}"
            return self.leaf(leader, ruler, text, mine, theirs, fame, NEGOTIATE, NEGOTIATE)

        war = leader[1] - cost, 1.0 - ruler[1] - p.c_G
        deal = leaf("deal", (1.0 - breach) * terms + rec, 1.0 - price - audience)
        takes = Move(0, f"leader, {leader[0]}, offered {told}", (("take", deal), ("refuse", leaf("not taken", *war))))
        gives = Move(1, f"ruler, {ruler[0]}, asked for {told}", (("give", takes), ("refuse", leaf("not given", *war))))
        if held >= 1:
            return gives
        return Chance("whether a round is held", (("round", held, gives), ("no round", 1 - held, missed)))

    def terms(self, least: float, most: float) -> tuple[float, float, str]:
        """What a go-between who reads both without error puts forward: worth, price, and its name."""
        p = self.p
        bias = p.b_med if self.k == MEDIATOR_LINE else 0.0
        if p.with_package == 0.0:
            x = split_range(least, most, bias)
            return x, x, f"terms worth {x:.4f}"
        package = best_package(least, most, bias, p)
        items = " + ".join(item for i, item in enumerate(ITEMS) if package >> i & 1) or "nothing"
        return p.package_worth[package], p.package_price[package], items


def principal(player: int) -> int:
    """The seat behind a player of the game."""
    return SEATS.index(PLAYERS[player])
