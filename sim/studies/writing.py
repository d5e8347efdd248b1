"""What every run directory holds, whatever the verb: configuration, numbers, manifest; and what is said of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import results as record
from sim.errors import cause, command
from sim.streams import OutputError, ReaderGone
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


@dataclass
class Results:
    """A directory that a verb fills, the figures that go into it, and what is to be said once it stands."""

    place: record.Place
    setting: Setting
    lost: str = ""
    _said: list[Callable[[], None]] = field(default_factory=list)

    @property
    def working(self) -> Path:
        """Where files go while the directory is being filled."""
        return self.place.working

    @property
    def final(self) -> Path:
        """Where the directory stands once it is whole."""
        return self.place.final

    def say(self, *shown: Any, **how: Any) -> None:
        """Print this as rich's `Console.print` does once the directory stands, so that no lost reader stops it."""
        self._said.append(lambda: console().print(*shown, **how))

    def save(self, figures: Mapping[str, Any]) -> list[Path]:
        """Write pages by name into figures/, in the formats that the setting asks for.

        A disk that refuses them costs the figures and not the numbers: `lost` says what happened.
        """
        look, saved = self.setting.settings.figures, list[Path]()
        for name, page in figures.items():
            if self.lost:
                break
            try:
                saved += record.save_figure(
                    page, self.working / "figures", name, tuple(look["formats"]), int(look["dpi"])
                )
            except OSError as error:
                self.lost = f"no figure from {name} on could be written ({cause(error)})"
        return saved

    def speak(self) -> None:
        """Print what was to be said, the folder last; RecordError where the figures were lost.

        A reader who has gone (`| head`, a closed terminal) is no error: the other jobs of a line go on.
        """
        try:
            with suppress(ReaderGone):
                for word in self._said:
                    word()
                console().print(str(self.final), highlight=False, soft_wrap=True, markup=False)
        except OutputError as error:
            raise OutputError(f"{error} The results are in {self.final}.") from error
        if self.lost:
            again = f"make room, then: {command('plot', self.final)}" if self.setting.settings.verb == "run" else ""
            raise record.RecordError(
                f"{self.lost}; all numbers and tables are in {self.final}.{' Draw them again: ' * bool(again)}{again}"
            )


@contextmanager
def study(setting: Setting) -> Iterator[tuple[Results, dict[str, Any], dict[str, Any]]]:
    """A directory of a verb's results under <out>/<verb>/<scenario>/, to fill. Enter it before the work.

    Yields (results, summary, manifest): two dicts to add to; they are written, and the folder
    gets its final name, when the block ends without an error. Only then is anything printed, the folder last.
    """
    settings = setting.settings
    began, clock = record.stamp(), time.perf_counter()
    summary: dict[str, Any] = {}
    manifest = base_manifest(setting)
    with record.directory(Path(settings.out) / settings.verb / setting.name, settings.name) as place:
        record.write_text(place.working / "config.yaml", settings.text)
        results = Results(place, setting)
        try:
            yield results, summary, manifest
        except OSError:
            if summary:  # the numbers are small: where a table does not fit, they may
                with suppress(OSError):
                    record.write_json(place.working / "summary.json", summary)
            raise
        record.write_json(place.working / "summary.json", summary)
        timing = {"started": began, "wall_s": round(time.perf_counter() - clock, 3)}
        lost = {"figures_lost": results.lost} if results.lost else {}
        record.write_json(place.working / "manifest.json", manifest | lost | timing)
    results.speak()


def of_setting(study: Callable[[Setting], object]) -> Callable[[Settings], int]:
    """The task of a command line whose jobs each play `study` on their setting."""

    def task(settings: Settings) -> int:
        from sim.scenario import build

        study(build(settings))
        return 0

    return task
