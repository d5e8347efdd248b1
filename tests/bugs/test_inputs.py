"""Tables, files and lines that once went wrong: each is taken with the right values, or refused where it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sim import cli
from sim import results as record
from sim.catalog import catalogue
from sim.config import compose, launch
from sim.errors import ConfigurationError, UserError
from sim.notebook import crisis, runs
from sim.scenario import build
from sim.settings import Settings
from sim.stats.designs import Design, design
from sim.studies.compare.arms import arms_of
from sim.studies.sensitivity.sensing import left_out
from sim.studies.sweep.plan import Plan, lay_out

HEAD = "# @package _global_\nabout: my own\n"
R0, STATUS = "forces.R0", "channels.mediator.status"


def own(folder: Path, text: str | bytes, name: str = "mine.yaml", group: str = "scenario") -> Path:
    """A user's folder with one file in it."""
    path = folder / group / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


# --- files of a user's own -------------------------------------------------------------------------------------------

FILES: dict[str, tuple[str | bytes, dict[str, Any] | list[str]]] = {
    "as it should be": (HEAD + "forces:\n  R0: 7\n", {R0: 7.0}),
    "without its first line": ("about: my own\nforces:\n  R0: 7\n", {R0: 7.0}),
    "with a byte order mark": (b"\xef\xbb\xbf" + (HEAD + "forces: {R0: 7}\n").encode(), {R0: 7.0}),
    "with the line ends of Windows": ((HEAD + "forces:\n  R0: 7\n").replace("\n", "\r\n"), {R0: 7.0}),
    "a number in quotes": (HEAD + 'forces: {R0: "7"}\n', {R0: 7.0}),
    "an exponent": (HEAD + "forces: {R0: 7e0}\n", {R0: 7.0}),
    "an exponent without a point": (HEAD + "forces: {R0: 1e1}\n", {R0: 10.0}),
    "counts with an exponent": (HEAD + "replications: 1e2\nseed: 7\n", {"replications": 100, "seed": 7}),
    "a truth for a flag": (HEAD + "actors: {mediator: {present: false}}\n", {"actors.mediator.present": 0}),
    "no sentence": ("# @package _global_\nforces: {R0: 7}\n", {R0: 7.0}),
    "an alias": (HEAD + "forces: {R0: &a 7, n_airborne: *a}\n", ["line 3", "unknown key", "forces.n_airborne"]),
    "an alias that is right": (HEAD + "belief: {w_node: &a 0.4, w_pass: *a}\n", {"belief.w_pass": 0.4}),
    "a list of defaults": (
        "defaults: [no_mediator, _self_]\nforces: {R0: 7}\n",
        {R0: 7.0, "actors.mediator.present": 0},
    ),
    "an interpolation": (HEAD + "forces: {R0: 7, L_max: '${forces.R0}'}\n", {"forces.L_max": 7.0}),
    "no": (HEAD + "actors:\n  mediator:\n    present: no\n", ["line 5", "no is false to one", "write false"]),
    "yes": (HEAD + "forces:\n  R0: yes\n", ["line 4", "yes is true to one"]),
    "off": (HEAD + "switches:\n  calls: off\n", ["line 4", "off is false"]),
    "on as a key": (HEAD + "on: 1\n", ["line 3", "on is true"]),
    "base 60": (HEAD + "clock:\n  t_speech: 10:30\n", ["line 4", "10:30", "base 60"]),
    "base 8": (HEAD + "forces:\n  R0: 010\n", ["line 4", "010", "leading zero"]),
    "base 8 of 1.2": (HEAD + "forces:\n  R0: 0o7\n", ["line 4", "0o7"]),
    "base 2": (HEAD + "forces:\n  R0: 0b11\n", ["line 4", "0b11"]),
    "underscores": (HEAD + "replications: 10_000\n", ["line 3", "underscores"]),
    "a date": (HEAD + "about2: x\nforces: {R0: 2023-06-24}\n", ["line 4", "a date"]),
    "a merge": (HEAD + "forces:\n  <<: {R0: 7}\n", ["line 4", "a merge"]),
    "a key twice": (HEAD + "forces:\n  R0: 7\n  R0: 3\n", ["line 5", "'R0'", "second time"]),
    "a branch twice": (HEAD + "forces:\n  R0: 7\nforces:\n  v: 30\n", ["line 5", "'forces'", "second time"]),
    "a tag": (HEAD + "forces: {R0: !!float 7}\n", ["line 3", "tag"]),
    "two documents": (HEAD + "---\nforces: {R0: 7}\n", ["line 3", "second document"]),
    "a tab": (HEAD + "forces:\n\tR0: 7\n", ["line 4", "no tabs"]),
    "a decimal comma": (HEAD + "forces:\n  R0: 7,5\n", ["line 4", "'7,5' is not a number"]),
    "not a number": (HEAD + "forces:\n  R0: .nan\n", ["line 4", "not finite"]),
    "no number": (HEAD + "forces:\n  R0:\n", ["line 4", "not a number"]),
    "out of range": (HEAD + "forces:\n  R0: 99\n", ["line 4", "from 0 up to 50"]),
    "a misspelt key": (HEAD + "forces:\n  RO: 7\n", ["mine.yaml, line 4", "Did you mean 'forces.R0'"]),
    "a misspelt branch": (HEAD + "force:\n  R0: 7\n", ["line 3", "Did you mean 'forces'"]),
    "a key with a dot": (HEAD + "forces.R0: 7\n", ["line 3", "has a dot"]),
    "a branch without keys": (HEAD + "forces:\n", ["line 3", "keys stand under it"]),
    "a scenario within": (HEAD + "scenario: null\n", ["line 3", "no key of a file"]),
    "an option within": (HEAD + "doctrine: cautious\n", ["line 3", "list of defaults"]),
    "an unknown doctrine": (HEAD + "actors: {leader: {doctrine: bold}}\n", ["line 3", "unknown doctrine 'bold'"]),
    "latin letters": ((HEAD + "note: x\n").encode() + "caf\xe9".encode("latin1"), ["line 4", "UTF-8"]),
    "nothing": ("# @package _global_\n", ["is empty"]),
    "a list": ("- 1\n- 2\n", ["holds list"]),
    "another package": ("# @package forces\nR0: 7\n", ["# @package forces", "_global_"]),
    "defaults in a circle": ("defaults: [mine, _self_]\n", ["circle"]),
    "defaults of no option": ("defaults: [nowhere, _self_]\n", ["line 1", "'nowhere'"]),
    "defaults that are null": ("defaults: [{scenario: null}]\n", ["line 1", "not understood"]),
    "defaults of one's own group": ("about: x\ndefaults: [{/scenario: core}]\n", ["line 2", "own group", "core alone"]),
    "defaults twice": ("defaults: [_self_, _self_]\n", ["line 1", "second time"]),
    "defaults of a group": ("defaults: [{doctrine: quantal}]\n", ["line 1", "write 'override /doctrine: quantal'"]),
    "defaults beside the tree": ("defaults: [{/doctrine@forces: quantal}]\n", ["line 1", "no group here"]),
    "an anchor that holds itself": (HEAD + "forces: &a {R0: *a}\n", ["names nothing"]),
    "nesting without end": (HEAD + "forces: " + "[" * 5000 + "\n", ["nested"]),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_read_in_one_way_or_refused_with_its_line(kind: str, tmp_path: Path) -> None:
    text, right = FILES[kind]
    folder = own(tmp_path, text)
    if isinstance(right, list):
        with pytest.raises(ConfigurationError) as error:
            compose(["scenario=mine"], config_dir=folder)
        assert all(word in str(error.value) for word in right), str(error.value)
        assert "mine.yaml" in str(error.value)
        assert "\n" not in str(error.value)
        return
    settings = compose(["scenario=mine"], config_dir=folder)
    found = {**settings.values, "seed": settings.seed, "replications": settings.replications}
    assert {key: found[key] for key in right} == right
    assert settings.scenario == "mine"


def test_aliases_that_grow_without_end_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]" for i in range(1, 30))]
    with pytest.raises(ConfigurationError, match="more than 1,000,000 values"):
        compose(["scenario=mine"], config_dir=own(tmp_path, "\n".join(lines)))


