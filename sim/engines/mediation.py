"""Counterfactuals of mediation and disclosure: states on the way, edited at an hour, played on by their own luck.

Replicate i goes on with its own luck in every arm, so differences between arms are differences in what was edited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.engines.columns import columns
from sim.engines.points import read_by_columns
from sim.engines.rollouts import walk
from sim.model.state import Channel, Option, Seat, state_type

if TYPE_CHECKING:
    from sim.model.script import Script
    from sim.scenario import Setting

IN = 1  # stage of `mediation`
MEDIATOR, LINE = int(Seat.MEDIATOR), int(Channel.MEDIATOR)
# What the mediator brings, and the number that takes it away: a value, or the channel whose value it then has.
FUNCTIONS: Mapping[str, tuple[str, float | str]] = {
    "information": ("news", 0.0),
    "guarantor": ("guarantee", 0.0),
    "face_saver": ("cover", 0.0),
    "rank": ("status", "officials"),
}


def at_hours(
    setting: Setting, row: np.ndarray, replicate: np.ndarray, steps: Sequence[int]
) -> tuple[dict[int, np.ndarray], np.ndarray]:
    """States (n,) of crises as each of `steps` (from 1 on) begins, and their final states (n,).

    A crisis that has ended keeps its final state.
    """
    found: dict[int, np.ndarray] = {}
    last = np.zeros(len(replicate), state_type())
    for step, states in enumerate(walk(row, seed=setting.seed, replicate=replicate, script=setting.script), 1):
        if step in steps:
            found[step] = states.copy()
        last = states
    return found | {step: last.copy() for step in steps if step not in found}, last.copy()


def finish(
    states: np.ndarray, rows: np.ndarray, *, seed: int, replicate: np.ndarray, which: np.ndarray | None = None,
    script: Script,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Columns of the run table of crises that go on from given states by their own luck; states are left as they are.

    `which` (n,) says which of `rows` each crisis has, default the first. A crisis that has ended stays as it ended.
    """
    from sim.engines import kernel

    which = np.zeros(len(states), np.int64) if which is None else which
    parts = []
    for at in range(0, len(states), kernel.CHUNK):
        part = slice(at, at + kernel.CHUNK)
        ended = states[part].copy()
        runs = np.flatnonzero(ended["ending"] < 0)
        go = ended[runs]
        kernel.play(go, rows, seed=seed, replicate=replicate[part][runs], which=which[part][runs], script=script,
                    fresh=False)  # fmt: skip
        ended[runs] = go
        parts.append(columns(ended, read_by_columns(rows, which[part]), replicate[part]))
    return {name: np.concatenate([table[name] for table in parts]) for name in parts[0]}


def without(setting: Setting) -> np.ndarray:
    """The numbers (1,) with the mediator's seat empty: nobody reckons with him."""
    return setting.numbers({"actors.mediator.present": 0.0}).row()


def lacking(setting: Setting, function: str) -> np.ndarray:
    """The numbers (1,) of a setting whose mediator lacks one of `FUNCTIONS`."""
    name, value = FUNCTIONS[function]
    to = setting.settings.values[f"channels.{value}.{name}"] if isinstance(value, str) else value
    return setting.numbers({f"channels.mediator.{name}": float(to)}).row()


def entered(states: np.ndarray, hour: float) -> np.ndarray:
    """The same states with the mediator in and on the line to the leader, where the crisis still runs; he listens.

    Writes mediation, linked, entered_h and his standing order. To carry the talks is his own next decision.
    """
    out = states.copy()
    runs = np.flatnonzero(out["ending"] < 0)
    out["mediation"][runs] = IN
    out["linked"][runs, LINE] = 1
    out["entered_h"][runs] = hour
    out["option"][runs, MEDIATOR] = int(Option.HOLD)
    return out
