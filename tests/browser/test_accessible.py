"""Everybody can use the pages: no serious finding of axe-core, keys alone suffice, nothing is cut off or too small."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sim.classroom import chair
from sim.classroom.debrief import measure
from sim.classroom.hall import DEBRIEF
from sim.classroom.server.work import begin, make_debrief
from tests.browser.pages import BEAMER, DESK, PHONE, READY, Site, tab
from tests.web.driver import TREE, Served

PLAYING, LOBBY, OVER = 0, 1, 2  # rooms of the server
TABS = ("now", "order", "odds", "talk", "role")
NARROW = (360, 740)  # px, the smallest screen in use
LARGE = ("table", "wall")  # pages for large screens, which are looked at there
SMALLEST = 20.0  # px of text on the projected page that one must be able to read
ESSENTIALS = (
    ".clock b", ".turn b", "[data-timer]", ".facts li", ".notes p", ".said blockquote", ".said figcaption",
    ".events li", ".events .time", ".odds .name", ".odds b", ".odds .change", ".seats b", ".seats span",
    ".map text.town", ".map text.column", ".map text.line", ".map text.small",
)  # fmt: skip
# px on the screen: text in a drawing is scaled with it
SIZES = """found => found.map(one => parseFloat(getComputedStyle(one).fontSize)
  * (one.ownerSVGElement ? one.getScreenCTM().a : 1))"""
WIDE = """() => [...document.querySelectorAll("body *")].filter(one => one.getClientRects().length)
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest("svg, .only-read, .skip"))
  .map(one => one.outerHTML.slice(0, 120))"""
# A frame around the element that has the keyboard, or around the choice that it is the button of
FOCUS = """() => [document.activeElement, document.activeElement.closest(".choice")]
  .some(one => one && getComputedStyle(one).outlineStyle !== "none")"""
FAST = {"resultTypes": ["violations"], "preload": False}


class Rooms(Served):
    """Three rooms: one in its third turn, one before the start, one whose debrief is published."""

    def token(self, number: int, *of: str | int) -> str:
        """A token of one of the rooms."""
        return self.hall.hosts[number].desk.token(*of)

    def sit(self, number: int, seat: str, name: str = "") -> str:
        """Somebody sits down in one of the rooms; the path of their page."""
        member = self.hall.hosts[number].join(seat, name)
        return f"/seat/{self.hall.seated(self.hall.hosts[number], member.number)}"


@pytest.fixture(scope="module")
def rooms(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    """See `Rooms`."""
    with Rooms(tmp_path_factory.mktemp("rooms"), rooms=3, turn_h=2.0, turn_s=300) as served:
        for number in (PLAYING, OVER):
            host = served.hall.hosts[number]
            served.sit(number, "ruler", "Maximiliane-Ottilie-" * 2)
            chair.act(host, "start", "s", {})
            chair.act(host, "doors", "d", {"open": True})
            chair.act(host, "show", "w", {"where": "wall", "on": True})
            host.say(1, "a", "This is treason, and it will be answered as treason is. " * 3)
            while not host.room.over and (number == OVER or host.at[1] < host.first + 2):
                host.close_turn()
        served.act("note", to="all", text="Two minutes more for this turn.")
        finish(served)
        yield served


def finish(served: Rooms) -> None:
    """Make and publish a debrief of the room that is over."""
    host, sizes = served.hall.hosts[OVER], {"samples": 50, "continuations": 50, "games": 100}
    begin(host)
    make_debrief(host, measure(TREE), sizes, served.hall.folder / host.name / DEBRIEF)
    assert host.job.ready, host.job.error
    served.ask("POST", f"/api/table/{served.token(OVER, 'table')}/act", {"id": "p", "action": "publish"})


@pytest.fixture
def site(browser: Any, rooms: Rooms) -> Iterator[Site]:
    with Site(browser, f"http://127.0.0.1:{rooms.port}") as found:
        yield found


def paths(rooms: Rooms) -> dict[str, str]:
    """Every kind of page, and the states that change what it is made of."""
    return {
        "home": "/", "join": f"/join/{rooms.token(PLAYING, 'join')}", "gone": "/join/unknown",
        "debrief": f"/wall/{rooms.token(OVER, 'wall')}/debrief",
        "seat in the lobby": rooms.sit(LOBBY, "leader"), "seat": rooms.sit(PLAYING, "ruler"),
        "seat at the end": rooms.sit(OVER, "leader"), "table in the lobby": f"/table/{rooms.token(LOBBY, 'table')}",
        "table": f"/table/{rooms.token(PLAYING, 'table')}", "table at the end": f"/table/{rooms.token(OVER, 'table')}",
        "wall in the lobby": f"/wall/{rooms.token(LOBBY, 'wall')}", "wall": f"/wall/{rooms.token(PLAYING, 'wall')}",
        "wall at the end": f"/wall/{rooms.token(OVER, 'wall')}",
    }  # fmt: skip


def serious(page: Any, where: str) -> list[str]:
    """What axe-core finds that keeps somebody out."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install -e .[dev]")
    found = axe.Axe().run(page, options=FAST).response["violations"]
    return [
        f"{where}: {one['id']} {one['nodes'][0]['html'][:150]}"
        for one in found if one["impact"] in ("serious", "critical")
    ]  # fmt: skip


