"""Agent logit quantal response equilibria of an extensive form along the principal branch, and regrets; numpy only.

McKelvey & Palfrey 1998 (Experimental Economics 1:9) define the equilibrium, in which each action of an information
set is chosen with odds exp(lambda * expected payoff). Turocy 2005 (Games Econ. Behav. 51:243) follows its principal
branch from uniform play, by predictor and corrector, through folds. As lambda grows the branch tends to a Nash
(indeed a sequential) equilibrium.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.studies.game.efg import Game, GameError, Infoset, Leaf, Move, Node, infosets

Vector = NDArray[np.float64]
FIRST_STEP, LONGEST, SHORTEST = 0.1, 0.1, 1e-7  # of arc length; the longest as a share of how far the branch is
LIKELY = 1e-10  # a corrector that moves no unknown by more has come to rest
MOST_STEPS, TRIES = 20_000, 8
SETTLED = 1e-5  # largest regret, in stakes, at which a Nash equilibrium counts as found


class Form(NamedTuple):
    """A game as tables over its leaves (T) and actions (A), actions in the order of `infosets`.

    `chance` (T,): log chance of each leaf as far as chance decides; `through` (T, A): whether the way to the leaf takes
    the action; `pay` (T, A): the leaf's payoff to the player who owns the action; `payoffs` (T, players);
    `first` (H,): place of each information set's first action; `of` (A,): the action's information set.
    """

    sets: list[Infoset]
    chance: Vector
    through: Vector
    pay: Vector
    payoffs: Vector
    first: NDArray[np.int64]
    of: NDArray[np.int64]


class Point(NamedTuple):
    """An equilibrium: lambda and the chance of each action (A,)."""

    precision: float
    chance: Vector


def form(game: Game) -> Form:
    """The tables of a game; GameError if a way passes one information set twice (no perfect recall)."""
    sets = infosets(game)
    places = {(one.player, one.label): h for h, one in enumerate(sets)}
    first = np.concatenate([[0], np.cumsum([len(one.actions) for one in sets])[:-1]]).astype(np.int64)
    of = np.repeat(np.arange(len(sets)), [len(one.actions) for one in sets])
    rows: list[tuple[float, list[int], Sequence[float]]] = []

    def go(node: Node, log_chance: float, taken: list[int]) -> None:
        if isinstance(node, Leaf):
            rows.append((log_chance, taken, [float(x) for x in node.payoffs]))
        elif isinstance(node, Move):
            h = places[node.player, node.label]
            if h in of[taken]:
                raise GameError(f"information set {node.label!r} is met twice on one way.")
            for i, (_, after) in enumerate(node.branches):
                go(after, log_chance, [*taken, int(first[h]) + i])
        else:
            for _, chance, after in node.branches:
                go(after, log_chance + float(np.log(float(chance))), taken)

    go(game.root, 0.0, [])
    through = np.zeros((len(rows), len(of)))
    for row, (_, taken, _) in enumerate(rows):
        through[row, taken] = 1.0
    payoffs = np.array([payoff for _, _, payoff in rows])
    owner = np.array([one.player for one in sets], int)[of]
    return Form(sets, np.array([log for log, _, _ in rows]), through, payoffs[:, owner], payoffs, first, of)


def log_chances(f: Form, y: Vector) -> Vector:
    """Log chance of each action (A,) from log odds against the first action of its set, `y` (A - H,)."""
    odds = np.zeros(len(f.of))
    odds[_others(f)] = y
    top = np.maximum.reduceat(odds, f.first)[f.of]
    total = np.add.reduceat(np.exp(odds - top), f.first)
    return np.asarray(odds - top - np.log(total)[f.of])


def _others(f: Form) -> NDArray[np.bool_]:
    """Actions that are not the first of their set."""
    mask = np.ones(len(f.of), bool)
    mask[f.first] = False
    return mask


def values(f: Form, log_chance: Vector) -> tuple[Vector, Vector]:
    """Expected payoff of each action (A,) where its set is reached, and how it moves with each log chance (A, A)."""
    way = f.chance + f.through @ log_chance
    seen = np.where(f.through.T > 0, way, -np.inf)
    weight = np.exp(seen - seen.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    paid = weight * f.pay.T
    value = paid.sum(axis=1)
    return value, np.asarray(paid @ f.through - value[:, None] * (weight @ f.through))


def miss(f: Form, y: Vector, precision: float) -> tuple[Vector, Vector]:
    """How far log odds are from lambda times payoff differences (D,), with the Jacobian (D, D + 1) in y and lambda."""
    log_chance = log_chances(f, y)
    value, slope = values(f, log_chance)
    chance, others = np.exp(log_chance), _others(f)
    # d log chance of b / d y of c = [b = c] - chance of c, within one information set
    step = (np.eye(len(f.of)) - chance[None, :]) * (f.of[:, None] == f.of[None, :])
    turn = slope @ step[:, others]
    base = f.first[f.of]
    gain, rise = (value - value[base])[others], (turn - turn[base])[others]
    jacobian = np.column_stack([np.eye(len(y)) - precision * rise, -gain])
    return y - precision * gain, jacobian


def branch(f: Form, precisions: Sequence[float]) -> list[Point]:
    """Equilibria at rising precisions on the principal branch, each where the branch first reaches it.

    GameError where the branch cannot be followed that far.
    """
    wanted = list(precisions)
    if any(b <= a for a, b in pairwise(wanted)) or (wanted and wanted[0] < 0):
        raise GameError("precisions must rise from zero or more.")
    d = len(f.of) - len(f.first)
    at, found, step = np.zeros(d + 1), [], FIRST_STEP
    while wanted and wanted[0] == 0:
        found.append(_point(f, at[:-1], wanted.pop(0)))
    way = _tangent(miss(f, at[:-1], 0.0)[1], np.eye(d + 1)[-1])
    for _ in range(MOST_STEPS):
        if not wanted:
            return found
        nearer = _corrected(f, at + step * way, way)
        if nearer is None:
            step /= 2
            if step < SHORTEST:
                break
            continue
        after, effort = nearer
        while wanted and at[-1] < wanted[0] <= after[-1]:
            share = (wanted[0] - at[-1]) / (after[-1] - at[-1])
            found.append(_at(f, at + share * (after - at), wanted.pop(0)))
        way, at = _tangent(miss(f, after[:-1], after[-1])[1], way), after
        step = min(step * (1.5 if effort <= 4 else 0.7), max(1.0, LONGEST * float(np.abs(at).max())))
    raise GameError(f"the branch of equilibria could not be followed beyond lambda = {at[-1]:.3g}; ask for less.")


def _tangent(jacobian: Vector, before: Vector) -> Vector:
    """Unit direction of the branch, on the side of the one before."""
    goal = np.zeros(len(before))
    goal[-1] = 1.0
    way = np.linalg.solve(np.vstack([jacobian, before]), goal)
    return np.asarray(way / np.linalg.norm(way))


def _corrected(f: Form, guess: Vector, way: Vector) -> tuple[Vector, int] | None:
    """The branch's point across from a guess, by Newton at right angles to `way`, and the steps it took."""
    at = guess.copy()
    for effort in range(1, TRIES + 1):
        gap, jacobian = miss(f, at[:-1], at[-1])
        move = np.linalg.solve(np.vstack([jacobian, way]), np.append(-gap, 0.0))
        at = at + move
        if not np.isfinite(at).all() or np.abs(at - guess).max() > 1.0 + 0.1 * np.abs(guess).max():
            return None
        if np.abs(move).max() < LIKELY * (1.0 + np.abs(at).max()):
            return at, effort
    return None


