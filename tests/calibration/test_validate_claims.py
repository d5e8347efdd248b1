"""What `validate` says of a rival that is the model itself and of directions in which nothing differs; its words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.patterns.evidence import gather
from sim.patterns.patterns import book
from sim.patterns.scores import ahead, by_run, near
from sim.studies.validate.directions import AGAINST, HOLDS, OPEN, directions, judged, order
from sim.studies.validate.figures.rivals import MARGIN, takeaway
from sim.studies.validate.words import of_jury, of_rivals, way
from tests.calibration.counting import Case, Said, check
from tests.calibration.nulls import LUCK, STREAM, alike, pool
from tests.conftest import setting

RIVALS, RUNS = 3, 4000


@cache
def hits() -> np.ndarray:
    """Share of the held-out weight that each of many runs of the model hits."""
    found = by_run(book(), gather(setting("scenario=historical"), RUNS), "H")
    assert found is not None
    return found


def accounts(gaps: dict[str, dict[str, float]], mine: float = 0.6) -> dict[str, Any]:
    """What `validate` writes down of rivals that are so far behind."""

    def account(hit: float, covers: int) -> dict[str, Any]:
        return {"H": {"hit_share": hit, "covers": covers}, "joint": {"share": 0.1}, "endings": {"negotiated_exit": 0.5}}

    rivals = {name: account(mine - gap["gap"], 9) | {"ahead": gap} for name, gap in gaps.items()}
    return {"this model": account(mine, 12)} | rivals


def itself(n: int, shared: float, seed: int) -> Iterator[Said]:
    """Three rivals whose runs hit as the model's do."""
    rng = np.random.default_rng([seed, STREAM])
    base = rng.integers(RUNS, size=n)
    theirs = (np.where(rng.random(n) < shared, base, rng.integers(RUNS, size=n)) for _ in range(RIVALS))
    gaps = {f"rival_{i}": ahead(hits()[base], hits()[own], RIVALS) for i, own in enumerate(theirs)}
    of = accounts(gaps)
    for text in of_rivals({"rivals": of}):
        yield Said(text, " better" in text or " worse" in text)
    yield Said(takeaway(of), "Held-out hits of a run" in takeaway(of) or "better than" in takeaway(of))


def nothing_differs(n: int, shared: float, seed: int) -> Iterator[Said]:
    """Every direction, judged between runs of one law."""
    usual, other = alike(seed, n, 2, shared)
    rows = directions()
    for row in rows:
        found = judged(row, other, usual, 0.05 / len(rows))
        yield Said(f"{row.scenario}, {row.what}: {found['verdict']}", found["verdict"] != OPEN)


def one_rank(n: int, shared: float, seed: int) -> Iterator[Said]:
    """Eight scenarios that are one."""
    flags = np.array([one["outcome"] == 2 for one in alike(seed, n, 8, shared)])
    settled = order(flags, 0.05 / 28)
    yield Said(f"{np.count_nonzero(settled) // 2} of 28 pairs settled", bool(settled.any()))


CASES = [
    *(Case("validate", f"{n} runs of a rival", luck, "the model as its own rival", partial(itself, n, shared))
      for luck, shared in LUCK.items() for n in (50, 1000)),
    *(Case("validate", "jury", luck, "directions in which nothing differs", partial(nothing_differs, 400, shared))
      for luck, shared in LUCK.items()),
    Case("validate", "jury's ranking", "independent", "scenarios that are one", partial(one_rank, 400, 0.0)),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_one_is_not_told_apart(case: Case) -> None:
    check(case)


def test_a_weaker_rival_and_a_real_direction_are_claimed() -> None:
    gap = ahead(hits()[:1000], 0.7 * hits()[:1000], RIVALS)
    assert way(gap) == "does better"
    usual, other = ({name: values[:600] for name, values in pool(of).items()} for of in ("historical", "no_mediator"))
    rows = [row for row in directions() if row.scenario == "no_mediator"]
    assert HOLDS in {judged(row, other, usual, 0.05 / len(rows))["verdict"] for row in rows}


@given(st.floats(-0.4, 0.4), st.sampled_from([0.0, 0.004, 0.2, math.nan]))
@settings(max_examples=150, deadline=None)
def test_words_of_a_rival_are_those_of_its_interval(gap: float, half: float) -> None:
    of = {"gap": gap, "low": gap - half, "high": gap + half}
    text, headline = way(of), takeaway(accounts({"rival": of}))
    sure = of["low"] > 0.0 or of["high"] < 0.0
    assert (" better" in text or " worse" in text) == sure
    if sure:
        assert text.endswith("better" if gap > 0 else "worse")
        assert text.startswith("does") == (abs(gap) >= MARGIN)
    assert ("Held-out hits of a run" in headline) == (of["low"] > 0.0 and gap >= MARGIN)
    assert ("does better than this model" in headline) == (of["high"] < 0.0 and gap <= -MARGIN)
    assert ("covers fewer patterns" in headline) == (" this model" in headline)


def test_a_verdict_near_its_threshold_is_told_to_be() -> None:
    close = {"low": 0.45, "high": 0.55, "n": 400}
    clear = {"low": 0.6, "high": 0.7, "n": 400}
    assert near(close, 200)
    assert near(clear, 40)
    assert not near(clear, 200)
    assert not near({"low": 0.0, "high": 1.0, "n": 0}, 0)


def test_a_ranking_of_ties_only_has_no_tau_and_is_not_told_one() -> None:
    def jury(*taus: float) -> dict[str, Any]:
        names = [f"juror_{i}" for i in range(len(taus))]
        stamp = {"of": 1, "holds": 0, AGAINST: 0}
        return {"directions": [{"stamp": stamp, "cells": {name: {"verdict": OPEN} for name in names}}], "controls": [],
                "ranking": {name: {"tau": tau} for name, tau in zip(names, taus, strict=True)}}  # fmt: skip

    assert "0.50 (juror_2) to 0.90" in of_jury(jury(1.0, math.nan, 0.5, 0.9))[-1]
    assert not any("tau" in text for text in of_jury(jury(1.0, math.nan)))
    assert not any("tau" in text for text in of_jury(jury(1.0)))
