"""What would have flipped a crisis: each decision otherwise, each number elsewhere, with the luck it had."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.catalog import catalogue
from sim.engines import points
from sim.engines.rollouts import courses, one_step, onward, ordered
from sim.errors import ConfigurationError
from sim.model.script import Script, line_at
from sim.model.state import N_OPTIONS, N_SEATS, Option, Seat
from sim.scenario import Setting

if TYPE_CHECKING:
    from sim.model.params import Params

RULER, CONCEDE, TURNED_DOWN = int(Seat.RULER), int(Option.CONCEDE), 2
# No part of the crisis: how finely and how long it is played, and a doctrine's own numbers. Then levers of scenarios,
# whose value in June 2023 is known. Flags are left out too: whether a mechanism or a seat exists is no degree.
NOT_TRIED = (
    "release_at_h", "clock.dt", "clock.horizon_h", "clock.weeks", "doctrine.tilt", "doctrine.aspiration",
    "clock.t_flee", "clock.t_offer", "forces.n_join", "forces.n_block", "forces.n_first",
)  # fmt: skip
HALVINGS = 12
TOGETHER = 64  # crises whose every step is held at once: some 20 MB


def deviations(
    params: Params, *, seed: int, replicate: np.ndarray, script: Script, progress: Callable[[int], None]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Endings of crises, and of each of them when one seat is ordered otherwise at one of its decisions.

    Returns (n,) the endings as played, and a table with one row a crisis, decision and
    option: crisis (place in `replicate`), step, seat, chose, option, chance (that the seat gave the
    option), ending. The option that was chosen is tried too: an order differs from a choice in
    its counsel, so only where obeying the own choice changes nothing is the decision a hinge.
    """
    endings, tables = [], []
    for at in range(0, len(replicate), TOGETHER):
        whose = replicate[at : at + TOGETHER]
        states = courses(params, seed=seed, replicate=whose, script=script)
        table = _all_orders(states, params, seed, whose, script)
        table["crisis"] += at
        endings.append(states["ending"][-1])
        tables.append(table)
        progress(len(table["step"]))
    return np.concatenate(endings), {name: np.concatenate([t[name] for t in tables]) for name in tables[0]}


def _all_orders(
    states: np.ndarray, params: Params, seed: int, replicate: np.ndarray, script: Script
) -> dict[str, np.ndarray]:
    """The table of `deviations` for some crises whose states (T + 1, n) are known.

    Orders of all steps are played side by side for one step, then all go on together: a call
    of the kernel for each seat and option instead of one for each decision and option.
    """
    row, parts, began = params.row(), [], []
    for seat in range(N_SEATS):
        step, crisis = np.nonzero(_decided(states, seat, script))
        after = states[step + 1, crisis]
        chose = after["option"][:, seat]
        if seat == RULER:  # a concession turned down in public has already been put back to hold
            chose = np.where(after["granted"] == TURNED_DOWN, CONCEDE, chose)
        for option in range(N_OPTIONS if len(step) else 0):
            told = script
            for at in np.unique(step):
                told = ordered(told, int(at), seat, option)
            began.append(one_step(states[step, crisis], row, seed=seed, replicate=replicate[crisis], script=told))
            same = np.full(len(step), seat), chose, np.full(len(step), option), after["chance"][:, seat, option]
            parts.append((crisis, step, *same))
    names = ("crisis", "step", "seat", "chose", "option", "chance")
    table = {name: np.concatenate(columns) for name, columns in zip(names, zip(*parts, strict=True), strict=True)}
    whose = replicate[table["crisis"]]
    table["ending"] = onward(np.concatenate(began), row, seed=seed, replicate=whose, script=script)
    order = np.lexsort((table["option"], table["seat"], table["step"], table["crisis"]))
    return {name: values[order] for name, values in table.items()}


def _decided(states: np.ndarray, seat: int, script: Script) -> np.ndarray:
    """Steps (T, n) in which a seat weighed its options by itself, in crises that still ran."""
    free = np.array([line_at(script, step).option[seat] < 0 for step in range(len(states) - 1)])
    decided: np.ndarray = (states["ending"][:-1] < 0) & (states["revised"][1:, :, seat] == 1) & free[:, None]
    return decided


