"""A sweep that is stopped goes on and ends as if it had not been; what is damaged or changed is refused and kept."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from sim import results as record
from sim.cli import main
from sim.errors import setting
from sim.report.setting import command
from sim.results import UNFINISHED
from sim.results import journal as journals

pytestmark = pytest.mark.usefixtures("blank_figures")

KILLS = int(os.environ.get("RUBICON_KILLS", "8"))
SWEEP = [
    "R0=4,6,8", "k_st=interval(0.1,0.4)", f"sweep.levels={max(40, 2 * KILLS)}", "replications=20", "chunk_runs=20",
    "canaries=false", "figures.dpi=30", "figures.formats=[png]",
]  # fmt: skip
SHORT = [
    "R0=4,6,8",
    "sweep.levels=2",
    "replications=20",
    "chunk_runs=20",
    "figures.dpi=30",
    "figures.formats=[png]",
    "canaries=false",
]


def files(folder: Path) -> dict[str, str]:
    """Checksum of every table of a sweep."""
    tables = sorted(folder.rglob("*.parquet"))
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in tables}


def digest(folder: Path) -> str:
    return str(json.loads((folder / "manifest.json").read_text())["digest"])


def only_folder(out: Path) -> Path:
    (found,) = (out / "sweep").glob("*/*")
    return found


def parts(out: Path) -> int:
    return len(list(out.rglob("part-*.parquet")))


def killed(words: list[str], out: Path, after: int, pause: float) -> bool:
    """Start a sweep and kill it once it has written `after` files more; False when it had ended before."""
    job = subprocess.Popen(
        [sys.executable, "-m", "sim", "sweep", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    enough = parts(out) + after
    while parts(out) < enough and job.poll() is None:
        time.sleep(0.003)
    time.sleep(pause)
    ended = job.poll() is not None
    job.send_signal(signal.SIGKILL)
    job.wait()
    return not ended


@pytest.mark.slow
def test_kills_at_random_moments_change_nothing(tmp_path: Path) -> None:
    """SIGKILL at any moment: while it starts, between files, in the middle of a file."""
    assert main(["sweep", *SWEEP, f"out={tmp_path / 'whole'}", "name=all"]) == 0
    whole, out = tmp_path / "whole" / "sweep" / "historical" / "all", tmp_path / "stopped"
    moments, begin, words = random.Random(20230624), [*SWEEP, f"out={out}"], []
    for _ in range(KILLS):
        after = moments.randrange(6)
        assert killed(words or begin, out, after, moments.uniform(0, 0.1 if after else 2.5)), "give it more parts"
        left = list((out / "sweep" / "historical").glob("*")) if out.exists() else []
        words = [f"resume={folder}" for folder in left if (folder / journals.NAME).is_file()]
        for folder in left if not words else []:  # killed before it had begun
            shutil.rmtree(folder)
    assert main(["sweep", *(words or begin)]) == 0
    done = only_folder(out)
    assert files(done) == files(whole)
    assert digest(done) == digest(whole)


def stopped(out: Path, monkeypatch: pytest.MonkeyPatch, at: int = 2, error: int = errno.ENOSPC) -> Path:
    """The folder of a sweep whose disk was full at part `at`."""
    write = journals.write_table

    def full(path: Path, table: Any, **options: Any) -> None:
        if f"part-{at:05d}" in path.name:
            path.write_bytes(b"half a file")
            raise OSError(error, os.strerror(error))
        write(path, table, **options)

    with monkeypatch.context() as patch:
        patch.setattr(journals, "write_table", full)
        assert main(["sweep", *SHORT, f"out={out}"]) == 2
    return only_folder(out)


def test_a_full_disk_is_said_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stopped(tmp_path, monkeypatch)
    said = capsys.readouterr().err
    assert "No space left" in said
    assert f"resume={folder}" in said
    assert folder.name.endswith(UNFINISHED)
    before = files(folder)
    assert main(["sweep", f"resume={folder}"]) == 0
    after = files(only_folder(tmp_path))
    assert before.items() <= after.items(), "what had been written was written again, or changed"
    assert not list(tmp_path.rglob(f"*{journals.HALF}"))


def test_a_damaged_part_is_named_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stopped(tmp_path, monkeypatch)
    part = folder / "runs" / "part-00001.parquet"
    sound = part.read_bytes()
    part.write_bytes(sound[:-9] + b"X" + sound[-8:])
    before = files(folder)
    assert main(["sweep", f"resume={folder}"]) == 2
    assert str(part) in capsys.readouterr().err
    assert files(folder) == before
    part.unlink()
    assert main(["sweep", f"resume={folder}"]) == 0
    assert (only_folder(tmp_path) / "runs" / part.name).read_bytes() == sound


def test_a_changed_configuration_is_named_and_nothing_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stopped(tmp_path, monkeypatch)
    before = files(folder)
    other = [text.replace("replications=20", "replications=30") for text in SHORT]
    assert main(["sweep", *other, f"resume={folder}"]) == 2
    assert "replications: 20, now 30" in capsys.readouterr().err
    assert main(["sweep", *SHORT, "beta=0.07", f"resume={folder}"]) == 2
    assert "forces.beta" in capsys.readouterr().err
    assert main(["sweep", *SHORT, "seed=2", f"resume={folder}"]) == 2
    assert "seed: 1, now 2" in capsys.readouterr().err
    assert files(folder) == before
    assert main(["sweep", *SHORT, f"resume={folder}", "threads=1"]) == 0, "the same, spelt out, is the same"


def test_the_final_name_is_the_one_asked_for_wherever_the_folder_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stopped(tmp_path / "a", monkeypatch)
    for moved, words, final in (("moved", [], folder.name.rpartition("-")[0]), ("again", ["name=other"], "other")):
        place = tmp_path / moved / f"copy{UNFINISHED}"
        shutil.copytree(folder, place)
        assert main(["report", str(place)]) == 2
        assert f"resume={place}" in capsys.readouterr().err
        assert main(["sweep", f"resume={place}", *words]) == 0
        assert [path.name for path in (tmp_path / moved).iterdir()] == [final]


def test_a_folder_of_ones_own_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own" / "scenario").mkdir(parents=True)
    (tmp_path / "own" / "scenario" / "mine.yaml").write_text("# @package _global_\nabout: Mine.\nforces: {R0: 7}\n")
    monkeypatch.setattr(
        "tests.sweeps.test_stops.SHORT", ["scenario=mine", "--config-dir", str(tmp_path / "own"), *SHORT]
    )
    folder = stopped(tmp_path / "out", monkeypatch)
    assert main(["sweep", f"resume={folder}"]) == 0


def test_what_a_stopped_sweep_prints_can_be_pasted_and_its_table_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path with blanks, quotes and letters of other alphabets; the reproduction line names no folder that goes."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine.csv").write_text("R0\n4\n6\n8\n")
    monkeypatch.chdir(tmp_path / "a")
    of_table = ["sweep.design=table", "sweep.table=mine.csv", *(text for text in SHORT if "R0" not in text)]
    monkeypatch.setattr("tests.sweeps.test_stops.SHORT", of_table)
    out = tmp_path / "sp ace" / "it's ünï"
    write, given = journals.write_table, [*of_table, setting("out", out), "name=x"]

    def full(path: Path, table: Any, **options: Any) -> None:
        if "part-00001" in path.name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, table, **options)

    with monkeypatch.context() as patch:
        patch.setattr(journals, "write_table", full)
        assert main(["sweep", *given]) == 2
    line = next(line for line in capsys.readouterr().err.splitlines() if line.startswith("if it is stopped: "))
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(line.removeprefix("if it is stopped: "))[1:]) == 0
    folder = out / "sweep" / "historical" / "x"
    again = shlex.split(command(record.finished(folder)))
    assert not [word for word in again if "resume" in word or UNFINISHED in word]
    assert main([*again[1:], f"out={tmp_path / 'again'}", "name=y"]) == 0
    assert digest(tmp_path / "again" / "sweep" / "historical" / "y") == digest(folder)


def test_other_rules_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stopped(tmp_path, monkeypatch)
    monkeypatch.setattr("sim.jit.source_hash", lambda: "another")
    assert main(["sweep", f"resume={folder}"]) == 2


def test_two_processes_cannot_write_one_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stopped(tmp_path, monkeypatch)
    first = journals.reopen(folder)
    assert main(["sweep", f"resume={folder}"]) == 2
    first.close()
    assert main(["sweep", f"resume={folder}"]) == 0
    assert main(["sweep", f"resume={only_folder(tmp_path)}"]) == 0, "a finished one has nothing to go on with"


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_what_is_no_stopped_sweep_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / f"empty{UNFINISHED}").mkdir()
    assert main(["sweep", f"resume={tmp_path / name}{UNFINISHED}"]) == 2


@pytest.mark.slow
def test_a_dask_worker_that_is_killed_costs_only_time(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    assert main(["sweep", *SWEEP, f"out={tmp_path}", "name=local"]) == 0
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        victim = next(iter(cluster.workers.values())).pid
        out = tmp_path / "dask"

        def kill() -> None:
            while parts(out) < 20:
                time.sleep(0.01)
            os.kill(victim, signal.SIGKILL)

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        address = f"executor.address='{cluster.scheduler_address}'"
        assert main(["sweep", *SWEEP, f"out={out}", "name=dask", "executor=dask", address]) == 0
        killer.join(timeout=1)
        assert not killer.is_alive(), "the sweep ended before the worker was killed"
    local, dask = tmp_path / "sweep" / "historical" / "local", out / "sweep" / "historical" / "dask"
    assert files(dask) == files(local)
    assert digest(dask) == digest(local)
