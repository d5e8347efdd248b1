"""The log of a room's moves: an SQLite file that only grows. A move that was accepted is on the disk.

Write-ahead logging with `synchronous=FULL`: SQLite calls fsync on the log at every commit, so a
move survives a kill at any moment and, as far as the disk tells the truth, a power cut.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.errors import RecordError, setting
from sim.record.disk import Held, alone

TABLES = """
create table if not exists header (one integer primary key check (one = 1), text text not null);
create table if not exists moves (
    number integer primary key autoincrement, id text not null unique, at text not null, text text not null
);
create trigger if not exists no_change before update on moves begin select raise(abort, 'the log only grows'); end;
create trigger if not exists no_loss before delete on moves begin select raise(abort, 'the log only grows'); end;
"""


class MoveLog:
    """Moves in the order in which they were accepted; `add` returns when the move is on the disk."""

    def __init__(self, path: Path, db: sqlite3.Connection, held: Held | None = None) -> None:
        self.path = path
        self._db = db
        self._lock = threading.Lock()
        self._held = held

    def add(self, id_: str, text: str, at: str) -> bool:
        """Append a move; False where the very same one is there already.

        Raises
        ------
        RecordError
            when another move has that id, or the disk refuses; the log is as before.
        """
        with self._lock:
            try:
                with self._db:
                    found = self._db.execute("select text from moves where id = ?", (id_,)).fetchone()
                    if found is None:
                        self._db.execute("insert into moves (id, at, text) values (?, ?, ?)", (id_, at, text))
                        return True
            except sqlite3.Error as error:
                raise RecordError(f"cannot write to {self.path} ({error}); the moves before are safe.") from error
        if found[0] != text:
            raise RecordError(f"the id {id_!r} was used for another move; a new move needs a new id.")
        return False

    def header(self) -> dict[str, Any]:
        """What the room is: setting, seed, replicate, turn length, seats."""
        with self._lock:
            found = self._db.execute("select text from header").fetchone()
        if found is None:
            raise RecordError(f"{self.path} has no header: it was stopped before it began. Start a new game.")
        out: dict[str, Any] = json.loads(found[0])
        return out

    def last(self) -> int:
        """Number of the last move, 0 where there is none."""
        with self._lock:
            return int(self._db.execute("select coalesce(max(number), 0) from moves").fetchone()[0])

    def moves(self, upto: int | None = None) -> list[dict[str, Any]]:
        """Moves as plain data, every one or those to the number `upto`.

        Each has its `number` and the time `at` which it was accepted.
        """
        asked = "select number, at, text from moves where ?1 is null or number <= ?1 order by number"
        with self._lock:
            rows = self._db.execute(asked, (upto,)).fetchall()
        return [{"number": number, "at": at, **json.loads(text)} for number, at, text in rows]

    def close(self) -> None:
        """Close the file, and let another process write it."""
        self._db.close()
        if self._held is not None:
            self._held.close()
            self._held = None

    def export(self, folder: Path, upto: int | None = None) -> tuple[Path, Path]:
        """Write moves.jsonl and moves.parquet, to the move `upto`, into a folder; returns both paths."""
        import numpy as np

        from sim.record.folders import write_text
        from sim.record.tables import write_table

        moves = self.moves(upto)
        lines = [json.dumps(move, sort_keys=True, ensure_ascii=False) for move in moves]
        write_text(folder / "moves.jsonl", "".join(f"{line}\n" for line in lines))
        common = ("number", "at", "id", "kind", "turn")
        rest = [{key: value for key, value in move.items() if key not in (*common, "seat")} for move in moves]
        table: dict[str, np.ndarray] = {
            "number": np.array([move["number"] for move in moves], np.int64),
            "turn": np.array([move["turn"] for move in moves], np.int64),
        }
        for name in ("at", "id", "kind", "seat"):
            table[name] = np.array([move.get(name) for move in moves], object)
        table["body"] = np.array([json.dumps(body, sort_keys=True) for body in rest], object)
        write_table(folder / "moves.parquet", table)
        return folder / "moves.jsonl", folder / "moves.parquet"


def create(path: Path, header: Mapping[str, Any]) -> MoveLog:
    """A new log with its header on the disk; RecordError where the file exists or cannot be written."""
    if path.exists():
        raise RecordError(f"{path} exists already; go on with {setting('resume', path)}, or choose another name.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        log = _opened(path, _alone(path))
        with log._db:
            log._db.executescript(TABLES)
            log._db.execute("insert into header values (1, ?)", (json.dumps(header, sort_keys=True),))
    except (OSError, sqlite3.Error) as error:
        raise RecordError(f"cannot write {path} ({error}); choose another folder with out=...") from error
    return log


def reopen(path: Path, *, write: bool = True) -> MoveLog:
    """The log of a room that was stopped; RecordError where there is none, or another process writes to it.

    To read it (`write` false) one need not be alone.
    """
    if not path.is_file():
        raise RecordError(f"there is no game {path}; a game names its file, ending in .sqlite, when it is saved.")
    try:
        log = _opened(path, _alone(path) if write else None)
        log.header()
    except sqlite3.Error as error:
        raise RecordError(f"{path} is no log of a game ({error}).") from error
    return log


def _alone(path: Path) -> Held:
    return alone(path.with_name(path.name + ".lock"), f"{path} is in use by another process; stop that one first.")


def _opened(path: Path, held: Held | None) -> MoveLog:
    # The server may write from a worker thread; `MoveLog` has a lock of its own.
    db = sqlite3.connect(path, check_same_thread=False, timeout=30.0)
    db.execute("pragma journal_mode=wal")
    db.execute("pragma synchronous=full")
    return MoveLog(path, db, held)
