"""Finished run directories: the one reader of what every verb writes, and the small files in them.

A directory is written under a name that says it is unfinished and renamed when it is
whole, so a directory without that mark is complete. Whatever else lies under a name that
this reader is given ends in one `RecordError` that names the file.
"""

from __future__ import annotations

import io
import json
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import RecordError, UserError, cause, command
from sim.results.disk import whole
from sim.results.place import UNFINISHED
from sim.results.tables import damaged, read_table

if TYPE_CHECKING:
    import numpy as np

JOURNAL = "journal.jsonl"  # of a long job, which may be gone on with
PACKAGES = ("numpy", "numba", "mesa", "hydra-core", "duckdb", "matplotlib")
# What a manifest says, and of which kind; a verb may lack some of them.
FACTS: dict[str, tuple[type, ...]] = {
    "verb": (str,), "scenario": (str,), "overrides": (list,), "seed": (int,), "replications": (int,), "engine": (str,),
    "release_at_h": (int, float), "source_hash": (str,), "versions": (dict,), "trajectories": (int,), "digest": (str,),
}  # fmt: skip
# What the run table must have for whoever reads it.
RUNS = (
    "replicate", "outcome", "duration_h", "closest_km", "deaths", "settled_channel", "terms", "package", "deal_kept",
    "breach_week", "battle", "mediator_entered_h", "casualties_rebels", "casualties_state", "authority",
)  # fmt: skip


# How Python says that data are not what was expected of them.
NONSENSE = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


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


def versions() -> dict[str, str]:
    """Versions of Python, of this package and of those that can change a result."""
    found = {"python": platform.python_version()}
    for package in ("rubicon-wargame", *PACKAGES):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed as a package"
    return found


