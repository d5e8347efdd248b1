"""A sweep's tests of itself: does nothing come of nothing, does each axis arrive, does a known cause do its work?

They cost a few thousand crises. A canary that dies says in words what cannot be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim import catalog
from sim.engines.batch import run_table
from sim.engines.points import INDEPENDENT, STRUCTURE, Block, play, rows
from sim.model.state import ENDINGS, Ending
from sim.results import read_table
from sim.studies.sweep.plan import at_levels

if TYPE_CHECKING:
    from sim.results.journal import Journal
    from sim.scenario import Setting
    from sim.stats.designs import Axis
    from sim.studies.sweep.plan import Plan

RUNS = 256  # crises a probe
CHECKED, MOST_REPLAYED = 3, 5000  # points taken out of the parts, and the runs of one that are played again at most
LONG = 1024  # crises of the known cause


@dataclass(frozen=True)
class Canary:
    """One test of a sweep by itself, and what came of it in words."""

    name: str
    passed: bool
    text: str


def sing(plan: Plan) -> list[Canary]:
    """All canaries of a sweep."""
    return [null_change(plan), *(probe(plan, axis) for axis in plan.design.axes), known_cause(plan)]


def _runs(base: Setting, numbers: dict[str, list[float]], n: int = RUNS) -> list[dict[str, np.ndarray]]:
    """Run tables of one setting, one for each value of the numbers, through the sweep's own machinery."""
    m = len(next(iter(numbers.values())))
    columns = {path: np.array(values, dtype=float) for path, values in numbers.items()}
    block = Block([base], np.zeros(m, np.int64), columns, np.arange(m), n, base.seed)
    pieces = list(play(block))
    point = np.concatenate([at for at, _ in pieces])
    whole = {name: np.concatenate([table[name] for _, table in pieces]) for name in pieces[0][1]}
    return [{name: values[point == k] for name, values in whole.items()} for k in range(m)]


def equal(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    """Whether two run tables are the same to the last bit."""
    return all(a[name].tobytes() == b[name].tobytes() for name in a)


def as_run(plan: Plan, journal: Journal) -> Canary:
    """A few points taken out of the written parts must hold what `rubicon run` gives for them, run by run.

    They are composed from the words of the points' table, not by the plan, so a value at the wrong point shows.
    """
    name, checked = "as run", []
    drawn = np.random.default_rng([plan.setting.seed, len(plan.base)]).permutation(len(plan.base))
    ends = [part.high for part in plan.parts]
    for point in sorted(int(k) for k in drawn[:CHECKED]):
        number = int(np.searchsorted(ends, point, side="right"))  # the first part that reaches beyond the point
        part = plan.parts[number]
        n = min(part.count, RUNS) if _kept(journal, number) else part.count
        if n > MOST_REPLAYED:
            continue
        alone, luck = _alone(plan, point), plan.setting.settings.choices["luck"]
        first = part.first + (point * INDEPENDENT if luck == "independent" else 0)
        plain = run_table(alone.params, alone.script, seed=plan.setting.seed, n=n, first=first)
        if not _as_written(journal, number, point, first, plain):
            return Canary(name, False, f"point {point} holds other runs than `rubicon run` gives for its setting")
        checked.append(str(point))
    if not checked:
        return Canary(name, True, "no point is small enough to be played again by itself")
    return Canary(
        name, True, f"of the points written, {', '.join(checked)} hold what the plain setting gives, run by run"
    )


def _alone(plan: Plan, point: int) -> Setting:
    """The setting of one point, from its row of the points' table; whole numbers are written as such."""
    cells = {path: column[point] for path, column in plan.design.columns.items()}
    return at_levels(
        plan.setting,
        {path: cell if isinstance(cell, str) else repr(float(cell)).removesuffix(".0") for path, cell in cells.items()},
    )


def _kept(journal: Journal, number: int) -> bool:
    return journal.path("runs", number).is_file()


def _as_written(journal: Journal, number: int, point: int, first: int, plain: dict[str, np.ndarray]) -> bool:
    """Whether a part holds these runs of a point: all columns where runs were kept, else the counts of endings."""
    n = len(plain["outcome"])
    if _kept(journal, number):
        written = read_table(journal.path("runs", number))
        mine = np.flatnonzero((written["point"] == point) & (written["replicate"] < first + n))
        pairs = ((written[name][mine], values) for name, values in plain.items())
        return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)
    sums = read_table(journal.path("sums", number))
    (row,) = np.flatnonzero(sums["point"] == point)
    counts = np.bincount(plain["outcome"], minlength=len(ENDINGS))
    return bool(all(sums[f"count_{name}"][row] == count for name, count in zip(ENDINGS, counts, strict=True)))


def null_change(plan: Plan) -> Canary:
    """A number set to what it is already, by the sweep's way, must give the runs of the plain setting, bit for bit."""
    base = plan.bases[int(plan.base[0])]
    own = {path: values[0] for path, values in plan.numbers.items()} or {"forces.R0": base.settings.values["forces.R0"]}
    swept = _runs(base, {path: [float(value)] for path, value in own.items()})[0]
    point = base.changed({path: float(value) for path, value in own.items()})
    plain = run_table(point.params, point.script, seed=base.seed, n=RUNS)
    if equal(swept, plain):
        return Canary("null change", True, f"{RUNS} runs of the first point equal the plain setting's, bit for bit")
    fault = "the first point, played as part of the sweep, differs from the same setting played alone"
    return Canary("null change", False, f"{fault}; no difference in this sweep can be trusted")


