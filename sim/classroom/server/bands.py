"""The odds of the endings over the turns, as areas: pure functions from a view (plain data) to numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

from sim.classroom.server.svg import Point, path
from sim.model.state import ENDINGS
from sim.story.narrative import clock

STEPS_H = (1, 2, 3, 6, 12, 24, 48, 96, 168)  # hours between the marks of an axis


class Band(NamedTuple):
    """One ending over the turns: its area as path data, its share now, and the change since the turn before."""

    ending: str
    area: str
    share: float
    change: float | None
    margin: float


@dataclass(frozen=True)
class History:
    """Odds over the turns: bands from the top down; ticks are x and local time of the day; `y` of 0 and 1."""

    bands: list[Band]
    ticks: list[tuple[float, str]]
    size: tuple[float, float]


def history(odds: Mapping[str, Any], width: float = 600.0, height: float = 340.0) -> History:
    """Stacked shares of the endings by hour (`sim.classroom.views.odds`); no areas where there is one turn only.

    Each band's margin is half of the 95 % interval for the sampling of n continuations (normal approximation).
    """
    rows = odds["rows"]
    hours = [float(row["hour"]) for row in rows]
    shares = [[float(row["shares"].get(name, 0.0)) for name in ENDINGS] for row in rows]
    across = hours[-1] - hours[0]
    xs = [width * (hour - hours[0]) / across if across else 0.0 for hour in hours]
    last_two = len(rows) > 1 and rows[-1]["turn"] - rows[-2]["turn"] == 1  # no change across a gap
    edges = [[0.0, *accumulate(row)] for row in shares]
    bands = []
    for k, name in enumerate(ENDINGS):
        upper = [Point(x, height * edge[k]) for x, edge in zip(xs, edges, strict=True)]
        lower = [Point(x, height * edge[k + 1]) for x, edge in zip(xs, edges, strict=True)]
        now = shares[-1][k]
        change = now - shares[-2][k] if last_two else None
        margin = 1.96 * math.sqrt(max(now * (1 - now), 0.0) / odds["n"])
        bands.append(Band(name, path([*upper, *reversed(lower)]) + "Z" if across else "", now, change, margin))
    return History(bands, _ticks(hours[0], hours[-1], width), (width, height))


def _ticks(first: float, last: float, width: float) -> list[tuple[float, str]]:
    """At most five marks of an axis at round hours of the day.

    >>> _ticks(4.0, 9.0, 100.0)
    [(20.0, '02:00'), (60.0, '04:00'), (100.0, '06:00')]
    """
    if last <= first:
        return []
    step = next((step for step in STEPS_H if (last - first) / step <= 4.01), STEPS_H[-1])
    midnight = 3  # hours from the start of the crisis, 21:00, to the first midnight
    start = midnight + step * math.ceil((first - midnight) / step)
    found = [start + step * i for i in range(int((last - start) // step) + 1)]
    return [(width * (hour - first) / (last - first), clock(hour)[-5:]) for hour in found]
