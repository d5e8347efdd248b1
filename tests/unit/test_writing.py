"""In every verb that writes: the place is checked before the work, results stand before a word is printed, and no
refusal of the disk or of a reader who went away costs more than it must."""

from __future__ import annotations

import ast
import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sim.studies
from sim import results as record
from sim.cli import main
from sim.engines import batch, kernel
from sim.engines import mesa as mesa_engine
from sim.report import page
from sim.results import UNFINISHED, tables
from tests.conftest import undrawn

LOOK = ["figures.formats=[png]", "figures.dpi=30", "seed=1"]
SMALL = ["replications=60", "trajectories=3", *LOOK]
WRITING = (
    "run", "sweep", "compare", "calibrate", "sensitivity", "validate", "backtest", "story", "tension", "hinge", "game",
    "ledger", "disclose", "capsule", "play", "seminar pack",
)  # fmt: skip


class Reached(BaseException):
    """The work has begun: no handler of errors takes this."""


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def reached(*_: object, **__: object) -> None:
        raise Reached

    for module, name in ((kernel, "play"), (kernel, "ready"), (batch, "run_table"), (mesa_engine, "Crisis")):
        monkeypatch.setattr(module, name, reached)


@pytest.mark.parametrize("verb", WRITING)
def test_the_place_is_checked_before_the_work(
    verb: str, no_work: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file stands where the results should go; a taken, a bad or too long a name is found by the same look."""
    (tmp_path / "file").touch()
    words = [*verb.split(), f"out={tmp_path / 'file'}", "seed=1"]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"rubicon {verb}: cannot use {tmp_path / 'file'}")
    assert "a file stands where a folder should be" in said
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    if verb == "play":  # a person's work
        return
    with pytest.raises(Reached):  # with a place that can be written the work is what comes next
        main([*verb.split(), f"out={tmp_path / 'good'}", "seed=1"])


def test_bad_and_taken_names_are_refused_before_the_work(
    no_work: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run" / "historical" / "taken").mkdir(parents=True)
    for name, says in (("taken", "exists already"), ("x.unfinished", "ends as"), ("n" * 300, "too long")):
        assert main(["run", "replications=200000", f"out={tmp_path}", f"name={name}"]) == 2
        assert says in capsys.readouterr().err


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    with undrawn():
        assert main(["run", f"out={out}", "name=x", *SMALL]) == 0
    return out / "run" / "historical" / "x"


@pytest.mark.parametrize("verb", ["report", "export", "replay", "plot", "capsule"])
def test_verbs_on_a_folder_look_first(
    verb: str, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(path: Path) -> list[Path]:
        raise record.RecordError(f"cannot use {path} (Read-only file system); choose a folder that can be written.")

    def reached(*_: object, **__: object) -> None:
        raise Reached

    monkeypatch.setattr("sim.results.check_folder", refused)
    monkeypatch.setattr("sim.results.queries.check_folder", refused)
    for work in ("sim.report.page.html", "sim.results.queries.export", "sim.studies.replay.verb.tell",
                 "sim.studies.plot.draw", "sim.studies.capsule.verb.enclose"):  # fmt: skip
        monkeypatch.setattr(work, reached)
    assert page.html is reached
    assert main([verb, str(folder)]) == 2
    assert "Read-only file system" in capsys.readouterr().err


FILLING = {"study", "directory", "record.directory", "record.again"}


def _blocks(tree: ast.AST) -> Iterator[ast.With]:
    for node in ast.walk(tree):
        if isinstance(node, ast.With):
            calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
            if any(ast.unparse(call.func) in FILLING for call in calls):
                yield node


def test_no_verb_prints_before_its_folder_stands() -> None:
    """By their source: within the block that fills a folder nothing goes to standard output."""
    found, printed = 0, []
    for path in Path(sim.studies.__file__).parent.rglob("*.py"):
        for block in _blocks(ast.parse(path.read_text(encoding="utf-8"))):
            found += 1
            for call in (node for node in ast.walk(block) if isinstance(node, ast.Call)):
                name = ast.unparse(call.func)
                if name in ("print", "sys.stdout.write", "console().print", "out.print"):
                    printed.append(f"{path.name}:{call.lineno}: {name}")
    assert found >= 14
    assert not printed


class Pipe(io.StringIO):
    """Standard output that fails with an error of the system at the first word."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def write(self, text: str) -> int:
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize(
    ("verb", "number", "code"),
    [("run", errno.EPIPE, 0), ("run", errno.EIO, 0), ("run", errno.ENOSPC, 2), ("tension", errno.EPIPE, 0)],
)
def test_a_reader_who_goes_away_costs_nothing(
    verb: str,
    number: int,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    few = {"run": SMALL, "tension": ["continuations=20", *LOOK]}[verb]
    with monkeypatch.context() as patch, undrawn():
        patch.setattr(sys, "stdout", Pipe(number))
        assert main([verb, f"out={tmp_path}", "name=x", *few]) == code
    done = record.finished(tmp_path / verb / "historical" / "x")
    assert done.verb == verb
    said = capsys.readouterr().err
    assert said == "" or "standard output cannot be written (No space left on device)" in said
    assert (f"The results are in {done.folder}" in said) == (code == 2)


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "| true", "2>&1 | true", "> /dev/full"])
def test_closed_streams_are_no_traceback(closed: str, tmp_path: Path) -> None:
    if "/dev/full" in closed and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    line = f"{sys.executable} -m sim list parameters {closed}; echo code ${{PIPESTATUS[0]}} > {tmp_path / 'code'}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr + done.stdout
    assert "Exception ignored" not in done.stderr + done.stdout
    assert (tmp_path / "code").read_text() == f"code {2 if 'full' in closed else 0}\n"
    assert ("No space left on device" in done.stderr) == ("full" in closed)


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_figures_that_do_not_fit_cost_no_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch, undrawn():
        patch.setattr("sim.results.save_figure", full)
        assert main(["run", f"out={tmp_path}", "name=x", *SMALL]) == 2
    shown = capsys.readouterr()
    folder = tmp_path / "run" / "historical" / "x"
    assert "negotiated_exit" in shown.out
    assert f"all numbers and tables are in {folder}" in shown.err
    assert f"rubicon plot {folder}" in shown.err
    assert "No space left" in record.finished(folder).manifest["figures_lost"]
    assert main(["plot", str(folder), "--figure", "outcome_shares"]) == 0
    assert [path.name for path in (folder / "figures").iterdir()] == ["outcome_shares.png"]


