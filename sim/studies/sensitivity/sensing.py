"""The stages of a sensitivity study: what is varied, the runs, and the numbers from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.catalog import catalogue, key_of
from sim.errors import ConfigurationError
from sim.stats.axes import Axis, axes, axis
from sim.stats.designs import Design, design, saltelli_unit
from sim.studies.console import counting
from sim.studies.sensitivity.indices import Indices, sobol, submodel
from sim.studies.sensitivity.point_means import NAMES, PointMeans
from sim.studies.sensitivity.screening import Screened, nearby, screen

if TYPE_CHECKING:
    from sim.scenario import Setting
    from sim.settings import Settings

NEAR = 5  # times as many runs a point one at a time, where few points must show small effects
OWN_RUNS = 4000  # at the setting's own values
LEAST = {"walks": 2, "top": 1, "points": 4, "resamples": 10, "replications": 2}


@dataclass(frozen=True)
class Stage:
    """A design that was played: its means by point, and the share of luck in each output."""

    design: Design
    means: PointMeans

    @property
    def runs(self) -> int:
        """Crises played."""
        return int(self.means.counts.sum())

    def table(self, columns: bool = True) -> dict[str, np.ndarray]:
        """One row a point: its number, the axes (if `columns`), what moved, and the outputs."""
        axes = dict(self.design.columns) if columns else {}
        outputs = {name: self.means.means()[:, j] for j, name in enumerate(NAMES)}
        return {"point": np.arange(self.design.n), **axes, **self.design.extra, **outputs}


def check(settings: Settings) -> None:
    """ConfigurationError unless the verb's own numbers are usable."""
    given: dict[str, Any] = {**settings.choices, "replications": settings.replications}
    for key, least in LEAST.items():
        if not isinstance(given[key], int) or isinstance(given[key], bool) or given[key] < least:
            raise ConfigurationError(f"{key}={given[key]} is not allowed; give a whole number from {least}.")
    if not isinstance(given["confidence"], float) or not 0.5 <= given["confidence"] < 1.0:
        raise ConfigurationError(f"confidence={given['confidence']} is not allowed; give 0.5 or more, below 1.")
    if settings.engine != "kernel":
        raise ConfigurationError("a sensitivity study runs on the compiled engine only; leave engine=kernel.")
    for entry in given["exclude"]:
        if not isinstance(entry, Mapping) or set(entry) != {"path", "why"}:
            raise ConfigurationError(f"exclude holds {entry!r}; give each as {{path: ..., why: ...}}.")
        if not any(fnmatchcase(path, entry["path"]) for path in catalogue()):
            raise ConfigurationError(
                f"exclude names {entry['path']!r}, which is no number; see `rubicon list parameters`."
            )


def left_out(settings: Settings) -> dict[str, str]:
    """Numbers that are not screened, with the reason: excluded, or set by the scenario or on the command line."""
    found: dict[str, str] = {}
    named = {key_of(text) for text in settings.overrides}
    for path, parameter in catalogue().items():
        rule = next((e for e in settings.choices["exclude"] if fnmatchcase(path, e["path"])), None)
        if rule is not None:
            found[path] = str(rule["why"])
        elif settings.values[path] != parameter.value or path in named:
            found[path] = f"held at {settings.values[path]:g}, as the scenario or the command line sets it"
        elif parameter.low >= parameter.high:
            found[path] = "its plausible range is one value"
    return found


def every_number(settings: Settings) -> list[Axis]:
    """An axis for each number that is in doubt, over its plausible range."""
    out = left_out(settings)
    found = [axis(path, None) for path in catalogue() if path not in out]
    if not found:
        raise ConfigurationError("exclude takes every number out, so nothing is left to study; leave some in.")
    return found


def asked(settings: Settings) -> list[Axis]:
    """The axes that the user names for the Sobol study; only numbers have a place in it."""
    found = axes(settings.choices["axes"])
    for one in found:
        if one.kind != "number":
            raise ConfigurationError(
                f"axes: {one.path} is chosen by name, and sensitivity studies numbers; "
                f"`rubicon sweep {one.path}=...` plays it."
            )
        if one.levels is not None and len(one.levels) < 2:
            raise ConfigurationError(f"axes: {one.path} has one level only and cannot explain any variance; give two.")
    return found


