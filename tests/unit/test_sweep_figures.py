"""Figures of sweeps: they hold for every kind of design, no label lies on another, and their numbers are right."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from sim.draw import STUDY_FIGURES, draw
from sim.model.state import ENDINGS
from sim.stats.estimates import wilson
from sim.studies.sweep.figures import phase_diagram, response_curves, small_multiples, tornado
from sim.studies.sweep.figures.bands import bands, means, pooled, wilson_all
from sim.studies.sweep.figures.swept import bins, choose, counts, moved, swept
from sim.studies.sweep.lead import lead_settled
from tests.unit.test_plots import check_texts, make_setting, texts

NAMES = ("phase_diagram", "response_curves", "small_multiples", "scatter_matrix", "tornado")
LEVELS = ("historical", "no_mediator", "ruler_takes_call", "no_contract_deadline")
METRICS = ("duration_h", "closest_km", "deaths")


def number(path: str, *, log: bool = False, about: str = "how sharply choices follow utilities") -> dict[str, Any]:
    return {path: {"unit": "thousand men", "about": about, "scale": "log" if log else "linear", "levels": None}}


def option(path: str, levels: tuple[Any, ...]) -> dict[str, Any]:
    return {path: {"unit": "", "about": path, "scale": "linear", "levels": list(levels)}}


def table(columns: dict[str, Any], runs: int = 200) -> dict[str, np.ndarray]:
    """A sweep's summary in which exits fall along the first axis and collapses along the second."""
    values = {path: np.asarray(column) for path, column in columns.items()}
    rng, n = np.random.default_rng(3), len(next(iter(values.values())))
    place = [np.unique(v, return_inverse=True)[1] / max(len(np.unique(v)) - 1, 1) for v in values.values()]
    weight = np.tile([0.4, 0.3, 1.0, 1.0, 1.0, 0.2], (n, 1))
    weight[:, 2] += 3 * (1 - place[0])
    weight[:, 3] += 4 * place[-1]
    count = np.array([rng.multinomial(runs, w / w.sum()) for w in weight])
    out: dict[str, Any] = {"point": np.arange(n), **values, "n": np.full(n, runs)}
    for k, name in enumerate(ENDINGS):
        out |= {f"count_{name}": count[:, k], f"share_{name}": count[:, k] / runs}
    for k, name in enumerate(METRICS):
        out |= {f"mean_{name}": 20.0 + 9 * place[0] + 40 * k, f"sd_{name}": np.full(n, 5.0)}
    return out


def grid(**levels: Any) -> dict[str, np.ndarray]:
    pairs = list(product(*levels.values()))
    return {path: np.array([row[i] for row in pairs], dtype=object if isinstance(pairs[0][i], str) else float)
            for i, path in enumerate(levels)}  # fmt: skip


def scattered(k: int, n: int = 150) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    return {f"forces.axis_{i}": rng.uniform(1, 9, n) for i in range(k)}


def one_at_a_time(k: int) -> dict[str, np.ndarray]:
    base = np.full((1 + 2 * k, k), 5.0)
    for i in range(k):
        base[1 + 2 * i, i], base[2 + 2 * i, i] = 1.0, 9.0
    return {f"actors.leader.axis_{i}": base[:, i] for i in range(k)}


def described(columns: dict[str, np.ndarray]) -> dict[str, Any]:
    axes: dict[str, Any] = {}
    for path, values in columns.items():
        axes |= number(path) if values.dtype.kind == "f" else option(path, tuple(dict.fromkeys(values)))
    return axes


STEPS = tuple(np.linspace(2.0, 10.0, 9))
DESIGNS: dict[str, dict[str, np.ndarray]] = {
    "grid": grid(R0=STEPS, k_st=STEPS),
    "one": grid(R0=STEPS),
    "one_option": grid(scenario=LEVELS),
    "two_options": grid(scenario=tuple(f"scenario_{i:02d}_of_many" for i in range(16)), doctrine=LEVELS),
    "many_panels": grid(scenario=tuple(f"s{i}" for i in range(16)), doctrine=tuple(f"doctrine_{i}" for i in range(12))),
    "mixed": grid(scenario=LEVELS, R0=STEPS),
    "two_and_option": grid(R0=STEPS, k_st=STEPS[:5], scenario=LEVELS),
    "few_levels": grid(R0=(4.0, 8.0), present=(0.0, 1.0)),
    "scattered": scattered(2),
    "many": scattered(12),
    "two_points": grid(R0=(4.0, 8.0)),
    "oat": one_at_a_time(20),
    "oat_small": one_at_a_time(2),
    "still": {"R0": np.array([5.0])},
}


