"""Parameter sets: which replicate has which numbers, on both engines and wherever one looks; luck and doubt apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from sim.catalog import catalogue, conf_folder, read
from sim.cli import main
from sim.config import compose, recompose
from sim.engines.batch import run_paths, run_table
from sim.errors import UserError
from sim.model.state import ENDINGS
from sim.scenario import Setting, build
from sim.sets import Family
from sim.stats.set_spread import over_sets
from tests.conftest import setting, undrawn

POSTERIOR = "parameters=posterior"


def table(of: Setting, n: int, first: int = 0, engine: str = "kernel") -> dict[str, np.ndarray]:
    return run_table(of.family, of.script, seed=of.seed, n=n, first=first, engine=engine, threads=1)


def same(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> list[str]:
    return [name for name in left if left[name].tobytes() != right[name].tobytes()]


def test_a_replicate_has_its_set_wherever_the_run_begins() -> None:
    of = setting(POSTERIOR)
    whole, later = table(of, 5000), table(of, 700, first=4300)
    assert same({name: values[4300:] for name, values in whole.items()}, later) == []
    assert same(whole, table(setting(POSTERIOR, "seed=2"), 5000)) != []


def test_both_engines_give_the_same_bits() -> None:
    of = setting(POSTERIOR)
    assert same(table(of, 12), table(of, 12, engine="mesa")) == []


def test_one_replicate_can_be_taken_out() -> None:
    """`at` has the replicate's own numbers, composes to the same again, and ends as in the run."""
    of = setting(POSTERIOR)
    family, whole = of.family, table(of, 300)
    assert isinstance(family, Family)
    for replicate in (0, 7, 299):
        one = of.at(replicate)
        assert one.sets is None
        assert one.params.row().tobytes() == family.member(replicate).row().tobytes()
        alone = run_table(one.params, one.script, seed=one.seed, n=1, first=replicate)
        assert same({name: values[replicate : replicate + 1] for name, values in whole.items()}, alone) == []
        again = build(recompose(yaml.safe_load(one.settings.text)))
        assert again.params.row().tobytes() == one.params.row().tobytes()
        assert again.sets is None


def test_every_set_gets_its_share_of_runs() -> None:
    family = setting(POSTERIOR).family
    assert isinstance(family, Family)
    m = len(family.members)
    assert np.bincount(family.which(np.arange(3 * m)), minlength=m).tolist() == [3] * m


def test_paths_have_the_sets_of_the_run() -> None:
    of = setting(POSTERIOR)
    paths, runs = run_paths(of.family, of.script, seed=of.seed, n=50), table(of, 50)
    assert np.nanmin(paths["km"], axis=1) == pytest.approx(runs["closest_km"])


def test_point_is_the_setting_as_it_was() -> None:
    of = setting()
    assert of.sets is None
    assert of.family is of.params
    assert of.at(5) is of


def test_what_is_asked_for_goes_before_what_is_in_doubt() -> None:
    assert setting(POSTERIOR).sets.held == ()  # type: ignore[union-attr]
    of = setting(POSTERIOR, "scenario=column_25000", "forces.v=50")
    assert of.sets is not None
    changed = {path for path in of.sets.paths if of.settings.values[path] != catalogue()[path].value}
    assert set(of.sets.held) == changed | {"forces.v"}
    assert {of.at(replicate).settings.values["forces.R0"] for replicate in range(9)} == {
        of.settings.values["forces.R0"]
    }


def test_the_label_says_that_numbers_vary() -> None:
    of = setting(POSTERIOR)
    assert of.label == "historical, parameters=posterior (200 sets)"
    assert of.at(0).label.startswith("historical, parameters=posterior set ")


def test_the_shipped_posterior_says_how_it_was_made_and_lies_in_the_plausible_ranges() -> None:
    told = read(conf_folder() / "parameters" / "posterior.yaml")
    assert {"source", "command", "seed", "source_hash"} <= set(told["made"])
    values = np.array([[float(word) for word in line.split()] for line in told["sets"]])
    assert values.shape == (200, len(told["paths"]))
    for path, column in zip(told["paths"], values.T, strict=True):
        parameter = catalogue()[path]
        assert ((column >= parameter.low) & (column <= parameter.high)).all(), path
        assert len(np.unique(column)) > 50, path


