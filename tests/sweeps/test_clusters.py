"""A Dask cluster that is gone, empty or silent ends a sweep in a sentence; what was played is kept and gone on with."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sim import jit
from sim.cli import main
from sim.errors import ConfigurationError
from sim.studies.sweep.executors import check

pytestmark = pytest.mark.usefixtures("blank_figures")

distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
ROOT = Path(jit.__file__).parents[1]
SWEEP = ["R0=4,6,8", "replications=2000", "chunk_runs=250", "canaries=false", "name=x", "figures.formats=[png]",
         "figures.dpi=30"]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("workers", value) for value in (0, -1, "x", 1.5, True)),
        *(("wait_s", value) for value in (0, "x", float("nan"))),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(key: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"executor.{key}={value} is not allowed"):
        check({"name": "dask", "workers": None, "wait_s": 60, key: value})


def test_it_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    assert main(["sweep", *SWEEP, f"out={tmp_path}", "executor=dask", "executor.workers=0"]) == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_cluster_without_workers_is_not_waited_for_for_ever(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with distributed.LocalCluster(n_workers=0, dashboard_address=None) as cluster:
        address = f"executor.address='{cluster.scheduler_address}'"
        words = ["executor=dask", address, "executor.wait_s=1"]
        assert main(["sweep", *SWEEP, f"out={tmp_path}", *words]) == 2
    told = capsys.readouterr().err
    assert "no worker for 1 seconds" in told
    assert "0 of 24 parts are kept; go on with: rubicon sweep resume=" in told


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.slow
def test_a_scheduler_that_is_killed_costs_no_part_that_was_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    scheduler = ["dask_scheduler", "--host", address, "--no-dashboard"]
    worker = ["dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{name}", *rest], env=environment, stderr=subprocess.DEVNULL
        )
        for name, *rest in (scheduler, worker)
    ]

    def kill() -> None:
        while len(list(tmp_path.rglob("part-*.parquet"))) < 3:
            time.sleep(0.01)
        started[0].kill()

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    try:
        told = ["executor=dask", f"executor.address='{address}'", "executor.wait_s=3"]
        assert main(["sweep", *SWEEP, f"out={tmp_path}", *told]) == 2
    finally:
        for process in started:
            process.kill()
            process.wait()
    killer.join(timeout=1)
    assert not killer.is_alive(), "the sweep ended before its scheduler"
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    found = re.search(r"(\d+) of 24 parts are kept; go on with: rubicon sweep (resume=\S+)", said.err)
    assert found is not None, said.err
    assert int(found[1]) >= 3
    assert main(["sweep", found[2], "executor=local"]) == 0
