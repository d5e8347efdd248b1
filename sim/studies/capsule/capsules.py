"""Capsules made and replayed: a setting's crisis under imposed orders, and what does not match this version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from sim import __version__
from sim.catalog import options, unknown
from sim.errors import UserError
from sim.model.state import ENDINGS, OPTIONS, SEATS
from sim.results import capsule as files
from sim.results.capsule import Capsule, CapsuleError, Order

if TYPE_CHECKING:
    from sim.model.script import Script
    from sim.scenario import Setting
    from sim.settings import Settings

# Keys that say how much is played and drawn, not what a crisis is.
NOT_THE_CRISIS = (
    "verb", "scenario", "about", "seed", "replications", "engine", "name", "threads", "trajectories", "replicate",
    "out", "figures",
)  # fmt: skip


# Numbers that stood in rules when the format was made, with what they were: they count only where they differ.
SINCE_FORMAT_1 = {
    "forces.pace_talks": 0.5, "aftermath.c_renege": 0.2, "units.gap_line": 40.0, "units.gap_start": 20.0,
    "bargaining.k_s_own": 0.5, "bargaining.half_way": 0.5, "bargaining.try_least": 0.02,
}  # fmt: skip


@dataclass(frozen=True)
class Played:
    """How a crisis came out: decisions, ending and digests, as the capsule holds them."""

    decisions: tuple[Order, ...]
    ending: str
    end_h: float
    digests: Mapping[str, str]


def imposed(setting: Setting, orders: Sequence[Order]) -> Script:
    """The setting's timeline with the orders on top; all else is as free as before.

    Raises
    ------
    CapsuleError
        for an order off the steps, after the horizon, given twice, or to an empty seat.
    """
    from sim.engines.rollouts import ordered

    script, given, p = setting.script, set(), setting.params
    for order in orders:
        step, seat = round(order.hour / p.dt), SEATS.index(order.seat)
        if abs(step * p.dt - order.hour) > 1e-9 or step >= p.n_steps:
            raise CapsuleError(
                f"order {order}: its hour is no step here; give a multiple of {p.dt:g} below {p.horizon_h:g}."
            )
        if not p.present[seat]:
            raise CapsuleError(f"order {order}: that seat is empty in this setting (actors.{order.seat}.present).")
        if (step, seat) in given:
            raise CapsuleError(f"order {order}: the seat has two orders in one step; leave one out.")
        given.add((step, seat))
        script = ordered(script, step, seat, OPTIONS.index(order.option))
    return script


def play(setting: Setting, replicate: int, orders: Sequence[Order]) -> Played:
    """Play one crisis on the kernel under imposed orders."""
    import hashlib

    import numpy as np

    from sim.engines import kernel
    from sim.model.state import Option, Seat, state_type

    state, trace = np.zeros(1, state_type()), np.zeros((1, int(setting.params.n_steps)), kernel.trace_type())
    kernel.play(
        state, setting.params.row(), seed=setting.seed, replicate=np.array([replicate]), trace=trace,
        script=imposed(setting, orders),
    )  # fmt: skip
    # A deal ends a crisis before its step is counted; the trace has that step too. Chances are never all zero.
    steps = int(trace["chance"][0].any(axis=(1, 2)).sum())
    path = trace["option"][0, :steps].astype("<i8")
    standing = [int(Option.HOLD)] * len(SEATS)
    standing[Seat.LEADER] = int(Option.ADVANCE)
    decisions = []
    for step in range(steps):
        for seat in range(len(SEATS)):
            if path[step, seat] != standing[seat]:
                standing[seat] = int(path[step, seat])
                decisions.append(Order(float(step * setting.params.dt), SEATS[seat], OPTIONS[standing[seat]]))
    digests = {
        "config": files.fingerprint(essence(setting.settings) | {"scenario": setting.name}),
        "decisions": hashlib.sha256(path.tobytes()).hexdigest(), "state": files.of_state(state),
    }  # fmt: skip
    return Played(tuple(decisions), ENDINGS[int(state["ending"][0])], float(state["end_h"][0]), digests)


def essence(settings: Settings) -> dict[str, Any]:
    """What of a configuration a crisis depends on: numbers, doctrines, route."""
    doctrines = {
        seat: {key: value for key, value in asdict(doctrine).items() if key not in ("name", "about")}
        for seat, doctrine in settings.doctrines.items()
    }
    # Whole numbers and floats of one value are one number here.
    values = {path: float(value) for path, value in settings.values.items() if value != SINCE_FORMAT_1.get(path)}
    return {"values": values, "doctrines": doctrines, "route": settings.route}


def enclose(setting: Setting, replicate: int, orders: Sequence[Order]) -> Capsule:
    """The capsule of one crisis of a setting."""
    from sim.jit import source_hash

    setting = setting.at(replicate)  # a capsule holds the numbers that this replicate has
    played = play(setting, replicate, orders)
    return Capsule(
        capsule=files.FORMAT, rubicon=__version__, scenario=setting.name, source_hash=source_hash(), seed=setting.seed,
        replicate=replicate, config=differences(setting.settings), orders=tuple(orders), **vars(played),
    )  # fmt: skip


def crisis_tree(settings: Settings) -> dict[str, Any]:
    """The configuration's part that makes a crisis, as a tree."""
    import yaml

    from sim.catalog import verb_tree

    left_out = {*NOT_THE_CRISIS, *verb_tree(settings.verb)}
    return {key: value for key, value in yaml.safe_load(settings.text).items() if key not in left_out}


