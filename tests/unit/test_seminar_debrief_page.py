"""The debrief as a document and as files: complete, harmless, honest at its edges; its log replays to its states."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from sim.catalog import option
from sim.classroom import journal as journals
from sim.classroom import sentences
from sim.classroom.debrief import debrief, measure
from sim.classroom.debriefing import files, words
from sim.classroom.debriefing.debrief_page import page, style, style_source
from sim.classroom.debriefing.svg import num, spread
from sim.classroom.moves import Move
from sim.classroom.numbering import BEFORE
from sim.classroom.room import Room
from sim.classroom.seats import CLASS_SEATS
from sim.classroom.turning import turning_points
from sim.classroom.words import told
from sim.errors import UserError
from sim.model.state import ENDINGS, OPTIONS
from tests.conftest import setting

OF = setting("scenario=historical")
BY = measure(option("seminar", "june_2023"))
EVIL = '<script>alert(1)</script> & "quotes" {{ 7 * 7 }}\u2028second line'


def odds(name: str, share: float) -> dict[str, float]:
    return {one: share if one == name else (1 - share) / 5 for one in ENDINGS}


def play(journal: journals.Journal) -> None:
    """A game of all six seats with everything in it that a game may hold."""
    count = 0

    def take(kind: str, **body: Any) -> None:
        nonlocal count
        count += 1
        journal.accept({"id": f"m{count}", "kind": kind, "turn": journal.room.now.number, **body})

    room = journal.room
    while not room.over:
        turn = room.now.number
        for i, seat in enumerate(CLASS_SEATS):
            take("order", seat=seat, option=OPTIONS[(turn + i) % 3], **({"terms": "any"} if i < 2 and turn > 8 else {}))
            if turn % 6 == 1:
                take("forecast", seat=seat, odds=odds("negotiated_exit", 0.3 + 0.1 * i))
        if turn == 2:
            take("statement", seat="leader", text=EVIL)
            take("message", seat="ministry", to="guard", text=f"secret {EVIL}")
        if turn == 3:
            take("inject", event="false_rumour", nats=1.5)
        take("resolve")
        if turn == 6 and not room.left:
            count += 1
            journal.accept({"id": f"m{count}", "kind": "branch", "turn": 5, "luck": "fresh"})


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> journals.Journal:
    out = journals.start(tmp_path_factory.mktemp("room") / "room.sqlite", OF, replicate=5, turn_h=2.0)
    play(out)
    return out


@pytest.fixture(scope="module")
def found(journal: journals.Journal) -> dict[str, Any]:
    return debrief(journal.room, BY, samples=40, continuations=200, games=400)


class Reader(HTMLParser):
    """Checks that elements are nested, and gathers what a policy or a printer would mind."""

    VOID = frozenset(("meta", "br"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


def test_the_page_loads_nothing_runs_nothing_and_shows_texts_as_they_were_typed(found: dict[str, Any]) -> None:
    html = page(found, teams={"leader": "<i>Don</i>"})
    reader = read(html)
    assert {tag for tag, _ in reader.seen}.isdisjoint({"script", "link", "img", "iframe", "object", "form", "i", "use"})
    for _, attributes in reader.seen:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset")]
        assert (attributes.get("href") or "#").startswith("#")
    assert "http" not in style()
    assert "url(" not in style()
    said = "".join(reader.words)
    assert EVIL in said
    assert f"secret {EVIL}" in said
    assert "Leader (<i>Don</i>)" in said
    ids = [attributes["id"] for _, attributes in reader.seen if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes["href"] for _, attributes in reader.seen if "href" in attributes}
    assert links <= {f"#{one}" for one in ids}


def test_the_style_sheet_in_the_page_is_the_one_whose_hash_is_given(found: dict[str, Any]) -> None:
    import base64
    import hashlib

    inside = re.search(r"<style>(.*)</style>", page(found), re.S)
    assert inside
    digest = base64.b64encode(hashlib.sha256(inside.group(1).encode()).digest()).decode()
    assert style_source() == f"'sha256-{digest}'"


def test_every_drawing_is_well_formed_and_says_what_it_shows(found: dict[str, Any]) -> None:
    drawings = re.findall(r"<svg.*?</svg>", page(found), re.S)
    decisions = sum(len(entry["moves"]) for entry in found["seats"].values())
    assert len([one for one in drawings if 'class="bars"' in one]) == decisions > 30
    for one in drawings:
        root = ElementTree.fromstring(one)
        assert root.get("aria-label") or root.get("aria-hidden") == "true"
        assert "nan" not in one
        assert "inf" not in re.sub(r"aria-label=\"[^\"]*\"", "", one)


def test_the_page_has_every_seat_decision_forecast_and_turning_point(found: dict[str, Any]) -> None:
    html = page(found)
    for seat, entry in found["seats"].items():
        section = html[html.index(f'<h2 id="seat-{seat}"') :].split("</section>")[0]
        assert section.count('<li class="move">') == len(entry["moves"])
        for mark, count in entry["marks"].items():
            assert f"{words.SYMBOLS[mark]} {count} {mark}" in section
    assert html.count('<span class="dot"') == len(found["turning_points"])
    assert "went back to turn 5, with other luck from there" in html
    assert "does not predict" in html
    for text in (
        "Brier",
        "McKelvey",
        "at most 0.5 points",
        found["comparison"]["history"]["source"].split(" (")[1][:8],
    ):
        assert text in html


def test_the_same_debrief_gives_the_same_page(found: dict[str, Any]) -> None:
    assert page(found) == page(json.loads(json.dumps(found)))


@cache
def unfinished() -> dict[str, Any]:
    room = Room(OF, seats=("guard",), turn_h=1.0)
    room.order("guard", "hold")
    room.apply(Move("", "forecast", 0, {"seat": "guard", "odds": odds("crushed", 0.5)}))
    room.resolve()
    return debrief(room, BY, samples=20, continuations=20, games=50)


def test_a_game_not_finished_has_a_page_without_scores() -> None:
    html = page(unfinished())
    read(html)
    assert "Not played to the end" in html
    assert "Forecasts are scored when the crisis has ended." in html
    assert "chosen by the model" in html


def test_a_room_in_which_nothing_was_played_has_a_page() -> None:
    html = page(
        debrief(Room(setting("scenario=no_mediator"), seats=("ruler",)), BY, samples=5, continuations=5, games=5)
    )
    read(html)
    assert "Not played to the end: 0 hours" in html
    assert "Mediator" not in re.findall(r"<caption>.*?</table>", html, re.S)[0]


def test_progress_counts_every_piece_once_and_an_error_stops_the_work(journal: journals.Journal) -> None:
    seen: list[tuple[int, int, str]] = []
    debrief(journal.room, BY, samples=2, continuations=2, games=2, progress=lambda *one: seen.append(one))
    assert [done for done, _, _ in seen] == list(range(1, seen[0][1] + 1))
    assert len({what for _, _, what in seen}) > 10

    class Stop(Exception):
        pass

    def stop(done: int, total: int, what: str) -> None:
        raise Stop

    with pytest.raises(Stop):
        debrief(journal.room, BY, samples=2, continuations=2, games=2, progress=stop)


def test_moves_that_come_in_while_it_is_worked_out_change_nothing() -> None:
    def room() -> Room:
        out = Room(OF, replicate=2, turn_h=4.0, seats=("guard",))
        for _ in range(2):
            out.order("guard", "hold")
            out.resolve()
        return out

    still, busy = room(), room()

    def disturb(done: int, total: int, what: str) -> None:
        if done == 1:
            busy.inject("false_rumour", nats=2.0)
            busy.order("guard", "concede")
            busy.resolve()
            busy.branch(1)

    sizes = {"samples": 5, "continuations": 5, "games": 0}
    assert debrief(busy, BY, progress=disturb, **sizes) == debrief(still, BY, **sizes)  # type: ignore[arg-type]


def test_an_inject_that_moves_the_odds_is_told_from_the_turn_before_it() -> None:
    room = Room(OF, replicate=3, turn_h=1.0, seats=("guard",))
    for _ in range(6):
        room.resolve()
    room.inject("false_rumour", nats=2.0)
    room.resolve()
    found = debrief(room, BY, samples=2, continuations=1500, games=0)
    kinds = {(point["turn"], point["kind"]) for point in found["turning_points"]}
    assert (6, "inject") in kinds
    assert (5, "turn") not in kinds
    text = next(point for point in found["turning_points"] if point["kind"] == "inject")["events"]
    assert text == ["Thrown in by the facilitator: false rumour, 2 (by how much public log-odds of the rebels move)."]


def test_without_injects_turning_points_are_jumps_from_opening_to_opening(found: dict[str, Any]) -> None:
    import numpy as np

    room = Room(OF, replicate=3, turn_h=6.0, seats=("guard",))
    room.resolve()
    room.resolve()
    fates = np.array([[2] * 400, [2] * 400, [4] * 400])
    points = turning_points(room, fates)
    assert [(point["turn"], point["gained"], point["lost"]) for point in points] == [(1, "crushed", "negotiated_exit")]


def test_histograms_hold_every_game(found: dict[str, Any]) -> None:
    for name in ("hours", "km"):
        of = found["comparison"]["model"][name]
        assert sum(of["counts"]) + of["beyond"] == 400
        assert len(of["edges"]) == len(of["counts"]) + 1
    assert found["comparison"]["model"]["hours"]["edges"][-1] > max(
        found["hour"], found["comparison"]["history"]["hour"]
    )


def test_lines_of_play_that_were_left_are_told(journal: journals.Journal, found: dict[str, Any]) -> None:
    assert found["branches"] == [{"from_turn": 7, "to_turn": 5, "ending": None, "fresh_luck": True}]
    assert [note["kind"] for note in found["notes"]] == ["statement", "message", "inject"]


def test_the_files_hold_a_log_that_replays_bit_for_bit(
    journal: journals.Journal, found: dict[str, Any], tmp_path: Path
) -> None:
    files.write(found, journal.room, journal.log, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(files.FILES)
    assert files.differing_turns(tmp_path) == []
    again = journals.replay(journal.path)
    assert files.digests(again) == json.loads((tmp_path / "states.json").read_text())["turns"]
    # One other order makes other states from the next turn on, and a broken folder is one sentence.
    lines = (tmp_path / "moves.jsonl").read_text().split("\n")
    at = next(i for i, text in enumerate(lines) if '"order"' in text and '"leader"' in text and '"turn": 8' in text)
    changed = {**json.loads(lines[at]), "option": "concede"}
    (tmp_path / "moves.jsonl").write_text("\n".join([*lines[:at], json.dumps(changed), *lines[at + 1 :]]))
    with pytest.raises(UserError):  # the column is gone, so a later move is not for the room's turn
        files.differing_turns(tmp_path)
    kept = [text for text in lines[:at] if text]
    (tmp_path / "moves.jsonl").write_text("\n".join(kept))
    last = len(found["line"]) - 1
    assert files.differing_turns(tmp_path) == list(range(9, last + 1))
    (tmp_path / "states.json").write_text("{}")
    with pytest.raises(UserError, match="no folder of a game"):
        files.differing_turns(tmp_path)


@cache
def flawed() -> dict[str, Any]:
    """A class that took over after three turns: odds shown in its second, the facilitator in its fourth, one branch."""
    room = Room(OF, replicate=5, turn_h=3.0, seats=("guard", "ministry"))
    for _ in range(3):
        room.resolve()
    while not room.over:
        at, orders = room.now.number - 3, {"guard": {"option": "hold"}, "ministry": {"option": "advance"}}
        body: dict[str, Any] = {"orders": orders, "forecasts": {"guard": odds("crushed", 0.5)}}
        body |= {"shown": ["seats"]} if at == 1 else {}
        body |= {"chaired": ["guard"]} if at == 3 else {}
        if at == 1:
            room.inject("address_moved", hour=90)
        room.apply(Move("", "resolve", room.now.number, body))
        if at == 4 and not room.left:
            room.branch(3 + 4)
    return debrief(room, BY, samples=20, continuations=100, games=50, first=3)


def test_a_class_reads_the_numbers_of_turns_that_it_saw() -> None:
    found, html = flawed(), page(flawed())
    read(html)
    last = found["turns"] - 3
    section = html[html.index('id="seat-ministry"') :].split("</section>")[0]
    assert re.findall(r"<h4>(\d+[†‡]*)\.", section) == [
        str(one) + {2: "†", 5: "‡"}.get(one, "") for one in range(1, last + 1)
    ]
    assert f"h, {last} turns" in html
    assert "went back to turn 5" in html
    orders = html[html.index("Every order") :].split("</table>")[0]
    rows = re.findall(r'<th scope="row" class="number">(.*?)</th>', orders)
    assert rows[:5] == [*3 * [BEFORE], "1", "2†"]
    assert "moved it to hour 90 (turn 2)" in html
    assert "moved it to hour 90 (turn 2)" in told(found)
    assert re.findall(r"turn +(\S+)", told(found).split("Decisions of ministry")[1])[:2] == ["1", "2†"]


def test_what_is_not_the_teams_own_or_not_what_it_claims_is_said() -> None:
    html = page(flawed())
    section = html[html.index('id="seat-guard"') :].split("</section>")[0]
    for text in ("not marked: turn 4 hold", "† odds from the true state were shown", "‡ played again after",
                 "Without the turns marked † or ‡:", "Without those marked † or ‡:"):  # fmt: skip
        assert text in section
    assert "Ordered by the facilitator and not marked: turns 4." in told(flawed())
    assert "by the facilitator</small>" in html
    assert "†" not in page(unfinished()).split("<main>")[1].split('id="h-method"')[0]


def test_no_sentence_names_a_winner_where_forecasts_do_not_compare(found: dict[str, Any]) -> None:
    assert found["foresight"] is None
    assert "foresaw the ending best" not in page(found)
    same = {
        "by": "turns",
        "best": "guard",
        "scores": {"guard": 0.2, "ruler": 0.4},
        "stated": {"guard": 6, "ruler": 6},
    } | {"base_rate": 0.75}
    assert "Over the 6 turns for which all teams stated odds the guard scored best" in page(found | {"foresight": same})
    beside = same | {"by": "model", "scores": {"guard": -0.1, "ruler": -0.2}}
    assert sentences.foresight(beside) == "No team foresaw the ending better than the model in its own seat."


def move(chosen: str, best: str, lost: float, error: float, **behind: tuple[float, float]) -> dict[str, Any]:
    entry = {name: {"lost": one[0], "error": one[1]} for name, one in behind.items()}
    shares = {name: odds("negotiated_exit", 0.6 if name == best else 0.3) for name in OPTIONS}
    return {"option": chosen, "best": best, "lost": lost, "error": error, "behind": entry, "odds": shares}


def test_a_verdict_says_what_was_best_and_claims_nothing_that_chance_explains() -> None:
    worth = dict(zip(ENDINGS, BY.worth["mediator"].tolist(), strict=True))
    zero = {"hold": (0.0, 0.0)}
    blunder = words.verdict(move("advance", "hold", 9.0, 1.0, **zero, advance=(9.0, 1.0)), worth)
    assert blunder == (
        "Hold was better by 9.0 ± 2.0 points: a negotiated exit follows in 60 % of the worlds, after advance in 30 %."
    )
    chance = words.verdict(move("advance", "hold", 3.0, 2.0, **zero, advance=(3.0, 2.0)), worth)
    assert chance == "Hold came out 3.0 ± 3.9 points better, which chance may explain."
    level = words.verdict(move("hold", "hold", 0.0, 0.0, **zero, advance=(1.0, 1.0), concede=(20.0, 1.0)), worth)
    assert level.startswith("Best, level with advance within chance; concede would have cost 20.0 ± 2.4 points: ")
    assert words.verdict(move("hold", "hold", 0.0, 0.0, **zero, advance=(0.1, 1.0)), worth) == (
        "The four options were level within chance."
    )


def test_sharpness_in_words_follows_the_interval() -> None:
    def said(low: float, best: float | None, high: float | None) -> str:
        return sentences.sharpness(
            {"decisions": 5, "precision": best, "low": low, "high": high, "model": 20.0, "best_taken": 2}
        )

    assert "agrees with the model's own seat" in said(5.0, 15.0, 40.0)
    assert "less sharp than" in said(5.0, 8.0, 12.0)
    assert "cannot be told from choosing blindly" in said(0.0, 1.0, 12.0)
    assert "Too few decisions to tell" in said(0.0, 15.0, None)
    assert "more sharply" in said(25.0, None, None)


def test_labels_are_spread_within_their_room() -> None:
    places = spread([5.0, 5.0, 98.0, 99.0], 10.0, 0.0, 100.0)
    assert sorted(places) == places
    assert min(b - a for a, b in pairwise(places)) >= 10.0
    assert places[-1] <= 100.0
    assert num(-0.01) == "0"
