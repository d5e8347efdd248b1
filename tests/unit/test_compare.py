"""`rubicon compare`: whole directories, claims that wait for their interval, and mistakes named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import results as record
from sim.catalog import verb_tree
from sim.cli import main
from sim.config import compose
from sim.draw import draw
from sim.engines.batch import run_table
from sim.errors import UserError
from sim.model.state import ENDINGS
from sim.stats.paired import MEASURES
from sim.studies.compare.arms import arms_of
from sim.studies.compare.comparing import plan_of
from tests.conftest import setting
from tests.unit.test_plots import check_texts, texts

ROOT = Path(__file__).parents[2]
N = 1500
SMALL = [f"replications={N}", "parting=60", "seed=3", "figures.formats=[png]", "figures.dpi=40"]


def compared(out: Path, name: str, *words: str) -> tuple[Path, dict[str, Any]]:
    small = SMALL[1:] if any(word.startswith("runs=") for word in words) else SMALL  # finished runs have their number
    assert main(["compare", f"out={out}", f"name={name}", *small, *words]) == 0
    (folder,) = (out / "compare").glob(f"*/{name}")
    return folder, json.loads((folder / "summary.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No figures: they are drawn once, for `done`."""
    monkeypatch.setattr("sim.studies.compare.verb._figures", lambda summary: {})


@pytest.fixture(scope="module")
def done(out: Path) -> tuple[Path, dict[str, Any]]:
    return compared(out, "three", "scenarios=[historical,no_mediator,ruler_takes_call]")


def test_directory_holds_what_is_promised(done: tuple[Path, dict[str, Any]]) -> None:
    folder, summary = done
    for pair in summary["pairs"].values():
        assert set(pair["differences"]) == set(MEASURES)
        for entry in pair["differences"].values():
            assert {"difference", "low", "high", "settled", "more", "p_holm", "variance_reduction"} <= set(entry)
            assert entry["settled"] == (entry["more"] == 0) == (entry["low"] > 0 or entry["high"] < 0)
        assert sum(sum(row.values()) for row in pair["transitions"].values()) == N
        assert pair["parting"]["pairs"] == 60
    assert list(summary["pairs"]) == ["no_mediator - historical", "ruler_takes_call - historical"]
    drawn = {path.stem for path in (folder / "figures").iterdir()}
    assert drawn == {"paired_differences", "transitions_1", "transitions_2", "parting_1", "parting_2"}
    assert {path.name for path in folder.iterdir()} >= {"config.yaml", "manifest.json", "parting.parquet"}
    assert record.finished(folder).verb == "compare"


def test_pairs_are_replicates_of_the_runs_alone(done: tuple[Path, dict[str, Any]]) -> None:
    folder, summary = done
    table = record.read_table(folder / "paired.parquet")
    for arm, name in enumerate(("historical", "no_mediator")):
        of = setting(f"scenario={name}")
        alone = run_table(of.params, of.script, seed=3, n=N)
        np.testing.assert_array_equal(table[f"outcome_{arm}"], alone["outcome"])
        np.testing.assert_array_equal(table[f"deaths_{arm}"], alone["deaths"])
    gap = np.mean(table["deaths_1"] - table["deaths_0"])
    assert summary["pairs"]["no_mediator - historical"]["differences"]["deaths"]["difference"] == pytest.approx(gap)


def test_signs_known_beforehand_are_settled(done: tuple[Path, dict[str, Any]]) -> None:
    """Without the mediator there are fewer exits (tests/theory/test_directions.py states the sign)."""
    entry = done[1]["pairs"]["no_mediator - historical"]["differences"]["negotiated_exit"]
    assert entry["settled"]
    assert entry["direction"] == "lower"


@pytest.mark.usefixtures("undrawn")
def test_digest_is_that_of_any_machine(out: Path, done: tuple[Path, dict[str, Any]]) -> None:
    words = "scenarios=[historical,no_mediator,ruler_takes_call]"
    again, _ = compared(out, "again", words, "threads=1")
    digests = {json.loads((folder / "manifest.json").read_text())["digest"] for folder in (done[0], again)}
    assert len(digests) == 1