def tried_numbers() -> list[str]:
    """Paths of the numbers that a hinge may lie in."""
    return [
        path for path, number in catalogue().items()
        if path not in NOT_TRIED and number.unit != "flag" and number.low < number.high
    ]  # fmt: skip


def plausible(of: Setting, path: str, count: int) -> np.ndarray:
    """At most `count` values across a number's plausible range, ends included, the setting's own left out."""
    number, own = catalogue()[path], of.settings.values[path]
    values = np.linspace(number.low, number.high, count)
    values = np.unique(np.rint(values)) if number.integer else values
    values = values[(values >= number.allowed_low) & (values <= number.allowed_high) & (values != own)]
    return np.array([value for value in values if _legal(of, path, float(value))])


def _legal(of: Setting, path: str, value: float) -> bool:
    """Whether a value fits together with the setting's other numbers (the line must begin before it is complete)."""
    if path not in ("forces.t_L0", "forces.t_L1"):
        return True
    try:
        of.numbers({path: value})
    except ConfigurationError:
        return False
    return True


def endings_at(
    of: Setting, values: Mapping[str, np.ndarray], replicate: np.ndarray, progress: Callable[[int], None]
) -> dict[str, np.ndarray]:
    """Endings (values, crises) by path when one number of the setting is changed, from the first defiance on."""
    out = {}
    for path, wanted in values.items():
        if path in points.STRUCTURE:
            shaped = [of.changed({path: float(value)}) for value in wanted]
            ended = [
                onward(None, one.params.row(), seed=of.seed, replicate=replicate, script=one.script) for one in shaped
            ]
            out[path] = np.array(ended, np.int8).reshape(len(wanted), len(replicate))
        else:
            params = points.rows(of, {path: wanted}, len(wanted))
            which, whose = np.repeat(np.arange(len(wanted)), len(replicate)), np.tile(replicate, len(wanted))
            ended_flat = onward(None, params, seed=of.seed, replicate=whose, which=which, script=of.script)
            out[path] = ended_flat.reshape(len(wanted), len(replicate))
        progress(out[path].size)
    return out


@dataclass(frozen=True)
class Flip:
    """A number's value nearest to the setting's own, on one side, at which a crisis ends otherwise.

    `same` is the nearest value towards the own one at which it still ends as it did.
    """

    path: str
    same: float
    value: float
    ending: int


def flips(of: Setting, replicate: int, ending: int, count: int, progress: Callable[[int], None]) -> list[Flip]:
    """For one crisis, the flip nearest to the setting on each side of each number: a grid, then halving.

    A crisis need not be monotone in a number: a flip between two values of the grid that end
    alike is not seen.
    """
    grid = {path: plausible(of, path, count) for path in tried_numbers()}
    grid = {path: values for path, values in grid.items() if len(values)}
    ended = endings_at(of, grid, np.array([replicate]), progress)
    found = []
    for path, values in grid.items():
        own = of.settings.values[path]
        for side in (values < own, values > own):
            near = np.argsort(np.abs(values[side] - own), kind="stable")
            places, fates = values[side][near], ended[path][side, 0][near]
            hit = int(np.argmax(fates != ending)) if (fates != ending).any() else -1
            if hit >= 0:
                same = float(own if hit == 0 else places[hit - 1])
                found.append(Flip(path, same, float(places[hit]), int(fates[hit])))
    return _halved(of, found, replicate, ending)


def _halved(of: Setting, found: Sequence[Flip], replicate: int, ending: int) -> list[Flip]:
    """Each bracket halved until the flip is known to 1/4096 of a step of the grid, or to a whole number."""
    now = list(found)
    for _ in range(HALVINGS):
        for i, flip in enumerate(now):
            value = _middle(flip)
            if value is None:
                continue
            fate = int(endings_at(of, {flip.path: np.array([value])}, np.array([replicate]), _quiet)[flip.path][0, 0])
            now[i] = replace(flip, same=value) if fate == ending else replace(flip, value=value, ending=fate)
    return now


def _middle(flip: Flip) -> float | None:
    middle = 0.5 * (flip.same + flip.value)
    if not catalogue()[flip.path].integer:
        return middle
    whole = float(np.floor(middle) if flip.value > flip.same else np.ceil(middle))
    return None if whole == flip.same or whole == flip.value else whole


def _quiet(done: int) -> None:
    """No progress wanted."""
