"""Directions, verdicts and rankings: data in step with the scenarios, arithmetic against other programs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.catalog import options
from sim.config import compose
from sim.errors import ConfigurationError
from sim.model.state import Ending
from sim.studies.validate.directions import (
    Direction,
    directions,
    judged,
    jurors,
    kendall_tau,
    measure,
    order,
    ranking,
    reference,
    stamp,
    verdict,
)
from sim.studies.validate.jury import based, doctrines_of, jury, seated
from tests.conftest import DOCTRINES, SCENARIOS

N = 2000
RNG = np.random.default_rng([1, 20230624])


def table(exits: float, hours: float) -> dict[str, np.ndarray]:
    outcome = np.where(RNG.random(N) < exits, Ending.NEGOTIATED_EXIT, Ending.CRUSHED)
    return {"outcome": outcome, "duration_h": RNG.normal(hours, 2.0, N)}


def test_directions_and_jurors_name_what_exists() -> None:
    assert reference() in SCENARIOS
    for row in directions():
        assert row.scenario in SCENARIOS
        assert row.sign in (-1, 1)
    assert {juror.doctrine for juror in jurors()} <= set(DOCTRINES)
    assert jurors()[0].doctrine == "quantal"
    assert not jurors()[0].numbers, "the first juror is the default, which rankings are held against"
    assert [juror.doctrine for juror in jurors() if juror.control] == ["uniform"]


def test_an_unknown_measure_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"no measure 'happiness'.*duration_h"):
        measure("happiness")


def test_a_clear_difference_holds_and_its_opposite_is_contradicted() -> None:
    usual, other = table(0.5, 20.0), table(0.7, 25.0)
    for name in ("negotiated_exit", "duration_h"):
        for sign, told in ((1, "holds"), (-1, "contradicted")):
            found = judged(Direction("x", "up", name, sign), other, usual, 0.001)
            assert found["verdict"] == told
            assert found["low"] < found["difference"] < found["high"]


def test_among_an_ending_only_its_runs_count() -> None:
    usual, other = table(0.5, 20.0), table(0.5, 20.0)
    other["duration_h"][other["outcome"] == Ending.CRUSHED] += 50.0
    assert judged(Direction("x", "up", "duration_h", 1), other, usual, 0.001)["verdict"] == "holds"
    row = Direction("x", "up", "duration_h", 1, among="negotiated_exit")
    assert judged(row, other, usual, 0.001)["verdict"] == "undecided"


def test_a_handful_of_runs_decides_nothing() -> None:
    usual, other = table(0.5, 20.0), table(0.0, 40.0)
    other["outcome"][:5] = Ending.NEGOTIATED_EXIT
    found = judged(Direction("x", "up", "duration_h", 1, among="negotiated_exit"), other, usual, 0.05)
    assert found["verdict"] == "undecided"
    assert math.isnan(found["low"])


def test_without_a_difference_a_verdict_is_rare() -> None:
    """At 5 % each, 200 comparisons of the same thing: the sequences promise at most 5 % wrong."""
    row = Direction("x", "up", "negotiated_exit", 1)
    wrong = sum(judged(row, table(0.5, 20.0), table(0.5, 20.0), 0.05)["verdict"] != "undecided" for _ in range(200))
    assert wrong <= 20


def test_stamp_leaves_controls_out() -> None:
    cells = {juror.name: {"verdict": "contradicted" if juror.control else "holds"} for juror in jurors()}
    assert stamp(cells, jurors()) == {"holds": 7, "contradicted": 0, "undecided": 0, "of": 7}


@pytest.mark.parametrize("ties", [False, True])
def test_kendall_tau_agrees_with_scipy(ties: bool) -> None:
    stats = pytest.importorskip("scipy.stats")
    for _ in range(20):
        a, b = RNG.integers(0, 4 if ties else 10**9, (2, 12))
        assert kendall_tau(a, b) == pytest.approx(stats.kendalltau(a, b).statistic)


def test_order_is_settled_only_where_it_is_plain() -> None:
    flags = RNG.random((3, N)) < np.array([[0.2], [0.5], [0.5]])
    found = order(flags, 0.001)
    assert (found == -found.T).all()
    assert found[0, 1] == found[0, 2] == -1
    assert found[1, 2] == 0


def test_ranking_against_itself_and_against_its_reverse() -> None:
    flags = {name: RNG.random(N) < share for name, share in (("a", 0.1), ("b", 0.4), ("c", 0.8))}
    turned = {name: ~flag for name, flag in flags.items()}
    same, other = ranking(flags, flags, 0.001), ranking(turned, flags, 0.001)
    assert (same["tau"], same["settled"], same["agree"], same["against"]) == (1.0, 3, 3, 0)
    assert same["order"] == ["c", "b", "a"]
    assert (other["tau"], other["agree"], other["against"]) == (-1.0, 0, 3)


def test_every_seat_follows_the_juror_and_what_the_line_changed_stays() -> None:
    settings = compose(["R0=8", "seed=1", "jury_runs=50"], verb="validate")
    base = based(settings, "no_mediator", 7)
    assert (base.settings.values["forces.R0"], base.seed, base.name) == (8.0, 7, "no_mediator")
    for juror in jurors():
        made = seated(base, juror, doctrines_of(juror.doctrine, settings))
        assert {doctrine.name for doctrine in made.settings.doctrines.values()} == {juror.doctrine}
        assert all(made.settings.values[path] == value for path, value in juror.numbers.items())
        assert made.seed == 7


@pytest.mark.slow
def test_a_small_jury_judges_every_direction_under_every_juror() -> None:
    found = jury(compose(["seed=1"], verb="validate"), 1, 60, 0.95)
    assert len(found["directions"]) == len(directions())
    for row in found["directions"]:
        assert list(row["cells"]) == [juror.name for juror in jurors()]
        assert all(cell["verdict"] == verdict(row["sign"], cell["low"], cell["high"]) for cell in row["cells"].values())
        assert sum(row["stamp"][name] for name in ("holds", "contradicted", "undecided")) == row["stamp"]["of"] == 7
    assert found["ranking"]["quantal"]["tau"] == 1.0
    assert set(found["ranking"]["random"]["order"]) == set(options("scenario"))
