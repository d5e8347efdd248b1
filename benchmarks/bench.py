"""Runs per second of both engines, measured side by side in one process on the same cores.

    make bench            prints the table and writes results/bench/latest.json

Rounds alternate, the medians count. Two ratios, because `mesa.batch_run` in one process
can use one core only and the kernel uses all that the process has:
`kernel_over_mesa` is what a user of this process sees (the kernel on all its cores),
`kernel_over_mesa_one_core` is the same with the kernel on one thread.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from sim import jit
from sim.config import compose
from sim.engines import kernel
from sim.engines.batch import run_table
from sim.engines.mesa_engine import Crisis
from sim.scenario import build
from sim.state import state_type

ROUNDS, MESA_RUNS, KERNEL_RUNS, MANY = 5, 60, 20_000, 1_000_000
SETTING = build(compose(["seed=1"]))


class Replicate(Crisis):
    """The Mesa engine as `mesa.batch_run` wants it: every argument a parameter."""

    def __init__(self, replicate: int = 0, rng: int | None = None) -> None:
        super().__init__(SETTING.params, SETTING.script, seed=SETTING.seed, replicate=replicate)


def mesa_rate() -> float:
    """Runs/s of mesa.batch_run in this process."""
    import mesa

    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Mesa announces that batch_run will change in 4.0
        mesa.batch_run(
            Replicate, {"replicate": range(MESA_RUNS)}, number_processes=1, iterations=1, data_collection_period=-1,
            max_steps=int(SETTING.params.n_steps), display_progress=False,
        )  # fmt: skip
    return MESA_RUNS / (time.perf_counter() - began)


def kernel_rate(threads: int | None) -> float:
    """Runs/s of the kernel alone, states to states."""
    jit.use_threads(threads)
    row, replicate = SETTING.params.row(), np.arange(kernel.CHUNK)
    states = np.zeros(kernel.CHUNK, state_type())
    began, done = time.perf_counter(), 0
    while done < KERNEL_RUNS:
        kernel.play(states, row, seed=SETTING.seed, replicate=replicate + done)
        done += kernel.CHUNK
    return done / (time.perf_counter() - began)


def table_rate() -> float:
    """Runs/s from setting to run table, all cores, over a million runs (peak memory is read after it)."""
    began = time.perf_counter()
    run_table(SETTING.params, SETTING.script, seed=SETTING.seed, n=MANY)
    return MANY / (time.perf_counter() - began)


def medians(*measures: Callable[[], float]) -> list[float]:
    """Median of each measure over alternating rounds, so that a busy machine slows all alike."""
    rounds = [[measure() for measure in measures] for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def main() -> None:
    """Measure, print and write."""
    kernel.ready()
    slow, fast, all_cores = medians(mesa_rate, lambda: kernel_rate(1), lambda: kernel_rate(None))
    rate = table_rate()
    numbers = {
        "mesa_runs_per_s": slow, "kernel_runs_per_s_one_core": fast, "kernel_runs_per_s_all_cores": all_cores,
        "kernel_over_mesa": all_cores / slow, "kernel_over_mesa_one_core": fast / slow, "table_runs_per_s": rate,
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version(),
    }  # fmt: skip
    for name, value in numbers.items():
        print(f"{name:30} {value:,.1f}" if isinstance(value, float) else f"{name:30} {value}")
    out = Path("results/bench/latest.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
    print(out)


if __name__ == "__main__":
    main()
