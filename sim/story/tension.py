"""Odds of the endings along a crisis: how they jump from one moment to the next, and which jumps are no noise.

Continuations of neighbouring moments share their luck, so a jump is a paired difference:
its error comes from the continuations that end otherwise, and from them alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.model.state import ENDINGS
from sim.stats.estimates import bonferroni, wilson
from sim.story.narrative import Event

N_ENDINGS = len(ENDINGS)
LEVEL = 0.05  # chance that any of all jumps of a line is called clear though nothing changed
# What a half hour is named after first, from the rare and weighty to the routine.
WEIGHT = (
    "ending", "deal", "battle", "left", "public", "talks", "call", "refused", "asked", "order", "scouts", "formation",
    "strike", "defected", "loyal", "passed",
)  # fmt: skip


class Change(NamedTuple):
    """Odds before and after something, by ending: shape (..., 6), and the standard errors of the changes.

    `bound` is the number of errors beyond which chance does not explain a change, whichever of all compared is read.
    """

    before: np.ndarray
    after: np.ndarray
    error: np.ndarray
    bound: float

    @property
    def sure(self) -> np.ndarray:
        """Endings whose own odds changed beyond chance (..., 6): only their direction may be told."""
        return np.asarray(np.abs(self.after - self.before) > self.bound * self.error)

    @property
    def clear(self) -> np.ndarray:
        """Changes that chance does not explain (...,): the odds of some ending surely rose or fell."""
        return np.asarray(self.sure.any(axis=-1))

    @property
    def size(self) -> np.ndarray:
        """Total variation distance: the share of the odds that moved to another ending (...,)."""
        moved: np.ndarray = 0.5 * np.abs(self.after - self.before).sum(axis=-1)
        return moved


def shares(fates: np.ndarray) -> np.ndarray:
    """Odds (..., 6) from the endings (..., n) of continuations; each row sums to one."""
    return np.stack([(fates == code).mean(axis=-1) for code in range(N_ENDINGS)], axis=-1)


def bands(fates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends (..., 6) of the 95 % Wilson intervals of the odds."""
    n = fates.shape[-1]
    counts = np.rint(shares(fates) * n).astype(int)
    ends = np.array([wilson(int(count), n) for count in counts.ravel()]).reshape(*counts.shape, 2)
    return ends[..., 0], ends[..., 1]


def change(before: np.ndarray, after: np.ndarray, compared: int | None = None) -> Change:
    """Paired change between the endings (..., n) of the same luck before and after.

    The variance of a change is that of McNemar 1947, (b + c + 1 - (b - c)^2 / n) / n^2 with b and c the
    continuations that gained and lost an ending; the one keeps a single discordant pair from looking
    certain. The bound is two-sided at 5 % over all `compared` changes and endings (Bonferroni), so that it holds for
    the largest too, picked after looking; `compared` defaults to as many as are given.
    """
    n = before.shape[-1]
    odds_before, odds_after = shares(before), shares(after)
    apart = [((before == code) != (after == code)).sum(axis=-1) for code in range(N_ENDINGS)]
    moved = odds_after - odds_before
    error = np.sqrt(np.maximum(np.stack(apart, axis=-1) + 1 - n * moved**2, 1.0)) / n
    total = max(int(np.prod(before.shape[:-1])) if compared is None else compared, 1)
    bound = bonferroni(LEVEL, N_ENDINGS * total)
    return Change(odds_before, odds_after, error, bound)


def largest(of: Change, most: int) -> list[int]:
    """Places of the largest clear changes, largest first, at most `most`; ties go to the earlier."""
    order = np.argsort(-of.size, kind="stable")
    return [int(i) for i in order if of.clear[i]][:most]


def described(of: Change, at: int, ending: int) -> dict[str, Any]:
    """One change as plain data: the odds of `ending` before and after with the interval of the difference, and more.

    Intervals hold together for all that were compared. `sure`: the endings whose odds surely rose or fell, the largest
    change first; `gained`, `lost`: those whose odds rose and fell most, sure or not.
    """
    moved = of.after[at] - of.before[at]
    own = _one(of, at, ending)
    return {
        "moved": float(of.size[at]), **{key: value for key, value in own.items() if key != "ending"},
        "gained": ENDINGS[int(np.argmax(moved))], "gain": float(moved.max()),
        "lost": ENDINGS[int(np.argmin(moved))], "loss": float(moved.min()), "clear": bool(of.clear[at]),
        "sure": surely(of, at),
    }  # fmt: skip


def _one(of: Change, at: int | tuple[()], ending: int) -> dict[str, Any]:
    """One ending's odds before and after a change, the difference and its interval."""
    before, after, half = of.before[at][ending], of.after[at][ending], of.bound * of.error[at][ending]
    return {
        "ending": ENDINGS[ending], "before": float(before), "after": float(after), "change": float(after - before),
        "low": float(after - before - half), "high": float(after - before + half),
    }  # fmt: skip


def surely(of: Change, at: int | tuple[()] = ()) -> list[dict[str, Any]]:
    """The endings whose odds surely rose or fell in one change, the largest change first."""
    codes = np.flatnonzero(of.sure[at])
    order = codes[np.argsort(-np.abs(of.after[at] - of.before[at])[codes], kind="stable")]
    return [_one(of, at, int(code)) for code in order]


def telling_change(entry: Mapping[str, Any], ending: str) -> Mapping[str, Any]:
    """Of a described change what a sentence tells: how the odds of `ending` went if that is sure, else the surest.

    A change written down by a version without `sure` is told by `ending`.
    """
    sure = entry.get("sure") or [{**entry, "ending": ending}]
    return next((one for one in sure if one["ending"] == ending), sure[0])


def telling(events: Sequence[Event]) -> list[Event]:
    """Events of a stretch of time, the weightiest kind first."""
    return sorted(events, key=lambda event: WEIGHT.index(event.kind) if event.kind in WEIGHT else len(WEIGHT))


def in_common(stories: Sequence[Sequence[Event]]) -> list[Event]:
    """Kinds of events that more than half of several tellings share, in the commonest words; reasons left out.

    Where the words differ (a formation resists in one telling and stands aside in another) the text
    says in how many of them it went so.
    """
    found: dict[tuple[float, str, str], list[dict[str, Event]]] = {}
    for story in stories:
        kinds: dict[tuple[float, str, str], dict[str, Event]] = {}
        for event in story:
            kinds.setdefault(event[:3], {})[event.text] = event._replace(why="")
        for kind, events in kinds.items():
            found.setdefault(kind, []).append(events)
    out = []
    for tellings in found.values():
        if 2 * len(tellings) <= len(stories):
            continue
        counts = Counter(text for events in tellings for text in events)
        events = {text: event for told in tellings for text, event in told.items()}
        shared = [text for text, count in counts.items() if 2 * count > len(stories)]
        for text in shared or [counts.most_common(1)[0][0]]:
            share = counts[text] / len(stories)
            note = "" if share == 1.0 else f" (in {100 * share:.0f} % of its replicates)"
            out.append(events[text]._replace(text=text + note))
    return out
