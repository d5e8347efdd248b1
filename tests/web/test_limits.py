"""What one client can use up: texts, places, connections, threads, memory; and files that are of one moment."""

from __future__ import annotations

import asyncio
import io
import json
import resource
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim import record
from sim.seminar import chair
from sim.seminar.debrief import measure
from sim.seminar.journal import replay
from sim.seminar.paper import files
from sim.web import heads, serve, site, work
from sim.web.feed import Kept
from tests.web.driver import TREE, Answer, Served, ask, exchange, request, until

SMALL = {"samples": 20, "continuations": 20, "games": 0}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path, rates=True) as found:
        yield found


def folder_of(served: Served) -> Path:
    return served.hall.folder / served.host.name / "debrief"


def test_texts_are_kept_to_a_number_of_bytes_and_the_oldest_go() -> None:
    kept = Kept(100)
    for k in range(7):
        kept.put(k, str(k) * 30)
    assert [k for k in range(7) if kept.get(k)] == [4, 5, 6]
    assert kept.bytes == 90
    kept.put(5, "short")  # put anew it counts once, as the newest
    kept.put(7, "7" * 60)
    assert [k for k in range(8) if kept.get(k)] == [5, 7]
    kept.put("long", "x" * 101)
    assert (kept.bytes, len(kept)) == (0, 0)


def test_a_feed_of_many_changes_stays_small_and_whole(served: Served) -> None:
    feed = served.site.feed(served.host)
    feed._texts.most = 40_000
    token = served.join("leader")
    ear = served.listen(f"/api/seat/{token}/events")
    first, seen = ear.first(), 1
    assert len(json.dumps(first["parts"])) < 40_000
    for k in range(12):
        served.act("note", to="all", text=f"{k}" * 1000)
        ear.read(lambda raw, seen=seen: len(ear.views()) > seen)
        seen = len(ear.views())
        assert feed._texts.bytes <= 40_000
    assert "1111" in json.dumps(ear.views()[-1]["parts"])
    ear.close()


def test_texts_have_a_slow_bucket_and_votes_go_on(served: Served) -> None:
    one, other = served.join("leader"), served.join("ruler")
    served.act("start")
    told = [say(served, one, k) for k in range(int(site.SAY_BURST) + 3)]
    assert [answer.status for answer in told] == [200] * int(site.SAY_BURST) + [429] * 3
    assert 1 <= int(told[-1].headers["retry-after"]) <= 3
    assert len(served.host.room.now.notes) == site.SAY_BURST
    assert say(served, other, 0).status == 200
    vote = {"id": "v", **served.at(), "option": "hold"}
    assert served.ask("POST", f"/api/seat/{one}/vote", vote).status == 200


def say(served: Served, token: str, k: int) -> Answer:
    return served.ask("POST", f"/api/seat/{token}/say", {"id": f"say-{k}", "text": "x"})


def test_one_address_cannot_use_up_a_rooms_places(served: Served) -> None:
    """Addresses as a tunnel on this machine tells them."""
    path = f"/api/join/{served.link('join')}"

    def come(address: str) -> int:
        return served.ask("POST", path, {"seat": "closed"}, headers={"X-Forwarded-For": address}).status

    told = [come("198.51.100.1") for _ in range(int(site.NEWCOMER_BURST) + 20)]
    assert told[: int(site.NEWCOMER_BURST)] == [409] * int(site.NEWCOMER_BURST), "a whole class behind one address"
    assert 429 in told[int(site.NEWCOMER_BURST) :]
    assert come("198.51.100.2") == 409
    assert site.NEWCOMER_RATE < site.JOIN_RATE
    assert site.NEWCOMER_BURST < site.JOIN_BURST


# connections


def test_accepted_sockets_notice_a_phone_that_vanishes(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 5):
        until(lambda: served.server.server_state.connections)
        (protocol,) = served.server.server_state.connections
        accepted = protocol.transport.get_extra_info("socket")
        found = {
            name: accepted.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
            for name in serve.GONE if hasattr(socket, name)
        }  # fmt: skip
        assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert found == {name: value for name, value in serve.GONE.items() if name in found}
    if sys.platform == "linux":
        assert set(found) == {"TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT"}


