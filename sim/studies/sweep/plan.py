"""What a sweep has to play: its design laid out as settings, numbers and parts of bounded size."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import results as record
from sim.catalog import aliases, key_of, option
from sim.engines.points import Block
from sim.errors import ConfigurationError
from sim.scenario import TOGETHER
from sim.stats.designs import Axis, Design, axes, design

if TYPE_CHECKING:
    from sim.scenario import Setting
    from sim.settings import Settings

SINGLE = "single"  # the design of one point, the setting itself
MOST_BASES = 1_000  # combinations of options, which take a third of a second each
KEEP, LUCK = ("runs", "summary"), ("shared", "independent")
# Keys that may differ when a stopped sweep goes on: they decide where and how fast, not what.
FREE_AT_RESUME = ("resume", "executor", "threads", "out", "name", "figures", "seed")


@dataclass(frozen=True)
class Part:
    """Points low .. high-1, replicates first .. first+count-1 of each."""

    low: int
    high: int
    first: int
    count: int


@dataclass(frozen=True)
class Plan:
    """A design with the settings its points start from, and the parts it is played in."""

    setting: Setting
    design: Design
    bases: list[Setting]
    base: np.ndarray
    numbers: dict[str, np.ndarray]
    parts: list[Part]

    @property
    def runs(self) -> int:
        """Crises in all."""
        return len(self.base) * self.setting.settings.replications

    def block(self, part: Part) -> Block:
        """The order for one part, with no more in it than the part needs."""
        inside = slice(part.low, part.high)
        used, base = np.unique(self.base[inside], return_inverse=True)
        return Block(
            [self.bases[int(k)] for k in used], base, {path: column[inside] for path, column in self.numbers.items()},
            np.arange(part.low, part.high), part.count, self.setting.seed, part.first,
            self.setting.settings.choices["luck"],
        )  # fmt: skip

    def points(self) -> dict[str, np.ndarray]:
        """The table of points: number of each, and one column an axis."""
        return {"point": np.arange(len(self.base)), **self.design.columns, **self.design.extra}


def lay_out(setting: Setting) -> Plan:
    """The plan of a sweep's settings; ConfigurationError where they make no design."""
    settings = setting.settings
    # A preset of the user's own need not name every key.
    asked = {**option("sweep", "default"), "fallback": {}, **settings.choices["sweep"]}
    _check(settings)
    _refuse_unused(asked)
    if asked["design"] == SINGLE:
        made = Design(SINGLE, (), {})
        return Plan(setting, made, [setting], np.zeros(1, np.int64), {}, list(_parts(1, settings)))
    table = record.read_any(Path(asked["table"])) if asked["table"] else None
    _refuse_fixed_columns(settings, table)
    named = asked["axes"] if asked["axes"] or table else asked.get("fallback", {})
    if settings.held and not named and not table:
        raise ConfigurationError(
            f"sweep would vary {' and '.join(settings.held)}, and the line sets each to one value, so nothing is left "
            "to vary; leave one of them out, or name other axes, for example R0=4,6,8."
        )
    made = design(
        asked["design"], axes(named, settings.folders), points=asked["points"], levels=asked["levels"],
        seed=asked["seed"], table=table, base=_base_point(setting), folders=settings.folders,
    )  # fmt: skip
    if settings.held and not table:
        held = " and ".join(text for text in settings.overrides if key_of(text) in settings.held)
        made = replace(made, notes=(*made.notes, f"{held} is held, as the line sets it, and is no axis."))
    composed = [axis for axis in made.axes if axis.kind == "option"]
    bases, base = _bases(setting, made, composed)
    numbers = {axis.path: made.columns[axis.path].astype(float) for axis in made.axes if axis not in composed}
    _check_pairs(bases, base, numbers)
    return Plan(setting, made, bases, base, numbers, list(_parts(len(base), settings)))


def _refuse_unused(asked: Mapping[str, Any]) -> None:
    """ConfigurationError for a table or axes that the design would not look at."""
    if asked["table"] and asked["design"] != "table":
        raise ConfigurationError(
            f"sweep.table={asked['table']} is played by sweep.design=table, and the design here is {asked['design']}; "
            "add sweep.design=table, or leave the table out."
        )
    if asked["axes"] and asked["design"] == SINGLE:
        raise ConfigurationError(
            f"a sweep of one setting has no axes, and {', '.join(map(str, asked['axes']))} was given several values; "
            "give one value, or choose another design with sweep.design=..."
        )


def _refuse_fixed_columns(settings: Settings, table: Mapping[str, Any] | None) -> None:
    """ConfigurationError for a column of the table that the line sets to one value."""
    fixed = {key_of(text): text for text in settings.overrides}
    for name in table or ():
        path = aliases().get(name, name)
        if path in fixed:
            raise ConfigurationError(
                f"the table has a column {name}, and the line sets {fixed[path]}; leave out one of them."
            )


