"""A stranger's folder of options runs no code, writes no file, reads no environment, however it hides what it asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.config import compose, launch, recompose
from sim.errors import ConfigurationError
from sim.settings import Settings

HEAD = "# @package _global_\nabout: a stranger's\n"
TOUCHED = "was_here"
# A callback that leaves a file, and a log that empties one; `{0}` is the file, `{t}` a spelling of _target_.
CALLBACK = 'hydra: {{callbacks: {{x: {{{t}: builtins.open, file: "{0}", mode: w}}}}}}\n'
LOG = (
    'hydra: {{job_logging: {{version: 1, handlers: {{f: {{class: logging.FileHandler, filename: "{0}", mode: w}}}}, '
    "root: {{handlers: [f]}}}}}}\n"
)


def escaped(word: str, how: list[int]) -> str:
    """A key in quotes, some of its letters as YAML's escapes."""
    forms = ("{}", "\\x{:02x}", "\\u{:04x}", "\\U{:08x}")
    letters = (forms[i].format(ord(c)) if i else c for c, i in zip(word, how, strict=True))
    return '"' + "".join(letters) + '"'


spelling = st.lists(st.integers(0, 3), min_size=8, max_size=8).map(lambda how: escaped("_target_", how))
hydra = st.lists(st.integers(0, 3), min_size=5, max_size=5).map(lambda how: escaped("hydra", how))
GROUPS = ["scenario", "forces", "doctrine", "sweep"]
KINDS = [
    "{h}: {{callbacks: {{x: {{{t}: builtins.open, file: '{f}', mode: w}}}}}}",
    "{h}: {{run: {{dir: '{f}'}}}}",
    "? {h}\n: {{output_subdir: '{f}'}}",
    "forces: {{{t}: builtins.open, file: '{f}', mode: w}}",
    "forces: &a {{R0: 7, {t}: os.system}}\nbelief: *a",
    "defaults: [{{{h}: x}}, _self_]",
    "defaults: [{{'override /hydra/launcher': basic}}, _self_]",
    "defaults: [{{'override hydra/job_logging': default}}, _self_]",
    "defaults: ['/hydra/launcher@forces: basic', _self_]",
    "defaults: [{{'/hydra/launcher@hydra.launcher': basic}}, _self_]",
    "defaults: [{{'/figures@hydra.run': default}}, _self_]",
    "defaults: [{{'/doctrine@hydra': quantal}}, _self_]",
    "defaults: [{{'override /switches@hydra.job.env_set': core}}, _self_]",
    "hydra/launcher: {{n: 1}}",
    "hydra.searchpath: ['file://{f}']",
    "about: '${{oc.env:HOME}}'",
    "about: 'x ${{oc.decode:\"[${{oc.env:HOME}}]\"}}'",
    "actors: {{leader: {{title: '${{hydra:runtime.cwd}}'}}}}",
    "about: '${{oc.create:{{a: 1}}}}'",
    "about: '${{now:%Y}}'",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(KINDS), hydra, spelling, st.booleans(), st.sampled_from(["scenario", "forces", "doctrine", "sweep"])
)
def test_no_file_speaks_to_hydra(
    tmp_path_factory: pytest.TempPathFactory, kind: str, key: str, target: str, chosen: bool, group: str
) -> None:
    folder = tmp_path_factory.mktemp("stranger")
    touched = folder / TOUCHED
    verb = "sweep" if group == "sweep" else "run"
    place = folder / group
    place.mkdir()
    head = HEAD if group == "scenario" else ""
    text = kind.format(h=key, t=target, f=touched)
    if head and text.startswith("about"):
        head = ""
    (place / "evil.yaml").write_text(head + text + "\n")
    line = [f"{group}=evil"] if chosen else []
    seen: list[Settings] = []
    with pytest.raises(ConfigurationError):
        launch([*line, "--config-dir", str(folder)], lambda settings: seen.append(settings), verb)
    with pytest.raises(ConfigurationError):
        compose(line, config_dir=folder, verb=verb)
    assert not seen
    assert not touched.exists()


