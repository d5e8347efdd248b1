"""Sentences that claim something where nothing is: how many do, over many seeds, against the level they state.

A verb has a few cases. A `Case` plays the verb where something is null (an axis that cannot move an ending, two arms
that are one setting) under a seed, in this process, and hands back what was said of that: `check(case)` plays it
under `SEEDS` seeds and fails where the seeds with a false claim are too many for the stated level.

Eight seeds are for every day (four false claims fail); `make claims` takes 200 and writes docs/claims.md. With
RUBICON_CLAIMS_ROWS set each case leaves its row in that folder, and `python -m tests.calibration.counting FOLDER PAGE`
puts them in the page.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

SEEDS = int(os.environ.get("RUBICON_CLAIMS_SEEDS", "8"))
ROWS = os.environ.get("RUBICON_CLAIMS_ROWS", "")
UNBELIEVABLE = 1e-3  # a bench fails where so many false claims, or more, are rarer than this at the stated level
SHOWN = 5  # false claims that a failure quotes
MARK = re.compile(r"(?<=<!-- claims -->\n).*?(?=<!-- end -->)", re.DOTALL)


class Said(NamedTuple):
    """A sentence about what is null, and whether it claims an effect, an order or a difference."""

    sentence: str
    claims: bool


@dataclass(frozen=True)
class Case:
    """One way in which a verb meets nothing: `play` gives what it says under a seed, one seed one family of sentences.

    `level` is the chance, as the sentences state it, that any of a family claims falsely: 0.05 for 95 %.
    """

    verb: str
    design: str
    luck: str
    null: str
    play: Callable[[int], Iterable[Said]]
    level: float = 0.05

    @property
    def name(self) -> str:
        """For the id of a test and the name of a file."""
        return re.sub(r"[^\w]+", "-", f"{self.verb}-{self.design}-{self.luck}-{self.null}").strip("-")


@dataclass(frozen=True)
class Tally:
    """What came of a case: `wrong` of `n` seeds had a false claim among their sentences."""

    n: int
    sentences: int
    wrong: int
    examples: tuple[str, ...]

    def chance(self, level: float) -> float:
        """Of so many wrong seeds or more where each has the stated level."""
        return binomial_tail(self.wrong, self.n, level)


def binomial_tail(k: int, n: int, p: float) -> float:
    """P(X >= k) of a binomial (n, p).

    >>> round(binomial_tail(1, 3, 0.5), 6)
    0.875
    """
    return math.fsum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


def count(case: Case, seeds: int = 0) -> Tally:
    """Play a case under seeds 1, 2, ... (`SEEDS` of them unless told otherwise)."""
    n = seeds or SEEDS
    sentences, wrong, examples = 0, 0, []
    for seed in range(1, n + 1):
        said = list(case.play(seed))
        false = [one.sentence for one in said if one.claims]
        sentences += len(said)
        wrong += bool(false)
        examples += [f"seed {seed}: {text}" for text in false]
    return Tally(n, sentences, wrong, tuple(examples[:SHOWN]))


def check(case: Case) -> Tally:
    """Count a case, leave its row where rows are wanted, and fail where its false claims are too many."""
    found = count(case)
    assert found.sentences, f"{case.name}: nothing was said of what is null, so nothing was tested"
    if ROWS:
        row = {key: value for key, value in asdict(case).items() if key != "play"}
        folder = Path(ROWS)
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(row | asdict(found) | {"name": case.name})
        (folder / f"{case.name}.json").write_text(text, encoding="utf-8")
    told = "\n  ".join(found.examples)
    assert found.chance(case.level) >= UNBELIEVABLE, (
        f"{case.name}: false claims under {found.wrong} of {found.n} seeds, stated level {case.level:g}\n  {told}"
    )
    return found


HEADS = ("verb", "design", "luck", "what is null", "seeds", "sentences", "seeds with a false claim", "share", "stated")


def table(folder: Path) -> str:
    """The rows that a bench left, as Markdown, verb by verb."""
    rows = sorted((json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")),
                  key=lambda row: (row["verb"], row["design"], row["luck"], row["null"]))  # fmt: skip
    cells = [
        (row["verb"], row["design"], row["luck"], row["null"], str(row["n"]), f"{row['sentences']:,}",
         str(row["wrong"]), f"{100 * row['wrong'] / row['n']:.1f} %", f"at most {100 * row['level']:g} %")
        for row in rows
    ]  # fmt: skip
    lines = [HEADS, ("---",) * len(HEADS), *cells]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main(folder: str, page: str) -> None:
    """Put the table of a folder's rows between the marks of a page."""
    path = Path(page)
    text = path.read_text(encoding="utf-8")
    assert MARK.search(text), f"{page} has no <!-- claims --> ... <!-- end -->"
    path.write_text(MARK.sub(lambda _: table(Path(folder)), text), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
