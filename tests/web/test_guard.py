"""The fences of the seminar's server, tried from outside: heads, sizes, origins, rates, links, and hostile text."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from sim.classroom.requests import plain
from sim.classroom.seats import CLASS_SEATS, reaches
from sim.classroom.server import guard, site
from sim.classroom.server.people import Join
from sim.classroom.server.render import STATIC
from sim.model.state import ENDINGS
from tests.web.driver import Answer, Served, ask, exchange, parsed, request, until

EVEN = dict.fromkeys(ENDINGS, 1 / 6)
# Every route behind a link: method, path, kinds of link that open it, a body.
ROUTES: list[tuple[str, str, tuple[str, ...], Any]] = [
    ("GET", "/join/{token}", ("join", "sit"), None),
    ("POST", "/api/join/{token}", ("join", "sit"), {}),
    ("GET", "/seat/{token}", ("member",), None),
    ("GET", "/api/seat/{token}/events", ("member",), None),
    ("GET", "/api/seat/{token}/view", ("member",), None),
    ("POST", "/api/seat/{token}/vote", ("member",), {"id": "x", "line": 0, "turn": 0, "option": "hold"}),
    ("POST", "/api/seat/{token}/forecast", ("member",), {"id": "x", "line": 0, "turn": 0, "odds": EVEN}),
    ("POST", "/api/seat/{token}/say", ("member",), {"id": "x", "text": "x"}),
    ("POST", "/api/seat/{token}/move", ("member",), {"seat": "leader"}),
    ("GET", "/wall/{token}", ("wall",), None),
    ("GET", "/api/wall/{token}/events", ("wall",), None),
    ("GET", "/{kind}/{token}/debrief", (), None),
    ("GET", "/table/{token}", ("table",), None),
    ("GET", "/api/table/{token}/events", ("table",), None),
    ("GET", "/api/table/{token}/view", ("table",), None),
    ("POST", "/api/table/{token}/act", ("table",), {"id": "x", "action": "pause"}),
    ("POST", "/api/table/{token}/debrief", ("table",), {}),
    ("GET", "/table/{token}/files/{name}", ("table",), None),
]
NASTY = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'-alert(1)-'", "</textarea><svg onload=alert(1)>",
    "{{7*7}} {% include 'x' %}", "javascript:alert(1)", "&lt;b&gt; &amp;", "<!--", "]]>", "\u202egnissim\u202c \u2066x",
    "a\u0000b\x1b[31m", "line\n\ndata: {}\r\nevent: view", "a\u2028b\u2029c", "W" * 1990, "\U0001f600" * 1000,
]  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("guard")) as found:
        found.crew()
        found.act("start")
        yield found


def tokens(served: Served) -> dict[str, str]:
    """A link of each kind, and two that are none."""
    return {
        "join": served.link("join"), "sit": served.link("sit", "leader"), "member": served.link("member", 1),
        "wall": served.link("wall"), "table": served.link("table"), "nobody": served.link("member", 999),
        "random": "A" * 32,
    }  # fmt: skip


def all_tokens(served: Served) -> set[str]:
    """Every link there is in the first room."""
    of: list[tuple[Any, ...]] = [("join",), ("wall",), ("table",), *(("sit", seat) for seat in CLASS_SEATS)]
    return {served.link(*one) for one in (*of, *(("member", n) for n in range(1, served.host.book.joined + 1)))}


def has_headers(answer: Answer) -> bool:
    """Whether the head holds all that it should, and nothing that it should not."""
    wanted = {**guard.HEADERS, "cache-control": answer.headers.get("cache-control", "")}
    policy = answer.headers.get("content-security-policy", "")
    return (
        all(answer.headers.get(name) == value for name, value in wanted.items())
        and policy == guard.POLICY
        and "set-cookie" not in answer.headers
        and "server" not in answer.headers
        and answer.headers["cache-control"] in ("no-store", "no-cache", "no-store, no-transform")
    )


# heads


def test_the_policy_lets_nothing_in_that_is_not_the_servers_own() -> None:
    rules = dict(one.strip().split(" ", 1) for one in guard.POLICY.split(";"))
    assert rules["default-src"] == "'none'"
    assert set(" ".join(rules.values()).split()) == {"'none'", "'self'", "data:"}
    assert [name for name, value in rules.items() if "data:" in value] == ["img-src"]
    assert {"base-uri", "form-action", "frame-ancestors"} <= set(rules)


def test_every_answer_has_the_headers(served: Served) -> None:
    table, seat = served.link("table"), served.link("member", 1)
    answers = {
        "page": served.ask("GET", f"/seat/{seat}"), "home": served.ask("GET", "/"),
        "static": served.ask("GET", "/static/live.js"), "palette": served.ask("GET", "/static/palette.css"),
        "no file": served.ask("GET", "/static/none.js"), "nothing": served.ask("GET", "/none"),
        "no link": served.ask("GET", "/seat/none"), "nothing in the api": served.ask("GET", "/api/none"),
        "another method": served.ask("DELETE", f"/seat/{seat}"), "another host": host_of(served, "evil.example"),
        "refused": served.ask("POST", f"/api/table/{table}/act", {"id": "x", "action": "dance"}),
        "invalid": served.ask("POST", f"/api/table/{table}/act", {"id": 1}),
        "large": served.ask("POST", f"/api/table/{table}/act", {"id": "x" * guard.LARGEST_BODY}),
        "from elsewhere": served.ask("POST", f"/api/seat/{seat}/say", {}, headers={"Origin": "http://evil.example"}),
        "openapi": served.ask("GET", "/openapi.json"), "log": served.ask("GET", f"/table/{table}/files/moves.jsonl"),
    }  # fmt: skip
    assert [name for name, answer in answers.items() if not has_headers(answer)] == []
    ear = served.listen(f"/api/seat/{seat}/events")
    ear.read(lambda raw: b"\r\n\r\n" in raw)
    ear.close()
    stream = parsed(ear.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    assert has_headers(stream)
    assert stream.headers["content-type"].startswith("text/event-stream")


def test_a_fault_of_the_program_is_told_without_its_traceback(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError(f"secret {served.link('table')}")

    monkeypatch.setattr(served.host, "say", broken)
    told = served.ask("POST", f"/api/seat/{served.link('member', 1)}/say", {"id": "x", "text": "x"})
    assert (told.status, list(told.data)) == (500, ["error"])
    assert has_headers(told)
    assert b"secret" not in told.raw
    assert b"Traceback" not in told.raw


# what may come in


def host_of(served: Served, name: str) -> Answer:
    return served.ask("GET", f"/wall/{served.link('wall')}", headers={"Host": name})


def test_a_request_comes_by_a_name_of_this_machine(served: Served) -> None:
    for name in ("evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "", "[::ffff:1]"):
        assert host_of(served, name).status == 400, name
    for name in (f"localhost:{served.port}", "127.0.0.1", f"[::1]:{served.port}"):
        assert host_of(served, name).status == 200, name


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Content-Type": "Application/JSON; charset=utf-8", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
    ],
)
def test_a_form_of_another_site_does_nothing(served: Served, headers: dict[str, str], status: int) -> None:
    before = len(served.host.journal.log.moves())
    path = f"/api/seat/{served.link('member', 1)}/say"
    told = served.ask("POST", path, {"id": f"from-{headers}"[:60], "text": "hello"}, headers=headers)
    assert told.status == status
    assert len(served.host.journal.log.moves()) == before + (status == 200)


def test_the_page_itself_may_send(served: Served) -> None:
    own = {"Origin": f"http://127.0.0.1:{served.port}", "Sec-Fetch-Site": "same-origin"}
    path = f"/api/seat/{served.link('member', 1)}/say"
    assert served.ask("POST", path, {"id": "own", "text": "x"}, headers=own).status == 200


@pytest.mark.parametrize(
    ("length", "body", "statuses"),
    [
        (str(guard.LARGEST_BODY + 1), b"", {413}),
        ("9" * 19, b"", {400, 413}),
        ("9" * 400, b"", {400, 413}),
        ("-1", b"", {400, 413}),
        ("1e3", b"", {400, 413}),
        ("0", b'{"id": "x", "text": "x"}', {422}),
        ("7", b'{"id": "x", "text": "x"}', {422}),
    ],
)
def test_a_length_that_lies_is_no_way_in(served: Served, length: str, body: bytes, statuses: set[int]) -> None:
    path = f"/api/seat/{served.link('member', 1)}/say"
    told = served.ask("POST", path, raw=body, headers={"Content-Length": length})
    assert told.status in statuses


def test_a_body_in_pieces_is_counted_as_it_comes(served: Served) -> None:
    path, chunked = f"/api/seat/{served.link('member', 1)}/say", {"Content-Length": "", "Transfer-Encoding": "chunked"}
    head = request(served.port, "POST", path, headers=chunked, raw=b"")
    piece = b'1000\r\n{"id": "' + b"x" * (0x1000 - 8) + b"\r\n"
    more = b"1000\r\n" + b"x" * 0x1000 + b"\r\n"
    told = parsed(exchange(served.port, head + piece + more * 40))
    assert told.status == 413
    good = b'{"id": "p", "text": "y"}'
    assert parsed(exchange(served.port, head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(good), good))).status == 200


def test_the_longest_message_fits(served: Served) -> None:
    path = f"/api/seat/{served.link('member', 1)}/say"
    assert served.ask("POST", path, {"id": "w" * 60, "text": "\u00e4" * 2000}).status == 200
    assert served.ask("POST", path, {"id": "v" * 60, "text": "\u00e4" * 2001}).status == 409


# rates


def test_a_link_that_is_too_fast_waits_and_no_other_does(tmp_path: Path) -> None:
    with Served(tmp_path, rates=True) as served:
        one, other = served.join("leader"), served.join("ruler")
        hasty = [served.ask("GET", f"/api/seat/{one}/view").status for _ in range(int(site.BURST) + 30)]
        assert 429 in hasty
        assert set(hasty) == {200, 429}
        assert hasty.index(429) >= site.BURST
        told = served.ask("GET", f"/api/seat/{one}/view")
        assert told.status == 429
        assert 1 <= int(told.headers["retry-after"]) <= 5
        assert has_headers(told)
        assert served.ask("GET", f"/api/seat/{other}/view").status == 200
        assert served.ask("GET", f"/api/table/{served.link('table')}/view").status == 200
        with ThreadPoolExecutor(12) as pool:
            joins = [pool.submit(served.join, seat) for seat in [*CLASS_SEATS] * 10]
            assert len({one.result() for one in joins}) == 60, "a whole class sits down at once"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Length": "16384"}, b"x" * 16_384),
        ({"Content-Length": "40000"}, b"x" * 40_000),
        ({"Content-Length": "1"}, b"x"),
        ({"Transfer-Encoding": "chunked"}, b"5\r\nhello\r\n0\r\n\r\n"),
    ],
)
def test_what_is_asked_for_has_no_body(
    served: Served, headers: dict[str, str], body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    seat, wall = served.link("member", 1), served.link("wall")
    for path in (
        f"/api/seat/{seat}/events",
        f"/api/wall/{wall}/events",
        f"/seat/{seat}",
        "/healthz",
        "/static/live.js",
    ):
        told = parsed(exchange(served.port, request(served.port, "GET", path, headers=headers) + body))
        assert (told.status, list(told.data)) == (400, ["error"]), path
    assert served.ask("GET", "/healthz", headers={"Content-Length": "0"}).status == 200
    assert [one for one in caplog.records if one.exc_info or one.levelname == "ERROR"] == []


def test_nobody_is_told_what_addresses_there_are(served: Served) -> None:
    for path in ("/openapi.json", "/docs", "/redoc", "/docs/oauth2-redirect"):
        assert served.ask("GET", path).status == 404, path


def test_pages_and_streams_are_counted_too(tmp_path: Path) -> None:
    with Served(tmp_path, rates=True) as served:
        one = served.join("leader")
        assert 429 in [served.ask("GET", f"/seat/{one}").status for _ in range(int(site.BURST) + 60)]
        assert served.ask("GET", f"/api/seat/{one}/events").status == 429


def test_a_link_has_few_streams_and_gets_them_back(served: Served) -> None:
    token = served.join("guard")
    path = f"/api/seat/{token}/events"
    ears = [served.listen(path) for _ in range(site.MOST_STREAMS)]
    for ear in ears:
        ear.first()
    assert served.ask("GET", path).status == 429
    other = served.listen(f"/api/seat/{served.link('member', 2)}/events")
    other.first()
    for ear in [*ears, other]:
        ear.close()
    until(lambda: served.site.streams[token] == 0)
    ear = served.listen(path)
    ear.first()
    ear.close()


def test_streams_that_are_opened_at_once_are_counted_one_by_one(served: Served) -> None:
    path = f"/api/seat/{served.join('guard')}/events"
    lines = [socket.create_connection(("127.0.0.1", served.port), 20) for _ in range(60)]
    for line in lines:
        line.sendall(request(served.port, "GET", path))
    told = [line.recv(15)[9:12] for line in lines]
    assert (told.count(b"200"), told.count(b"429")) == (site.MOST_STREAMS, 60 - site.MOST_STREAMS)
    for line in lines:
        line.close()
    until(lambda: not served.site.streams)


# links


def test_the_list_of_routes_is_whole(served: Served) -> None:
    there = {
        (method.upper(), path)
        for path, methods in served.app.openapi()["paths"].items()
        for method in methods
        if "{token}" in path
    }
    assert there == {(method, path) for method, path, _, _ in ROUTES}


@pytest.mark.parametrize(("method", "path", "kinds", "body"), ROUTES)
def test_a_link_opens_its_own_door_only(
    served: Served, method: str, path: str, kinds: tuple[str, ...], body: Any
) -> None:
    for kind, token in tokens(served).items():
        if kind in kinds:
            continue
        for door in ("seat", "wall", "table", "join", "sit", "member") if "{kind}" in path else ("",):
            told = served.ask(method, path.format(token=token, kind=door, name="moves.jsonl"), body)
            assert told.status == 404, (kind, door)
            assert not [one for one in all_tokens(served) if one.encode() in told.raw]


def test_a_link_is_exact(served: Served) -> None:
    token = served.link("table")
    for wrong in (token[:-1], token + "=", token.lower(), token + "%00", token + "/", f"%20{token}", f"{token}%0a"):
        assert served.ask("GET", f"/table/{wrong}").status in (404, 307), wrong
        assert b"columns" not in served.ask("GET", f"/table/{wrong}").body


def test_a_typed_code_opens_the_way_in_and_nothing_else(tmp_path: Path) -> None:
    with Served(tmp_path, rates=True) as served:
        code = served.host.desk.code
        for typed in (code, code.lower().replace("-", " "), f" {code}"):
            told = served.ask("GET", f"/enter?code={typed.replace(' ', '%20')}")
            assert (told.status, told.headers["location"]) == (303, f"/join/{served.link('join')}")
            assert has_headers(told)
        for wrong in ("", "0", code[:-1], code + "0", "%00", "%ff", "A" * 5000, "../table", served.link("table")):
            told = served.ask("GET", f"/enter?code={wrong}")
            assert told.status == 404, wrong
            assert not [one for one in all_tokens(served) if one.encode() in told.raw]
        for path in ("/table/", "/wall/", "/seat/", "/join/"):
            assert served.ask("GET", path + code).status == 404
        guesses = [served.ask("GET", f"/enter?code={k:08d}").status for k in range(int(site.CODE_BURST) + 20)]
        assert set(guesses) == {404, 429}, "guessing is slow"


def test_one_member_cannot_act_for_another(served: Served) -> None:
    leader = served.link("member", 1)
    at = served.at()
    before = served.host.book.ballots.get(served.host.at, {})
    for more in ({"seat": "ruler"}, {"member": 2}, {"details": {"seat": "ruler"}}, {"details": {"member": 2}}):
        body = {"id": f"for-{more}"[:60], **at, "option": "hold", **more}
        assert served.ask("POST", f"/api/seat/{leader}/vote", body).status in (409, 422)
    for more in ({"seat": "ruler"}, {"member": 2}):
        assert served.ask("POST", f"/api/seat/{leader}/say", {"id": "z", "text": "x", **more}).status == 422
        body = {"id": "z", **at, "odds": EVEN, **more}
        assert served.ask("POST", f"/api/seat/{leader}/forecast", body).status == 422
    assert served.host.book.ballots.get(served.host.at, {}) == before
    assert served.ask("POST", f"/api/seat/{leader}/move", {"seat": "ruler"}).status == 409, "the game has begun"


def test_somebody_removed_is_out_at_once(served: Served) -> None:
    token = served.join("officials", "leaver")
    ear = served.listen(f"/api/seat/{token}/events")
    ear.first()
    served.act("remove", member=served.host.book.joined)
    assert ear.closed().rstrip().endswith(b"0")
    assert ear.events[-1][0] == "gone"
    for method, path, kinds, body in ROUTES:
        if kinds == ("member",) and not path.endswith("events"):
            told = served.ask(method, path.format(token=token), body)
            assert told.status in (404, 409), path
            assert "given up" in told.text or path.endswith("/move")
    assert served.ask("GET", f"/seat/{token}/debrief").status in (404, 409)


def test_a_debrief_is_the_facilitators_until_it_is_published(tmp_path: Path) -> None:
    with Served(tmp_path) as served:
        member = served.join("leader")
        served.act("start")
        paths = [f"/seat/{member}/debrief", f"/wall/{served.link('wall')}/debrief"]
        folder = served.hall.folder / served.host.name / "debrief"
        folder.mkdir()
        (folder / "debrief.html").write_text("<!doctype html><p>what was hidden</p>")
        served.host.job.ready = True
        assert [served.ask("GET", path).status for path in paths] == [404, 404]
        assert b"hidden" in served.ask("GET", f"/table/{served.link('table')}/debrief").body
        served.act("publish")
        for path in paths:
            told = served.ask("GET", path)
            assert told.status == 200
            policy = told.headers["content-security-policy"]
            assert "script-src" not in policy
            assert {"default-src 'none'", "sandbox"} <= set(policy.split("; "))
        assert served.ask("GET", f"/join/{served.link('join')}/debrief").status == 404


@pytest.mark.parametrize(
    "name",
    ["../desk.sqlite", "..%2fdesk.sqlite", "..%2f..%2fhall%2froom-A%2fdesk.sqlite", "%2fetc%2fpasswd", "desk.sqlite",
     "debrief.html%00", "....//desk.sqlite", "..%5cdesk.sqlite", "moves.jsonl%2f..%2f..%2fdesk.sqlite", "%2e%2e", "."],
)  # fmt: skip
def test_a_file_is_one_of_a_list(served: Served, name: str) -> None:
    told = served.ask("GET", f"/table/{served.link('table')}/files/{name}")
    assert told.status == 404
    assert b"SQLite" not in told.body
    assert served.ask("GET", f"/static/{name}").status == 404


def test_the_log_to_download_holds_no_link_and_no_name(served: Served) -> None:
    body = served.ask("GET", f"/table/{served.link('table')}/files/moves.jsonl").body
    assert b'"resolve"' in body
    assert not [one for one in all_tokens(served) if one.encode() in body]
    assert b"name-of-" not in body


def test_refusals_hold_no_link_and_no_traceback(served: Served) -> None:
    for method, path, kinds, _ in ROUTES:
        for kind in kinds:
            for body in ({}, {"id": "x"}, [], "x", None):
                if method == "GET" or (kind in ("join", "sit") and body == {}):
                    continue
                told = served.ask(method, path.format(token=tokens(served)[kind]), body)
                if told.status == 200:
                    assert path.endswith("/debrief"), path
                    continue
                assert 400 <= told.status < 500
                assert list(told.data) == ["error"]
                assert not [one for one in all_tokens(served) if one.encode() in told.raw]
                assert not re.search(rb"Traceback|\.py|/work|/tmp|site-packages|pydantic", told.raw)


# text that wants out


class Elements(HTMLParser):
    """Names of elements and their attributes, and the text that a reader sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def harmless(page: str) -> bool:
    """Whether a page has no inline script, handler, style or frame, and no address of another place."""
    for tag, attrs in Elements(page).seen:
        if tag in ("iframe", "object", "embed", "base", "style") or (tag == "script" and not attrs.get("src")):
            return False
        if any(name.startswith("on") or name in ("style", "srcdoc") for name in attrs):
            return False
        for name in ("src", "href", "action", "formaction", "xlink:href", "data", "poster"):
            value = attrs.get(name)
            if value and not re.match(r"(/(?!/)|#|data:image/)", value):
                return False
    return True


