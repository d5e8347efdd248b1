"""Axes of a design: which numbers and options vary, over which levels or range.

An axis is a *number* of the catalogue, continuous or with levels, or an *option* chosen
by name (a scenario, a doctrine). A doctrine's own numbers are its seats' and change by
composition only, so they too are options with levels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import catalog
from sim.checks import MOST_LEVELS
from sim.errors import ConfigurationError

if TYPE_CHECKING:
    import numpy as np

SCALES = ("linear", "log")
KEYS = ("low", "high", "scale", "count")
COMPOSED_LEVELS = 5  # of a doctrine's number given by its range
NOT_AXES = ("seed", "replications", "threads", "trajectories", "replicate", "engine", "name", "out", "about")
NOT_OPTIONS = ("figures",)  # groups that are no part of the model


class DesignError(ConfigurationError):
    """An axis or a design that cannot be: the text names it, what was given and what is allowed."""


@dataclass(frozen=True)
class Axis:
    """One dimension of a design: `levels` where it is discrete, else the range [low, high] on its scale.

    `kind` is "number" (a path of the catalogue) or "option" (set by composing anew).
    `count` is how many levels a grid takes of a range; None leaves it to the design.
    """

    path: str
    levels: tuple[Any, ...] | None
    low: float | None
    high: float | None
    scale: str = "linear"
    kind: str = "number"
    count: int | None = None

    def at(self, u: np.ndarray) -> np.ndarray:
        """Values at places `u` (n,) of the unit interval: uniform on the scale, each level the same share."""
        import numpy as np

        u = np.asarray(u, dtype=float)
        if self.levels is not None:
            places = np.minimum((u * len(self.levels)).astype(int), len(self.levels) - 1)
            return self.column([self.levels[i] for i in places])
        assert self.low is not None
        assert self.high is not None
        if self.scale == "log":
            values = np.exp(np.log(self.low) + u * (np.log(self.high) - np.log(self.low)))
        else:
            values = self.low + u * (self.high - self.low)
        return np.clip(values, self.low, self.high)

    def size(self, count: int) -> int:
        """How many values `steps` gives."""
        return len(self.levels) if self.levels is not None else self.count or count

    def steps(self, count: int) -> list[Any]:
        """The axis's levels, or `count` values evenly spaced on its scale from low to high (`count` wins if set)."""
        import numpy as np

        if self.levels is not None:
            return list(self.levels)
        n = self.count or count
        return [float(value) for value in self.at(np.linspace(0.0, 1.0, n) if n > 1 else np.array([0.5]))]

    def column(self, values: Sequence[Any] | np.ndarray) -> np.ndarray:
        """Values as a column of a design: float64 for numbers, objects for options."""
        import numpy as np

        return np.array(values, dtype=float if self.kind == "number" else object)


def axes(spec: Mapping[str, Any], folders: Iterable[Path] = ()) -> list[Axis]:
    """Axes from a configuration: name -> null, a list of levels, or {low, high, scale, count}.

    Parameters
    ----------
    spec : names may be short, as on the command line (`R0`); null is the plausible range, or all options
    folders : a user's own folders of options

    Raises
    ------
    DesignError
        when an axis is unknown, given twice, or has levels or a range it cannot have; ParameterError
        when a number is out of its hard bounds.
    """
    if not isinstance(spec, Mapping):
        raise DesignError(f"axes is {spec!r}; give a mapping of names, for example axes={{R0:[4,8],k_st:null}}.")
    found: dict[str, Axis] = {}
    for name, given in spec.items():
        path = catalog.aliases().get(str(name), str(name))
        if path in found:
            raise DesignError(f"axis {path!r} is given twice (as {name!r} too); name it once.")
        found[path] = axis(path, given, tuple(folders))
    return list(found.values())


def axis(path: str, given: Any, folders: tuple[Path, ...] = ()) -> Axis:
    """One axis by its full path; errors as in `axes`."""
    if isinstance(given, (str, bool, int, float)):
        raise DesignError(
            f"axis {path}: {given!r} is one value; give a list of levels, {{low: ..., high: ...}} or null. "
            f"To hold it fixed, write {path}={given} beside the axes."
        )
    if path in catalog.catalogue():
        return _number(path, given)
    return Axis(path, _options(path, given, folders), None, None, kind="option")


def _number(path: str, given: Any) -> Axis:
    parameter = catalog.catalogue()[path]
    composed = path.startswith("doctrine.")
    kind = "option" if composed else "number"
    if isinstance(given, Sequence):
        return Axis(path, _distinct(path, [catalog.check(path, level) for level in given]), None, None, kind=kind)
    low, high, scale, count = _range(path, given or {})
    if parameter.integer:
        return Axis(path, _whole(path, int(low), int(high), count), None, None, kind=kind)
    ranged = Axis(path, None, low, high, scale, count=count)
    if composed:
        return Axis(path, tuple(ranged.steps(COMPOSED_LEVELS)), None, None, kind=kind)
    return ranged


