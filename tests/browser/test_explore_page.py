"""The explorer in a real browser: one command starts it, sliders move the odds, keys work, nothing is left out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.pages import DESK, PHONE, Site

SOON = 0.5  # s from input to repaint, as the page promises; on a machine that does nothing else
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def link(browser: Any) -> Iterator[str]:
    """Address of an explorer started as a user starts it."""
    command = [sys.executable, "-m", "sim", "explore", "port=0", "replicate=3"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().split()[-1]
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0
    finally:
        server.kill()


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def page(request: pytest.FixtureRequest, browser: Any, link: str) -> Iterator[Any]:
    with Site(browser, link.rstrip("/")) as site:  # no error, nothing that the policy stopped, no request to elsewhere
        made = site.page("/", request.param)
        made.wait_for_selector("#odds tr:nth-child(6)")
        made.wait_for_selector("#map svg")
        yield made


def test_keys_alone_move_a_number_and_the_odds_follow(page: Any) -> None:
    before = page.inner_text("#odds")
    page.evaluate("performance.clearMeasures()")
    page.focus('[data-path="forces.R0"] input')
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_selector("#flows:not(:empty)", state="attached")
    page.wait_for_selector('.lever.moved[data-path="forces.R0"]')
    assert page.inner_text('[data-path="forces.R0"] output') == "5.3 thousand men"
    page.wait_for_selector("#odds .settled")
    assert page.inner_text("#odds") != before
    page.wait_for_selector("text=20,000 crises")
    took = page.evaluate("performance.getEntriesByType('measure').map((one) => one.duration / 1000)")
    print(f"input to repaint: {took} s")
    assert took
    busy = "CI" in os.environ or os.getloadavg()[0] > (os.cpu_count() or 1)
    assert busy or min(took) < SOON


def test_a_crisis_is_stepped_played_and_told_to_its_end(page: Any) -> None:
    assert page.inner_text("#now").startswith("Hour 0 ")
    page.click("#step")
    assert page.inner_text("#now").startswith("Hour 0.5 ")
    assert page.locator("#events li").count() > 0
    page.click("#end")
    assert "Negotiated exit" in page.inner_text("#now")  # replicate 3 of seed 1, as in the golden stories' engine
    assert page.is_disabled("#step")
    page.click("#reset")
    page.click("#play")
    page.wait_for_selector("#back:not([disabled])")
    page.click("#play")
    assert float(page.input_value("#hour")) > 0
    assert page.inner_text("#play") == "Play"


def test_what_is_pinned_is_what_is_compared_with(page: Any) -> None:
    page.uncheck('[data-path="actors.mediator.present"] input')
    page.wait_for_selector("#odds .settled")
    page.click("#pin")
    page.wait_for_selector("#flows:text('No crisis ends otherwise')", state="attached")
    page.select_option("#scenario", "strong_guarantee")
    page.wait_for_selector("#odds .settled")
    assert page.inner_text("#reference") == "historical with 1 number moved"


def test_nothing_overflows_and_axe_finds_nothing(page: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.click("#end")
    page.click(".lever summary >> nth=0")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    found = axe.Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