def test_tables_that_do_not_fit_leave_the_numbers_and_no_final_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("sim.results.write_table", full)
        assert main(["run", f"out={tmp_path}", "name=x", *SMALL]) == 2
    (left,) = (tmp_path / "run" / "historical").iterdir()
    assert left.name.endswith(UNFINISHED)
    assert json.loads((left / "summary.json").read_text())["count"] == 60
    said = capsys.readouterr().err
    assert "No space left on device); make room" in said
    assert str(left) in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("words", [["story"], ["replay"], ["plot"], ["report"], ["capsule"], ["export"]], ids=" ".join)
def test_a_full_disk_is_one_sentence_and_half_a_file_has_no_name(
    words: list[str], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.rglob("*"))
    given = ["seed=1", f"out={tmp_path}"] if words == ["story"] else [str(folder)]
    monkeypatch.setattr("sim.results.disk._sync", full)
    monkeypatch.setattr(Path, "replace", full)  # of figures, which are not synced
    assert main([*words, *given]) == 2
    shown = capsys.readouterr()
    assert "No space left on device); make room" in shown.err
    assert len([line for line in shown.err.splitlines() if "rubicon" in line]) == 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    left = [path for path in sorted(folder.rglob("*")) if path not in before]
    assert not [path for path in left if path.is_file()]


def test_duckdb_says_what_the_disk_said() -> None:
    import duckdb

    told = tables.of_disk(duckdb.IOException('IO Error: Could not write file "x": No space left on device'), Path("x"))
    assert (told.errno, told.filename) == (errno.ENOSPC, "x")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount")
@pytest.mark.parametrize("verb", ["run", "compare", "tension", "story"])
def test_a_disk_that_is_really_full(verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", tmp_path], capture_output=True).returncode:
        pytest.skip("mounting is not permitted here")
    more: dict[str, Any] = {"run": ["replications=20000"], "compare": ["replications=20000", "cap=20000", "parting=0"],
                            "tension": ["continuations=50"], "story": []}  # fmt: skip
    try:
        assert main([verb, f"out={tmp_path}", *more[verb], *LOOK]) == 2
        said = capsys.readouterr().err
        assert "No space left on device" in said
        assert len([line for line in said.splitlines() if line.startswith("rubicon")]) == 1
        finished = [path for path in tmp_path.rglob("config.yaml") if not path.parent.name.endswith(UNFINISHED)]
        assert all((path.parent / "manifest.json").is_file() for path in finished)
    finally:
        subprocess.run(["umount", tmp_path], check=True)
