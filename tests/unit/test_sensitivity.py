"""Sensitivity recovers known answers, says when it does not know, and counts what rests on judgement."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from SALib.analyze import morris as salib_morris

from sim.catalog import catalogue
from sim.cli import main
from sim.config import compose
from sim.draw import draw
from sim.errors import ConfigurationError, UserError
from sim.results import finished, read_table
from sim.scenario import build
from sim.stats.axes import Axis
from sim.stats.designs import MORRIS_LEVELS, Design, design, saltelli_unit
from sim.studies.sensitivity.debt import check_weights, debt
from sim.studies.sensitivity.indices import Indices, doubts, power_of_two, sobol, submodel
from sim.studies.sensitivity.point_means import EXIT, NAMES, SHARES, PointMeans
from sim.studies.sensitivity.screening import effects, nearby, pick, ranked, screen
from sim.studies.sensitivity.sensing import left_out
from sim.studies.sensitivity.verb import run

# Ishigami & Homma 1990 with a = 7, b = 0.1; indices as in Saltelli et al. 2008, and an input that does nothing
ISHIGAMI_S1, ISHIGAMI_ST = (0.3139, 0.4424, 0.0, 0.0), (0.5576, 0.4424, 0.2437, 0.0)
WEIGHTS = {"A": 0.0, "B": 1 / 3, "C": 2 / 3, "judgement": 1.0}
TINY = ["walks=2", "top=3", "points=8", "replications=4", "resamples=20", "figures.formats=[png]", "figures.dpi=40"]


def ishigami(unit: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * unit - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def indices(y: np.ndarray, names: str, halves: np.ndarray | None = None) -> Indices:
    both = np.stack([y, y]) if halves is None else halves
    return sobol(y, both, list(names), confidence=0.95, resamples=100, seed=1)


def test_indices_of_the_ishigami_function_are_the_published_ones() -> None:
    found = indices(ishigami(saltelli_unit(4, 4096, 1)), "abcd")
    assert found.s1 == pytest.approx(ISHIGAMI_S1, abs=0.02)
    assert found.st == pytest.approx(ISHIGAMI_ST, abs=0.02)
    assert found.st[3] == found.st_half[3] == 0.0
    assert np.all(np.abs(found.st - ISHIGAMI_ST) <= 1.5 * found.st_half + 1e-9)


def test_intervals_hold_the_true_indices_as_often_as_they_say() -> None:
    samples = [indices(ishigami(saltelli_unit(4, 64, seed)), "abcd") for seed in range(60)]
    total = np.array([np.abs(found.st - ISHIGAMI_ST) <= found.st_half + 1e-9 for found in samples])
    alone = np.array([np.abs(found.s1 - ISHIGAMI_S1) <= found.s1_half + 1e-9 for found in samples])
    assert total.mean(axis=0).min() > 0.85
    assert alone.mean(axis=0).min() > 0.85


def test_without_luck_the_indices_freed_of_it_are_the_same() -> None:
    found = indices(ishigami(saltelli_unit(4, 1024, 2)), "abcd")
    assert found.st_free == pytest.approx(found.st, abs=0.01)
    assert found.s1_free == pytest.approx(found.s1, abs=0.01)


def test_luck_lifts_st_and_the_freed_index_does_not_see_it() -> None:
    unit = saltelli_unit(4, 4096, 3)
    y, rng = ishigami(unit), np.random.default_rng(3)
    # Each point draws its own luck, of half the variance in all: the worst that common luck can come to.
    halves = y + rng.normal(0, np.sqrt(2) * y.std(), (2, len(y)))
    found = indices(halves.mean(axis=0), "abcd", halves)
    assert found.st[3] == pytest.approx(0.5, abs=0.05)
    assert found.st_free == pytest.approx(ISHIGAMI_ST, abs=0.1)


def test_a_missing_package_is_named_with_the_extra_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    y = ishigami(saltelli_unit(4, 16, 1))
    for module in ("SALib.analyze", "SALib.sample", "scipy.stats"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UserError, match=r"needs the extra `analysis` \(.*SALib.*see README, Installing"):
        indices(y, "abcd")
    for kind, package in (("morris", "SALib"), ("lhs", "scipy")):
        with pytest.raises(UserError, match=rf"needs the extra `analysis` \(.*{package}"):
            design(kind, [axis("a")], points=4, levels=2, seed=1)


def test_a_group_explains_what_its_members_do_together() -> None:
    unit = saltelli_unit(4, 4096, 1, ["one", "two", "one", "two"])
    found = sobol(ishigami(unit), np.stack([ishigami(unit)] * 2), ["one", "two"], confidence=0.95, resamples=50, seed=1)
    # {x1, x3} act together only, x2 alone: the variance splits between the groups without interaction.
    assert found.s1 == pytest.approx([1 - 0.4424, 0.4424], abs=0.02)
    assert found.st == pytest.approx([1 - 0.4424, 0.4424], abs=0.02)


def test_an_output_that_never_varies_has_no_indices() -> None:
    found = indices(np.full(6 * 16, 0.25), "abcd")
    assert found.constant
    assert not found.st.any()
    assert "same at every point" in doubts("x", found, float("nan"), {"N": [16]}, n=16, replications=10)[0]


def test_submodels_are_the_groups_of_the_configuration() -> None:
    found = {submodel(path) for path in catalogue()}
    assert {"forces", "actors.leader", "channels", "terms"} <= found
    assert not [name for name in found if name.startswith(("channels.", "terms."))]


def columns(outcome: np.ndarray, replicate: np.ndarray) -> dict[str, np.ndarray]:
    blank = np.zeros(len(outcome))
    return {"outcome": outcome, "replicate": replicate, "deal_kept": np.full(len(outcome), -1),
            "duration_h": replicate + 1.0, "closest_km": blank, "deaths": blank}  # fmt: skip


def test_means_by_point_do_not_depend_on_how_runs_arrive() -> None:
    rng = np.random.default_rng(1)
    point, replicate = np.repeat(np.arange(5), 6), np.tile(np.arange(6), 5)
    outcome = rng.integers(0, 6, 30)
    runs = columns(outcome, replicate)
    whole, parts = PointMeans(5), PointMeans(5)
    whole.add(point, runs)
    for piece in np.array_split(np.arange(30), 7):
        parts.add(point[piece], {name: values[piece] for name, values in runs.items()})
    assert np.array_equal(whole.means(), parts.means())
    assert whole.means()[2, 2] == np.mean(outcome[point == 2] == 2)
    assert whole.halves()[:, 0, NAMES.index("duration_h")].tolist() == [3.0, 4.0]  # of 1, 3, 5 and of 2, 4, 6


def test_the_share_of_luck_is_the_one_put_in() -> None:
    rng, n = np.random.default_rng(2), 4000
    means = PointMeans(n)
    means.counts[:] = [6, 4]
    signal = rng.normal(0, 1, (n, 1, len(NAMES)))
    means.sums = means.counts[:, :, None] * (signal + rng.normal(0, 1, (n, 2, len(NAMES))) / np.sqrt([[6], [4]]))
    # A mean of ten runs of variance 1 has luck 0.1 beside a signal of 1.
    assert means.luck() == pytest.approx(np.full(len(NAMES), 0.1 / 1.1), abs=0.01)


def axis(path: str, levels: tuple[int, ...] | None = None) -> Axis:
    return Axis(path, levels, None, None) if levels else Axis(path, None, 2.0, 6.0)


def test_effects_of_a_straight_line_are_its_slopes_for_flags_and_whole_numbers_too() -> None:
    plan = design("morris", [axis("a"), axis("b", (0, 1)), axis("c", (0, 1, 2)), axis("d")], points=8, levels=2, seed=1)
    value = plan.columns
    y = (3 * (value["a"] - 2) / 4 + 5 * value["b"] - 2 * value["c"] / 2)[:, None]
    found = screen(plan, y, np.stack([y, y]), confidence=0.9, resamples=50, seed=1)
    assert found.mu[:, 0] == pytest.approx([3, 5, -2, 0])
    assert found.mu_star[:, 0] == pytest.approx([3, 5, 2, 0])
    assert found.square[:, 0] == pytest.approx([9, 25, 4, 0])
    assert np.abs(found.sigma).max() < 1e-9
    assert np.all((found.low <= found.mu_star + 1e-9) & (found.mu_star <= found.high + 1e-9))


def test_morris_measures_are_those_of_salib() -> None:
    plan = design("morris", [axis(name) for name in "abcd"], points=30, levels=2, seed=4)
    x = np.column_stack([(plan.columns[name] - 2) / 4 for name in "abcd"])
    y = ishigami(x)
    published = salib_morris.analyze(
        {"num_vars": 4, "names": list("abcd"), "bounds": [[0, 1]] * 4}, x, y, num_levels=MORRIS_LEVELS, seed=1
    )
    found = screen(plan, y[:, None], np.stack([y[:, None]] * 2), confidence=0.95, resamples=50, seed=1)
    assert found.mu_star[:, 0] == pytest.approx(published["mu_star"])
    assert found.mu[:, 0] == pytest.approx(published["mu"])
    assert found.sigma[:, 0] == pytest.approx(published["sigma"])


def test_luck_cancels_from_the_mean_square_effect() -> None:
    plan = design("morris", [axis(name) for name in "abcd"], points=400, levels=2, seed=5)
    rng = np.random.default_rng(5)
    halves = (plan.columns["a"] - 2)[None, :, None] / 4 + rng.normal(0, 1, (2, plan.n, 1))
    found = screen(plan, halves.mean(axis=0), halves, confidence=0.95, resamples=20, seed=1)
    assert found.square[:, 0] == pytest.approx([1, 0, 0, 0], abs=0.6)
    assert found.mu_star[1:, 0].min() > 0.8  # what luck alone comes to


def test_half_the_sum_over_endings_is_the_share_of_crises_that_end_otherwise() -> None:
    plan = Design("morris", (axis("a"),), {"a": np.array([2.0, 6.0])})
    y = np.array([[0.5, 0.3, 0.2, 0, 0, 0], [0.1, 0.3, 0.3, 0.3, 0, 0]])
    assert effects(plan, y)[0, 0] == pytest.approx([-0.4, 0, 0.1, 0.3, 0, 0])
    found = screen(plan, y, np.stack([y, y]), confidence=0.9, resamples=10, seed=1)
    assert found.moved == found.moved_low == found.moved_high == pytest.approx([0.4])


def test_from_a_base_the_farther_end_counts_and_orders_are_merged_in_turn() -> None:
    plan = design("oat", [axis("forces.R0"), axis("forces.K")], points=1, levels=2, seed=0,
                  base={"forces.R0": 3.0, "forces.K": 6.0})  # fmt: skip
    assert plan.extra["moved"].tolist() == ["", "forces.R0", "forces.R0", "forces.K"]
    y = np.array([[0.5, 0.5], [0.4, 0.6], [0.8, 0.2], [0.5, 0.5]])
    assert nearby(plan, y) == pytest.approx({"forces.R0": 0.3, "forces.K": 0.0})
    assert ranked([0.1, 0.3, 0.2]) == [1, 2, 0]
    assert pick([[1, 2, 0], [2, 0, 1]], 3) == [1, 2, 0]


def test_debt_is_the_variance_times_the_weight_of_the_grade() -> None:
    parts = {"forces.R0": 0.3, "forces.L_max": 0.1, "bargaining.nu": 0.4, "clock.t_speech": 0.2}  # B, C, judgement, A
    owed = debt(parts, WEIGHTS, drawn=np.array([[0.3, 0.1, 0.4, 0.2], [0.3, 0.1, 0.6, 0.0]]), confidence=0.9)
    assert owed is not None
    assert owed.judgement == pytest.approx(0.4)
    assert owed.debt == pytest.approx(0.3 / 3 + 0.1 * 2 / 3 + 0.4)
    assert owed.by_grade == pytest.approx({"A": 0.2, "B": 0.3, "C": 0.1, "judgement": 0.4})
    assert list(owed.debtors) == ["bargaining.nu", "forces.R0", "forces.L_max"]
    assert 0.4 < owed.low < owed.high < 0.6
    assert debt(dict.fromkeys(parts, 0.0), WEIGHTS) is None


@pytest.mark.parametrize("wrong", [{"B": 2.0}, {"B": "much"}, {"B": True}, {"E": 0.5}])
def test_weights_that_are_none_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="each from 0 to 1"):
        check_weights(WEIGHTS | wrong)


def test_a_small_sample_much_luck_and_a_drift_are_named_with_what_mends_them() -> None:
    some = indices(ishigami(saltelli_unit(4, 32, 1)), "abcd")
    steps = {"N": [16, 32], **{name: {"ST": [0.1, 0.4]} for name in "abcd"}}
    said = doubts("deaths", some, 0.5, steps, n=32, replications=40)
    assert len(said) == 3
    wanted = power_of_two(32 * (some.st_half.max() / 0.1) ** 2)
    assert f"try points={wanted}" in said[0]
    assert "50 %" in said[1]
    assert "replications=760" in said[1]  # 40 * 0.5 / 0.5 * 0.95 / 0.05
    assert "moved by 0.30" in said[2]
    good = indices(ishigami(saltelli_unit(4, 4096, 1)), "abcd")
    assert doubts("deaths", good, 0.01, {"N": [4096]}, n=4096, replications=40) == []


def test_what_the_scenario_or_the_line_sets_is_not_screened() -> None:
    out = left_out(compose(["scenario=column_25000", "k_st=0.3"], verb="sensitivity"))
    assert "held at 15.6" in out["forces.R0"]
    assert "held at 0.3" in out["channels.k_st"]
    assert out["clock.dt"] == "numerical step"
    assert "bargaining.nu" not in out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(build(compose([*TINY, f"out={tmp_path_factory.mktemp('sensitivity')}"], verb="sensitivity")))


def test_a_tiny_study_is_whole_and_warns(folder: Path) -> None:
    summary = finished(folder).summary
    studied = [path for path, entry in summary["parameters"].items() if entry["studied"]]
    assert len(studied) == 3
    assert set(summary["indices"]) == set(NAMES)
    assert set(summary["indices"][EXIT]) == set(studied)
    assert set(summary["indices"][EXIT][studied[0]]) >= {"S1", "S1_low", "S1_high", "ST", "ST_low", "ST_high"}
    assert {"forces", "actors.leader"} <= set(summary["groups"][EXIT])
    assert len(summary["morris"]) == len(catalogue()) - len(summary["left_out"])
    assert any("sample is too small" in text for text in summary["warnings"])
    assert any("rests on judgement alone" in text for text in summary["reading"])
    stages = summary["stages"]
    assert {name: stage["runs"] / stage["points"] for name, stage in stages.items()} == {
        "screening": 4, "near": 20, "numbers": 4, "submodels": 4
    }  # fmt: skip
    assert summary["runs"] == sum(stage["runs"] for stage in stages.values())
    assert {path.stem for path in (folder / "figures").iterdir()} == {
        "sobol_indices", "morris_screening", "assumption_debt"
    }  # fmt: skip


def test_the_tables_of_a_tiny_study_agree_with_its_summary(folder: Path) -> None:
    summary, table = finished(folder).summary, read_table(folder / "indices.parquet")
    points, morris = read_table(folder / "points.parquet"), read_table(folder / "morris.parquet")
    name = next(iter(summary["indices"][EXIT]))
    row = np.flatnonzero((table["name"] == name) & (table["output"] == EXIT) & (table["kind"] == "number"))
    assert table["ST"][row].tolist() == [summary["indices"][EXIT][name]["ST"]]
    assert len(points["point"]) == 8 * (3 + 2)
    assert sum(points[share] for share in SHARES) == pytest.approx(np.ones(40))
    assert len(morris["mu"]) == len(summary["morris"]) * len(NAMES)


def test_a_study_is_the_same_again_whatever_the_threads(tmp_path: Path, folder: Path) -> None:
    again = run(build(compose([*TINY, f"out={tmp_path}", "threads=1"], verb="sensitivity")))
    assert (again / "summary.json").read_text() == (folder / "summary.json").read_text()
    assert finished(again).manifest["digest"] == finished(folder).manifest["digest"]


def test_axes_of_the_line_are_studied_and_an_inert_number_explains_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["R0=interval(3,8)", "cas_block=interval(100,900)", "depth=0,1", "screen=false", "submodels=false"]
    assert main(["sensitivity", *TINY, *line, "points=32", f"out={tmp_path}"]) == 0
    assert "alone (S1)" in capsys.readouterr().out
    (place,) = (tmp_path / "sensitivity" / "historical").iterdir()
    summary = json.loads((place / "summary.json").read_text())
    found = summary["indices"][EXIT]
    assert set(found) == {"forces.R0", "forces.cas_block", "bargaining.depth"}
    assert found["forces.cas_block"]["ST"] == 0.0  # nobody blocks the road in this scenario
    assert found["forces.R0"]["ST"] > 0.1
    assert summary["morris"] == summary["groups"] == {}
    assert not (place / "figures" / "morris_screening.png").exists()


def test_without_screening_or_axes_the_main_parameters_are_studied(tmp_path: Path) -> None:
    place = run(build(compose([*TINY, "screen=false", "submodels=false", f"out={tmp_path}"], verb="sensitivity")))
    assert set(finished(place).summary["indices"][EXIT]) == {path for path, p in catalogue().items() if p.main}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (["scenario=core,historical"], "scenario is chosen by name"),
        (["R0=choice(5)"], "one level only"),
        (["points=2"], "points=2 is not allowed"),
        (["replications=1"], "replications=1 is not allowed; give a whole number from 2"),
        (["confidence=1.5"], "confidence=1.5"),
        (["engine=mesa"], "compiled engine only"),
        (["weights.B=3"], "each from 0 to 1"),
        (["exclude=[{path:forces.RO,why:x}]"], "exclude names 'forces.RO'"),
        (["exclude=[forces.R0]"], "give each as"),
        (["exclude=[{path:'*',why:x}]", "axes={}"], "nothing is left to study"),
    ],
)
def test_what_cannot_be_studied_is_named(
    line: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sensitivity", *line, f"out={tmp_path}"]) == 2
    assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_figures_say_so_where_nothing_varies(folder: Path) -> None:
    summary = finished(folder).summary
    still = {"S1": 0.0, "S1_low": 0.0, "S1_high": 0.0, "ST": 0.0, "ST_low": 0.0, "ST_high": 0.0}
    summary["indices"] = {name: dict.fromkeys(found, still) for name, found in summary["indices"].items()}
    summary["morris"] = {path: entry | {"moved": 0.0} for path, entry in summary["morris"].items()}
    summary["debt"] |= {stage: dict.fromkeys(summary["debt"][stage]) for stage in ("numbers", "screening")}
    for name, says in (
        ("sobol_indices", "Nothing here"),
        ("morris_screening", "No number"),
        ("assumption_debt", "Noth"),
    ):
        page = draw(name, sensitivity=summary, setting={"scenario": "core", "n": 4, "seed": 1})
        assert page.texts[0].get_text().startswith(says)
