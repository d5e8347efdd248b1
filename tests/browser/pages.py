"""Pages of one site in a browser: whatever they complain of, or ask of another host, is a fault."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)  # fmt: skip
DESK, PHONE, BEAMER = (1366, 768), (390, 844), (1920, 1080)  # px: the facilitator's screen, a phone, the projected page
READY = "html[data-version]"  # the page has had its first view
SHOTS = os.environ.get("RUBICON_SHOTS")  # a folder that takes a picture of each page at each phase of a game
SOON_MS = 20_000


def chromium() -> str | None:
    """Path of a Chromium: RUBICON_CHROMIUM, or the first on the PATH."""
    return os.environ.get("RUBICON_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


class Site:
    """See the module. `origin` is the only address that its pages may speak to."""

    def __init__(self, browser: Any, origin: str) -> None:
        self.browser = browser
        self.origin = origin
        self.faults: list[str] = []
        self._contexts: list[Any] = []
        self._away, self._gone = False, 0

    def page(self, address: str, size: tuple[int, int] = DESK, script: str = "", **more: Any) -> Any:
        """A device of its own at an address, or at a path; a phone has a touch screen. `script` runs before its own."""
        phone = {"has_touch": True, "is_mobile": True} if size == PHONE else {}
        context = self.browser.new_context(viewport={"width": size[0], "height": size[1]}, **{**phone, **more})
        context.set_default_timeout(SOON_MS)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._said(page, said))
        page.on("request", lambda asked: self._asked(page, asked.url))
        if script:
            page.add_init_script(script)
        page.goto(address if "://" in address else self.origin + address)
        return page

    def live(self, address: str, size: tuple[int, int] = DESK, **more: Any) -> Any:
        """The same, once the page has had its first view."""
        page = self.page(address, size, **more)
        page.wait_for_selector(READY)
        return page

    def _said(self, page: Any, said: Any) -> None:
        known = (self._away and "net::ERR_" in said.text) or (self._gone and f"status of {self._gone}" in said.text)
        if said.type in ("error", "warning") and not known:
            self.faults.append(f"{page.url}: {said.type}: {said.text}")

    def _asked(self, page: Any, url: str) -> None:
        if not url.startswith((self.origin + "/", "data:")):
            self.faults.append(f"{page.url} asked {url}")

    @contextmanager
    def away(self) -> Iterator[None]:
        """While the network or the server is away a browser reports requests that failed; those are no faults."""
        self._away = True
        yield
        self._away = False

    @contextmanager
    def answered(self, status: int) -> Iterator[None]:
        """While such an answer is expected, 404 for a page that there is not, that a browser reports it is no fault."""
        self._gone = status
        yield
        self._gone = 0

    def __enter__(self) -> Site:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        for context in self._contexts:
            context.close()
        if kind is None:
            assert self.faults == [], "\n".join(self.faults)


def tab(page: Any, name: str) -> None:
    """Open a part of a member's page on a phone."""
    page.click(f".tabs [data-tab={name}]")


def shoot(phase: str, **pages: Any) -> None:
    """Pictures to look at, where RUBICON_SHOTS names a folder for them."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        for name, page in pages.items():
            page.screenshot(path=f"{SHOTS}/{phase}_{name}.png", full_page=name != "wall")