@cache
def _default() -> Settings:
    from sim.config import compose

    return compose()


def differences(settings: Settings) -> dict[str, Any]:
    """What of a configuration differs from the default one, by path."""
    return files.differing(crisis_tree(_default()), crisis_tree(settings))


def setting_of(capsule: Capsule) -> Setting:
    """The setting of a capsule, on this version's defaults; UserError where they cannot take its differences."""
    import yaml

    from sim.config import recompose
    from sim.scenario import build

    plain = yaml.safe_load(_default().text)
    tree = files.merged(crisis_tree(_default()), capsule.config)
    settings = recompose({**plain, **tree, "scenario": capsule.scenario})
    return build(replace(settings, seed=capsule.seed))


def replay(capsule: Capsule) -> tuple[bool, list[str]]:
    """Whether a capsule plays to the same bits here, and in words what matches and what does not."""
    from sim.jit import source_hash

    lines = []
    if capsule.source_hash != source_hash():
        lines.append(f"sources: other than those that wrote it (rubicon {capsule.rubicon}; this is {__version__})")
    try:
        played = play(setting_of(capsule), capsule.replicate, capsule.orders)
    except UserError as error:
        return False, [*lines, f"config: does not match this version: {error}"]
    if capsule.digests["config"] != played.digests["config"]:
        lines.append(_of_other_making(capsule))
    elif capsule.scenario not in options("scenario"):
        lines.append(f"sources: {capsule.scenario!r} is no scenario of this version; config holds all that it sets")
    first = _first_difference(capsule.decisions, played.decisions)
    if first:
        lines.append(f"decisions: {first}")
    elif capsule.digests["decisions"] != played.digests["decisions"]:
        lines.append("decisions: the list is the same, its digest is not; the file was edited")
    if (capsule.ending, capsule.end_h) != (played.ending, played.end_h):
        lines.append(
            f"ending: {capsule.ending} after {capsule.end_h:g} h in the file, "
            f"{played.ending} after {played.end_h:g} h here"
        )
    if capsule.digests["state"] != played.digests["state"]:
        lines.append("final state: differs in at least one bit")
    return not [line for line in lines if not line.startswith("sources")], lines


def _of_other_making(capsule: Capsule) -> str:
    """Why the digest of the configuration is another one: the scenario's name, or its numbers."""
    essential, known = essence(setting_of(capsule).settings), options("scenario")
    for name in known:
        if files.fingerprint(essential | {"scenario": name}) == capsule.digests["config"]:
            return f"scenario: {capsule.scenario!r} in the file, and its numbers are recorded as those of {name!r}"
    if capsule.scenario not in known:
        return f"scenario: {unknown('scenario', capsule.scenario, known)} Or config was edited."
    return "config: comes to other numbers here; a default has changed since, or the file was edited"


def _first_difference(told: Sequence[Order], here: Sequence[Order]) -> str:
    """Where two lists of decisions part, in words; empty where they do not."""
    for number, (a, b) in enumerate(zip(told, here, strict=False), 1):
        if a != b:
            return f"part at number {number}: {a} in the file, {b} here"
    if len(told) == len(here):
        return ""
    number = min(len(told), len(here)) + 1
    longer, where = (told, "the file") if len(told) > len(here) else (here, "this version")
    return f"part at number {number}: {longer[number - 1]} only in {where}"
