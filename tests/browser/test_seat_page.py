"""A member's page on a phone in a real browser: nothing typed or sent is lost."""

from __future__ import annotations

from typing import Any

import pytest

from sim.model.state import ENDINGS
from tests.browser.pages import PHONE, READY, Site, tab
from tests.web.driver import Served


@pytest.fixture
def phone(site: Site) -> Any:
    return site.page("/", PHONE)


def sit(page: Any, room: Served, title: str) -> str:
    """Join by the form; the token of the place."""
    page.goto(f"http://127.0.0.1:{room.port}/join/{room.link('join')}")
    page.get_by_label(title).check()
    page.get_by_role("button", name="Sit down").click()
    page.wait_for_selector(READY)
    return str(page.url.rsplit("/", 1)[1])


def mine(room: Served, token: str) -> Any:
    return room.ask("GET", f"/api/seat/{token}/view").data["mine"]


def started(room: Served) -> None:
    if room.host.phase == "lobby":
        room.act("start")


def test_an_order_with_details_is_sent_and_comes_back_after_a_reload(phone: Any, room: Served) -> None:
    token = sit(phone, room, "Rebel leader")
    room.join("leader", "somebody else, so that the turn stays open")
    started(room)
    tab(phone, "order")
    phone.locator("#order .choice", has_text="Negotiate").click()
    phone.select_option("#call", "mediator")
    phone.select_option("#terms", "items")
    phone.click("#order-send")  # no item yet: refused on the page
    phone.wait_for_selector("[data-told][data-kind=error]:not(:empty)")
    assert mine(room, token)["vote"] is None
    for item in ("immunity", "men"):
        phone.check(f"[name=item][value={item}]")
    phone.click("#order-send")
    phone.wait_for_selector("#order-sent:has-text('Negotiate')")
    wanted = {"option": "negotiate", "details": {"call": "mediator", "terms": ["immunity", "men"]}}
    assert mine(room, token)["vote"] == wanted
    phone.reload()
    phone.wait_for_selector("#order-sent:has-text('Negotiate')", state="attached")
    assert phone.locator("[name=option]:checked").get_attribute("value") == "negotiate"
    assert [one.get_attribute("value") for one in phone.locator("[name=item]:checked").all()] == ["immunity", "men"]
    tab(phone, "order")
    phone.locator("#order .choice", has_text="Hold").click()  # its details play no part: they are not sent
    phone.select_option("#terms", "")
    phone.click("#order-send")
    phone.wait_for_selector("#order-sent:has-text('Hold')")
    assert mine(room, token)["vote"] == {"option": "hold", "details": {}}


def test_odds_are_sent_as_shown_and_kept_for_the_next_turn(phone: Any, room: Served) -> None:
    token = sit(phone, room, "Mediator")
    started(room)
    tab(phone, "odds")
    phone.fill("input[type=number][data-ending=negotiated_exit]", "45")
    phone.locator(".slide[data-ending=crushed]").fill("25")
    phone.click("#odds-send")
    phone.wait_for_selector("#odds-sent:not(:empty):not(.waits)")
    told = mine(room, token)["forecast"]
    assert (told["negotiated_exit"], told["crushed"], set(told)) == (0.45, 0.25, set(ENDINGS))
    room.act("end_turn", **room.at())
    phone.wait_for_selector("#odds-last:not(.hidden)", state="attached")
    phone.reload()
    phone.wait_for_selector("#odds-last:not(.hidden)", state="attached")
    assert phone.input_value("input[type=number][data-ending=negotiated_exit]") == "45"


def test_a_half_written_text_survives_a_reload_and_a_sent_one_is_shown_as_text(phone: Any, room: Served) -> None:
    sit(phone, room, "Ruler")
    started(room)
    tab(phone, "talk")
    phone.fill("#text", "<b>no</b> {{ s }}")
    phone.reload()
    phone.wait_for_selector(READY)
    assert phone.input_value("#text") == "<b>no</b> {{ s }}"
    tab(phone, "talk")
    phone.click("#talk-form button")
    phone.wait_for_selector(".said .text:text-is('<b>no</b> {{ s }}')")
    assert phone.input_value("#text") == ""


def test_the_rooms_link_leads_back_to_the_place_on_this_device(phone: Any, room: Served) -> None:
    token = sit(phone, room, "Ministry of defence")
    phone.goto(f"http://127.0.0.1:{room.port}/join/{room.link('join')}")
    phone.click("#back")
    phone.wait_for_selector(READY)
    assert phone.url.endswith(token)