@pytest.mark.parametrize("name", ["überlauf", "my own", "no", "2024", "null_", "a-b", "1e3"])
def test_an_option_may_have_any_name(name: str, tmp_path: Path) -> None:
    folder = own(tmp_path, HEAD + "forces: {R0: 7}\n", f"{name}.yaml")
    assert compose([f"scenario={name}"], config_dir=folder).scenario == name
    seen: list[Settings] = []
    assert launch([f"scenario={name}", "--config-dir", str(folder)], lambda settings: seen.append(settings)) == 0
    assert (seen[0].scenario, seen[0].values[R0]) == (name, 7.0)


def test_what_is_no_option_of_ours_blocks_nothing(tmp_path: Path) -> None:
    folder = own(tmp_path, HEAD + "forces: {R0: 7}\n", "mine.yml")
    own(folder, b"\x00\x05\x16\x07Mac OS X", "._mine.yaml")
    own(folder, b"\xff\xfe\x00", "data.yaml", group="notes")
    own(folder, "half: [written", "other.yaml")
    assert compose(["scenario=mine"], config_dir=folder).values[R0] == 7.0
    with pytest.raises(ConfigurationError, match=r"other\.yaml, line"):
        compose(["scenario=other"], config_dir=folder)


def test_a_file_that_changed_is_read_again_and_one_that_shadows_is_forgotten(tmp_path: Path) -> None:
    folder = own(tmp_path, HEAD + "forces: {R0: 7}\n", "historical.yaml")
    assert compose(config_dir=folder).values[R0] == 7.0
    own(folder, HEAD + "forces: {R0: 7.5}\n", "historical.yaml")
    assert compose(config_dir=folder).values[R0] == 7.5
    assert compose().values[R0] == catalogue()[R0].value


