"""For notebooks: a setting, one crisis to step through, a table of many, tables of a finished directory.

>>> from sim import crisis
>>> one = crisis("scenario=no_mediator", seed=1, replicate=3)
>>> one.step()
>>> one.hour
0.5
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ConfigurationError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from sim.engines.mesa import Crisis
    from sim.model.state import State
    from sim.scenario import Setting


def setting(*overrides: str) -> Setting:
    """A setting from overrides as on the command line, e.g. "scenario=no_mediator", "R0=8"."""
    from sim.config import compose
    from sim.scenario import build

    return build(compose(overrides))


def crisis(*overrides: str, seed: int | None = None, replicate: int = 0, state: State | None = None) -> Crisis:
    """One crisis as a Mesa model; `seed` goes before the configuration's, `state` goes on from another's middle.

    Raises
    ------
    ConfigurationError
        when seed or replicate is no whole number from 0 to 2**63 - 1.
    """
    from sim.engines.mesa import Crisis

    replicate = _whole("replicate", replicate, 0)
    own = _seeded(setting(*overrides), seed).at(replicate)
    return Crisis(own.params, own.script, seed=own.seed, replicate=replicate, state=state)


def runs(*overrides: str, n: int = 1000, seed: int | None = None) -> dict[str, np.ndarray]:
    """Columns of n crises on the compiled engine; `sim.engines.columns.COLUMNS` says what each is.

    Raises
    ------
    ConfigurationError
        when n is no whole number from 1 or seed none from 0, both to 2**63 - 1.
    """
    from sim.engines.batch import run_table

    n = _whole("n", n, 1)
    made = _seeded(setting(*overrides), seed)
    return run_table(made.family, made.script, seed=made.seed, n=n)


def _seeded(made: Setting, seed: int | None) -> Setting:
    return made if seed is None else replace(made, seed=_whole("seed", seed, 0))


def _whole(name: str, value: Any, least: int) -> int:
    """A whole number, NumPy's own and whole floats such as 1e4 included; never one that is cut to fit."""
    from numbers import Real

    whole = type(value) is not bool and isinstance(value, Real) and value == value // 1
    if not whole or not least <= value < 2**63:
        raise ConfigurationError(f"{name}={value!r} is not allowed; give a whole number from {least} to 2**63 - 1.")
    return int(value)


def frame(run_dir: str | Path, name: str = "runs") -> pd.DataFrame:
    """A table of a finished directory as a pandas frame, endings and channels in words.

    Raises
    ------
    RecordError
        when the directory is not finished, or has no such table (the text names those it has).
    """
    from sim.results import queries

    with queries.opened(Path(run_dir)) as db:
        known = queries.columns(db)
        if name not in known:
            raise queries.QueryError(f"{run_dir} has no table {name!r}; it has: {', '.join(known)}.")
        found: pd.DataFrame = db.execute(f"select * from {queries.identifier(name)}").df()
    return found


def table(run_dir: str | Path, name: str = "runs") -> dict[str, np.ndarray]:
    """The same as NumPy columns; text columns hold objects."""
    return {column: values.to_numpy() for column, values in frame(run_dir, name).items()}


def ema(run_dir: str | Path, *, by: str = "points") -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Experiments and outcomes of a sweep in the shape that the EMA Workbench reads.

    Parameters
    ----------
    by : "points" gives one row a point, its outcomes being shares and means; "runs" one row a run
        (a sweep that kept its runs), its outcomes being the columns of the run table

    Returns
    -------
    experiments (n, axes), options as categories, an axis `scenario` as `setting`, because the workbench
        keeps that name for itself and drops the column; outcomes, each (n,)

    Raises
    ------
    RecordError
        when the directory is no sweep or kept no runs.
    """
    from sim import results as record

    done = record.finished(Path(run_dir))
    if done.verb != "sweep":
        raise record.RecordError(f"{run_dir} was written by `rubicon {done.verb}`; only a sweep has experiments.")
    if by not in ("points", "runs"):
        raise record.RecordError(f"by={by!r} is not allowed; give 'points' or 'runs'.")
    axes = list(done.summary["axes"])
    rows = frame(run_dir, "summary" if by == "points" else "runs")
    points = frame(run_dir, "points").set_index("point")
    experiments = points.loc[rows["point"], axes].reset_index(drop=True)
    options = [path for path in axes if experiments[path].dtype.kind not in "iuf"]
    experiments = experiments.astype(dict.fromkeys(options, "category")).rename(columns={"scenario": "setting"})
    left = {"point", "replicate", *axes}
    return experiments, {name: rows[name].to_numpy() for name in rows if name not in left}
