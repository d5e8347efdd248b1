"""A whole game in a browser: a facilitator, three players on phones, the projected page; the network fails, the server
is killed, the room goes back, and the debrief is read."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.classroom.debriefing.files import FILES, differing_turns
from tests.browser.game import Game
from tests.browser.pages import PHONE, READY, tab
from tests.web.command import Command

WORDS = (
    "name=game", "replicate=3", "seminar.turn_h=2", "seminar.start_h=10", "seminar.debrief.samples=50",
    "seminar.debrief.continuations=100", "seminar.debrief.games=200", "seminar.grace_s=0",
    "seminar.shows.wall_odds=true",
)  # fmt: skip
TITLES = {"leader": "Rebel leader", "ruler": "Ruler", "mediator": "Mediator"}
STATEMENT = 'Justice at the ministry. <img src="x" onerror="alert(1)"> {{ s }}'
ODDS_S = 2.0  # from a turn's end to new odds on the projected page
MOST_TURNS = 30
pytestmark = pytest.mark.slow


@pytest.fixture
def game(browser: Any, tmp_path: Path) -> Iterator[Game]:
    command = Command(tmp_path, *WORDS)
    try:
        with Game(browser, command) as found:
            yield found
        assert "Traceback" not in command.complaints
    finally:
        command.close()


def test_a_whole_game(game: Game, tmp_path: Path) -> None:
    people_join(game)
    they_speak(game)
    all_votes_close_the_turn(game)
    the_facilitator_shows_injects_and_pauses(game)
    a_reload_keeps_the_vote(game)
    a_dead_spot_keeps_the_vote(game)
    the_server_is_killed(game)
    the_room_goes_back(game)
    the_facilitator_takes_seats_over(game)
    it_is_played_to_the_end(game)
    the_debrief_is_read(game)
    the_files_replay(game, tmp_path / "kept")


def people_join(game: Game) -> None:
    """Two by the room's link, one by the code that is projected; the start reaches everybody."""
    game.wall.wait_for_selector(".lobby .qr svg")
    for n, (seat, title) in enumerate(TITLES.items()):
        phone = game.phones[seat] = game.page("/" if seat == "mediator" else game.join, PHONE)
        if seat == "mediator":
            phone.fill("#code", game.wall.inner_text(".code").lower().replace("-", " "))
            phone.tap("button.main")
        phone.get_by_label(title).check()
        phone.fill("#name", f"{seat} {n}")
        phone.get_by_role("button", name="Sit down").tap()
        phone.wait_for_selector(READY)
        game.wall.wait_for_selector(f".arrivals .here .name:text-is('{title}')")
    assert game.wall.locator(".arrivals .here").count() == len(TITLES)
    game.shoot("1_lobby")
    game.table.click("#act-start")
    game.phase("open")
    game.turn(1)


def they_speak(game: Game) -> None:
    """A statement is projected as text; a message reaches one seat alone; a note reaches all."""
    game.say("leader", STATEMENT)
    game.wall.wait_for_selector("blockquote:has-text('onerror')")
    assert game.wall.inner_text("blockquote") == STATEMENT
    game.say("leader", "Between us: what would you offer?", to="mediator")
    game.phones["mediator"].wait_for_selector(".said .private, .said .message", state="attached")
    game.table.fill(".note textarea", "Two minutes more for this turn.")
    game.table.click(".note form button")
    for page in (game.wall, *game.phones.values()):
        page.wait_for_selector("[data-part=notes]:has-text('Two minutes more')", state="attached")
    for page in (game.phones["ruler"], game.wall):
        assert "Between us" not in page.content()


def all_votes_close_the_turn(game: Game) -> None:
    """Details and odds go along; the last vote closes the turn, and the wall has new odds within two seconds."""
    leader = game.phones["leader"]
    tab(leader, "odds")
    leader.fill("input[type=number][data-ending=negotiated_exit]", "55")
    leader.tap("#odds-send")
    leader.wait_for_selector("#odds-sent:not(:empty):not(.waits)")
    tab(leader, "order")
    leader.locator("#order .choice", has_text="Negotiate").tap()
    leader.select_option("#call", "mediator")
    game.vote("leader", "Negotiate")
    game.vote("ruler", "Hold")
    game.wall.wait_for_selector(".seats .waiting:has-text('Mediator')")
    game.table.wait_for_selector(".votes:has-text('Negotiate')")
    game.shoot("2_turn")
    game.wall.wait_for_selector(".odds-body.fresh")
    game.vote("mediator", "Negotiate", arrives=False)  # the turn closes at once
    closed = time.monotonic()
    game.wall.wait_for_selector(".turn b:text-is('2')")
    game.wall.wait_for_selector(".odds-body.fresh .area >> nth=5", state="attached")
    took = time.monotonic() - closed
    print(f"new odds after {took:.2f} s")
    assert took < ODDS_S
    game.turn(2)
    assert leader.locator("#order-sent").inner_text() == ""


def the_facilitator_shows_injects_and_pauses(game: Game) -> None:
    """Odds come and go on the wall; an event lands in the log; the clock stops, grows and goes on."""
    table, wall = game.table, game.wall
    table.click("#show-wall")
    wall.wait_for_selector("[data-part=odds] h2", state="detached")
    table.click("#show-wall")
    wall.wait_for_selector("[data-part=odds] h2")
    table.select_option("select[name=event]", "false_rumour")
    table.fill("[name=nats]", "0.8")
    table.click(".injects form button")
    table.wait_for_selector(".turns .tag:has-text('A false rumour')")
    table.click("#act-clock")
    game.phase("paused")
    left = wall.inner_text("[data-timer]")
    game.shoot("3_paused")
    table.click("#act-extend")
    wall.wait_for_selector(f"[data-timer]:not(:text-is('{left}'))")
    assert seconds(wall.inner_text("[data-timer]")) == seconds(left) + 60
    table.click("#act-clock")
    game.phase("open")


