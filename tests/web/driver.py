"""A server of the seminar inside the test, on the loopback interface, and clients that see every byte it sends."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn

from sim.catalog import option as configured
from sim.classroom import hall as halls
from sim.classroom.debrief import measure
from sim.classroom.host import Host
from sim.classroom.seats import CLASS_SEATS
from sim.classroom.server import serve
from sim.classroom.server.app import application
from sim.classroom.server.guard import Rates
from sim.classroom.server.origin import networks
from sim.engines import kernel
from tests.conftest import setting

TREE = {**configured("seminar", "june_2023"), "odds": 100, "grace_s": 0, "all_in": False, "turn_s": None}
PATIENCE_S = 20.0
UNLIMITED = 1e9


class Answer(NamedTuple):
    """Everything that came back; `raw` holds the head too."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    raw: bytes

    @property
    def data(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


def parsed(raw: bytes) -> Answer:
    """An answer from what stood on the wire of a connection that was closed after it."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body = unchunked(body)
    return Answer(int(first.split()[1]), headers, body, raw)


def unchunked(body: bytes) -> bytes:
    """The content of a chunked body, as far as it came."""
    out = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        count = int(size, 16)
        out += rest[:count]
        body = rest[count + 2 :]
    return out


def request(
    port: int, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None,
    raw: bytes | None = None,
) -> bytes:  # fmt: skip
    """The bytes of a request; `raw` replaces the body as JSON."""
    data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
    told = {"Host": f"127.0.0.1:{port}", "Connection": "close"}
    if method not in ("GET", "HEAD"):
        told |= {"Content-Type": "application/json", "Content-Length": str(len(data))}
    told |= headers or {}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value != "")
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + data


def exchange(port: int, sent: bytes) -> bytes:
    """Send bytes and read until the server closes."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as line:
        with suppress(BrokenPipeError, ConnectionResetError):  # it may answer without reading all
            line.sendall(sent)
        out = b""
        while True:
            try:
                piece = line.recv(1 << 16)
            except ConnectionResetError:
                return out
            if not piece:
                return out
            out += piece


def ask(port: int, method: str, path: str, body: Any = None, **more: Any) -> Answer:
    """One request on a connection of its own."""
    return parsed(exchange(port, request(port, method, path, body, **more)))


class Ear:
    """A client of an event stream."""

    def __init__(self, port: int, path: str) -> None:
        self.line = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self.line.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        self.raw = b""

    def read(self, until: Callable[[bytes], bool], seconds: float = PATIENCE_S) -> bytes:
        """Everything so far, once it satisfies a condition; TimeoutError if it does not."""
        end = time.monotonic() + seconds
        while not until(self.raw):
            self.line.settimeout(max(end - time.monotonic(), 0.001))
            piece = self.line.recv(1 << 16)
            if not piece:
                raise EOFError(self.raw[-300:])
            self.raw += piece
        return self.raw

    def first(self) -> Any:
        """The first view, once it is here."""
        self.read(lambda raw: bool(self.views()))
        return self.views()[0]

    def closed(self) -> bytes:
        """Everything until the server ends the stream."""
        with suppress(EOFError):
            self.read(lambda raw: False)
        return self.raw

    @property
    def events(self) -> list[tuple[str, Any]]:
        """Names and contents of the whole events so far."""
        _, _, body = self.raw.partition(b"\r\n\r\n")
        found = []
        for block in unchunked_stream(body).decode().split("\n\n")[:-1]:
            lines = dict(line.partition(": ")[::2] for line in block.split("\n"))
            found.append((lines["event"], json.loads(lines["data"])))
        return found

    def views(self) -> list[Any]:
        """Contents of the view events so far."""
        return [data for name, data in self.events if name == "view"]

    def close(self) -> None:
        """Hang up."""
        self.line.close()


def unchunked_stream(body: bytes) -> bytes:
    """As `unchunked`, but an unfinished chunk at the end is left out."""
    out = b""
    while b"\r\n" in body:
        size, _, rest = body.partition(b"\r\n")
        count = int(size, 16)
        if len(rest) < count + 2:
            break
        out += rest[:count]
        body = rest[count + 2 :]
    return out


class Served:
    """A hall behind the real application, in a thread of this process. Rates are unlimited unless asked for."""

    def __init__(
        self, folder: Path, *, rooms: int = 1, rates: bool = False, address: str = "", proxies: Sequence[str] = (),
        hosts: Sequence[str] = (), **changes: Any,
    ) -> None:  # fmt: skip
        kernel.ready()
        self.asked = 0
        self.hall = halls.create(folder / "hall", setting("scenario=historical"), {**TREE, **changes}, rooms, 3)
        self.socket = serve.listen("127.0.0.1", 0)
        self.port = int(self.socket.getsockname()[1])
        by, names = measure(TREE), [*serve.allowed_hosts("127.0.0.1"), *hosts]
        told = networks([*proxies])
        self.app = application(
            self.hall, by, address=address or f"http://127.0.0.1:{self.port}", hosts=names, proxies=told
        )
        self.site = self.app.state.site
        if not rates:
            for name, old in vars(self.site).items():
                if isinstance(old, Rates):
                    setattr(self.site, name, Rates(UNLIMITED, UNLIMITED))
        self.server = uvicorn.Server(serve.configured(self.app, log_level="error"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)
        self.thread.start()
        until(lambda: self.server.started)

    @property
    def host(self) -> Host:
        """The first room."""
        return self.hall.hosts[0]

    def link(self, *of: str | int) -> str:
        """A token of the first room."""
        return self.host.desk.token(*of)

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """One request."""
        self.asked += 1
        return ask(self.port, method, path, body, **more)

    def act(self, action: str, **given: Any) -> Answer:
        """An action of the facilitator that must be taken. After the start the doors are opened again."""
        body = {"id": f"{action}-{time.perf_counter_ns()}", "action": action, "given": given}
        told = self.ask("POST", f"/api/table/{self.link('table')}/act", body)
        assert told.status == 200, told.text
        return self.act("doors", open=True) if action == "start" else told

    def join(self, seat: str, name: str = "") -> str:
        """Somebody sits down; the token of their link."""
        told = self.ask("POST", f"/api/join/{self.link('join')}", {"seat": seat, "name": name})
        assert told.status == 200, told.text
        return str(told.data["url"].rsplit("/", 1)[1])

    def crew(self) -> dict[str, str]:
        """One person in each seat: tokens by seat."""
        return {seat: self.join(seat, f"name-of-{seat}") for seat in CLASS_SEATS}

    def at(self) -> dict[str, int]:
        """Line and turn that are open."""
        line, turn = self.host.at
        return {"line": line, "turn": turn}

    def listen(self, path: str) -> Ear:
        """A client of a stream."""
        return Ear(self.port, path)

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(PATIENCE_S)


def until(true: Callable[[], Any], seconds: float = PATIENCE_S) -> None:
    """Wait for a condition; TimeoutError if it does not come."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.01)
