"""Anything sent anywhere: never a fault of the server, always an answer that says what is wrong, and never a leak."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.classroom.chair import ACTIONS
from sim.classroom.injects import INJECTS
from sim.classroom.seats import CLASS_SEATS
from sim.model.state import CHANNELS, ENDINGS, ITEMS, OPTIONS
from tests.web.driver import Answer, Served

MORE = int(os.environ.get("RUBICON_FUZZ", "1"))  # so many times the usual number of requests
FUZZ = settings(
    max_examples=25 * MORE, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip
SECRET = "between-us-4711"
OTHERS = "name-of-"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A game in which the other seats have said, foreseen and voted what the mediator and the guard may not know."""
    with Served(tmp_path_factory.mktemp("fuzz")) as found:
        crew = found.crew()
        found.act("start")
        secret(found, crew)
        yield found
        print(f"requests to the server: {found.asked}")


def secret(served: Served, crew: dict[str, str]) -> None:
    """Words between seats that the guard has no part in."""
    for seat, to in (("leader", "ruler"), ("ruler", "leader"), ("leader", "mediator"), ("mediator", "officials")):
        body = {"id": f"secret-{seat}-{to}", "text": f"{SECRET} {seat}", "to": to}
        assert served.ask("POST", f"/api/seat/{crew[seat]}/say", body).status == 200


# what is sent

Words = st.text(max_size=30) | st.sampled_from(
    ["\ud800", "\udfff x", "\x00", "\u202e", "", " ", "x" * 3000, "<b>", "__class__", "0", "../..", "\U0001f600" * 50]
)
Plain = (
    st.none() | st.booleans() | st.integers() | st.floats() | Words
    | st.sampled_from([10**400, -(10**400), 2**53 + 1, -1, 0, 1e308, math.inf, -math.inf, math.nan])
)  # fmt: skip
Names = st.sampled_from([*CLASS_SEATS, *OPTIONS, *CHANNELS, *ITEMS, *ENDINGS, *INJECTS, "any", "none", "rules", "all"])
Junk = st.recursive(
    Plain | Names,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(Words | Names, inner, max_size=4),
    max_leaves=12,
)
Numbers = st.integers(-2, 30) | st.floats(-3, 600)


