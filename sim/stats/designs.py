"""Designs: which points of the space of axes are played.

Grid, Latin hypercube (McKay, Beckman & Conover 1979), scrambled Sobol sequence (Sobol 1967;
Owen 1998), Saltelli's radial sample for Sobol indices (Saltelli et al. 2010), Morris
trajectories (Morris 1991), one at a time, and an explicit table. The samples are
scipy's and (Morris) SALib's, on the unit cube; levels then get equal shares of it.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from sim import catalog
from sim.errors import ConfigurationError, needs
from sim.stats.axes import Axis, DesignError, axes, axis
from sim.stats.cells import cells

__all__ = ["KINDS", "MORRIS_LEVELS", "Axis", "Design", "DesignError", "axes", "axis", "design"]

KINDS = ("grid", "lhs", "sobol", "saltelli", "oat", "morris", "table")
MOST_POINTS = 10_000_000
MORRIS_LEVELS = 4  # Morris's p; with it steps are 2/3 of an axis
# Columns of the table of points that say something of the points and are no axes.
OWN_COLUMNS = ("point", "trajectory", "moved")


@dataclass(frozen=True)
class Design:
    """Points to play: one column (n,) an axis by its path, float64 for numbers and objects for options.

    `extra` holds columns about the points: of a design one at a time `moved` (the path that
    differs from the base, "" for the base itself, which is point 0); of Morris trajectories
    `trajectory` and `moved`. `notes` are sentences that the user should read.
    """

    kind: str
    axes: tuple[Axis, ...]
    columns: Mapping[str, np.ndarray]
    extra: Mapping[str, np.ndarray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of points."""
        return len(next(iter(self.columns.values())))


def design(
    kind: str,
    axes: Sequence[Axis],
    *,
    points: int,
    levels: int,
    seed: int,
    table: Mapping[str, Sequence[Any] | np.ndarray] | None = None,
    base: Mapping[str, Any] | None = None,
    folders: Iterable[Path] = (),
) -> Design:
    """The design of a kind over axes; the same arguments give the same points.

    Parameters
    ----------
    points : of lhs and sobol; N of saltelli, which has N (k + 2) points; trajectories of morris, of k + 1 points each
    levels : of a continuous axis in a grid or one at a time
    table : the columns of kind "table", which names its own axes
    base : where "oat" starts from, by path; the catalogue's and the default options where not given
    folders : a user's own folders of options, for a table's names

    Raises
    ------
    DesignError
        when the kind is unknown, there are no axes, a count is not allowed, or a table's cell is not.
    """
    if kind not in KINDS:
        raise DesignError(catalog.unknown("design", str(kind), KINDS))
    if kind == "table":
        return _table(axes, table, tuple(folders))
    if not axes:
        raise DesignError(
            "the design has no axes; name what shall vary, for example R0=4,6,8 or 'k_st=interval(0.1,0.4)'."
        )
    _check_counts(kind, points=points, levels=levels, seed=seed)
    makers: dict[str, Callable[[], Design]] = {
        "grid": lambda: _grid(axes, levels),
        "lhs": lambda: _lhs(axes, points, seed),
        "sobol": lambda: _sobol(axes, points, seed),
        "saltelli": lambda: _saltelli(axes, points, seed),
        "oat": lambda: _one_at_a_time(axes, levels, base or {}),
        "morris": lambda: _morris(axes, points, seed),
    }
    return makers[kind]()


def _check_counts(kind: str, **counts: Any) -> None:
    least = {"points": 1, "levels": 2, "seed": 0}
    for name, value in counts.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < least[name]:
            raise DesignError(f"{name}={value!r} is not allowed for a {kind}; give a whole number from {least[name]}.")


def _check_size(kind: str, n: int, how: str) -> None:
    if n > MOST_POINTS:
        raise DesignError(
            f"this {kind} has {n:,} points ({how}); at most {MOST_POINTS:,} are allowed. "
            "Give fewer levels or axes, or a random design such as lhs."
        )