@pytest.mark.usefixtures("undrawn")
def test_identical_settings_differ_by_exactly_zero(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, summary = compared(out, "twins", "sets=[[],['R0=7.0']]", "R0=7")
    (pair,) = summary["pairs"].values()
    assert pair["identical"]
    assert {(e["difference"], e["low"], e["high"], e["settled"]) for e in pair["differences"].values()} == {
        (0, 0, 0, True)
    }
    assert pair["parting"]["parted"]["count"] == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "identical in every run, every difference is exactly zero" in shown


@pytest.mark.usefixtures("undrawn")
def test_what_is_not_settled_is_not_claimed(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, summary = compared(out, "faint", "sets=[[],['w_block=0.11'],['w_block=0.12']]")
    shown = " ".join(capsys.readouterr().out.split())
    entries = [pair["differences"] for pair in summary["pairs"].values()]
    assert not any(entry[name]["settled"] for entry in entries for name in ENDINGS)
    assert all(ranked["order"] is None for ranked in summary["rankings"].values())
    assert "more replications needed" in shown
    assert " > " not in shown
    assert "yes, " not in shown


@pytest.mark.usefixtures("undrawn")
def test_a_ranking_is_printed_once_it_is_settled(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenarios = "scenarios=[historical,no_mediator,ruler_takes_call]"
    _, summary = compared(out, "ranked", scenarios, "pairs=all", "parting=0")
    assert len(summary["pairs"]) == 3
    order = ["ruler_takes_call", "historical", "no_mediator"]
    assert summary["rankings"]["negotiated_exit"] == {"settled": True, "order": order, "open": [], "equal": []}
    assert "negotiated_exit, from most to least often: " + " > ".join(order) in " ".join(
        capsys.readouterr().out.split()
    )
    assert {pair["parting"] for pair in summary["pairs"].values()} == {None}


@pytest.mark.usefixtures("undrawn")
def test_a_precision_is_reached_or_the_cap_is_named(out: Path) -> None:
    _, summary = compared(out, "precise", "scenarios=[historical,strong_guarantee]", "precision=0.03", "parting=0")
    assert summary["stopped"] == "settled"
    (pair,) = summary["pairs"].values()
    assert max(e["high"] - e["low"] for e in pair["differences"].values() if "plus" in e) <= 0.06
    assert {e.get("p") for e in pair["differences"].values()} == {None}  # no p-value of a fixed size after looks
    _, capped = compared(out, "capped", "until=settled", "cap=2000", "scenarios=[historical,strong_guarantee]")
    assert capped["stopped"] == "cap"
    assert capped["looks"] == [1500, 2000]


@pytest.fixture(scope="module")
def recorded(out: Path) -> list[str]:
    """Finished runs of seed 3, of seed 3 without the mediator, and of seed 4."""
    small = ["replications=300", "trajectories=2"]
    settings = (["seed=3"], ["seed=3", "scenario=no_mediator"], ["seed=4"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.studies.run.verb.draw", lambda *args: None)
        codes = [main(["run", f"out={out}", f"name=r{i}", *small, *words]) for i, words in enumerate(settings)]
    assert codes == [0, 0, 0]
    return [str(next((out / "run").glob(f"*/r{i}"))) for i in range(3)]


@pytest.mark.usefixtures("undrawn")
def test_finished_runs_are_compared_as_the_settings_would_be(out: Path, recorded: list[str]) -> None:
    _, summary = compared(out, "folders", f"runs=[{recorded[0]},{recorded[1]}]")
    _, played = compared(out, "played", "replications=300")
    assert summary["pairs"]["no_mediator - historical"] == played["pairs"]["no_mediator - historical"]
    assert summary["replications"] == 300


def test_runs_of_other_luck_are_refused(recorded: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", f"runs=[{recorded[0]},{recorded[2]}]"]) == 2
    assert "different seeds (3, 4)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["scenarios=[historical]"], "names no two settings"),
        (["scenarios=[historical,nowhere]"], "unknown scenario 'nowhere'"),
        (["scenario=no_mediator"], "takes its scenarios from scenarios="),
        (["scenarios=[historical,core]", "sets=[[],['R0=8']]"], "given together"),
        (["sets=[[],[8]]"], "no set of overrides"),
        (["sets=[[],['R0=80000']]"], "out of range"),
        (["sets=[[],['seed=4']]"], "all settings of a comparison share"),
        (["runs=[a,b]", "until=settled"], "cannot be gone on with"),
        (["runs=[a,b]", "R0=8"], "forces.R0=8: finished runs are compared as they were played"),
        (["runs=[a,b]", "replications=8"], "replications=8: finished runs"),
    ],
)
def test_mistakes_are_named(words: list[str], says: str) -> None:
    with pytest.raises(UserError) as error:
        arms_of(compose(words, verb="compare"))
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("until", "never", "give one of null, settled"),
        ("pairs", "some", "give one of reference, all"),
        ("level", 95, "give a number from 0.5"),
        ("precision", 0, "give a number from"),
        ("cap", 0, "give a whole number from 1"),
        ("parting", 2.5, "give a whole number from 0"),
    ],
)
def test_a_plan_that_cannot_be_is_named(key: str, value: Any, says: str) -> None:
    settings = setting().settings
    choices = {**verb_tree("compare"), key: value}
    with pytest.raises(UserError, match=f"{key}={value} is not allowed; {says}"):
        plan_of(replace(settings, choices=choices), 2)


def test_sets_are_written_as_lists_or_as_one_string() -> None:
    told = compose(["sets=[['R0=8','scenario=no_mediator'],'R0=8 k_st=0.2']", "doctrine=uniform"], verb="compare")
    one, two = arms_of(told)
    assert (one.label, two.label) == ("no_mediator, R0=8", "R0=8, k_st=0.2")
    assert one.setting.name == "no_mediator"
    assert {one.setting.params.R0, two.setting.params.R0} == {8.0}
    assert set(one.setting.params.doctrine) == set(two.setting.params.doctrine) == {one.setting.params.doctrine[0]}


def test_figures_leave_no_text_on_another(done: tuple[Path, dict[str, Any]]) -> None:
    _, summary = done
    one = {**summary, "pairs": dict(list(summary["pairs"].items())[:1])}
    pages = [draw("paired_differences", comparison=data) for data in (summary, one)]
    pages += [
        draw(name, comparison=summary, pair=pair)
        for pair in summary["pairs"].values()
        for name in ("transitions", "parting")
    ]
    for page in pages:
        boxes = texts(page)
        check_texts(boxes)


def test_every_key_of_the_verb_is_on_the_page() -> None:
    page = (ROOT / "docs/compare.md").read_text(encoding="utf-8")
    assert [key for key in verb_tree("compare") if f"`{key}`" not in page] == []
