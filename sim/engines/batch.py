"""Many crises of one setting on either engine, streamed in chunks: the table, or the paths."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sim.engines.columns import columns
from sim.engines.points import read_by_columns
from sim.model.state import state_type
from sim.sets import Family

if TYPE_CHECKING:
    from sim.model.params import Params
    from sim.model.script import Script

Progress = Callable[[int], None]  # told how many crises have ended since the last time
MESA_CHUNK = 32


def _quiet(done: int) -> None:
    """No progress wanted."""


def run_table(
    params: Params | Family, script: Script, *, seed: int, n: int, first: int = 0, engine: str = "kernel",
    threads: int | None = None, progress: Progress = _quiet,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Columns of replicates first .. first+n-1, in order, whatever the engine, threads or chunks."""
    rows, _ = rows_of(params, np.zeros(0, np.int64))
    parts = _kernel_parts if engine == "kernel" else _mesa_parts
    whole: dict[str, np.ndarray] = {}
    done = 0
    for states, replicate in parts(params, script, seed, n, first, threads):
        # Filled in place: gathering the parts and joining them would take the memory twice.
        own = read_by_columns(rows, params.which(replicate)) if isinstance(params, Family) else params
        for name, values in columns(states, own, replicate).items():
            whole.setdefault(name, np.empty(n, values.dtype))[done : done + len(values)] = values
        done += len(replicate)
        progress(len(replicate))
    return whole


Parts = Iterator[tuple[np.ndarray, np.ndarray]]


def rows_of(params: Params | Family, replicate: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Parameter rows for the kernel, and which of them each replicate has (None: all the first)."""
    if isinstance(params, Family):
        return params.rows(), params.which(replicate)
    return params.row(), None


def _kernel_parts(params: Params | Family, script: Script, seed: int, n: int, first: int, threads: int | None) -> Parts:
    from sim import jit
    from sim.engines import kernel

    jit.use_threads(threads)
    rows, _ = rows_of(params, np.zeros(0, np.int64))
    room = np.zeros(min(n, kernel.CHUNK), state_type())  # used again for each chunk: fresh pages are dear
    for start in range(first, first + n, kernel.CHUNK):
        replicate = np.arange(start, min(start + kernel.CHUNK, first + n))
        states = room[: len(replicate)]
        which = params.which(replicate) if isinstance(params, Family) else None
        kernel.play(states, rows, seed=seed, replicate=replicate, which=which, script=script)
        yield states, replicate


def _mesa_parts(params: Params | Family, script: Script, seed: int, n: int, first: int, threads: int | None) -> Parts:
    chunks = [range(at, min(at + MESA_CHUNK, first + n)) for at in range(first, first + n, MESA_CHUNK)]
    workers = min(threads or os.cpu_count() or 1, len(chunks))
    play = partial(_mesa_chunk, params, script, seed)
    # Spawned, as Mesa wants it: a fork of a process with threads may never return.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for chunk, states in zip(chunks, pool.map(play, chunks), strict=True):
            yield states, np.array(chunk)


def _mesa_chunk(params: Params | Family, script: Script, seed: int, chunk: range) -> np.ndarray:
    from sim.engines.mesa import play_one

    own = [params.member(replicate) if isinstance(params, Family) else params for replicate in chunk]
    return np.concatenate([play_one(p, script, seed, r).row() for p, r in zip(own, chunk, strict=True)])


def run_paths(params: Params | Family, script: Script, *, seed: int, n: int, first: int = 0) -> dict[str, np.ndarray]:
    """Paths of n crises on the kernel, step by step.

    Returns hour (T,), and by crisis and step: km, line, public, belief (.., 8), option
    (.., 8), chance (.., 8, 4); after the end km, line, public, belief and chance are nan
    and option is -1. The step in which a crisis ends is its last row.
    """
    from sim.engines import kernel

    replicate = np.arange(first, first + n)
    rows, which = rows_of(params, replicate)
    steps, dt = int(rows["n_steps"][0]), float(rows["dt"][0])
    states = np.zeros(n, state_type())
    trace = np.zeros((n, steps), kernel.trace_type())
    trace["hour"] = np.nan
    kernel.play(states, rows, seed=seed, replicate=replicate, which=which, script=script, trace=trace)
    over = np.isnan(trace["hour"])
    paths = {name: trace[name].astype(float) for name in ("km", "line", "public", "belief", "chance")}
    for values in paths.values():
        values[over] = np.nan
    paths["option"] = trace["option"].astype(np.int8)
    paths["option"][over] = -1
    paths["hour"] = np.arange(1, steps + 1) * dt
    return paths
