"""States of the model in which a turn of the paper game may open, and turns played from them under orders.

Half of the crises go by doctrine, a quarter takes orders at random turn by turn, and in a quarter the leader drives on
whatever happens, so that tables also cover what people do and the model seldom does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from sim.classroom.handouts.course import Course
from sim.engines import kernel
from sim.model.script import FREE_LINE, Script
from sim.model.state import N_SEATS, Option, Seat, state_type

POOL = 1 << 43  # replicates from here on are the luck of the pool, and of the questions asked of it
STREAM = 9203  # of the draws of random orders
PRINCIPALS = (Seat.LEADER, Seat.RULER)
MIX = (Seat.LEADER, Seat.RULER, Seat.MEDIATOR)
N_MIXES = 27  # each of three seats advances, holds or negotiates
FREE, MIXED, DRIVEN = 0, 1, 2


class Orders(NamedTuple):
    """Who is told what for a turn: options by seat, whether the mediator consents, whether the ruler takes calls."""

    options: Mapping[Seat, Option]
    willing: bool | None = None
    offers: bool = False
    takes_call: bool = False


NOBODY = Orders({})


class Opening(NamedTuple):
    """Crises that run as a turn opens: their states (n,) and the luck of each."""

    turn: int
    states: np.ndarray
    replicate: np.ndarray

    @property
    def natural(self) -> np.ndarray:
        """Which crises (n,) have nobody but perhaps the leader under orders: whoever came in there came by himself."""
        out: np.ndarray = kinds(self.replicate) != MIXED
        return out


def kinds(replicate: np.ndarray) -> np.ndarray:
    """FREE, MIXED or DRIVEN, by replicate."""
    return np.array([FREE, FREE, MIXED, DRIVEN])[(replicate - POOL) % 4]


def openings(course: Course, n: int, turns: int) -> Iterator[Opening]:
    """The pool as each turn opens, until it is empty."""
    p, seed = course.setting.params, course.setting.seed
    rng = np.random.default_rng([seed, STREAM])
    states, replicate = np.zeros(n, state_type()), POOL + np.arange(n)
    states = played(states, p.row(), 0, course.step(0), seed, replicate, course.setting.script, fresh=True)
    for turn in range(turns):
        live = states["ending"] < 0
        states, replicate = states[live], replicate[live]
        if not len(states):
            return
        at = Opening(turn, states, replicate)
        yield at
        states = _next(course, at, rng)


def _next(course: Course, at: Opening, rng: np.random.Generator) -> np.ndarray:
    kind = kinds(at.replicate)
    mix = rng.integers(0, N_MIXES, len(kind))
    mix[kind == FREE] = -1
    mix[kind == DRIVEN] = -2
    out = at.states.copy()
    for code in np.unique(mix):
        own = np.flatnonzero(mix == code)
        out[own] = turned(course, Opening(at.turn, at.states[own], at.replicate[own]), _mixed(int(code)))
    return out


def _mixed(code: int) -> Orders:
    """Orders by number: -1 nobody has any, -2 the leader drives on, else each of three seats has one."""
    if code < 0:
        return NOBODY if code == -1 else Orders({Seat.LEADER: Option.ADVANCE})
    given = {seat: Option(code // 3**i % 3) for i, seat in enumerate(MIX)}
    return Orders(given, willing=given[Seat.MEDIATOR] != Option.HOLD)


def turned(course: Course, at: Opening, orders: Orders, steps: int | None = None) -> np.ndarray:
    """States (n,) after a turn (or its first `steps`) under orders; the seats without one go by doctrine."""
    first, steps = course.step(at.turn), course.steps if steps is None else steps
    before = at.states.copy()
    if orders.willing is not None:
        before["consent"] = int(orders.willing)
    if orders.offers:
        before["offers"] = 1
    if orders.takes_call:
        before["will"][:, 0] = 1
    script = scripted(course.setting.script, orders, first, first + steps, course)
    row = course.setting.params.row()
    after = played(before, row, first, steps, course.setting.seed, at.replicate, script)
    for name in ("consent", "offers", "will"):
        after[name] = -1
    return after


def scripted(script: Script, orders: Orders, first: int, last: int, course: Course) -> Script:
    """The timeline with the orders in steps first..last-1; leader and ruler have theirs once the column sets out."""
    if not orders.options:
        return script
    p = course.setting.params
    lines = [*script, *([FREE_LINE] * max(last - len(script), 0))]
    for step in range(first, last):
        told = list(lines[step].option)
        for seat in range(N_SEATS):
            order = orders.options.get(Seat(seat))
            early = seat in PRINCIPALS and step * p.dt < p.t_start
            if order is not None and not early and told[seat] < 0:
                told[seat] = int(order)
        lines[step] = lines[step]._replace(option=told)
    return tuple(lines)


def played(
    states: np.ndarray, row: np.ndarray, step: int, steps: int, seed: int, replicate: np.ndarray, script: Script,
    *, fresh: bool = False,
) -> np.ndarray:  # fmt: skip
    """States (n,) after `steps` steps from running ones that all stand at `step`; no weeks follow an ending."""
    after, crisis = states.copy(), row.copy()
    crisis["n_weeks"] = 0.0
    kernel.play(after, crisis, seed=seed, replicate=replicate, script=script, fresh=fresh, until=step + steps)
    return after
