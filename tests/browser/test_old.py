"""Old tablets: everything they lack is taken from the browser before a page's script runs, and a seat is played."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sim.classroom.server.render import STATIC
from tests.browser.pages import PHONE, Site, tab
from tests.web.driver import Served

# Of a tablet of 2018 that gets no newer system: modules and fetch, and not much that came later.
LACKING = """
  for (const [of, name] of [
    [AbortSignal, "timeout"], [AbortSignal, "any"], [window, "AbortController"], [window, "structuredClone"],
    [Element.prototype, "replaceChildren"], [Array.prototype, "at"], [Array.prototype, "flat"],
    [String.prototype, "replaceAll"], [Object, "fromEntries"], [Promise, "allSettled"], [Promise, "any"],
    [Crypto.prototype, "randomUUID"], [Navigator.prototype, "clipboard"], [Navigator.prototype, "wakeLock"],
    [window, "ResizeObserver"], [window, "IntersectionObserver"], [window, "queueMicrotask"],
    [HTMLDialogElement.prototype, "showModal"], [Element.prototype, "ariaDisabled"],
    [Element.prototype, "requestFullscreen"],
  ]) delete of[name];
  window.missing = [typeof AbortController, typeof AbortSignal.timeout, typeof [].at];
"""
PRIVATE = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"
# Notation that such a browser cannot read, with which a whole script would be lost.
UNREADABLE = {
    "?.": r"\?\.(?!\d)", "??": r"\?\?", "catch without a name": r"catch\s*\{", "private field": r"\bthis\.#",
    "logical assignment": r"(\|\||&&)=", "import()": r"\bimport\(", "look-behind": r"\(\?<",
    "await at the top": r"^await ",
}  # fmt: skip
PLAYERS = ("basics", "join", "live", "seat", "seat_forms", "share", "wall")


def test_an_old_tablet_in_a_private_window_joins_and_plays(browser: Any, room: Served) -> None:
    with Site(browser, f"http://127.0.0.1:{room.port}") as site:
        before = room.host.book.joined
        page = site.page(f"/join/{room.link('join')}", PHONE, LACKING + PRIVATE)
        assert page.evaluate("missing") == ["undefined"] * 3
        page.locator("input[value=leader]").check()
        page.fill("#name", "Old tablet")
        page.get_by_role("button", name="Sit down").click()
        page.wait_for_url("**/seat/*")
        page.wait_for_selector("html[data-version]")
        assert room.host.book.members[before + 1].name == "Old tablet"
        if room.host.phase == "lobby":
            room.act("start")
        page.wait_for_selector("body[data-phase=open]")
        tab(page, "order")
        page.locator("#order .choice", has_text="Hold").tap()
        page.tap("#order-send")
        page.wait_for_selector("#order-sent:has-text('Sent: Hold')")
        tab(page, "odds")
        page.tap("#odds-send")
        page.wait_for_selector("#odds-sent:has-text('Your odds are sent')")
        tab(page, "talk")
        page.fill("#text", "from an old tablet")
        page.tap("#talk-form button")
        page.locator(".said .text", has_text="from an old tablet").first.wait_for()
        at = room.host.at
        assert room.host.book.ballots[at]["leader", before + 1].option == "hold"
        assert ("leader", before + 1) in room.host.book.forecasts[at]
        wall = site.page(f"/wall/{room.link('wall')}", script=LACKING + PRIVATE)
        wall.wait_for_selector("html[data-version]")
        wall.keyboard.press("f")


@pytest.mark.parametrize("name", PLAYERS)
def test_the_scripts_of_those_who_play_are_readable_for_old_browsers(name: str) -> None:
    text = re.sub(r"//.*", "", (STATIC / f"{name}.js").read_text(encoding="utf-8"))
    assert [kind for kind, shape in UNREADABLE.items() if re.search(shape, text, re.MULTILINE)] == []
    for one in re.findall(r'from "/static/(\w+)\.js"', text):
        assert one in PLAYERS


def test_a_browser_that_can_do_nothing_says_so(site: Site, room: Served) -> None:
    page = site.page(f"/join/{room.link('join')}", PHONE)
    assert not page.locator(".no-way").first.is_visible()
    page.evaluate("import('/static/old.js')")  # what a browser without modules runs
    page.wait_for_selector(".no-way:visible")
    without = site.page(f"/join/{room.link('join')}", PHONE, java_script_enabled=False)
    assert "JavaScript" in without.locator("noscript .no-way").inner_text()


def test_a_full_disk_is_told_and_the_vote_sent_again(browser: Any, room: Served) -> None:
    with Site(browser, f"http://127.0.0.1:{room.port}") as site:
        token = room.join("ruler")
        if room.host.phase == "lobby":
            room.act("start")
        page = site.live(f"/seat/{token}", PHONE)
        tried: list[int] = []

        def full(route: Any) -> None:
            tried.append(1)
            if len(tried) < 3:
                told = {"error": "the server's disk is full."}
                route.fulfill(status=503, headers={"Retry-After": "1"}, json=told)
            else:
                route.continue_()

        page.route("**/vote", full)
        with site.answered(503):
            tab(page, "order")
            page.locator("#order .choice", has_text="Hold").tap()
            page.tap("#order-send")
            page.wait_for_selector("[data-told]:has-text('disk is full')")
            page.wait_for_selector("#order-sent:has-text('Sent: Hold')")
        assert len(tried) == 3
        number = room.host.book.joined
        assert room.host.book.ballots[room.host.at]["ruler", number].option == "hold"
