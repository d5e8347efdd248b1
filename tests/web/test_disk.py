"""A disk that takes nothing: what people sent is refused as "later", nothing half done stands, and no path is told."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from sim.classroom.host import Host
from sim.classroom.server import guard
from sim.model.state import ENDINGS
from sim.results.moves import DiskRefuses, MoveLog
from tests.web.driver import Answer, Served

EVEN = dict.fromkeys(ENDINGS, 1 / 6)
MOST_VOTES = 3000


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path) as found:
        yield found


class Refusing:
    """A database that answers every question with an error of SQLite's."""

    def __init__(self, db: Any, text: str) -> None:
        self.db, self.text = db, text

    def __enter__(self) -> Any:
        return self.db.__enter__()

    def __exit__(self, *given: Any) -> Any:
        return self.db.__exit__(*given)

    def execute(self, *_: Any) -> Any:
        raise sqlite3.OperationalError(self.text)


@contextmanager
def refusing(host: Host, text: str) -> Iterator[None]:
    """Both logs of a room refuse."""
    with pytest.MonkeyPatch.context() as broken:
        for log in (host.desk.log, host.journal.log):
            broken.setattr(log, "_db", Refusing(log._db, text))
        yield


def is_later(told: Answer) -> None:
    assert told.status == 503, told.text
    assert int(told.headers["retry-after"]) == guard.AGAIN_S
    assert told.data == {"error": guard.NO_DISK}
    assert not re.search(rb"/tmp|sqlite|room-A", told.raw)


def test_a_full_disk_loses_no_vote_and_tells_no_path(served: Served) -> None:
    token, table = served.join("leader"), f"/api/table/{served.link('table')}/act"
    served.act("start")
    seat = f"/api/seat/{token}"
    long = "x" * 1500
    sent: list[tuple[str, Any]] = [
        (f"{seat}/vote", {"id": "v", **served.at(), "option": "hold"}),
        (f"{seat}/forecast", {"id": "f", **served.at(), "odds": EVEN}),
        (f"{seat}/say", {"id": "s", "text": long}),
        (f"/api/join/{served.link('join')}", {"id": "0123456789abcdef", "seat": "ruler", "name": "n" * 40}),
        (table, {"id": "n", "action": "note", "given": {"to": "all", "text": long}}),
        (table, {"id": "e", "action": "end_turn", "given": served.at()}),
        (table, {"id": "b", "action": "branch", "given": {"turn": 0}}),
    ]
    before = (served.host.book.joined, served.host.at, len(served.host.room.now.notes), served.host.phase)
    with refusing(served.host, "database or disk is full"):
        for path, body in sent:
            is_later(served.ask("POST", path, body))
        assert (served.host.book.joined, served.host.at, len(served.host.room.now.notes), served.host.phase) == before
        assert served.ask("GET", f"{seat}/view").status == 200, "what is there can be read"
    for path, body in sent:
        assert served.ask("POST", path, body).status == 200, path
    assert served.host.book.joined == before[0] + 1
    assert served.host.at == (1, 0)
    assert served.host.paused


@pytest.mark.parametrize(
    "text", ["database or disk is full", "attempt to write a readonly database", "database is locked", "disk I/O error"]
)
def test_whatever_sqlite_refuses_is_one_answer(served: Served, text: str) -> None:
    token = served.join("leader")
    served.act("start")
    body = {"id": "v", **served.at(), "option": "hold"}
    with refusing(served.host, text):
        is_later(served.ask("POST", f"/api/seat/{token}/vote", body))
        is_later(served.ask("GET", f"/table/{served.link('table')}/files/moves.jsonl"))
        for asks in (MoveLog.last, MoveLog.moves, MoveLog.header):
            with pytest.raises(DiskRefuses):
                asks(served.host.journal.log)
    assert served.ask("POST", f"/api/seat/{token}/vote", body).data == {"new": True}


def test_a_witness_that_cannot_be_written_loses_no_vote(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vote is in the log; its line comes with the next."""
    token, log = served.join("leader"), served.host.desk.log
    served.act("start")
    with monkeypatch.context() as broken:
        broken.setattr(Path, "open", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        log.add("unwitnessed", '{"id": "unwitnessed", "kind": "note", "to": "table", "text": "x", "turn": 0}', "now")
    assert served.ask("POST", f"/api/seat/{token}/vote", {"id": "v", **served.at(), "option": "hold"}).status == 200
    account = log.check()
    assert account.fault() == ""
    assert account.checked == account.entries


@contextmanager
def small_disk(place: Path) -> Iterator[bool]:
    """A file system of a megabyte at a folder, where this machine lets us have one; whether it does."""
    place.mkdir()
    mount = shutil.which("mount")
    asked = [mount or "", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    there = mount is not None and subprocess.run(asked, check=False, capture_output=True).returncode == 0
    try:
        yield there
    finally:
        if there:
            subprocess.run(["umount", "-l", place], check=True)


def filled(path: Path) -> None:
    """Write until there is no room."""
    with suppress(OSError), path.open("wb", buffering=0) as out:
        while True:
            out.write(b"x" * 4096)


def test_on_a_disk_that_is_full_for_a_while_every_vote_that_was_acknowledged_stays(tmp_path: Path) -> None:
    """A real one; without the right to mount it, SQLite may have no further page, which it answers alike."""
    place = tmp_path / "small"
    with small_disk(place) as real, Served(place) as served:
        token = served.join("leader")
        served.act("start")
        log = served.host.desk.log
        if real:
            filled(place / "filler")
        else:
            log._db.execute("pragma max_page_count = 1")
        taken: list[str] = []
        for k in range(MOST_VOTES):
            body = {"id": f"v{k}", **served.at(), "option": ("hold", "advance")[k % 2]}
            told = served.ask("POST", f"/api/seat/{token}/vote", body)
            if told.status != 200:
                break
            taken.append(body["id"])
        is_later(told)
        if real:
            (place / "filler").unlink()
        else:
            log._db.execute("pragma max_page_count = 1000000")
        assert served.ask("POST", f"/api/seat/{token}/vote", body).data == {"new": True}
        ids = [line["id"].partition(":")[2] for line in log.moves()]
        assert [one for one in ids if one.startswith("v")] == [*taken, body["id"]]
        assert log.check().fault() == ""
