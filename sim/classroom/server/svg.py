"""Geometry of the road as a map: pure functions from a view (plain data) to numbers.

Templates write the elements, labels the words. North is up. The
projection is equirectangular, true to scale at the middle latitude (Snyder 1987, Map Projections, p. 90); the road is
drawn straight between its towns, and a place on it stands by road kilometres between the two towns around it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from sim.story.narrative import CONDUCT_TEXT

KM_PER_DEGREE = 111.2  # of latitude, on a sphere of 6371 km
SIZE = (740.0, 860.0)  # units of the map: width, height
TOP, FOOT = 26.0, 40.0  # units kept free above and below the road
LEFT, RIGHT = 262.0, 462.0  # where the names of towns end and where other labels begin
TOWN, MET, LINE, COLUMN = 27.0, 29.0, 56.0, 72.0  # height of a label
HALF_LINE = 34.0  # half the length of the mark across the road
HEAD = 21.0  # from the middle of the column's mark to its tip
BARS = (20, 50, 100, 200, 500)  # lengths of the scale bar, km
DID = {text: conduct.name.lower() for conduct, text in CONDUCT_TEXT.items()}


class Point(NamedTuple):
    """A place in units of the drawing, y downwards."""

    x: float
    y: float


class Label(NamedTuple):
    """A name for a place: `at` is the place, `y` the height of the name beside it, `leader` the path between them."""

    kind: str
    at: Point
    y: float
    leader: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class RoadMap:
    """All that the map draws; paths are SVG path data, empty where there is nothing to draw.

    driven : road from the start to the column; lost : road that the column had and has left again
    arrow : points of the column's mark; line : ends of the mark of the prepared line
    bar : left end of the scale bar, its length in units, and in km
    parallels : height and latitude of whole degrees that are even
    """

    size: tuple[float, float]
    road: str
    driven: str
    lost: str
    arrow: str
    column: Point
    line: tuple[Point, Point]
    bar: tuple[Point, float, int]
    parallels: list[tuple[float, int]]
    towns: list[Label]
    others: list[Label]


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Places as near as can be (least squares) to those wanted, in their order, so that no two heights overlap.

    Isotonic regression by pooling adjacent violators (Barlow et al. 1972). Heights shrink where there is too little
    room between `low` and `high`.

    >>> spread([10, 11, 50], [10, 10, 10], 0, 100)
    [5.5, 15.5, 50.0]
    >>> spread([99, 99], [10, 10], 0, 100)
    [85.0, 95.0]
    """
    if not wanted:
        return []
    shrink = min(1.0, (high - low) / sum(heights))
    steps = [0.0, *accumulate(shrink * (a + b) / 2 for a, b in pairwise(heights))]
    pools: list[tuple[float, int]] = []
    for value, step in zip(wanted, steps, strict=True):
        mean, count = float(value - step), 1
        while pools and pools[-1][0] >= mean:
            before, n = pools.pop()
            mean, count = (before * n + mean * count) / (n + count), n + count
        pools.append((mean, count))
    least, most = low + shrink * heights[0] / 2, high - shrink * heights[-1] / 2 - steps[-1]
    flat = [min(max(mean, least), most) for mean, count in pools for _ in range(count)]
    return [place + step for place, step in zip(flat, steps, strict=True)]


class Road:
    """Places on the road by road kilometres; `ends` are km of its far end and of the capital."""

    def __init__(self, towns: Sequence[Mapping[str, Any]], start_km: float) -> None:
        far_first = sorted(towns, key=lambda town: -float(town["road_km"]))
        self.towns = [town for town in far_first if "lat" in town and "lon" in town]
        if len(self.towns) < 2:  # a road without places: straight to the north
            self.towns = [
                {"name": "", "lat": start_km / KM_PER_DEGREE, "lon": 0.0, "road_km": start_km},
                {"name": "", "lat": 0.0, "lon": 0.0, "road_km": 0.0},
            ]
        self._km = [float(town["road_km"]) for town in self.towns]
        self._points, self.scale = self._projected()

    def _projected(self) -> tuple[list[Point], float]:
        lat = [float(town["lat"]) for town in self.towns]
        middle = math.radians((min(lat) + max(lat)) / 2)
        east = [float(town["lon"]) * math.cos(middle) for town in self.towns]
        tall, wide = SIZE[1] - TOP - FOOT, RIGHT - LEFT - HALF_LINE
        scale = min(tall / max(max(lat) - min(lat), 1e-6), wide / max(max(east) - min(east), 1e-6))
        x0 = (LEFT + RIGHT) / 2 - scale * (min(east) + max(east)) / 2
        y0 = TOP + (tall - scale * (max(lat) - min(lat))) / 2 + scale * max(lat)
        self.latitude = (y0, scale)
        return [Point(x0 + scale * e, y0 - scale * n) for e, n in zip(east, lat, strict=True)], scale

    def at(self, km: float) -> Point:
        """The place at a road distance from the capital; beyond an end, that end."""
        km = min(max(km, self._km[-1]), self._km[0])
        for (a, p), (b, q) in pairwise(zip(self._km, self._points, strict=True)):
            if b <= km <= a:
                part = 0.0 if a == b else (a - km) / (a - b)
                return Point(p.x + part * (q.x - p.x), p.y + part * (q.y - p.y))
        return self._points[-1]

    def towards(self, km: float) -> Point:
        """Direction of the road to the capital, of length 1."""
        a, b = self.at(km + 12.0), self.at(km - 12.0)
        length = math.hypot(b.x - a.x, b.y - a.y)
        return Point((b.x - a.x) / length, (b.y - a.y) / length) if length else Point(0.0, -1.0)

    def path(self, far: float, near: float) -> str:
        """The road between two distances, the farther first; empty where there is none between them."""
        if far <= near:
            return ""
        between = [point for km, point in zip(self._km, self._points, strict=True) if near < km < far]
        return path([self.at(far), *between, self.at(near)])


