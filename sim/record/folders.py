"""Run directories: the only reader and writer of files under `results/`.

A directory is written under a name that says it is unfinished and renamed when it is
whole, so a directory without that mark is complete. Tables are Parquet, through DuckDB.
"""

from __future__ import annotations

import json
import platform
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import RecordError
from sim.record.tables import read_table

if TYPE_CHECKING:
    import numpy as np

UNFINISHED = ".unfinished"
JOURNAL = "journal.jsonl"  # of a long job, which may be gone on with
PACKAGES = ("numpy", "numba", "mesa", "hydra-core", "duckdb", "matplotlib")


@dataclass(frozen=True)
class Finished:
    """What a finished run directory of any verb has: its folder, manifest, configuration and main numbers."""

    folder: Path
    manifest: dict[str, Any]
    config: dict[str, Any]
    summary: dict[str, Any]

    @property
    def verb(self) -> str:
        """The verb that wrote it."""
        return str(self.manifest.get("verb", "run"))


@dataclass(frozen=True)
class RunSet:
    """A finished run directory: its folder, manifest, configuration and run table."""

    folder: Path
    manifest: dict[str, Any]
    config: dict[str, Any]
    runs: dict[str, np.ndarray]


@dataclass
class Place:
    """Where a run directory is being filled, and where it will stand once whole."""

    working: Path
    final: Path


@contextmanager
def directory(base: Path, name: str | None) -> Iterator[Place]:
    """A folder to fill; it gets its final name only when the block ends without an error.

    Parameters
    ----------
    base : parent, e.g. results/run/historical; made if missing
    name : final name; None takes the time, with a suffix where two runs share a second

    Raises
    ------
    RecordError
        when `name` is taken. What was written before an error stays, under its unfinished name.
    """
    if name and Path(name).name != name:
        raise RecordError(
            f"name={name} is not the name of one folder; leave out slashes, or set the place with out=..."
        )
    final = base / (name or datetime.now().strftime("%Y-%m-%d_%H-%M-%S"))
    if name and final.exists():
        raise RecordError(f"{final} exists already; choose another name=..., or move or delete that folder first.")
    working = base / f"{final.name}-{uuid.uuid4().hex[:6]}{UNFINISHED}"
    try:
        working.mkdir(parents=True)
    except OSError as error:
        raise RecordError(f"cannot write {working} ({error.strerror}); choose another folder with out=...") from error
    place = Place(working, final)
    yield place
    _settle(place, named=bool(name))


@contextmanager
def again(working: Path, final: str) -> Iterator[Place]:
    """The unfinished folder of a stopped job, to fill further; it gets its final name at the end of the block."""
    if not working.is_dir():
        raise RecordError(f"there is no folder {working}; give the one ending in {UNFINISHED} that the job left.")
    place = Place(working, working.parent / final)
    yield place
    _settle(place, named=False)


def _settle(place: Place, *, named: bool) -> None:
    """Give the working folder its final name; one that was not asked for by name may get a suffix."""
    taken = place.final
    while not _renamed(place.working, place.final):
        if named:
            raise RecordError(f"{taken} was taken while this ran; the results are complete in {place.working}.")
        place.final = taken.with_name(f"{taken.name}-{uuid.uuid4().hex[:4]}")


def _renamed(working: Path, final: Path) -> bool:
    """Give a folder its final name; False when that name is taken."""
    if final.exists():
        return False
    working.rename(final)
    return True


def versions() -> dict[str, str]:
    """Versions of Python, of this package and of those that can change a result."""
    found = {"python": platform.python_version()}
    for package in ("rubicon-wargame", *PACKAGES):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed as a package"
    return found


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write JSON with a final newline; nan becomes null."""
    path.write_text(json.dumps(_plain(data), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value != value:
        return None
    return value


def stamp() -> str:
    """Now, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def finished(folder: Path) -> Finished:
    """Read what every finished run directory has.

    Raises
    ------
    RecordError
        when it does not exist, is unfinished, or lacks a file.
    """
    import yaml

    if not folder.is_dir():
        raise RecordError(f"{folder} is no run directory; a verb prints the folder it writes as its last line.")
    if folder.name.endswith(UNFINISHED):
        stopped = f"{folder} is unfinished: what wrote it was stopped."
        if (folder / JOURNAL).is_file():
            raise RecordError(f"{stopped} Go on with it: rubicon sweep resume={folder}")
        raise RecordError(f"{stopped} Run it again.")
    missing = [name for name in ("manifest.json", "config.yaml", "summary.json") if not (folder / name).is_file()]
    if missing:
        raise RecordError(f"{folder} lacks {', '.join(missing)}; it was not written by `rubicon`, or is damaged.")
    manifest, summary = (
        json.loads((folder / name).read_text(encoding="utf-8")) for name in ("manifest.json", "summary.json")
    )
    return Finished(folder, manifest, yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8")), summary)


def load(folder: Path) -> RunSet:
    """Read a finished directory of `rubicon run` with its run table; errors as in `finished`."""
    done = finished(folder)
    if not (folder / "runs.parquet").is_file():
        raise RecordError(f"{folder} lacks runs.parquet; it was not written by `rubicon run`, or is damaged.")
    return RunSet(folder, done.manifest, done.config, read_table(folder / "runs.parquet"))


def write_text(path: Path, text: str) -> None:
    """Write text, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def save_figure(figure: Any, folder: Path, name: str, formats: tuple[str, ...], dpi: int) -> list[Path]:
    """Write a figure in each format; the SVG carries no date, so equal data give equal files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind in formats:
        path = folder / f"{name}.{kind}"
        figure.savefig(path, dpi=dpi, metadata={"Date": None} if kind == "svg" else None)
        paths.append(path)
    return paths
