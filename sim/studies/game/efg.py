"""Finite games in extensive form, and their text in Gambit's .efg format: written, and read back.

The format is Gambit's (Savani & Turocy, *Gambit: The package for computation in game theory*): a line a node in
prefix order, `c` for chance, `p` for a player's move at a numbered information set, `t` for a leaf with its payoffs.
Probabilities and payoffs are exact fractions, so a game that is written and read is the same game.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from sim.errors import UserError

DIGITS = 9  # decimals of a payoff or chance that comes from the model
TOKEN = re.compile(r'"([^"]*)"|([{}])|([^\s{},"]+)')


class GameError(UserError):
    """A game or an .efg text that does not hold together."""


@dataclass(frozen=True)
class Leaf:
    """An end of the game, with a payoff for each player."""

    name: str
    payoffs: tuple[Fraction, ...]


@dataclass(frozen=True)
class Chance:
    """A move of chance: (label, probability, what follows); probabilities are positive and sum to one."""

    label: str
    branches: tuple[tuple[str, Fraction, Node], ...]


@dataclass(frozen=True)
class Move:
    """A player's move, counted from 0; moves of one player with one label are one information set."""

    player: int
    label: str
    branches: tuple[tuple[str, Node], ...]


Node = Leaf | Chance | Move


@dataclass(frozen=True)
class Game:
    """A game tree with its players' names."""

    title: str
    about: str
    players: tuple[str, ...]
    root: Node


@dataclass(frozen=True)
class Infoset:
    """An information set: who moves, what it is called, and the actions."""

    player: int
    label: str
    actions: tuple[str, ...]


def exact(value: float) -> Fraction:
    """A number of the model as a fraction with `DIGITS` decimals."""
    return Fraction(round(value * 10**DIGITS), 10**DIGITS)


def walk(node: Node) -> Iterator[Node]:
    """All nodes in prefix order, the order of the .efg text."""
    yield node
    for branch in () if isinstance(node, Leaf) else node.branches:
        yield from walk(branch[-1])


def infosets(game: Game) -> list[Infoset]:
    """Information sets by player, in prefix order of their first node: the order in which Gambit numbers them."""
    found: dict[tuple[int, str], Infoset] = {}
    for node in walk(game.root):
        if isinstance(node, Move):
            actions = tuple(name for name, _ in node.branches)
            known = found.setdefault((node.player, node.label), Infoset(node.player, node.label, actions))
            if known.actions != actions:
                raise GameError(f"information set {node.label!r} has nodes with different actions; name one otherwise.")
    return sorted(found.values(), key=lambda infoset: infoset.player)


def write(game: Game) -> str:
    """The game as .efg text; GameError for a label with a double quote, or chances that do not sum to one."""
    head = f"EFG 2 R {_quoted(game.title)} {{ {' '.join(map(_quoted, game.players))} }}\n{_quoted(game.about)}\n"
    number = _Numbers(game)
    return "\n".join([head, *(number.line(node) for node in walk(game.root)), ""])


class _Numbers:
    """Numbers of information sets, chance nodes and outcomes, given in prefix order."""

    def __init__(self, game: Game) -> None:
        self.infosets: dict[tuple[int, str], int] = {}
        seen: dict[int, int] = {}
        for infoset in infosets(game):
            seen[infoset.player] = seen.get(infoset.player, 0) + 1
            self.infosets[infoset.player, infoset.label] = seen[infoset.player]
        self.chances: dict[str, tuple[int, tuple[tuple[str, Fraction], ...]]] = {}
        self.leaves = 0

    def line(self, node: Node) -> str:
        """One node as its line."""
        if isinstance(node, Leaf):
            self.leaves += 1
            return f't "" {self.leaves} {_quoted(node.name)} {{ {", ".join(map(_number, node.payoffs))} }}'
        if isinstance(node, Chance):
            told = " ".join(f"{_quoted(name)} {_number(chance)}" for name, chance, _ in node.branches)
            return f'c "" {self.chance(node)} {_quoted(node.label)} {{ {told} }} 0'
        told = " ".join(_quoted(name) for name, _ in node.branches)
        number = self.infosets[node.player, node.label]
        return f'p "" {node.player + 1} {number} {_quoted(node.label)} {{ {told} }} 0'

    def chance(self, node: Chance) -> int:
        """The number of a chance move; Gambit wants labels of its own for different ones, so a label means one draw."""
        odds = tuple((name, chance) for name, chance, _ in node.branches)
        number, known = self.chances.setdefault(node.label, (len(self.chances) + 1, odds))
        if known != odds:
            raise GameError(f"two moves of chance with different odds are called {node.label!r}; name one otherwise.")
        if sum(chance for _, chance in odds) != 1 or min(chance for _, chance in odds) <= 0:
            raise GameError(f"the chances of {node.label!r} must be positive and sum to one.")
        return number


