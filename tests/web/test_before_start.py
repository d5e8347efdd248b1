"""Before the start a link goes from seat to seat and learns nothing but what everybody may know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.classroom.seats import CLASS_SEATS, role
from sim.classroom.server.people import audience
from tests.web.driver import Served

ALONE = ("forces", "calls", "beliefs", "talks", "orders")  # parts of a briefing that are for a seat alone


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path) as found:
        yield found


def secrets_of(served: Served, seat: str) -> list[bytes]:
    """What only this seat is told of itself, as it stands on a page."""
    own = role(served.host.room.setting, seat)
    common = {text for other in CLASS_SEATS if other != seat for text in role(served.host.room.setting, other).knows}
    return [text.encode() for text in (*own.aims, *(one for one in own.knows if one not in common))]


def seen(served: Served, token: str) -> bytes:
    """Every byte that a member's link gives: page, data, the first view of the stream."""
    ear = served.listen(f"/api/seat/{token}/events")
    ear.first()
    ear.close()
    return served.ask("GET", f"/seat/{token}").raw + served.ask("GET", f"/api/seat/{token}/view").raw + ear.raw


def view(served: Served, token: str) -> Any:
    return served.ask("GET", f"/api/seat/{token}/view").data


def test_a_walk_through_all_seats_reads_no_briefing_and_is_seen(served: Served) -> None:
    for seat in CLASS_SEATS:
        served.act("note", to=seat, text=f"only for {seat}")
    token = served.join("leader", "Walker")
    walk = [*CLASS_SEATS, "leader"]
    for seat in walk:
        assert served.ask("POST", f"/api/seat/{token}/move", {"seat": seat}).status == 200
        told, raw = view(served, token), seen(served, token)
        assert told["mine"]["seat"] == seat
        assert [told["seat"]["briefing"][part] for part in ALONE] == [{}] * len(ALONE)
        assert told["seat"]["worth"] == {}
        assert [one for name in CLASS_SEATS for one in secrets_of(served, name) if one in raw] == []
        assert b"only for" not in raw
    team = [one for seat in served.ask("GET", f"/api/table/{served.link('table')}/view").data["table"]["seats"]
            for one in seat["team"]]  # fmt: skip
    assert [(one["name"], one["before"]) for one in team] == [("Walker", [*CLASS_SEATS])]
    assert "changed seats 6 times, before: Rebel leader" in served.ask("GET", f"/table/{served.link('table')}").text


@pytest.mark.parametrize("how", ["start", "fix", "fix all", "seat link"])
def test_a_seat_that_cannot_be_left_is_read_whole(served: Served, how: str) -> None:
    if how == "seat link":
        told = served.ask("POST", f"/api/join/{served.link('sit', 'ruler')}", {"id": "0123456789abcdef"})
        token = told.data["url"].rsplit("/", 1)[1]
    else:
        token = served.join("ruler")
        assert not [one for one in secrets_of(served, "ruler") if one in seen(served, token)]
        served.act({"start": "start"}.get(how, "fix"), **({"member": 1} if how == "fix" else {}))
    raw = seen(served, token)
    assert [one for one in secrets_of(served, "ruler") if one not in raw] == []
    assert view(served, token)["seat"]["briefing"]["forces"]
    told = served.ask("POST", f"/api/seat/{token}/move", {"seat": "guard"})
    assert (told.status, "the facilitator can move you" in told.data["error"]) == (409, True)
    served.act("move", member=1, seat="guard")
    assert view(served, token)["mine"]["seat"] == "guard"


def test_who_is_fixed_reads_alone(served: Served) -> None:
    one, other = served.join("ruler"), served.join("ruler")
    served.act("fix", member=1)
    assert [audience(served.host, number) for number in (1, 2)] == ["seat:ruler", "newcomer:ruler"]
    assert [one for one in secrets_of(served, "ruler") if one in seen(served, other)] == []
    later = served.join("leader")
    served.act("fix")
    assert served.host.may_read(3)
    assert not served.host.may_read(len([one, other, later]) + 1), "who comes later is not fixed"


def test_a_stream_that_is_open_at_the_start_is_sent_the_seat_whole(served: Served) -> None:
    token = served.join("leader")
    ear = served.listen(f"/api/seat/{token}/events")
    ear.first()
    assert [one for one in secrets_of(served, "leader") if one in ear.raw] == []
    served.act("start")
    ear.read(lambda raw: all(one in raw for one in secrets_of(served, "leader")))
    ear.close()
