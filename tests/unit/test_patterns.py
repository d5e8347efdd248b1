"""Patterns of June 2023: the data, how they are read from runs, and how they are scored."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sim.catalog import GRADES
from sim.engines.batch import run_table
from sim.engines.mesa import Crisis
from sim.model.state import Ending, Item, Stance
from sim.patterns.evidence import FACTS, gather
from sim.patterns.patterns import READ, Pattern, book
from sim.patterns.scores import HOLDS, MISSES, PARTLY, joint, score, scored, total, verdict, weighted
from tests.conftest import setting

BOOK = book()
REPLAYED = ("P1", "P2", "P4", "P13", "P14", "P15", "P18")  # what the script of 23-24 June lays down
N = 300


def evidence(n: int = 4, **given: list[float]) -> dict[str, np.ndarray]:
    """Runs that show all patterns at once, some columns changed."""
    usual = {
        "outcome": Ending.NEGOTIATED_EXIT, "end_h": 23.0, "set_out_h": 3.5, "road_km": 780, "closest_km": 200,
        "battle": 0, "deaths": 15, "airmen": 13, "aircraft": 7, "fought": 0, "joined": 0, "passive": 8, "hq_h": 10.5,
        "speech_h": 13.0, "offered": 0, "contacts": 0, "entered_h": 14.0, "defectors": 0, "loyal_after": 0.95,
        "package": 1 << Item.IMMUNITY | 1 << Item.MEN, "worn_day": 10.5, "breach_day": 59.5, "minister_day": np.inf,
    }  # fmt: skip
    assert list(usual) == list(FACTS)
    return {name: np.array(given.get(name, [value] * n)) for name, value in usual.items()}


def test_every_pattern_says_what_it_is_and_why_it_is_absent_given_or_seen() -> None:
    assert list(BOOK.patterns) == [f"P{i}" for i in (1, 2, *range(4, 16), 18, *range(20, 26)) if i != 3]
    for pattern in BOOK.patterns.values():
        assert pattern.low <= pattern.central <= pattern.high
        assert pattern.use in "KH"
        assert pattern.grade in GRADES
        assert pattern.weight == {"A": 3, "B": 2, "C": 1}[pattern.grade]
        assert bool(pattern.why) != pattern.represented
        assert len(pattern.what) <= 44, "one line of the figure"
        assert pattern.source
    assert {*BOOK.joint, *BOOK.telling} <= {*READ}


def test_a_run_like_june_2023_shows_every_pattern() -> None:
    scores = scored(BOOK, evidence())
    assert {name for name, s in scores.items() if s["hit_share"] < 1.0} == set()
    assert joint(BOOK, evidence())["share"] == 1.0


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("P1", {"outcome": Ending.CRUSHED}),
        ("P4", {"outcome": Ending.REBELS_WIN}),
        ("P4", {"closest_km": 118.0}),
        ("P5", {"battle": 1}),
        ("P7", {"deaths": 0}),
        ("P9", {"joined": 1}),
        ("P12", {"loyal_after": math.nan}),
        ("P13", {"contacts": 1}),
        ("P13", {"speech_h": math.nan}),
        ("P13", {"offered": 1}),
        ("P15", {"entered_h": 12.5}),
        ("P15", {"entered_h": math.nan}),
        ("P18", {"package": 1 << Item.IMMUNITY}),
        ("P18", {"package": 1 << Item.IMMUNITY | 1 << Item.MEN | 1 << Item.STAY}),
        ("P18", {"package": -1}),
        ("P21", {"worn_day": 17.5}),
        ("P21", {"breach_day": math.inf}),
        ("P22", {"outcome": Ending.GOVERNMENT_CONCEDES}),
        ("P22", {"minister_day": 3.5}),
    ],
)
def test_what_is_not_the_pattern_is_a_miss(name: str, changed: dict[str, float]) -> None:
    e = evidence(**{key: [value] * 4 for key, value in changed.items()})
    assert score(BOOK.patterns[name], e)["hit_share"] == 0.0


def test_a_few_runs_with_the_quantity_cannot_cover_the_fact() -> None:
    """One run in twenty halts, and where it should: the band of those would cover, the ensemble does not."""
    e = evidence(20, outcome=[Ending.NEGOTIATED_EXIT, *[Ending.CRUSHED] * 19])
    found = score(replace(BOOK.patterns["P1"], central=23.0), e)
    assert found["band80"] == [23.0, 23.0]
    assert found["told"] == 0.05
    assert not found["covers"]


def test_the_ensemble_covers_from_a_tenth_on_either_side() -> None:
    pattern: Pattern = BOOK.patterns["P6"]
    above = evidence(10, deaths=[14.0, *[30.0] * 9])
    assert score(pattern, above)["covers"]
    assert not score(pattern, evidence(11, deaths=[14.0, *[30.0] * 10]))["covers"]


def test_verdicts() -> None:
    assert [verdict(0.5, True), verdict(0.49, True), verdict(0.9, False), verdict(0.1, False)] == [
        HOLDS, PARTLY, PARTLY, MISSES,
    ]  # fmt: skip


def test_inputs_and_absent_patterns_are_in_no_total_but_absent_ones_count_against_the_strict_one() -> None:
    e = evidence()
    found = total(BOOK, scored(BOOK, e), "H")
    absent = sum(p.weight for p in BOOK.patterns.values() if p.use == "H" and not p.represented)
    assert "P10" not in [p.id for p in BOOK.patterns.values() if p.counts]
    assert found["hit_share"] == 1.0
    assert found["hit_share_strict"] == pytest.approx(found["weight"] / (found["weight"] + absent))
    assert found["absent"] == 3


def test_weighted_hits_of_runs_average_to_the_total() -> None:
    e = gather(setting("scenario=historical", "seed=1"), N)
    interval = weighted(BOOK, e, "H")
    mean = total(BOOK, scored(BOOK, e), "H")["hit_share"]
    assert (interval["hit_low"] + interval["hit_high"]) / 2 == pytest.approx(mean)
    assert 0.01 < interval["hit_high"] - interval["hit_low"] < 0.1


def test_history_replayed_hits_what_its_script_lays_down() -> None:
    """A check of the yardsticks: the events of 23-24 June themselves lie in the accepted ranges."""
    e = gather(setting("release_at_h=48", "seed=1"), N)
    assert (e["outcome"] == Ending.NEGOTIATED_EXIT).all()
    scores = scored(BOOK, e)
    assert {name: scores[name]["hit_share"] for name in REPLAYED} == dict.fromkeys(REPLAYED, 1.0)


def test_evidence_is_of_the_same_runs_as_the_run_table() -> None:
    of = setting("scenario=historical", "seed=1")
    e, table = gather(of, N), run_table(of.params, of.script, seed=1, n=N)
    for name, column in (
        ("outcome", "outcome"),
        ("end_h", "duration_h"),
        ("deaths", "deaths"),
        ("fought", "route_fought"),
    ):
        assert (e[name] == table[column]).all(), name
    weeks = np.where(e["breach_day"] <= 7 * 26, np.floor(np.nan_to_num(e["breach_day"], posinf=0.0) / 7) + 1, -1)
    assert (weeks == table["breach_week"]).all()


def test_loyalty_is_counted_six_hours_after_the_address() -> None:
    """Against the readable engine, stepped there; run by run, also where the ending comes first."""
    of = setting("scenario=historical", "seed=1")
    e = gather(of, 8)
    for replicate in range(8):
        crisis = Crisis(of.params, of.script, seed=1, replicate=replicate)
        while crisis.hour < of.params.t_speech + 6.0 and crisis.state.ending < 0:
            crisis.step()
        loyal = sum(stance == Stance.LOYAL for stance in crisis.state.stance) / 50
        assert e["loyal_after"][replicate] == pytest.approx(loyal)
