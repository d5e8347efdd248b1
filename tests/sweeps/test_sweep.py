"""A sweep's points are the plain settings, whatever the design, parts or threads; its canaries can die."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sim import catalog
from sim import results as record
from sim.cli import main
from sim.engines import points
from sim.engines.batch import run_table
from sim.errors import ConfigurationError
from sim.model.state import ENDINGS
from sim.studies.sweep import canaries
from tests.conftest import setting, undrawn

QUICK = ["figures.dpi=30", "figures.formats=[png]"]
FREE = [path for path in catalog.catalogue() if path not in points.STRUCTURE and not path.startswith("doctrine.")]


def sweep(out: Path, name: str, *words: str, code: int = 0, drawn: bool = False) -> Path:
    trusting = [] if any(word.startswith("canaries=") for word in words) else ["canaries=false"]
    with nullcontext() if drawn else undrawn():
        assert main(["sweep", *words, *trusting, *QUICK, f"out={out}", f"name={name}"]) == code
    return next((out / "sweep").glob(f"*/{name}"))


def told(folder: Path, name: str = "summary") -> dict[str, Any]:
    return dict(json.loads((folder / f"{name}.json").read_text()))


@hypothesis_settings(deadline=None, max_examples=60)
@given(st.data())
def test_rows_are_those_of_settings_built_one_by_one(data: st.DataObject) -> None:
    base = setting(data.draw(st.sampled_from(["scenario=historical", "scenario=core", "scenario=demand_power"])))
    paths = data.draw(st.lists(st.sampled_from(FREE), min_size=1, max_size=5, unique=True))
    changes: dict[str, list[float]] = {}
    for path in paths:
        p = catalog.catalogue()[path]
        values = st.integers(int(p.low), int(p.high)) if p.integer else st.floats(p.low, p.high)
        changes[path] = [float(x) for x in data.draw(st.lists(values, min_size=2, max_size=2))]
    try:
        alone = [base.changed({path: values[i] for path, values in changes.items()}).params.row() for i in range(2)]
    except ConfigurationError:  # two numbers that do not fit: then the rows are refused likewise
        with pytest.raises(ConfigurationError):
            points.rows(base, {path: np.array(values) for path, values in changes.items()}, 2)
        return
    together = points.rows(base, {path: np.array(values) for path, values in changes.items()}, 2)
    assert [row.tobytes() for row in together] == [row[0].tobytes() for row in alone]


def test_each_point_is_what_run_gives_for_it(tmp_path: Path) -> None:
    folder = sweep(
        tmp_path, "mixed", "scenario=historical,no_mediator", "doctrine=quantal,uniform", "R0=4,7.5", "dt=0.5,1",
        "k_st=0.1,0.3", "replications=30",
    )  # fmt: skip
    table = record.read_any(folder / "points.parquet")
    runs = record.read_table(folder / "runs" / "part-00000.parquet")
    assert len(table["point"]) == 32
    for point in range(0, 32, 3):
        overrides = [f"{path}={values[point]}" for path, values in table.items() if path != "point"]
        alone = setting(*overrides)
        expected = run_table(alone.params, alone.script, seed=1, n=30)
        for name, values in expected.items():
            np.testing.assert_array_equal(runs[name][runs["point"] == point], values, err_msg=f"{overrides} {name}")


def test_what_is_kept_how_it_is_cut_and_how_many_threads_change_no_number(tmp_path: Path) -> None:
    design = ["sweep.design=lhs", "sweep.points=7", "R0=interval(4,9)", "mediator.status=interval(0.5,1)"]
    words = [*design, "replications=50", "chunk_runs=100"]
    runs = sweep(tmp_path, "runs", *words)
    assert told(runs, "manifest")["digest"] == told(sweep(tmp_path, "one", *words, "threads=1"), "manifest")["digest"]
    tables = [record.read_any(runs / "summary.parquet")]
    tables += [record.read_any(sweep(tmp_path, "sums", *words, "keep=summary") / "summary.parquet")]
    tables += [record.read_any(sweep(tmp_path, "whole", *design, "replications=50") / "summary.parquet")]
    for other in tables[1:]:
        assert all(values.tobytes() == other[name].tobytes() for name, values in tables[0].items())
    assert not (tmp_path / "sweep" / "historical" / "sums" / "runs").exists()
    cut = record.read_any(sweep(tmp_path, "cut", *design, "replications=50", "chunk_runs=20") / "summary.parquet")
    for name, values in tables[0].items():  # a point in three parts: sums of sums may round otherwise
        np.testing.assert_allclose(cut[name].astype(float), values.astype(float), rtol=1e-9)


def test_the_summary_is_that_of_the_runs(tmp_path: Path) -> None:
    folder = sweep(tmp_path, "s", "R0=4,8", "replications=200")
    summary, runs = (
        record.read_any(folder / "summary.parquet"),
        record.read_table(folder / "runs" / "part-00000.parquet"),
    )
    for point in range(2):
        mine = runs["point"] == point
        counts = np.bincount(runs["outcome"][mine], minlength=6)
        assert [summary[f"count_{name}"][point] for name in ENDINGS] == counts.tolist()
        for name in points.METRICS:
            assert summary[f"mean_{name}"][point] == pytest.approx(runs[name][mine].mean())
            assert summary[f"sd_{name}"][point] == pytest.approx(runs[name][mine].std(ddof=1))
        assert summary["deals_kept"][point] == np.sum(runs["deal_kept"][mine] == 1)


def test_shared_luck_pairs_the_points_and_independent_luck_does_not(tmp_path: Path) -> None:
    words = ["w_block=0.1,0.1000001", "replications=100"]
    for luck, same in (("shared", True), ("independent", False)):
        runs = record.read_table(sweep(tmp_path, luck, *words, f"luck={luck}") / "runs" / "part-00000.parquet")
        first, second = (runs["duration_h"][runs["point"] == k] for k in range(2))
        assert (np.mean(first == second) > 0.9) == same


@pytest.mark.parametrize("luck", ["shared", "independent"])
def test_any_row_can_be_played_again_bit_for_bit(luck: str, tmp_path: Path) -> None:
    """The replicate of a row is the one that `rubicon story` takes; under independent luck no two points share one."""
    folder = sweep(tmp_path, luck, "R0=4,8", "replications=6", f"luck={luck}", "seed=1")
    runs = record.read_table(folder / "runs" / "part-00000.parquet")
    assert len(set(runs["replicate"])) == (6 if luck == "shared" else 12)
    for row in (2, 9):
        alone = setting(f"R0={4 if runs['point'][row] == 0 else 8}")
        for engine in ("kernel", "mesa"):
            again = run_table(alone.params, alone.script, seed=1, n=1, first=int(runs["replicate"][row]), engine=engine)
            for name, values in again.items():
                np.testing.assert_array_equal(values[0], runs[name][row], err_msg=f"{name}, {engine}")


@pytest.mark.parametrize("preset", [name for name in catalog.options("sweep") if name != "single"])
def test_every_preset_runs_with_its_figures(preset: str, tmp_path: Path) -> None:
    small = ["sweep.points=2", "sweep.levels=2", "replications=2"]
    if preset == "scenarios":  # its own sixteen scenarios would be composed under each doctrine
        small += ["sweep.axes={scenario: [historical, core]}"]
    folder = sweep(tmp_path, preset, f"sweep={preset}", *small, drawn=True)
    assert told(folder)["points"] >= 2
    assert list((folder / "figures").glob("*.png"))


def test_the_setting_itself_may_be_streamed(tmp_path: Path) -> None:
    """A million runs of one setting are a sweep of one point in many parts."""
    folder = sweep(
        tmp_path, "one", "sweep=single", "scenario=core", "replications=250", "chunk_runs=100", "canaries=false"
    )
    parts = [record.read_table(folder / "runs" / f"part-0000{k}.parquet") for k in range(3)]
    alone = setting("scenario=core")
    expected = run_table(alone.params, alone.script, seed=1, n=250)
    for name, values in expected.items():
        np.testing.assert_array_equal(np.concatenate([part[name] for part in parts]), values)


def test_a_healthy_sweep_says_what_its_canaries_saw(tmp_path: Path) -> None:
    found = told(sweep(tmp_path, "ok", "R0=4,8", "terms.minister.erosion=0.4,0.5", "canaries=true"))["canaries"]
    assert all(canary["passed"] for canary in found)
    assert [canary["name"] for canary in found] == [
        "null change", "probe forces.R0", "probe terms.minister.erosion", "known cause", "as run",
    ]  # fmt: skip


def dead(folder: Path) -> list[str]:
    return [canary["name"] for canary in told(folder)["canaries"] if not canary["passed"]]


def test_a_parameter_cut_off_before_the_model_kills_its_canary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mutation: the number never gets into the kernel's row."""
    rows = points.rows
    monkeypatch.setattr(points, "rows", lambda base, numbers, n: rows(base, {}, n))
    monkeypatch.setattr(canaries, "rows", points.rows)
    folder = sweep(tmp_path, "cut", "R0=4,8", "replications=20", "canaries=true", code=1)
    assert "probe forces.R0" in dead(folder)
    assert "canary failed" in capsys.readouterr().err