# --- tables of points ------------------------------------------------------------------------------------------------

TABLES: dict[str, tuple[str | bytes, dict[str, list[Any]] | list[str]]] = {
    "as it should be": ("R0,mediator.status\n4,0.6\n8,1\n", {R0: [4, 8], STATUS: [0.6, 1]}),
    "blank lines at the end": ("R0,mediator.status\n4,0.6\n8,1\n\n\n", {R0: [4, 8], STATUS: [0.6, 1]}),
    "empty rows at the end": ("R0,mediator.status\n4,0.6\n8,1\n,\n,\n", {R0: [4, 8], STATUS: [0.6, 1]}),
    "a byte order mark": (b"\xef\xbb\xbfR0,mediator.status\r\n4,0.6\r\n", {R0: [4], STATUS: [0.6]}),
    "the line ends of old Macs": ("R0,mediator.status\r4,0.6\r8,1\r", {R0: [4, 8], STATUS: [0.6, 1]}),
    "truths for a flag": ("mediator.present\ntrue\nFALSE\n", {"actors.mediator.present": [1, 0]}),
    "doctrines": ("doctrine\nquantal\ncautious\n", {"doctrine": ["quantal", "cautious"]}),
    "scenarios": ("scenario,R0\nhistorical,4\n", {"scenario": ["historical"], R0: [4]}),
    "blanks after a name": ("scenario,R0\nhistorical ,4\n", {"scenario": ["historical"], R0: [4]}),
    "blanks everywhere": ("R0 , mediator.status\n 4 , 0.6 \n", {R0: [4], STATUS: [0.6]}),
    "quotes": ('"R0","mediator.status"\n"4","0.6"\n', {R0: [4], STATUS: [0.6]}),
    "quotes after blanks": ('R0, "mediator.status"\n4, "0.6"\n', {R0: [4], STATUS: [0.6]}),
    "exponents": ("R0\n4e0\n8E+0\n.5e1\n", {R0: [4, 8, 5]}),
    "semicolons": ("R0;mediator.status\r\n4;0.6\r\n", {R0: [4], STATUS: [0.6]}),
    "our own table of points": ("point,forces.R0,moved\n0,4.0,\n1,8.0,forces.R0\n", {R0: [4, 8]}),
    "a whole number as we write it": ("bargaining.depth\n1.0\n2.0\n", {"bargaining.depth": [1, 2]}),
    "a row twice": ("R0\n4\n4\n", {R0: [4, 4]}),
    "a decimal after 20,480 whole numbers": (
        "R0,mediator.status\n" + "5,1\n" * 20_480 + "4.5,0.6\n",
        {R0: [5] * 20_480 + [4.5], STATUS: [1] * 20_480 + [0.6]},
    ),
    "NA": ("R0\n4\nNA\n", ["row 2", "'R0'", "no value"]),
    "nan": ("R0\n4\nnan\n", ["row 2", "'R0'", "no value"]),
    "an empty cell": ("R0,k_st\n4,0.1\n,0.2\n", ["row 2", "'R0'", "no value"]),
    "an empty row amid others": ("R0,k_st\n4,0.1\n,\n5,0.2\n", ["row 2", "'R0'"]),
    "a comment": ("# mine\nR0\n4\n", ["first line begins with #"]),
    "a date": ("R0\n2026-01-02\n", ["row 1", "'R0'", "not a number"]),
    "two names for a column": ("R0,forces.R0\n4,4\n", ["'forces.R0' twice"]),
    "nothing": ("", ["is empty"]),
    "a heading alone": ("R0,mediator.status\n", ["at least one row"]),
    "a column that is no axis": ("R0,notes\n4,low\n", ["column 'notes'", "unknown axis"]),
    "a column without a name": (",R0\n0,4\n", ["column 1 has no name"]),
    "an index": ("Unnamed: 0,R0\n0,4\n", ["column 'Unnamed: 0'", "unknown axis"]),
    "a column of seeds": ("R0,seed\n4,1\n", ["column 'seed'", "cannot be an axis"]),
    "a column of replicates": ("R0,replicate\n4,0\n", ["column 'replicate'", "cannot be an axis"]),
    "a sentence over two lines": ('"R0","about"\n4,"a\nb"\n', ["column 'about'", "cannot be an axis"]),
    "latin letters": (b"R0,sc\xe9nario\n4,historical\n", ["UTF-8"]),
    "a number too large for any type": ("R0\n" + "4\n" * 3000 + "9223372036854775808\n", ["row 3001", "out of range"]),
    "out of range": ("R0\n4\n80\n", ["row 2", "forces.R0=80"]),
    "a capital": ("scenario,R0\nHistorical,4\n", ["row 1", "Did you mean 'historical'"]),
    "a decimal comma": ("R0;mediator.status\n4;0,6\n", ["row 1", "'0,6' is not a number", "0.6"]),
    "thousands with commas": ('R0\n"1,000"\n', ["row 1", "not a number"]),
    "underscores": ("R0\n1_0\n", ["row 1", "not a number"]),
    "a leading zero": ("R0\n010\n", ["row 1", "not a number"]),
    "a decimal for a whole number": ("bargaining.depth\n1\n1.5\n", ["row 2", "not a whole number"]),
    "too few cells": ("R0,k_st\n4\n", ["row 1 has 1 cells"]),
    "a truth that is no flag": ("R0\ntrue\n", ["row 1", "not a number"]),
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_is_played_as_it_stands_or_refused_with_row_and_column(kind: str, tmp_path: Path) -> None:
    text, right = TABLES[kind]
    path = tmp_path / "table.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if isinstance(right, list):
        with pytest.raises(UserError) as error:
            made(path)
        assert all(word in str(error.value) for word in right), str(error.value)
        return
    assert {name: list(column) for name, column in made(path).columns.items()} == right


def made(path: Path) -> Design:
    return design("table", [], points=1, levels=2, seed=0, table=record.read_any(path))


def test_a_table_of_parquet_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    record.write_table(path, {"R0": np.array([4.0, 4.5]), "scenario": np.array(["core", "historical"])})
    assert {name: list(column) for name, column in made(path).columns.items()} == {
        R0: [4.0, 4.5],
        "scenario": ["core", "historical"],
    }


# --- what a line sets is set -----------------------------------------------------------------------------------------


def planned(*line: str) -> Plan:
    return lay_out(build(compose(["replications=2", *line], verb="sweep")))


@pytest.mark.parametrize(
    ("line", "axes", "held"),
    [
        (["R0=5"], [STATUS], {R0: 5.0}),
        (["forces={R0: 5}"], [STATUS], {R0: 5.0}),
        (["++forces.R0=5"], [STATUS], {R0: 5.0}),
        (["sweep=main_lhs", "sweep.points=4", "R0=5"], None, {R0: 5.0}),
        (["sweep=oka", "sweep.levels=2", "L_max=5"], ["forces.t_L1"], {"forces.L_max": 5.0}),
        (["R0=4,8", "mediator.status=0.9"], [R0], {STATUS: 0.9}),
        (["scenario=historical,no_mediator", "mediator.present=1"], ["scenario"], {"actors.mediator.present": 1}),
    ],
)
def test_what_the_line_sets_is_no_axis(line: list[str], axes: list[str] | None, held: dict[str, float]) -> None:
    plan = planned(*line)
    names = [axis.path for axis in plan.design.axes]
    assert names == axes if axes else names
    for path, value in held.items():
        assert path not in plan.points()
        assert path not in names
        assert {of.settings.values[path] for of in plan.bases} == {value}
    recorded = yaml.safe_load(plan.setting.settings.text)
    assert not set(held) & set(recorded["sweep"]["axes"] or recorded["sweep"]["fallback"])
    if "scenario" not in names and plan.setting.settings.held:
        assert any("is held, as the line sets it" in note for note in plan.design.notes)


def test_options_that_the_line_sets_are_no_axes_either(tmp_path: Path) -> None:
    folder = own(tmp_path, "design: grid\naxes: {scenario: [core, historical], R0: [4, 8]}\n", group="sweep")
    plan = lay_out(build(compose(["sweep=mine", "scenario=core"], config_dir=folder, verb="sweep")))
    assert [axis.path for axis in plan.design.axes] == [R0]
    assert plan.setting.name == "core"


@pytest.mark.parametrize(
    ("verb", "line", "words"),
    [
        ("sweep", ["R0=4,8", "R0=6"], ["R0=4,8", "R0=6", "both set forces.R0"]),
        ("sweep", ["forces.R0=6", "R0=4,8"], ["both set forces.R0"]),
        ("sweep", ["sweep.axes={R0: [4, 8]}", "R0=6"], ["both set forces.R0"]),
        ("sweep", ["sweep.axes.R0=[4,8]", "forces={R0: 6}"], ["both set forces.R0"]),
        ("sweep", ["sweep={axes: {R0: [4, 8]}}", "R0=6"], ["both set forces.R0"]),
        ("sweep", ["scenario=core,historical", "scenario=no_mediator"], ["both set scenario"]),
        (
            "sweep",
            ["leader.doctrine=cautious,quantal", "actors.leader.doctrine=uniform"],
            ["both set actors.leader.doctrine"],
        ),
        ("sensitivity", ["R0=4,8", "R0=6"], ["both set forces.R0"]),
        ("sensitivity", ["axes={R0: null}", "R0=6"], ["both set forces.R0"]),
        ("calibrate", ["axes={R0: null}", "R0=6"], ["both set forces.R0"]),
        ("run", ["R0=4", "R0=5"], ["R0=4 and R0=5 both set forces.R0"]),
        ("run", ["forces={R0: 4}", "+forces.R0=5"], ["both set forces.R0"]),
        ("run", ["forces={R0: 4, R0: 5}"], ["R0 stands there twice"]),
        ("run", ["R0=5", "R0=5"], ["R0=5 stands twice"]),
        ("compare", ['sets=[["R0=4"],["R0=5"]]', 'sets=[["R0=4"],["R0=6"]]'], ["both set sets"]),
    ],
)
def test_a_key_that_is_set_twice_is_refused(verb: str, line: list[str], words: list[str]) -> None:
    with pytest.raises(ConfigurationError) as error:
        compose(line, verb=verb)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_of_what_says_how_runs_are_played_the_last_stands() -> None:
    settings = compose(
        ["seed=1", "replications=10", "seed=2", "replications=20", "hours=[8]", "hours=[9]"], verb="ledger"
    )
    assert (settings.seed, settings.replications, settings.choices["hours"]) == (2, 20, [9])
    assert settings.overrides == ("seed=2", "replications=20", "hours=[9]")
    with pytest.raises(ConfigurationError, match="both set seed"):
        launch(["-m", "seed=1,2", "seed=3"], lambda settings: 0)


def test_nothing_left_to_vary_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nothing is left"):
        planned("R0=5", "mediator.status=0.7")
    table = tmp_path / "table.csv"
    table.write_text("R0\n4\n8\n")
    with pytest.raises(ConfigurationError, match=r"column R0, and the line sets forces\.R0=5"):
        planned(f"sweep.table={table}", "sweep.design=table", "R0=5")


def test_what_a_design_would_not_look_at_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("R0\n4\n8\n")
    for line in ([], ["mediator.status=0.6,1"], ["sweep=main_lhs"], ["sweep=single"]):
        with pytest.raises(ConfigurationError, match=r"add sweep\.design=table"):
            planned(f"sweep.table={table}", *line)
    with pytest.raises(ConfigurationError, match=r"no axes, and forces\.R0 was given several values"):
        planned("sweep=single", "R0=4,8")


def test_compare_refuses_a_key_that_every_set_sets_otherwise() -> None:
    with pytest.raises(ConfigurationError, match="every one of sets sets"):
        arms_of(compose(["R0=5", 'sets=[["R0=8"],["forces.R0=4"]]'], verb="compare"))
    first, second = arms_of(compose(["R0=5", 'sets=[["k_st=0.2"],["R0=8"]]'], verb="compare"))
    assert (first.setting.settings.values[R0], second.setting.settings.values[R0]) == (5.0, 8.0)


def test_a_number_that_the_line_sets_to_its_default_is_not_screened() -> None:
    assert "forces.R0" not in left_out(compose(verb="sensitivity"))
    assert "held at 5" in left_out(compose(["R0=5"], verb="sensitivity"))[R0]


# --- words of the line -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("out=übung", "out", "übung"),
        ("out=a&b", "out", "a&b"),
        ("out=run=1", "out", "run=1"),
        ("out=a b/c's", "out", "a b/c's"),
        ("out='quoted here'", "out", "quoted here"),
        ("out=~/res", "out", str(Path("~/res").expanduser())),
        ("out=C:\\temp\\", "out", "C:\\temp\\"),
        ("name=007", "name", "007"),
        ("name=1_000", "name", "1_000"),
        ("name=null", "name", None),
        ("about=Bigger, but slower: why?", "about", "Bigger, but slower: why?"),
        ("replications=1e4", "replications", 10_000),
        ("threads=2.0", "threads", 2),
    ],
)
def test_a_text_is_what_it_says(line: str, key: str, value: Any) -> None:
    assert getattr(compose([line]), key) == value
    seen: list[Settings] = []
    assert launch([line], lambda settings: seen.append(settings)) == 0
    assert getattr(seen[0], key) == value


