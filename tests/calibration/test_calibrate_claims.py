"""What `calibrate` says of numbers that facts tell nothing of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.catalog import catalogue
from sim.stats.axes import axes
from sim.stats.designs import design
from sim.studies.calibrate import abc
from sim.studies.calibrate.calibration import unit, verdicts
from sim.studies.calibrate.figures.posterior import takeaway
from sim.studies.calibrate.summary import _facts
from tests.calibration.counting import Case, Said, check
from tests.calibration.nulls import STREAM
from tools.headline import _calibration

POINTS, RUNS, FACTS = 512, 4, 3
NAMES: dict[str, Any] = dict.fromkeys([path for path, p in catalogue().items() if p.main and not p.integer][:10])


@cache
def study(seed: int, wide: float, pull: float = 0.0) -> SimpleNamespace:
    """A prior over ten numbers and runs that show three facts, whatever the numbers; `pull` ties all to the first."""
    rng = np.random.default_rng([seed, STREAM])
    given = axes(NAMES)
    u = unit(given, design("sobol", given, points=POINTS, levels=2, seed=seed).columns)
    shown = rng.normal(0.0, wide, (POINTS, RUNS, FACTS)) + pull * (u[:, :1, None] - 0.5)
    alone = {}
    facts = [abc.Fact(f"P{j}", 0.0, -1.0, 1.0) for j in range(FACTS)]
    for j, fact in enumerate(facts):
        hit = abc.hits(shown[..., j : j + 1], [fact])
        alone[fact.name] = (hit, abc.marginals(u, abc.weights(hit), seed))
    weights = abc.weights(abc.hits(shown, facts))
    return SimpleNamespace(u=u, alone=alone, facts=facts, paths=list(NAMES), shown=shown,
                           marginals=abc.marginals(u, weights, seed))  # fmt: skip


def spoken(of: SimpleNamespace) -> Iterator[Said]:
    named = verdicts(of.marginals)
    numbers = {path: {"verdict": verdict, "identified": verdict == "identified"}
               for path, verdict in zip(of.paths, named, strict=True)}  # fmt: skip
    yield from (
        Said(f"{path}: {entry['verdict']}", entry["verdict"] != "not identified") for path, entry in numbers.items()
    )
    yield Said(takeaway(numbers), "identifies no number" not in takeaway(numbers))
    yield Said(_calibration({"parameters": numbers}), "identify 0." not in _calibration({"parameters": numbers}))


def untold(wide: float, seed: int) -> Iterator[Said]:
    return spoken(study(seed, wide))


def narrowed(wide: float, seed: int) -> Iterator[Said]:
    for name, entry in _facts(study(seed, wide)).items():
        yield Said(f"{name} narrows {entry['narrows']}: {entry['narrows_sure']}", entry["narrows_sure"])


CASES = [
    *(Case("calibrate", f"facts that {share} of runs hit", "-", "numbers that no fact hangs on", partial(untold, wide))
      for share, wide in (("30 %", 1.0), ("5 %", 2.5))),
    Case("calibrate", "what one fact narrows", "-", "numbers that no fact hangs on", partial(narrowed, 1.0)),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_numbers_that_no_fact_hangs_on_are_not_identified(case: Case) -> None:
    check(case)


def test_a_number_that_facts_hang_on_is_identified_and_no_other() -> None:
    of = study(1, 0.5, pull=6.0)
    texts = [said.sentence for said in spoken(of) if said.claims]
    assert texts[:-2] == [f"{next(iter(NAMES))}: identified"]
    assert all(entry["narrows_sure"] for entry in _facts(of).values())
    assert {entry["narrows"] for entry in _facts(of).values()} == {next(iter(NAMES))}
