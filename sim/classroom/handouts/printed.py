"""The tables of the game on paper as they are printed: whole hundredths, distances in 5 km, thin cells filled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from sim.classroom.handouts.course import LINE, NEAR, PAST, PERIODS, Course, nearest, share
from sim.classroom.handouts.reading import BATTLING, EVENTS, OFF_ROAD, ROAD
from sim.classroom.handouts.tables import FEW, MODES, Tables
from sim.model.state import Seat

LEADER, RULER = int(Seat.LEADER), int(Seat.RULER)
POOLED = (int(Seat.MINISTRY), int(Seat.GUARD))  # seats whose choices are printed by place alone
PLACES = (ROAD, NEAR, LINE, BATTLING, PAST)
LEVELS = range(OFF_ROAD + 1)
KM_STEP = 5  # km made are printed to this
UPPER_THIRD = 1.09  # mean of the upper third of a standard normal


@dataclass(frozen=True, eq=False)
class Sheet:
    """The tables as they are printed: chances in whole hundredths (falls in thousandths), distances in 5 km."""

    course: Course
    counted: Tables

    @cached_property
    def hope(self) -> dict[tuple[int, int], int]:
        """(turn, band) -> points of hope of the leader, where at least FEW states were seen."""
        cells = self.counted.hope.items()
        return {(t, b): round(100 * v[1] / v[0]) for (t, b), v in cells if v[0] >= FEW}

    @cached_property
    def marks(self) -> tuple[int, int]:
        """Points of hope for each formation that fought, and for each that joined."""
        fought, joined = (round(100 * float(mark)) for mark in self.counted.marks)
        return fought, joined

    @cached_property
    def mettle(self) -> dict[int, int]:
        """By band: points that a shaky line adds and a resolute one takes, from the outer thirds of what is left."""
        spread = {k[0]: float(np.sqrt(v[1] / max(v[0], 1.0))) for k, v in self.counted.spread.items()}
        return {band: round(100 * UPPER_THIRD * sd) for band, sd in spread.items()}

    @cached_property
    def _everywhere(self) -> dict[tuple[int, int], int]:
        """The same for every cell: an empty one goes by the nearest."""
        cells = product(range(self.course.turns), range(len(self.course.bands)))
        return {at: self.hope[nearest(self.hope, *at)] if self.hope else 50 for at in cells}

    def hopes(self, turn: int, band: int, fought: int, joined: int, mettle: int) -> int:
        """Points of hope on the table; mettle is -1 for a resolute line, 0, or 1 for a shaky one."""
        return (
            self._everywhere[turn, band]
            + fought * self.marks[0]
            + joined * self.marks[1]
            + mettle * self.mettle.get(band, 0)
        )

    @cached_property
    def talks(self) -> dict[tuple[str, bool, int], tuple[float, ...]]:
        """(mode, spoken, level) -> shares of TALKS; a level with few turns goes by the nearest one."""
        out = {}
        for mode, spoken in product(MODES, (False, True)):
            rows = {i: self.counted.talks[mode, spoken, i] for i in LEVELS}
            rows = {i: row for i, row in rows.items() if row.sum() >= FEW}
            for i in LEVELS:
                near = min(rows, key=lambda j: (abs(j - i), j)) if rows else None
                out[mode, spoken, i] = (0.0, 0.0, 0.0, 1.0) if near is None else _plain(rows[near])
        return out

    @cached_property
    def march(self) -> dict[tuple[str, str], tuple[float, ...]]:
        """(order, attacks) -> shares of EVENTS."""
        return {(k[0], k[1]): _plain(v) for k, v in self.counted.march.items()}

    @cached_property
    def made(self) -> dict[tuple[str, str], float]:
        """(order, event) -> km made in a whole turn, to 5 km; an event never seen goes by all of them."""
        out = {}
        for drives, event in product(("advance", "negotiate"), EVENTS):
            turns, km = self.counted.made[drives, event]
            if not turns:
                turns, km = sum((self.counted.made[drives, one] for one in EVENTS), np.zeros(2))
            out[drives, event] = float(KM_STEP * round(km / max(turns, 1.0) / KM_STEP))
        return out

    def entry(self, spoken: bool, who: str) -> float:
        """Chance that a willing mediator comes in."""
        return float(share(self.counted.entry[spoken, who])[0])

    def consent(self, spoken: bool) -> float:
        """Chance that the model's mediator is willing when he is asked."""
        asked = self.entry(spoken, "ruler")
        return min(float(share(self.counted.consent[spoken,])[0]) / asked, 1.0) if asked > 0 else 0.0

    @cached_property
    def arrival(self) -> dict[bool, tuple[float, ...]]:
        """Line strengthened -> shares of BATTLE of the turn in which a column drives up to it."""
        return {strong: _plain(self.counted.arrival[strong,]) for strong in (False, True)}

    @cached_property
    def battle(self) -> dict[bool, tuple[float, ...]]:
        """Line strengthened -> shares of BATTLE of each later turn of battle there."""
        return {strong: _plain(self.counted.battle[strong,]) for strong in (False, True)}

    @property
    def strengthens(self) -> int:
        """Turns in which the guard must have advanced for a strengthened line: half of what it may send."""
        p = self.course.setting.params
        per_turn = p.r_fwd * self.course.turn_h
        return int(np.ceil(0.5 * min(p.fwd_max, p.K) / per_turn - 1e-9)) if per_turn > 0 else self.course.turns + 1

    @cached_property
    def past(self) -> tuple[float, ...]:
        """Shares of BATTLE of a turn in which the column drives on beyond the line."""
        return _plain(self.counted.past[()])

    @cached_property
    def fall(self) -> dict[str, tuple[float, ...]]:
        """Period -> shares of FALL in a turn; beyond the line for a column that does not drive on."""
        return {period: _plain(self.counted.fall[period,]) for period in PERIODS}

    @cached_property
    def taken(self) -> dict[str, float]:
        """Period -> chance that the model's leader takes a concession."""
        total = sum(self.counted.taken.values(), np.zeros(2))
        mine = {period: self.counted.taken[period,] for period in PERIODS}
        return {period: _plain(v if v.sum() >= FEW else total)[0] for period, v in mine.items()}

    @cached_property
    def choice(self) -> dict[tuple[int, str, int, int], tuple[float, ...]]:
        """(seat, place, level, mediator in) -> shares of options; thin cells take the nearest."""
        out = {}
        for seat, where, flag in product((LEADER, RULER, *POOLED), PLACES, range(2)):
            for level in LEVELS:
                out[int(seat), where, level, flag] = self._chosen(int(seat), where, level, flag)
        return out

    def _chosen(self, seat: int, where: str, level: int, flag: int) -> tuple[float, ...]:
        """One cell; off the open road it is the same whether the mediator is in or not."""
        cells: dict[tuple[str, int, int], np.ndarray] = {}
        for (of, at, grade, inside), counts in self.counted.choice.items():
            if of == seat:
                key = (at, grade, inside if at == ROAD else 0)
                cells[key] = cells.get(key, np.zeros(4)) + counts
        cells = {key: counts for key, counts in cells.items() if counts.sum() >= FEW}
        here = {key: counts for key, counts in cells.items() if key[0] == where} or cells
        if not here:
            return (0.0, 1.0, 0.0, 0.0)
        if seat in POOLED:
            return _plain(sum(here.values(), np.zeros(4)))
        return _plain(here[min(here, key=lambda key: (abs(key[2] - flag), abs(key[1] - level), key[1]))])

    @property
    def keeps(self) -> float:
        """Chance that a seat of the model keeps its order through a turn."""
        return float((1.0 - self.course.setting.params.p_revise) ** self.course.steps)


def _plain(counts: np.ndarray) -> tuple[float, ...]:
    """Shares as a tuple; where nothing was counted, all on the last."""
    if counts.sum() <= 0:
        return (*[0.0] * (len(counts) - 1), 1.0)
    return tuple(share(counts).tolist())