def _at(f: Form, guess: Vector, precision: float) -> Point:
    """The equilibrium at exactly this precision, near a point of the branch."""
    y = guess[:-1].copy()
    for _ in range(TRIES * 4):
        gap, jacobian = miss(f, y, precision)
        move = np.linalg.solve(jacobian[:, :-1], -gap)
        y = y + move
        if np.abs(move).max() < LIKELY * (1.0 + np.abs(y).max()):
            return _point(f, y, precision)
    raise GameError(f"the equilibrium at lambda = {precision:g} could not be closed in on; ask for another value.")


def _point(f: Form, y: Vector, precision: float) -> Point:
    return Point(float(precision), np.exp(log_chances(f, y)))


def payoff(f: Form, chance: Vector) -> Vector:
    """Expected payoff of each player (players,) under chances of the actions (A,)."""
    return np.asarray(_weights(f, chance, np.ones(len(f.of), bool)) @ f.payoffs)


def _weights(f: Form, chance: Vector, counted: NDArray[np.bool_]) -> Vector:
    """Chance of each leaf (T,) as far as chance and the actions that are counted decide; zero chances allowed."""
    factors = np.where((f.through > 0) & counted, chance, 1.0)
    return np.asarray(np.exp(f.chance) * factors.prod(axis=1))


def regrets(f: Form, chance: Vector) -> Vector:
    """What each player (players,) could gain by a best reply of the whole strategy, the others' play as given."""
    owner = np.array([one.player for one in f.sets], int)
    best = [_best_reply(f, chance, player, owner) for player in range(f.payoffs.shape[1])]
    return np.asarray(np.maximum(np.array(best) - payoff(f, chance), 0.0))


def _best_reply(f: Form, chance: Vector, player: int, owner: NDArray[np.int64]) -> float:
    """The most a player can get: his sets are settled from the last to the first, as perfect recall allows."""
    worth = _weights(f, chance, owner[f.of] != player)
    for h in np.flatnonzero(owner == player)[::-1]:
        actions = np.flatnonzero(f.of == h)
        gains = [float(worth[f.through[:, a] > 0] @ f.payoffs[f.through[:, a] > 0, player]) for a in actions]
        for a in np.delete(actions, int(np.argmax(gains))):
            worth = np.where(f.through[:, a] > 0, 0.0, worth)
    return float(worth @ f.payoffs[:, player])
