"""What a share does along an axis: a sentence whose word follows the values in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

Shape = Literal["equal", "open", "rise", "fall", "peak", "dip", "differ"]
LISTED = 5  # places that are all named; of more the ends, the highest and the lowest


@dataclass(frozen=True)
class Movement:
    """Shares of an ending at the places of an axis, and which differences between places are beyond chance.

    `gaps` has for pairs (i, j), i < j, the interval of share j less share i: all of a sweep's hold together at its
    level. Without it the sentence gives `why` nothing can be said. `held` tells that the other axes were
    taken out of the intervals; then the difference of the shares as they stand must lie within, or nothing is claimed.
    """

    axis: str
    places: tuple[str, ...]
    shares: tuple[float, ...]
    ordered: bool
    gaps: dict[tuple[int, int], tuple[float, float]] = field(default_factory=dict)
    held: bool = False
    why: str = ""
    about: str = "negotiated exits"

    @property
    def settled(self) -> bool:
        """Whether any claim is made."""
        return self.shape not in ("equal", "open")

    @property
    def shape(self) -> Shape:
        """What the shares do in the order of the axis, as far as it is beyond chance."""
        last = len(self.shares) - 1
        if self.widest() is None:
            same = len({self.percent(share) for share in self.shares}) == 1
            return "equal" if same and not self.why else "open"
        if not self.ordered:
            return "differ"
        for name, sign, inner in sorted(self._bends(), key=lambda bend: -self._beyond(*bend[1:])):
            if self.sign(0, inner) == sign and self.sign(inner, last) == -sign:
                return name
        ends = self.sign(0, last)
        return "differ" if ends == 0 else "rise" if ends > 0 else "fall"

    def sign(self, i: int, j: int) -> int:
        """Whether place j is above (1) or below (-1) place i beyond chance; 0 where that is not settled."""
        if i > j:
            return -self.sign(j, i)
        low, high = self.gaps.get((i, j), (-1.0, 1.0))
        gap = self.shares[j] - self.shares[i]
        if self.held and not low <= gap <= high:
            return 0
        return 1 if low > 0.0 and gap > 0.0 else -1 if high < 0.0 and gap < 0.0 else 0

    def percent(self, share: float) -> str:
        """A share in per cent, with as many digits as tell settled differences apart."""
        return f"{100 * share:.{self._digits()}f} %"

    def __str__(self) -> str:
        about, shape = f"{self.about[0].upper()}{self.about[1:]}", self.shape
        if shape == "equal":
            return f"No difference in {self.about} is seen along {self.axis}: {self._same()}."
        if shape == "open":
            return f"Whether {self.about} change along {self.axis} is not settled: {self.why or self._listed()}."
        if shape in ("rise", "fall"):
            told = f"{about} {shape} along {self.axis}: {self._listed()} ({self._gap(0, len(self.shares) - 1)})"
            return f"{told}{self._bump()}."
        if shape == "differ":
            i, j = self.widest() or (0, 0)
            low, high = (i, j) if self.shares[i] < self.shares[j] else (j, i)
            if self.ordered:
                return (
                    f"{about} differ along {self.axis}: {self._at(low)} against {self._at(high)} ({self._gap(i, j)})."
                )
            most, fewest = ("most" if high == self._top() else "more"), ("fewest" if low == self._bottom() else "fewer")
            return (
                f"{about} differ by {self.axis}: {most} at {self._place(high)}, {fewest} at {self._place(low)} "
                f"({self._gap(low, high)})."
            )
        return f"{about} {shape} within {self.axis}: {self._bent(shape)}."

    def _bends(self) -> Iterator[tuple[Shape, int, int]]:
        if len(self.shares) > 2:
            inner = range(1, len(self.shares) - 1)
            yield "peak", 1, max(inner, key=lambda k: self.shares[k])
            yield "dip", -1, min(inner, key=lambda k: self.shares[k])

    def _beyond(self, sign: int, inner: int) -> float:
        """How far a bend goes beyond the nearer of the two ends."""
        return min(sign * (self.shares[inner] - self.shares[end]) for end in (0, -1))

    def widest(self) -> tuple[int, int] | None:
        """The pair of places that is farthest apart of those told apart beyond chance."""
        found = [pair for pair in self.gaps if self.sign(*pair)]
        return max(found, key=lambda pair: abs(self.shares[pair[1]] - self.shares[pair[0]]), default=None)

    @property
    def reach(self) -> float:
        """How far the shares of that pair are apart; 0 where none is told apart."""
        pair = self.widest()
        return 0.0 if pair is None else abs(self.shares[pair[1]] - self.shares[pair[0]])

    def _digits(self) -> int:
        apart = [(self.shares[i], self.shares[j]) for i, j in self.gaps if self.sign(i, j)]
        for digits in range(1, 6):
            if all(round(100 * one, digits) != round(100 * two, digits) and round(100 * (two - one), digits)
                   for one, two in apart):  # fmt: skip
                return digits
        return 6

    def _top(self) -> int:
        return max(range(len(self.shares)), key=lambda k: self.shares[k])

    def _bottom(self) -> int:
        return min(range(len(self.shares)), key=lambda k: self.shares[k])

    def _at(self, k: int) -> str:
        return f"{self.percent(self.shares[k])} at {self.places[k]}"

    def _place(self, k: int) -> str:
        return f"{self.places[k]} ({self.percent(self.shares[k])})"

    def _named(self) -> list[int]:
        """Places to name, in the order of the axis."""
        count = len(self.shares)
        if count <= LISTED:
            return list(range(count))
        return sorted({self._top(), self._bottom()} | ({0, count - 1} if self.ordered else set()))

    def _listed(self) -> str:
        return joined([self._at(k) for k in self._named()])

    def _same(self) -> str:
        named = self.places if len(self.places) <= LISTED else (*self.places[:2], f"{len(self.places) - 2} more")
        return f"{self.percent(self.shares[0])} at {joined(named)}"

    def _bent(self, shape: Shape) -> str:
        inner = next(k for name, _, k in self._bends() if name == shape)
        last = len(self.shares) - 1
        word, ends = ("highest" if shape == "peak" else "lowest"), (self._at(0), self._at(last))
        near = min((0, last), key=lambda end: abs(self.shares[inner] - self.shares[end]))
        gap = f"{self._gap(near, inner)} against {self.places[near]}"
        return f"{word} at {self._place(inner)}, {ends[0]}, {ends[1]} ({gap})"

    def _bump(self) -> str:
        """A place within that lies beyond both ends, though by no more than chance may do."""
        for _, sign, inner in self._bends():
            if self._beyond(sign, inner) > 0.0:
                word = "highest" if sign > 0 else "lowest"
                end = min((0, len(self.shares) - 1), key=lambda k: abs(self.shares[inner] - self.shares[k]))
                return (
                    f"; the {word}, {self._at(inner)}, is not told apart from {self.percent(self.shares[end])} at "
                    f"{self.places[end]}"
                )
        return ""

    def _gap(self, i: int, j: int) -> str:
        """The difference between two places with its interval, in points."""
        (a, b), turn = ((i, j), 1) if i < j else ((j, i), -1)
        low, high = sorted(turn * end for end in self.gaps[a, b])
        middle = (low + high) / 2 if self.held else self.shares[j] - self.shares[i]
        own = "other axes held, " if self.held else ""
        ends = (min(max(value, -1.0), 1.0) for value in (middle, low, high))  # no two shares lie farther apart
        told = [f"{100 * value:+.{self._digits()}f}" for value in ends]
        return f"{own}{told[0]} points, {told[1]} to {told[2]}"


def joined(parts: Sequence[str]) -> str:
    """A list in words.

    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