@pytest.mark.parametrize(
    ("verb", "line", "words"),
    [
        ("sweep", "R0=range(4,8,0)", ["step other than 0"]),
        ("sweep", "R0=range(0,1e12)", ["at most 100,000"]),
        ("sweep", "R0=range(8,4)", ["holds no number"]),
        ("sweep", "R0=glob(*)", ["glob(...) chooses among the options"]),
        ("sweep", "scenario=glob(zz*)", ["chooses nothing"]),
        ("sweep", "R0=interval(4,x)", ["is no override"]),
        ("sweep", "executor=dask executor.workers=x", ["executor.workers=x", "whole number from 1"]),
        ("sweep", "executor=dask executor.workers=0", ["executor.workers=0", "whole number from 1"]),
        ("sweep", "executor.workers=2", ["executor.workers", "the option of executor that is chosen"]),
        ("sweep", "sweep=null", ["takes one name"]),
        ("seminar", "seminar.seats=null", ["seminar.seats=null", "a list"]),
        ("ledger", "hours=null", ["hours=null", "a list"]),
        ("run", "scenario=[historical]", ["takes one name", "scenario="]),
        ("run", "scenario=null", ["takes one name"]),
        ("run", "R0=010", ["begins with 0"]),
        ("run", "seed=007", ["begins with 0"]),
        ("run", "replications=1.5", ["replications=1.5", "whole number"]),
        ("run", "about=${forces.nope}", ["nope"]),
        ("run", "route.towns=[x]", ["route.towns, entry 1"]),
        ("run", "route.track=[{hour: x, km: 3}]", ["route.track, entry 1", "a number"]),
        ("run", "parameters.sets=5", ["parameters.sets=5", "a list"]),
        ("run", "R0=" + "9" * 5000, ["is no override"]),
        ("run", "sets=" + "[" * 500, ["too deeply nested"]),
        ("run", "-m", ["is no override"]),
        ("run", "name=a\0b", ["zero byte"]),
    ],
)
def test_a_word_that_cannot_be_taken_is_one_sentence(verb: str, line: str, words: list[str]) -> None:
    with pytest.raises(ConfigurationError) as error:
        compose(line.split(" executor")[:1] + [f"executor{x}" for x in line.split(" executor")[1:]], verb=verb)
    assert all(word in str(error.value) for word in words), str(error.value)
    assert "\n" not in str(error.value)