def probe(plan: Plan, axis: Axis) -> Canary:
    """Each axis must reach the model: at its ends at least one run comes out otherwise."""
    name = f"probe {axis.path}"
    if axis.path not in plan.numbers:
        return _probe_options(plan, axis, name)
    values = plan.numbers[axis.path]
    low, high = float(values.min()), float(values.max())
    if low == high:
        return Canary(name, True, f"{axis.path} has one value in this design ({low:g}): nothing to probe")
    base = plan.bases[int(plan.base[0])]
    if not _arrives(base, axis.path, low, high):
        return Canary(name, False, f"{axis.path} = {low:g} and {high:g} give the model the same numbers: it is cut off")
    if _moves(base, axis.path, low, high):
        return Canary(name, True, f"{axis.path} from {low:g} to {high:g} changes runs")
    return _silent(base, axis.path, low, high, name)


def _arrives(base: Setting, path: str, low: float, high: float) -> bool:
    """Whether two values of a number make two parameter rows."""
    if path == "release_at_h":
        return True  # it shapes the timeline, not the numbers
    if path in STRUCTURE:
        ends = [base.changed({path: value}).params.row()[0] for value in (low, high)]
    else:
        ends = list(rows(base, {path: np.array([low, high])}, 2))
    return bool(ends[0].tobytes() != ends[1].tobytes())


def _moves(base: Setting, path: str, low: float, high: float) -> bool:
    a, b, c = _runs(base, {path: [low, _middle(path, low, high), high]})
    return not (equal(a, c) and equal(a, b))


def _middle(path: str, low: float, high: float) -> float:
    middle = (low + high) / 2
    return float(round(middle)) if catalog.catalogue()[path].integer else middle


def _silent(base: Setting, path: str, low: float, high: float, name: str) -> Canary:
    """A number that moved no run: inert in this setting, which is worth knowing, or cut off, which is a fault.

    A number marked `main` that moves nothing in the default setting over its plausible range either is cut off.
    """
    from sim.config import compose
    from sim.scenario import build

    parameter = catalog.catalogue()[path]
    default = build(compose())
    if parameter.main and not _moves(default, path, parameter.low, parameter.high):
        fault = f"{path} moved none of {RUNS} runs, here or in the default setting over its plausible range"
        return Canary(name, False, f"{fault}, though it is one of the main numbers: it is cut off")
    return Canary(name, True, f"{path} did nothing over {low:g} to {high:g}, in {RUNS} runs at the first point")


def _probe_options(plan: Plan, axis: Axis, name: str) -> Canary:
    """An option changes runs if two of its levels, all else at the first point, do."""
    column = plan.design.columns[axis.path].astype(str)
    levels = list(dict.fromkeys(column))
    if len(levels) == 1:
        return Canary(name, True, f"{axis.path} has one level in this design ({levels[0]}): nothing to probe")
    used = [plan.bases[int(plan.base[int(np.argmax(column == level))])] for level in levels]
    first = run_table(used[0].params, used[0].script, seed=used[0].seed, n=RUNS)
    for level, other in zip(levels[1:], used[1:], strict=True):
        if not equal(first, run_table(other.params, other.script, seed=other.seed, n=RUNS)):
            return Canary(name, True, f"{axis.path}: {level} changes runs against {levels[0]}")
    same = f"{RUNS} runs at the first point are the same at all of {', '.join(levels)}"
    return Canary(name, True, f"{axis.path} did nothing: {same}")


def known_cause(plan: Plan) -> Canary:
    """Half the horizon: each crisis must be the same one, or have become `prolonged`, and some must.

    It holds in every setting, whatever the actors do, as long as pairs share their luck.
    """
    base = plan.bases[int(plan.base[0])]
    name, horizon = "known cause", base.settings.values["clock.horizon_h"]
    whole = run_table(base.params, base.script, seed=base.seed, n=LONG)
    lasted = float(np.median(whole["duration_h"]))
    dt = base.settings.values["clock.dt"]
    cut = max(dt, min(horizon / 2, round(lasted / dt) * dt))
    short = _runs(base, {"clock.horizon_h": [cut]}, LONG)[0]
    same = (short["outcome"] == whole["outcome"]) & (short["duration_h"] == whole["duration_h"])
    became = (short["outcome"] == Ending.PROLONGED) & (whole["duration_h"] >= cut)
    rose = int(np.sum(short["outcome"] == Ending.PROLONGED) - np.sum(whole["outcome"] == Ending.PROLONGED))
    told = f"with the horizon cut to {cut:g} h,"
    if np.all(same | became) and rose > 0:
        return Canary(name, True, f"{told} {rose} of {LONG} crises become prolonged and no other changes")
    strange = int(np.sum(~(same | became)))
    fault = f"{told} {strange} of {LONG} crises end in a way that it cannot explain, and {rose} more are prolonged"
    return Canary(name, False, f"{fault}: pairs do not share their luck, or numbers do not reach the model")
