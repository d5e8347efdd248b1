"""The clock, the periods and the cells of a game on paper: what players can read off the table in front of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from sim.classroom.seats import SeminarError
from sim.scenario import Setting

BEFORE, FAR, NEAR, LINE, PAST = "before", "far", "near", "line", "past"
PERIODS = (BEFORE, FAR, NEAR, LINE, PAST)
BAND_KM = 100.0  # width of a column of the tables that go by distance


@dataclass(frozen=True)
class Course:
    """A crisis in turns of `turn_h` hours from the one in which the column sets out.

    start : hour at which the first turn opens; if it can be, so that the address falls on the opening of a turn
    near_km : km before the line from which the column counts as near
    """

    setting: Setting
    turn_h: float
    start: float
    near_km: float

    @property
    def steps(self) -> int:
        """Steps of the model in a turn."""
        return round(self.turn_h / self.setting.params.dt)

    @property
    def turns(self) -> int:
        """Turns until the horizon."""
        return int(np.ceil((self.setting.params.horizon_h - self.start) / self.turn_h - 1e-9))

    def hour(self, turn: int) -> float:
        """Hour at which a turn opens, counted from 0."""
        return self.start + turn * self.turn_h

    def step(self, turn: int) -> int:
        """Step with which a turn opens."""
        return round(self.hour(turn) / self.setting.params.dt)

    @cached_property
    def bands(self) -> tuple[tuple[float, float], ...]:
        """(nearest, farthest) km of the bands of the road before the line, near first; the last reaches the start."""
        p = self.setting.params
        edges = [float(p.D_line), *np.arange(2 * BAND_KM, p.D0 - BAND_KM / 2, BAND_KM).tolist(), float(p.D0)]
        edges = [km for i, km in enumerate(edges) if i == 0 or km > edges[0] + BAND_KM / 4]
        return tuple(pairwise(edges))

    @cached_property
    def _ends(self) -> list[float]:
        return [high for _, high in self.bands]

    def band(self, km: float) -> int:
        """Which band of the road a distance lies in; beyond the line the first."""
        return min(bisect_left(self._ends, km), len(self.bands) - 1)

    def period(self, hour: float, km: float, line_up: int) -> str:
        """Which period of the crisis an hour and a place belong to."""
        p = self.setting.params
        if km <= p.D_line:
            return LINE if line_up else PAST
        if p.t_speech <= p.horizon_h and hour < p.t_speech:
            return BEFORE
        return NEAR if km - p.D_line <= self.near_km else FAR

    def periods(self, hour: float, states: np.ndarray) -> np.ndarray:
        """The period of each of (n,) states that open a turn."""
        return np.array(
            [self.period(hour, km, up) for km, up in zip(states["km"], states["line_up"], strict=True)], dtype=object
        )


def course(setting: Setting, turn_h: float, near_km: float) -> Course:
    """The clock of a game on paper; SeminarError for a turn that is no multiple of the step."""
    p = setting.params
    steps = round(turn_h / p.dt)
    if steps < 1 or abs(steps * p.dt - turn_h) > 1e-9:
        raise SeminarError(f"paper_turn_h={turn_h} is not allowed; give a multiple of the step, {p.dt:g} h.")
    starts = [p.t_start - k * p.dt for k in range(steps) if p.t_start - k * p.dt >= 0.0]
    spoken = p.t_speech <= p.horizon_h
    on_turn = [h for h in starts if spoken and abs((p.t_speech - h) / turn_h % 1.0) < 1e-9]
    return Course(setting, turn_h, float((on_turn or starts)[0]), near_km)


def d100(shares: Sequence[float]) -> list[tuple[int, int] | None]:
    """Ranges of a hundred-sided roll for chances in order, cumulated before rounding; None where a chance has no roll.

    >>> d100([0.25, 0.0, 0.75])
    [(1, 25), None, (26, 100)]
    """
    ends = [round(100 * float(end)) for end in np.cumsum(shares)]
    out: list[tuple[int, int] | None] = []
    at = 0
    for end in ends:
        out.append((at + 1, end) if end > at else None)
        at = max(at, end)
    return out


def share(counts: np.ndarray) -> np.ndarray:
    """Counts as shares; all nought where nothing was counted."""
    return counts / max(float(counts.sum()), 1.0)


def half_width(chance: float, n: float) -> float:
    """Half of a 95 % Wilson interval of a share (Wilson 1927)."""
    z2 = 1.96**2
    return float(1.96 * np.sqrt(chance * (1.0 - chance) / n + z2 / (4 * n * n)) / (1 + z2 / n)) if n else 1.0


def nearest(cells: Mapping[tuple[int, int], Any], turn: int, band: int) -> tuple[int, int]:
    """The filled cell closest to (turn, band): as many turns as bands away; ties go to the earlier turn."""
    return min(cells, key=lambda at: (abs(at[0] - turn) + abs(at[1] - band), at))
