"""The pack to print: nobody reads another's secrets in it, its tables add up, and a paper game goes by them."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.catalog import catalogue, option, options
from sim.classroom.debrief import measure
from sim.classroom.handouts import hand, pages, paper, road, sheets, wording
from sim.classroom.handouts.course import BEFORE, FAR, LINE, NEAR, PAST, course, d100, share
from sim.classroom.handouts.pool import Orders, openings, turned
from sim.classroom.handouts.printed import Sheet
from sim.classroom.handouts.reading import BATTLE, EVENTS, HOPES, TALKS
from sim.classroom.handouts.tables import tables
from sim.classroom.seats import CLASS_SEATS, SeminarError, role
from sim.model.state import SEATS, Ending, Option, Seat
from sim.scenario import Setting
from sim.studies.seminar import pack as verb
from tests.conftest import setting

WORDS = wording.words("en", "en")
WORTH = measure(option("seminar", "june_2023")).worth
SCENARIOS = tuple(options("scenario"))
PRIVATE = {
    seat: [path for path in catalogue() for one in of
           if path.startswith(f"actors.{SEATS[one]}.") and not path.endswith(".present")]
    for seat, of in CLASS_SEATS.items()
}  # fmt: skip

# What the ruler's reports say before the march is what all seats but the leader start from: see `observe`.
SHARED = ("actors.ruler.aG", "actors.ruler.bG")


def printed(of: Setting, seat: str, worth: dict[str, np.ndarray] | None = None) -> str:
    """A role sheet as it is written to its file."""
    made = pages.Class([seat], 1.0, 3.0, worth or WORTH)
    _, content = pages.role_sheet(made, of, seat, WORDS)
    common = sheets.public(of, WORDS, turn_h=1.0, start_h=3.0)
    return pages.rendered([("role", seat, content | {"common": common})], WORDS)


@cache
def small() -> Sheet:
    of = course(setting("scenario=historical", "seed=5"), 2.0, 100.0)
    return Sheet(of, tables(of, pool=700, ask=300))


def text_of(html: str) -> str:
    """What a reader sees."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.split("<main>")[1]))


@pytest.mark.parametrize("scenario", ["historical", "no_mediator", "demand_power"])
def test_no_sheet_holds_what_another_seat_alone_is_told(scenario: str) -> None:
    of = setting(f"scenario={scenario}")
    there = sheets.seats_to_print(of, tuple(CLASS_SEATS))
    text = {seat: text_of(printed(of, seat)) for seat in there}
    for reader in there:
        for other in there:
            own, theirs = role(of, reader), role(of, other)
            secrets = {*theirs.aims, *theirs.knows} - {*own.aims, *own.knows}
            secrets |= {str(part) for part in theirs.options.values()} - {str(part) for part in own.options.values()}
            found = [secret for secret in secrets if secret.lower() in text[reader].lower() and len(secret) > 12]
            assert reader == other or not found
    assert all(aim in text[seat] for seat in there for aim in role(of, seat).aims), "the own ones are there"


@given(st.sampled_from(SCENARIOS), st.sampled_from(tuple(CLASS_SEATS)), st.data())
@settings(max_examples=40, deadline=None)
def test_anothers_private_numbers_leave_every_byte_of_a_sheet(scenario: str, seat: str, data: st.DataObject) -> None:
    of = setting(f"scenario={scenario}", "seed=3")
    if seat not in sheets.seats_to_print(of, tuple(CLASS_SEATS)):
        return
    others = [path for other, paths in PRIVATE.items() if other != seat for path in paths]
    if seat != "leader":
        others = [path for path in others if path not in SHARED]
    drawn = data.draw(st.lists(st.sampled_from(others), min_size=1, max_size=6, unique=True))
    changes = {}
    for path in drawn:
        number = catalogue()[path]
        changes[path] = data.draw(st.floats(float(number.low), float(number.high)), label=path)
    worth = {name: row if name == seat else row[::-1].copy() for name, row in WORTH.items()}
    assert printed(of.changed(changes), seat, worth) == printed(of, seat)


