"""A second account of a log: a file beside it with one line an entry, each with a sum over all entries so far.

SQLite leaves out what it cannot read at the end of its write-ahead log, and says nothing. So what a log holds is held
against this file when it is opened again: entries that are missing, or are not as they were written, are noticed.
A line is written after its entry, so after a kill the log may be ahead of the file, and never behind.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

ENDING = ".sums"
HEADER = "header"
Row = tuple[int, str, str]  # number of an entry, when it was accepted, its text


class Line(NamedTuple):
    """What was noted of an entry: its number, the sum, its kind, and its turn where it has one."""

    number: int
    sum: str
    kind: str
    turn: int | None

    def words(self, first: int = 0) -> str:
        """The entry in words; turns are counted from 0, or from 1 where `first` is the number of the first one.

        >>> Line(7, "", "resolve", 4).words(), Line(7, "", "resolve", 4).words(3)
        ('entry 7 (resolve, turn 4)', 'entry 7 (resolve, turn 2)')
        """
        turn = None if self.turn is None else self.turn - first + 1 if first else self.turn
        return f"entry {self.number} ({self.kind}{'' if turn is None else f', turn {turn}'})"


class Account(NamedTuple):
    """What came of holding a log against its witness.

    entries : of the log
    checked : how many of them the witness confirms; None where there is no witness
    missing : lines of the witness without an entry; changed : the first line whose entry is not as it was written
    """

    entries: int
    checked: int | None
    missing: Sequence[Line] = ()
    changed: Line | None = None

    def fault(self, first: int = 0) -> str:
        """What is wrong, in words (`first` as in `Line.words`); empty where nothing is."""
        if self.changed is not None:
            return f"{self.changed.words(first)} is not as it was written"
        if not self.missing:
            return ""
        if len(self.missing) == 1:
            return f"{self.missing[0].words(first)} is missing"
        ends = (self.missing[0], self.missing[-1])
        return f"{len(self.missing)} entries are missing, from {' to '.join(one.words(first) for one in ends)}"


class Witness:
    """The file of sums of one log, to which `add` appends."""

    def __init__(self, path: Path, before: str) -> None:
        self.path = path
        self._sum = before
        self._torn = False

    def add(self, row: Row) -> None:
        """Note an entry that is in the log.

        A disk that refuses is no reason to refuse the entry, which is safe: its line then comes with the next one's,
        for every sum stands for all entries before it.
        """
        self._sum = chained(self._sum, row)
        try:
            with self.path.open("a", encoding="ascii") as out:
                out.write(("\n" if self._torn else "") + _written(row, self._sum))
            self._torn = False
        except OSError:
            self._torn = True  # half a line may stand there


def path_of(log: Path) -> Path:
    """Where the witness of a log lies."""
    return log.with_name(log.name + ENDING)


def begin(path: Path, header: str) -> None:
    """A new witness of a log that has nothing but its header; OSError where it cannot be written."""
    path.write_text(_written((0, "", header), first(header)), encoding="ascii")


def first(header: str) -> str:
    """The sum over a header."""
    return hashlib.sha256(header.encode()).hexdigest()


def chained(before: str, row: Row) -> str:
    """The sum over an entry and all before it."""
    return hashlib.sha256("\n".join((before, str(row[0]), row[1], row[2])).encode()).hexdigest()


def again(path: Path, header: str, rows: Iterable[Row]) -> Witness:
    """The witness of a log that is opened again, brought to where the log is."""
    sums = last = first(header)
    noted = {line.number for line in read(path)}
    lines = [] if 0 in noted else [_written((0, "", header), sums)]
    for row in rows:
        last = chained(last, row)
        lines += [] if row[0] in noted else [_written(row, last)]
    if lines:
        whole = not path.is_file() or path.read_bytes().endswith(b"\n")
        with path.open("a", encoding="ascii") as out:
            out.write(("" if whole else "\n") + "".join(lines))
    return Witness(path, last)


def read(path: Path) -> list[Line]:
    """The lines of a witness that can be read; a kill may have cut off the last one."""
    if not path.is_file():
        return []
    found = []
    for text in path.read_bytes().decode("ascii", "replace").split("\n"):
        parts = text.split(" ")
        if len(parts) == 4 and parts[0].isdecimal() and len(parts[1]) == 64 and parts[3].lstrip("-").isdecimal():
            turn = int(parts[3])
            found.append(Line(int(parts[0]), parts[1], parts[2], None if turn < 0 else turn))
    return sorted(found)


def compared(header: str, rows: Sequence[Row], lines: Sequence[Line]) -> Account:
    """Hold a log against what its witness noted.

    The last sum stands for all before it, so that a line of the witness that was damaged itself does not matter.
    """
    if not lines:
        return Account(len(rows), None)
    sums = {0: first(header)}
    for row, before in zip(rows, range(len(rows)), strict=True):
        sums[row[0]] = chained(sums[rows[before - 1][0] if before else 0], row)
    missing = [line for line in lines if line.number not in sums]
    there = [line for line in lines if line.number in sums]
    confirmed = max((line.number for line in there if sums[line.number] == line.sum), default=-1)
    changed = next((line for line in there if line.number > confirmed), None)
    return Account(len(rows), max(confirmed, 0), missing, changed)


def _written(row: Row, sums: str) -> str:
    try:
        told = json.loads(row[2])
    except ValueError:  # an entry that was damaged in the log, and is gone on with
        told = {}
    kind, turn = told.get("kind", "entry") if row[0] else HEADER, told.get("turn", -1)
    return f"{row[0]} {sums} {kind} {turn if isinstance(turn, int) else -1}\n"