def near(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A body of these fields, some of them junk or missing, sometimes with one too many."""
    mixed = {name: value | value | value | Junk for name, value in fields.items()}
    return st.fixed_dictionaries(mixed) | st.fixed_dictionaries({}, optional=mixed | {"extra": Junk}) | Junk


Ids = st.text("abcdef0123456789", min_size=1, max_size=6)
Seats, At = st.sampled_from([*CLASS_SEATS]), {"line": st.integers(0, 2), "turn": st.integers(0, 8)}
Details = st.dictionaries(
    st.sampled_from(["call", "terms", "men", "offer", "seat"]), Names | Numbers | Junk, max_size=3
)
Odds = st.fixed_dictionaries(dict.fromkeys(ENDINGS, st.sampled_from([0.0, 1.0, 1 / 6]) | Junk)) | st.just(
    dict.fromkeys(ENDINGS, 1 / 6)
)
BODIES: dict[str, st.SearchStrategy[Any]] = {
    "vote": near(id=Ids, **At, option=st.sampled_from(OPTIONS), details=Details),
    "forecast": near(id=Ids, **At, odds=Odds),
    "say": near(id=Ids, text=Words, to=st.none() | Seats),
    "move": near(id=Ids, seat=Seats),
    "join": near(id=Ids, seat=st.none() | Seats, name=Words),
    "debrief": near(id=Ids),
}
GIVEN: dict[str, st.SearchStrategy[Any]] = {
    "seconds": Numbers, "line": At["line"], "turn": At["turn"], "luck": st.sampled_from(["same", "fresh"]),
    "seat": Seats, "open": st.booleans(), "option": st.sampled_from(OPTIONS), "details": Details,
    "event": st.sampled_from([*INJECTS]),
    "formation": Numbers, "share": Numbers, "nats": Numbers, "men": Numbers, "hour": Numbers,
    "where": st.sampled_from(["wall", "seats"]), "on": st.booleans(), "to": Seats | st.just("all"), "text": Words,
    "member": st.integers(0, 9), "rule": st.sampled_from(["majority", "captain"]),
}  # fmt: skip


# what comes back


def strict(text: bytes) -> Any:
    """JSON as the standard has it: no NaN, no Infinity."""

    def refused(name: str) -> Any:
        raise ValueError(name)

    return json.loads(text, parse_constant=refused)


def is_answer(told: Answer) -> None:
    """No fault of the server; JSON; a refusal says why and nothing more."""
    assert told.status < 500, told.raw
    data = strict(told.body)
    if told.status >= 400:
        assert list(data) == ["error"]
        assert data["error"]
        assert len(data["error"]) < 20_000
        assert "Traceback" not in data["error"]


def still_stands(served: Served) -> None:
    """Every page and every view of the room can still be drawn."""
    table, wall = served.link("table"), served.link("wall")
    for path in (f"/table/{table}", f"/wall/{wall}", f"/join/{served.link('join')}"):
        assert served.ask("GET", path).status == 200, path
    assert strict(served.ask("GET", f"/api/table/{table}/view").body)["table"]
    for number in range(1, len(CLASS_SEATS) + 1):
        if number in served.host.book.members:
            token = served.link("member", number)
            assert served.ask("GET", f"/seat/{token}").status == 200
            assert strict(served.ask("GET", f"/api/seat/{token}/view").body)["seat"]
    assert served.ask("GET", f"/table/{table}/files/moves.jsonl").status == 200


def no_leak(served: Served, told: Answer, number: int) -> None:
    """Nothing in the bytes for a member of the guard but what is theirs to know."""
    assert SECRET.encode() not in told.raw
    others = [f"{OTHERS}{seat}".encode() for seat in CLASS_SEATS if seat != "guard"]
    assert not [one for one in others if one in told.raw]
    links = [("table",), ("wall",), ("join",), *(("sit", seat) for seat in CLASS_SEATS)]
    numbers = [n for n in range(1, served.host.book.joined + 1) if n != number]
    tokens = [served.link(*of) for of in [*links, *(("member", n) for n in numbers)]]
    assert not [one for one in tokens if one.encode() in told.raw]


@pytest.mark.parametrize("kind", ["vote", "forecast", "say", "move"])
def test_whatever_a_member_sends(served: Served, kind: str) -> None:
    number = 1 + list(CLASS_SEATS).index("guard")
    token = served.link("member", number)

    @FUZZ
    @given(BODIES[kind])
    def sent(body: Any) -> None:
        told = served.ask("POST", f"/api/seat/{token}/{kind}", body)
        is_answer(told)
        no_leak(served, told, number)

    sent()
    for path in (f"/seat/{token}", f"/api/seat/{token}/view", f"/seat/{token}/debrief"):
        no_leak(served, served.ask("GET", path), number)
    still_stands(served)


def test_whatever_a_newcomer_sends(served: Served) -> None:
    @FUZZ
    @given(BODIES["join"], st.sampled_from(["join", "sit"]))
    def sent(body: Any, kind: str) -> None:
        token = served.link("join") if kind == "join" else served.link("sit", "ruler")
        is_answer(served.ask("POST", f"/api/join/{token}", body))

    sent()
    still_stands(served)


@pytest.mark.parametrize("action", ACTIONS)
def test_whatever_the_facilitator_sends(served: Served, action: str) -> None:
    names = ACTIONS[action][1]
    some = near(**{name: GIVEN[name] for name in names})

    @settings(FUZZ, max_examples=12 * MORE)
    @given(near(id=Ids.map(lambda one: f"{action}-{one}"), action=st.just(action), given=some))
    def sent(body: Any) -> None:
        is_answer(served.ask("POST", f"/api/table/{served.link('table')}/act", body))
        is_answer(served.ask("GET", f"/api/table/{served.link('table')}/view"))

    sent()
    still_stands(served)


def test_whatever_is_thrown_in_the_crisis_can_be_played_and_shown(served: Served) -> None:
    """Injects that are allowed, at their bounds and many of them, then a turn."""
    table = f"/api/table/{served.link('table')}/act"
    restart(served)
    for k, (event, of) in enumerate(INJECTS.items()):
        for value in (of.low, of.high, (of.low + of.high) / 2):
            for again in range(6):
                given_ = {"event": event, of.number: value}
                is_answer(served.ask("POST", table, {"id": f"i{k}{value}{again}", "action": "inject", "given": given_}))
        still_stands(served)
        served.act("end_turn", **served.at())
        still_stands(served)
        if served.host.room.over:
            restart(served)


def restart(served: Served) -> None:
    """The same crisis from a while after its beginning, with other luck."""
    served.act("branch", turn=0, luck="fresh")
    served.act("start")
    for _ in range(4):
        served.act("end_turn", **served.at())


RAW = [
    b"", b"nul", b"{", b'{"id"', b"[" * 8000, b'{"a":' * 2500, b"[" * 950 + b"]" * 950, b'"\\ud800"', b"\xff\xfe\x00",
    b'{"id": "\xff"}', b"NaN", b"1e999", b"9" * 5000, b'{"id": "a", "id": "b"}', b"\xef\xbb\xbf{}", b"null",
    b"0" * 16_000, b'{"id": "x", "line": ' + b"9" * 4400 + b"}",
]  # fmt: skip


@pytest.mark.parametrize("raw", RAW, ids=[repr(one[:12]) for one in RAW])
def test_what_is_no_json_or_too_deep(served: Served, raw: bytes) -> None:
    member = f"/api/seat/{served.link('member', 1)}"
    deep = b'{"id": "deep", "line": 0, "turn": 0, "option": "hold", "details": {"call": ' + raw + b"}}"
    acts = [
        b'{"id": "deep", "action": "%s", "given": {"%s": %s}}' % (action.encode(), name.encode(), raw)
        for action, (_, names) in ACTIONS.items() if action not in ("publish",) for name in names[:2]
    ]  # fmt: skip
    for path in (
        *(f"{member}/{one}" for one in ("vote", "forecast", "say", "move")),
        f"/api/join/{served.link('join')}",
    ):
        is_answer(served.ask("POST", path, raw=raw))
    is_answer(served.ask("POST", f"{member}/vote", raw=deep))
    for act in acts:
        is_answer(served.ask("POST", f"/api/table/{served.link('table')}/act", raw=act))
    still_stands(served)


@settings(FUZZ, max_examples=60 * MORE)
@given(
    st.sampled_from(
        ["/seat/", "/api/seat/", "/table/", "/api/table/", "/wall/", "/join/", "/api/join/", "/static/", "/"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters=" \r\n"), max_size=60)
    | st.sampled_from(["%", "%00", "//x"]),
    st.sampled_from(["", "/view", "/events", "/debrief", "/files/moves.jsonl", "/act", "/vote"]),
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]),
)
def test_whatever_the_address(served: Served, start: str, token: str, end: str, method: str) -> None:
    path = (start + token + end).encode().decode("latin-1")
    told = served.ask(method, path)
    assert told.status < 500 or told.status == 501, told.raw
    assert SECRET.encode() not in told.raw
    assert b"Traceback" not in told.raw
