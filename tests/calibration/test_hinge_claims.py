"""What `hinge` says of numbers that cannot matter and of seats and numbers that matter alike; its words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.model.state import SEATS
from sim.stats.estimates import wilson
from sim.studies.hinge import report
from sim.studies.hinge.deviations import endings_at, plausible, tried_numbers
from sim.studies.hinge.figures.hinges import takeaway
from sim.studies.hinge.summary import by_run, lead_of_numbers, lead_of_seats
from tests.calibration.counting import Case, Said, check
from tests.calibration.nulls import STREAM, done
from tests.conftest import crises, setting

Flags = dict[str, np.ndarray]
AFTER = [path for path in tried_numbers() if path.startswith("aftermath.")]


def ensemble(turned: Flags, run: Flags, flipped: Flags) -> dict[str, Any]:
    """What an ensemble writes down of these decisions (by seat, with their runs) and numbers (a flag a run)."""
    runs = len(next(iter(flipped.values())))
    seats, numbers = lead_of_seats(turned, run), lead_of_numbers(flipped)
    share = {name: dict(zip(("low", "high"), wilson(int(of.sum()), runs), strict=True)) | {"share": of.mean()}
             for name, of in flipped.items()}  # fmt: skip
    return {
        "ensemble": runs, "runs_with_a_hinge": {"share": 0.5, "low": 0.4, "high": 0.6},
        "decisions_taken": sum(map(len, turned.values())),
        "decisions_that_flip": int(sum(of.sum() for of in turned.values())),
        "by_seat": {name: by_run(turned[name], run[name]) for name in turned},
        "numbers": sorted(({"path": name, **of} for name, of in share.items()), key=lambda of: -float(of["share"])),
        "seat_lead": seats and seats._asdict(), "number_lead": numbers and numbers._asdict(),
    }  # fmt: skip


def spoken(of: dict[str, Any]) -> Iterator[Said]:
    for text in (*report.conclusions(done(of)), takeaway(of)):
        yield Said(text, "beyond chance more than any other" in text or "hinges most often: " in text)


def drawn(
    seed: int, share: float, runs: int
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Six seats and ten numbers that turn runs equally often; some runs turn easily and others hardly ever."""
    rng = np.random.default_rng([seed, STREAM])
    easy = rng.beta(share, 1.0 - share, size=runs)
    run = {seat: np.repeat(np.arange(runs), rng.integers(2, 12)) for seat in SEATS[:6]}
    turned = {seat: rng.random(len(of)) < easy[of] for seat, of in run.items()}
    return turned, run, {f"number.{i}": rng.random(runs) < easy for i in range(10)}


def alike(share: float, runs: int, seed: int) -> Iterator[Said]:
    return spoken(ensemble(*drawn(seed, share, runs)))


def after_the_ending(seed: int) -> Iterator[Said]:
    """No number of the aftermath flips any run: the ending comes before."""
    of = setting("scenario=historical")
    whose = np.arange(40 * seed, 40 * seed + 40)
    found = endings_at(of, {path: plausible(of, path, 2) for path in AFTER}, whose, lambda done: None)
    endings = crises(of, 40, first=40 * seed)["ending"]
    for path, fates in found.items():
        yield Said(f"{path} flips {np.sum(fates != endings)} runs", bool((fates != endings).any()))


CASES = [
    *(Case("hinge", f"ensemble={runs}", "independent", f"seats and numbers that turn {share:.0%} alike",
           partial(alike, share, runs)) for share, runs in ((0.02, 60), (0.1, 60), (0.1, 300))),
    Case("hinge", "ends of the ranges", "common", "numbers of the aftermath", after_the_ending),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_none_of_equals_is_told_to_be_a_hinge_most_often(case: Case) -> None:
    check(case)


def test_a_real_lead_is_claimed_and_a_tie_is_not() -> None:
    turned, run, flipped = drawn(1, 0.1, 300)
    plain = [said.sentence for said in spoken(ensemble(turned, run, flipped))]
    assert any("is not settled" in text for text in plain)
    rng = np.random.default_rng(1)
    turned["ruler"] = rng.random(len(run["ruler"])) < 0.5
    flipped["number.7"] = rng.random(300) < 0.6
    texts = [said.sentence for said in spoken(ensemble(turned, run, flipped)) if said.claims]
    assert any(text.startswith("The seat whose decisions flip the ending most often is ruler") for text in texts)
    assert any("at an end of its plausible range is number.7" in text for text in texts)
    assert any(text.startswith("The ruler's decisions are hinges most often") for text in texts)


shares = st.dictionaries(st.sampled_from(SEATS), st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1)


@given(shares, st.lists(st.integers(0, 12), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_the_one_named_has_the_largest_share_of_the_table(
    decisions: dict[str, tuple[int, int]], numbers: list[int]
) -> None:
    """Also with seats that never decide, with ties, with one seat, and where nothing turns."""
    turned = {seat: np.repeat([True, False], pair) for seat, pair in decisions.items()}
    run = {seat: np.arange(len(of)) % 12 for seat, of in turned.items()}
    flipped = {f"number.{i}": np.arange(12) < count for i, count in enumerate(numbers)}
    of = ensemble(turned, run, flipped)
    text = " ".join(said.sentence for said in spoken(of))
    lead = of["seat_lead"]
    assert (lead is None) == (of["decisions_that_flip"] == 0)
    if lead:
        share = {seat: entry["share"] for seat, entry in of["by_seat"].items() if entry["n"]}
        assert share[lead["first"]] == max(share.values())
        level = [seat for seat in share if share[seat] == max(share.values()) and seat != lead["first"]]
        assert set(level) <= set(lead["level"])
        assert ("flip the ending most often is not settled" in text) == bool(lead["level"])
    else:
        assert "most often" not in text
    assert (of["number_lead"] is None) == (max(numbers) == 0)
    assert "nan" not in text


def test_only_what_was_verified_is_told_of_one_run() -> None:
    choice: dict[str, Any] = {"hour": 3.0, "seat": "leader", "chose": "hold", "instead": "advance", "ending": "crushed"}
    choice |= {"verified": False}
    flip = {"path": "forces.R0", "own": 5.0, "value": 6.0, "size": 0.2, "ending": "crushed", "verified": False}
    decisions = [choice, {**choice, "hour": 2.0, "verified": True}]
    of = {"replicate": 1, "ending": "negotiated_exit", "decisions_taken": 4, "decisions_that_flip": 2,
          "decisions": decisions, "numbers": [flip], "numbers_that_flip": 1}  # fmt: skip
    text = " ".join(report.conclusions(done(of)))
    assert "at hour 2" in text
    assert "at hour 3" not in text
    assert "nearest number" not in text
