"""The real command, killed at random moments while a class votes, writes and foresees: what was acknowledged is there
once, what was not is there at most once, and the room comes back as it was."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sim.classroom import desk as desks
from sim.classroom import journal as journals
from sim.classroom.seats import CLASS_SEATS, reaches
from sim.model.state import ENDINGS, OPTIONS
from sim.results import moves as files
from tests.conftest import same_bits
from tests.web.command import Command
from tests.web.driver import Answer, ask, request, until

KILLS = int(os.environ.get("RUBICON_KILLS", "3"))
ROUND_S = 1.5  # seconds of traffic, at most, from the end of a turn to the next kill
WORDS = (
    "name=killed", "rooms=2", "seminar.odds=100", "seminar.all_in=false", "seminar.turn_s=null", "scenario=historical",
)  # fmt: skip
TOO_LATE = "has closed|went back|has ended|enough for this turn"
TRIES = 3  # at most so often is a request sent at once, as a page with a bad network does


def status_at(port: int, page: str) -> dict[str, Any]:
    """The head of a page; ValueError where there is none now, because one asked too often or half of it came."""
    told = ask(port, "GET", f"/api/{page}/view")
    if told.status != 200:
        raise ValueError(told.status)
    found: dict[str, Any] = told.data["status"]
    return found


class Client(threading.Thread):
    """One phone with a bad network. `sent` and `known` are ids of what it sent, and of what was acknowledged."""

    def __init__(self, command: Command, token: str, seat: str, number: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.command, self.token, self.seat, self.number, self.stop = command, token, seat, number, stop
        self.luck = random.Random(number)
        self.sent: dict[str, str] = {}
        self.known: dict[str, str] = {}
        self.odd: list[str] = []

    def run(self) -> None:
        """Send until it is told to stop; a fault of the test itself is kept for the end."""
        count = 0
        while not self.stop.is_set():
            count += 1
            try:
                self.once(f"{self.seat}-{self.number}-{count}")
            except (OSError, IndexError, ValueError):  # the server is gone, or has gone in the middle of an answer
                time.sleep(0.05)

    def once(self, id_: str) -> None:
        """Do one thing, sent one to three times, or read a stream for a moment."""
        kind = self.luck.choice(["vote", "vote", "forecast", "say", "message", "stream"])
        if kind == "stream":
            self.glance()
            return
        path = f"/api/seat/{self.token}/{'say' if kind == 'message' else kind}"
        body = self.body(kind, id_)
        for _ in range(self.luck.randint(1, TRIES)):
            self.sent[id_] = kind
            if self.luck.random() < 0.25:
                self.hang_up(path, body)
                continue
            told = ask(self.command.port, "POST", path, body)
            self.judge(id_, kind, told)

    def judge(self, id_: str, kind: str, told: Answer) -> None:
        """Note an acknowledgement; a refusal is right only where the turn has closed."""
        data = told.data  # half an answer is none: ValueError
        if told.status == 200:
            self.known[id_] = kind
        elif not (told.status == 429 or (told.status == 409 and re.search(TOO_LATE, data["error"]))):
            self.odd.append(f"{told.status} {data}")

    def body(self, kind: str, id_: str) -> dict[str, Any]:
        """What is sent."""
        if kind in ("say", "message"):
            return {"id": id_, "text": f"text {id_}"} | ({"to": reaches(self.seat)[0]} if kind == "message" else {})
        status = status_at(self.command.port, f"seat/{self.token}")
        at = {"id": id_, "line": status["line"], "turn": status["turn"]}
        if kind == "vote":
            return at | {"option": self.luck.choice(OPTIONS)}
        sure = self.luck.choice(ENDINGS)
        return at | {"odds": {name: float(name == sure) for name in ENDINGS}}

    def hang_up(self, path: str, body: dict[str, Any]) -> None:
        """Send, all of it or half, and close without reading the answer."""
        data = request(self.command.port, "POST", path, body)
        with socket.create_connection(("127.0.0.1", self.command.port), 5) as line:
            line.sendall(data if self.luck.random() < 0.7 else data[: self.luck.randrange(len(data))])

    def glance(self) -> None:
        """Open an event stream, read a little or nothing, and drop it."""
        with socket.create_connection(("127.0.0.1", self.command.port), 5) as line:
            line.sendall(request(self.command.port, "GET", f"/api/seat/{self.token}/events"))
            if self.luck.random() < 0.5:
                line.recv(4096)


class Chair(threading.Thread):
    """The facilitator: closes turns, and goes back to an early one where the crisis has ended. `closed` counts what was
    acknowledged; while `free` is not set it waits."""

    def __init__(self, command: Command, table: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.command, self.table, self.stop = command, table, stop
        self.free = threading.Event()
        self.free.set()
        self.closed = 0
        self.count = 0

    def run(self) -> None:
        """Go on until it is told to stop."""
        luck = random.Random(0)
        while not self.stop.is_set():
            self.free.wait(1)
            try:
                self.once()
            except (OSError, IndexError, ValueError):
                time.sleep(0.05)
            time.sleep(0.4 * luck.random())

    def once(self) -> None:
        """What the room needs just now."""
        status = status_at(self.command.port, f"table/{self.table}")
        if status["phase"] in ("lobby", "paused"):
            self.act({"lobby": "start", "paused": "go"}[status["phase"]])
        elif status["phase"] == "over":
            self.act("branch", turn=4, luck="fresh")
        else:
            self.closed += self.act("end_turn", line=status["line"], turn=status["turn"])

    def act(self, action: str, **given: Any) -> bool:
        """An action; whether it was acknowledged."""
        self.count += 1
        body = {"id": f"{action}-{self.count}", "action": action, "given": given}
        return ask(self.command.port, "POST", f"/api/table/{self.table}/act", body).status == 200


def logs(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All lines of a room's two logs, read while nobody writes."""
    out = []
    for name in ("moves.sqlite", "desk.sqlite"):
        log = files.reopen(folder / name, write=False)
        out.append(log.moves())
        log.close()
    return out[0], out[1]