def loaded(page: str) -> list[tuple[str, dict[str, str | None]]]:
    """Elements of a page that load or do something by themselves."""
    return [
        one for one in Elements(page).seen if one[0] in ("script", "img", "link", "meta", "image", "video", "audio")
    ]


def pages(served: Served, seats: dict[str, str]) -> dict[str, str]:
    """The source of every page of a room, and the parts that its streams send; the server's own address left out."""
    found = {seat: served.ask("GET", f"/seat/{token}").text for seat, token in seats.items()}
    found |= {
        "table": served.ask("GET", f"/table/{served.link('table')}").text,
        "wall": served.ask("GET", f"/wall/{served.link('wall')}").text,
        "join": served.ask("GET", f"/join/{served.link('join')}").text, "home": served.ask("GET", "/").text,
        "gone": served.ask("GET", "/seat/none").text,
    }  # fmt: skip
    streams = {f"seat/{token}": seat for seat, token in seats.items()}
    streams |= {f"wall/{served.link('wall')}": "wall", f"table/{served.link('table')}": "table"}
    for path, name in streams.items():
        ear = served.listen(f"/api/{path}/events")
        ear.first()
        ear.close()
        found[f"stream of {name}"] = "".join(ear.first()["parts"].values())
    return {name: page.replace(served.site.address, "") for name, page in found.items()}


