"""`rubicon run`: many crises of one setting, their closing table, files and figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import results as record
from sim.errors import ConfigurationError
from sim.stats.outcomes import summary
from sim.studies.console import closing_table, counting
from sim.studies.doubt import drawn_doubt, with_doubt
from sim.studies.writing import of_setting, study

if TYPE_CHECKING:
    import numpy as np

    from sim.scenario import Setting

Save = Callable[[Mapping[str, Any]], list[Path]]
MOST_RUNS = 50_000_000  # some 15 GB of table


def run(setting: Setting) -> Path:
    """Run a setting, write its directory and print the closing table; returns the folder.

    The directory holds config.yaml, summary.json, manifest.json, runs.parquet,
    trajectories.parquet and figures/; no table depends on engine, threads or chunks.
    """
    _check_size(setting.settings.replications)
    with study(setting) as (results, numbers, manifest):
        clock = time.perf_counter()
        runs = play(setting)
        manifest["play_s"] = round(time.perf_counter() - clock, 3)
        numbers |= with_doubt(setting, runs, summary(runs))
        manifest |= facts(setting, runs, numbers)
        record.write_table(results.working / "runs.parquet", runs, words=True)
        paths = sample_paths(setting)
        record.write_table(results.working / "trajectories.parquet", long_paths(paths))
        draw(setting, runs, paths, results.save)
        results.say(closing_table(setting, numbers))
        if not results.lost:
            results.say(f"figures: {results.final / 'figures'}", highlight=False, soft_wrap=True, markup=False)
    return results.final


def _check_size(replications: int) -> None:
    if replications > MOST_RUNS:
        raise ConfigurationError(
            f"replications={replications:,} is more than a run table in memory should hold (at most {MOST_RUNS:,}); "
            "rubicon sweep sweep=single replications=... streams any number to the disk."
        )


def play(setting: Setting) -> dict[str, np.ndarray]:
    """The run table of a setting, with a progress bar on a terminal."""
    from sim.engines.batch import run_table

    settings = setting.settings
    if settings.engine == "kernel":
        from sim.engines.kernel import ready

        ready()  # a first compilation announces itself before the bar starts
    with counting(settings.replications, f"{setting.name} ({settings.engine})") as progress:
        return run_table(
            setting.family, setting.script, seed=setting.seed, n=settings.replications, engine=settings.engine,
            threads=settings.threads, progress=progress,
        )  # fmt: skip


def facts(setting: Setting, runs: dict[str, np.ndarray], numbers: dict[str, Any]) -> dict[str, Any]:
    """What the manifest says of a run beyond what it says of every verb: counts, and the digest of its table."""
    return {
        "trajectories": setting.settings.trajectories,
        "digest": record.digest(runs),
        "counts": {name: entry["count"] for name, entry in numbers["outcomes"].items()},
    }


def sample_paths(setting: Setting) -> dict[str, np.ndarray]:
    """Step-by-step paths of the first `trajectories` replicates."""
    from sim.engines.batch import run_paths

    wanted = min(setting.settings.trajectories, setting.settings.replications)
    return run_paths(setting.family, setting.script, seed=setting.seed, n=wanted)


def long_paths(paths: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Paths as one row a crisis and step: replicate, hour, km, line, public, then belief_ and option_ by seat."""
    import numpy as np

    from sim.model.state import SEATS

    m, steps = paths["km"].shape
    live = paths["option"][:, :, 0].ravel() >= 0
    table = {"replicate": np.repeat(np.arange(m), steps), "hour": np.tile(paths["hour"], m)}
    table |= {name: paths[name].ravel() for name in ("km", "line", "public")}
    for i, seat in enumerate(SEATS):
        table[f"belief_{seat}"] = paths["belief"][:, :, i].ravel()
        table[f"option_{seat}"] = paths["option"][:, :, i].ravel()
    return {name: values[live] for name, values in table.items()}


def draw(
    setting: Setting, runs: dict[str, np.ndarray], paths: dict[str, np.ndarray], save: Save, only: str | None = None
) -> list[Path]:
    """Draw the figures of a run (or one of them) and hand each to `save`; returns their files."""
    from sim import draw as plots

    drawn = setting.drawn(len(runs["outcome"])) | drawn_doubt(setting, runs)
    saved: list[Path] = []
    for name in plots.FIGURES if only is None else (only,):
        if "story" not in plots.needs(name):  # a single crisis is `replay`'s to draw
            saved += save({name: plots.draw(name, runs=runs, paths=paths, setting=drawn)})
    return saved


def main(argv: list[str]) -> int:
    """Entry of the verb: Hydra overrides and flags in `argv`."""
    from sim.config import launch

    return launch(argv, of_setting(run), "run")
