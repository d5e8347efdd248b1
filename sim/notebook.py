"""For notebooks: a setting, one crisis to step through, a table of many, each in one call.

>>> from sim import crisis
>>> one = crisis("scenario=no_mediator", seed=1, replicate=3)
>>> one.step()
>>> one.hour
0.5
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from sim.engines.mesa_engine import Crisis
    from sim.scenario import Setting
    from sim.state import State


def setting(*overrides: str) -> Setting:
    """A setting from overrides as on the command line, e.g. "scenario=no_mediator", "R0=8"."""
    from sim.config import compose
    from sim.scenario import build

    return build(compose(overrides))


def crisis(*overrides: str, seed: int | None = None, replicate: int = 0, state: State | None = None) -> Crisis:
    """One crisis as a Mesa model; `seed` goes before the configuration's, `state` goes on from another's middle."""
    from sim.engines.mesa_engine import Crisis

    made = setting(*overrides)
    luck = made.seed if seed is None else seed
    return Crisis(made.params, made.script, seed=luck, replicate=replicate, state=state)


def runs(*overrides: str, n: int = 1000, seed: int | None = None) -> dict[str, np.ndarray]:
    """Columns of n crises on the compiled engine; `sim.engines.columns.COLUMNS` says what each is."""
    from sim.engines.batch import run_table

    made = setting(*overrides)
    return run_table(made.params, made.script, seed=made.seed if seed is None else seed, n=n)
