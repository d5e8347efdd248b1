"""Odds, paired changes and capsules hold for any moment, any luck and any content."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engines.rollouts import courses, fates, one_step, onward
from sim.model.state import ENDINGS, OPTIONS, SEATS
from sim.results.capsule import DIGESTS, Capsule, Order, differing, fingerprint, merged, parsed
from sim.story.tension import N_ENDINGS, bands, change, shares
from sim.studies.hinge.summary import shortest
from tests.conftest import setting

HISTORICAL = setting("scenario=historical")
STATES = courses(HISTORICAL.params, seed=1, replicate=np.arange(6))
RUNNING = np.argwhere(STATES["ending"] < 0)

outcomes = st.lists(st.integers(0, N_ENDINGS - 1), min_size=2, max_size=60)
orders = st.builds(
    Order, st.integers(0, 95).map(lambda step: step / 2), st.sampled_from(SEATS), st.sampled_from(OPTIONS)
)
leaves = st.one_of(
    st.integers(-9, 9), st.floats(-1e6, 1e6), st.text("abc", max_size=4), st.lists(st.integers(), max_size=3)
)
trees = st.recursive(
    st.dictionaries(st.sampled_from("pqrs"), leaves, min_size=1, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("pqrs"), st.one_of(leaves, inner), min_size=1, max_size=3),
    max_leaves=8,
)


@given(st.integers(0, len(RUNNING) - 1), st.integers(0, 2**62))
@settings(max_examples=25, deadline=None)
def test_odds_now_are_the_odds_after_one_step_of_the_same_luck(place: int, first: int) -> None:
    """The line is a martingale: one step on, each continuation ends as it would have done."""
    step, crisis = RUNNING[place]
    row, luck = HISTORICAL.params.row(), first + np.arange(20)
    now = np.repeat(STATES[step, crisis][None], 20)
    after = one_step(now, row, seed=1, replicate=luck)
    assert onward(after, row, seed=1, replicate=luck).tolist() == onward(now, row, seed=1, replicate=luck).tolist()


@given(st.integers(0, len(RUNNING) - 1), st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=20, deadline=None)
def test_more_continuations_keep_those_there_were(place: int, n: int, more: int) -> None:
    step, crisis = RUNNING[place]
    state, row = STATES[step, crisis][None], HISTORICAL.params.row()
    assert fates(state, row, seed=1, n=n + more)[0, :n].tolist() == fates(state, row, seed=1, n=n)[0].tolist()


@given(outcomes, st.randoms(use_true_random=False))
def test_a_paired_change_is_consistent(before: list[int], random: object) -> None:
    one = np.array([before])
    other = np.array([random.sample(before, len(before))])  # type: ignore[attr-defined]
    for a, b in ((one, other), (one, np.zeros_like(one))):
        there, back = change(a, b), change(b, a)
        assert there.size[0] == pytest.approx(back.size[0])
        assert 0.0 <= there.size[0] <= 1.0
        assert np.allclose(there.error, back.error)
        assert (there.after - there.before).sum() == pytest.approx(0.0)
    assert change(one, one).size[0] == 0.0
    low, high = bands(one)
    assert ((low <= shares(one)) & (shares(one) <= high)).all()


@given(trees, trees)
def test_differences_of_configurations_bring_back_the_other(
    plain: dict[str, object], changed: dict[str, object]
) -> None:
    told = differing(plain, changed)
    assert differing(plain, plain) == {}
    if plain.keys() == changed.keys():
        back = merged(plain, told)
        assert fingerprint(back) == fingerprint(changed)


@given(st.lists(orders, max_size=5), st.lists(orders, max_size=30), st.integers(0, 2**63 - 1), st.sampled_from(ENDINGS))
@settings(deadline=None)
def test_a_capsule_is_its_text(forced: list[Order], decided: list[Order], seed: int, ending: str) -> None:
    capsule = Capsule(
        capsule=1, rubicon="0.1.0", scenario="historical", source_hash="12345678e9", seed=seed, replicate=seed // 2,
        config={"forces.R0": 1e-5, "route.towns": [{"name": "A: b", "road_km": 3}], "doctrine.deal": None},
        orders=tuple(forced), decisions=tuple(decided), ending=ending, end_h=24.0,
        digests=dict.fromkeys(DIGESTS, "0" * 64),
    )  # fmt: skip
    assert parsed(yaml.safe_load(capsule.text()), "here") == capsule


@given(st.floats(-100, 100), st.floats(0.0, 50.0), st.booleans(), st.floats(0.001, 10))
def test_told_values_lie_beyond_the_flip_and_within_the_room(same: float, far: float, up: bool, room: float) -> None:
    value = same + far if up else same - far
    for text in shortest(same, value, room)[:-1]:
        sign = 1.0 if value > same else -1.0
        assert -1e-12 <= sign * (float(text) - value) <= room