def _check_pairs(bases: list[Setting], base: np.ndarray, numbers: Mapping[str, np.ndarray]) -> None:
    """ConfigurationError for a point whose numbers do not fit together, before hours are spent on the others."""
    first, second = (
        numbers[path] if path in numbers else np.array([of.settings.values[path] for of in bases])[base]
        for path in TOGETHER
    )
    for point in np.flatnonzero(first >= second)[:1]:
        changes = {path: float(values[point]) for path, values in numbers.items() if path in TOGETHER}
        bases[int(base[point])].numbers(changes)  # says what is wrong


def _check(settings: Settings) -> None:
    from sim.studies.sweep import executors

    choices = settings.choices
    executors.check(choices["executor"])
    for key, allowed in (("keep", KEEP), ("luck", LUCK)):
        if choices[key] not in allowed:
            raise ConfigurationError(f"{key}={choices[key]} is not allowed; give one of {', '.join(allowed)}.")
    if not 1 <= choices["chunk_runs"] <= 10_000_000:
        raise ConfigurationError(f"chunk_runs={choices['chunk_runs']} is not allowed; give 1 to 10,000,000.")
    if settings.engine != "kernel":
        raise ConfigurationError(
            "a sweep runs on the compiled engine only; leave engine=kernel (both give equal runs)."
        )


def _base_point(setting: Setting) -> dict[str, Any]:
    """What the setting itself has for every axis: where a design one at a time starts from."""
    import yaml

    group = yaml.safe_load(setting.settings.text)["doctrine"]["name"]
    seats = setting.settings.doctrines
    own = {f"actors.{seat}.doctrine": doctrine.name for seat, doctrine in seats.items()}
    return {**setting.settings.values, **own, "scenario": setting.name, "doctrine": group}


def _bases(setting: Setting, made: Design, composed: list[Axis]) -> tuple[list[Setting], np.ndarray]:
    """The setting of each combination of options that the design has, and which one each point starts from."""
    n = len(next(iter(made.columns.values())))
    if not composed:
        return [setting], np.zeros(n, np.int64)
    texts = np.column_stack([made.columns[axis.path].astype(str) for axis in composed])
    found, base = np.unique(texts, axis=0, return_inverse=True)
    if len(found) > MOST_BASES:
        raise ConfigurationError(
            f"{' and '.join(axis.path for axis in composed)} come in {len(found):,} combinations, each of which is "
            f"composed by itself; at most {MOST_BASES:,} are allowed. Give fewer levels."
        )
    bases = [at_levels(setting, dict(zip((axis.path for axis in composed), levels, strict=True))) for levels in found]
    return bases, base.reshape(-1)


def at_levels(setting: Setting, levels: Mapping[str, str]) -> Setting:
    """The setting with these keys set, each as it is written on the command line, composed as `rubicon run` would."""
    from sim.config import compose_like
    from sim.scenario import build

    chosen = {**levels, "seed": str(setting.seed)}
    # The axes of the line would clash with the levels that they take here.
    kept = [text for text in setting.settings.overrides if key_of(text) not in chosen and not _is_axes(text)]
    return build(compose_like(setting.settings, [*kept, *(f"{path}={level}" for path, level in chosen.items())]))


def _is_axes(text: str) -> bool:
    return f"{key_of(text)}.".startswith("sweep.axes.")


def _parts(points: int, settings: Settings) -> Iterator[Part]:
    each, size = settings.replications, settings.choices["chunk_runs"]
    if each >= size:  # a point fills several parts
        for point in range(points):
            for first in range(0, each, size):
                yield Part(point, point + 1, first, min(size, each - first))
        return
    step = size // each
    for low in range(0, points, step):
        yield Part(low, min(low + step, points), 0, each)


def header(plan: Plan, final: str = "") -> dict[str, Any]:
    """What the journal says of the sweep, with the `final` name of its folder; config.yaml beside it says the rest."""
    from sim.jit import source_hash

    table = {name: values.astype(str) if values.dtype == object else values for name, values in plan.points().items()}
    settings = plan.setting.settings
    return {
        "overrides": list(settings.overrides), "config_dir": [str(folder.resolve()) for folder in settings.folders],
        "final": final, "seed": plan.setting.seed, "design": _digest(table),
        "parts": len(plan.parts), "source_hash": source_hash(),
    }  # fmt: skip


def _digest(table: Mapping[str, np.ndarray]) -> str:
    numbers = {name: values for name, values in table.items() if values.dtype.kind != "U"}
    words = "\n".join(f"{name}: {'|'.join(values)}" for name, values in table.items() if values.dtype.kind == "U")
    return hashlib.sha256((record.digest(numbers) + words).encode()).hexdigest()


def differences(old: Any, new: Any, path: str = "") -> list[str]:
    """Keys at which two configurations differ, as `key: old, now new`."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        found = (differences(old.get(key), new.get(key), f"{path}.{key}" if path else str(key)) for key in keys)
        return [text for texts in found for text in texts]
    return [] if old == new else [f"{path}: {old}, now {new}"]
