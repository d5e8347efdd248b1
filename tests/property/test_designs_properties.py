"""What holds of every design, whatever its axes, size and seed."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.catalog import catalogue
from sim.stats.axes import Axis
from sim.stats.designs import Design, axes, design

PATHS = [path for path, p in catalogue().items() if not path.startswith("doctrine.") and p.low < p.high]
LOG = [path for path in PATHS if catalogue()[path].low > 0 and not catalogue()[path].integer]
SPECS = st.dictionaries(st.sampled_from(PATHS), st.none(), min_size=1, max_size=4).flatmap(
    lambda numbers: st.sampled_from([{}, {"scenario": ["core", "historical", "no_mediator"]}]).map(
        lambda options: {**numbers, **options}
    )
)
SEEDS = st.integers(0, 2**40)


def made(kind: str, spec: dict[str, Any], seed: int, points: int = 8) -> Design:
    return design(kind, axes(spec), points=points, levels=3, seed=seed)


def fits(axis: Axis, column: np.ndarray) -> bool:
    if axis.levels is not None:
        return set(column.tolist()) <= set(axis.levels)
    assert axis.low is not None
    assert axis.high is not None
    return bool(np.all((column >= axis.low) & (column <= axis.high)))


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(["grid", "lhs", "sobol", "saltelli", "oat", "morris"]), SPECS, SEEDS)
def test_values_lie_on_their_axis_and_a_seed_gives_one_design(kind: str, spec: dict[str, Any], seed: int) -> None:
    one, again = made(kind, spec, seed), made(kind, spec, seed)
    assert [axis.path for axis in one.axes] == list(spec) == list(one.columns)
    for axis in one.axes:
        assert len(one.columns[axis.path]) == one.n
        assert fits(axis, one.columns[axis.path])
        assert one.columns[axis.path].tolist() == again.columns[axis.path].tolist()
        assert one.columns[axis.path].dtype == (float if axis.kind == "number" else object)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(LOG), min_size=1, max_size=4, unique=True), SEEDS, st.integers(1, 60), st.booleans())
def test_a_hypercube_meets_each_stratum_of_each_axis_once(paths: list[str], seed: int, n: int, log: bool) -> None:
    scale = "log" if log else "linear"
    plan = made("lhs", {path: {"scale": scale} for path in paths}, seed, n)
    for path in paths:
        low, high, values = catalogue()[path].low, catalogue()[path].high, plan.columns[path]
        place = np.log(values / low) / np.log(high / low) if log else (values - low) / (high - low)
        assert sorted(np.floor(place * n - 1e-9 * (place == 1)).astype(int).tolist()) == list(range(n))


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(1, 12), st.integers(1, 5))
def test_a_hypercube_gives_each_level_its_share(seed: int, each: int, m: int) -> None:
    levels = list(range(m))
    column = made("lhs", {"n_block": levels, "R0": None}, seed, each * m).columns["forces.n_block"]
    assert np.bincount(column.astype(int), minlength=m).tolist() == [each] * m


@settings(deadline=None, max_examples=40)
@given(SPECS, st.integers(2, 4))
def test_a_grid_has_the_product_of_its_levels_and_no_point_twice(spec: dict[str, Any], levels: int) -> None:
    found = axes(spec)
    plan = design("grid", found, points=1, levels=levels, seed=0)
    assert plan.n == np.prod([len(axis.steps(levels)) for axis in found])
    assert len(set(zip(*(column.tolist() for column in plan.columns.values()), strict=True))) == plan.n


@settings(deadline=None, max_examples=40)
@given(SPECS, st.integers(2, 5))
def test_one_at_a_time_differs_from_its_base_in_the_axis_it_names(spec: dict[str, Any], levels: int) -> None:
    plan = design("oat", axes(spec), points=1, levels=levels, seed=0)
    for point in range(plan.n):
        differs = {path for path, column in plan.columns.items() if column[point] != column[0]}
        assert differs == ({plan.extra["moved"][point]} if point else set())
        assert (plan.extra["moved"][point] == "") == (point == 0)
