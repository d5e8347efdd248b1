"""`rubicon plot`: draw the figures of a finished run again, from its own tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import results as record
from sim.model.state import SEATS
from sim.studies.replay.verb import setting_of
from sim.studies.run.verb import Save, draw

if TYPE_CHECKING:
    import numpy as np

    from sim.scenario import Setting

OF_SEAT = ("belief", "option")
COLUMNS = ("replicate", "hour", "km", "line", "public", *(f"{what}_{seat}" for seat in SEATS for what in OF_SEAT))


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
    from sim import draw as plots
    from sim.arguments import Arguments

    parser = Arguments("rubicon plot", description="Draw the figures of a finished run again.")
    parser.add_argument("run_dir", type=Path, help="folder that `rubicon run` printed")
    parser.add_argument("--figure", help="one figure only; `rubicon list figures` names them")
    given = parser.parse_args(argv)
    if given.figure is not None:
        plots.load(given.figure)  # refuses an unknown name before anything is read
    done = record.load(given.run_dir)
    record.check_folder(given.run_dir / "figures")
    setting, file = setting_of(done), given.run_dir / "trajectories.parquet"
    table = checked(file, record.read_table(file, COLUMNS), done.manifest["replications"])
    with record.understood(file):
        paths = wide_paths(table, setting.params.dt, int(setting.params.n_steps))
    with record.understood(given.run_dir / "runs.parquet"):
        written = draw(setting, done.runs, paths, saver(setting, given.run_dir / "figures"), only=given.figure)
    for path in written:
        print(path)
    return 0


def checked(file: Path, table: dict[str, np.ndarray], count: int) -> dict[str, np.ndarray]:
    """The table of paths, of `count` crises at most; RecordError where it holds what no path comes to."""
    import numpy as np

    for name in COLUMNS:
        if table[name].dtype.kind not in "iuf" or not (np.abs(table[name]) < 1e9).all():
            raise record.damaged(file, f"{name} holds what no path comes to")
    crisis = table["replicate"]
    if len(crisis) and not (crisis.min() >= 0 and crisis.max() < count):
        raise record.damaged(file, f"it has other replicates than 0 to {count - 1}")
    return table


def saver(setting: Setting, folder: Path) -> Save:
    """What writes pages by name into a folder, as the setting asks for them."""
    look = setting.settings.figures

    def save(pages: Mapping[str, Any]) -> list[Path]:
        files: list[Path] = []
        for name, page in pages.items():
            files += record.save_figure(page, folder, name, tuple(look["formats"]), int(look["dpi"]))
        return files

    return save
