"""How several people in one seat come to one order and one forecast."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sim.model.state import ENDINGS

RULES = ("majority", "captain")
CHAIR = 0  # number of the facilitator, whose ballot for a seat goes before those of its members


class Ballot(NamedTuple):
    """What one person wants the seat to order; `at` counts ballots, so that ties have an order."""

    member: int
    option: str
    details: Mapping[str, Any]
    at: int


def decided(ballots: Sequence[Ballot], rule: str, captain: int | None) -> Ballot | None:
    """The ballot that becomes the order; None where nobody has voted.

    majority : the option with most votes, of those the details with most votes; ties go to the earlier ballot
    captain : the captain's; without one, as by majority
    """
    first = [one for one in ballots if one.member == CHAIR]
    first = first or [one for one in ballots if rule == "captain" and one.member == captain]
    if first:
        return max(first, key=lambda one: one.at)
    option = _most(ballots, lambda one: one.option)
    return _most([one for one in ballots if option and one.option == option.option], _details)


def _details(ballot: Ballot) -> str:
    return json.dumps(ballot.details, sort_keys=True)


def _most(ballots: Sequence[Ballot], of: Any) -> Ballot | None:
    counted = Counter(of(one) for one in ballots)
    return min(ballots, key=lambda one: (-counted[of(one)], one.at), default=None)


def pooled(forecasts: Iterable[Mapping[str, float]]) -> dict[str, float] | None:
    """Odds of a team: the mean of its members' (linear opinion pool, Stone 1961); None where nobody has stated any.

    >>> pooled([]) is None
    True
    """
    stated = list(forecasts)
    if not stated:
        return None
    mean = {name: sum(one[name] for one in stated) / len(stated) for name in ENDINGS}
    total = sum(mean.values())
    return {name: value / total for name, value in mean.items()}
