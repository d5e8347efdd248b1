"""Live odds of a room's turns, each as the turn opened: what is known, and what is still to be computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.classroom.room import Turn


@dataclass(frozen=True)
class Odds:
    """Shares of the endings among n continuations from the true state with which a turn opened."""

    turn: int
    hour: float
    shares: Mapping[str, float]
    n: int


class LiveOdds:
    """Odds by turn object: a branch makes new turns and keeps the old, so nothing is mixed up.

    An event thrown into an open turn does not change the odds of that turn: whoever looks at the
    projected page would learn of it before the turn is played.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[Turn, Odds]] = {}

    def tell(self, turn: Turn, odds: Odds) -> None:
        """Enter the odds of a turn."""
        self._known[id(turn)] = (turn, odds)  # holding the turn keeps its id its own

    def of(self, turn: Turn) -> Odds | None:
        """The odds of a turn, if they are known."""
        found = self._known.get(id(turn))
        return None if found is None else found[1]

    def along(self, turns: Sequence[Turn]) -> list[Odds]:
        """Those known along a line of play, oldest first."""
        return [found for turn in turns if (found := self.of(turn)) is not None]

    def missing(self, turns: Sequence[Turn]) -> Turn | None:
        """The latest turn of a line without odds: what to compute next."""
        return next((turn for turn in reversed(turns) if self.of(turn) is None), None)
