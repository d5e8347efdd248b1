"""The seat's page: every part renders in every phase of a game and escapes what people write; the strip map."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.classroom import views
from sim.classroom.host import Host
from sim.classroom.seats import CLASS_SEATS
from sim.classroom.server import render
from sim.classroom.server.strip import EDGE, GAP, LETTER, ROWS, WIDTH, Label, labels, strip
from sim.model.state import CHANNELS, ENDINGS, ITEMS, OPTIONS, SEATS
from tests.unit.conftest import HOSTILE, WORDS, act


def parts(host: Host, seat: str) -> dict[str, str]:
    told = views.status(host) | {"build": "test"}
    return {name: str(text) for name, text in render.parts("seat", v=views.seat(host, seat), s=told, t=WORDS).items()}


def page(host: Host, number: int) -> str:
    name = host.member(number).seat
    return render.page(
        "seat.html.j2", v=views.seat(host, name), s=views.status(host) | {"build": "test"}, t=WORDS,
        parts=parts(host, name), mine=views.member(host, number), stream="/s", api="/a", address="http://x/seat/abc",
        debrief="/d",
    )  # fmt: skip


def test_every_part_of_every_seat_in_every_phase(host: Host) -> None:
    people = {seat: host.join(seat, HOSTILE).number for seat in CLASS_SEATS}
    host.join("officials", "")
    phases = []
    act(host, "show", where="seats", on=True)
    for step in range(60):
        if step == 1:
            act(host, "start")
            act(host, "note", to="all", text=HOSTILE)
            for number in people.values():
                host.say(number, "1", HOSTILE)
        if step == 2:
            act(host, "pause")
        phases.append(host.phase)
        for seat, number in people.items():
            text = page(host, number)
            assert "<script>alert" not in text
            assert "style=" not in text
            drawn = parts(host, seat)
            assert host.phase == "lobby" or "{{ 7 * 7 }}" in drawn["said"]
            assert not re.search(r"\{\w*\}", "".join(drawn.values())), "a label's value was left out"
        if host.phase == "over":
            break
        if step > 2:
            host.close_turn()
    assert set(phases) == {"lobby", "open", "paused", "over"}
    ending = views.status(host)["ending"]
    assert WORDS["endings"][ending] in parts(host, "leader")["banner"]


def test_parts_hold_no_clock_and_stay_the_same_while_nothing_happens(host: Host) -> None:
    host.join("leader", "")
    act(host, "start")
    before = parts(host, "leader")
    host.timer.extend(-10.0)
    assert parts(host, "leader") == before


def test_votes_of_the_team_are_told_without_their_choice(host: Host) -> None:
    one, _ = host.join("guard", "Ann"), host.join("guard", "Bob")
    act(host, "start")
    before = parts(host, "guard")
    host.vote(one.number, "v", host.at, "concede", {})
    after = parts(host, "guard")
    assert before["team"].count(WORDS["seat"]["not_voted"]) == 2
    assert after["team"].count(WORDS["seat"]["not_voted"]) == 1
    assert {name for name in after if after[name] != before[name]} == {"team"}
    host.vote(one.number, "w", host.at, "advance", {"men": 1.0})
    assert parts(host, "guard") == after


@pytest.mark.parametrize(("group", "names"), [
    ("endings", ENDINGS), ("ending_texts", ENDINGS), ("options", OPTIONS), ("channels", CHANNELS), ("items", ITEMS),
    ("actors", SEATS),
])  # fmt: skip
def test_every_name_of_the_model_has_a_label(group: str, names: tuple[str, ...]) -> None:
    assert tuple(WORDS[group]) == tuple(str(name) for name in names)


def spans(row: list[Label]) -> list[tuple[float, float]]:
    found = []
    for one in row:
        wide = len(one.text) * LETTER
        low = one.x - {"start": 0.0, "middle": wide / 2, "end": wide}[one.anchor]
        found.append((low, low + wide))
    return sorted(found)


@given(st.lists(st.tuples(st.integers(0, 2), st.text(min_size=1, max_size=60), st.floats(14.0, 346.0)), max_size=25))
def test_names_on_the_strip_never_overlap_and_keep_inside(wanted: list[tuple[int, str, float]]) -> None:
    found = labels(wanted)
    for row in range(ROWS):
        placed = spans([one for one in found if one.row == row])
        assert all(low >= EDGE - 1e-6 and high <= WIDTH - EDGE + 1e-6 for low, high in placed)
        assert all(a[1] + GAP <= b[0] + 1e-6 for a, b in pairwise(placed))


def test_the_strip_has_the_capital_on_the_right_and_the_column_before_the_line(host: Host) -> None:
    v = views.seat(host, "leader")
    drawn = strip(v["route"], v["briefing"]["column"])
    assert drawn.column < drawn.line < drawn.capital
    assert next(one.text for one in drawn.labels) in {"Moscow", v["briefing"]["column"]["next_town"]}
