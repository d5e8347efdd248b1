"""A whole game through the wire, twice: what a seat may not know changes not one byte of all that it is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.classroom import desk as desks
from sim.classroom.seats import CLASS_SEATS, reaches
from sim.classroom.server import feed as feeds
from sim.model.state import ENDINGS, OPTIONS
from tests.web.driver import Ear, Served, until

MOST_TURNS = 40
ADDRESS = "http://class.example"
MARK = "not-for-you"


class Watched:
    """One seat and every byte that it is sent: stream, pages, views, refusals."""

    def __init__(self, served: Served, seat: str, token: str) -> None:
        self.served, self.seat, self.token = served, seat, token
        self.ear: Ear = served.listen(f"/api/seat/{token}/events")
        self.got: list[tuple[str, bytes]] = []

    def settle(self) -> None:
        """Wait until nothing new is on its way to this seat."""
        feed, host = self.served.site.feed(self.served.host), self.served.host

        def quiet() -> bool:
            last = feed._last.get(f"seat:{self.seat}")
            return last is not None and last.version == host.version and feed._later is None

        until(quiet)
        number = feed._last[f"seat:{self.seat}"].number
        self.ear.read(lambda raw: b"id: %d\n" % number in raw and raw.endswith(b"\n\n\r\n"))

    def look(self) -> None:
        """Fetch all there is for this seat, and ask for what is not for it."""
        at = self.served.at()
        for path in (f"/seat/{self.token}", f"/api/seat/{self.token}/view", f"/seat/{self.token}/debrief"):
            self.got.append((path, self.served.ask("GET", path).raw))
        late = {"line": at["line"], "turn": at["turn"] - 1}
        for kind, body in (
            ("vote", {"id": "late", **late, "option": "concede"}), ("vote", {"id": "odd", **at, "option": "fly"}),
            ("forecast", {"id": "odd", **at, "odds": {}}), ("say", {"id": "odd", "text": "x", "to": self.seat}),
            ("say", {"id": "long", "text": "x" * 3000}), ("move", {"seat": "ruler"}), ("vote", {"id": []}),
        ):  # fmt: skip
            told = self.served.ask("POST", f"/api/seat/{self.token}/{kind}", body)
            assert told.status >= 400
            self.got.append((f"{kind} {body}", told.raw))


Hidden = Callable[[Served, dict[str, str], str, int], None]


def game(folder: Path, watched: str, names: str, hidden: Hidden | None) -> tuple[list[tuple[str, bytes]], list[Any]]:
    """Play until the crisis ends: every seat votes the same in every game; `hidden` does more before each turn closes.

    Returns all that the watched seat got, and its stream's events.
    """
    with Served(folder, turn_h=2.0) as served:
        served.site.address = ADDRESS
        tokens = {seat: served.join(seat, seat if seat == watched else f"{names}-{seat}") for seat in CLASS_SEATS}
        served.act("start")
        one = Watched(served, watched, tokens[watched])
        for turn in range(MOST_TURNS):
            one.settle()
            for k, seat in enumerate(CLASS_SEATS):
                body = {"id": f"vote-{turn}", **served.at(), "option": OPTIONS[(turn + k) % len(OPTIONS)]}
                if hidden is not None and seat != watched:  # a first choice that is taken back
                    other = {**body, "id": f"first-{turn}", "option": OPTIONS[(turn + k + 1) % len(OPTIONS)]}
                    assert served.ask("POST", f"/api/seat/{tokens[seat]}/vote", other).data == {"new": True}
                    one.settle()
                assert served.ask("POST", f"/api/seat/{tokens[seat]}/vote", body).data == {"new": True}
                one.settle()
            if hidden is not None:
                hidden(served, tokens, watched, turn)
                one.settle()
            one.look()
            served.act("end_turn", **served.at())
            if served.host.room.over:
                break
        assert served.host.room.over, "the game came to its end"
        one.settle()
        one.ear.close()
        return [*one.got, ("stream", one.ear.raw)], one.ear.views()


def secrets_of_others(served: Served, tokens: dict[str, str], watched: str, turn: int) -> None:
    """Messages, forecasts and notes between all but the watched seat."""
    for k, seat in enumerate(CLASS_SEATS):
        if seat == watched:
            continue
        sure = {name: float(name == ENDINGS[(turn + k) % len(ENDINGS)]) for name in ENDINGS}
        body = {"id": f"f-{turn}", **served.at(), "odds": sure}
        assert served.ask("POST", f"/api/seat/{tokens[seat]}/forecast", body).data == {"new": True}
        served.act("note", to=seat, text=f"{MARK} {turn}")
        for to in reaches(seat):
            if to != watched:
                body = {"id": f"m-{turn}-{to}", "text": f"{MARK} {turn} {seat} {to}", "to": to}
                assert served.ask("POST", f"/api/seat/{tokens[seat]}/say", body).data == {"new": True}
    served.act("show", where="wall", on=bool(turn % 2))


@pytest.fixture
def alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Games with the same links, pushed without waiting for more."""
    real = desks.secrets.token_hex
    monkeypatch.setattr(desks.secrets, "token_hex", lambda n: "5a" * n if n == 32 else real(n))
    monkeypatch.setattr(feeds, "GATHER_S", 0.0)


@pytest.mark.parametrize("watched", CLASS_SEATS)
def test_what_others_do_unseen_changes_no_byte(tmp_path: Path, alike: None, watched: str) -> None:
    plain, events = game(tmp_path / "plain", watched, "anna", None)
    other, _ = game(tmp_path / "other", watched, "boris", secrets_of_others)
    assert [name for name, _ in plain] == [name for name, _ in other]
    different = [(name, differ(a, b)) for (name, a), (_, b) in zip(plain, other, strict=True) if a != b]
    assert different == []
    assert len(events) > 3 * len(CLASS_SEATS), "the stream was listened to"
    assert MARK.encode() not in b"".join(raw for _, raw in other)


def test_what_is_for_a_seat_does_arrive(tmp_path: Path, alike: None) -> None:
    """The comparison above can fail: a message to the seat is a difference."""

    def told(served: Served, tokens: dict[str, str], watched: str, turn: int) -> None:
        body = {"id": f"m-{turn}", "text": f"{MARK} {turn}", "to": watched}
        assert served.ask("POST", f"/api/seat/{tokens['ruler']}/say", body).status == 200

    got, _ = game(tmp_path, "guard", "anna", told)
    assert all(MARK.encode() in raw for name, raw in got if name == "stream" or name.endswith("/view"))


def differ(a: bytes, b: bytes) -> bytes:
    """The surroundings of the first difference."""
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[max(0, at - 60) : at + 60] + b" <> " + b[max(0, at - 60) : at + 60]
