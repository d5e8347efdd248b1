"""Where the stories part: never between twins, and with the one who was changed."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engines import kernel
from sim.engines.batch import run_table
from sim.model.state import Option, Seat
from sim.studies.compare.divergence import ACTORS, COLUMN, FIGHTING, NEVER, TALKS, Steps, first_difference, play
from tests.conftest import setting


def steps(n: int = 1, last: int = 6, ending: int = 2) -> Steps:
    """Traces of eight half-hour steps that end after `last` of them, everyone holding, one km a step."""
    trace = np.zeros((n, 8), kernel.trace_type())
    trace["hour"] = np.where(np.arange(8) < last, (np.arange(8) + 1) * 0.5, np.nan)
    trace["km"] = 700.0 - np.arange(8)
    trace["option"] = Option.HOLD
    return Steps(trace, np.full(n, ending))


def test_twins_never_part() -> None:
    found = play(setting("scenario=historical"), setting("scenario=historical"), 60)
    assert not found.parted.any()
    assert np.isnan(found.hour).all()


def test_who_never_parts_ends_alike() -> None:
    a, b = setting("scenario=historical"), setting("scenario=strong_guarantee")
    found = play(a, b, 300)
    one, two = (run_table(s.params, s.script, seed=1, n=300) for s in (a, b))
    for name in ("outcome", "duration_h", "closest_km"):
        np.testing.assert_array_equal(one[name][~found.parted], two[name][~found.parted])
    assert 0 < found.parted.sum() < 300
    assert np.all(found.hour[found.parted] <= np.minimum(one["duration_h"], two["duration_h"])[found.parted])


def test_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = setting("scenario=historical"), setting("scenario=no_mediator")
    whole = play(a, b, 50)
    monkeypatch.setattr("sim.studies.compare.divergence.CHUNK", 16)
    parts = play(a, b, 50)
    np.testing.assert_array_equal(whole.hour, parts.hour)
    np.testing.assert_array_equal(whole.actor, parts.actor)


def test_steps_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match=r"clock\.dt"):
        play(setting("scenario=historical"), setting("scenario=historical", "clock.dt=0.25"), 4)


def test_the_first_seat_to_decide_is_named() -> None:
    a, b = steps(), steps()
    b.trace["option"][0, 3, [Seat.LEADER, Seat.GUARD]] = Option.ADVANCE
    b.trace["option"][0, 2, Seat.RULER] = Option.NEGOTIATE
    hour, actor = first_difference(a, b, 0.5)
    assert (hour[0], ACTORS[actor[0]]) == (1.0, "ruler")
    b.trace["option"][0, 2, Seat.RULER] = Option.HOLD
    hour, actor = first_difference(a, b, 0.5)
    assert (hour[0], ACTORS[actor[0]]) == (1.5, "guard")  # counsel decides before the leader


def test_talks_come_before_the_column_and_the_column_before_the_fighting() -> None:
    a, b = steps(), steps(last=5)
    b.trace["hour"][0, 4] = 2.0  # ended as the step opened: in talks
    b.trace["km"][0, 4] += 3
    assert first_difference(a, b, 0.5)[1][0] == TALKS
    b.trace["hour"][0, 4] = 2.5
    assert first_difference(a, b, 0.5)[1][0] == COLUMN
    b.trace["km"][0, 4] -= 3
    assert first_difference(a, b, 0.5) == (np.array([2.0]), np.array([FIGHTING]))
    assert first_difference(steps(ending=0), steps(ending=5), 0.5)[1][0] == FIGHTING
    assert first_difference(steps(), steps(), 0.5)[1][0] == NEVER
