"""Runs per second of both engines, measured side by side in one process on the same cores.

    make bench            prints the table and writes results/bench/latest.json

`sweep_million_s` is a Saltelli design over twelve numbers, a million runs from command to
Parquet in a process of its own; `sweep_over_kernel` is that time over what the bare kernel takes for as
many runs of the same points. `odds_4000_s` is one point of a tension line, 4,000 continuations.
`room_push_p95_s` is how long a class waits for a closed turn (`benchmarks/room.py`).

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
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from room import room_push

from sim import jit
from sim.config import compose
from sim.engines import kernel, points
from sim.engines.batch import run_table
from sim.engines.mesa import Crisis
from sim.engines.rollouts import odds
from sim.model.state import state_type
from sim.results import read_any
from sim.scenario import build

ROUNDS, MESA_RUNS, KERNEL_RUNS, MANY = 5, 60, 20_000, 1_000_000
# A Sobol study of a million runs: 1,024 base points times 12 axes and 2, 70 runs each.
BASE, EACH = 1024, 70
SWEPT = (
    "forces.R0", "forces.L_max", "belief.w_break", "units.loy_mu", "bargaining.delta", "bargaining.nu",
    "channels.s_req", "channels.mediator.status", "channels.mediator.guarantee", "actors.leader.c_R",
    "actors.ruler.c_G", "actors.ruler.phi",
)  # fmt: skip
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


def sweep_seconds() -> tuple[float, float]:
    """(seconds of `rubicon sweep` over a million runs, the same over the bare kernel's for the same points)."""
    axes = "{" + ", ".join(f"{name}: null" for name in SWEPT) + "}"
    words = ["sweep.design=saltelli", f"sweep.points={BASE}", f"sweep.axes={axes}", f"replications={EACH}"]
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "sim", "sweep", *words, "figures.formats=[png]", f"out={out}", "name=bench"]
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        whole = time.perf_counter() - began
        table = read_any(Path(out) / "sweep" / "historical" / "bench" / "points.parquet")
    return whole, whole / bare_seconds({name: values for name, values in table.items() if name != "point"})


def bare_seconds(numbers: dict[str, np.ndarray]) -> float:
    """Seconds of the kernel alone over the points of a sweep: rows made beforehand, nothing kept."""
    jit.use_threads(None)
    n = len(next(iter(numbers.values())))
    rows = points.rows(SETTING, numbers, n)
    states = np.zeros(kernel.CHUNK, state_type())
    began = time.perf_counter()
    for start in range(0, n * EACH, kernel.CHUNK):
        crisis = np.arange(start, min(start + kernel.CHUNK, n * EACH))
        kernel.play(states[: len(crisis)], rows, seed=SETTING.seed, replicate=crisis % EACH, which=crisis // EACH)
    return time.perf_counter() - began


def odds_seconds() -> float:
    """Seconds of the odds from the state of one crisis at half of its way, by 4,000 continuations."""
    crisis = Crisis(SETTING.params, SETTING.script, seed=SETTING.seed, replicate=0)
    for _ in range(20):
        crisis.step()
    state, row = crisis.state.row(), SETTING.params.row()
    began = time.perf_counter()
    odds(state, row, seed=SETTING.seed, n=4000)
    return time.perf_counter() - began


def medians(*measures: Callable[[], float]) -> list[float]:
    """Median of each measure over alternating rounds, so that a busy machine slows all alike."""
    rounds = [[measure() for measure in measures] for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def main() -> None:
    """Measure, print and write."""
    kernel.ready()
    slow, fast, all_cores = medians(mesa_rate, lambda: kernel_rate(1), lambda: kernel_rate(None))
    rate = table_rate()
    million, over = sweep_seconds()
    (continued,) = medians(odds_seconds)
    pushed = room_push()
    numbers = {
        "mesa_runs_per_s": slow, "kernel_runs_per_s_one_core": fast, "kernel_runs_per_s_all_cores": all_cores,
        "kernel_over_mesa": all_cores / slow, "kernel_over_mesa_one_core": fast / slow, "table_runs_per_s": rate,
        "sweep_million_s": million, "sweep_over_kernel": over, "odds_4000_s": continued,
        "room_push_p95_s": max(found["p95_s"] for found in pushed.values()),
        **{f"room_push_{name}_p95_s": found["p95_s"] for name, found in pushed.items()},
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version(),
    }  # fmt: skip
    for name, value in numbers.items():
        shown = (f"{value:,.1f}" if value >= 1.0 else f"{value:.3f}") if isinstance(value, float) else value
        print(f"{name:32} {shown}")
    out = Path("results/bench/latest.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
    print(out)


if __name__ == "__main__":
    main()
