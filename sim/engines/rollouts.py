"""Many ways on from one moment: endings of crises that are continued from given states with fresh luck.

What is re-drawn and what is kept. A draw is a function of (seed, replicate, step, actor,
purpose). A continuation takes the state as it is and another replicate's luck, so all
draws of this step and later ones are new: who looks up and picks what, calls, answers,
talks, reports of scouts, sorties, battle, elites who attend, the weeks after, and whether a
formation that has not been met would parley. What was drawn at hour 0 and is held by the
state is kept, shown or not: loyalty, signal and latent draw of the formations, thresholds and
weights of the elites, what each seat misreads. Answers and conducts
that people have fixed (`will`, `told`) stay fixed. So the odds are those of an observer who
knows all dispositions but no dice to come. Odds that average over dispositions take
another crisis's state for each continuation, as the line of history does.

Continuation j has the same luck from every moment and under every order, so differences
between odds are differences in the situation, not in the dice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sim.model.script import FREE_LINE, NO_SCRIPT, Script
from sim.model.state import N_OPTIONS, Ending, state_type

if TYPE_CHECKING:
    from sim.model.params import Params

FRESH = 1 << 40  # replicates from here on are the luck of continuations; runs count from 0
N_ENDINGS = len(Ending)


def odds(
    states: np.ndarray, params: np.ndarray, *, seed: int, n: int, first: int = FRESH, script: Script = NO_SCRIPT
) -> np.ndarray:
    """Counts (k, 6) of the endings of n continuations from each of k states.

    Parameters
    ----------
    states : (k,) of `state_type()`; left as they are
    params : (1,) of `params_type()`
    seed, first : continuation j has the luck of (seed, first + j)
    script : what rules the steps to come; default nothing
    """
    ended = fates(states, params, seed=seed, n=n, first=first, script=script)
    return np.array([np.bincount(row, minlength=N_ENDINGS) for row in ended]).reshape(len(states), N_ENDINGS)


def fates(
    states: np.ndarray, params: np.ndarray, *, seed: int, n: int, first: int = FRESH, script: Script = NO_SCRIPT
) -> np.ndarray:
    """Ending (k, n) of continuation j of each of k states; arguments as in `odds`."""
    k = len(states)
    replicate = first + np.tile(np.arange(n), k)
    ended = onward(states, params, seed=seed, replicate=replicate, of=np.repeat(np.arange(k), n), script=script)
    return ended.reshape(k, n)


def onward(
    states: np.ndarray | None, params: np.ndarray, *, seed: int, replicate: np.ndarray, of: np.ndarray | None = None,
    which: np.ndarray | None = None, script: Script = NO_SCRIPT,
) -> np.ndarray:  # fmt: skip
    """Endings (n,) of crises that go on from given states, a few thousand at a time in the same memory.

    Parameters
    ----------
    states : (k,) to start from, left as they are; None starts from the first public defiance
    replicate : (n,) whose luck each crisis has
    of, which : (n,) the state and the row of `params` of each; default its own place, and the first row
    """
    from sim.engines import kernel

    n = len(replicate)
    of = np.arange(n) if of is None else of
    ended = np.empty(n, np.int8)
    room = np.zeros(min(n, kernel.CHUNK), state_type())  # used again: fresh pages are dear
    for at in range(0, n, kernel.CHUNK):
        part = slice(at, min(at + kernel.CHUNK, n))
        rows = room[: part.stop - at]
        if states is not None:
            np.take(states, of[part], out=rows, mode="clip")
        kernel.play(
            rows, params, seed=seed, replicate=replicate[part], which=None if which is None else which[part],
            script=script, fresh=states is None,
        )  # fmt: skip
        ended[part] = rows["ending"]
    return ended


def walk(params: np.ndarray, *, seed: int, replicate: np.ndarray, script: Script = NO_SCRIPT) -> Iterator[np.ndarray]:
    """States (n,) of crises after each step, until all have ended; one array, overwritten by the next step.

    A crisis that has ended keeps its final state, the weeks after included.
    """
    states = opening(params, seed=seed, replicate=replicate)
    step = 0
    while (states["ending"] < 0).any():
        step += 1
        advance(states, params, step, seed=seed, replicate=replicate, script=script)
        yield states


def opening(params: np.ndarray, *, seed: int, replicate: np.ndarray) -> np.ndarray:
    """States (n,) in which crises begin."""
    from sim.engines import kernel

    states = np.zeros(len(replicate), state_type())
    kernel.play(states, params, seed=seed, replicate=replicate, until=0)
    return states


def one_step(
    before: np.ndarray, params: np.ndarray, *, seed: int, replicate: np.ndarray, script: Script = NO_SCRIPT
) -> np.ndarray:
    """States (n,) after one step from running ones, which are left as they are."""
    after: np.ndarray = before.view(np.uint8).copy().view(before.dtype)
    advance(after, params, before["step"] + 1, seed=seed, replicate=replicate, script=script)
    return after


def advance(
    states: np.ndarray, params: np.ndarray, until: int | np.ndarray, *, seed: int, replicate: np.ndarray,
    script: Script = NO_SCRIPT,
) -> None:  # fmt: skip
    """Play running crises on until they have done so many steps (for all, or (n,) for each), in place."""
    from sim.engines import kernel

    kernel.play(states, params, seed=seed, replicate=replicate, script=script, fresh=False, until=until)


def courses(params: Params, *, seed: int, replicate: np.ndarray, script: Script = NO_SCRIPT) -> np.ndarray:
    """States (T + 1, n) of crises: as they begin and after each step, until the last has ended (4 KB each)."""
    row = params.row()
    steps = walk(row, seed=seed, replicate=replicate, script=script)
    return np.stack([opening(row, seed=seed, replicate=replicate), *(after.copy() for after in steps)])


def ordered(script: Script, step: int, seat: int, option: int) -> Script:
    """The script with one more order: this seat takes this option in this step; all else stays as it was."""
    lines = [*script, *([FREE_LINE] * (step + 1 - len(script)))]
    orders = list(lines[step].option)
    orders[seat] = option
    lines[step] = lines[step]._replace(option=orders)
    return tuple(lines)


def what_if(
    states: np.ndarray | None, params: np.ndarray, *, step: int, seat: int, seed: int, replicate: np.ndarray,
    of: np.ndarray | None = None, script: Script = NO_SCRIPT,
) -> np.ndarray:  # fmt: skip
    """Endings (4, n) when a seat is ordered to each of its options in a step, by the same luck.

    The option it took is ordered too: an order is obeyed wholeheartedly, its counsel is that
    option alone, so one order is held against another. Arguments as in `onward`; the states
    are those that `step` begins with.
    """
    return np.array(
        [
            onward(states, params, seed=seed, replicate=replicate, of=of, script=ordered(script, step, seat, option))
            for option in range(N_OPTIONS)
        ]
    )