def play(setting: Setting, made: Design, what: str, replications: int | None = None) -> Stage:
    """Play a design, the same luck at every point, and keep the means."""
    from sim import jit
    from sim.engines import kernel
    from sim.engines.points import Block
    from sim.engines.points import play as play_points

    each = replications or setting.settings.replications
    means = PointMeans(made.n)
    numbers = {path: np.asarray(column, dtype=float) for path, column in made.columns.items()}
    block = Block([setting], np.zeros(made.n, np.int64), numbers, np.arange(made.n), each, setting.seed)
    kernel.ready()
    jit.use_threads(setting.settings.threads)
    with counting(made.n * each, what) as progress:
        for points, runs in play_points(block):
            means.add(points, runs)
            progress(len(points))
    return Stage(made, means)


def own_values(setting: Setting) -> np.ndarray:
    """Means of the outputs (o,) where all numbers stand at the setting's own values."""
    from sim.engines.batch import run_table

    settings = setting.settings
    runs = run_table(setting.params, setting.script, seed=setting.seed, n=OWN_RUNS, threads=settings.threads)
    means = PointMeans(1)
    means.add(np.zeros(OWN_RUNS, np.int64), runs)
    return np.asarray(means.means()[0])


def screening(setting: Setting, every: Sequence[Axis]) -> tuple[Stage, Screened]:
    """Morris trajectories over every number, and their measures."""
    chosen = setting.settings.choices
    made = design("morris", every, points=chosen["walks"], levels=2, seed=setting.seed)
    stage = play(setting, made, f"screening of {len(every)} numbers")
    found = screen(
        made, stage.means.means(), stage.means.halves(), confidence=chosen["confidence"],
        resamples=chosen["resamples"], seed=setting.seed,
    )  # fmt: skip
    return stage, found


def around(setting: Setting, every: Sequence[Axis]) -> tuple[Stage, dict[str, float]]:
    """Each number alone from the setting's own values to the ends of its range, and how far it moves the endings."""
    made = design("oat", every, points=1, levels=2, seed=setting.seed, base=setting.settings.values)
    stage = play(setting, made, f"{len(every)} numbers one at a time", NEAR * setting.settings.replications)
    return stage, nearby(made, stage.means.means())


def numbers_study(setting: Setting, chosen: Sequence[Axis]) -> tuple[Stage, dict[str, Indices]]:
    """Saltelli's sample over single numbers, and the indices of each output."""
    n = setting.settings.choices["points"]
    made = design("saltelli", chosen, points=n, levels=2, seed=setting.seed)
    stage = play(setting, made, f"Sobol study of {len(chosen)} numbers")
    return stage, _indices(setting, stage, [one.path for one in chosen])


def submodels_study(setting: Setting, every: Sequence[Axis]) -> tuple[Stage, dict[str, Indices]]:
    """Saltelli's sample in which whole submodels change together, and the indices of each output."""
    n, groups = setting.settings.choices["points"], [submodel(one.path) for one in every]
    unit = saltelli_unit(len(every), n, setting.seed, groups)
    columns = {one.path: one.at(unit[:, i]) for i, one in enumerate(every)}
    names = list(dict.fromkeys(groups))
    stage = play(setting, Design("saltelli", tuple(every), columns), f"Sobol study of {len(names)} submodels")
    return stage, _indices(setting, stage, names)


def _indices(setting: Setting, stage: Stage, names: Sequence[str]) -> dict[str, Indices]:
    chosen, means, halves = setting.settings.choices, stage.means.means(), stage.means.halves()
    return {
        output: sobol(
            means[:, j], halves[:, :, j], names, confidence=chosen["confidence"], resamples=chosen["resamples"],
            seed=setting.seed,
        )
        for j, output in enumerate(NAMES)
    }  # fmt: skip
