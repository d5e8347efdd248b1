"""The command: quick to answer, kind about mistakes."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from sim import __version__, catalog, cli
from sim.model.state import ENDINGS
from sim.studies import list_

HEAVY = ("numpy", "numba", "mesa", "matplotlib", "hydra", "pandas", "duckdb")


def test_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == cli.main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {verb}" in shown for verb in cli.VERBS)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"rubicon {__version__}\n"


def test_an_unknown_verb_suggests_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["lst"]) == 2
    shown = capsys.readouterr().err
    assert "unknown verb 'lst'" in shown
    assert "Did you mean 'list'?" in shown


@pytest.mark.parametrize("verb", cli.VERBS)
def test_every_verb_of_the_table_exists(verb: str) -> None:
    module, _, text = cli.VERBS[verb]
    assert find_spec(module) is not None
    assert text


def test_a_mistake_shows_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "nonsense"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("rubicon: unknown list 'nonsense'")
    assert "Traceback" not in shown


def test_a_line_leaves_no_log_to_the_next_one_of_its_process(capsys: pytest.CaptureFixture[str]) -> None:
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    assert cli.main(["run", "--info"]) == 0
    assert (logging.getLogger().handlers, logging.getLogger().level) == (handlers, level)
    assert cli.main(["game", "types=null"]) == 2
    assert "Logging" not in capsys.readouterr().err


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(argv: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(list_, "main", interrupted)
    assert cli.main(["list"]) == 130
    assert "interrupted" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--help"], ["list", "--json"]], ids=" ".join)
def test_nothing_heavy_is_imported_before_it_is_needed(words: list[str]) -> None:
    code = f"import sys; from sim.cli import main; main({words!r}); print(sorted({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "sim", "list", "endings"], capture_output=True, text=True, check=True)
    assert "negotiated_exit" in done.stdout


@pytest.mark.parametrize("what", list_.WHAT)
def test_every_list_is_a_table_and_json(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", what]) == 0
    table = capsys.readouterr().out
    assert cli.main(["list", what, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows
    assert all(row["name"].split(".")[-1][:8] in table for row in rows)


def test_the_parameter_list_has_every_number_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "parameters", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == set(catalog.catalogue())
    assert all(row["source"] and row["grade"] and row["unit"] for row in rows.values())


def test_endings_are_those_of_the_rules() -> None:
    assert set(list_.ENDING_RULES) == set(ENDINGS)
    assert [row["name"] for row in list_.endings(())] == list(ENDINGS)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rubicon ru", "run"),
        ("rubicon run scenario=no_m", "scenario=no_mediator"),
        ("rubicon run forces.R", "forces.R0="),
    ],
)
def test_completion_offers_verbs_scenarios_and_keys(line: str, expected: str) -> None:
    told = {**os.environ, "COMP_LINE": line}
    command = [sys.executable, "-m", "sim", "-sc", "query=bash"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=told)
    assert expected in done.stdout.split()
