"""A classroom under load on this machine: seconds from closing a turn until each client has the new one.

    python benchmarks/room.py             one room with 200 clients, then 10 rooms with 20 each

The server is the real command in a process of its own; the clients are plain sockets in this
one, on the loopback interface only. Each client has joined a seat and keeps its stream open; so
do one projected page and one facilitator's page a room. `room_push_p95_s` is the 95th percentile
over all these and all turns, the worse of the two settings. In every room a quarter of the
clients votes and one sends a statement in each turn before it is closed, and live odds are computed.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

TURNS, CLIENTS, ROOMS = 8, 200, 10
TURN = re.compile(rb'"status": \{.*?"turn": (\d+)')
CONNECT_AT_ONCE = 50
TEXT = "The column stays where it is until we are heard. "


class Server:
    """`rubicon seminar` in a folder of its own."""

    def __init__(self, rooms: int, folder: Path, *more: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sim", "seminar", f"rooms={rooms}", "port=0", f"out={folder}", "name=load",
             "seminar.turn_s=null", "seminar.all_in=false", *more],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=Path(__file__).parents[1],
        )  # fmt: skip
        text = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            text += line
            if "Ctrl-C" in line:
                break
        self.tables, self.walls, self.joins = (
            re.findall(rf"/{kind}/(\S+)", text) for kind in ("table", "wall", "join")
        )
        self.port = int(re.findall(r":(\d+)/table/", text)[0])

    def stop(self) -> None:
        """Ctrl-C, and wait."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


async def ask(port: int, method: str, path: str, body: Any = None, more: str = "") -> tuple[int, Any]:
    """One request on a connection of its own, with `more` in its head; status and JSON."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    data = b"" if body is None else json.dumps(body).encode()
    writer.write(
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n{more}\r\n".encode()
        + data
    )
    await writer.drain()
    answer = await reader.read()
    writer.close()
    head, _, text = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(text)


class Client:
    """One page: listening, and noting when it heard of each turn. `kind` is seat, wall or table."""

    def __init__(self, port: int, token: str, kind: str = "seat") -> None:
        self.port = port
        self.token = token
        self.kind = kind
        self.heard: dict[int, float] = {}
        self.turn = -1
        self.line = 0
        self.reads = 0

    async def listen(self) -> None:
        """Read the stream until it is cancelled."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
        try:
            path = f"/api/{self.kind}/{self.token}/events"
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
            while line := await reader.readline():
                found = TURN.search(line)
                if found:
                    self.turn = int(found[1])
                    self.heard.setdefault(self.turn, time.perf_counter())
                    self.reads += 1
        finally:
            writer.close()


async def crowd(server: Server, each: int) -> list[list[Client]]:
    """`each` clients in every room, joined, each from an address of its own as behind a tunnel."""
    gate, hosts = asyncio.Semaphore(CONNECT_AT_ONCE), itertools.count(1)

    async def one(join: str) -> Client:
        async with gate:
            address = f"X-Forwarded-For: 198.51.100.{next(hosts)}\r\n"
            status, answer = await ask(server.port, "POST", f"/api/join/{join}", {"name": ""}, address)
            assert status == 200, answer
        return Client(server.port, answer["url"].split("/")[-1])

    return [list(await asyncio.gather(*(one(join) for _ in range(each)))) for join in server.joins]


async def measured(rooms: int, each: int, turns: int) -> dict[str, float]:
    """Latencies of a server with so many rooms and clients in each."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(rooms, Path(folder))
        try:
            people = await crowd(server, each)
            walls = [Client(server.port, token, "wall") for token in server.walls]
            tables = [Client(server.port, token, "table") for token in server.tables]
            everybody = [*(client for room in people for client in room), *walls, *tables]
            ears = [asyncio.create_task(client.listen()) for client in everybody]
            await act(server, "start")
            await until(lambda: all(client.turn >= 0 for client in everybody))
            late, votes, texts = [], 0, 0
            for _ in range(turns):
                votes += await vote(server, people)
                texts += await speak(server, people)
                late += await close(server, everybody)
            for ear in ears:
                ear.cancel()
            await asyncio.gather(*ears, return_exceptions=True)
        finally:
            server.stop()
    p50, p95, worst = np.percentile(late, [50, 95, 100])
    return {"p50_s": float(p50), "p95_s": float(p95), "max_s": float(worst), "pushes": len(late), "votes": votes,
            "texts": texts}  # fmt: skip


async def act(server: Server, action: str, **given: Any) -> None:
    """The same action of every room's facilitator, at once."""
    body = {"action": action, "given": given}
    told = await asyncio.gather(
        *(
            ask(server.port, "POST", f"/api/table/{table}/act", body | {"id": f"{action}-{time.perf_counter_ns()}"})
            for table in server.tables
        )
    )
    assert all(status == 200 for status, _ in told), told


async def vote(server: Server, people: list[list[Client]]) -> int:
    """A quarter of each room votes, all at once."""
    voters = [client for room in people for client in room[: max(1, len(room) // 4)]]
    told = await asyncio.gather(
        *(
            ask(
                server.port, "POST", f"/api/seat/{client.token}/vote",
                {"id": f"v{client.turn}", "line": 0, "turn": client.turn, "option": "hold"},
            )
            for client in voters
        )
    )  # fmt: skip
    assert all(status == 200 for status, _ in told), told
    return len(told)


async def speak(server: Server, people: list[list[Client]]) -> int:
    """One client of each room makes a statement, another one each turn."""
    speakers = [room[room[0].turn % len(room)] for room in people]
    told = await asyncio.gather(
        *(
            ask(server.port, "POST", f"/api/seat/{client.token}/say", {"id": f"s{client.turn}", "text": TEXT})
            for client in speakers
        )
    )
    assert all(status == 200 for status, _ in told), told
    return len(told)


async def close(server: Server, everybody: list[Client]) -> list[float]:
    """Close the open turn of every room; seconds until each client knew."""
    turn = everybody[0].turn
    began = time.perf_counter()
    await act(server, "end_turn", line=0, turn=turn)
    await until(lambda: all(turn + 1 in client.heard for client in everybody))
    return [client.heard[turn + 1] - began for client in everybody]


async def until(true: Any, seconds: float = 60.0) -> None:
    """Wait for a condition; TimeoutError if it does not come."""
    end = time.perf_counter() + seconds
    while not true():
        if time.perf_counter() > end:
            raise TimeoutError("clients did not hear of the turn")
        await asyncio.sleep(0.01)


def room_push(turns: int = TURNS) -> dict[str, dict[str, float]]:
    """Both settings: one full room, and many rooms at once."""
    return {
        "one_room_200": asyncio.run(measured(1, CLIENTS, turns)),
        "ten_rooms_20": asyncio.run(measured(ROOMS, CLIENTS // ROOMS, turns)),
    }


if __name__ == "__main__":
    for name, found in room_push().items():
        print(f"{name}: " + ", ".join(f"{key} {value:.3f}" for key, value in found.items()))