@pytest.mark.slow
@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_no_acknowledged_move_is_lost_and_none_counts_twice(tmp_path: Path) -> None:
    command = Command(tmp_path, *WORDS)
    stop, luck = threading.Event(), random.Random(5)
    room = tmp_path / "seminar" / "killed" / "room-A"
    clients: list[Client] = []
    try:
        links = command.start()
        table, join = re.findall(r"/table/(\S+)", links)[0], re.findall(r"/join/(\S+)", links)[0]
        for number, seat in enumerate([*CLASS_SEATS] * 2):
            told = ask(command.port, "POST", f"/api/join/{join}", {"seat": seat, "name": f"phone {number}"})
            clients.append(Client(command, told.data["url"].split("/")[-1], seat, number, stop))
        facilitator = Chair(command, table, stop)
        facilitator.act("start")
        for client in clients:
            client.start()
        facilitator.start()
        for _ in range(KILLS):
            closed = facilitator.closed
            until(lambda closed=closed: facilitator.closed > closed, 120)  # however slow the machine, a turn goes by
            time.sleep(ROUND_S * luck.random())
            command.end(signal.SIGKILL)
            facilitator.free.clear()
            before = state_of(room)
            assert command.start() == links, "the same links, and the same words"
            seen = status_at(command.port, f"table/{table}")
            assert seen["phase"] in ("paused", "over")
            assert (seen["line"], seen["turn"]) == before[:2], "the room is where its log ends"
            facilitator.free.set()
        time.sleep(0.5)
        stop.set()
        for client in [*clients, facilitator]:
            client.join(20)
        time.sleep(1.0)  # links that were too fast may ask again
        for client in clients:  # every link still works
            seen = ask(command.port, "GET", f"/api/seat/{client.token}/view").data
            assert seen["mine"]["name"] == f"phone {client.number}"
            assert seen["mine"]["seat"] == client.seat
    finally:
        stop.set()
        command.close()
    assert [odd for client in clients for odd in client.odd] == []
    counted(clients, room)
    one, other = journals.replay(room / "moves.sqlite"), journals.replay(room / "moves.sqlite")
    for left, right in zip(one.states(), other.states(), strict=True):
        assert same_bits(left.row(), right.row()) == []
    resolved = [
        line for line in logs(room)[0] if line["kind"] == "resolve" and not line["id"].startswith(journals.WAIT)
    ]
    assert KILLS <= facilitator.closed <= len(resolved), "every turn whose end was acknowledged has ended"
    assert "Traceback" not in command.complaints
    assert command.complaints.count("nothing was lost") == KILLS, "checked, and said, each time"


def counted(clients: list[Client], room: Path) -> None:
    """What was sent against what stands in the logs."""
    moves, events = logs(room)
    ids = Counter(line["id"].partition(":")[2] for line in [*moves, *events] if line["id"].startswith("by-"))
    assert max(ids.values()) == 1, "twice"
    known = {id_: kind for client in clients for id_, kind in client.known.items()}
    sent = {id_: kind for client in clients for id_, kind in client.sent.items()}
    assert [id_ for id_ in known if id_ not in ids] == [], "lost"
    by_id = {line["id"].partition(":")[2]: line for line in [*moves, *events]}
    kinds = {"say": "statement", "message": "message", "vote": "ballot", "forecast": "forecast"}
    assert [id_ for id_, kind in sent.items() if id_ in by_id and by_id[id_]["kind"] != kinds[kind]] == []
    assert {id_ for id_ in ids if "-" in id_ and id_.split("-")[0] in CLASS_SEATS} <= set(sent), "out of nowhere"
    assert len(known) > 50, "there was traffic"
    assert len(sent) > len(known), "and some of it went astray"
    book = desks.Desk(files.reopen(room / "desk.sqlite", write=False))
    try:  # in each turn the last ballot of each person counts, and no other
        last = {(e["line"], e["turn"], e["seat"], e["member"]): e["option"] for e in events if e["kind"] == "ballot"}
        held = {(*at, *key): one.option for at, of in book.book.ballots.items() for key, one in of.items()}
        assert held == last
    finally:
        book.close()


def state_of(room: Path) -> tuple[int, int, bytes]:
    """Line, turn and the bytes of the state that the log on the disk comes to."""
    found = journals.replay(room / "moves.sqlite")
    return len(found.left), found.now.number, found.now.state.row().tobytes()
