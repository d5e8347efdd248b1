"""Where the parts of a sweep are played: this machine's cores, or the workers of a Dask cluster.

An executor is a function (blocks by part, keep_runs, options, threads) -> iterator of
(part, tables), in any order. Parts are plain data in and out, so nothing else is shared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from sim.engines.points import tables
from sim.errors import UserError

if TYPE_CHECKING:
    import numpy as np

    from sim.studies.sweep.plan import Plan

Tables = dict[str, "dict[str, np.ndarray]"]
AHEAD = 2  # parts a worker that wait at the scheduler, so that none is idle and memory stays bounded
ATTEMPTS = 5  # a part whose worker dies is given to another so many times


def play_part(block: Any, keep_runs: bool, threads: int | None) -> Tables:
    """One part, wherever this runs."""
    from sim import jit

    jit.use_threads(threads)
    return tables(block, keep_runs=keep_runs)


def local(
    plan: Plan, todo: list[int], keep_runs: bool, options: Mapping[str, Any], threads: int | None
) -> Iterator[tuple[int, Tables]]:
    """On the cores of this machine, by the kernel's own threads."""
    from sim.engines.kernel import ready

    ready()
    for number in todo:
        yield number, play_part(plan.block(plan.parts[number]), keep_runs, threads)


def dask(
    plan: Plan, todo: list[int], keep_runs: bool, options: Mapping[str, Any], threads: int | None
) -> Iterator[tuple[int, Tables]]:
    """On the workers of a Dask cluster; a part whose worker dies is played again by another."""
    with _client(options) as client, client.get_executor(retries=ATTEMPTS, pure=False) as pool:
        left = iter(todo)
        running: dict[Future[Tables], int] = {}

        def fill() -> None:
            room = max(1, AHEAD * len(client.scheduler_info(n_workers=-1)["workers"])) - len(running)
            for number in islice(left, max(0, room)):
                block = plan.block(plan.parts[number])
                running[pool.submit(play_part, block, keep_runs, threads)] = number

        fill()
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                number = running.pop(future)
                yield number, future.result()
            fill()


@contextmanager
def _client(options: Mapping[str, Any]) -> Iterator[Any]:
    """A client of the scheduler at `address`, or of a cluster of this machine's processes made for the occasion."""
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise UserError("executor=dask needs Dask: pip install 'rubicon-wargame[cluster]'") from error
    address = options.get("address")
    if address is None:
        options_of_cluster = {"threads_per_worker": 1, "dashboard_address": None}
        cluster = LocalCluster(n_workers=options.get("workers"), **options_of_cluster)  # type: ignore[no-untyped-call]
        with cluster, Client(cluster) as client:  # type: ignore[no-untyped-call]
            yield client
        return
    try:
        client = Client(str(address), timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise UserError(f"executor.address={address} does not answer; start `dask scheduler` there first.") from error
    with client:
        yield client


EXECUTORS = {"local": local, "dask": dask}
