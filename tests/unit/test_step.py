"""One order of a step: the kernel's chain, the readable engine and a turn of the classroom play one list."""

from __future__ import annotations

import pytest

from sim.classroom.steps import play_turn
from sim.engines.mesa import Crisis
from sim.model import step
from sim.model.luck import run_key
from sim.model.params import Params
from sim.model.rules.setup import begin
from sim.model.script import FREE_LINE, Line, line_at
from sim.model.state import State
from tests.conftest import setting

OF = setting("scenario=historical")


def begun(replicate: int) -> State:
    state = State()
    begin(state, OF.params, run_key(1, replicate))
    return state


@pytest.mark.parametrize("replicate", [3, 17])
def test_the_chain_plays_what_the_walk_plays(replicate: int) -> None:
    key, chained, walked = run_key(1, replicate), begun(replicate), begun(replicate)
    while chained.ending < 0:
        step.play_step(chained, OF.params, key, line_at(OF.script, chained.step))
        step.walk_step(walked, OF.params, key, line_at(OF.script, walked.step))
        assert chained.row().tobytes() == walked.row().tobytes()
    assert chained.step > 10


def test_a_phase_that_is_added_is_played_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain is made from the list, and whoever walks reads the list as it is."""
    seen: list[int] = []

    def count(s: State, p: Params, key: int, line: Line) -> None:
        seen.append(s.step)

    longer = (*step.STEP[:2], step.Phase("count", count), *step.STEP[2:])
    state = begun(3)
    for _ in range(4):
        step.in_order(longer)(state, OF.params, run_key(1, 3), FREE_LINE)
    assert seen == [0, 1, 2, 3], "the chain of the kernel"
    monkeypatch.setattr(step, "STEP", longer)
    crisis = Crisis(OF.params, OF.script, seed=1, replicate=3)
    crisis.step()
    play_turn(begun(3), OF.params, run_key(1, 3), OF.script, {}, 2)
    assert seen[4:] == [0, 0, 1], "the readable engine, then two steps of a turn"


def test_what_stands_in_for_a_phase_takes_its_place() -> None:
    state, others = begun(3), []

    def nobody_decides(s: State, p: Params, key: int, line: Line) -> None:
        others.append(s.step)

    for _ in range(5):
        step.walk_step(state, OF.params, run_key(1, 3), FREE_LINE, {"decide": nobody_decides})
    assert others == [0, 1, 2, 3, 4]
    assert sum(state.revised) == 0
    assert set(state.option[1:]) == {1}, "all but the leader still hold"
