"""One Chromium a worker. Where there is none, these tests are skipped at a desk and fail in continuous integration."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.pages import ARGUMENTS, Site, chromium
from tests.web.driver import Served

MISSING = (
    "tests in a browser need {what}. Chromium: apt-get install chromium, or set RUBICON_CHROMIUM to its path; "
    "Playwright: pip install -e .[dev]"
)
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `--dist loadgroup` the whole game has one worker, everything else in a browser the other."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("game" if item.path.name == "test_game.py" else "browser"))


def lacking(what: str) -> None:
    """Skip, or fail where CI is set, for there these tests must run."""
    text = MISSING.format(what=what)
    if os.environ.get("CI"):
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    path = chromium()
    if path is None:
        lacking("Chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        lacking("Playwright")
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield found
        found.close()


@pytest.fixture(scope="package")
def room(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A seminar's server in this process, for tests of single pages."""
    with Served(tmp_path_factory.mktemp("room")) as served:
        yield served


@pytest.fixture
def site(browser: Any, room: Served) -> Iterator[Site]:
    """Pages of that server; at the end none may have complained."""
    with Site(browser, f"http://127.0.0.1:{room.port}") as found:
        yield found
