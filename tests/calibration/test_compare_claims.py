"""What `compare` says of settings that differ in nothing, and whether its words are those of its tables."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engines.batch import run_table
from sim.model.state import ENDINGS
from sim.report.endings import PHRASE, phrase
from sim.scenario import build
from sim.stats import paired
from sim.studies.compare import report
from sim.studies.compare.comparing import Plan, gather
from sim.studies.compare.comparison import ranking_sentences, sentences, summary
from tests.calibration.counting import Case, Said, check
from tests.calibration.nulls import LUCK, alike, pool
from tests.conftest import changed, setting

WAYS = ("higher", "lower")
ONCE = Plan(400, 400, 0.95, "settled", None, ((0, 1),), 0)  # its first look is its last
LOOKS = Plan(150, 500, 0.95, "settled", None, ((0, 1), (0, 2), (1, 2)), 0)


def told(tables: list[dict[str, np.ndarray]], plan: Plan, same: bool = False) -> dict[str, Any]:
    """The summary of a comparison of these tables, looked at as the plan has it."""
    arms = [paired.kept(table) for table in tables]
    known = dict.fromkeys(plan.pairs, same)

    def play(arm: int, first: int, n: int) -> dict[str, np.ndarray]:
        return {name: values[first : first + n] for name, values in arms[arm].items()}

    labels = ["a", "b", "c"][: len(arms)]
    return summary(labels, plan, gather(play, len(arms), plan, known), {}, known, 1)


def said(of: dict[str, Any], measures: tuple[str, ...] = tuple(paired.MEASURES)) -> Iterator[Said]:
    """The table's settled directions, the report's sentences and the order of the settings."""
    for pair in of["pairs"].values():
        for name in measures:
            entry = pair["differences"][name]
            yield Said(f"{name}: {paired.in_words(entry)} {entry['low']} {entry['high']}", entry["direction"] in WAYS)
        yield from (Said(text, " rises " in text or " falls " in text) for text in report._pair(pair, 2))
    yield from (Said(text, " > " in text) for text in ranking_sentences(of))


def other_luck(plan: Plan, shared: float, seed: int) -> Iterator[Said]:
    return said(told(alike(seed, plan.cap, 1 + plan.pairs[-1][1], shared), plan))


def an_inert_number(seed: int) -> Iterator[Said]:
    """Revenge acts after the ending: no ending can move, though deals are kept otherwise."""
    base = setting("scenario=historical")
    arms = [build(replace(base.settings, seed=seed)), changed(base, {"aftermath.revenge": 1.0})]
    tables = [run_table(of.params, of.script, seed=seed, n=ONCE.cap) for of in arms]
    return said(told(tables, ONCE), ENDINGS)


CASES = [
    *(Case("compare", "one look", luck, "one setting twice", partial(other_luck, ONCE, shared))
      for luck, shared in LUCK.items()),
    *(Case("compare", "three settings, until settled", luck, "one setting thrice", partial(other_luck, LOOKS, shared))
      for luck, shared in LUCK.items()),
    Case("compare", "one look", "common", "aftermath.revenge", an_inert_number),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_settings_that_differ_in_nothing_are_not_told_apart(case: Case) -> None:
    check(case)


def test_a_mediator_is_missed() -> None:
    tables = [{name: values[:500] for name, values in pool(of).items()} for of in ("historical", "no_mediator")]
    (text, *_) = report._pair(told(tables, ONCE)["pairs"]["b - a"], 500)
    assert "a negotiated exit falls from" in text
    assert "a rebel collapse rises from" in text


NUMBERS = st.floats(-1, 1, allow_nan=False)


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    """A share's difference with its interval, settled by its sign, by how narrow it is, or not at all."""
    one, two = draw(st.floats(0, 1)), draw(st.floats(0, 1))
    reach = draw(st.sampled_from([0.0, 0.01, 0.5, math.nan]))
    low, high = two - one - reach, two - one + reach
    way = "higher" if low > 0 else "lower" if high < 0 else "open"
    near = draw(st.booleans()) and reach == reach
    return {"reference": one, "other": two, "difference": two - one, "low": low, "high": high, "direction": way,
            "settled": way != "open" or near, "unit": "share"}  # fmt: skip


@given(st.fixed_dictionaries({name: entries() for name in ENDINGS}), st.sampled_from([1, 2, 400]))
@settings(max_examples=60, deadline=None)
def test_the_sentences_claim_the_directions_of_the_table_and_no_others(found: dict[str, Any], n: int) -> None:
    text = " ".join(report._pair({"reference": "a", "other": "b", "differences": found}, n))
    for name, entry in found.items():
        for verb, way in (("rises", "higher"), ("falls", "lower")):
            if f"{phrase(name)} {verb}" in text:
                assert entry["direction"] == way, (name, text)
        open_ = not entry["settled"]
        assert (phrase(name) in text.partition("Not settled")[2]) == open_
    sure = [name for name in found if found[name]["direction"] in WAYS]
    assert text.count(" rises ") + text.count(" falls ") == min(len(sure), 3)


def test_one_setting_twice_is_ranked_level_and_not_in_doubt() -> None:
    same = {("a", "b"): "equal", ("a", "c"): "higher", ("b", "c"): "higher"}
    assert paired.ranking(["a", "b", "c"], same) == (["c", "a", "b"], [])
    assert paired.ranking(["a", "b", "c"], {("a", "b"): "equal", ("a", "c"): "higher"}) == (["c", "a", "b"], [])
    tables = [{name: values[:400] for name, values in pool(of).items()} for of in ("historical", "no_mediator")]
    plan = replace(ONCE, pairs=((0, 1), (0, 2), (1, 2)))
    arms = [paired.kept(table) for table in (tables[0], tables[0], tables[1])]
    known = {(0, 1): True, (0, 2): False, (1, 2): False}
    found = gather(lambda arm, first, n: arms[arm], 3, plan, known)
    of = summary(["a", "b", "c"], plan, found, {}, known, 1)
    assert "negotiated_exit, from most to least often: a = b > c (settled)." in list(ranking_sentences(of))


def test_a_gain_from_common_luck_is_told_of_the_commonest_ending_and_only_where_it_is_known() -> None:
    few = told(alike(1, 400, 2, 0.99), ONCE)
    assert not any(text.startswith("Common luck") for text in sentences(few, few["pairs"]["b - a"]))
    many = told(alike(1, 400, 2, 0.5), ONCE)
    (text,) = (text for text in sentences(many, many["pairs"]["b - a"]) if text.startswith("Common luck"))
    assert "negotiated_exit, the commonest ending" in text
    assert list(PHRASE) == list(ENDINGS)