@pytest.mark.parametrize(("name", "design"), list(product(NAMES, DESIGNS)))
def test_figure_is_drawn_and_no_text_overlaps_or_leaves_the_page(name: str, design: str) -> None:
    columns = DESIGNS[design]
    fig = draw(name, points=table(columns), setting=make_setting(), axes=described(columns))
    check(fig)


def check(fig: Figure) -> None:
    boxes = texts(fig)
    assert boxes
    check_texts(boxes)


def test_every_chosen_figure_exists_and_fits() -> None:
    chosen = {name: choose("oat" if "oat" in name else "grid", described(of)) for name, of in DESIGNS.items()}
    assert {figure for figures in chosen.values() for figure in figures} == set(NAMES)
    assert set(NAMES) <= set(STUDY_FIGURES)
    assert chosen["grid"] == ["phase_diagram", "response_curves"]
    assert chosen["one_option"] == ["small_multiples"]
    assert chosen["oat"] == ["tornado"]
    assert choose("lhs", described(DESIGNS["many"])) == ["response_curves", "scatter_matrix"]


def test_a_lead_is_settled_only_where_a_fair_coin_would_not_do_it() -> None:
    # 60 against 40 of 100 runs: a fair coin does as much in 5.7 % of cases; 61 against 39 in 3.5 %
    rows = np.array([[60, 40, 0, 0, 0, 0], [61, 39, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]])
    assert [bool(lead_settled(row[None])[0]) for row in rows] == [False, True, False, False]
    assert not lead_settled(rows).any(), "the best of four is looked for, and one in 28 is no rarity among four"


def test_intervals_and_pooled_moments_are_those_of_the_runs() -> None:
    low, high = wilson_all(np.array([81, 0, 3]), np.array([263, 20, 0]))
    assert (low[:2].tolist(), high[:2].tolist()) == tuple(map(list, zip(wilson(81, 263), wilson(0, 20), strict=True)))
    assert np.isnan(low[2])
    rng = np.random.default_rng(5)
    runs = [rng.normal(i, 1 + i, 40) for i in range(4)]
    points = {"n": np.full(4, 40), "mean_x": np.array([r.mean() for r in runs])}
    points["sd_x"] = np.array([r.std(ddof=1) for r in runs])
    middle, half = means(points, "x", np.array([0, 0, 1, -1]), 2)
    both = np.concatenate(runs[:2])
    assert middle[0] == pytest.approx(both.mean())
    assert half[0] == pytest.approx(1.959964 * both.std(ddof=1) / np.sqrt(40)), "the same luck twice is no more runs"
    _, free = means(points, "x", np.array([0, 0, 1, -1]), 2, shared=False)
    assert free[0] == pytest.approx(1.959964 * both.std(ddof=1) / np.sqrt(80))
    assert middle[1] == pytest.approx(runs[2].mean())


def test_cells_of_a_grid_hold_their_own_runs_and_scattered_spots_the_nearest_point() -> None:
    columns = DESIGNS["grid"]
    x, y = swept(table(columns), described(columns))
    count = counts(table(columns))
    owner, total, _ = phase_diagram.cells(x, y, count, exact=True)
    assert total.sum() == count.sum()
    assert sorted(set(owner.ravel().tolist())) == list(range(81))  # every cell shows
    assert (total[owner[0, 0]], total[owner[-1, -1]]) == (pytest.approx(count[0]), pytest.approx(count[-1]))
    columns = DESIGNS["scattered"]
    x, y = swept(table(columns), described(columns))
    owner, _, _ = phase_diagram.cells(x, y, counts(table(columns)), exact=True)
    row, column = 100, 200
    spot = (column + 0.5) / phase_diagram.WIDE, (row + 0.5) / phase_diagram.HIGH
    stretch = phase_diagram.WIDE / phase_diagram.HIGH
    far = ((spot[0] - x.place(x.values)) * stretch) ** 2 + (spot[1] - y.place(y.values)) ** 2
    assert owner[row, column] == far.argmin()