def views(page: Any, name: str) -> Iterator[str]:
    """Show one after the other what a page keeps behind tabs and dialogs."""
    if page.locator("body[data-stream]").count():
        page.wait_for_selector(READY)
    if name == "seat" and page.locator(".tabs").is_visible():
        for part in TABS:
            tab(page, part)
            yield f"{name}, {part}"
    elif name == "table":
        yield name
        for opens in ("#take-leader", "[data-branch]", "[data-member]"):
            page.locator(opens).first.click()
            yield f"{name}, {opens}"
            page.keyboard.press("Escape")
    else:
        yield name


@pytest.mark.slow
def test_nothing_is_wider_than_a_phone_and_axe_finds_nothing_serious(site: Site, rooms: Rooms) -> None:
    found = []
    page = site.page("/", NARROW, bypass_csp=True, has_touch=True)  # axe needs eval
    with site.answered(404):
        for name, path in paths(rooms).items():
            page.goto(site.origin + path)
            for where in views(page, name):
                if page.evaluate("document.documentElement.scrollWidth") > NARROW[0]:
                    found.append(f"{where}: too wide: {page.evaluate(WIDE)}")
                if not name.startswith(LARGE):
                    found += serious(page, where)
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "size"), [("seat", DESK), ("table", DESK), ("wall", BEAMER)])
def test_axe_finds_nothing_serious_on_large_screens(site: Site, rooms: Rooms, kind: str, size: tuple[int, int]) -> None:
    page = site.page("/", size, bypass_csp=True)
    found = []
    for name, path in paths(rooms).items():
        if name.startswith(kind) and (kind in LARGE or name == kind):
            page.goto(site.origin + path)
            for where in views(page, name):
                found += serious(page, where)
    assert found == []


def reach(page: Any, selector: str) -> None:
    """Press Tab until the keyboard is somewhere; wherever it passes, one can see where it is."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement !== document.body"):
            assert page.evaluate(FOCUS), page.evaluate("document.activeElement.outerHTML")
        if page.locator(f":focus:is({selector})").count():
            return
    raise AssertionError(f"the keyboard does not come to {selector}")


def test_keys_alone_take_a_seat_vote_and_speak(site: Site, rooms: Rooms) -> None:
    page = site.page(f"/join/{rooms.token(PLAYING, 'join')}", PHONE)
    reach(page, "[name=seat]")
    page.keyboard.press("ArrowDown")  # the first seat: the leader
    reach(page, "button")
    page.keyboard.press("Enter")
    page.wait_for_selector(READY)
    reach(page, "[data-tab=order]")
    page.keyboard.press("Enter")
    page.keyboard.press("Home")
    page.locator("#order-head").wait_for()
    page.evaluate("document.activeElement.blur()")
    reach(page, "[name=option]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    reach(page, "#order-send")
    page.keyboard.press("Space")
    page.wait_for_selector("#order-sent:has-text('Sent: Hold')")
    reach(page, "[data-tab=talk]")
    page.keyboard.press("Enter")
    reach(page, "#text")
    page.keyboard.type("We stop here.")
    reach(page, "#talk-form button")
    page.keyboard.press("Enter")
    page.locator(".said .text", has_text="We stop here.").wait_for()


def test_the_wall_can_be_read_from_the_back_row(site: Site, rooms: Rooms) -> None:
    page = site.live(paths(rooms)["wall"], BEAMER)
    page.wait_for_selector(".odds-body.fresh")
    small = {}
    for selector in ESSENTIALS:
        sizes = page.eval_on_selector_all(selector, SIZES)
        assert sizes, f"there is no {selector}"
        if min(sizes) < SMALLEST:
            small[selector] = min(sizes)
    assert small == {}
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [*BEAMER]