def test_what_people_write_stays_text_on_every_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.classroom.host.MOST_TEXTS", 1000)
    with Served(tmp_path) as served:
        seats = {seat: served.join(seat, nasty) for seat, nasty in zip(CLASS_SEATS, NASTY, strict=False)}
        more = [served.join("leader", nasty[:200]) for nasty in NASTY]
        served.act("start")
        before = {name: loaded(page) for name, page in pages(served, seats).items()}
        for k, text in enumerate(NASTY):
            for token, seat in zip(seats.values(), seats, strict=True):
                for to in (None, reaches(seat)[0]):
                    body = {"id": f"{k}-{to}", "text": text, "to": to}
                    told = served.ask("POST", f"/api/seat/{token}/say", body)
                    assert told.status == 200, told.text
            served.act("note", to="all", text=text)
        drawn = pages(served, seats)
        assert [name for name, page in drawn.items() if not harmless(page)] == []
        assert {name: loaded(page) for name, page in drawn.items()} == before
        shown = Elements(drawn["stream of leader"]).text
        missing = [text for text in NASTY if plain(text) not in shown]
        assert missing == [], "it is shown as it was written, but for what turns or hides other text"
        turning = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
        assert [name for name, page in drawn.items() if turning.search(page)] == []
        assert "{{7*7}}" in Elements(drawn["table"]).text
        assert len(more) == len(NASTY)


