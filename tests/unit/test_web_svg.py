"""The map and the odds as drawn: places, labels that do not overlap, areas that add up."""

import math
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.classroom.server.bands import history
from sim.classroom.server.svg import SIZE, Road, road_map, spread
from sim.model.state import ENDINGS

TOWNS = [
    {"name": "South", "lat": 47.0, "lon": 40.0, "road_km": 1000},
    {"name": "Middle", "lat": 51.0, "lon": 39.0, "road_km": 500},
    {"name": "Capital", "lat": 55.0, "lon": 37.6, "road_km": 0},
]


def view(**column: Any) -> dict[str, Any]:
    """A view with a column on the road."""
    told = {"km": 600.0, "closest_km": 600.0, "line_stands": True, "looks": "driving on", "formations": [], **column}
    return {"route": {"towns": TOWNS, "line_km": 120.0, "start_km": 780.0}, "column": told}


places = st.lists(st.tuples(st.floats(-50, 150), st.floats(1, 30)), min_size=1, max_size=20)


@settings(deadline=None)
@given(places)
def test_labels_keep_their_order_and_do_not_overlap(found: list[tuple[float, float]]) -> None:
    found = sorted(found)
    heights = [height for _, height in found]
    out = spread([want for want, _ in found], heights, 0.0, 100.0)
    shrink = min(1.0, 100.0 / sum(heights))
    for (a, b), (one, two) in zip(pairwise(out), pairwise(heights), strict=True):
        assert b - a >= shrink * (one + two) / 2 - 1e-6
    assert out[0] >= shrink * heights[0] / 2 - 1e-6
    assert out[-1] <= 100.0 - shrink * heights[-1] / 2 + 1e-6


@settings(deadline=None)
@given(places)
def test_labels_that_fit_stay_where_they_are_wanted(found: list[tuple[float, float]]) -> None:
    wanted = [100.0 * i for i in range(1, len(found) + 1)]
    out = spread(wanted, [height for _, height in found], 0.0, 100.0 * (len(found) + 1))
    assert out == pytest.approx(wanted)


@settings(deadline=None)
@given(st.lists(st.floats(0, 100), min_size=2, max_size=2), st.floats(-8, 8))
def test_no_other_places_of_two_labels_are_nearer(wanted: list[float], shift: float) -> None:
    wanted = sorted(wanted)
    a, b = spread(wanted, [10, 10], -100.0, 200.0)
    assert b - a >= 10 - 1e-9
    cost = (a - wanted[0]) ** 2 + (b - wanted[1]) ** 2
    other = (a + shift - wanted[0]) ** 2 + (max(b, a + shift + 10) - wanted[1]) ** 2
    assert cost <= other + 1e-6


@settings(deadline=None)
@given(st.floats(0, 1000), st.floats(0, 1000))
def test_nearer_the_capital_is_farther_north(one: float, two: float) -> None:
    road = Road(TOWNS, 780.0)
    near, far = sorted((one, two))
    assert road.at(near).y <= road.at(far).y + 1e-9


def test_the_map_is_true_to_scale_and_fits() -> None:
    road = Road(TOWNS, 780.0)
    south, capital = road.at(1000), road.at(0)
    middle = math.radians(51.0)
    east, north = (40.0 - 37.6) * math.cos(middle), 8.0
    assert (south.x - capital.x) / (south.y - capital.y) == pytest.approx(east / north)
    drawn = road_map(view())
    for label in drawn.towns + drawn.others:
        assert 0 <= label.y <= SIZE[1]
        assert 0 <= label.at.x <= SIZE[0]
        assert 0 <= label.at.y <= SIZE[1]
    _, length, km = drawn.bar
    degrees = (capital.y - south.y) / -8.0
    assert length == pytest.approx(degrees * km / 111.2)


def test_a_column_that_turned_back_leaves_a_lost_part_and_points_south() -> None:
    driving, back = road_map(view()), road_map(view(closest_km=300.0, looks="turning back"))
    assert (driving.lost == "", bool(back.lost)) == (True, True)
    assert back.driven == driving.driven != ""
    tip = [float(number) for number in re.findall(r"[\d.]+", back.arrow)[:2]]
    assert tip[1] > back.column.y > float(re.findall(r"[\d.]+", driving.arrow)[1])


def test_what_formations_did_is_told_apart() -> None:
    did = ["resists", "stands aside", "joins the column", "lets the column pass under parley"]
    met = [{"number": i + 1, "km": 700.0 - 30 * i, "did": text} for i, text in enumerate(did)]
    kinds = {label.kind for label in road_map(view(formations=met)).others}
    assert kinds == {"fights", "stands_aside", "joins", "parleys", "line", "column"}


@pytest.mark.parametrize("towns", [[], TOWNS[:1], [TOWNS[0] | {"lat": 55.0, "lon": 37.6}, TOWNS[2]]])
def test_a_road_without_places_is_drawn_straight(towns: list[dict[str, Any]]) -> None:
    told = view(km=5000.0)
    told["route"] = told["route"] | {"towns": towns}
    drawn = road_map(told)
    assert not re.search("nan|inf", drawn.road + drawn.arrow)


rows = st.lists(st.lists(st.floats(0.01, 1), min_size=6, max_size=6), min_size=1, max_size=6)


@settings(deadline=None)
@given(rows)
def test_areas_fill_the_whole_height_in_order(weights: list[list[float]]) -> None:
    shares = [{name: w / sum(row) for name, w in zip(ENDINGS, row, strict=True)} for row in weights]
    odds = {"n": 400, "rows": [{"turn": i, "hour": 3.0 + i, "shares": one} for i, one in enumerate(shares)]}
    drawn = history(odds, 100.0, 50.0)
    assert [band.ending for band in drawn.bands] == list(ENDINGS)
    assert sum(band.share for band in drawn.bands) == pytest.approx(1.0)
    if len(weights) == 1:
        assert all(band.area == "" and band.change is None for band in drawn.bands)
        return
    for upper, lower in pairwise(drawn.bands):
        points = re.findall(r"[ML]([\d.]+) ([\d.]+)", upper.area)
        assert points[len(points) // 2 :][::-1] == re.findall(r"[ML]([\d.]+) ([\d.]+)", lower.area)[: len(weights)]
    assert drawn.bands[0].area.startswith("M0 0L")
    assert drawn.bands[-1].area.endswith("L0 50Z")
    assert sum(band.change or 0.0 for band in drawn.bands) == pytest.approx(0.0, abs=1e-9)
    assert drawn.bands[0].margin == pytest.approx(
        1.96 * math.sqrt(drawn.bands[0].share * (1 - drawn.bands[0].share) / 400)
    )