def path(points: Sequence[Point]) -> str:
    """SVG path data of a line through points.

    >>> path([Point(0, 0), Point(1.25, 2)])
    'M0 0L1.2 2'
    """
    return "M" + "L".join(f"{_short(point.x)} {_short(point.y)}" for point in points)


def road_map(view: Mapping[str, Any]) -> RoadMap:
    """The map of a view that has `route` and `column` (see `sim.classroom.views.wall`)."""
    route, column = view["route"], view["column"]
    start, km, closest = (float(v) for v in (route["start_km"], column["km"], column["closest_km"]))
    road = Road(route["towns"], start)
    here, towards, line = road.at(km), road.towards(km), road.at(route["line_km"])
    y0, scale = road.latitude
    first, last = math.ceil((y0 - SIZE[1] + FOOT) / scale), math.floor((y0 - TOP) / scale)
    return RoadMap(
        size=SIZE, road=path(road._points), driven=road.path(start, km), lost=road.path(km, closest),
        arrow=_arrow(here, towards, column["looks"]), column=here, line=_across(line, road.towards(route["line_km"])),
        bar=_bar(scale), towns=_towns(road), others=_others(road, view),
        parallels=[(y0 - scale * degree, degree) for degree in range(first, last + 1) if degree % 2 == 0],
    )  # fmt: skip


def _arrow(at: Point, towards: Point, looks: str) -> str:
    """A triangle that points where the column drives; a square where it stands."""
    if looks.startswith("turning"):
        towards = Point(-towards.x, -towards.y)
    side, ahead = Point(-towards.y, towards.x), HEAD
    corners = [(1.0, 0.0), (-0.75, 0.8), (-0.75, -0.8)]
    if looks.startswith(("standing", "not")):
        corners = [(0.7, 0.7), (0.7, -0.7), (-0.7, -0.7), (-0.7, 0.7)]
    return " ".join(
        f"{_short(at.x + ahead * (a * towards.x + b * side.x))},{_short(at.y + ahead * (a * towards.y + b * side.y))}"
        for a, b in corners
    )


def _across(at: Point, towards: Point) -> tuple[Point, Point]:
    dx, dy = -towards.y * HALF_LINE, towards.x * HALF_LINE
    return Point(at.x - dx, at.y - dy), Point(at.x + dx, at.y + dy)


def _bar(scale: float) -> tuple[Point, float, int]:
    per_km = scale / KM_PER_DEGREE
    km = max((km for km in BARS if km * per_km <= 120.0), default=BARS[0])
    return Point(24.0, SIZE[1] - 14.0), km * per_km, km


def _towns(road: Road) -> list[Label]:
    points = [road.at(float(town["road_km"])) for town in road.towns if town["name"]]
    facts = [{"name": town["name"], "km": float(town["road_km"])} for town in road.towns if town["name"]]
    return _labels([("town", point, TOWN, fact) for point, fact in zip(points, facts, strict=True)], LEFT, -1)


def _others(road: Road, view: Mapping[str, Any]) -> list[Label]:
    column, line_km = view["column"], float(view["route"]["line_km"])
    found: list[tuple[str, Point, float, Mapping[str, Any]]] = [
        (DID.get(one["did"], "met"), road.at(one["km"]), MET, one) for one in column["formations"]
    ]
    found.append(("line", road.at(line_km), LINE, {"km": line_km, "stands": column["line_stands"]}))
    found.append(("column", road.at(column["km"]), COLUMN, column))
    return _labels(found, RIGHT, 1)


def _labels(found: list[tuple[str, Point, float, Mapping[str, Any]]], x: float, side: int) -> list[Label]:
    """Labels in a column on one side of the road, beside their places as far as they fit."""
    found = sorted(found, key=lambda one: one[1].y)
    heights = spread([point.y for _, point, _, _ in found], [height for _, _, height, _ in found], 0.0, SIZE[1] - FOOT)
    return [
        Label(kind, point, y, path([point, Point(x - 26 * side, y), Point(x - 8 * side, y)]), fact)
        for (kind, point, _, fact), y in zip(found, heights, strict=True)
    ]


def _short(value: float) -> str:
    """A coordinate with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")
