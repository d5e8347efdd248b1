"""The catalogue of numbers: complete, consistent, and helpful about mistakes."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml

from sim import catalog
from sim.errors import ConfigurationError, ParameterError
from sim.model.derived import CHANNEL_NUMBERS, ITEM_NUMBERS, SWITCHES
from sim.model.params import SCALARS
from sim.model.state import CHANNELS, ITEMS, OPTIONS, SEATS

ALL = list(catalog.catalogue().values())
# The sixteen numbers that carry the analysis; the precision of leader and ruler is one of them.
MAIN = {
    "forces.R0", "forces.L_max", "belief.w_break", "units.loy_mu", "actors.leader.c_R", "actors.ruler.c_G",
    "actors.ruler.phi", "actors.ruler.A_con", "bargaining.delta", "bargaining.nu", "channels.s_req",
    "channels.mediator.status", "channels.mediator.guarantee", "channels.mediator.cover", "actors.mediator.c_med",
    "actors.leader.precision", "actors.ruler.precision",
}  # fmt: skip


@pytest.mark.parametrize("parameter", ALL, ids=lambda p: p.path)
def test_every_number_says_what_it_is_and_where_it_comes_from(parameter: catalog.Parameter) -> None:
    p = parameter
    assert p.allowed_low <= p.low <= p.value <= p.high <= p.allowed_high
    assert p.grade in catalog.GRADES
    assert all(text.strip() for text in (p.about, p.unit, p.source))
    assert math.isfinite(p.value)
    assert catalog.check(p.path, p.value) == p.value


def test_a_number_without_its_description_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for group in {"config.yaml", *(group for group, _ in catalog.default_options().values())}:
        place = catalog.conf_folder() / group
        (tmp_path / group).symlink_to(place, target_is_directory=place.is_dir())
    (tmp_path / "belief").unlink()
    (tmp_path / "belief").mkdir()
    (tmp_path / "belief" / "june_2023.yaml").write_text("pi0: 0.15\n")
    cached = (catalog.catalogue, catalog.defaults_tree, catalog.default_options)
    monkeypatch.setattr(catalog, "conf_folder", lambda: tmp_path)
    try:
        for function in cached:
            function.cache_clear()
        with pytest.raises(ParameterError, match=r"belief\.pi0 = 0\.15 has no unit, range, grade and source"):
            catalog.catalogue()
    finally:
        monkeypatch.undo()
        for function in cached:
            function.cache_clear()


def test_the_numbers_to_look_at_first_are_the_sixteen_of_the_model() -> None:
    assert {p.path for p in ALL if p.main} == MAIN


def test_every_number_the_rules_read_is_in_the_catalogue() -> None:
    known = set(catalog.catalogue())
    read = {f"{group}.{name}" for group, names in SCALARS.items() for name in names}
    read |= {f"channels.{channel}.{name}" for channel in CHANNELS for name in CHANNEL_NUMBERS}
    read |= {f"terms.{item}.{name}" for item in ITEMS for name in ITEM_NUMBERS}
    read |= {f"actors.{seat}.act_{option}" for seat in SEATS for option in OPTIONS}
    read |= {f"switches.{name}" for name in SWITCHES}
    assert read <= known
    by_seat = {path for path in known if path.startswith("actors.")}
    rest = known - read - by_seat - {"release_at_h", "doctrine.tilt", "doctrine.aspiration"}
    assert not rest, "numbers that no rule reads"


def test_a_number_that_follows_others_is_their_sum() -> None:
    known = catalog.catalogue()
    price = known["bargaining.v_C"].value + known["actors.ruler.A_con"].value
    assert known["terms.minister.price"].value == price
    assert known["terms.minister.worth"].value == known["bargaining.v_C"].value


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("forces.R0", 99, ["forces.R0=99", "from 0 up to 50", "thousand men", "plausible: 2.5 to 8"]),
        ("forces.R00", 1, ["unknown parameter 'forces.R00'", "Did you mean 'forces.R0'?"]),
        ("forces.R0", "many", ["forces.R0='many' is not a number"]),
        ("forces.R0", True, ["forces.R0=True is not a number"]),
        ("forces.R0", math.nan, ["not finite"]),
        ("forces.R0", math.inf, ["not finite"]),
        ("forces.n_join", 1.5, ["not a whole number"]),
        ("actors.ruler.phi", 1.0, ["out of range", "up to 0.99"]),
        ("switches.calls", 2, ["out of range", "from 0 up to 1 (flag)"]),
    ],
)
def test_a_wrong_number_is_refused_with_what_is_allowed(path: str, value: object, words: list[str]) -> None:
    with pytest.raises(ParameterError) as error:
        catalog.check(path, value)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_scenarios_may_leave_the_plausible_range_but_not_the_allowed_one() -> None:
    assert catalog.check("forces.R0", 25) == 25.0
    assert catalog.catalogue()["forces.R0"].high < 25


def test_an_alias_is_a_tail_that_names_one_thing_only() -> None:
    short = catalog.aliases()
    assert short["R0"] == "forces.R0"
    assert short["mediator.present"] == "actors.mediator.present"
    assert "precision" not in short
    assert "doctrine" not in short


def test_every_scenario_has_a_sentence_and_touches_only_known_numbers() -> None:
    for name in catalog.options("scenario"):
        content = yaml.safe_load((catalog.conf_folder() / "scenario" / f"{name}.yaml").read_text())
        assert content.pop("about").endswith("."), name
        content.pop("defaults", None)
        for path, value in catalog.walk(content):
            catalog.check(path, value)


def test_an_unknown_option_lists_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"unknown scenario 'no_mediatr'.*'no_mediator'.*Known: .*historical"):
        catalog.option("scenario", "no_mediatr")


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("a: [1")
    with pytest.raises(ConfigurationError, match=r"wrong\.yaml, line 2: this is no YAML"):
        catalog.read(wrong)
    wrong.write_text("- 1\n")
    with pytest.raises(ConfigurationError, match="must be a mapping"):
        catalog.read(tmp_path.joinpath("..", tmp_path.name, "wrong.yaml"))


def test_the_script_of_history_names_known_seats_options_and_items() -> None:
    script = catalog.option("doctrine", "historical_moves")
    hours = [move["hour"] for move in script["moves"]]
    assert hours == sorted(hours)
    for move in script["moves"]:
        assert move["seat"] in SEATS
        assert move["option"] in OPTIONS
        assert move["source"]
    assert {call["through"] for call in script["calls"]} <= set(CHANNELS)
    assert {end for call in script["calls"] for end in (call["from"], call["to"])} <= set(SEATS)
    assert set(script["deal"]["items"]) <= set(ITEMS)


def test_the_route_goes_towards_the_capital_and_the_track_forward_in_time() -> None:
    route = catalog.defaults_tree()["route"]
    road = [town["road_km"] for town in route["towns"]]
    assert road == sorted(road, reverse=True)
    assert [town["road_km"] for town in route["towns"] if town["node"]] == [515, 380, 100, 30]
    hours, way = zip(*((point["hour"], point["km"]) for point in route["track"]), strict=True)
    assert list(hours) == sorted(hours)
    assert list(way) == sorted(way, reverse=True)
    assert all(point["source"] and point["grade"] for point in [*route["towns"], *route["track"]])