def _range(path: str, given: Mapping[str, Any]) -> tuple[float, float, str, int | None]:
    """Bounds, scale and number of levels; what is not given is the plausible range, linear."""
    if not isinstance(given, Mapping) or set(given) - set(KEYS):
        raise DesignError(f"axis {path}: {given!r} is not understood; give null, a list, or some of {', '.join(KEYS)}.")
    parameter = catalog.catalogue()[path]
    low, high = (
        float(catalog.check(path, given.get(key, default)))
        for key, default in (("low", parameter.low), ("high", parameter.high))
    )
    scale, count = given.get("scale", "linear"), given.get("count")
    if low >= high:
        raise DesignError(f"axis {path}: low={low:g} is not below high={high:g}; {_plausible(parameter)}")
    if scale not in SCALES:
        raise DesignError(f"axis {path}: scale {scale!r} is not allowed; give {' or '.join(SCALES)}.")
    if scale == "log" and low <= 0.0:
        raise DesignError(f"axis {path}: a logarithmic axis needs low > 0, and low is {low:g}; {_plausible(parameter)}")
    whole = isinstance(count, int) or (isinstance(count, float) and count.is_integer())
    if count is not None and (not whole or isinstance(count, bool) or not 2 <= count <= MOST_LEVELS):
        raise DesignError(
            f"axis {path}: count={count!r} is not allowed; give a whole number of levels from 2 to {MOST_LEVELS:,}."
        )
    count = None if count is None else int(count)
    return low, high, str(scale), count


def _plausible(parameter: catalog.Parameter) -> str:
    return f"its plausible range is {parameter.low:g} to {parameter.high:g} {parameter.unit}."


def _whole(path: str, low: int, high: int, count: int | None) -> tuple[Any, ...]:
    """Whole numbers from low to high: all, or `count` of them as evenly as can be."""
    every = range(low, high + 1)
    if min(len(every), count or len(every)) > MOST_LEVELS:
        raise DesignError(
            f"axis {path}: {low} to {high} holds {len(every):,} whole numbers; at most {MOST_LEVELS:,} levels are "
            "allowed. Give a narrower range, or a count of levels."
        )
    if count is None or count >= len(every):
        return tuple(every)
    return tuple(sorted({every[round(i * (len(every) - 1) / (count - 1))] for i in range(count)}))


def _options(path: str, given: Any, folders: tuple[Path, ...]) -> tuple[Any, ...]:
    known = known_options(path, folders)
    if isinstance(given, Mapping):
        raise DesignError(f"axis {path} has options and no range; give a list, for example {path}: {known or ['...']}.")
    if given is None:
        if not known:
            raise DesignError(f"axis {path}: null means all options, and this key has no list of them; give a list.")
        return tuple(known)
    levels = _distinct(path, [level if isinstance(level, (bool, int, float)) else str(level) for level in given])
    for level in levels:
        if known and level not in known:
            raise DesignError(f"axis {path}: {catalog.unknown('option', str(level), known)}")
    return levels


def known_options(path: str, folders: tuple[Path, ...]) -> list[str]:
    """Options that an axis may take; empty for a label, which takes what it is given."""
    if path in catalog.labels() and "." in path and path.split(".")[0] not in NOT_OPTIONS:
        return catalog.options("doctrine", folders) if path.endswith(".doctrine") else []
    groups = {"scenario": "scenario"} | {
        key: group for key, (group, _) in catalog.default_options().items() if key not in NOT_OPTIONS
    }
    if path in NOT_AXES:
        raise DesignError(
            f"{path!r} cannot be an axis: it says how runs are played or written, not what is modelled; "
            f"give it one value for all points, {path}=..."
        )
    if path not in groups:
        names = [*catalog.catalogue(), *groups, *(f"actors.{seat}.doctrine" for seat in _seats())]
        near = catalog.nearest(path, names)
        hint = f" Did you mean {near!r}?" if near else ""
        raise DesignError(
            f"unknown axis {path!r}.{hint} An axis is a number (`rubicon list parameters`), "
            f"scenario, doctrine, actors.<seat>.doctrine or a group of options."
        )
    return catalog.options(groups[path], folders)


def _seats() -> list[str]:
    return [package.partition(".")[2] for package in catalog.default_options() if package.startswith("actors.")]


def _distinct(path: str, levels: Sequence[Any]) -> tuple[Any, ...]:
    if not isinstance(levels, Sequence) or isinstance(levels, str) or not levels:
        raise DesignError(f"axis {path}: the list of levels is empty; give at least one, or null for the whole range.")
    if len(set(levels)) < len(levels):
        raise DesignError(f"axis {path}: a level is given twice in {list(levels)}; name each once.")
    return tuple(levels)