@pytest.mark.parametrize("place", ["hydra/launcher", "hydra", "hydra/callbacks"])
def test_a_folder_named_after_hydra_is_refused(place: str, tmp_path: Path) -> None:
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / "basic.yaml").write_text("x: 1\n")
    with pytest.raises(ConfigurationError, match="hydra would change how Hydra itself works"):
        compose(config_dir=tmp_path)


@pytest.mark.parametrize(
    "name", ["config.yaml", "config_run.yaml", "notes/x.yaml", "scenario/sub/evil.yaml", "other.txt"]
)
def test_what_is_no_option_is_never_read(name: str, tmp_path: Path) -> None:
    touched = tmp_path / TOUCHED
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CALLBACK.format(touched, t="_target_"))
    seen: list[Settings] = []
    assert launch(["--config-dir", str(tmp_path)], lambda settings: seen.append(settings)) == 0
    assert seen[0].values["forces.R0"] == 5.0
    assert not touched.exists()


def test_a_link_to_a_file_elsewhere_is_read_like_any_other(tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("precious")
    (tmp_path / "far.yaml").write_text(HEAD + LOG.format(kept))
    folder = tmp_path / "own" / "scenario"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").symlink_to(tmp_path / "far.yaml")
    with pytest.raises(ConfigurationError, match="'hydra'"):
        launch(["scenario=mine", "--config-dir", str(tmp_path / "own")], lambda settings: 0)
    assert kept.read_text() == "precious"


@pytest.mark.parametrize(
    "word",
    [
        "hydra.callbacks.x._target_=builtins.open", "+hydra.callbacks={x: {_target_: builtins.open}}",
        "hydra.job_logging.version=1", "hydra.run.dir=/tmp/x", "hydra.sweep.dir=/tmp/x", "hydra.output_subdir=x",
        "hydra.searchpath=[file:///tmp]", "hydra/job_logging=default", "hydra/sweeper=basic", "hydra.mode=MULTIRUN",
        "hydra.verbose=true", "hydra.launcher._target_=os.system", "++hydra.launcher.setup=[id]",
        "hydra.sweeper.params={seed: 1}", "hydra/launcher@forces=basic", "~hydra.run", "hydra={run: {dir: x}}",
        "doctrine._target_=os.system", "doctrine={_target_: os.system}", "forces={R0: 5, _partial_: true}",
        "about=${oc.env:HOME}", "about='${oc.env:HOME}'", "about=x${oc.decode:${oc.env:HOME}}",
        "actors.leader.title=${hydra:runtime.cwd}", "R0=${oc.env:HOME},5", "sweep.axes={R0: '${oc.env:HOME}'}",
    ],
)  # fmt: skip
def test_no_word_of_the_line_speaks_to_hydra(word: str) -> None:
    for flags in ([], ["-m"]):
        with pytest.raises(ConfigurationError):
            launch([word, *flags], lambda settings: 0, "sweep")


@pytest.mark.parametrize("flag", [["--config-path", "/tmp"], ["--config-name=x"], ["--experimental-rerun", "x.pickle"]])
def test_no_flag_has_hydra_read_what_was_not_checked(flag: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="is not taken"):
        launch(flag, lambda settings: 0)


def test_a_launcher_may_be_chosen() -> None:
    seen: list[int | None] = []
    assert launch(["-m", "seed=1,2", "hydra/launcher=basic"], lambda settings: seen.append(settings.seed)) == 0
    assert seen == [1, 2]


def test_a_recorded_configuration_reads_nothing_of_this_machine() -> None:
    import yaml

    config = yaml.safe_load(compose(["R0=5"]).text)
    for change in (
        {"about": "${oc.env:HOME}"},
        {"hydra": {"run": {"dir": "/tmp"}}},
        {"doctrine": {"_target_": "os.system"}},
    ):
        with pytest.raises(ConfigurationError):
            recompose({**config, **change})
