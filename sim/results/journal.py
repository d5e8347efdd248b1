"""The journal of a long job: which parts are done, with their checksums, so that a killed job goes on.

A part is a Parquet file that appears whole (written beside, then renamed) and one line of
`journal.jsonl` after it. A part without its line is played again; a line without its part too.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import RecordError, cause
from sim.errors import setting as written
from sim.results.disk import HALF, Held, alone, sync, sync_folder, whole
from sim.results.folders import JOURNAL
from sim.results.place import UNFINISHED
from sim.results.tables import digest, write_table

if TYPE_CHECKING:
    import numpy as np

NAME = JOURNAL
MOST_PARTS = 10**8


@dataclass
class Journal:
    """Parts of one job: `header` says what the job is, `digests` what each finished part holds."""

    folder: Path
    header: dict[str, Any]
    digests: dict[int, str] = field(default_factory=dict)
    _lock: Held | None = None

    def path(self, kind: str, part: int) -> Path:
        """File of a part: <folder>/<kind>/part-00012.parquet."""
        return self.folder / kind / f"part-{part:05d}.parquet"

    def add(self, part: int, tables: Mapping[str, Mapping[str, np.ndarray]]) -> None:
        """Write the tables of a part, by kind, then its line; returns when both are on the disk.

        Raises
        ------
        RecordError
            when the disk refuses; what stood before still stands.
        """
        files: dict[str, str] = {}
        content = hashlib.sha256()
        try:
            for kind, table in tables.items():
                files[kind] = _write_whole(self.path(kind, part), table)
                content.update(f"{kind} {digest(table)}\n".encode())
            self._append({"part": part, "files": files, "digest": content.hexdigest()})
        except OSError as error:
            raise RecordError(
                f"cannot write part {part} in {self.folder} ({cause(error)}); the parts before it are safe. "
                f"Make room, then go on with {written('resume', self.folder)}"
            ) from error
        self.digests[part] = content.hexdigest()

    def digest(self) -> str:
        """SHA-256 over the digests of all parts in their order, whatever order they were played in."""
        return hashlib.sha256("\n".join(self.digests[part] for part in sorted(self.digests)).encode()).hexdigest()

    def _append(self, line: Mapping[str, Any]) -> None:
        with (self.folder / NAME).open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
            out.flush()
            os.fsync(out.fileno())

    def close(self) -> None:
        """Let go of the lock that keeps a second process away."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def begin(folder: Path, header: dict[str, Any]) -> Journal:
    """A new journal in `folder`; the header must hold all that makes the job what it is.

    What lies in the folder by then is what a resume needs beside the journal: it is on the disk before the first line.
    """
    journal = Journal(folder, header, _lock=_locked(folder))
    for path in folder.iterdir():
        if path.is_file():
            sync(path)
    journal._append({"header": header})
    sync_folder(folder)
    sync_folder(folder.parent)
    return journal


def reopen(folder: Path) -> Journal:
    """The journal of a job that was stopped, with the parts that stand.

    Raises
    ------
    RecordError
        when there is none, another process writes to it, or a part does not match its checksum.
    """
    if not folder.is_dir():
        raise RecordError(
            f"there is no folder {folder}; a stopped job names the one to resume, ending in {UNFINISHED}."
        )
    if not (folder / NAME).is_file():
        raise RecordError(
            f"{folder} has no {NAME}, so it is no job that can be gone on with; start it without resume=."
        )
    lock = _locked(folder)
    try:
        if not folder.is_dir():  # it was finished between the look and the lock
            raise RecordError(f"{folder} has just been finished by another process; there is nothing to go on with.")
        return _read(folder, lock)
    except BaseException:
        lock.close()
        raise


def _read(folder: Path, lock: Held) -> Journal:
    lines = _lines(folder / NAME)
    if not lines or not isinstance(lines[0].get("header"), dict):
        raise RecordError(f"{folder / NAME} lacks its first line: the job was stopped before it began. Start it anew.")
    journal = Journal(folder, lines[0]["header"], _lock=lock)
    for number, line in enumerate(lines[1:], 2):
        if not _is_part(line):
            raise _garbled(folder / NAME, number)
        if all(_stands(journal.path(kind, line["part"]), known) for kind, known in line["files"].items()):
            journal.digests[line["part"]] = line["digest"]
    for half in folder.rglob(f"*{HALF}"):
        if half.is_file():
            half.unlink()
    return journal


def _lines(path: Path) -> list[dict[str, Any]]:
    """Whole lines; what follows the last line break was cut off by the stop, and is cut away."""
    data = path.read_bytes()
    complete = data[: data.rfind(b"\n") + 1]
    lines = []
    for number, text in enumerate(complete.split(b"\n")[:-1], 1):
        try:
            lines.append(json.loads(text.decode("utf-8")))
        except (ValueError, RecursionError) as error:
            raise _garbled(path, number) from error
        if not isinstance(lines[-1], dict):
            raise _garbled(path, number)
    if len(complete) < len(data):
        with path.open("r+b") as out:
            out.truncate(len(complete))
            os.fsync(out.fileno())
    return lines


def _is_part(line: Mapping[str, Any]) -> bool:
    """Whether a line says that a part is done, with its files and checksums."""
    part, files = line.get("part"), line.get("files")
    return (
        isinstance(part, int) and not isinstance(part, bool) and 0 <= part < MOST_PARTS
        and isinstance(files, dict) and bool(files)
        and all(kind.isidentifier() and isinstance(known, str) for kind, known in files.items())
        and isinstance(line.get("digest"), str)
    )  # fmt: skip


def _garbled(path: Path, number: int) -> RecordError:
    return RecordError(
        f"{path} is damaged in line {number}; nothing was changed. Cut that line and those below it away and resume "
        "again: their parts will be played anew. Or start anew without resume=."
    )


def _stands(path: Path, known: str) -> bool:
    """Whether a part is there, as it was written; a missing one is played again, a changed one is the user's to see."""
    if not path.is_file():
        return False
    if _checksum(path) != known:
        raise RecordError(
            f"{path} is not as it was written (checksum); nothing was changed. "
            "Move that file away and resume again: it will be played anew."
        )
    return True


def _write_whole(path: Path, table: Mapping[str, np.ndarray]) -> str:
    """Write a Parquet file so that it is there whole or not at all; returns its checksum."""
    with whole(path) as half:
        write_table(half, table, words=True)
        return _checksum(half)


def _checksum(path: Path) -> str:
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _locked(folder: Path) -> Held:
    # Beside the folder, which is renamed while the lock is held.
    return alone(
        folder.with_name(f".{folder.name}.lock"),
        f"{folder} is being written by another process; wait for it, or stop it.",
    )
