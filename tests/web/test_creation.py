"""Rooms come to be whole or not at all, whenever their making is killed; and what a damaged file lost is noticed."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.classroom import building, chair, hall
from sim.classroom.host import Host
from sim.classroom.seats import SeminarError
from sim.errors import RecordError, UserError
from sim.results import moves as files
from sim.studies.seminar import room as verb
from tests.conftest import same_bits, setting
from tests.web.driver import TREE

OF = setting("scenario=historical")
SHORT = {**TREE, "start_h": 1.0}  # few turns beforehand
KILLS = int(os.environ.get("RUBICON_KILLS", "8"))  # of the making of rooms, spread over all that it does to the disk
CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "sqlite3.connect", "open", "shutil.rmtree")


def die_at(place: Path, step: int, done: Callable[[int], None]) -> None:
    """End this process without a word as soon as it has done so many things to files under a folder."""
    count = 0

    def tick() -> None:
        nonlocal count
        count += 1
        done(count)
        if count == step:
            os._exit(9)

    def heard(event: str, args: tuple[Any, ...]) -> None:
        if event in CHANGES and args and str(place) in str(args[0]):
            tick()

    class Watched(sqlite3.Connection):
        def execute(self, *args: Any) -> Any:
            out = super().execute(*args)
            tick()
            return out

        def executescript(self, *args: Any) -> Any:
            out = super().executescript(*args)
            tick()
            return out

    real, synced = sqlite3.connect, os.fsync

    def fsync(file: int) -> None:
        synced(file)
        tick()

    sys.addaudithook(heard)
    os.fsync = fsync
    sqlite3.connect = lambda *args, **more: real(*args, **{**more, "factory": Watched})  # type: ignore[assignment]


def made_in_a_child(folder: Path, step: int) -> tuple[int, int]:
    """Make two rooms in a process that dies at a step, 0 for never: its exit code, and the steps that it did."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            last = [0]
            die_at(folder.parent, step, lambda count: last.__setitem__(0, count) if step == 0 else None)
            hall.create(folder, OF, SHORT, 2, 3)
            os.write(write, str(last[0]).encode())
            os._exit(0)
        except BaseException:
            os._exit(1)
    os.close(write)
    _, status = os.waitpid(child, 0)
    with os.fdopen(read) as out:
        return os.waitstatus_to_exitcode(status), int(out.read() or 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the process that dies is a fork")
def test_a_kill_while_rooms_are_made_leaves_none_or_all(tmp_path: Path) -> None:
    code, steps = made_in_a_child(tmp_path / "count" / "c", 0)
    assert code == 0
    assert steps > 60, "the kills fall between all that is done to the disk"
    found = {False: 0, True: 0}
    for step in sorted({1 + round(k * (steps - 1) / (KILLS - 1)) for k in range(KILLS)}):
        folder = tmp_path / str(step) / "c"
        assert made_in_a_child(folder, step)[0] == 9
        again, was_there = hall.opened(folder, OF, SHORT, 2, 3)
        found[was_there] += 1
        assert [host.name for host in again.hosts] == ["room-A", "room-B"], step
        assert [host.room.hour for host in again.hosts] == [1.0, 1.0], step
        assert again.checked.logs == 4, step
        assert not again.checked.rescued
        again.close()
        assert sorted(one.name for one in folder.parent.iterdir()) == ["c"], "nothing is left lying about"
        shutil.rmtree(folder.parent)
    assert found[False] > 0
    assert found[True] > 0
    print(f"kills of the making of rooms, by whether the rooms were there: {found}")


def test_a_disk_that_refuses_leaves_no_half_made_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = files._write, [0]

    def full(*args: Any) -> None:
        calls[0] += 1
        if calls[0] == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(*args)

    monkeypatch.setattr(files, "_write", full)
    with pytest.raises(UserError, match="No space left on device"):
        hall.create(tmp_path / "c", OF, SHORT, 2, 3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x.unfinished", "a/b", "..", ".hidden", "n" * 300, "new\nline", "CON", "a:b", "end."])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="name="):
        hall.named(name)


# one server


def test_one_server_has_a_hall_whatever_the_way_to_it(tmp_path: Path) -> None:
    folder = tmp_path / "halls" / "c"
    first = hall.create(folder, OF, SHORT, 1, 3)
    (tmp_path / "link").symlink_to(folder.parent, target_is_directory=True)
    for way in (folder, tmp_path / "link" / "c"):
        with pytest.raises(RecordError, match=r"in another server|in use by another"):
            hall.resume(way, SHORT)
    shutil.copytree(folder, tmp_path / "copy")
    with pytest.raises(RecordError, match="in another server"):
        hall.resume(tmp_path / "copy", SHORT)
    first.close()
    copy = hall.resume(tmp_path / "copy", SHORT)
    with pytest.raises(RecordError, match="in another server"):
        hall.resume(folder, SHORT)
    copy.close()
    folder.rename(tmp_path / "moved")
    hall.resume(tmp_path / "moved", SHORT).close()


# damage


def played(folder: Path, turns: int = 4) -> Host:
    """A room in which people voted in each of some turns, left as a kill leaves it."""
    made = hall.create(folder, OF, SHORT, 1, 3)
    host = made.hosts[0]
    number = host.join("leader", "Ada").number
    chair.act(host, "start", "s", {})
    for turn in range(turns):
        host.vote(number, f"v{turn}", host.at, "advance", {})
        chair.act(host, "end_turn", f"e{turn}", dict(zip(("line", "turn"), host.at, strict=True)))
    host.vote(number, "last", host.at, "hold", {})
    copy = folder.with_name("killed")
    shutil.copytree(folder, copy)  # with the write-ahead log, which closing would put away
    made.close()
    shutil.rmtree(folder)
    copy.rename(folder)
    return host


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x40
    path.write_bytes(data)


FRAME = 24 + 4096  # bytes of a frame of the write-ahead log; before the first one stand 32


@pytest.mark.parametrize(
    ("log", "frames", "lost"),
    [("moves.sqlite", 5, r"missing.*resolve, turn"), ("desk.sqlite", 4, r"missing.*ballot, turn")],
)
def test_what_a_flipped_bit_of_a_log_drops_is_told_and_gone_on_without_only_when_asked(
    tmp_path: Path, log: str, frames: int, lost: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "c"
    before = played(folder)
    wal = folder / "room-A" / f"{log}-wal"
    count = (wal.stat().st_size - 32) // FRAME
    assert count > frames
    flip(wal, 32 + (count - frames) * FRAME + 2000)
    untouched = {one.name: one.read_bytes() for one in (folder / "room-A").iterdir() if not one.name.endswith("-shm")}
    with pytest.raises(SeminarError, match=lost) as told:
        hall.resume(folder, SHORT)
    assert "damaged=go_on" in str(told.value)
    still = {one.name: one.read_bytes() for one in (folder / "room-A").iterdir() if not one.name.endswith("-shm")}
    assert still == untouched
    after = hall.resume(folder, SHORT, go_on=True)
    assert "nothing was lost" not in verb.told(after)
    assert "NOT all of it is there: room-A" in verb.told(after)
    host = after.hosts[0]
    kept = len(host.room.turns)
    assert kept <= len(before.room.turns)
    for one, other in zip(host.room.states(), before.room.states(), strict=False):
        assert same_bits(one.row(), other.row()) == []
    assert host.voted("leader") == [] or log == "desk.sqlite", "votes of turns that were lost count in none"
    chair.act(host, "go", "g", {})
    chair.act(host, "end_turn", "more", dict(zip(("line", "turn"), host.at, strict=True)))
    after.close()
    assert list((folder / "room-A").glob(f"damaged-*/{log}-wal"))
    again = hall.resume(folder, SHORT)
    assert "nothing was lost" in verb.told(again)
    assert len(again.hosts[0].room.turns) == kept + 1
    again.close()


def test_every_bit_of_a_log_counts(tmp_path: Path) -> None:
    """Wherever a byte is changed in either log: a sentence, or the whole room; never a silent loss."""
    folder = tmp_path / "c"
    before = played(folder)
    votes, moves = before.book.votes, len(before.journal._seen)
    told: list[str] = []
    whole = 0
    for name in ("moves.sqlite-wal", "desk.sqlite-wal", "moves.sqlite", "desk.sqlite", "moves.sqlite.sums"):
        size = (folder / "room-A" / name).stat().st_size
        for at in range(40, size, size // 6 + 1):
            copy = tmp_path / "d"
            shutil.copytree(folder, copy)
            flip(copy / "room-A" / name, at)
            try:
                found = hall.resume(copy, SHORT)
            except UserError as error:
                told.append(str(error))
            else:
                host = found.hosts[0]
                assert (host.book.votes, len(host.journal._seen)) == (votes, moves), (name, at)
                whole += 1
                found.close()
            shutil.rmtree(copy)
    assert len(told) > 5
    assert [text for text in told if "room-A" not in text] == []
    assert whole > 5


def test_logs_are_held_against_each_other_where_there_is_no_witness(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    played(folder)
    for sums in folder.glob("*/*.sums"):
        sums.unlink()
    again = hall.resume(folder, SHORT)
    assert "not known" in verb.told(again)
    again.close()
    room = folder / "room-A"
    log = files.reopen(room / "moves.sqlite", write=False)
    header, rows = log.header(), log._rows()
    log.close()
    (room / "moves.sqlite").unlink()
    short = files.create(room / "moves.sqlite", header)
    for _, at, text in rows[:-2]:
        short.add(text.split('"id": "')[1].split('"')[0], text, at)
    short.close()
    with pytest.raises(SeminarError, match="ends in turn 3, but people voted in turn 5"):
        hall.resume(folder, SHORT)
    after = hall.resume(folder, SHORT, go_on=True)
    assert after.hosts[0].at[0] == 1
    assert after.hosts[0].voted("leader") == []
    after.close()


def test_a_room_that_is_gone_is_missed(tmp_path: Path) -> None:
    hall.create(tmp_path / "c", OF, SHORT, 2, 3).close()
    shutil.rmtree(tmp_path / "c" / "room-B")
    with pytest.raises(SeminarError, match=r"room-B of .* is gone"):
        hall.resume(tmp_path / "c", SHORT)
    hall.resume(tmp_path / "c", SHORT, go_on=True).close()
    (tmp_path / "c" / building.LEDGER).write_text("{")
    with pytest.raises(SeminarError, match="cannot be read"):
        hall.resume(tmp_path / "c", SHORT)
