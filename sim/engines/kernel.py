"""The compiled engine: the rule book over many crises on all cores.

Every crisis is one row of a record array and reads only its own row, its parameters
and its own luck, so threads, chunks and order cannot matter.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

from sim import jit
from sim.model.luck import run_key
from sim.model.maths import logistic
from sim.model.params import Params
from sim.model.rules.aftermath import aftermath
from sim.model.rules.setup import begin
from sim.model.script import NO_SCRIPT, Script, rows
from sim.model.state import N_OPTIONS, N_SEATS, State, state_type
from sim.model.step import play_step
from sim.turns import in_turn

if TYPE_CHECKING:
    import numpy as np

CHUNK = 4096  # crises at once: some 20 MB of states
END = 2**62  # no crisis has so many steps
LEAST = 32  # crises that are worth a thread: some milliseconds
PIECES = 4  # a thread, so that none waits long for the last one


@jit.rule
def note(s: State, p: Params, t: Any) -> None:
    """Write down one step of one crisis. Element by element: a slice of a record's array is a copy to numba."""
    t.hour = s.end_h if s.ending >= 0 else s.step * p.dt
    t.km, t.line, t.public = s.km, s.line_ahead, logistic(s.log_odds)
    for seat in range(N_SEATS):
        t.belief[seat] = s.belief[seat]
        t.option[seat] = s.option[seat]
        for j in range(N_OPTIONS):
            t.chance[seat][j] = s.chance[seat][j]


def _play(states, memory, trace, fresh, seed, replicate, which, params, script, until):  # type: ignore[no-untyped-def]
    """Kernel: play each row of `states` (`memory`: as bytes) to its end or stop, and fill `trace` where it has room."""
    for i in range(len(states)):
        s = states[i]
        p = params[which[i]]
        key = run_key(seed, replicate[i])
        if fresh:
            memory[i, :] = 0  # a row used before must not shine through
            begin(s, p, key)
        goes_on = s.ending < 0
        while s.ending < 0 and s.step < until[i]:
            at = s.step
            play_step(s, p, key, script[min(at, len(script) - 1)])
            if at < trace.shape[1]:
                row = trace[i]
                note(s, p, row[at])
        if goes_on and s.ending >= 0:
            aftermath(s, p, key)


@in_turn
@cache
def _kernel() -> Any:
    folder = jit.cache_folder()
    marker = None if folder is None else folder / "ready"
    if marker is not None and marker.exists():
        return jit.compiled(_play)
    once = "once for this version, about half a minute" if marker else "about half a minute"
    print(f"Compiling the kernel for this machine ({once}) ...", file=sys.stderr)
    began = time.perf_counter()
    kernel = jit.compiled(_play)
    _warm(kernel)
    spent = time.perf_counter() - began
    if marker is not None:
        marker.write_text(f"{spent:.1f} s\n")
    print(f"... done in {spent:.0f} s{'; later starts use it at once' if marker else ''}.", file=sys.stderr)
    return kernel


def ready() -> None:
    """Compile now if need be, so that its message does not fall into a progress bar."""
    _kernel()


def _warm(kernel: Any) -> None:
    """Make numba compile by a call on no rows."""
    import numpy as np

    from sim.model.params import params_type

    none = np.zeros(0, dtype=np.int64)
    states, trace = np.zeros(0, state_type()), np.zeros((0, 0), trace_type())
    memory = states.view(np.uint8).reshape(0, state_type().itemsize)
    kernel(states, memory, trace, True, np.int64(0), none, none, np.zeros(1, params_type()), rows(NO_SCRIPT), none)


@cache
def trace_type() -> np.dtype[np.void]:
    """Record of one step of one crisis, for paths and stories."""
    import numpy as np

    return np.dtype(
        [
            ("hour", "f8"), ("km", "f8"), ("line", "f8"), ("public", "f8"), ("belief", "f8", (N_SEATS,)),
            ("option", "i8", (N_SEATS,)), ("chance", "f8", (N_SEATS, N_OPTIONS)),
        ],
        align=True,
    )  # fmt: skip


def play(
    states: np.ndarray, params: np.ndarray, *, seed: int, replicate: np.ndarray, which: np.ndarray | None = None,
    script: Script = NO_SCRIPT, trace: np.ndarray | None = None, fresh: bool = True,
    until: int | np.ndarray = END,
) -> None:  # fmt: skip
    """Play crises to their end, or until they have done so many steps, in place.

    Parameters
    ----------
    states : (n,) of `state_type()`; overwritten from the start when `fresh`, else gone on with
    params : (m,) of `params_type()`; `which` (n,) says which row each crisis uses, default the first
    seed, replicate : address of each crisis's luck
    script : timeline to follow while it rules
    trace : (n, T) of `trace_type()`, filled step by step; None records nothing
    until : a crisis stops when it has done so many steps, for all or (n,) for each: it still runs then, and goes on
        from there when it is played again; one that has ended is left as it is
    """
    import numpy as np

    n = len(states)
    which = np.zeros(n, np.int64) if which is None else which.astype(np.int64)
    trace = np.zeros((n, 0), trace_type()) if trace is None else trace
    memory = states.view(np.uint8).reshape(n, state_type().itemsize)
    of_seed, replicate = np.int64(seed), np.asarray(replicate, np.int64)
    stop = np.broadcast_to(np.asarray(until, np.int64), (n,))
    run, lines = _kernel(), rows(script)

    def piece(low: int, high: int) -> None:
        of = slice(low, high)
        run(states[of], memory[of], trace[of], fresh, of_seed, replicate[of], which[of], params, lines, stop[of].copy())

    _shared_out(n, jit.threads(), piece)


def _shared_out(n: int, threads: int, piece: Callable[[int, int], None]) -> None:
    """Do all of [0, n) in pieces on Python's own threads, made for the occasion: they may be nested and forked from.

    numba's pools can do neither: one stops a process that two threads enter, another one that was forked.
    """
    count = min(n // LEAST, PIECES * threads)
    if threads == 1 or count < 2:
        piece(0, n)
        return
    edges = [n * k // count for k in range(count + 1)]
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(piece, edges[:-1], edges[1:]):
            pass
