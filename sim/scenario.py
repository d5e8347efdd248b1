"""A setting ready to run: checked numbers, doctrines, timeline, and the labels that figures and stories need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from sim.catalog import catalogue, check, option
from sim.errors import ConfigurationError
from sim.model import derived
from sim.model.doctrines import REGISTRY, SCRIPTED
from sim.model.params import Params
from sim.model.script import FREE, FREE_LINE, NO_SCRIPT, Line, Script
from sim.model.state import ITEMS, N_NODES, OPTIONS, SEATS, Channel, Seat
from sim.sets import Family, Sets, read, rewritten, turn
from sim.settings import Doctrine, Settings


@dataclass(frozen=True)
class Setting:
    """Checked settings with what the engines need of them: numbers, timeline, and a seed that is set."""

    settings: Settings
    params: Params
    script: Script
    seed: int
    sets: Sets | None = None

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.settings.scenario

    @property
    def seats(self) -> Mapping[str, Mapping[str, Any]]:
        """Labels of each seat: title, person, office, aims, options in words."""
        return self.settings.seats

    @property
    def towns(self) -> Sequence[Mapping[str, Any]]:
        """Towns on the route, with coordinates and road km."""
        return list(self.settings.route["towns"])

    @property
    def label(self) -> str:
        """The scenario and what was changed in it, for captions."""
        told = ("name=", "out=", "seed=", "replications=", "trajectories=", "threads=", "engine=", "figures.", "hydra")
        # What a verb asks is not what the setting is.
        own = tuple(f"{key}{mark}" for key in self.settings.choices for mark in "=.")
        left_out = (*told, *own, "scenario=", "replicate=")
        changed = [text for text in self.settings.overrides if not text.lstrip("+").startswith(left_out)]
        return ", ".join([self.name, *changed]) + (f" ({len(self.sets)} sets)" if self.sets else "")

    @cached_property
    def family(self) -> Params | Family:
        """What the engines play: one set of numbers for all replicates, or those of each replicate."""
        if self.sets is None:
            return self.params
        members = tuple(self.numbers(self.sets.changes(i)) for i in range(len(self.sets)))
        return Family(members, turn(self.seed, len(self.sets)))

    def at(self, replicate: int) -> Setting:
        """The setting with the numbers that this replicate has; itself where nothing varies."""
        if self.sets is None:
            return self
        number = (replicate + turn(self.seed, len(self.sets))) % len(self.sets)
        values = self._values(self.sets.changes(number))
        changes = {path: value for path, value in values.items() if value != self.settings.values[path]}
        told = tuple(
            f"{text} set {number}" if text.startswith("parameters=") else text for text in self.settings.overrides
        )
        text, none = rewritten(self.settings.text, changes), option("parameters", "point")
        return build(replace(self.settings, values=values, seed=self.seed, overrides=told, text=text, parameters=none))

    def changed(self, changes: Mapping[str, float]) -> Setting:
        """The same setting with other numbers, checked, without composing anew; what follows them follows.

        A number that follows others does so while it stands at what they come to. A doctrine's
        numbers are its seats', so they change by composition only.
        """
        return build(replace(self.settings, values=self._values(changes), seed=self.seed))

    def numbers(self, changes: Mapping[str, float]) -> Params:
        """The numbers of `changed(changes)` alone, many times faster; for what does not shape the timeline."""
        values = self._values(changes)
        _check_together(values)
        return _numbers(self.settings, values)

    @property
    def switched_off(self) -> tuple[str, ...]:
        """Mechanisms that this setting leaves out."""
        return tuple(name for name in derived.OFF if not self.settings.values[f"switches.{name}"])

    def _values(self, changes: Mapping[str, float]) -> dict[str, float]:
        own = self.settings.values
        values = {**own, **{path: check(path, value) for path, value in changes.items()}}
        for path, others in followers().items():
            if path not in changes and own[path] == sum(own[other] for other in others):
                values[path] = check(path, sum(values[other] for other in others))
        return values

    def drawn(self, n: int) -> dict[str, Any]:
        """What figures need to know of the setting, for n crises."""
        route = self.settings.route
        return {
            "scenario": self.label, "n": n, "seed": self.seed, "line_km": self.params.D_line,
            "towns": list(route["towns"]), "track": list(route["track"]), "halt": dict(route["halt"]),
            "seats": [str(self.seats[seat]["title"]) for seat in SEATS], "horizon_h": self.params.horizon_h,
            "luck": self.settings.choices.get("luck", "shared"),
        }  # fmt: skip


def build(settings: Settings) -> Setting:
    """Numbers and timeline of checked settings; a seed of None becomes a fresh one.

    Raises
    ------
    ConfigurationError
        when a doctrine's rule is unknown, the route marks too many nodes, or two numbers do not fit together.
    """
    _check_together(settings.values)
    params = _numbers(settings, settings.values)
    seed = fresh_seed() if settings.seed is None else settings.seed
    sets = read(settings.parameters, settings.values, settings.overrides)
    if sets and settings.verb not in VARIED:
        raise ConfigurationError(
            f"rubicon {settings.verb} plays one set of numbers and was given parameters={sets.name}; leave that out, "
            f"or use one of: {', '.join(f'rubicon {verb}' for verb in VARIED)}."
        )
    return Setting(settings, params, timeline(settings, params), seed, sets)


# Verbs in which replicates may have numbers of their own: see `sim.sets`.
VARIED = ("run", "compare", "story", "capsule")


def _numbers(settings: Settings, values: Mapping[str, float]) -> Params:
    codes = [_code(seat, settings.doctrines[seat]) for seat in SEATS]
    nodes = [float(town["road_km"]) for town in settings.route["towns"] if town.get("node")]
    if len(nodes) > N_NODES - 1:
        raise ConfigurationError(
            f"route.towns marks {len(nodes)} nodes; at most {N_NODES - 1} are allowed. Unmark some (node: false)."
        )
    return derived.build(values, nodes, codes)


@cache
def followers() -> Mapping[str, tuple[str, ...]]:
    """Numbers that follow others unless set, with those others."""
    return {path: parameter.follows for path, parameter in catalogue().items() if parameter.follows}


# Numbers with a bound between them: see `_check_together`.
TOGETHER = ("forces.t_L0", "forces.t_L1")


def _check_together(values: Mapping[str, Any]) -> None:
    """Bounds that concern two numbers at once, which the catalogue cannot state."""
    begins, done = values["forces.t_L0"], values["forces.t_L1"]
    if begins >= done:
        raise ConfigurationError(
            f"forces.t_L0={begins} is not before forces.t_L1={done}; the line must begin to grow before it is complete."
        )


def fresh_seed() -> int:
    """A seed from the system's entropy, to be written down with the results."""
    import secrets

    return secrets.randbits(62)