def test_a_request_that_is_sent_half_is_cut_off(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "REQUEST_S", 0.6)
    token = served.join("leader")
    ear = served.listen(f"/api/seat/{token}/events")
    ear.first()
    whole = request(served.port, "POST", f"/api/seat/{token}/say", {"id": "x", "text": "x"})
    open_line = request(served.port, "GET", "/healthz", headers={"Connection": "keep-alive"})
    begun = {
        "nothing": b"", "half a head": whole[:40], "half a body": whole[:-5], "after a request": open_line + b"GET /h",
    }  # fmt: skip
    lines = {name: socket.create_connection(("127.0.0.1", served.port), 5) for name in begun}
    idle = socket.create_connection(("127.0.0.1", served.port), 5)
    idle.sendall(open_line)
    start = time.monotonic()
    for name, line in lines.items():
        line.sendall(begun[name])
    trickled = socket.create_connection(("127.0.0.1", served.port), 5)
    assert trickle(trickled, whole) < 40, "a byte now and then buys no more time"
    for name, line in lines.items():
        while line.recv(1 << 16):  # TimeoutError if it stays open
            pass
        assert time.monotonic() - start < 5, name
        line.close()
    idle.sendall(request(served.port, "GET", "/healthz"))
    assert idle.makefile("rb").read().count(b"HTTP/1.1 200") == 2, "a line that is idle between requests stays"
    served.act("note", to="all", text="still here")
    ear.read(lambda raw: b"still here" in raw)
    for line in (idle, trickled, ear):
        line.close()


def trickle(line: socket.socket, sent: bytes) -> int:
    """Bytes that the server takes at 20 a second."""
    for k in range(len(sent)):
        try:
            line.sendall(sent[k : k + 1])
        except OSError:
            return k
        time.sleep(0.05)
    return len(sent)


def test_the_limit_of_open_files_is_raised_as_far_as_it_goes() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        serve.more_files()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert hard == before[1]
        assert soft == (serve.MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, serve.MOST_FILES))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


# threads


def test_rooms_that_are_busy_hold_up_no_other(tmp_path: Path) -> None:
    with Served(tmp_path, rooms=4) as served:
        *busy, free = served.hall.hosts
        token = free.desk.token("member", free.join("leader", "").number)
        served.hall.seated(free, 1)
        for host in busy:
            host.lock.acquire()
        try:
            chair.act(free, "start", "s", {})
            free.timer.seconds = 0.1
            free.timer.reset(run=True)
            turn = free.at[1]
            until(lambda: free.at[1] > turn, 5)
            assert served.ask("GET", f"/api/seat/{token}/view").data["status"]["turn"] > 0
        finally:
            for host in busy:
                host.lock.release()


def test_the_logs_are_closed_whatever_fails_at_the_stop(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    monkeypatch.setattr(served.hall, "close", lambda: closed.append(True))
    held = served.site.model

    class Broken:
        def shutdown(self, **_: Any) -> None:
            raise RuntimeError("no")

    served.site.model = Broken()  # type: ignore[assignment]
    with pytest.raises(RuntimeError):
        asyncio.run(site.Site.stop(_without_tasks(served.site)))
    assert closed == [True]
    served.site.model = held


def _without_tasks(of: site.Site) -> site.Site:
    out = object.__new__(site.Site)
    vars(out).update({**vars(of), "_tasks": []})
    out.renderers = out.clocks = out.debriefs = of.model
    return out


# files of one moment


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
            other = threading.Thread(target=lambda: lock_free.append(host.lock.acquire(timeout=1)))
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
    with Served(tmp_path) as served:
        served.crew()
        served.act("start")
        path, answers = f"/table/{served.link('table')}/files/", list[Answer]()
        threads = [
            threading.Thread(target=lambda name=name: answers.append(served.ask("GET", path + name)))
            for name in ("moves.jsonl", "moves.parquet", "states.json") * 4
        ]
        for k, thread in enumerate(threads):
            thread.start()
            served.host.say(1, f"{k}", "x" * 500)
        for thread in threads:
            thread.join()
        assert [answer.status for answer in answers] == [200] * len(threads)
        for answer in answers:
            assert len(answer.body) == int(answer.headers["content-length"])
            if answer.body.startswith(b"PAR1"):
                assert parquet_rows(answer.body) > 0
            else:
                assert [json.loads(line) for line in answer.text.split("\n") if line and not line[0].isspace()] or True
        assert not [path for path in served.host.journal.path.parent.iterdir() if path.name.startswith(".log-")]


def parquet_rows(body: bytes) -> int:
    import pandas as pd

    return len(pd.read_parquet(io.BytesIO(body)))


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
