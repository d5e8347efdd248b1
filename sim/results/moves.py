"""The log of a room's moves: an SQLite file that only grows. A move that was accepted is on the disk.

Write-ahead logging with `synchronous=FULL`: SQLite calls fsync on the log at every commit, so a
move survives a kill at any moment and, as far as the disk tells the truth, a power cut. What a damaged file has lost
nevertheless is noticed when it is opened again (`sim.results.witness`).
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sim.errors import RecordError, cause, setting
from sim.results import witness
from sim.results.disk import Held, alone, whole
from sim.results.witness import Account, Witness

WAL = ("-wal", "-shm")
ENDINGS = (*WAL, witness.ENDING)  # of the files that stand beside a log and belong to it
TABLES = """
create table if not exists header (one integer primary key check (one = 1), text text not null);
create table if not exists moves (
    number integer primary key autoincrement, id text not null unique, at text not null, text text not null
);
create trigger if not exists no_change before update on moves begin select raise(abort, 'the log only grows'); end;
create trigger if not exists no_loss before delete on moves begin select raise(abort, 'the log only grows'); end;
"""


class DiskRefuses(RecordError):
    """The disk takes or gives nothing just now (full, read-only, locked, failing): nothing has changed, ask again."""


class DamagedLog(RecordError):
    """A log is not as it was written; the text says from which entry on."""


class MoveLog:
    """Moves in the order in which they were accepted; `add` returns when the move is on the disk.

    `account` is what came of holding the log against its witness when it was opened.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, held: Held | None = None) -> None:
        self.path = path
        self.account = Account(0, 0)
        self._db = db
        self._lock = threading.Lock()
        self._held = held
        self._witness: Witness | None = None

    def add(self, id_: str, text: str, at: str) -> bool:
        """Append a move; False where the very same one is there already.

        Raises
        ------
        RecordError
            when another move has that id, or the disk refuses (DiskRefuses); the log is as before.
        """
        with self._asked(), self._db:
            found = self._db.execute("select text from moves where id = ?", (id_,)).fetchone()
            if found is None:
                new = self._db.execute("insert into moves (id, at, text) values (?, ?, ?)", (id_, at, text)).lastrowid
        if found is None:
            assert new is not None
            if self._witness is not None:
                self._witness.add((new, at, text))
            return True
        if found[0] != text:
            raise RecordError(f"the id {id_!r} was used for another move; a new move needs a new id.")
        return False

    def header(self) -> dict[str, Any]:
        """What the room is: setting, seed, replicate, turn length, seats."""
        out: dict[str, Any] = json.loads(self._header())
        return out

    def _header(self) -> str:
        with self._asked():
            found = self._db.execute("select text from header").fetchone()
        if found is None:
            raise RecordError(f"{self.path} has no header: it was stopped before it began. Start a new game.")
        return str(found[0])

    def last(self) -> int:
        """Number of the last move, 0 where there is none."""
        with self._asked():
            return int(self._db.execute("select coalesce(max(number), 0) from moves").fetchone()[0])

    def moves(self, upto: int | None = None) -> list[dict[str, Any]]:
        """Moves as plain data, every one or those to the number `upto`.

        Each has its `number` and the time `at` which it was accepted.
        """
        try:
            return [{"number": number, "at": at, **json.loads(text)} for number, at, text in self._rows(upto)]
        except (ValueError, TypeError) as error:
            raise DamagedLog(f"{self.path} has an entry that cannot be read; put a copy in its place.") from error

    def _rows(self, upto: int | None = None) -> list[witness.Row]:
        asked = "select number, at, text from moves where ?1 is null or number <= ?1 order by number"
        with self._asked():
            return self._db.execute(asked, (upto,)).fetchall()

    def check(self) -> Account:
        """Hold the log against its witness."""
        self.account = witness.compared(self._header(), self._rows(), witness.read(witness.path_of(self.path)))
        return self.account

    def attest(self) -> None:
        """From now on have each entry noted by the witness, which is brought to where the log is."""
        try:
            self._witness = witness.again(witness.path_of(self.path), self._header(), self._rows())
        except OSError as error:
            raise DiskRefuses(f"cannot write beside {self.path} ({cause(error)}); make room there.") from error

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """One question to the database at a time; whatever it refuses is told in one way."""
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise DiskRefuses(
                    f"cannot write to {self.path}, or read it ({error}); what it has is safe. Try again."
                ) from error

    def close(self) -> None:
        """Close the file, and let another process write it."""
        self._db.close()
        if self._held is not None:
            self._held.close()
            self._held = None

    def export(self, folder: Path, upto: int | None = None) -> tuple[Path, Path]:
        """Write moves.jsonl and moves.parquet, to the move `upto`, into a folder; returns both paths."""
        import numpy as np

        from sim.results.folders import write_text
        from sim.results.tables import write_table

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
    """A new log with its header, on the disk whole or not at all; RecordError where the file exists or cannot be."""
    if path.exists():
        raise RecordError(f"{path} exists already; go on with {setting('resume', path)}, or choose another name.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = _alone(path)
        witness.path_of(path).unlink(missing_ok=True)  # of a game that is gone
        _write(path, json.dumps(header, sort_keys=True), [])
        log = _opened(path, held)
    except (OSError, sqlite3.Error) as error:
        raise RecordError(f"cannot write {path} ({cause(error)}); choose another folder with out=...") from error
    log.attest()
    return log


def _write(path: Path, header: str, rows: Sequence[witness.Row]) -> None:
    """A log's file with its witness, whole or not at all."""
    with whole(path) as half:
        half.unlink(missing_ok=True)  # of one that was killed here
        with closing(sqlite3.connect(half)) as db:
            db.execute("pragma journal_mode=memory")
            db.executescript(TABLES)
            with db:
                db.execute("insert into header values (1, ?)", (header,))
                told = [(number, json.loads(text)["id"], at, text) for number, at, text in rows]
                db.executemany("insert into moves (number, id, at, text) values (?, ?, ?, ?)", told)
    witness.begin(witness.path_of(path), header)


def reopen(path: Path, *, write: bool = True) -> MoveLog:
    """The log of a room that was stopped; to read it (`write` false) one need not be alone.

    Raises
    ------
    RecordError
        where there is none, or another process writes to it; DamagedLog where it is not as it was written, and nothing
        has been changed then.
    """
    if not path.is_file():
        raise RecordError(f"there is no game {path}; a game names its file, ending in .sqlite, when it is saved.")
    held = _alone(path) if write else None
    try:
        if write:
            sound(path)
        log = _opened(path, held) if write else _looked_at(path)
        log.check()
        if write:
            log.attest()
    except (sqlite3.Error, DiskRefuses) as error:
        _let_go(held)
        raise RecordError(f"{path} is no log of a game, or is damaged ({error.__cause__ or error}).") from error
    except BaseException:
        _let_go(held)
        raise
    return log


def examined(path: Path) -> Account:
    """Hold a log against its witness without changing a byte of it; RecordError where it cannot be read at all."""
    try:
        with closing(_looked_at(path)) as log:
            return log.check()
    except (sqlite3.Error, DiskRefuses) as error:
        raise RecordError(f"{path} is no log of a game, or is damaged ({error.__cause__ or error}).") from error


def sound(path: Path) -> None:
    """DamagedLog where a log is not as it was written; not a byte of it is changed."""
    account = examined(path)
    if account.fault():
        raise DamagedLog(
            f"{path} is not as it was written: {account.fault()}. A file or the disk is damaged; nothing was changed. "
            f"Put a copy in its place, or delete {witness.path_of(path).name} to go on with what it still holds."
        )


def rescue(path: Path, aside: Path) -> None:
    """Copy a damaged log to the folder `aside`, and leave in its place what it holds up to the damage.

    Raises
    ------
    RecordError
        when nothing of it can be read, or the disk refuses.
    """
    try:
        with closing(_looked_at(path)) as log:
            account, header, rows = log.check(), log._header(), log._rows()
        good = len(rows) if account.changed is None else account.changed.number - 1
        aside.mkdir(exist_ok=True)
        for one in (path, *(path.with_name(path.name + end) for end in ENDINGS)):
            if one.is_file():
                shutil.copy2(one, aside / one.name)
        for end in WAL:  # of the old file: SQLite would put it into the new one
            path.with_name(path.name + end).unlink(missing_ok=True)
        _write(path, header, [row for row in rows if row[0] <= good])
    except (OSError, ValueError, KeyError, sqlite3.Error, DiskRefuses) as error:
        raise RecordError(f"nothing of {path} can be read ({cause(error)}); put a copy in its place.") from error


def _alone(path: Path) -> Held:
    return alone(path.with_name(path.name + ".lock"), f"{path} is in use by another process; stop that one first.")


def _let_go(held: Held | None) -> None:
    if held is not None:
        held.close()


def _opened(path: Path, held: Held | None) -> MoveLog:
    # The server may write from a worker thread; `MoveLog` has a lock of its own.
    db = sqlite3.connect(path, check_same_thread=False, timeout=30.0)
    db.execute("pragma journal_mode=wal")
    db.execute("pragma synchronous=full")
    return MoveLog(path, db, held)


def _looked_at(path: Path) -> MoveLog:
    """A log that is read only: SQLite then leaves what it cannot read where it is."""
    return MoveLog(path, sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False))
