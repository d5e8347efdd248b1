"""What `tension` and `disclose` say of moments and tellings that change nothing; words and tables."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.classroom.debriefing.words import turning
from sim.engines.rollouts import courses, fates
from sim.model.state import ENDINGS
from sim.report.endings import phrase, turned
from sim.story.tension import Change, change, described, largest, telling_change
from sim.studies.disclose import report as disclose
from sim.studies.disclose.disclosure import ranked, value
from sim.studies.disclose.figures.disclosure import takeaway as disclosed
from sim.studies.tension import report as tension
from sim.studies.tension.figures.tension import takeaway
from tests.calibration.counting import Case, Said, check
from tests.calibration.nulls import LUCK, alike, done, pool
from tests.conftest import setting

MOMENTS, TOLD = 20, 12
CLAIM = (" rise ", " fall ", "would have been")
FACT = {"fact": {"about": "a fact", "held": []}}


def line(jumps: Change, ending: int = 2) -> dict[str, Any]:
    """What `tension` writes down of these changes, taken as jumps and as options not taken."""
    points = [{"hour": 1.0, "events": []} | described(jumps, i, ending) for i in largest(jumps, 6)]
    choices = [{"seat": "leader", "chose": "hold", "instead": "advance"} | point for point in points]
    return {"history": False, "replicate": 1, "ending": ENDINGS[ending], "turning_points": points,
            "decisions_taken": 9, "decisions_clear": len(choices), "decisions": choices}  # fmt: skip


def spoken(jumps: Change) -> Iterator[Said]:
    """All sentences on changes of odds: the report's, the figure's, the debrief's."""
    of = line(jumps)
    texts = [*tension.conclusions(done(of)), takeaway(of), *map(turning, of["turning_points"])]
    yield from (Said(text, any(word in text for word in (*CLAIM, " rose ", " fell "))) for text in texts)


def still(shared: float, seed: int) -> Iterator[Said]:
    """Twenty moments between which nothing happens: each meets continuations of one law."""
    endings = np.array([one["outcome"] for one in alike(seed, 500, MOMENTS, shared)])
    return spoken(change(endings[:-1], endings[1:]))


@cache
def moment() -> tuple[np.ndarray, np.ndarray]:
    """A state on the road at hour 15, and the numbers it goes on with."""
    of = setting("scenario=historical")
    return courses(of.params, seed=1, replicate=np.array([17]))[30:31, 0].copy(), of.params.row()


def one_moment(seed: int) -> Iterator[Said]:
    """The same state, continued ten times over with luck of its own each time."""
    state, row = moment()
    endings = fates(state, row, seed=seed, n=2200)[0].reshape(11, 200)
    return spoken(change(endings[:-1], endings[1:]))


def disclosures(shared: float, seed: int) -> dict[str, Any]:
    """Twelve tellings after which all go on as before."""
    silent, *told = alike(seed, 500, TOLD + 1, shared)
    entries = [{"hour": 8.0, "fact": "fact", "actor": "leader", "n": 500, "news_to": 500, **value(silent, runs, TOLD)}
               for runs in told]  # fmt: skip
    return {"disclosures": ranked(entries), "facts": FACT}


def idle(shared: float, seed: int) -> Iterator[Said]:
    of = disclosures(shared, seed)
    for text in (*disclose.conclusions(done(of)), disclosed(of)):
        yield Said(text, any(word in text for word in (*CLAIM, "likelier", "rarer")))


CASES = [
    *(Case("tension", f"{MOMENTS} moments", luck, "nothing happens", partial(still, shared))
      for luck, shared in LUCK.items()),
    Case("tension", "11 times", "independent", "one moment again and again", one_moment),
    *(Case("disclose", f"{TOLD} tellings", luck, "all go on as before", partial(idle, shared))
      for luck, shared in LUCK.items()),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_changes_nothing_is_not_told_to_change_anything(case: Case) -> None:
    check(case)


def test_a_mediator_who_is_gone_is_a_turning_point_and_a_disclosure_beyond_chance() -> None:
    before, after = ({name: values[:600] for name, values in pool(of).items()} for of in ("historical", "no_mediator"))
    texts = [said.sentence for said in spoken(change(before["outcome"][None], after["outcome"][None]))]
    assert any("the odds of a negotiated exit fall from" in text for text in texts)
    entry = {"hour": 8.0, "fact": "fact", "actor": "leader", **value(before, after, TOLD)}
    (text, _) = disclose.conclusions(done({"disclosures": [entry], "facts": FACT}))
    assert text.startswith("Told at hour 8 to the leader, a fact makes the odds of a negotiated exit fall from")


codes = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=60)


@given(codes, st.integers(0, 5), st.integers(1, 12))
@settings(max_examples=150, deadline=None)
def test_words_have_the_direction_and_the_numbers_of_the_table(
    pairs: list[tuple[int, int]], ending: int, times: int
) -> None:
    """Also where the ending that came is not the one that moved, where only one moves, and where none does."""
    before, after = (np.repeat([[pair[side] for pair in pairs]], times, axis=1) for side in (0, 1))
    found = change(before, after)
    of = line(found, ending)
    if not found.clear[0]:
        assert of["turning_points"] == []
        assert "beyond chance" in takeaway(of)
        return
    (point,) = of["turning_points"]
    for one in point["sure"]:
        code = ENDINGS.index(one["ending"])
        assert one["change"] == pytest.approx((after == code).mean() - (before == code).mean())
        assert 0.0 < one["low"] < one["change"] or one["change"] < one["high"] < 0.0
        assert turned(one).count(" rise " if one["change"] > 0 else " fall ") == 1
    told = telling_change(point, ENDINGS[ending])
    assert told["ending"] == ENDINGS[ending] or ENDINGS[ending] not in {one["ending"] for one in point["sure"]}
    text = takeaway(of)
    assert phrase(told["ending"]) in text
    assert (" rose " in text) == (told["change"] > 0)
    assert (" fell " in text) == (told["change"] < 0)


def test_an_ending_that_is_not_itself_sure_is_not_told_to_gain() -> None:
    """Where one ending loses to five others, the loss is sure and no single gain is."""
    rng = np.random.default_rng(3)
    before = rng.choice(6, p=(0.1, 0.1, 0.5, 0.1, 0.1, 0.1), size=1000)
    lost = (before == 2) & (rng.random(1000) < 0.06)
    after = np.where(lost, rng.choice([0, 1, 3, 4, 5], size=1000), before)
    point = described(change(before[None], after[None], 40), 0, 4)
    assert [one["ending"] for one in point["sure"]] == ["negotiated_exit"]
    assert "rose" not in turning(point)
    assert turning(point).startswith("Negotiated exit fell by")
