"""A notebook may play in threads, in forked processes, under strange settings of numba: the numbers are the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim import jit, runs

ROOT = Path(jit.__file__).parents[1]
SCRIPT = """
import json, multiprocessing, sys, threading
from concurrent.futures import ThreadPoolExecutor
from sim import runs

def one(seed):  # more crises than one thread plays
    return int(runs("scenario=no_mediator", n=300, seed=seed)["outcome"].sum())

def all_of(pool):
    with pool:
        return list(pool.map(one, range(4)))

told = {"threads": all_of(ThreadPoolExecutor(4))}  # cold: they compose and load the kernel together
busy = threading.Thread(target=one, args=(9,))
busy.start()  # whoever is forked while a thread plays must not wait for it for ever
told["forked"] = all_of(multiprocessing.get_context("fork").Pool(2))
busy.join()
print(json.dumps(told))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_threads_and_forked_processes_play_the_same_runs() -> None:
    strange = {"NUMBA_THREADING_LAYER": "nonsense", "NUMBA_NUM_THREADS": "2"}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **strange}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    right = [int(runs("scenario=no_mediator", n=300, seed=seed)["outcome"].sum()) for seed in range(4)]
    assert json.loads(done.stdout) == {"threads": right, "forked": right}


@pytest.mark.parametrize(("name", "value"), [("NUMBA_NUM_THREADS", "0"), ("NUMBA_DISABLE_JIT", "1")])
def test_a_setting_of_numba_that_cannot_be_is_one_sentence(name: str, value: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sim", "run", "replications=1", f"out={tmp_path}", "trajectories=1"],
        env={**os.environ, "PYTHONPATH": str(ROOT), name: value}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "NUMBA_" in done.stderr
    assert "Traceback" not in done.stderr