def _code(seat: str, doctrine: Doctrine) -> tuple[int, float, float]:
    if doctrine.rule not in REGISTRY:
        raise ConfigurationError(
            f"doctrine {doctrine.name!r} of actors.{seat} has the rule {doctrine.rule!r}; "
            f"known: {', '.join(REGISTRY)}. New ones go in sim/model/doctrines/."
        )
    return REGISTRY[doctrine.rule], doctrine.tilt, doctrine.aspiration


def timeline(settings: Settings, p: Params) -> Script:
    """The scripted moves laid out step by step; empty when no hour is scripted.

    Until `release_at_h` the script rules everything: every seat it names, calls, deal
    and the column's way; then all are free. With no hour set, a seat whose doctrine is
    scripted follows its moves to the end, and where all seats are, so does the world.
    """
    scripted = [p.doctrine[seat] == SCRIPTED for seat in range(len(SEATS))]
    until = settings.release_at_h or (p.horizon_h if all(scripted) else 0.0)
    if until <= 0.0 and not any(scripted):
        return NO_SCRIPT
    ruled = min(round(until / p.dt), int(p.n_steps))
    orders = _orders(settings, p)
    own = [follows and settings.release_at_h == 0.0 for follows in scripted]
    lines = []
    for step in range(int(p.n_steps)):
        obey = [orders[step][seat] if step < ruled or own[seat] else FREE for seat in range(len(SEATS))]
        lines.append(FREE_LINE._replace(option=obey, bound=int(step < ruled)))
    if ruled:
        _calls_and_deal(_world(settings), lines, ruled, p)
        _way(settings, lines, ruled, p)
    return tuple(lines)


def script_of(settings: Settings, seat: str) -> Mapping[str, Any]:
    """The timeline a seat follows where one rules: its doctrine's own moves, else those of 23-24 June."""
    own = settings.doctrines[seat].script
    return own if own.get("moves") else option("doctrine", "historical_moves")


def _world(settings: Settings) -> Mapping[str, Any]:
    """The timeline whose calls and deal happen while the script rules everything: the leader's."""
    return script_of(settings, Seat.LEADER.name.lower())


def _orders(settings: Settings, p: Params) -> list[list[int]]:
    """Standing order of each seat in each step: a move stands until the seat's next one."""
    orders = [[FREE] * len(SEATS) for _ in range(int(p.n_steps))]
    for number, seat in enumerate(SEATS):
        own = [move for move in script_of(settings, seat)["moves"] if str(move["seat"]) == seat]
        for move in sorted(own, key=lambda move: float(move["hour"])):
            for step in range(round(float(move["hour"]) / p.dt), int(p.n_steps)):
                orders[step][number] = OPTIONS.index(str(move["option"]))
    return orders


def _calls_and_deal(moves: Mapping[str, Any], lines: list[Line], ruled: int, p: Params) -> None:
    for call in moves.get("calls", []):
        step = round(float(call["hour"]) / p.dt)
        if step < ruled:
            k, caller, called = Channel[str(call["through"]).upper()], [*lines[step].caller], [*lines[step].called]
            caller[k] = Seat[str(call["from"]).upper()].value
            called[k] = 1 if call["answered"] else 2
            lines[step] = lines[step]._replace(caller=caller, called=called)
    deal = moves.get("deal")
    if deal and round(float(deal["hour"]) / p.dt) < ruled:
        step = round(float(deal["hour"]) / p.dt)
        package = sum(1 << ITEMS.index(item) for item in deal["items"])
        lines[step] = lines[step]._replace(package=package, channel=Channel[str(deal["channel"]).upper()].value)


def _way(settings: Settings, lines: list[Line], ruled: int, p: Params) -> None:
    """The column stands where the route's track has it at the end of each ruled step."""
    import numpy as np

    track = settings.route["track"]
    ends = [(step + 1) * p.dt for step in range(ruled)]
    km = np.interp(ends, [float(at["hour"]) for at in track], [float(at["km"]) for at in track])
    for step in range(ruled):
        lines[step] = lines[step]._replace(km=float(min(km[step], p.D0)))
