"""Evidence of many sets of numbers on the kernel: what the patterns of a case are read from, set by set."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.model.state import state_type
from sim.patterns.evidence import FACTS, LOOK_H, WEEKS, facts

if TYPE_CHECKING:
    from sim.model.script import Script


def evidence(
    rows: np.ndarray, script: Script, *, seed: int, each: int, first: int = 0, after: bool = True,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, NDArray[Any]]:  # fmt: skip
    """The columns of `sim.patterns.evidence.FACTS`, each (m, each): row i meets the luck of replicates of its own.

    Parameters
    ----------
    rows : (m,) of `params_type()`, all of one horizon and step
    first : replicate of the first crisis; row i has first + i * each and the next
    after : whether the look after the address and the weeks of aftermath are played; else `loyal_after` is that of
        the ending and no week has passed, in half the time
    """
    from sim.engines import kernel

    m = len(rows)
    full = rows.copy()
    full["n_weeks"] = WEEKS if after else 0.0
    look = np.rint((rows["t_speech"] + LOOK_H) / rows["dt"]).astype(np.int64)
    told: dict[str, list[NDArray[Any]]] = {name: [] for name in FACTS}
    at_once = max(kernel.CHUNK // each, 1)
    for start in range(0, m, at_once):
        members = np.arange(start, min(start + at_once, m))
        which = np.repeat(members, each)
        replicate = first + start * each + np.arange(len(which))
        states = np.zeros(len(which), state_type())
        then = states
        if after:
            kernel.play(states, full, seed=seed, replicate=replicate, which=which, script=script, until=look[which])
            then = states.copy()
        kernel.play(states, full, seed=seed, replicate=replicate, which=which, script=script, fresh=not after)
        for i, row in enumerate(rows[members].view(np.recarray)):
            part = slice(i * each, (i + 1) * each)
            for name, values in facts(states[part], then[part], row).items():
                told[name].append(values)
        progress(len(which))
    return {name: np.stack(parts) for name, parts in told.items()}
