"""The road as a straight strip for a phone: where things lie, and which names find room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

WIDTH, MARGIN, EDGE = 360.0, 14.0, 3.0  # units of the drawing; one is about a pixel on a phone
LETTER = 6.3  # mean width of a letter at the size of the labels (12 units)
GAP = 8.0  # least room between two names in a row
ROWS = 2
NODE, OTHER = 1, 2  # ranks of places that play no part now: nodes of the road before others


class Label(NamedTuple):
    """A name on the strip: text, place of its anchor, which end that is, row from the road, place of its tick."""

    text: str
    x: float
    anchor: str
    row: int
    tick: float


class Strip(NamedTuple):
    """What the drawing needs; all places in its units, the capital on the right."""

    width: float
    column: float
    line: float
    capital: float
    start: float
    closest: float
    column_label: tuple[float, str]
    line_label: tuple[float, str]
    ticks: tuple[tuple[float, bool], ...]
    met: tuple[tuple[float, str], ...]
    labels: tuple[Label, ...]


def strip(route: Mapping[str, Any], column: Mapping[str, Any]) -> Strip:
    """Lay out a route (`sim.classroom.views.route`) with the column of a briefing or a bulletin."""
    far = max(route["start_km"], column["km"], *(one["km"] for one in column["formations"]))

    def place(km: float) -> float:
        return round(MARGIN + (far - km) / far * (WIDTH - 2 * MARGIN), 1)

    towns = [town for town in route["towns"] if town["road_km"] <= far]
    return Strip(
        WIDTH, place(column["km"]), place(route["line_km"]), place(0.0), place(far), place(column["closest_km"]),
        anchored(place(column["km"])), anchored(place(route["line_km"])),
        tuple((place(town["road_km"]), bool(town["node"])) for town in towns),
        tuple((place(one["km"]), str(one["did"])) for one in column["formations"]),
        tuple(labels((_rank(town, column), str(town["name"]), place(town["road_km"])) for town in towns)),
    )  # fmt: skip


def _rank(town: Mapping[str, Any], column: Mapping[str, Any]) -> int:
    """The capital and the towns around the column come first, then nodes of the road, then the rest."""
    near = town["name"] in (column["next_town"], column["last_town"])
    return 0 if town["road_km"] == 0 or near else NODE if town["node"] else OTHER


def labels(wanted: Iterable[tuple[int, str, float]]) -> list[Label]:
    """Names (rank, text, place) that fit, best ranks first, in the row nearest to the road that has room.

    Places that play no part now take what is left of the first row.

    >>> [(one.text, one.row) for one in labels([(1, "Here", 100.0), (0, "There", 110.0), (2, "Nowhere", 105.0)])]
    [('There', 0), ('Here', 1)]
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in range(ROWS)]
    found: list[Label] = []
    for rank, text, tick in sorted(wanted):
        low, high = _span(text, tick)
        if high - low > WIDTH - 2 * EDGE:
            continue
        for row, spans in enumerate(taken if rank < OTHER else taken[:1]):
            if all(high + GAP <= a or b + GAP <= low for a, b in spans):
                spans.append((low, high))
                x, anchor = anchored(tick, len(text))
                found.append(Label(text, x, anchor, row, tick))
                break
    return found


def anchored(tick: float, letters: int = 16) -> tuple[float, str]:
    """Where a text of so many letters stands so that it keeps inside: its anchor and which end that is.

    >>> anchored(180.0), anchored(350.0), anchored(10.0)
    ((180.0, 'middle'), (357.0, 'end'), (3.0, 'start'))
    """
    half = letters * LETTER / 2
    if tick - half < EDGE:
        return EDGE, "start"
    return (WIDTH - EDGE, "end") if tick + half > WIDTH - EDGE else (tick, "middle")


def _span(text: str, tick: float) -> tuple[float, float]:
    wide = len(text) * LETTER
    x, anchor = anchored(tick, len(text))
    low = {"start": x, "middle": x - wide / 2, "end": x - wide}[anchor]
    return low, low + wide
