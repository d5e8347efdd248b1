"""Where the parts of a sweep are played: this machine's cores, or the workers of a Dask cluster.

An executor is a function (blocks by part, keep_runs, options, threads) -> iterator of
(part, tables), in any order. Parts are plain data in and out, so nothing else is shared.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from sim.engines.points import tables
from sim.errors import ConfigurationError, UserError, needs

if TYPE_CHECKING:
    import numpy as np

    from sim.studies.sweep.plan import Plan

Tables = dict[str, "dict[str, np.ndarray]"]
AHEAD = 2  # parts a worker that wait at the scheduler, so that none is idle and memory stays bounded
ATTEMPTS = 5  # a part whose worker dies is given to another so many times
ANSWER_S = 10  # for the first answer of a scheduler
WAIT_S = 60  # without a worker or an answer
SILENT = logging.CRITICAL + 1
LOOK_S = 1.0  # between looks at a cluster from which nothing comes


class Lost(UserError):
    """The cluster is gone, or cannot play; what it had finished is written and can be gone on with."""


def check(options: Mapping[str, Any]) -> None:
    """ConfigurationError for an executor that is none, or keys of it that make no sense."""
    if options["name"] not in EXECUTORS:
        raise ConfigurationError(f"executor={options['name']} is not known; known: {', '.join(EXECUTORS)}.")
    workers, patience = options.get("workers"), _patience(options)
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 1):
        raise ConfigurationError(
            f"executor.workers={workers} is not allowed; give a whole number from 1, or null for one a core."
        )
    if isinstance(patience, bool) or not isinstance(patience, int | float) or not 0 < patience < float("inf"):
        raise ConfigurationError(f"executor.wait_s={patience} is not allowed; give seconds, more than 0.")


def _patience(options: Mapping[str, Any]) -> Any:
    return options.get("wait_s", WAIT_S)  # an executor of the user's own need not name it


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
    """On the workers of a Dask cluster; a part whose worker dies is played again by another. Lost if none is left."""
    with _client(options) as client:
        pool, watch = client.get_executor(retries=ATTEMPTS, pure=False), Watch(client, float(_patience(options)))
        left = iter(todo)
        running: dict[Future[Tables], int] = {}
        try:
            while True:
                room = max(1, AHEAD * watch.workers()) - len(running)
                for number in islice(left, max(0, room)):
                    block = plan.block(plan.parts[number])
                    running[pool.submit(play_part, block, keep_runs, threads)] = number
                if not running:
                    return
                done, _ = wait(running, timeout=LOOK_S, return_when=FIRST_COMPLETED)
                # What was played is handed on before what went wrong is told.
                for future in sorted(done, key=lambda one: one.cancelled() or one.exception() is not None):
                    yield running.pop(future), _result(future)
        finally:
            for future in running:
                future.cancel()
            pool.shutdown(wait=False)


def _result(future: Future[Tables]) -> Tables:
    """The tables of a part that is done; Lost where the cluster could not play it."""
    try:
        return future.result()
    except UserError:
        raise
    except CancelledError as error:
        raise Lost("the scheduler of the Dask cluster is gone.") from error
    except Exception as error:  # whatever a strange worker may answer
        first = (str(error) or type(error).__name__).splitlines()[0]
        raise Lost(
            f"the Dask workers could not play a part ({type(error).__name__}: {first}). Each needs the same version "
            "of rubicon and memory for a part; chunk_runs=... of a new sweep makes parts smaller."
        ) from error


class Watch:
    """How many workers a cluster has; Lost when there was none, or no answer, for `wait_s` seconds."""

    def __init__(self, client: Any, wait_s: float) -> None:
        self.client, self.wait_s, self.last = client, wait_s, time.monotonic()

    def workers(self) -> int:
        """The number of workers now."""
        try:
            count = len(self.client.sync(self.client.scheduler.ncores, callback_timeout=self.wait_s))
        except (OSError, TimeoutError, CancelledError, RuntimeError) as error:
            what = str(error) or type(error).__name__
            raise Lost(f"the scheduler of the Dask cluster does not answer ({what}).") from error
        if count:
            self.last = time.monotonic()
        elif time.monotonic() - self.last > self.wait_s:
            raise Lost(
                f"the Dask cluster had no worker for {self.wait_s:g} seconds; start some (dask worker "
                f"{self.client.scheduler.address}), or give executor.wait_s=... more seconds, or executor=local."
            )
        return count


@contextmanager
def _client(options: Mapping[str, Any]) -> Iterator[Any]:
    """A client of the scheduler at `address`, or of a cluster of this machine's processes made for the occasion."""
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise UserError(needs("executor=dask", "cluster", error)) from error
    address = options.get("address")
    with _without_its_log():
        if address is None:
            fixed = {"threads_per_worker": 1, "dashboard_address": None, "silence_logs": SILENT}
            cluster = LocalCluster(n_workers=options.get("workers"), **fixed)  # type: ignore[no-untyped-call]
            with cluster, Client(cluster) as client:  # type: ignore[no-untyped-call]
                yield client
            return
        try:
            client = Client(str(address), timeout=ANSWER_S)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise Lost(f"executor.address={address} does not answer; start `dask scheduler` there first.") from error
        with client:
            yield client


@contextmanager
def _without_its_log() -> Iterator[None]:
    """Dask logs each lost connection with a traceback; what matters of it is told in a sentence."""
    loggers = [logging.getLogger(name) for name in (*logging.root.manager.loggerDict, "distributed")]
    before = [(logger, logger.level) for logger in loggers if logger.name.split(".")[0] == "distributed"]
    for logger, _ in before:
        logger.setLevel(SILENT)
    try:
        yield
    finally:
        for logger, level in before:
            logger.setLevel(level)


EXECUTORS = {"local": local, "dask": dask}
