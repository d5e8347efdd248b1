"""The game on paper played by its own printed tables, and the same orders in the model: how far they agree.

Rolls use the rounded ranges that are printed, so what is tested is what a class would play.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

import numpy as np

from sim.classroom.handouts.course import LINE, PAST, Course, share
from sim.classroom.handouts.pool import Orders, scripted
from sim.classroom.handouts.printed import POOLED, Sheet
from sim.classroom.handouts.reading import BATTLE, EVENTS, FALL, HAS_LEFT, HOPES, IN, NOT_IN, OFF_ROAD, TALKS, place
from sim.classroom.handouts.tables import WHO
from sim.engines.rollouts import onward, opening
from sim.model.state import N_SEATS, Ending, Option, Seat

A, H, N, C = Option.ADVANCE, Option.HOLD, Option.NEGOTIATE, Option.CONCEDE
LEADER, RULER, MEDIATOR = Seat.LEADER, Seat.RULER, Seat.MEDIATOR
MODEL = 1 << 45  # replicates from here on are the luck of the model's games of the check

Policy = Callable[[int, Course], Mapping[Seat, Option]]


def _from_address(orders: Mapping[Seat, Option]) -> Policy:
    """Orders from the turn of the address on; where there is none, from the fifth."""

    def policy(turn: int, course: Course) -> Mapping[Seat, Option]:
        p = course.setting.params
        opens = p.t_speech if p.t_speech <= p.horizon_h else course.hour(5)
        return orders if course.hour(turn) >= opens else {}

    return policy


def _always(orders: Mapping[Seat, Option]) -> Policy:
    return lambda turn, course: orders


POLICIES: dict[str, tuple[str, Policy, bool | None]] = {  # text, orders, whether the mediator is willing (None: free)
    "free": ("every seat by the model", _always({}), None),
    "drives_on": ("the leader drives on throughout", _always({LEADER: A}), None),
    "leader_talks": ("the leader negotiates throughout", _always({LEADER: N}), None),
    "ruler_waits": ("the ruler holds throughout", _always({RULER: H}), None),
    "both_talk": ("leader and ruler negotiate from the address on", _from_address({LEADER: N, RULER: N}), None),
    "stays_out": ("the mediator never agrees to come in", _always({}), False),
}


@dataclass
class Game:
    """One game on paper, as it lies on the table."""

    sheet: Sheet
    policy: Policy
    willing: bool | None
    rng: Random
    turn: int = 0
    km: float = 0.0
    line_up: int = 1
    mediation: int = NOT_IN
    fighting: bool = False
    strong: bool = False
    fought: int = 0
    joined: int = 0
    mettle: int = 0
    sent: int = 0
    entered: int = -1
    orders: list[Option] = field(default_factory=lambda: [A, *[H] * (N_SEATS - 1)])

    def roll(self, shares: tuple[float, ...]) -> int:
        """Which of the printed ranges a hundred-sided roll falls in; the last where none does."""
        die = self.rng.randint(1, 100)
        return next((i for i, end in enumerate(_ends(shares, 100)) if die <= end), len(shares) - 1)

    def happens(self, chance: float) -> bool:
        """A roll of at most the printed chance."""
        return self.rng.randint(1, 100) <= round(100 * chance)

    def play(self) -> Ending:
        """The ending."""
        course = self.sheet.course
        p = course.setting.params
        self.km, self.line_up = float(p.D0), int(p.L_max > 0.0 and p.D_line < p.D0)
        self.mettle = self.rng.randint(-1, 1)
        for self.turn in range(course.turns):
            ending = self._turn()
            if ending is not None:
                return ending
        return Ending.PROLONGED

    def _turn(self) -> Ending | None:
        course = self.sheet.course
        hour = course.hour(self.turn)
        period = course.period(hour, self.km, self.line_up)
        points = self.sheet.hopes(self.turn, course.band(self.km), self.fought, self.joined, self.mettle)
        level = OFF_ROAD if period in (LINE, PAST) else int(np.searchsorted(HOPES[1:], points, side="right"))
        self._give_orders(period, level)
        spoken = hour >= course.setting.params.t_speech
        ending = self._gives_in(period)
        if ending is None:
            self._call_mediator(spoken)
            ending = self._talk(spoken, level)
        if ending is None:
            kind = FALL[_thousand(self.sheet.fall[period], self.rng)]
            ending = {"rebels_win": Ending.REBELS_WIN, "prolonged": Ending.PROLONGED}.get(kind)
        return self._go_on(period) if ending is None else ending

    def _give_orders(self, period: str, level: int) -> None:
        """Orders of leader, ruler, ministry and guard; officials and mediator go by rules of their own."""
        told = self.policy(self.turn, self.sheet.course)
        present = self.sheet.course.setting.params.present
        where = place(period, self.fighting)
        for seat in range(N_SEATS):
            if Seat(seat) in told:
                self.orders[seat] = told[Seat(seat)]
            elif present[seat] and seat in (LEADER, RULER, *POOLED) and not self.happens(self.sheet.keeps):
                flag = int(self.mediation == IN)
                self.orders[seat] = Option(self.roll(self.sheet.choice[seat, where, level, flag]))
        self.sent += self.orders[Seat.GUARD] == A

    def _gives_in(self, period: str) -> Ending | None:
        if self.orders[LEADER] == C:
            return Ending.REBELS_COLLAPSE
        if self.orders[RULER] == C:
            if self.happens(self.sheet.taken[period]):
                return Ending.GOVERNMENT_CONCEDES
            self.orders[RULER] = H
        return None

    def _call_mediator(self, spoken: bool) -> None:
        if self.mediation != NOT_IN:
            return
        chance = max((self.sheet.entry(spoken, who) for who in self._who_wants(spoken)), default=0.0)
        consents = self.sheet.consent(spoken) if self.willing is None else float(self.willing)
        if self.happens(chance) and self.happens(consents):
            self.mediation, self.entered = IN, self.turn

    def _who_wants(self, spoken: bool) -> list[str]:
        leader, ruler = self.orders[LEADER] == N, self.orders[RULER] == N
        rows = {"both": leader and ruler, "leader": leader, "ruler": ruler, "officials": spoken}
        return [who for who in WHO if rows.get(who)]

    def _talk(self, spoken: bool, level: int) -> Ending | None:
        if not (self.orders[LEADER] == N and self.orders[RULER] == N):
            return None
        # One whom nobody plays listens in the turn in which he comes in.
        mode = "model" if self.mediation == IN and self.entered < self.turn else "nobody"
        result = TALKS[self.roll(self.sheet.talks[mode, spoken, level])]
        if result == "left" and self.mediation == IN:
            self.mediation = HAS_LEFT
        return {"exit": Ending.NEGOTIATED_EXIT, "concession": Ending.GOVERNMENT_CONCEDES}.get(result)

    def _go_on(self, period: str) -> Ending | None:
        leader = self.orders[LEADER]
        if period == LINE:
            if leader == A and not self.fighting:
                self.fighting, self.strong = True, self.sent >= self.sheet.strengthens
            if leader == A or (self.fighting and self.orders[RULER] == A):
                return self._fight(self.sheet.battle[self.strong])
        elif period == PAST and leader == A:
            return self._fight(self.sheet.past)
        elif leader in (A, N):
            return self._march("advance" if leader == A else "negotiate")
        return None

    def _fight(self, shares: tuple[float, ...]) -> Ending | None:
        result = BATTLE[self.roll(shares)]
        if result == "breaks":
            self.line_up = 0
        ends = {"crushed": Ending.CRUSHED, "rebels_win": Ending.REBELS_WIN, "prolonged": Ending.PROLONGED}
        return ends.get(result)

    def _march(self, drives: str) -> Ending | None:
        course = self.sheet.course
        p, hour = course.setting.params, course.hour(self.turn)
        ordered = (self.orders[RULER] == A) + (self.orders[Seat.MINISTRY] == A)
        event = EVENTS[self.roll(self.sheet.march[drives, ("none", "one", "both")[ordered]])]
        on_road = min(max((hour + course.turn_h - p.t_start) / course.turn_h, 0.0), 1.0)
        self.fought += event == "fights"
        self.joined += event == "joins"
        made = self.sheet.made[drives, event] * on_road
        self.km = max(self.km - made, float(p.D_line) if self.line_up else 0.0)
        if drives == "advance" and self.line_up and self.km <= p.D_line:
            self.fighting, self.strong = True, self.sent >= self.sheet.strengthens
            return self._fight(self.sheet.arrival[self.strong])
        return None


@cache
def _ends(shares: tuple[float, ...], sides: int) -> tuple[int, ...]:
    """Highest roll of each range, cumulated before rounding as `d100` prints it."""
    return tuple(round(sides * float(end)) for end in np.cumsum(shares))


def _thousand(shares: tuple[float, ...], rng: Random) -> int:
    die = rng.randint(1, 1000)
    return next((i for i, end in enumerate(_ends(shares, 1000)) if die <= end), len(shares) - 1)


@dataclass(frozen=True)
class Check:
    """One way to play, by the tables and by the model: counts (6,) of the endings of each."""

    text: str
    paper: np.ndarray
    model: np.ndarray

    @property
    def apart(self) -> float:
        """Total variation distance of the two, in shares."""
        return float(0.5 * np.abs(share(self.paper) - share(self.model)).sum())


def checked(sheet: Sheet, games: int) -> dict[str, Check]:
    """Every policy played `games` times by the tables and by the model."""
    out, p = {}, sheet.course.setting.params
    comes_in = p.with_mediation != 0.0 and p.present[MEDIATOR] == 1.0
    for name, (text, policy, willing) in POLICIES.items():
        if willing is not None and not comes_in:
            continue
        rng = Random(f"{sheet.course.setting.seed}-{name}")
        ended = [Game(sheet, policy, willing, rng).play() for _ in range(games)]
        paper = np.bincount(ended, minlength=len(Ending))
        model = np.bincount(modelled(sheet.course, policy, willing, games), minlength=len(Ending))
        out[name] = Check(text, paper, model)
    return out


def modelled(course: Course, policy: Policy, willing: bool | None, games: int) -> np.ndarray:
    """Endings (games,) of the model under the same orders."""
    setting = course.setting
    script: Any = setting.script
    for turn in range(course.turns):
        told = Orders(policy(turn, course))
        script = scripted(script, told, course.step(turn), course.step(turn) + course.steps, course)
    row, replicate = setting.params.row(), MODEL + np.arange(games)
    begun = opening(row, seed=setting.seed, replicate=replicate)
    begun["consent"] = -1 if willing is None else int(willing)
    return onward(begun, row, seed=setting.seed, replicate=replicate, script=script)