def test_nothing_served_points_elsewhere(served: Served) -> None:
    for name, page in pages(served, {"leader": served.link("member", 1)}).items():
        assert harmless(page), name
        rest = page.replace("http://www.w3.org/", "")
        assert not re.search(r"https?://|url\(\s*['\"]?//|wss?://|@import", rest), name
    for path in STATIC.rglob("*"):
        if path.is_file() and path.suffix in (".js", ".css", ".svg", ".html", ".json", ".webmanifest"):
            told = served.ask("GET", f"/static/{path.relative_to(STATIC)}")
            assert told.status == 200
            rest = told.text.replace("http://www.w3.org/", "")
            assert not re.search(r"https?://|//[a-z0-9-]+\.[a-z]|@import|\beval\(|new Function", rest), path.name


# sent again


def test_what_is_sent_again_is_done_once(served: Served) -> None:
    if not served.host.book.doors:
        served.act("doors", open=True)
    people = served.host.book.joined
    path, body = f"/api/join/{served.link('join')}", {"id": "0123456789abcdef", "seat": "guard", "name": "once"}
    assert len({served.ask("POST", path, body).data["url"] for _ in range(3)}) == 1
    assert served.host.book.joined == people + 1
    assert served.ask("POST", path, {"id": "guessed", "seat": "guard"}).status == 409, "a short id could be guessed"
    served.host.timer.seconds = 100.0
    served.host.timer.reset(run=False)
    longer = {"id": "longer", "action": "extend", "given": {"seconds": 60}}
    for _ in range(3):
        assert served.ask("POST", f"/api/table/{served.link('table')}/act", longer).status == 200
    assert served.host.timer.left == 160.0
    served.host.timer.seconds = None
    served.host.timer.reset(run=False)
    assert Join().id == ""


def test_the_socket_survives_what_is_no_request(served: Served) -> None:
    for junk in (b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02", b"GET / HTTP/9.9\r\n\r\n", b"A" * 40_000):
        with socket.create_connection(("127.0.0.1", served.port), 5) as line:
            line.sendall(junk)
    assert ask(served.port, "GET", "/healthz").body == b"ok"
