"""What every run directory holds, whatever the verb: config.yaml, summary.json, manifest.json."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import record
from sim.studies.console import console

if TYPE_CHECKING:
    from sim.scenario import Setting
    from sim.settings import Settings


def base_manifest(setting: Setting) -> dict[str, Any]:
    """What made a directory: verb, setting, seed, sources and versions."""
    from sim.jit import source_hash

    settings = setting.settings
    return {
        "verb": settings.verb, "scenario": setting.name, "overrides": list(settings.overrides), "seed": setting.seed,
        "replications": settings.replications, "engine": settings.engine, "release_at_h": settings.release_at_h,
        "source_hash": source_hash(), "versions": record.versions(),
    }  # fmt: skip


@contextmanager
def study(setting: Setting) -> Iterator[tuple[record.Place, dict[str, Any], dict[str, Any]]]:
    """A directory of a verb's results under <out>/<verb>/<scenario>/, to fill.

    Yields (place, summary, manifest): two dicts to add to; they are written, and the folder
    gets its final name, when the block ends without an error. The folder is printed last.
    """
    settings = setting.settings
    began, clock = record.stamp(), time.perf_counter()
    summary: dict[str, Any] = {}
    manifest = base_manifest(setting)
    with record.directory(Path(settings.out) / settings.verb / setting.name, settings.name) as place:
        record.write_text(place.working / "config.yaml", settings.text)
        yield place, summary, manifest
        record.write_json(place.working / "summary.json", summary)
        timing = {"started": began, "wall_s": round(time.perf_counter() - clock, 3)}
        record.write_json(place.working / "manifest.json", manifest | timing)
    console().print(str(place.final), highlight=False, soft_wrap=True)


def of_setting(study: Callable[[Setting], object]) -> Callable[[Settings], int]:
    """The task of a command line whose jobs each play `study` on their setting."""

    def task(settings: Settings) -> int:
        from sim.scenario import build

        study(build(settings))
        return 0

    return task


def save(figures: Mapping[str, Any], setting: Setting, folder: Path) -> list[Path]:
    """Write pages by name in the formats that the setting asks for."""
    look = setting.settings.figures
    saved: list[Path] = []
    for name, page in figures.items():
        saved += record.save_figure(page, folder, name, tuple(look["formats"]), int(look["dpi"]))
    return saved
