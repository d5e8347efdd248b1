"""Designs have the points they promise, and what cannot be an axis is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from SALib.sample import sobol

from sim import catalog
from sim.errors import ConfigurationError
from sim.stats.designs import KINDS, Design, DesignError, axes, design, saltelli_unit
from sim.studies.sweep.plan import SINGLE

SOME = {"R0": None, "k_st": {"low": 0.1, "high": 0.4, "scale": "log"}, "scenario": ["historical", "core"]}


def made(kind: str, spec: dict[str, Any], **given: Any) -> Design:
    return design(kind, axes(spec), **{"points": 8, "levels": 3, "seed": 1, **given})


def asked(preset: str) -> dict[str, Any]:
    option = catalog.option("sweep", preset)
    return option | {"axes": option["axes"] or option.get("fallback", {})}


PRESETS = [name for name in catalog.options("sweep") if catalog.option("sweep", name)["design"] != SINGLE]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_design_that_can_be_played(preset: str) -> None:
    given = asked(preset)
    plan = made(given["design"], given["axes"], points=given["points"], levels=given["levels"], seed=given["seed"])
    assert given["about"]
    assert 10 <= plan.n <= 1000
    assert set(plan.columns) == set(given["axes"])


@pytest.mark.parametrize("preset", ["main_lhs", "one_at_a_time"])
def test_the_presets_of_the_main_parameters_name_them_all(preset: str) -> None:
    assert list(asked(preset)["axes"]) == [path for path, p in catalog.catalogue().items() if p.main]


def test_an_axis_without_levels_has_the_plausible_range_or_all_options() -> None:
    size, depth, scenario, clock = axes({"R0": None, "depth": None, "scenario": None, "weeks": {"count": 3}})
    assert (size.path, size.low, size.high, size.kind) == ("forces.R0", 2.5, 8.0, "number")
    assert depth.levels == (0, 1, 2, 3, 4)
    assert (scenario.levels, scenario.kind) == (tuple(catalog.options("scenario")), "option")
    assert clock.levels == (4, 32, 60)


def test_a_grid_is_every_combination_with_the_first_axis_slowest() -> None:
    plan = made("grid", {"R0": [4, 8], "scenario": ["core", "historical"], "k_st": {"low": 0.1, "high": 0.3}})
    rows = list(zip(*plan.columns.values(), strict=True))
    assert len(rows) == len(set(rows)) == 12
    assert rows[:3] == [(4.0, "core", 0.1), (4.0, "core", 0.2), (4.0, "core", 0.3)]
    assert rows[3] == (4.0, "historical", 0.1)


def test_a_logarithmic_axis_has_equal_ratios() -> None:
    values = made("grid", {"R0": {"low": 1, "high": 16, "scale": "log", "count": 5}}).columns["forces.R0"]
    assert values == pytest.approx([1, 2, 4, 8, 16])


def test_saltelli_changes_one_axis_between_a_and_ab() -> None:
    plan = made("saltelli", SOME, points=4)
    columns = np.column_stack([plan.columns[axis.path] for axis in plan.axes]).reshape(4, 5, 3)
    for j in range(3):
        others = [i for i in range(3) if i != j]
        assert np.all(columns[:, j + 1, others] == columns[:, 0, others])
        assert np.all(columns[:, j + 1, j] == columns[:, -1, j])


@pytest.mark.parametrize("groups", [None, ["b", "a", "b"]])
def test_saltellis_sample_is_that_of_salib(groups: list[str] | None) -> None:
    problem: dict[str, Any] = {"num_vars": 3, "names": ["x", "y", "z"], "bounds": [[0, 1]] * 3}
    problem |= {"groups": groups} if groups else {}
    published = sobol.sample(problem, 8, calc_second_order=False, seed=np.random.default_rng(5))
    assert np.array_equal(saltelli_unit(3, 8, 5, groups), published)


def test_morris_moves_one_axis_a_step_and_says_which() -> None:
    plan = made("morris", SOME | {"depth": None, "mediator.present": None}, points=6)
    k = len(plan.axes)
    assert plan.n == 6 * (k + 1)
    for point in range(plan.n):
        moved = plan.extra["moved"][point]
        assert (moved == "") == (point % (k + 1) == 0)
        if moved:
            differs = {path for path, column in plan.columns.items() if column[point] != column[point - 1]}
            assert differs == {moved}


def test_one_at_a_time_starts_from_the_given_base() -> None:
    plan = made("oat", {"R0": [4, 8], "scenario": None}, base={"forces.R0": 8.0, "scenario": "core"})
    assert plan.n == 1 + 1 + len(catalog.options("scenario")) - 1
    assert (plan.columns["forces.R0"][0], plan.columns["scenario"][0], plan.extra["moved"][0]) == (8.0, "core", "")


def test_a_sobol_sample_that_is_no_power_of_two_is_named() -> None:
    assert made("sobol", SOME, points=64).notes == ()
    assert "points=64 would be" in made("sobol", SOME, points=60).notes[0]


def test_a_table_is_played_as_it_stands() -> None:
    table = {"R0": np.array([4, 6, 4]), "scenario": ["core", "historical", "historical"]}
    plan = design("table", [], points=1, levels=2, seed=0, table=table)
    assert plan.columns["forces.R0"].tolist() == [4.0, 6.0, 4.0]
    assert plan.columns["scenario"].tolist() == ["core", "historical", "historical"]


def test_a_doctrines_number_is_set_by_composition() -> None:
    (tilt,) = axes({"doctrine.tilt": {"low": -0.1, "high": 0.1}})
    assert tilt.kind == "option"
    assert tilt.levels == pytest.approx((-0.1, -0.05, 0.0, 0.05, 0.1))


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"forces.RO": None}, r"unknown axis 'forces.RO'. Did you mean 'forces.R0'\?"),
        ({"seed": [1, 2]}, "'seed' cannot be an axis"),
        ({"R0": None, "forces.R0": [4]}, "'forces.R0' is given twice"),
        ({"R0": 8}, "8 is one value.*write forces.R0=8"),
        ({"R0": []}, "levels is empty"),
        ({"R0": [4, 4]}, "given twice"),
        ({"R0": [4, 99]}, "forces.R0=99 is out of range"),
        ({"R0": {"lowest": 3}}, "some of low, high, scale, count"),
        ({"R0": {"low": 8, "high": 4}}, "low=8 is not below high=4; its plausible range is 2.5 to 8"),
        ({"R0": {"low": 0, "scale": "log"}}, "needs low > 0"),
        ({"R0": {"scale": "cubic"}}, "give linear or log"),
        ({"R0": {"count": 1}}, "whole number of levels from 2"),
        ({"depth": [0.5]}, "not a whole number"),
        ({"scenario": ["histrical"]}, "Did you mean 'historical'"),
        ({"scenario": {"low": 1}}, "has options and no range"),
        ({"leader.doctrine": ["bold"]}, "unknown option 'bold'"),
        ({"leader.title": None}, "give a list"),
    ],
)
def test_an_axis_that_cannot_be_is_named(spec: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        axes(spec)


@pytest.mark.parametrize(
    ("kind", "spec", "given", "says"),
    [
        ("latin", SOME, {}, "unknown design 'latin'.*Known: grid"),
        ("grid", {}, {}, "has no axes"),
        ("grid", SOME, {"levels": 10_000}, r"200,000,000 points \(10000 x 10000 x 2\)"),
        ("lhs", SOME, {"points": 0}, "points=0 is not allowed"),
        ("lhs", SOME, {"points": 2.5}, "points=2.5 is not allowed"),
        ("table", {}, {}, "design=table needs a table"),
        ("table", {"R0": None}, {"table": {"R0": [4]}}, "names its own axes"),
        ("table", {}, {"table": {"R0": [4, 5], "k_st": [0.2]}}, "one length"),
        ("table", {}, {"table": {"R0": [4, None]}}, "no value for forces.R0 in row 2"),
        ("table", {}, {"table": {"R0": np.array([4, np.nan])}}, "no value for forces.R0 in row 2"),
        ("table", {}, {"table": {"R0": [4, 99]}}, "row 2 of the table: forces.R0=99"),
        ("table", {}, {"table": {"size": [4]}}, "unknown axis 'size'"),
        ("table", {}, {"table": {"R0": [4], "forces.R0": [4]}}, "'forces.R0' twice"),
    ],
)
def test_a_design_that_cannot_be_is_named(kind: str, spec: dict[str, Any], given: dict[str, Any], says: str) -> None:
    with pytest.raises(DesignError, match=says):
        made(kind, spec, **given)


def test_all_kinds_are_tried_here() -> None:
    assert set(KINDS) == {"grid", "lhs", "sobol", "saltelli", "oat", "morris", "table"}
