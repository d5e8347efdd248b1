"""A crisis is its own business: threads, chunks, order and company do not matter."""

from __future__ import annotations

import numpy as np
import pytest

from sim import jit
from sim.engines import kernel
from sim.engines.batch import run_table
from sim.model.state import state_type
from tests.conftest import changed, crises, same_bits, setting


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("chunk", [1, 7, 64, 4096])
def test_threads_and_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch, threads: int, chunk: int) -> None:
    of = setting("scenario=historical")
    monkeypatch.setattr(kernel, "CHUNK", chunk)
    try:
        table = run_table(of.params, of.script, seed=1, n=100, threads=threads)
    finally:
        jit.use_threads(None)
    monkeypatch.undo()
    whole = run_table(of.params, of.script, seed=1, n=100)
    assert [name for name in whole if table[name].tobytes() != whole[name].tobytes()] == []


def test_order_and_company_do_not_matter() -> None:
    """A row alone, in reverse order or among others is the same row."""
    of = setting("scenario=historical")
    whole = crises(of, 300)
    backwards = np.arange(300)[::-1]
    states = np.zeros(300, state_type())
    kernel.play(states, of.params.row(), seed=1, replicate=backwards)
    assert same_bits(states[::-1], whole) == []
    some = np.array([3, 200, 17])
    states = np.zeros(3, state_type())
    kernel.play(states, of.params.row(), seed=1, replicate=some)
    assert same_bits(states, whole[some]) == []
    assert same_bits(crises(of, 50, first=250), whole[250:]) == []


def test_settings_side_by_side_do_not_touch_each_other() -> None:
    """Rows of several settings in one call, mixed: each as if its setting were alone."""
    one = setting("scenario=historical")
    other = changed(one, {"forces.R0": 8.0, "actors.ruler.c_G": 0.2})
    which = np.arange(200) % 2
    states = np.zeros(200, state_type())
    both = np.concatenate([one.params.row(), other.params.row()])
    kernel.play(states, both, seed=1, replicate=np.arange(200), which=which)
    assert same_bits(states[which == 0], crises(one, 200)[which == 0]) == []
    assert same_bits(states[which == 1], crises(other, 200)[which == 1]) == []


def test_watching_a_crisis_does_not_change_it() -> None:
    of = setting("scenario=historical")
    states = np.zeros(100, state_type())
    trace = np.zeros((100, int(of.params.n_steps)), kernel.trace_type())
    kernel.play(states, of.params.row(), seed=1, replicate=np.arange(100), trace=trace)
    assert same_bits(states, crises(of, 100)) == []
    lived = (trace["hour"] > 0.0).sum(axis=1)
    last = trace[np.arange(100), lived - 1]
    assert (last["hour"] == states["end_h"]).all()
    assert (last["km"] == states["km"]).all()
    assert (last["option"] == states["option"]).all()