def seconds(shown: str) -> int:
    """Seconds of a clock that shows minutes and seconds."""
    minutes, _, rest = shown.partition(":")
    return 60 * int(minutes) + int(rest)


def a_reload_keeps_the_vote(game: Game) -> None:
    """Reloaded in the middle of a turn, the page shows what was sent."""
    game.vote("ruler", "Advance")
    ruler = game.phones["ruler"]
    ruler.reload()
    ruler.wait_for_selector("#order-sent:has-text('Sent: Advance')", state="attached")
    assert ruler.locator("[name=option]:checked").get_attribute("value") == "advance"


def a_dead_spot_keeps_the_vote(game: Game) -> None:
    """A vote cast without a network waits on the phone, says so, and arrives by itself."""
    leader = game.phones["leader"]
    with game.away():
        leader.context.set_offline(True)
        leader.wait_for_selector("html.offline")
        game.vote("leader", "Advance", arrives=False)
        leader.wait_for_selector("#order-sent.waits")
        game.shoot("4_offline")
        leader.context.set_offline(False)
        leader.wait_for_selector("#order-sent:has-text('Sent: Advance')")
        leader.wait_for_selector("html:not(.offline)")
    game.table.wait_for_selector("tr.in:has-text('Rebel leader')")


def the_server_is_killed(game: Game) -> None:
    """Killed and started again, with a vote cast meanwhile: every page is back by itself, the room paused."""
    everybody = (game.table, game.wall, *game.phones.values())
    with game.away():
        game.command.end(signal.SIGKILL)
        for page in everybody:
            page.wait_for_selector("html.offline")
        game.vote("mediator", "Hold", arrives=False)
        game.shoot("5_killed")
        game.command.start()
        for page in everybody:
            page.wait_for_selector("html:not(.offline)")
        game.phase("paused")
        game.phones["mediator"].wait_for_selector("#order-sent:has-text('Sent: Hold')")
    game.turn(2)
    assert game.wall.inner_text("blockquote") == STATEMENT
    game.phones["leader"].wait_for_selector("#order-sent:has-text('Sent: Advance')", state="attached")
    game.table.click("#act-clock")
    game.turn(3)  # all were in


def the_room_goes_back(game: Game) -> None:
    """To the first turn, with empty votes, and on from there by the same luck."""
    first = game.table.locator("[data-branch][data-shown='1']")
    first.click()
    game.shoot("6_branch")
    game.table.click("#branch button.main")
    game.turn(1)
    game.phase("paused")
    assert game.phones["leader"].locator("#order-sent").inner_text() == ""
    assert game.table.locator(".turns [data-branch]").count() == 1
    game.table.click("#act-clock")
    game.phase("open")


def the_facilitator_takes_seats_over(game: Game) -> None:
    """An order for a seat, a seat handed to the model and given back; the people in it are told."""
    table, phones = game.table, game.phones
    table.click("#take-leader")
    table.locator("#order-leader .choice", has_text="Hold").first.click()
    game.shoot("7_order")
    table.click("#order-leader button.main")
    phones["leader"].wait_for_selector("[data-part=team] .warn:has-text('facilitator')", state="attached")
    table.wait_for_selector("tr:has-text('Rebel leader') .votes:has-text('Hold')")
    table.click("#hand-ruler")
    table.click("#sure [data-yes]")
    phones["ruler"].wait_for_selector(".banner:has-text('played by the model')", state="attached")
    table.click("#hand-ruler")
    phones["ruler"].wait_for_selector(".banner:has-text('played by the model')", state="detached")
    game.end_turn()
    game.turn(2)


def it_is_played_to_the_end(game: Game) -> None:
    """The facilitator ends turn after turn; then every page tells the ending."""
    table, button = game.table, "#act-end_turn"
    for _ in range(MOST_TURNS):
        if table.locator("body[data-phase=over]").count():
            break
        turn = table.get_attribute(button, "data-given")
        game.end_turn()
        table.locator(f"body[data-phase=over], {button}:not([data-given='{turn}'])").first.wait_for()
    game.phase("over")
    ending = game.wall.inner_text(".ending h2")
    for phone in game.phones.values():
        assert ending in phone.inner_text("#ending-head")
    game.shoot("8_over")


def the_debrief_is_read(game: Game) -> None:
    """It is made, looked at, published; a phone opens it."""
    phone = game.phones["mediator"]
    game.table.click("#next-debrief")
    game.table.wait_for_selector("#next-publish", timeout=60_000)
    assert phone.locator(".only-published").is_hidden()
    game.table.click("#next-publish")
    game.wall.wait_for_selector(".debrief a")
    phone.tap(".only-published a")
    phone.wait_for_selector("h1")
    assert phone.locator("svg").count() > 3
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    game.shoot("9_debrief")


def the_files_replay(game: Game, folder: Path) -> None:
    """Every file can be kept, and the log among them replays to the same states."""
    folder.mkdir()
    game.table.click("#files summary")
    for name in FILES:
        with game.table.expect_download() as kept:
            game.table.click(f"#files a[href$='/{name}']")
        kept.value.save_as(folder / name)
    assert differing_turns(folder) == []
