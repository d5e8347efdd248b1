"""The tables of a game on paper: what a turn of the model comes to, counted over thousands of turns.

Each table is a question asked of the states of `pool`: seats are ordered what the row says, all others go by
doctrine, the turn is played, and what came of it is counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from sim.classroom.handouts.course import LINE, PAST, Course
from sim.classroom.handouts.pool import FREE, Opening, Orders, kinds, openings, turned
from sim.classroom.handouts.reading import (
    BATTLE,
    EVENTS,
    FALL,
    IN,
    NOT_IN,
    OFF_ROAD,
    TALKS,
    early_end,
    events,
    fought,
    levels,
    places,
    talked,
)
from sim.engines.rollouts import one_step, onward
from sim.model.state import N_OPTIONS, N_ROUTE, N_SEATS, Conduct, Ending, Option, Seat

A, H, N, C = Option.ADVANCE, Option.HOLD, Option.NEGOTIATE, Option.CONCEDE
LEADER, RULER, MEDIATOR = Seat.LEADER, Seat.RULER, Seat.MEDIATOR
ATTACKS: dict[str, tuple[Option, Option]] = {"none": (H, H), "one": (H, A), "both": (A, A)}  # ruler, ministry
OFFICIALS = dict.fromkeys((Seat.ADMINISTRATION, Seat.COUNCIL, Seat.AMBASSADOR), H)
WHO: dict[str, Mapping[Seat, Option]] = {  # who wants to talk, the others hold
    "both": {LEADER: N, RULER: N, **OFFICIALS},
    "leader": {LEADER: N, RULER: H, **OFFICIALS},
    "ruler": {LEADER: H, RULER: N, **OFFICIALS},
    "officials": {LEADER: H, RULER: H, **dict.fromkeys(OFFICIALS, N)},
    "offer": {LEADER: H, RULER: H, **OFFICIALS},
}
MODES = ("carries", "leans", "model", "call", "nobody")  # who stands between the two who talk
FEW = 20  # a cell with fewer turns behind it is not printed


def _zeros(n: int) -> defaultdict[tuple[Any, ...], np.ndarray]:
    return defaultdict(partial(np.zeros, n))


@dataclass
class Tables:
    """Counts by cell; a cell's key is what players read off the table in front of them.

    march : (order, attacks) -> events; made : (order, event) -> [turns, km in all]
    entry : (spoken, who) -> [asked and willing: in, not in]; consent : () -> [says yes, no], of one who is asked
    hope : (turn, band) -> [states, leader's odds in all]; marks : odds that a formation that fought, or joined, moves
    spread : (band,) -> [states, squared odds that marks leave over]
    talks : (mode, spoken, level of hope) -> TALKS
    arrival, battle : (line strengthened by the guard) -> BATTLE; past : () -> BATTLE
    fall : (period,) -> FALL; taken : (period,) -> [taken, turned down]
    choice : (seat, place, level, flag) -> options of a seat that looks up, by its doctrine; the flag is whether the
        mediator is in
    odds : (turn, band, mediator in) -> endings when all go on by doctrine
    """

    hope: dict[tuple[Any, ...], np.ndarray] = field(default_factory=lambda: _zeros(2))
    marks: np.ndarray = field(default_factory=lambda: np.zeros(2))
    nat: float = 0.0  # odds that go with a nat of public log-odds
    spread: dict[tuple[Any, ...], np.ndarray] = field(default_factory=lambda: _zeros(2))

    march: dict[tuple[Any, ...], np.ndarray] = field(default_factory=lambda: _zeros(len(EVENTS)))
    made: dict[tuple[Any, ...], np.ndarray] = field(default_factory=lambda: _zeros(2))
    entry: dict[tuple[Any, ...], np.ndarray] = field(default_factory=lambda: _zeros(2))
    consent: dict[tuple[Any, ...], np.ndarray] = field(default_factory=lambda: _zeros(2))
    talks: dict[tuple[Any, ...], np.ndarray] = field(default_factory=lambda: _zeros(len(TALKS)))
    arrival: dict[tuple[Any, ...], np.ndarray] = field(default_factory=lambda: _zeros(len(BATTLE)))
    battle: dict[tuple[Any, ...], np.ndarray] = field(default_factory=lambda: _zeros(len(BATTLE)))
    past: dict[tuple[Any, ...], np.ndarray] = field(default_factory=lambda: _zeros(len(BATTLE)))
    fall: dict[tuple[Any, ...], np.ndarray] = field(default_factory=lambda: _zeros(len(FALL)))
    taken: dict[tuple[Any, ...], np.ndarray] = field(default_factory=lambda: _zeros(2))
    choice: dict[tuple[Any, ...], np.ndarray] = field(default_factory=lambda: _zeros(N_OPTIONS))
    odds: dict[tuple[Any, ...], np.ndarray] = field(default_factory=lambda: _zeros(len(Ending)))
    played: int = 0  # turns of the model behind them


def tables(course: Course, *, pool: int, ask: int) -> Tables:
    """All tables of a game on paper.

    Parameters
    ----------
    pool : crises that are walked through; ask : states of each turn, at most, that a question is put to
    """
    out = Tables()
    left: list[np.ndarray] = []
    for at in openings(course, pool, course.turns):
        asked = _Asked(course, at, course.periods(course.hour(at.turn), at.states), _looked(course, at), ask, out)
        left.append(asked.hope())
        asked.march()
        asked.entry()
        asked.talks()
        asked.battle()
        asked.principals()
        asked.choice()
        asked.odds()
    _mark(out, np.concatenate(left))
    return out


def _mark(out: Tables, rows: np.ndarray) -> None:
    """What formations that fought or joined move of the leader's odds, by least squares, and what is left over.

    rows : (n, 5) odds, formations that fought, that joined, band, public log-odds; all but the band less its mean
    """
    odds, met, band, public = rows[:, 0], rows[:, 1:3], rows[:, 3], rows[:, 4]
    out.nat = float(public @ odds / max(float(public @ public), 1e-9))
    out.marks = np.linalg.lstsq(met, odds, rcond=None)[0] if len(rows) else np.zeros(2)
    rest = (odds - met @ out.marks) ** 2
    for code in np.unique(band):
        out.spread[int(code),] += [np.sum(band == code), rest[band == code].sum()]


@dataclass
class _Asked:
    """The questions put to the states of one turn."""

    course: Course
    at: Opening
    period: np.ndarray
    looked: np.ndarray  # the states after a step in which all look up: what each then knows and would choose
    most: int
    out: Tables

    @property
    def _spoken(self) -> bool:
        return bool(self.course.hour(self.at.turn) >= self.course.setting.params.t_speech)

    def _level(self) -> np.ndarray:
        return np.where(self._on_road(), levels(self.looked["belief"][:, LEADER]), OFF_ROAD)

    def hope(self) -> np.ndarray:
        """The leader's odds on the road by place and turn; rows as `_mark` takes them."""
        s, rows = self.at.states, []
        band = np.array([self.course.band(float(km)) for km in s["km"]])
        did = s["conduct"][:, :N_ROUTE]
        met = [(did == conduct).sum(axis=1) for conduct in (Conduct.FIGHTS, Conduct.JOINS)]
        known = np.stack([self.looked["belief"][:, LEADER], *met, band, s["log_odds"]], axis=1).astype(float)
        # Without the free crises: there those without hope have left by deals, which the game on paper does itself.
        here = self._on_road() & (kinds(self.at.replicate) != FREE)
        for code in np.unique(band[here]):
            own = known[here & (band == code)]
            self.out.hope[self.at.turn, int(code)] += [len(own), own[:, 0].sum()]
            if len(own) >= FEW:
                own[:, [0, 1, 2, 4]] -= own[:, [0, 1, 2, 4]].mean(axis=0)
                rows.append(own)
        return np.concatenate(rows) if rows else np.zeros((0, 5))

    def _play(self, where: np.ndarray, orders: Orders, most: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Places of the first states for which `where` holds, and what a turn under `orders` makes of them."""
        own = np.flatnonzero(where)[: most or self.most]
        if not len(own):
            return own, self.at.states[:0]
        self.out.played += len(own)
        return own, turned(self.course, Opening(self.at.turn, self.at.states[own], self.at.replicate[own]), orders)

    def _on_road(self) -> np.ndarray:
        out: np.ndarray = (self.period != LINE) & (self.period != PAST)
        return out

    def march(self) -> None:
        """What a column that drives meets in a turn, and how far it comes."""
        whole = self.course.hour(self.at.turn) >= self.course.setting.params.t_start
        for drives, (name, (ruler, ministry)) in product((A, N), ATTACKS.items()):
            orders = Orders({LEADER: drives, RULER: ruler, Seat.MINISTRY: ministry})
            own, after = self._play(self._on_road(), orders, self.most // 2)
            before = self.at.states[own]
            event = events(before, after)
            self.out.march[drives.name.lower(), name] += np.bincount(event, minlength=len(EVENTS))
            stopped = (after["ending"] >= 0) | (after["km"] <= self.course.setting.params.D_line)
            for i, kind in enumerate(EVENTS):
                mine = (event == i) & ~stopped
                if whole and mine.any():
                    self.out.made[drives.name.lower(), kind] += [mine.sum(), (before["km"] - after["km"])[mine].sum()]

    def entry(self) -> None:
        """Whether a mediator who is willing comes in within the turn, by who wants to talk; and whether he is."""
        outside = self.at.states["mediation"] == NOT_IN
        spoken = self.course.hour(self.at.turn) >= self.course.setting.params.t_speech
        for who, options in WHO.items():
            _, after = self._play(outside, Orders(options, willing=True, offers=who == "offer"), self.most // 2)
            came = int((after["mediation"] != NOT_IN).sum())
            self.out.entry[spoken, who] += [came, len(after) - came]
        _, free = self._play(outside, Orders(WHO["ruler"]), self.most // 2)
        yes = int((free["mediation"] != NOT_IN).sum())
        self.out.consent[spoken,] += [yes, len(free) - yes]

    def talks(self) -> None:
        """What comes of a turn in which both principals negotiate, by who stands between them."""
        inside = self.at.states["mediation"] == IN
        both = {LEADER: N, RULER: N}
        asked = {
            "model": (inside & self.at.natural, Orders(both)),
            "carries": (inside, Orders({**both, MEDIATOR: N})), "leans": (inside, Orders({**both, MEDIATOR: A})),
            "call": (~inside, Orders({**both, MEDIATOR: H}, willing=False, takes_call=True)),
            "nobody": (~inside, Orders({**both, MEDIATOR: H}, willing=False)),
        }  # fmt: skip
        for mode, (where, orders) in asked.items():
            own, after = self._play(where & (self.period != PAST), orders)
            kind = talked(self.at.states[own], after)
            level = self._level()[own]
            for i in range(len(own)):
                self.out.talks[mode, self._spoken, int(level[i])][kind[i]] += 1

    def battle(self) -> None:
        """A column drives up to a line that is strengthened or not, and fights on; or it drives on beyond it."""
        p = self.course.setting.params
        close = self._on_road() & (self.at.states["km"] <= p.D_line + p.v * self.course.turn_h)
        own = np.flatnonzero(close & (self.at.states["line_up"] == 1))[: self.most]
        for strong, forward in ((False, 0.25), (True, 0.75)):
            states = self.at.states[own]
            states["forward"] = forward * min(p.fwd_max, p.K)
            after = turned(self.course, Opening(self.at.turn, states, self.at.replicate[own]), Orders({LEADER: A}))
            there = (after["km"] <= p.D_line) & ((after["ending"] < 0) | (after["battle"] > 0))
            there &= ~np.isin(after["ending"], (Ending.NEGOTIATED_EXIT, Ending.GOVERNMENT_CONCEDES))
            self.out.arrival[strong,] += np.bincount(fought(after)[there], minlength=len(BATTLE))
            on = there & (after["ending"] < 0) & (after["line_up"] == 1)
            if on.any() and self.at.turn + 1 < self.course.turns:
                again = Opening(self.at.turn + 1, after[on], self.at.replicate[own][on])
                later = turned(self.course, again, Orders({LEADER: A, RULER: H}))
                self.out.battle[strong,] += np.bincount(fought(later), minlength=len(BATTLE))
                self.out.played += len(later)
            self.out.played += len(own)
        _, after = self._play(self.period == PAST, Orders({LEADER: A}))
        kind = fought(after)
        kind[kind == BATTLE.index("breaks")] = BATTLE.index("goes_on")  # the line is behind it already
        self.out.past[()] += np.bincount(kind, minlength=len(BATTLE))

    def principals(self) -> None:
        """Whether a concession of the ruler is taken; and whether the regime holds while nobody fights."""
        settled = self.course.hour(self.at.turn) >= self.course.setting.params.t_start
        if settled:
            own, after = self._play(self.period != PAST, Orders({LEADER: H, RULER: C}), self.most // 2)
            yes = after["ending"] == Ending.GOVERNMENT_CONCEDES
            for i, place in enumerate(own):
                self.out.taken[self.period[place],][0 if yes[i] else 1] += 1
        for drives in (A, H):
            own, after = self._play(self._on_road() | (self.period == PAST), Orders({LEADER: drives, RULER: H}))
            kind = np.select([after["ending"] == Ending.REBELS_WIN, early_end(after, self.course)], [0, 1], 2)
            for i, place in enumerate(own):
                if drives == H or self.period[place] != PAST:
                    self.out.fall[self.period[place],][kind[i]] += 1

    def choice(self) -> None:
        """What each seat would order now by its doctrine, were it to look up."""
        if self.course.hour(self.at.turn) < self.course.setting.params.t_start:
            return
        level, s = self._level(), self.at.states
        where = places(self.period, s["battle"] > 0)
        for i in np.flatnonzero(self.at.natural)[: self.most]:
            inside = int(s["mediation"][i] == IN)
            for seat in range(N_SEATS):
                self.out.choice[seat, where[i], int(level[i]), inside] += self.looked["chance"][i, seat]

    def odds(self) -> None:
        """Endings when all go on by doctrine."""
        own = np.flatnonzero(self._on_road() & self.at.natural)[: self.most]
        if not len(own):
            return
        setting, states = self.course.setting, self.at.states[own]
        ended = onward(
            states, setting.params.row(), seed=setting.seed, replicate=self.at.replicate[own], script=setting.script
        )
        for i in range(len(own)):
            inside = int(states["mediation"][i]) == IN
            self.out.odds[self.at.turn, self.course.band(float(states["km"][i])), inside][ended[i]] += 1


def _looked(course: Course, at: Opening) -> np.ndarray:
    """States (n,) after a step in which all seats look up at once, as `worlds` draws hidden orders."""
    row = course.setting.params.row()
    row["p_revise"] = 1.0
    return one_step(at.states, row, seed=course.setting.seed, replicate=at.replicate)