def own(folder: Path, paths: list[str], sets: list[str]) -> str:
    (folder / "parameters").mkdir(exist_ok=True)
    content = {"name": "mine", "about": "a trial", "paths": paths, "sets": sets, "made": {"source": "a test"}}
    (folder / "parameters" / "mine.yaml").write_text(yaml.safe_dump(content))
    return str(folder)


@pytest.mark.parametrize(
    ("paths", "sets", "said"),
    [
        (["forces.R0"], ["4.0 5.0"], "set 1 has 2 numbers for 1 paths"),
        (["forces.R0"], ["4.0", "-1"], "forces.R0=-1 is out of range"),
        (["forces.R00"], ["4.0"], "unknown parameter 'forces.R00'"),
        (["clock.dt"], ["0.25"], "varies clock.dt"),
        (["forces.R0", "forces.R0"], ["4 4"], "a path twice"),
    ],
)
def test_wrong_sets_are_refused(tmp_path: Path, paths: list[str], sets: list[str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        build(compose(["parameters=mine"], own(tmp_path, paths, sets)))


def test_a_setting_that_fixes_all_that_varies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="varies nothing here"):
        build(compose(["parameters=mine", "R0=5"], own(tmp_path, ["forces.R0"], ["4.0"])))


@pytest.mark.parametrize("verb", ["sweep", "sensitivity", "tension", "hinge", "calibrate", "validate"])
def test_a_verb_of_one_set_says_so(verb: str) -> None:
    with pytest.raises(UserError, match="plays one set of numbers"):
        build(compose([POSTERIOR], verb=verb))


def test_a_run_replays_and_encapsulates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    small = ["replications=30", "trajectories=2", "figures.formats=[png]", "figures.dpi=20", "name=one"]
    with undrawn():
        assert main(["run", POSTERIOR, *small]) == 0
    folder = "results/run/historical/one"
    runs = table(setting(POSTERIOR), 30)
    capsys.readouterr()
    assert main(["replay", folder, "--replicate", "3"]) == 0
    told = capsys.readouterr().out
    assert f"Ending: {ENDINGS[runs['outcome'][3]]} after {runs['duration_h'][3]:.1f} h" in told
    assert main(["capsule", folder, "--replicate", "3"]) == 0
    capsule = next((tmp_path / folder / "capsules").iterdir())
    assert main(["capsule", "--play", str(capsule)]) == 0
    assert main(["plot", folder, "--figure", "outcome_shares"]) == 0


def test_doubt_and_luck_are_told_apart() -> None:
    """Sets whose true shares lie evenly between 0.2 and 0.6: variance between sets 0.16 / 12 of 0.24 in all."""
    rng = np.random.default_rng(4)
    m, each = 200, 50
    share = np.linspace(0.2, 0.6, m)
    between = share.var()
    which = np.tile(np.arange(m), each)
    outcome = np.where(rng.random(m * each) < share[which], 2, 3)
    found = over_sets(outcome, which, m, seed=1)["negotiated_exit"]
    assert found["explained"] == pytest.approx(between / 0.24, abs=0.015)
    assert found["sets_low"] == pytest.approx(0.21, abs=0.05)
    assert found["sets_high"] == pytest.approx(0.59, abs=0.05)
    assert found["low"] < found["share"] < found["high"]  # type: ignore[operator]
    half = (found["high"] - found["low"]) / 2  # type: ignore[operator]
    assert half == pytest.approx(1.96 * np.sqrt(between / m + 0.24 / (m * each)), rel=0.15)


def test_without_doubt_none_is_found() -> None:
    rng = np.random.default_rng(5)
    which = np.tile(np.arange(100), 60)
    found = over_sets(rng.choice(6, 6000), which, 100, seed=1)
    assert all(entry["explained"] < 0.01 for entry in found.values())  # type: ignore[operator]
    few = over_sets(rng.choice(6, 100), np.arange(100), 100, seed=1)
    assert all(entry["explained"] is None for entry in few.values())
