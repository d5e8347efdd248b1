"""What one client, or one room, can use up: texts, places, connections, threads, memory."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.classroom import chair
from sim.classroom.server import heads, serve, site
from sim.classroom.server.feed import Kept
from tests.web.driver import Answer, Served, request, until


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path, rates=True) as found:
        yield found


def test_texts_are_kept_to_a_number_of_bytes_and_the_oldest_go() -> None:
    kept = Kept(100)
    for k in range(7):
        kept.put(k, str(k) * 30)
    assert [k for k in range(7) if kept.get(k)] == [4, 5, 6]
    assert kept.bytes == 90
    kept.put(4, "short")  # put anew it counts once, as the newest
    kept.put(7, "7" * 60)
    assert [k for k in range(8) if kept.get(k)] == [4, 6, 7]
    assert kept.bytes == 95
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
