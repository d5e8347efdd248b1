"""Files of a room that goes on while they are written: each set is of one moment."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sim import results as record
from sim.classroom.debrief import measure
from sim.classroom.debriefing import files
from sim.classroom.host import Host
from sim.classroom.journal import replay
from sim.classroom.server import work
from tests.web.driver import TREE, Served, ask, exchange, request, until

SMALL = {"samples": 20, "continuations": 20, "games": 0}


def folder_of(served: Served) -> Path:
    return served.hall.folder / served.host.name / "debrief"


def is_free(host: Host) -> bool:
    """Whether another thread can have the room."""
    if not host.lock.acquire(timeout=1):
        return False
    host.lock.release()
    return True


def test_a_debrief_its_states_and_its_log_are_of_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Served(tmp_path) as served:
        host, table = served.host, served.link("table")
        served.crew()
        served.act("start")
        host.close_turn()
        there, lock_free = len(host.room.turns), []

        def slow(*given: Any, **more: Any) -> Any:
            host.say(1, "meanwhile", "the room goes on")
            host.close_turn()
            return real_debrief(*given, **more)

        def watched(*given: Any, **more: Any) -> None:
            other = threading.Thread(target=lambda: lock_free.append(is_free(host)))
            other.start()
            other.join()
            host.close_turn()
            real_write(*given, **more)

        real_debrief, real_write = work.debrief, files.write
        monkeypatch.setattr(work, "debrief", slow)
        monkeypatch.setattr(files, "write", watched)
        assert work.begin(host)
        work.make_debrief(host, measure(TREE), dict(SMALL), folder_of(served))
        assert (host.job.ready, host.job.error) == (True, "")
        assert lock_free == [True], "nobody waits while files are written"
        folder = folder_of(served)
        states = json.loads((folder / "states.json").read_text())["turns"]
        assert len(states) == there == len(json.loads((folder / "debrief.json").read_text())["line"])
        assert files.differing_turns(folder) == []
        assert "meanwhile" not in (folder / "moves.jsonl").read_text()
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert sorted(before) == sorted(files.FILES)
        # The log that is downloaded is that of now, with its own states; those beside the debrief stay.
        kept = tmp_path / "kept"
        for name in files.LOG:
            told = served.ask("GET", f"/table/{table}/files/{name}")
            assert told.status == 200
            assert told.headers["content-disposition"] == f'attachment; filename="{name}"'
            record.write_text(kept / "made", "")
            (kept / name).write_bytes(told.body)
        assert "meanwhile" in (kept / "moves.jsonl").read_text()
        assert len(json.loads((kept / "states.json").read_text())["turns"]) == there + 2
        assert files.differing_turns(kept) == []
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
        assert len(replay(host.journal.path).turns) == there + 2


def test_logs_downloaded_at_once_are_each_whole(tmp_path: Path) -> None:
    with Served(tmp_path) as served, ThreadPoolExecutor(12) as pool:
        served.crew()
        served.act("start")
        before = served.host.journal.log.last()
        path, asked = f"/table/{served.link('table')}/files/", []
        for k in range(12):
            asked.append((files.LOG[k % 3], pool.submit(served.ask, "GET", path + files.LOG[k % 3])))
            served.host.say(1 + k % 6, f"{k}", "x" * 500)
        for name, one in asked:
            answer = one.result()
            assert (answer.status, len(answer.body)) == (200, int(answer.headers["content-length"]))
            if name == "moves.jsonl":
                numbers = [json.loads(line)["number"] for line in answer.text.splitlines()]
                assert numbers == [*range(1, len(numbers) + 1)]
                assert before <= len(numbers) <= before + 12
            elif name == "moves.parquet":
                (tmp_path / name).write_bytes(answer.body)
                assert before <= len(record.read_table(tmp_path / name)["number"]) <= before + 12
            else:
                assert len(answer.data["turns"]) == len(served.host.room.turns)
        assert not [path for path in served.host.journal.path.parent.iterdir() if path.name.startswith(".log-")]


def test_a_second_debrief_takes_a_published_one_back(tmp_path: Path) -> None:
    with Served(tmp_path) as served:
        served.crew()
        served.act("start")
        wall, table = served.link("wall"), served.link("table")
        served.site.hall.options = {**served.hall.options, "debrief": SMALL}

        def make() -> None:
            assert served.ask("POST", f"/api/table/{table}/debrief", {}).data == {"begun": True}
            until(lambda: not served.host.job.running, 60)
            assert served.host.job.error == ""

        make()
        served.act("publish")
        assert served.ask("GET", f"/wall/{wall}/debrief").status == 200
        make()
        assert served.ask("GET", f"/wall/{wall}/debrief").status == 404
        assert served.ask("GET", f"/table/{table}/debrief").status == 200
        served.act("publish")
        assert served.ask("GET", f"/wall/{wall}/debrief").status == 200


def test_a_half_moved_debrief_is_not_taken_for_one(tmp_path: Path) -> None:
    place, folder = tmp_path / "new", tmp_path / "debrief"
    for name in files.FILES:
        record.write_text(place / name, "new")
        record.write_text(folder / name, "old")
    (place / "states.json").unlink()
    with pytest.raises(FileNotFoundError):
        work.put(place, folder)
    assert not (folder / files.PAGE).exists(), "a server that starts then makes it again"


def test_a_line_that_waits_for_a_busy_room_holds_up_no_page(tmp_path: Path) -> None:
    """To begin a debrief waits for the room, but not on the server's loop."""
    with Served(tmp_path) as served:
        path = f"/api/table/{served.link('table')}/debrief"
        begun = list[bytes]()
        with served.host.lock:
            asks = threading.Thread(
                target=lambda: begun.append(exchange(served.port, request(served.port, "POST", path, {})))
            )
            asks.start()
            time.sleep(0.2)
            assert ask(served.port, "GET", "/healthz").body == b"ok"
            assert begun == []
        asks.join()
        assert b"200 OK" in begun[0]
        served.host.job.cancelled = True