def _quoted(text: str) -> str:
    if '"' in text:
        raise GameError(f"the label {text!r} holds a double quote, which the .efg format does not allow.")
    return f'"{text}"'


def _number(value: Fraction) -> str:
    """A decimal where it is one of at most `DIGITS` places, else a fraction."""
    scaled = value * 10**DIGITS
    if scaled.denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    whole, rest = divmod(abs(scaled.numerator), 10**DIGITS)
    digits = f"{rest:0{DIGITS}d}".rstrip("0")
    return f"{'-' if scaled < 0 else ''}{whole}{'.' if digits else ''}{digits}"


def read(text: str) -> Game:
    """The game of an .efg text; GameError where it is none, or has payoffs on the way to a leaf."""
    return _Reader(text).game()


class _Reader:
    """A cursor over the tokens; each is (its text, whether it was quoted)."""

    def __init__(self, text: str) -> None:
        self.tokens = [(a or b or c, match.group(1) is not None) for match in TOKEN.finditer(text)
                       for a, b, c in [match.groups(default="")]]  # fmt: skip
        self.at = 0
        self.actions: dict[tuple[int, int], tuple[str, list[tuple[str, Fraction]]]] = {}
        self.payoffs: dict[int, tuple[str, tuple[Fraction, ...]]] = {}

    def game(self) -> Game:
        if [self.take() for _ in range(2)] != ["EFG", "2"] or self.take() not in ("R", "D"):
            raise GameError("this is no .efg text: it must begin with EFG 2 R.")
        title = self.take()
        players = tuple(self.listed())
        about = self.take() if self.quoted() else ""
        root = self.node()
        if self.at != len(self.tokens):
            raise GameError("the .efg text goes on after its last node.")
        return Game(title, about, players, root)

    def take(self) -> str:
        if self.at >= len(self.tokens):
            raise GameError("the .efg text ends in the middle of a node.")
        self.at += 1
        return self.tokens[self.at - 1][0]

    def quoted(self) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at][1]

    def opens(self) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at] == ("{", False)

    def listed(self) -> list[str]:
        if not self.opens():
            raise GameError(f"the .efg text lacks a list at token {self.at + 1}.")
        self.at += 1
        found = []
        while self.at < len(self.tokens) and self.tokens[self.at] != ("}", False):
            found.append(self.take())
        self.take()
        return found

    def whole(self) -> int:
        text = self.take()
        if not text.isdigit():
            raise GameError(f"the .efg text has {text!r} where a number belongs.")
        return int(text)

    def node(self) -> Node:
        kind, _ = self.take(), self.take()
        if kind == "t":
            return Leaf(*self.outcome())
        if kind not in ("c", "p"):
            raise GameError(f"the .efg text has a node of kind {kind!r}; known: c, p, t.")
        player = self.whole() if kind == "p" else 0
        key = player, self.whole()
        if self.quoted():
            label, listed = self.take(), self.listed()
            names, chances = (listed, ["1"] * len(listed)) if kind == "p" else (listed[::2], listed[1::2])
            self.actions[key] = label, list(zip(names, map(Fraction, chances), strict=True))
        if key not in self.actions:
            raise GameError(f"information set {key[1]} of player {player} is used before its actions are listed.")
        if self.whole() != 0:
            raise GameError("payoffs on the way to a leaf are not read; move them to the leaves.")
        label, actions = self.actions[key]
        after = [(name, chance, self.node()) for name, chance in actions]
        if kind == "c":
            return Chance(label, tuple(after))
        return Move(player - 1, label, tuple((name, node) for name, _, node in after))

    def outcome(self) -> tuple[str, tuple[Fraction, ...]]:
        number = self.whole()
        if self.quoted():
            self.payoffs[number] = self.take(), tuple(map(Fraction, self.listed()))
        if number not in self.payoffs:
            raise GameError(f"outcome {number} is used before its payoffs are listed.")
        return self.payoffs[number]
