"""Hydra's habits work, and every mistake is one clear sentence."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml

from sim import catalog
from sim.config import compose, launch, recompose
from sim.errors import ConfigurationError, ParameterError
from sim.settings import Settings


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A user's folder with one scenario that is right and three that are not."""
    folder = tmp_path / "own" / "scenario"
    folder.mkdir(parents=True)
    head = "# @package _global_\nabout: Mine.\n"
    (folder / "mine.yaml").write_text(head + "forces: {R0: 7}\n")
    (folder / "onit.yaml").write_text("# @package _global_\ndefaults: [no_mediator, _self_]\nforces: {R0: 6}\n")
    (folder / "far.yaml").write_text(head + "forces: {R0: 700}\n")
    (folder / "typo.yaml").write_text(head + "forces: {RO: 7}\n")
    return tmp_path / "own"


def test_the_default_setting_is_complete_and_equals_the_catalogue() -> None:
    settings = compose()
    assert settings.scenario == "historical"
    assert settings.values == {path: p.value for path, p in catalog.catalogue().items()}
    assert set(settings.doctrines) == set(settings.seats)
    assert {doctrine.rule for doctrine in settings.doctrines.values()} == {"quantal"}
    assert (settings.seed, settings.replications, settings.engine, settings.threads) == (1, 20000, "kernel", None)


@pytest.mark.parametrize("scenario", catalog.options("scenario"))
def test_every_scenario_composes_and_says_what_it_changes(scenario: str) -> None:
    settings, plain = compose([f"scenario={scenario}"]), catalog.catalogue()
    assert settings.scenario == scenario
    assert settings.about == catalog.option("scenario", scenario)["about"]
    changed = {path for path, value in settings.values.items() if value != plain[path].value}
    assert bool(changed) == (scenario != "historical")


@pytest.mark.parametrize("doctrine", catalog.options("doctrine"))
def test_every_doctrine_may_be_given_to_all_seats_or_to_one(doctrine: str) -> None:
    everyone = compose([f"doctrine={doctrine}"])
    assert {found.name for found in everyone.doctrines.values()} == {doctrine}
    one = compose([f"actors.mediator.doctrine={doctrine}"])
    assert one.doctrines["mediator"] == everyone.doctrines["mediator"]
    assert one.doctrines["leader"].name == "quantal"


def test_an_override_beats_the_scenario_and_short_keys_are_completed() -> None:
    settings = compose(["scenario=column_25000", "R0=8", "mediator.present=0", "seed=0"])
    assert settings.values["forces.R0"] == 8.0
    assert settings.values["actors.mediator.present"] == 0
    assert settings.seed == 0
    assert settings.overrides == ("scenario=column_25000", "forces.R0=8", "actors.mediator.present=0", "seed=0")


def test_a_seed_of_null_asks_for_a_fresh_one() -> None:
    assert compose(["seed=null"]).seed is None


def test_what_follows_other_numbers_follows_overrides_too_until_it_is_set() -> None:
    assert compose(["v_C=0.5", "A_con=0.25"]).values["terms.minister.price"] == 0.75
    assert compose(["v_C=0.5", "terms.minister.price=0.9"]).values["terms.minister.price"] == 0.9


def test_a_tilt_on_the_group_reaches_only_the_seats_that_follow_the_group() -> None:
    settings = compose(["doctrine.tilt=0.03", "ministry.doctrine=aggressive"])
    assert settings.doctrines["leader"].tilt == 0.03
    assert settings.doctrines["ministry"].tilt == 0.06