def test_a_main_number_that_the_rules_no_longer_read_kills_its_canary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mutation: the row is written, but what is played does not depend on it."""
    from sim.engines import kernel

    play = kernel.play

    def deaf(states: Any, params: np.ndarray, **more: Any) -> None:
        params = params.copy()
        params["R0"] = 5.0
        play(states, params, **more)

    monkeypatch.setattr(kernel, "play", deaf)
    assert "probe forces.R0" in dead(sweep(tmp_path, "deaf", "R0=4,8", "replications=20", "canaries=true", code=1))


def test_luck_that_is_not_shared_kills_the_known_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutation: the luck of a crisis depends on the setting."""
    from sim.engines import kernel

    play = kernel.play

    def unpaired(states: Any, params: np.ndarray, *, seed: int, **more: Any) -> None:
        play(states, params, seed=seed + int(params["horizon_h"][0]) + int(params["n_steps"][0]), **more)

    monkeypatch.setattr(kernel, "play", unpaired)
    assert "known cause" in dead(sweep(tmp_path, "unpaired", "R0=4,8", "replications=20", "canaries=true", code=1))


def test_a_sweep_that_changes_the_plain_setting_kills_the_null_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mutation: playing as part of a sweep shifts the luck."""
    monkeypatch.setattr(points, "luck_of", lambda block, point, replicate: replicate + 1)
    assert "null change" in dead(sweep(tmp_path, "shifted", "R0=4,8", "replications=20", "canaries=true", code=1))


@pytest.mark.parametrize("keep", ["runs", "summary"])
def test_values_at_the_wrong_points_kill_the_plain_replay(
    keep: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mutation: the points of a part get each other's values."""
    rows = points.rows

    def mixed(base: Any, numbers: Any, n: int) -> np.ndarray:
        return rows(base, {path: values[::-1] if n > 3 else values for path, values in numbers.items()}, n)

    monkeypatch.setattr(points, "rows", mixed)
    folder = sweep(
        tmp_path, keep, "R0=4,6,8", "w_block=0.1,0.3", "replications=40", f"keep={keep}", "canaries=true", code=1
    )
    assert "as run" in dead(folder)


