"""Continuation odds: the states they start from, the luck they have, and what the line says of it."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from sim import jit
from sim import results as record
from sim.config import compose
from sim.draw import draw
from sim.engines.mesa import Crisis
from sim.engines.rollouts import FRESH, courses, fates, odds, onward, ordered, what_if
from sim.errors import ConfigurationError
from sim.model.state import ENDINGS, Ending, Seat
from sim.scenario import Setting, build
from sim.story.narrative import Event
from sim.story.tension import change, in_common, largest, shares, telling
from sim.studies.tension.courses import Course, decisions, of_history, of_run, planned
from sim.studies.tension.verb import tension
from tests.conftest import crises, same_bits, setting

SMALL = ("continuations=120", "what_if=30", "figures.formats=[svg]")


def quiet(done: int) -> None:
    """No progress wanted."""


def line(*overrides: str) -> Setting:
    return build(compose([*SMALL, *overrides], verb="tension"))


@pytest.fixture(scope="module")
def states() -> np.ndarray:
    """Replicate 17 of `historical`, as it begins and after each step."""
    return courses(setting("scenario=historical").params, seed=1, replicate=np.array([17]))[:, 0]


@pytest.mark.parametrize("overrides", [("scenario=historical",), ("scenario=core",), ("release_at_h=14",),
                                       ("scenario=no_oka_line", "clock.horizon_h=20")])  # fmt: skip
def test_states_on_the_way_are_those_of_the_readable_engine(overrides: tuple[str, ...]) -> None:
    of, whose = setting(*overrides), np.array([3, 8, 17])
    mine = courses(of.params, seed=1, replicate=whose, script=of.script)
    for place, replicate in enumerate(whose):
        crisis = Crisis(of.params, of.script, seed=1, replicate=int(replicate))
        rows = [crisis.state.row()]
        while crisis.running:
            crisis.step()
            rows.append(crisis.state.row())
        crisis.remove_all_agents()
        rows += rows[-1:] * (len(mine) - len(rows))
        assert same_bits(np.concatenate(rows), mine[:, place].copy()) == []


def test_a_state_that_goes_on_with_its_own_luck_ends_as_its_run(states: np.ndarray) -> None:
    of = setting("scenario=historical")
    own = onward(states, of.params.row(), seed=1, replicate=np.full(len(states), 17))
    assert (own == states["ending"][-1]).all()


def test_odds_count_every_continuation_once_and_are_certain_at_the_end(states: np.ndarray) -> None:
    of = setting("scenario=historical")
    counts = odds(states[[10, 30, -2, -1]], of.params.row(), seed=1, n=300)
    assert counts.sum(axis=1).tolist() == [300] * 4
    assert counts[-1, states["ending"][-1]] == 300
    assert (counts[:2] > 0).sum() > 6, "from early on several endings are open"


def test_odds_do_not_depend_on_threads_or_company(states: np.ndarray) -> None:
    of = setting("scenario=historical")
    row = of.params.row()
    together = fates(states[20:30], row, seed=1, n=500)
    jit.use_threads(1)
    try:
        alone = fates(states[25:26], row, seed=1, n=500)
    finally:
        jit.use_threads(None)
    assert alone.tobytes() == together[5:6].tobytes()


def test_given_states_are_left_as_they_are(states: np.ndarray) -> None:
    before = states.copy()
    odds(states, setting("scenario=historical").params.row(), seed=1, n=3)
    assert before.tobytes() == states.tobytes()


def test_continuations_have_other_luck_than_the_run_and_the_same_at_all_moments(states: np.ndarray) -> None:
    row = setting("scenario=historical").params.row()
    late = fates(states[30:32], row, seed=1, n=400)
    assert len(set(late[0])) > 1
    assert (late[0] == late[1]).mean() > (shares(late[0]) * shares(late[1])).sum() + 0.1


def test_ordering_what_is_ordered_anyway_is_the_baseline(states: np.ndarray) -> None:
    """The option chosen stands in the same place as every alternative: nothing but the option differs."""
    row = setting("scenario=historical").params.row()
    luck, start = FRESH + np.arange(60), np.full(60, 20)
    four = what_if(states, row, step=20, seat=0, seed=1, replicate=luck, of=start)
    script = ordered((), 20, 0, 1)
    assert four[1].tobytes() == onward(states, row, seed=1, replicate=luck, of=start, script=script).tobytes()
    assert (four[3] == Ending.REBELS_COLLAPSE).all(), "a leader ordered to stand down ends it"


def test_an_order_for_a_seat_that_is_not_there_changes_nothing() -> None:
    of = setting("scenario=no_mediator")
    begun = courses(of.params, seed=1, replicate=np.array([5]))[:, 0]
    luck, start = FRESH + np.arange(50), np.full(50, 30)
    four = what_if(begun, of.params.row(), step=30, seat=int(Seat.MEDIATOR), seed=1, replicate=luck, of=start)
    assert all(row.tobytes() == four[0].tobytes() for row in four)


@cache
def history_of_150() -> Course:
    return of_history(line("history=true"), every=4, n=150, m=0, progress=quiet)


@pytest.mark.parametrize("hour", [0, 14, 22])
def test_history_set_free_is_what_a_run_released_then_plays(hour: int) -> None:
    """Not only within chance: the same replicates with the same luck."""
    course = history_of_150()
    released = crises(setting("scenario=historical", *([f"release_at_h={hour}"] if hour else [])), 150)
    assert course.fates[list(course.moments).index(2 * hour)].tolist() == released["ending"].tolist()


def test_history_ends_as_it_did() -> None:
    course = of_history(line("history=true"), every=8, n=60, m=20, progress=quiet)
    assert course.ending == Ending.NEGOTIATED_EXIT
    assert (course.fates[-1] == Ending.NEGOTIATED_EXIT).all()
    assert {event.kind for event in course.events[-1]} >= {"deal", "ending"}
    march = next(d for d, _ in course.decided if d.seat == Seat.LEADER)
    assert (march.step, march.option, march.allowed) == (0, 0, False)
    called = next(d for d, _ in course.decided if (d.seat, d.step) == (Seat.LEADER, 31))
    assert called.allowed
    assert sum(called.chance) == pytest.approx(1.0)


def test_the_plan_counts_what_is_played() -> None:
    of, done = setting("scenario=historical"), []
    of_run(of, 17, every=5, n=3, m=2, progress=done.append)
    assert sum(done) == planned(of, 17, every=5, n=3, m=2)
    done.clear()
    of_history(line("history=true"), every=8, n=5, m=2, progress=done.append)
    assert sum(done) == planned(of, None, every=8, n=5, m=2)


def test_decisions_are_those_of_seats_that_looked_up(states: np.ndarray) -> None:
    from sim.model.state import State

    told = [State.of_row(state) for state in states]
    found = decisions(told)
    assert len(found) == sum(sum(state.revised) for state in told[1:])
    changes = [(a.step, seat) for a, b in pairwise(told) for seat in range(8)
               if a.option[seat] != b.option[seat]]  # fmt: skip
    assert set(changes) <= {(d.step, d.seat) for d in found}
    assert all(sum(d.chance) == pytest.approx(1.0) for d in found)


def test_a_scripted_seat_takes_no_decision() -> None:
    of = setting("actors.ruler.doctrine=historical_moves")
    course = of_run(of, 4, every=40, n=2, m=2, progress=quiet)
    seats = {d.seat for d, _ in course.decided}
    assert Seat.RULER not in seats
    assert Seat.LEADER in seats


def test_the_verb_writes_the_same_tables_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables = []
    for name, threads in (("one", 1), ("two", 2)):
        of = line("replicate=17", f"out={tmp_path}", f"name={name}", f"threads={threads}")
        told = tension(of)
        folder = tmp_path / "tension" / "historical" / name
        assert (folder / "figures" / "tension.svg").is_file()
        assert record.finished(folder).summary["turning_points"] == told["turning_points"]
        tables.append({kind: record.read_table(folder / f"{kind}.parquet") for kind in ("line", "what_if")})
    assert "turning points on the way to" in capsys.readouterr().out
    for kind in ("line", "what_if"):
        assert record.digest({k: v for k, v in tables[0][kind].items() if v.dtype != object}) == record.digest(
            {k: v for k, v in tables[1][kind].items() if v.dtype != object}
        )
    moments = tables[0]["line"]
    assert np.allclose(sum(moments[name] for name in ENDINGS), 1.0)
    assert all((moments[f"{name}_low"] <= moments[name]).all() for name in ENDINGS)


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("every_h=0.7", "every_h=0.7 is not allowed; give a multiple of the step, clock.dt=0.5 h."),
        ("every_h=0", "give a multiple of the step"),
        ("continuations=1", "continuations=1 is not allowed; give a whole number from 2 on."),
        ("what_if=-1", "what_if=-1 is not allowed"),
    ],
)
def test_mistakes_are_named(override: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence.replace(".", r"\.")):
        tension(line(override))


def test_history_and_a_release_hour_exclude_each_other() -> None:
    with pytest.raises(ConfigurationError, match="leave out release_at_h"):
        tension(line("history=true", "release_at_h=14"))


def test_no_change_is_no_turning_point_and_a_plain_one_is() -> None:
    before = np.array([0] * 50 + [2] * 50)
    assert largest(change(before[None], before[None]), 3) == []
    few = before.copy()
    few[0] = 2
    assert largest(change(before[None], few[None]), 3) == [], "one continuation of a hundred is chance"
    many = before.copy()
    many[:40] = 2
    both = change(np.stack([before, before]), np.stack([few, many]))
    assert largest(both, 3) == [1]
    assert both.size[1] == pytest.approx(0.4)


def test_common_events_are_told_once_and_mixed_ones_with_their_share() -> None:
    def story(conduct: str) -> list[Event]:
        return [Event(1.0, "leader", "order", "Drives on.", "why"), Event(1.5, "field", "formation", conduct)]

    told = in_common([story("Resists."), story("Stands aside."), story("Stands aside."), story("Joins.")])
    assert [event.text for event in told] == ["Drives on.", "Stands aside. (in 50 % of its replicates)"]
    assert told[0].why == ""
    assert in_common([[Event(1.0, "field", "strike", "Strikes.")], [], []]) == []
    assert [event.kind for event in telling(told)] == ["order", "formation"]


def test_the_page_is_drawn_for_a_crisis_without_turning_points() -> None:
    told = {"hour": np.array([0.0, 0.5, 1.0]), "km": np.array([780.0, 780, 760]), "odds": np.full((3, 6), 1 / 6),
            "turning_points": [], "ending": "crushed", "history": False, "replicate": 3,
            "continuations": 100, "line_km": None}  # fmt: skip
    page = draw("tension", tension=told, setting=setting("scenario=historical").drawn(100))
    assert any("did the odds move beyond chance" in text.get_text() for text in page.texts)