def test_too_many_jobs_are_refused_before_any_is_made() -> None:
    with pytest.raises(ConfigurationError, match="makes 1,000,000 jobs"):
        launch(["-m", "seed=range(0,1000)", "replications=range(1,1001)"], lambda settings: 0)


def test_an_axis_of_countless_levels_is_refused_before_it_is_made() -> None:
    for axes in ("{R0: {count: 100000000}}", "{depth: {low: 0, high: 1e9}}", "{doctrine.tilt: {count: 90000}}"):
        with pytest.raises(ConfigurationError, match=r"at most|100,000|out of range|from 2 to"):
            planned(f"sweep.axes={axes}")


def test_a_glob_chooses_among_options() -> None:
    plan = planned("scenario=glob([no_m*,no_o*])")
    assert sorted(plan.design.axes[0].levels or ()) == ["no_mediator", "no_oka_line"]


@pytest.mark.parametrize("wrong", [1.5, -1, True, np.bool_(True), "3", float("nan"), float("inf"), 2**63, None])
def test_the_notebook_cuts_no_number_to_fit(wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="whole number from 1"):
        runs(n=wrong)
    if wrong is not None:
        with pytest.raises(ConfigurationError, match="whole number from 0"):
            runs(n=1, seed=wrong)
    with pytest.raises(ConfigurationError, match="whole number from 0"):
        crisis(replicate=wrong)


def test_the_notebook_takes_the_whole_numbers_of_numpy() -> None:
    given, plain = crisis(seed=np.int64(3), replicate=np.uint8(2)), crisis(seed=3, replicate=2)
    for one in (given, plain):
        one.step()
        one.step()
    assert (given.hour, given.state.km, given.state.position) == (plain.hour, plain.state.km, plain.state.position)


def test_a_comma_in_a_table_is_for_the_user_to_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.csv").write_text('R0\n"1,000"\n')
    assert cli.main(["sweep", "sweep.design=table", f"sweep.table={tmp_path}/t.csv"]) == 2
    told = capsys.readouterr().err
    assert "1.000 if the comma is a decimal one" in told
    assert "1000 if it parts thousands" in told


def test_null_where_a_value_is_needed_is_told_in_our_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["game", "types=null"]) == 2
    assert capsys.readouterr().err == "rubicon: types=null is not allowed; give a value, or leave it out.\n"