def test_a_single_value_at_a_time_is_read_where_only_it_moved(tmp_path: Path) -> None:
    """What other axes do is not taken for the doing of one that does nothing."""
    words = ["sweep.design=oat", "R0=interval(4,8)", "post_at_stake=interval(0.5,1)", "scenario=historical,no_mediator"]
    said = told(sweep(tmp_path, "oat", *words, "sweep.levels=3", "replications=300"))["conclusions"]
    (mine,) = [text for text in said if "along actors.ministry.post_at_stake" in text]
    assert mine.startswith(("No difference in negotiated exits is seen", "Whether negotiated exits change"))
    assert any(text.startswith("Negotiated exits differ by scenario: most at historical (") for text in said)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["doctrine.tilt=0.1,-0.1,0", "replications=1000"],
         r"Negotiated exits peak within doctrine.tilt: highest at 0 \(5\d.\d %\), 4\d.\d % at -0.1, 1\d.\d % at 0.1 "),
        (["scenario=no_mediator,historical", "mediator.present=1", "replications=40"],
         r"No difference in negotiated exits is seen along scenario: (\d+.\d) % at no_mediator and historical.$"),
        (["aftermath.revenge=0,0.5", "replications=40"],
         r"No difference in negotiated exits is seen along aftermath.revenge: (\d+.\d) % at 0 and 0.5.$"),
    ],
)  # fmt: skip
def test_words_follow_the_values_in_their_order(words: list[str], says: str, tmp_path: Path) -> None:
    """These rose along falling shares, and differed from themselves."""
    said = told(sweep(tmp_path, "words", *words))["conclusions"]
    assert any(re.match(says, text) for text in said), said


def test_a_number_that_does_nothing_is_told_in_words(tmp_path: Path) -> None:
    found = told(sweep(tmp_path, "inert", "scenario=core", "post_at_stake=0.5,1", "replications=20", "canaries=true"))[
        "canaries"
    ]
    (probe,) = [canary for canary in found if canary["name"].startswith("probe")]
    assert probe["passed"]
    assert "did nothing" in probe["text"]
    assert any("did nothing" in text for text in told(tmp_path / "sweep" / "core" / "inert")["conclusions"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["R0=4,800"], "out of range"),
        (["R0=4,8", "keep=all"], "keep=all"),
        (["R0=4,8", "luck=none"], "luck=none"),
        (["R0=4,8", "chunk_runs=0"], "chunk_runs=0"),
        (["sweep.axes={R0:{low:3,high:2}}"], "low"),
        (["sweep.design=spiral", "R0=4,8"], "spiral"),
        (["sweep.table=nowhere.csv", "sweep.design=table"], "nowhere.csv"),
        (["R0=4,8", "engine=mesa"], "engine"),
        (["resume=", "R0=4,8"], "resume= names no folder"),
        (["RO=4,8"], "Did you mean"),
    ],
)
def test_mistakes_are_one_sentence(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["sweep", *words, f"out={tmp_path}"]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said
    assert not list(tmp_path.iterdir()), "a mistake leaves no folder"


def test_a_preset_of_ones_own_names_only_what_differs(tmp_path: Path) -> None:
    (tmp_path / "own" / "sweep").mkdir(parents=True)
    (tmp_path / "own" / "sweep" / "mine.yaml").write_text("about: mine\ndesign: grid\nlevels: 2\naxes: {R0: null}\n")
    folder = sweep(tmp_path, "own", "--config-dir", str(tmp_path / "own"), "sweep=mine", "replications=20")
    assert told(folder)["points"] == 2


def test_a_table_of_points_is_a_design(tmp_path: Path) -> None:
    table = tmp_path / "points.csv"
    table.write_text("scenario,R0\nhistorical,4\ncore,8\n")
    folder = sweep(tmp_path, "t", "sweep.design=table", f"sweep.table={table}", "replications=20")
    assert record.read_any(folder / "points.parquet")["forces.R0"].tolist() == [4.0, 8.0]
