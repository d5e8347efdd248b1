"""The pages of all who take part in a game, and what a person does on them."""

from __future__ import annotations

from typing import Any

from tests.browser.pages import BEAMER, DESK, Site, shoot, tab
from tests.web.command import Command, link


class Game(Site):
    """The room's server and the pages of all who take part."""

    def __init__(self, browser: Any, command: Command) -> None:
        self.command = command
        printed = command.start()
        super().__init__(browser, f"http://127.0.0.1:{command.port}")
        self.join = link(printed, "join")
        self.table = self.live(link(printed, "table"), DESK, accept_downloads=True)
        self.wall = self.live(link(printed, "wall"), BEAMER)
        self.phones: dict[str, Any] = {}

    def turn(self, n: int) -> None:
        """Wait until every page is in a turn, counted from 1."""
        self.wall.wait_for_selector(f".turn b:text-is('{n}')")
        for phone in self.phones.values():
            phone.wait_for_selector(f"[data-status=shown_turn]:text-is('{n}')")

    def phase(self, name: str) -> None:
        """Wait until every page is in a phase of the room."""
        for page in (self.table, self.wall, *self.phones.values()):
            page.wait_for_selector(f"body[data-phase={name}]")

    def vote(self, seat: str, option: str, *, arrives: bool = True) -> None:
        """Choose an option on a phone and send it; with `arrives` the page confirms it."""
        phone = self.phones[seat]
        tab(phone, "order")
        phone.locator("#order .choice", has_text=option).tap()
        phone.tap("#order-send")
        if arrives:
            phone.wait_for_selector(f"#order-sent:has-text('Sent: {option}')")

    def say(self, seat: str, text: str, to: str = "") -> None:
        """Send a statement or message from a phone."""
        phone = self.phones[seat]
        tab(phone, "talk")
        phone.select_option("#to", to)
        phone.fill("#text", text)
        phone.tap("#talk-form button")
        phone.locator(".said .text", has_text=text).wait_for()

    def end_turn(self) -> None:
        """End the turn at the facilitator's table, whoever is still missing."""
        self.table.click("#act-end_turn")
        if self.table.locator("#sure[open]").count():
            self.table.click("#sure [data-yes]")

    def shoot(self, phase: str) -> None:
        """Pictures of all pages."""
        shoot(phase, table=self.table, wall=self.wall, **self.phones)
