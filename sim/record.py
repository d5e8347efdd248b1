"""Run directories: the only reader and writer of files under `results/`.

A directory is written under a name that says it is unfinished and renamed when it is
whole, so a directory without that mark is complete. Tables are Parquet, through DuckDB.
"""

from __future__ import annotations

import hashlib
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

from sim.errors import UserError
from sim.state import CHANNELS, ENDINGS, ITEMS

if TYPE_CHECKING:
    import numpy as np

UNFINISHED = ".unfinished"
PLAIN = "plain terms"
PACKAGES = ("numpy", "numba", "mesa", "hydra-core", "duckdb", "matplotlib")


class RecordError(UserError):
    """A run directory is missing, unfinished or not what was asked for; the text says what to do."""


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
    while not _renamed(working, place.final):
        if name:
            raise RecordError(f"{final} was taken while this ran; the results are complete in {working}.")
        place.final = base / f"{final.name}-{uuid.uuid4().hex[:4]}"


def _renamed(working: Path, final: Path) -> bool:
    """Give a folder its final name; False when that name is taken."""
    if final.exists():
        return False
    working.rename(final)
    return True


def digest(table: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of a table's names, types and little-endian bytes: equal wherever the numbers are equal."""
    out = hashlib.sha256()
    for name, values in table.items():
        small = values.astype(values.dtype.newbyteorder("<"), copy=False)
        out.update(f"{name} {small.dtype.str} {small.shape}\n".encode())
        out.update(small.tobytes())
    return out.hexdigest()


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


def write_table(path: Path, table: Mapping[str, np.ndarray], *, words: bool = False) -> None:
    """Write columns as Parquet; `words` turns the codes of endings, channels and packages into text."""
    import duckdb
    import pandas as pd

    frame = pd.DataFrame(dict(table))
    if words:
        frame = _in_words(frame)
    with duckdb.connect() as db:
        db.register("frame", frame)
        db.execute(f"copy frame to '{_quoted(path)}' (format parquet, compression zstd)")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _packages() -> dict[int, str]:
    """Code -> words of every package; -2 is terms that are no list of items."""
    return {-2: PLAIN} | {
        bits: " + ".join(n for i, n in enumerate(ITEMS) if bits >> i & 1) or "nothing"
        for bits in range(1 << len(ITEMS))
    }


def _in_words(frame: Any) -> Any:
    maps = {"outcome": dict(enumerate(ENDINGS)), "settled_channel": dict(enumerate(CHANNELS)), "package": _packages()}
    for name, words in maps.items():
        if name in frame:
            frame[name] = frame[name].map(words).astype("object")
            frame[name] = frame[name].where(frame[name].notna(), None)
    return frame


def read_table(path: Path) -> dict[str, np.ndarray]:
    """Columns of a Parquet file, words turned back into codes."""
    import duckdb
    import numpy as np

    with duckdb.connect() as db:
        frame = db.execute(f"select * from read_parquet('{_quoted(path)}')").df()
    codes = {
        "outcome": {name: code for code, name in enumerate(ENDINGS)},
        "settled_channel": {name: code for code, name in enumerate(CHANNELS)},
    }
    for name, words in codes.items():
        if name in frame:
            frame[name] = frame[name].map(words).fillna(-1).astype(np.int64)
    if "package" in frame:
        bits = {words: code for code, words in _packages().items()}
        frame["package"] = frame["package"].map(bits).fillna(-1).astype(np.int64)
    return {name: frame[name].to_numpy() for name in frame}


def load(folder: Path) -> RunSet:
    """Read a finished run directory.

    Raises
    ------
    RecordError
        when it does not exist, is unfinished, or lacks a file.
    """
    import yaml

    if not folder.is_dir():
        raise RecordError(f"{folder} is no run directory; `rubicon run` prints the folder it writes.")
    if folder.name.endswith(UNFINISHED):
        raise RecordError(f"{folder} is unfinished: the run that wrote it was stopped. Run it again.")
    missing = [name for name in ("manifest.json", "config.yaml", "runs.parquet") if not (folder / name).is_file()]
    if missing:
        raise RecordError(f"{folder} lacks {', '.join(missing)}; it was not written by `rubicon run`, or is damaged.")
    return RunSet(
        folder,
        json.loads((folder / "manifest.json").read_text(encoding="utf-8")),
        yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8")),
        read_table(folder / "runs.parquet"),
    )


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
