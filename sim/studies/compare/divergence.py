"""Where the stories part: the first step in which two settings under the same luck do not do the same.

Two runs of one replicate are played with every step noted and compared step by step: the orders of
the seats, the column's km, and whether the crisis ends. Luck is addressed by step, so the settings must share dt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engines.batch import rows_of
from sim.model.seats import ORDER_OF_DECISION
from sim.model.state import SEATS, state_type

if TYPE_CHECKING:
    from sim.scenario import Setting

CHUNK = 256  # pairs at once: some 30 MB of steps
TALKS, COLUMN, FIGHTING = len(SEATS), len(SEATS) + 1, len(SEATS) + 2
ACTORS = (*SEATS, "talks", "column", "fighting")
NEVER = -1


@dataclass(frozen=True)
class Parting:
    """First differences of n pairs: `hour` at which the step opens (nan never), `actor` as in ACTORS (-1 never)."""

    hour: NDArray[np.float64]
    actor: NDArray[np.int64]

    @property
    def parted(self) -> NDArray[np.bool_]:
        """Pairs that part at all."""
        return self.actor != NEVER


def play(a: Setting, b: Setting, n: int) -> Parting:
    """Play replicates 0 .. n-1 of both settings under the seed of `a`, and find where they part.

    Raises ValueError when the settings have steps of different length.
    """
    if a.params.dt != b.params.dt:
        raise ValueError("stories are compared step by step; the settings must have one clock.dt")
    parts = []
    for first in range(0, n, CHUNK):
        replicate = np.arange(first, min(first + CHUNK, n))
        parts.append(first_difference(_steps(a, replicate, a.seed), _steps(b, replicate, a.seed), a.params.dt))
    return Parting(np.concatenate([hour for hour, _ in parts]), np.concatenate([actor for _, actor in parts]))


class Steps(NamedTuple):
    """Crises step by step: `trace` (n, steps) of `kernel.trace_type()`, its hour nan after the end; `ending` (n,)."""

    trace: NDArray[Any]
    ending: NDArray[np.int64]


def _steps(setting: Setting, replicate: NDArray[np.int64], seed: int) -> Steps:
    from sim.engines import kernel

    states = np.zeros(len(replicate), state_type())
    trace = np.zeros((len(replicate), int(setting.params.n_steps)), kernel.trace_type())
    trace["hour"] = np.nan
    rows, which = rows_of(setting.family, replicate)
    kernel.play(states, rows, seed=seed, replicate=replicate, which=which, script=setting.script, trace=trace)
    return Steps(trace, states["ending"])


def first_difference(one: Steps, two: Steps, dt: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Hour and actor of the first difference of each pair; nan and -1 where there is none.

    The actor is the first seat, in the order in which they decide, whose order differs; else the talks
    when they end one crisis and not the other; else the column, when it stands elsewhere; else the fighting
    (battle, elites or the clock end one crisis only, or end both otherwise).
    """
    steps = min(one.trace.shape[1], two.trace.shape[1])
    a, b = one.trace[:, :steps], two.trace[:, :steps]
    over_a, over_b = _last(a), _last(b)
    orders, moved = a["option"] != b["option"], a["km"] != b["km"]
    talked = _ended_in_talks(a, over_a, dt) != _ended_in_talks(b, over_b, dt)
    ended = (over_a != over_b) | (over_a & over_b & (one.ending != two.ending)[:, None])
    differs = orders.any(axis=2) | talked | moved | ended
    parted, at, row = differs.any(axis=1), differs.argmax(axis=1), np.arange(len(a))
    actor = np.full(len(a), FIGHTING)
    seats = [(seat, orders[:, :, seat]) for seat in reversed(ORDER_OF_DECISION)]
    for code, where in [(COLUMN, moved), (TALKS, talked), *seats]:  # the last written is the first to act
        actor = np.where(where[row, at], code, actor)
    return np.where(parted, at * dt, np.nan), np.where(parted, actor, NEVER)


def _last(trace: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a crisis has its last step (n, steps)."""
    live = ~np.isnan(trace["hour"])
    return live & ~np.pad(live[:, 1:], ((0, 0), (0, 1)))


def _ended_in_talks(trace: NDArray[Any], last: NDArray[np.bool_], dt: float) -> NDArray[np.bool_]:
    """Where talks, or a stand-down, end a crisis: it then ends as the step opens, before the column moves."""
    opens = np.arange(trace.shape[1]) * dt
    return last & (np.abs(trace["hour"] - opens) < dt / 2)