def stamp() -> str:
    """Now, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write JSON with a final newline; nan becomes null."""
    write_text(path, json.dumps(_plain(data), indent=2, ensure_ascii=False) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value != value:
        return None
    return value


def write_text(path: Path, text: str) -> None:
    """Write text, making its folder; the file is there whole or not at all."""
    with whole(path) as half:
        half.write_bytes(text.encode("utf-8", "backslashreplace"))  # a path may hold bytes that are no letters


def save_figure(figure: Any, folder: Path, name: str, formats: tuple[str, ...], dpi: int) -> list[Path]:
    """Write a figure in each format; the SVG carries no date, so equal data give equal files."""
    paths = []
    for kind in formats:
        path, drawn = folder / f"{name}.{kind}", io.BytesIO()
        figure.savefig(drawn, format=kind, dpi=dpi, metadata={"Date": None} if kind == "svg" else None)
        with whole(path, synced=False) as half:
            half.write_bytes(drawn.getbuffer())
        paths.append(path)
    return paths


def finished(folder: Path) -> Finished:
    """Read what every finished run directory has.

    Raises
    ------
    RecordError
        when it does not exist, is unfinished, lacks a file, or one of them is not as a verb writes it.
    """
    if not folder.is_dir():
        raise RecordError(f"{folder} is no run directory; a verb prints the folder it writes as its last line.")
    if folder.resolve().name.endswith(UNFINISHED):
        stopped = f"{folder} is unfinished: what wrote it was stopped."
        if (folder / JOURNAL).is_file():
            raise RecordError(f"{stopped} Go on with it: {command('sweep', resume=folder)}")
        raise RecordError(f"{stopped} Run it again.")
    missing = [name for name in ("manifest.json", "config.yaml", "summary.json") if not (folder / name).is_file()]
    if missing:
        raise RecordError(f"{folder} lacks {', '.join(missing)}; it was not written by `rubicon`, or is damaged.")
    return Finished(folder, _manifest(folder), read_yaml(folder / "config.yaml"), read_json(folder / "summary.json"))


def _manifest(folder: Path) -> dict[str, Any]:
    """The manifest, its facts of the right kind."""
    path = folder / "manifest.json"
    found = read_json(path)
    for key, kinds in FACTS.items():
        value = found.get(key)
        if key in found and (not isinstance(value, kinds) or isinstance(value, bool)):
            raise damaged(path, f"{key} is {str(value)[:40]!r}, which it cannot be")
    texts = [*found.get("overrides", []), *found.get("versions", {}).values(), *found.get("versions", {})]
    if not all(isinstance(text, str) for text in texts):
        raise damaged(path, "overrides or versions are no texts")
    if not found.get("verb", "run").isidentifier():
        raise damaged(path, f"there is no verb {found['verb'][:40]!r}")
    if not all(0 <= found.get(key, 0) < 2**63 for key in ("seed", "replications", "trajectories")):
        raise damaged(path, "seed, replications or trajectories are out of all bounds")
    return found


def load(folder: Path) -> RunSet:
    """Read a finished directory of `rubicon run` with its run table; errors as in `finished`."""
    done = finished(folder)
    if not (folder / "runs.parquet").is_file():
        raise RecordError(f"{folder} lacks runs.parquet; it was not written by `rubicon run`, or is damaged.")
    lacking = [key for key in ("seed", "replications", "overrides", "source_hash") if key not in done.manifest]
    if lacking:
        raise damaged(folder / "manifest.json", f"it does not say {', '.join(lacking)}")
    runs = read_table(folder / "runs.parquet", RUNS)
    odd = [name for name, values in runs.items() if values.dtype.kind not in "iufb"]
    if odd:
        raise damaged(folder / "runs.parquet", f"{odd[0]} holds no numbers")
    _check_runs(folder / "runs.parquet", runs, done.manifest["replications"])
    return RunSet(folder, done.manifest, done.config, runs)


def _check_runs(path: Path, runs: Mapping[str, np.ndarray], count: int) -> None:
    """RecordError unless there is one row a run, each with an ending and within what a crisis can come to."""
    import numpy as np

    if len(runs["outcome"]) != count:
        raise damaged(path, f"it has {len(runs['outcome']):,} rows, and manifest.json says {count:,} runs")
    if runs["outcome"].dtype.kind not in "iu" or not np.isin(runs["outcome"], range(6)).all():
        raise damaged(path, "outcome holds what is no ending")
    for name in ("duration_h", "closest_km", "deaths"):
        if not (np.abs(runs[name]) < 1e9).all():  # nan too
            raise damaged(path, f"{name} holds what no crisis can come to")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object in a file; RecordError where it is none."""
    try:
        found = json.loads(path.read_bytes().decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(path, f"it is no JSON ({cause(error)[:120]})") from error
    if not isinstance(found, dict):
        raise damaged(path, "it holds no keys and values")
    return found


def read_yaml(path: Path) -> dict[str, Any]:
    """Keys and values of a YAML file without anchors; RecordError where it is none."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where there is one: ten times as quick
    try:
        text = path.read_bytes().decode("utf-8")
        # Ten lines of anchors can stand for more than fits into memory.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, loader)):
            raise damaged(path, "it has an anchor, and Rubicon writes none")
        found = yaml.load(text, loader)
    except (OSError, ValueError, TypeError, RecursionError, yaml.YAMLError) as error:
        raise damaged(path, f"it is no YAML ({cause(error)[:120]})") from error
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise damaged(path, "it holds no keys and values")
    return found


@contextmanager
def understood(path: Path) -> Iterator[None]:
    """A block that works on what a file holds, which may be anything: what it chokes on is the file's fault.

    Raises
    ------
    RecordError
        that names the file, in place of the errors by which Python says that data are not what was expected.
    """
    try:
        yield
    except NONSENSE as error:
        if isinstance(error, UserError):
            raise
        kind = f"{type(error).__name__}: {cause(error)}"[:160]
        raise damaged(path, f"what it holds does not fit together ({kind})") from error
    except MemoryError as error:
        raise damaged(path, "what it holds does not fit into memory") from error
