"""Pictures of the seminar for the documents: a game by a fixed script, its wall, a phone, and the debrief's line.

`make docs` calls this where Chromium is found: python -m tools.pictures docs/img
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.browser.pages import ARGUMENTS, PHONE, Site, chromium, tab
from tests.web.command import Command, link

WORDS = (
    "name=pictures", "scenario=historical", "replicate=12", "seminar.all_in=false", "seminar.debrief.samples=300",
    "seminar.debrief.continuations=1000", "seminar.debrief.games=2000", "seminar.shows.wall_odds=true",
)  # fmt: skip
WALL = (1600, 900)  # px
EDGE = 16  # px around the debrief's line
LAST = 13  # the turn that is pictured
PEOPLE = {"leader": 2, "ruler": 2, "ministry": 1, "officials": 2, "mediator": 1}
ORDERS = {  # of each seat, by the turn from which it orders so
    "leader": {1: "advance", 8: "negotiate"}, "ruler": {1: "hold", 14: "negotiate"},
    "ministry": {1: "hold", 3: "advance", 9: "hold"}, "officials": {1: "hold", 6: "negotiate"},
    "mediator": {1: "hold", 7: "negotiate"},
}  # fmt: skip
SAID = {
    9: ("leader", "We want the minister, not the capital."),
    11: ("ruler", "Whoever turns his arms on his own country will answer for it."),
    13: ("mediator", "There is still a way home for everybody."),
}
FORESEEN = {"rebels_win": 0.1, "government_concedes": 0.15, "negotiated_exit": 0.4, "rebels_collapse": 0.05,
            "crushed": 0.15, "prolonged": 0.15}  # fmt: skip


class Class(Site):
    """A class that plays by the script, over the addresses that the pages use."""

    def __init__(self, browser: Any, printed: str) -> None:
        self.links = {kind: link(printed, kind) for kind in ("table", "wall", "join")}
        super().__init__(browser, self.links["wall"].partition("/wall/")[0])
        self.ids = itertools.count(1)
        self.seats: dict[str, list[str]] = {}
        self.desk = browser.new_context().request

    def post(self, path: str, **body: Any) -> Any:
        """Send a request that must be taken."""
        told = self.desk.post(f"{self.origin}/api{path}", data={"id": f"picture-{next(self.ids):024d}", **body})
        assert told.ok, told.text()
        return told.json()

    def sit(self) -> None:
        """Everybody takes a seat."""
        for seat, count in PEOPLE.items():
            join = self.links["join"].removeprefix(self.origin)
            self.seats[seat] = [self.post(join, seat=seat, name="")["url"] for _ in range(count)]

    def act(self, action: str, **given: Any) -> None:
        """An action of the facilitator."""
        self.post(self.links["table"].removeprefix(self.origin) + "/act", action=action, given=given)

    @property
    def status(self) -> dict[str, Any]:
        """The head of every page."""
        address = self.links["table"].replace("/table/", "/api/table/") + "/view"
        found: dict[str, Any] = self.desk.get(address).json()["status"]
        return found

    def turn(self, *, leave_out: str = "") -> None:
        """What the script has for the open turn; without `leave_out` it ends."""
        now = self.status
        n, at = now["shown_turn"], {"line": now["line"], "turn": now["turn"]}
        if n in SAID:
            seat, text = SAID[n]
            self.post(f"{self.seats[seat][0]}/say", text=text)
        for seat, places in self.seats.items():
            option = ORDERS[seat][max(first for first in ORDERS[seat] if first <= n)]
            for place in places:
                self.post(f"{place}/forecast", odds=FORESEEN, **at)
                if seat != leave_out:
                    self.post(f"{place}/vote", option=option, details={}, **at)
        if not leave_out:
            self.act("end_turn", **at)


@contextmanager
def played(browser: Any, folder: Path) -> Iterator[Class]:
    """A class in the middle of a game."""
    command = Command(folder, *WORDS)
    try:
        with Class(browser, command.start()) as found:
            found.sit()
            found.act("start")
            yield found
    finally:
        command.close()


def pictures(game: Class, folder: Path) -> None:
    """Wall and seat in the turn `LAST`, then the debrief of the whole game."""
    wall = game.live(game.links["wall"], WALL)
    phone = game.live(game.seats["leader"][0], PHONE, device_scale_factor=2)
    while game.status["shown_turn"] < LAST:
        game.turn()
        wall.wait_for_selector(f".turn b:text-is('{game.status['shown_turn']}')")
        wall.wait_for_selector(".odds-body.fresh")
    game.turn(leave_out="leader")
    choose(phone)
    game.act("extend", seconds=212 - game.status["left_s"])
    wall.wait_for_selector("[data-timer]:text-is('3:30')")
    wall.screenshot(path=folder / "seminar_wall.png")
    phone.screenshot(path=folder / "seminar_seat.png")
    while game.status["phase"] != "over":
        game.turn()
    line(game, folder / "seminar_debrief.png")


def choose(phone: Any) -> None:
    """An order half made, with its details."""
    tab(phone, "order")
    phone.locator("#order .choice", has_text="Negotiate").tap()
    phone.select_option("#call", "mediator")


def line(game: Class, path: Path) -> None:
    """The part of the debrief that tells the game as a line of odds."""
    game.post(game.links["table"].removeprefix(game.origin) + "/debrief")
    table = game.live(game.links["table"])
    table.wait_for_selector("#next-publish", timeout=300_000)
    page = game.page(game.links["table"] + "/debrief", (1100, 900))
    box = page.locator("section:has(> #h-line) figure").first.bounding_box()
    left, top, wide, tall = (box[name] for name in ("x", "y", "width", "height"))
    clip = {"x": left - EDGE, "y": top - EDGE, "width": wide + 2 * EDGE, "height": tall + 2 * EDGE}
    page.screenshot(path=path, clip=clip, full_page=True)


def main(folder: str) -> int:
    """Write the pictures; says so and does nothing where there is no Chromium."""
    path = chromium()
    if path is None:
        print("no Chromium: the pictures of the seminar stay as they are (apt-get install chromium)", file=sys.stderr)
        return 0
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver, TemporaryDirectory() as rooms:
        browser = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        with played(browser, Path(rooms)) as game:
            pictures(game, Path(folder))
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