def _grid(axes: Sequence[Axis], levels: int) -> Design:
    """Every combination, the first axis slowest."""
    counts = [axis.size(levels) for axis in axes]
    _check_size("grid", math.prod(counts), " x ".join(map(str, counts)))
    steps = [axis.steps(levels) for axis in axes]
    places = np.indices([len(values) for values in steps]).reshape(len(steps), -1)
    columns = {a.path: a.column(values)[place] for a, values, place in zip(axes, steps, places, strict=True)}
    return Design("grid", tuple(axes), columns)


def _lhs(axes: Sequence[Axis], n: int, seed: int) -> Design:
    """One point in each of n equal strata of every axis, so each level of a discrete one gets its share."""
    _check_size("lhs", n, f"points={n}")
    sampler = _qmc().LatinHypercube(len(axes), seed=np.random.default_rng(seed))
    return Design("lhs", tuple(axes), _placed(axes, sampler.random(n)))


def _sobol(axes: Sequence[Axis], n: int, seed: int) -> Design:
    _check_size("sobol", n, f"points={n}")
    sampler = _qmc().Sobol(len(axes), scramble=True, seed=np.random.default_rng(seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # said in our own words
        unit = sampler.random(n)
    return Design("sobol", tuple(axes), _placed(axes, unit), notes=_balance(n))


def _saltelli(axes: Sequence[Axis], n: int, seed: int) -> Design:
    """For each of n base pairs A, B: A, A with one axis from B (k of them), B."""
    _check_size("saltelli", n * (len(axes) + 2), f"points={n} times {len(axes)} axes + 2")
    return Design("saltelli", tuple(axes), _placed(axes, saltelli_unit(len(axes), n, seed)), notes=_balance(n))


def saltelli_unit(k: int, n: int, seed: int, groups: Sequence[str] | None = None) -> np.ndarray:
    """Saltelli's sample on the unit cube, (n (k + 2), k) or with g groups of axes (n (g + 2), k).

    Point for point that of `SALib.sample.sobol` without second order, whose loops take minutes for
    hundreds of axes; groups come in the order in which they are first named.
    """
    sampler = _qmc().Sobol(2 * k, scramble=True, seed=np.random.default_rng(seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the balance is spoken of in `notes`
        base = sampler.random(n)
    a, b = base[:, :k], base[:, k:]
    of = np.arange(k) if groups is None else np.array([list(dict.fromkeys(groups)).index(name) for name in groups])
    mixed = [np.where(of == group, b, a) for group in range(of.max() + 1)]
    return np.stack([a, *mixed, b], axis=1).reshape(-1, k)


def _balance(n: int) -> tuple[str, ...]:
    if n & (n - 1) == 0:
        return ()
    near = 2 ** round(math.log2(n))
    return (f"points={n} is no power of two, so the Sobol sequence is not balanced; points={near} would be.",)


def _morris(axes: Sequence[Axis], trajectories: int, seed: int) -> Design:
    """Trajectories of k + 1 points, each of which moves one axis by 2/3 of its range."""
    k = len(axes)
    _check_size("morris", trajectories * (k + 1), f"{trajectories} trajectories of {k + 1} points")
    unit = morris_unit(k, trajectories, seed)
    paths = np.array([a.path for a in axes], dtype=object)
    moves = np.argmax(np.abs(np.diff(unit.reshape(trajectories, k + 1, k), axis=1)), axis=2)
    moved = np.concatenate([np.full((trajectories, 1), "", dtype=object), paths[moves]], axis=1).ravel()
    extra = {"trajectory": np.repeat(np.arange(trajectories), k + 1), "moved": moved}
    return Design("morris", tuple(axes), _placed(axes, unit), extra)


def morris_unit(k: int, trajectories: int, seed: int) -> np.ndarray:
    """Morris's trajectories on the unit cube (trajectories (k + 1), k), at four levels."""
    problem = {"num_vars": k, "names": [f"x{i}" for i in range(k)], "bounds": [[0.0, 1.0]] * k}
    unit: np.ndarray = _morris_sampler().sample(
        problem, trajectories, num_levels=MORRIS_LEVELS, seed=np.random.default_rng(seed)
    )
    return unit


def _one_at_a_time(axes: Sequence[Axis], levels: int, base: Mapping[str, Any]) -> Design:
    """The base point, then each axis in turn over its levels other than the base's."""
    _check_size("one at a time", sum(a.size(levels) for a in axes), f"{len(axes)} axes")
    start = [base.get(a.path, _default(a.path)) for a in axes]
    rows, moved = [start], [""]
    for i, a in enumerate(axes):
        for value in a.steps(levels):
            if value != start[i]:
                rows.append([*start[:i], value, *start[i + 1 :]])
                moved.append(a.path)
    columns = {a.path: a.column([row[i] for row in rows]) for i, a in enumerate(axes)}
    return Design("oat", tuple(axes), columns, {"moved": np.array(moved, dtype=object)})


def _default(path: str) -> Any:
    """What the catalogue, or the list of default options, has for a path."""
    if path in catalog.catalogue():
        return catalog.catalogue()[path].value
    options = {"scenario": "historical"} | {key: name for key, (_, name) in catalog.default_options().items()}
    return options[path] if path in options else catalog.labels()[path]


def _table(given: Sequence[Axis], table: Mapping[str, Any] | None, folders: tuple[Path, ...]) -> Design:
    """The rows of a table as they stand; its columns are the axes."""
    if not table:
        raise DesignError(
            "design=table needs a table with one column an axis: give sweep.table=FILE, a .csv or .parquet file."
        )
    if given:
        raise DesignError(
            f"a table names its own axes, and {given[0].path} was given beside it; leave one of them out."
        )
    own = [name for name in table if name in OWN_COLUMNS]
    lengths = {name: len(values) for name, values in table.items()}
    if len(set(lengths.values())) > 1 or not min(lengths.values()) or len(own) == len(table):
        raise DesignError(f"the table needs columns of one length with at least one row; it has {lengths}.")
    spec: dict[str, list[Any]] = {}
    for name, values in table.items():
        path = catalog.aliases().get(str(name), str(name))
        if path in spec:
            raise DesignError(f"the table has {path!r} twice (as {name!r} too); keep one column.")
        if name not in own:
            spec[path] = _column(str(name), path, values, folders)
    found = axes({path: list(dict.fromkeys(values)) for path, values in spec.items()}, folders)
    columns = {a.path: a.column(spec[a.path]) for a in found}
    notes = [f"the column {name} of the table is no axis and is left out; points are numbered by row." for name in own]
    return Design("table", tuple(found), columns, notes=(*notes, *_twice(list(zip(*spec.values(), strict=True)))))


def _column(name: str, path: str, values: Sequence[Any], folders: tuple[Path, ...]) -> list[Any]:
    try:
        return cells(path, values, folders)
    except ConfigurationError as error:
        raise DesignError(f"column {name!r}: {error}") from None


def _twice(rows: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
    """A note of rows that say the same, rows counted from 1 without the heading; none where all differ."""
    first: dict[tuple[Any, ...], int] = {}
    for number, row in enumerate(rows, 1):
        if first.setdefault(row, number) != number:
            more = len(rows) - len(set(rows))
            rest = "" if more == 1 else f", and {more - 1} more are repeated"
            return (f"row {number} of the table is the same point as row {first[row]}{rest}; each is played.",)
    return ()


def _placed(axes: Sequence[Axis], unit: np.ndarray) -> dict[str, np.ndarray]:
    return {a.path: a.at(unit[:, i]) for i, a in enumerate(axes)}


def _qmc() -> ModuleType:
    try:
        from scipy.stats import qmc
    except ImportError as error:
        raise DesignError(needs("this design", "analysis", error)) from None
    return qmc


def _morris_sampler() -> ModuleType:
    try:
        from SALib.sample import morris
    except ImportError as error:
        raise DesignError(needs("this design", "analysis", error)) from None
    return morris
