"""`rubicon plot`: draw the figures of a finished run again, from its own tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim import record
from sim.state import SEATS
from sim.studies.run import draw
from sim.studies.single.replay import setting_of

if TYPE_CHECKING:
    import numpy as np


def wide_paths(table: dict[str, np.ndarray], dt: float, steps: int) -> dict[str, np.ndarray]:
    """Paths as arrays by crisis and step, from one row a crisis and step: undoes `run.long_paths`.

    Steps after an ending are nan, and -1 in option.
    """
    import numpy as np

    hours = np.arange(1, steps + 1) * dt
    crisis = table["replicate"].astype(int)
    step = np.rint(table["hour"] / dt).astype(int) - 1
    m = int(crisis.max()) + 1 if len(crisis) else 0
    paths: dict[str, np.ndarray] = {"hour": hours}
    for name in ("km", "line", "public"):
        paths[name] = np.full((m, steps), np.nan)
        paths[name][crisis, step] = table[name]
    paths["belief"] = np.full((m, steps, len(SEATS)), np.nan)
    paths["option"] = np.full((m, steps, len(SEATS)), -1, dtype=np.int8)
    for i, seat in enumerate(SEATS):
        paths["belief"][crisis, step, i] = table[f"belief_{seat}"]
        paths["option"][crisis, step, i] = table[f"option_{seat}"]
    return paths


def main(argv: list[str]) -> int:
    """Entry of `rubicon plot RUN_DIR [--figure NAME]`."""
    import argparse

    from sim import plots

    parser = argparse.ArgumentParser("rubicon plot", description="Draw the figures of a finished run again.")
    parser.add_argument("run_dir", type=Path, help="folder that `rubicon run` printed")
    parser.add_argument("--figure", help="one figure only; `rubicon list figures` names them")
    given = parser.parse_args(argv)
    if given.figure is not None:
        plots.load(given.figure)  # refuses an unknown name before anything is read
    done = record.load(given.run_dir)
    setting = setting_of(done)
    table = record.read_table(given.run_dir / "trajectories.parquet")
    paths = wide_paths(table, setting.params.dt, int(setting.params.n_steps))
    for path in draw(setting, done.runs, paths, given.run_dir / "figures", only=given.figure):
        print(path)
    return 0