def test_the_own_private_numbers_do_change_it() -> None:
    of = setting("scenario=historical", "seed=3")
    assert printed(of.changed({"actors.leader.L_prior": 4.5}), "leader") != printed(of, "leader")
    assert printed(of, "leader", {**WORTH, "leader": WORTH["leader"][::-1].copy()}) != printed(of, "leader")


def test_what_everybody_reads_names_no_scenario_and_no_number_of_a_seat() -> None:
    of = setting("scenario=demand_power")
    common = sheets.public(of, WORDS, turn_h=1.0, start_h=3.0)
    drawn = {"map": road.drawing(of), "box_km": 20}
    html = pages.rendered([("rules", "r", {"common": common}), ("map", "m", drawn)], WORDS)
    for text in (html, printed(of, "ruler")):
        assert "demand_power" not in text
        assert of.settings.about not in text
    changed = of.changed(
        {"actors.leader.c_R": 0.3, "actors.ruler.c_G": 0.5, "forces.L_max": 9.0, "clock.t_speech": 20.0}
    )
    assert sheets.public(changed, WORDS, turn_h=1.0, start_h=3.0) == common


def test_pages_ask_for_nothing_from_outside_and_run_no_script() -> None:
    made = pages.Class(["leader"], 1.0, 3.0, WORTH)
    found = pages.pack(made, small().course.setting, small(), paper.checked(small(), 50), 50, WORDS)
    assert set(found) == {
        "role_leader.html",
        "rules.html",
        "map.html",
        "injects.html",
        "by_hand.html",
        "guide.html",
        "pack.html",
    }
    for name, html in found.items():
        assert not re.search(r"<script|<link|src=|href=|url\(|@import|https?:", html), name
        assert "{" not in text_of(html), f"an unfilled text in {name}"
    again = pages.pack(made, small().course.setting, small(), paper.checked(small(), 50), 50, WORDS)
    assert again == found, "same configuration and seed, same bytes"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6).filter(lambda row: sum(row) > 0.01))
def test_rolls_cover_a_hundred_once(weights: list[float]) -> None:
    spans = [span for span in d100((np.array(weights) / sum(weights)).tolist()) if span]
    assert [n for low, high in spans for n in range(low, high + 1)] == list(range(1, 101))


def test_a_turn_of_the_pool_without_orders_is_the_models_own() -> None:
    """`turned` in one go against `one_step` step by step."""
    from sim.engines.rollouts import one_step

    of = small().course
    at = next(one for one in openings(of, 40, of.turns) if one.turn == 8)
    state = at.states.copy()
    for _ in range(of.step(8), of.step(9)):
        live = np.flatnonzero(state["ending"] < 0)
        row, replicate = of.setting.params.row(), at.replicate[live]
        state[live] = one_step(state[live], row, seed=of.setting.seed, replicate=replicate)
    whole = turned(of, at, Orders({}))
    for name in ("km", "ending", "option", "mediation", "log_odds", "belief", "conduct", "rebels"):
        assert np.array_equal(whole[name], state[name]), name


def test_orders_are_kept_through_the_turn() -> None:
    of = small().course
    at = next(one for one in openings(of, 60, of.turns) if one.turn == 4)
    still = turned(of, at, Orders({Seat.LEADER: Option.HOLD}))
    driven = turned(of, at, Orders({Seat.LEADER: Option.ADVANCE}))
    assert np.array_equal(still["km"], at.states["km"])
    assert (driven["km"] < at.states["km"])[driven["ending"] < 0].all()


def test_tables_say_what_the_rules_imply() -> None:
    sheet = small()
    assert sheet.made["advance", "open"] > 1.8 * sheet.made["negotiate", "open"] > 0, "half speed while he negotiates"
    assert sheet.march["advance", "none"][EVENTS.index("struck")] == 0.0, "nobody strikes whom nobody ordered to"
    nobody = [v for k, v in sheet.counted.talks.items() if k[0] == "nobody"]
    assert sum(nobody)[:2].sum() <= 0.01 * sum(nobody).sum(), "no deal without somebody of rank"
    low, high = (sheet.talks["carries", True, level][TALKS.index("exit")] for level in (1, len(HOPES) - 1))
    assert low > high + 0.3, "a leader without hope settles, one with hope does not"
    crushed = BATTLE.index("crushed")
    assert sheet.arrival[True][crushed] >= sheet.arrival[False][crushed] - 0.1
    assert sheet.marks[0] < 0 < sheet.marks[1], "who resists takes hope, who joins gives it"


