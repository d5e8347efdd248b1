"""Parameter sets: numbers that change from replicate to replicate, so that results carry doubt about them.

The group `parameters` of a configuration holds them; `point` has none. What a scenario
or an override sets away from its default is held: what is asked for goes before what is in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim import catalog
from sim.errors import ConfigurationError
from sim.model.luck import run_key

if TYPE_CHECKING:
    import numpy as np

    from sim.model.params import Params

# Numbers that shape the timeline or the grid of time, which all replicates of a setting share.
SHARED = (
    "clock.dt", "clock.horizon_h", "clock.weeks", "route.D0", "release_at_h", "doctrine.tilt", "doctrine.aspiration",
)  # fmt: skip


@dataclass(frozen=True)
class Sets:
    """`values` holds a line a set, in the order of `paths`; `held` are paths that the setting keeps for itself."""

    name: str
    paths: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    held: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Number of sets."""
        return len(self.values)

    @property
    def varied(self) -> tuple[str, ...]:
        """Paths that differ between sets and are not held."""
        return tuple(path for path in self.paths if path not in self.held)

    def changes(self, number: int) -> dict[str, float]:
        """What one set changes, by path."""
        line = zip(self.paths, self.values[number], strict=True)
        return {path: value for path, value in line if path not in self.held}


@dataclass(frozen=True)
class Family:
    """The numbers of each set, and which replicate has which: sets come in turn, from a place that the seed gives.

    So a replicate's set depends on seed and replicate alone, and every set gets its equal share of runs.
    """

    members: tuple[Params, ...]
    shift: int

    def which(self, replicate: np.ndarray) -> np.ndarray:
        """Number of the set that each replicate has."""
        found: np.ndarray = (replicate + self.shift) % len(self.members)
        return found

    def member(self, replicate: int) -> Params:
        """The numbers of one replicate."""
        return self.members[(replicate + self.shift) % len(self.members)]

    def rows(self) -> np.ndarray:
        """All sets as records for the kernel: (m,) of `params_type()`."""
        import numpy as np

        return np.concatenate([params.row() for params in self.members])


def turn(seed: int, m: int) -> int:
    """The set of replicate 0 among m sets."""
    return int(run_key(seed, 0)) % m


def read(given: Mapping[str, Any], values: Mapping[str, float], overrides: Sequence[str] = ()) -> Sets | None:
    """The sets of a configuration's group `parameters`; None where it has none.

    Parameters
    ----------
    values : the setting's own numbers; a path that is not at its default, or is named in `overrides`, is held

    Raises
    ------
    ConfigurationError
        when a line has not one number for each path, or a path must be the same for all replicates;
        ParameterError when a path is unknown or a number out of its bounds.
    """
    if not given or not given["sets"]:
        return None
    name, paths = str(given["name"]), tuple(str(path) for path in given["paths"])
    shared = [path for path in paths if path in SHARED]
    if shared or len(set(paths)) < len(paths):
        raise ConfigurationError(
            f"parameters={name} varies {', '.join(shared) or 'a path twice'}; "
            f"each path may come once, and not {', '.join(SHARED)}."
        )
    lines = tuple(_line(name, i, text, paths) for i, text in enumerate(given["sets"], 1))
    named = {catalog.key_of(text) for text in overrides}
    known = catalog.catalogue()
    held = tuple(path for path in paths if values[path] != known[path].value or path in named)
    if len(held) == len(paths):
        raise ConfigurationError(f"parameters={name} varies nothing here: the setting fixes {', '.join(paths)} itself.")
    return Sets(name, paths, lines, held)


def _line(name: str, number: int, text: Any, paths: Sequence[str]) -> tuple[float, ...]:
    words = str(text).split()
    if len(words) != len(paths):
        raise ConfigurationError(
            f"parameters={name}: set {number} has {len(words)} numbers for {len(paths)} paths; give one for each."
        )
    return tuple(float(catalog.check(path, word)) for path, word in zip(paths, words, strict=True))


def rewritten(text: str, changes: Mapping[str, float]) -> str:
    """A resolved configuration with numbers changed by path and no parameter sets."""
    import yaml

    tree = yaml.safe_load(text)
    for path, value in changes.items():
        branch = tree
        *parents, last = path.split(".")
        for parent in parents:
            branch = branch[parent]
        branch[last] = value
    tree["parameters"] = catalog.option("parameters", "point")
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)
