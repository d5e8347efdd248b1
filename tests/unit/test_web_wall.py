"""The wall and the facilitator's page: every part in every phase of a game, what they escape, offer and do not tell."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from sim.classroom import chair, views
from sim.classroom.host import Host
from sim.classroom.injects import INJECTS
from sim.classroom.liveodds import Odds
from sim.classroom.seats import CLASS_SEATS
from sim.classroom.server import render
from sim.classroom.teams import RULES
from sim.model.state import ENDINGS
from tests.unit.conftest import HOSTILE, WORDS, act

SECRET = "for the mediator alone"
LINK = "http://127.0.0.1:1/join/abc"


def page(host: Host, name: str) -> str:
    given = {"v": getattr(views, name)(host), "s": views.status(host) | {"build": "test"}, "t": WORDS}
    links = {"join": LINK, "wall": LINK, "table": LINK, "seats": dict.fromkeys(host.free_or_none(), LINK)}
    return render.page(
        f"{name}.html.j2", **given, parts=render.parts(name, **given), stream="/s", api="/a", files="/f", debrief="/d",
        qr="QR", join_url=LINK, links=links, code="ABCD EFGH", also=["http://192.0.2.7:1"], root="http://127.0.0.1:1",
    )  # fmt: skip


def tell_odds(host: Host, shift: float) -> None:
    shares = dict.fromkeys(ENDINGS, (1 - shift) / 6) | {"crushed": (1 + 5 * shift) / 6}
    host.tell_odds(host.room.now, Odds(host.room.now.number, host.room.hour, shares, 400))


def checked(text: str) -> None:
    """Nothing that the policy would stop, nothing unescaped, no id twice, no name for what is not there."""
    assert not re.search(r"<script>|\sstyle=|<style|\son\w+=|&amp;lt;", text)
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    named = {one for found in re.findall(r'aria-labelledby="([^"]*)"|\sfor="([^"]*)"', text) for one in found if one}
    assert named <= set(ids)


def buttons(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = re.findall(r'data-act="(\w+)" data-given="([^"]*)"', text)
    return [(action, json.loads(html.unescape(given))) for action, given in found]


def play(host: Host) -> Iterator[str]:
    """A game in which everything happens that the pages draw; yields where it stands."""
    yield "lobby"
    people = {seat: host.join(seat, HOSTILE).number for seat in CLASS_SEATS}
    host.join("officials", "")
    yield "lobby"
    act(host, "start")
    tell_odds(host, 0.0)
    yield "open"
    host.say(people["leader"], "s", HOSTILE)
    host.say(people["leader"], "m", SECRET, "mediator")
    act(host, "note", to="all", text=HOSTILE)
    act(host, "note", to="ruler", text=SECRET)
    act(host, "inject", event="false_rumour", nats=0.5)
    act(host, "inject", event="unit_joins", formation=8)
    host.vote(people["leader"], "v", host.at, "negotiate", {"call": "officials", "terms": ["men"]})
    host.vote(people["guard"], "g", host.at, "advance", {"men": 0.5})
    act(host, "order", seat="mediator", option="negotiate", details={"offer": True})
    act(host, "pause")
    yield "paused"
    act(host, "branch", turn=host.at[1], luck="fresh")
    act(host, "seat", seat="guard", open=False)
    yield "paused"
    while not host.room.over:
        host.close_turn()
        tell_odds(host, 0.1)
    yield "over"
    host.job.ready = True
    act(host, "publish")
    yield "over"


def test_every_part_in_every_phase(host: Host) -> None:
    for phase in play(host):
        assert host.phase == phase
        for name in ("wall", "table"):
            checked(page(host, name))


def test_the_wall_tells_nothing_that_is_not_public(host: Host) -> None:
    for _ in play(host):
        text = page(host, "wall")
        assert SECRET not in text
        assert "/table" not in text
        state: Any = host.room.now.state
        table = page(host, "table")
        state.loyalty = [1.0 - one for one in state.loyalty]
        state.threshold = [1.0 - one for one in state.threshold]
        assert page(host, "wall") == text
        assert page(host, "table") != table


def test_odds_are_on_the_wall_only_where_they_are_shown(host: Host) -> None:
    play_on = play(host)
    for _ in range(3):
        next(play_on)
    assert "odds-rows" not in page(host, "wall"), "unless the facilitator shows them"
    act(host, "show", where="wall", on=True)
    assert "odds-rows" in page(host, "wall")
    act(host, "show", where="wall", on=False)
    assert "odds-rows" not in page(host, "wall")
    assert "odds-rows" in page(host, "table")


def test_every_button_asks_for_an_action_with_what_it_takes(host: Host) -> None:
    seen = set()
    for _ in play(host):
        for action, given in buttons(page(host, "table")):
            assert set(given) <= set(chair.ACTIONS[action][1]), action
            seen.add(action)
    assert seen == {"start", "pause", "go", "extend", "end_turn", "seat", "show", "rule", "doors", "fix"}


def test_the_buttons_of_an_open_turn_do_what_they_say(host: Host) -> None:
    play_on = play(host)
    for _ in range(3):
        next(play_on)
    at = host.at
    offered = buttons(page(host, "table"))
    for number, (action, given) in enumerate(offered):
        if action != "end_turn":
            chair.act(host, action, f"b{number}", given)
    end = [given for action, given in offered if action == "end_turn"]
    chair.act(host, "end_turn", "end", end[0])
    assert host.at == (at[0], at[1] + 1)
    assert not host.room.open
    assert host.book.shows == {"wall": True, "seats": True}


def test_labels_have_a_word_for_everything() -> None:
    assert set(WORDS["table"]["inject"]) == set(INJECTS)
    assert set(WORDS["table"]["number"]) == {one.number for one in INJECTS.values()}
    assert set(WORDS["table"]["rule"]) == set(RULES)


def test_the_next_step_follows_the_game(host: Host) -> None:
    told = []
    for _ in play(host):
        found = re.search(r'class="next".*?<p>(.*?)</p>', page(host, "table"), re.DOTALL)
        assert found
        told.append(found[1])
    steps = WORDS["table"]["steps"]
    assert told[0] == steps["lobby_empty"]
    assert told[1] == steps["lobby"].format(n=7)
    assert told[3] == told[4] == steps["paused"]
    assert told[5] == steps["over"]
    assert told[6] == steps["published"]
