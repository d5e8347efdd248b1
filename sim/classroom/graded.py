"""What a decision was worth given what its seat could know, and how it is marked."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.classroom.orders import plain
from sim.classroom.room import Room
from sim.classroom.turning import named
from sim.classroom.worlds import by_option
from sim.model.state import OPTIONS
from sim.stats.estimates import Z95
from sim.story.tension import shares

if TYPE_CHECKING:
    from sim.classroom.debrief import Measure

MARKS = ("best", "fine", "dubious", "blunder")


def graded(room: Room, turn: int, seat: str, by: Measure, samples: int) -> dict[str, Any]:
    """A decision: points (100 times the expected worth to the seat) of each option in the worlds it might have been in.

    `lost` is what the choice gave away against the best option, `error` its standard error, both as in `crossed`;
    `behind` has both for every option. `best` is the option with the most points in all worlds together. A loss that
    chance explains (within 1.96 errors of nought) is marked fine at worst.
    """
    ended = by_option(room, turn, seat, samples)
    points = 100.0 * by.worth[seat][ended]
    means = points.mean(axis=1)
    order = room.turns[turn].orders[seat]
    chosen, (lost, error) = int(order.option), crossed(points)
    mine, wrong = float(lost[chosen]), float(error[chosen])
    return {
        "turn": turn, "hour": room.turns[turn].state.step * room.setting.params.dt, "option": OPTIONS[chosen],
        "details": {key: value for key, value in plain(order).items() if key != "option"},
        "best": OPTIONS[int(np.argmax(means))], "points": dict(zip(OPTIONS, means.tolist(), strict=True)),
        "behind": {name: {"lost": float(lost[j]), "error": float(error[j])} for j, name in enumerate(OPTIONS)},
        "lost": mine, "error": wrong, "mark": mark(mine, wrong, by.marks),
        "by_chance": mine > by.marks["fine"] and mine <= Z95 * wrong,
        "odds": dict(zip(OPTIONS, map(named, shares(ended)), strict=True)),
    }  # fmt: skip


def crossed(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each option gives away against the best one, with standard errors, from points (options, worlds).

    The best option is picked in every other world and measured in those between, then the other way round, and the two
    are averaged. Picked and measured in the same worlds, the best of equal options would seem better than it is
    (the optimiser's curse, Smith & Winkler 2006; two folds as in Chernozhukov et al. 2018). The loss may come out
    below nought. A single world cannot be split: its error is infinite.
    """
    n = points.shape[1]
    if n < 2:
        return (points.max(axis=0) - points).mean(axis=1), np.full(len(points), inf)
    even = np.arange(n) % 2 == 0
    best = np.where(even, points[:, ~even].mean(axis=1).argmax(), points[:, even].mean(axis=1).argmax())
    apart = points[best, np.arange(n)] - points
    return apart.mean(axis=1), apart.std(axis=1, ddof=1) / np.sqrt(n)


def mark(lost: float, error: float, marks: Mapping[str, float]) -> str:
    """Best, fine, dubious or blunder, by the points given away."""
    if lost <= marks["best"]:
        return "best"
    if lost <= marks["fine"] or lost <= Z95 * error:
        return "fine"
    return "dubious" if lost <= marks["dubious"] else "blunder"


def total(moves: list[dict[str, Any]]) -> dict[str, Any]:
    """Marks counted and points given away in all, with their standard error."""
    return {
        "marks": {name: sum(move["mark"] == name for move in moves) for name in MARKS},
        "given_away": float(sum(move["lost"] for move in moves)),
        "given_away_error": float(np.sqrt(sum(move["error"] ** 2 for move in moves))),
    }
