"""`rubicon run`: many crises of one setting, their closing table, files and figures."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import record
from sim.analysis.outcomes import summary
from sim.studies.console import closing_table, console, counting

if TYPE_CHECKING:
    import numpy as np

    from sim.config import Job

STORY_FIGURE = "story"


def run(job: Job) -> Path:
    """Run a composed job and write its directory; returns the folder.

    The directory holds config.yaml, summary.json, manifest.json, runs.parquet,
    trajectories.parquet and figures/; nothing in the tables depends on engine, threads
    or chunks.
    """
    began, clock = record.stamp(), time.perf_counter()
    runs = play(job)
    played = time.perf_counter() - clock
    numbers = summary(runs)
    with record.directory(Path(job.out) / "run" / job.setting.scenario, job.name) as folder:
        paths = _write(job, folder, runs, numbers, {"started": began, "play_s": round(played, 3)}, clock)
    final = record.finished[-1]
    console().print(closing_table(job.setting, numbers))
    console().print(f"{len(paths)} figures in {final / 'figures'}", highlight=False, soft_wrap=True)
    console().print(str(final), highlight=False, soft_wrap=True)
    return final


def play(job: Job) -> dict[str, np.ndarray]:
    """The run table of a job, with a progress bar on a terminal."""
    from sim.engines.batch import run_table

    if job.engine == "kernel":
        from sim.engines.kernel import ready

        ready()  # a first compilation announces itself before the bar starts
    with counting(job.replications, f"{job.setting.scenario} ({job.engine})") as progress:
        return run_table(
            job.setting.params, job.setting.script, seed=job.setting.seed, n=job.replications, engine=job.engine,
            threads=job.threads, progress=progress,
        )  # fmt: skip


def _write(
    job: Job, folder: Path, runs: dict[str, np.ndarray], numbers: dict[str, Any], timing: dict[str, Any], clock: float
) -> list[Path]:
    (folder / "config.yaml").write_text(job.yaml, encoding="utf-8")
    record.write_json(folder / "summary.json", numbers)
    record.write_table(folder / "runs.parquet", runs, words=True)
    sample = min(job.trajectories, job.replications)
    paths = _paths(job, sample)
    record.write_table(folder / "trajectories.parquet", long_paths(paths))
    figures = draw(job, runs, paths, folder / "figures")
    record.write_json(
        folder / "manifest.json",
        {
            "scenario": job.setting.scenario, "seed": job.setting.seed, "replications": job.replications,
            "trajectories": sample, "engine": job.engine, "release_at_h": job.setting.release_at_h,
            "digest": record.digest(runs), "source_hash": _source_hash(), "versions": record.versions(),
            "counts": {name: entry["count"] for name, entry in numbers["outcomes"].items()},
            **timing, "wall_s": round(time.perf_counter() - clock, 3), "finished": record.stamp(),
        },
    )  # fmt: skip
    return figures


def _source_hash() -> str:
    from sim.jit import source_hash

    return source_hash()


def _paths(job: Job, sample: int) -> dict[str, np.ndarray]:
    from sim.engines.batch import run_paths

    return run_paths(job.setting.params, job.setting.script, seed=job.setting.seed, n=sample)


def long_paths(paths: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Paths as one row a crisis and step: replicate, hour, km, line, public, then belief_ and option_ by seat."""
    import numpy as np

    from sim.state import SEATS

    m, steps = paths["km"].shape
    live = paths["option"][:, :, 0].ravel() >= 0
    table = {"replicate": np.repeat(np.arange(m), steps), "hour": np.tile(paths["hour"], m)}
    table |= {name: paths[name].ravel() for name in ("km", "line", "public")}
    for i, seat in enumerate(SEATS):
        table[f"belief_{seat}"] = paths["belief"][:, :, i].ravel()
        table[f"option_{seat}"] = paths["option"][:, :, i].ravel()
    return {name: values[live] for name, values in table.items()}


def draw(job: Job, runs: dict[str, np.ndarray], paths: dict[str, np.ndarray], folder: Path) -> list[Path]:
    """Draw and save every figure of a run; returns the paths of the first format."""
    from sim.plots import FIGURES, figure

    setting = job.setting.drawn(len(runs["outcome"]))
    saved = []
    for name in FIGURES:
        if name != STORY_FIGURE:
            saved += record.save_figure(figure(name, runs, paths, setting), folder, name, job.formats, job.dpi)[:1]
    return saved


def main(argv: list[str]) -> int:
    """Entry of the verb: Hydra overrides and flags in `argv`."""
    from sim.config import launch

    return launch(argv, run)