def test_a_paper_game_obeys_its_orders() -> None:
    sheet, rng = small(), Random(1)
    home = [paper.Game(sheet, lambda t, c: {Seat.LEADER: Option.CONCEDE}, None, rng).play() for _ in range(20)]
    assert set(home) == {Ending.REBELS_COLLAPSE}
    hold = {Seat.LEADER: Option.HOLD, Seat.RULER: Option.HOLD}
    still = [paper.Game(sheet, lambda t, c: hold, None, rng) for _ in range(40)]
    assert not {game.play() for game in still} & {Ending.CRUSHED, Ending.NEGOTIATED_EXIT}
    assert all(game.km == sheet.course.setting.params.D0 for game in still)


def test_paper_and_model_agree_where_the_tables_are_asked() -> None:
    """By luck alone 300 games each are some 4 % apart; a table read in the wrong column shifts far more."""
    checks = paper.checked(small(), 300)
    assert checks["both_talk"].apart < 0.25
    assert checks["free"].apart < 0.3
    assert all(check.paper.sum() == check.model.sum() == 300 for check in checks.values())
    assert share(checks["drives_on"].paper)[Ending.NEGOTIATED_EXIT] == 0.0


def test_the_clock_puts_the_address_on_the_opening_of_a_turn() -> None:
    of = course(setting("scenario=historical"), 2.0, 100.0)
    p = of.setting.params
    assert of.start <= p.t_start < of.start + of.turn_h
    assert any(of.hour(turn) == p.t_speech for turn in range(of.turns))
    assert [of.period(*at) for at in ((5, 700, 1), (14, 400, 1), (20, 150, 1), (20, 118, 1), (20, 60, 0))] == [
        BEFORE, FAR, NEAR, LINE, PAST,
    ]  # fmt: skip
    with pytest.raises(SeminarError, match="multiple of the step"):
        course(setting("scenario=historical"), 0.7, 100.0)


@pytest.mark.parametrize(
    ("key", "value"),
    [("pool", 3), ("games", 1.5), ("seats", ["tsar"]), ("seats", []), ("near_km", 0.0), ("turn_h", -1)],
)
def test_a_wrong_key_is_named_with_what_is_allowed(key: str, value: object) -> None:
    good = {"pool": 500, "ask": 100, "games": 100, "seats": None, "turn_h": None, "paper_turn_h": 2.0, "near_km": 100.0}
    verb.checked(good)
    with pytest.raises(SeminarError, match=f"{key}=.*not allowed; give"):
        verb.checked({**good, key: value})


def test_the_map_keeps_its_labels_apart_and_its_track_whole() -> None:
    for scenario in ("historical", "no_oka_line"):
        drawn = road.drawing(setting(f"scenario={scenario}"))
        heights = sorted(town["to"] for town in drawn["towns"])
        assert min(b - a for a, b in pairwise(heights)) >= road.GAP - 0.11
        boxes = [box["km"] for row in drawn["track"] for box in row]
        assert boxes == list(range(boxes[0], -1, -road.BOX_KM))
        assert (drawn["line"] is None) == (scenario == "no_oka_line")


def test_every_inject_has_its_card_and_every_text_its_place() -> None:
    cards = pages.cards(small(), WORDS)
    assert [card["name"] for card in cards] == list(pages.INJECTS)
    assert len(hand.rolls(1)) == hand.ROLLS[0]
    assert hand.rolls(1) != hand.rolls(2)


def test_the_opening_is_the_seats_own_briefing() -> None:
    of = setting("scenario=historical", "seed=3")
    told = sheets.opening(of, "mediator", 0)
    assert not told.forces
    assert set(told.beliefs) == {"mediator"}
    assert 0 < told.beliefs["mediator"] < 1
