"""The way in over a bad network: one person is one place, whatever was lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.driver import Served

JOIN = "**/api/join/*"


@pytest.fixture
def phone(browser: Any, room: Served) -> Iterator[Any]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{room.port}/join/{room.link('join')}")
    yield page
    context.close()


def sit_down(phone: Any) -> None:
    phone.get_by_role("button", name="Sit down").click()


def asked(phone: Any) -> list[str]:
    """Names under which the page still keeps the id of a request."""
    found: list[str] = phone.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('rubicon:asked:'))")
    return found


def test_an_answer_that_was_lost_and_a_reload_leave_no_ghost(phone: Any, room: Served) -> None:
    before = room.host.book.joined

    def lost(route: Any) -> None:
        assert route.fetch().status == 200  # the server has taken it
        route.abort()

    phone.route(JOIN, lost)
    sit_down(phone)
    phone.wait_for_selector("[data-told][data-kind=error]")
    assert room.host.book.joined == before + 1
    phone.reload()
    assert len(asked(phone)) == 1
    phone.unroute(JOIN)
    sit_down(phone)
    phone.wait_for_url("**/seat/*")
    assert room.host.book.joined == before + 1
    assert phone.url.endswith(room.link("member", before + 1))
    assert asked(phone) == []


def test_no_tap_counts_before_the_page_listens(browser: Any, room: Served) -> None:
    """A form that is sent without its script would load the page anew and seat nobody."""
    held: list[Any] = []
    context = browser.new_context()
    page = context.new_page()
    page.route("**/static/join.js*", lambda route: held.append(route))
    page.goto(f"http://127.0.0.1:{room.port}/join/{room.link('join')}", wait_until="commit")
    page.wait_for_selector("#join-form button:disabled")
    held[0].continue_()
    page.wait_for_selector("#join-form button:enabled")
    context.close()


def test_a_refusal_ends_the_request_and_the_next_is_a_new_one(phone: Any, room: Served) -> None:
    before = room.host.book.joined
    room.act("seat", seat="guard", open=False)
    ids = list[str]()
    phone.on("request", lambda one: ids.append(one.post_data_json["id"]) if one.method == "POST" else None)
    phone.locator("input[value=guard]").check()
    sit_down(phone)
    phone.wait_for_selector("[data-told][data-kind=error]")
    assert asked(phone) == []
    room.act("seat", seat="guard", open=True)
    sit_down(phone)
    phone.wait_for_url("**/seat/*")
    assert len(set(ids)) == 2
    assert room.host.book.joined == before + 1


def test_who_is_told_to_wait_is_seated_without_another_tap(phone: Any, room: Served) -> None:
    before, told = room.host.book.joined, list[int]()

    def slow_down(route: Any) -> None:
        told.append(1)
        if len(told) == 1:
            route.fulfill(status=429, headers={"Retry-After": "1"}, json={"error": "too fast; wait a moment."})
        else:
            route.continue_()

    phone.route(JOIN, slow_down)
    sit_down(phone)
    phone.wait_for_url("**/seat/*")
    assert len(told) == 2
    assert room.host.book.joined == before + 1
