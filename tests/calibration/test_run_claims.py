"""What `run` says of the commonest ending where two are equally common; words and table."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.model.state import ENDINGS
from sim.report.endings import phrase
from sim.stats.outcomes import share
from sim.studies.run import report
from sim.studies.run.figures.outcome_shares import takeaway
from tests.calibration.counting import Case, Said, check
from tests.calibration.nulls import STREAM

LEVEL = (0.3, 0.05, 0.3, 0.2, 0.1, 0.05)  # the first and the third ending are equally common


def of_outcomes(outcome: np.ndarray) -> dict[str, Any]:
    return {"count": len(outcome), "outcomes": {name: share(outcome == k) for k, name in enumerate(ENDINGS)}}


def spoken(outcome: np.ndarray) -> Iterator[Said]:
    texts = list(report._commonest(of_outcomes(outcome)))
    yield Said(" ".join(texts), "not settled" not in " ".join(texts))
    yield Said(takeaway(outcome), "do not settle" not in takeaway(outcome))


def equals(n: int, chances: tuple[float, ...], seed: int) -> Iterator[Said]:
    return spoken(np.random.default_rng([seed, STREAM]).choice(6, p=chances, size=n))


CASES = [
    *(Case("run", f"{n} runs", "independent", "two endings equally common", partial(equals, n, LEVEL))
      for n in (20, 200, 2000)),
    Case("run", "200 runs", "independent", "six endings equally common", partial(equals, 200, (1 / 6,) * 6)),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_none_of_equals_is_told_to_be_the_commonest(case: Case) -> None:
    check(case)


def test_a_real_lead_is_claimed() -> None:
    outcome = np.random.default_rng(1).choice(6, p=(0.03, 0.03, 0.55, 0.15, 0.2, 0.04), size=1000)
    assert all(said.claims for said in spoken(outcome))


@given(st.lists(st.integers(0, 40), min_size=6, max_size=6).filter(any))
@settings(max_examples=150, deadline=None)
def test_the_sentence_names_the_commonest_and_what_follows_as_the_table_has_it(counts: list[int]) -> None:
    """Also with one ending, with one run, with ties for the first place and for the second."""
    first, *rest = report._commonest(of_outcomes(np.repeat(np.arange(6), counts)))
    order = sorted(range(6), key=lambda k: -counts[k])
    assert phrase(ENDINGS[order[0]]) in first
    next_ = [k for k in range(6) if counts[k] == counts[order[1]] and k != order[0]]
    for k in range(6):
        if k != order[0]:
            assert (phrase(ENDINGS[k]) in first) == (k in next_ and counts[k] > 0)
    assert ("level with it" in first) == (counts[order[0]] == counts[order[1]] and sum(counts) > 1)
    if counts[order[0]] == counts[order[1]] or sum(counts) == 1:
        assert rest, "a tie and a single run settle nothing"