def test_swings_come_from_points_that_differ_in_one_axis() -> None:
    columns = one_at_a_time(3)
    columns["actors.leader.axis_1"][1] = 9.0  # this point differs in two axes and must not count
    points = table(columns)
    found = swept(points, described(columns))
    base = tornado.base_point(found)
    assert base == 0
    swings = tornado.swings_of(found, base, np.arange(7.0), np.zeros((7, 2)))
    assert (swings["actors.leader.axis_0"].low, swings["actors.leader.axis_0"].high) == (0.0, 2.0)
    assert (swings["actors.leader.axis_2"].low, swings["actors.leader.axis_2"].high) == (5.0, 6.0)


def ended(columns: dict[str, np.ndarray], count: list[list[int]]) -> dict[str, np.ndarray]:
    """A summary with these counts of endings."""
    whole = np.array(count)
    counted = {f"count_{name}": whole[:, k] for k, name in enumerate(ENDINGS)}
    return {**columns, **counted, "n": whole.sum(axis=1)}


def along(columns: dict[str, np.ndarray], count: list[list[int]]) -> str:
    """The headline of the response curves."""
    points, axes = ended(columns, count), described(columns)
    (axis,) = swept(points, axes)
    told = [moved(points, make_setting(), axes, axis.path, k, len(ENDINGS)) for k in range(len(ENDINGS))]
    return response_curves.takeaway(axis, told)


def test_bands_of_scattered_points_hold_what_the_points_vary() -> None:
    """Sixteen points whose shares hang on another axis: the bands of an inert one must reach from third to third."""
    share = np.random.default_rng(2).permutation(np.linspace(0.0, 0.8, 16))
    count = np.round(10_000 * np.column_stack([share, 1 - share, *[0 * share] * 4])).astype(int)
    owner = np.arange(16) // 6
    low, high = bands(count, owner, 3, make_setting() | {"luck": "independent"}, apart=True)
    assert low[:, 0].max() < high[:, 0].min()
    assert (high - low)[:, 0].min() > 0.2
    low, high = bands(count, owner, 3, make_setting() | {"luck": "independent"}, apart=False)
    assert (high - low)[:, 0].max() < 0.01


def test_headlines_come_from_the_data() -> None:
    lead = np.array([[9, 1, 0, 0, 0, 0]] * 3 + [[1, 9, 0, 0, 0, 0]])
    assert (
        phase_diagram.takeaway(lead)
        == "A rebel victory is commonest over 75 % of the plane, a government concession over 25 %"
    )
    assert phase_diagram.takeaway(lead[:2]) == "A rebel victory is the commonest ending everywhere here"
    columns = DESIGNS["one"]
    columns = grid(R0=(4.0, 8.0))
    assert along(columns, [[0, 0, 80, 20, 0, 0], [0, 0, 20, 80, 0, 0]]) == (
        "The share of a negotiated exit falls from 80 % to 20 % along R0"
    )
    assert along(columns, [[0, 0, 50, 50, 0, 0], [0, 0, 52, 48, 0, 0]]) == "No ending is seen to change along R0"
    assert along(grid(R0=(4.0, 6.0, 8.0)), [[0, 0, 40, 60, 0, 0], [0, 0, 90, 10, 0, 0], [0, 0, 10, 90, 0, 0]]) == (
        "The share of a negotiated exit along R0: 90 % at 6 but 10 % at 8"
    )
    columns = grid(scenario=("one", "two"))
    (axis,) = swept(table(columns), described(columns))
    for count, told in (
        ([[0, 0, 80, 20, 0, 0], [0, 0, 20, 80, 0, 0]],
         "A negotiated exit: 80 % under scenario one but 20 % under scenario two"),
        ([[0, 0, 80, 20, 0, 0], [0, 0, 78, 22, 0, 0]], "A negotiated exit is not seen to change along scenario"),
    ):  # fmt: skip
        points = ended(columns, count)
        moves = moved(points, make_setting(), described(columns), "scenario", 2)
        assert small_multiples.takeaway(axis, moves, 2) == told


def test_places_run_across_the_axis_and_a_log_axis_is_even_in_ratios() -> None:
    columns = {"R0": np.array([1.0, 3.0, 10.0, 30.0, 100.0]), "scenario": np.array(list("aabba"), dtype=object)}
    axes = number("R0", log=True) | option("scenario", ("a", "b"))
    ratio, name = swept(table(columns), axes)
    assert ratio.place(np.array([1.0, 10.0, 100.0])) == pytest.approx([0, 0.5, 1])
    assert name.place(["a", "b"]) == pytest.approx([0.25, 0.75])
    owner, places = bins(ratio)
    assert pooled(np.ones(5), owner, len(places)).tolist() == [1] * 5