def test_the_resolved_text_composes_to_the_same_setting() -> None:
    settings = compose(["scenario=demand_power", "mediator.doctrine=cautious", "name=2024"])
    again = recompose(yaml.safe_load(settings.text))
    assert again == dataclasses.replace(settings, overrides=())


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("forces.R0=99", ["forces.R0=99", "from 0 up to 50", "plausible: 2.5 to 8"]),
        ("forces.RO=5", ["unknown key 'forces.RO'", "Did you mean 'forces.R0'?"]),
        ("R0=abc", ["forces.R0='abc' is not a number"]),
        ("R0=nan", ["not finite"]),
        ("scenario=no_mediatr", ["'no_mediator'", "ruler_flees"]),
        ("mediator.doctrine=unifrm", ["'uniform'", "satisficing"]),
        ("route=m5", ["Known: m4"]),
        ("engine=gpu", ["Known: kernel, mesa"]),
        ("seed=-1", ["seed=-1", "from 0"]),
        ("seed=2.5", ["seed=2.5", "whole number"]),
        ("replications=0", ["replications=0", "from 1"]),
        ("threads=none", ["threads=none", "or null"]),
        ("forces={R0: 99}", ["forces.R0=99", "out of range"]),
        ("forces={RO: 9}", ["RO", "Did you mean 'forces.R0'?"]),
        ("~forces.R0", ["would delete a key"]),
        ("+forces.tanks=1", ["unknown key 'forces.tanks'"]),
        ("doctrine._target_=os.system", ["_target_", "refused"]),
        ("x", ["is no override", "key=value"]),
        ("R0=4,5", ["several values", "rubicon sweep", "-m"]),
    ],
)
def test_a_mistake_is_one_sentence_that_helps(override: str, words: list[str]) -> None:
    with pytest.raises(ConfigurationError) as error:
        compose([override])
    assert all(word in str(error.value) for word in words), str(error.value)
    assert "\n" not in str(error.value)


def test_a_folder_of_own_scenarios(own: Path) -> None:
    assert compose(["scenario=mine"], config_dir=own).values["forces.R0"] == 7.0
    onit = compose(["scenario=onit"], config_dir=own)
    assert (onit.values["forces.R0"], onit.values["actors.mediator.present"]) == (6.0, 0)
    with pytest.raises(ParameterError, match=r"forces\.R0=700.* is out of range"):
        compose(["scenario=far"], config_dir=own)
    with pytest.raises(ConfigurationError, match=r"scenario/typo.*Did you mean 'forces\.R0'"):
        compose(["scenario=typo"], config_dir=own)
    with pytest.raises(ConfigurationError, match="mine, "):
        compose(["scenario=nothing"], config_dir=own)


def test_a_folder_that_would_run_code_is_refused(own: Path) -> None:
    (own / "scenario" / "evil.yaml").write_text("# @package _global_\nhydra: {launcher: {_target_: os.system}}\n")
    with pytest.raises(ConfigurationError, match=r"evil\.yaml: the key .* refused"):
        compose(["scenario=mine"], config_dir=own)


class Seen:
    """A task that remembers the settings it was given."""

    def __init__(self) -> None:
        self.settings: list[Settings] = []

    def __call__(self, settings: Settings) -> int:
        self.settings.append(settings)
        return 0


def test_multirun_runs_every_point_and_leaves_no_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    seen = Seen()
    assert launch(["-m", "scenario=historical,no_mediator", "seed=1,2"], seen) == 0
    points = [(settings.scenario, settings.seed) for settings in seen.settings]
    assert points == [("historical", 1), ("historical", 2), ("no_mediator", 1), ("no_mediator", 2)]
    assert not list(tmp_path.iterdir())


def test_one_job_that_is_wrong_does_not_lose_the_others(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen = Seen()
    assert launch(["--multirun", "scenario=far,mine", "--config-dir", str(own)], seen) == 2
    assert [settings.scenario for settings in seen.settings] == ["mine"]
    assert "out of range" in capsys.readouterr().err


def test_hydra_shows_the_job_it_would_run(capsys: pytest.CaptureFixture[str]) -> None:
    seen = Seen()
    assert launch(["scenario=no_oka_line", "--cfg", "job", "-p", "forces"], seen) == 0
    shown = capsys.readouterr().out
    assert yaml.safe_load(shown.partition("# @package")[2].partition("\n")[2])["L_max"] == 0.0
    assert not seen.settings


def test_help_names_the_scenarios_and_the_flags(capsys: pytest.CaptureFixture[str]) -> None:
    assert launch(["--help"], Seen(), "story") == 0
    shown = capsys.readouterr().out
    assert "rubicon story" in shown
    assert all(name in shown for name in (*catalog.options("scenario"), "--multirun", "--cfg"))


def test_completion_can_be_installed(capsys: pytest.CaptureFixture[str]) -> None:
    assert launch(["-sc", "install=bash"], Seen()) == 0
    assert capsys.readouterr().out.rstrip().endswith("hydra_bash_completion rubicon")


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    def broken(settings: Settings) -> int:
        raise ZeroDivisionError("ours")

    with pytest.raises(ZeroDivisionError, match="ours"):
        launch(["seed=3"], broken)
