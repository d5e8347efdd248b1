"""The one way in which tests get settings and play crises: plain functions, usable in parametrization too."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import IO, Any

import numpy as np
import pytest
from hypothesis import settings as hypothesis_settings

from sim.catalog import catalogue, options
from sim.config import compose
from sim.engines import kernel
from sim.model.params import Params
from sim.model.state import FIELDS, state_type
from sim.scenario import Setting, build

# Where a change is judged, property tests try the same examples each time; at a desk they go on searching.
hypothesis_settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis_settings.load_profile("ci")

SCENARIOS = options("scenario")
DOCTRINES = options("doctrine")


@cache
def setting(*overrides: str) -> Setting:
    """The setting that these overrides compose to, as on the command line."""
    return build(compose(overrides))


@cache
def with_doctrine(scenario: str, doctrine: str) -> Setting:
    """A scenario in which every seat follows one doctrine."""
    return build(
        replace(setting(f"scenario={scenario}").settings, doctrines=setting(f"doctrine={doctrine}").settings.doctrines)
    )


def changed(base: Setting, values: Mapping[str, float]) -> Setting:
    """`base` with numbers changed by path, without another composition; nothing that follows them moves along."""
    unknown = set(values) - set(catalogue())
    assert not unknown, f"no such numbers: {unknown}"
    return build(replace(base.settings, values={**base.settings.values, **values}))


def crises(of: Setting, n: int, *, seed: int = 1, first: int = 0) -> np.ndarray:
    """Final states of replicates first .. first+n-1 on the kernel."""
    states = np.zeros(n, state_type())
    kernel.play(states, of.params.row(), seed=seed, replicate=np.arange(first, first + n), script=of.script)
    return states


def paths(of: Setting, n: int, *, seed: int = 1) -> np.ndarray:
    """Every step of n crises, a record of `kernel.trace_type()` each; hour 0 after the end."""
    trace = np.zeros((n, int(of.params.n_steps)), kernel.trace_type())
    states = np.zeros(n, state_type())
    kernel.play(states, of.params.row(), seed=seed, replicate=np.arange(n), script=of.script, trace=trace)
    return trace


def numbers(scenario: str = "core", **over: Any) -> Params:
    """Fresh numbers of a scenario with some of them changed by name, for rules tested by themselves."""
    params = build(setting(f"scenario={scenario}").settings).params
    for name, value in over.items():
        getattr(params, name)  # a name that is none fails here
        setattr(params, name, value)
    return params


def shares(states: np.ndarray) -> np.ndarray:
    """Share of each of the six endings."""
    return np.bincount(states["ending"], minlength=6) / len(states)


def same_bits(left: np.ndarray, right: np.ndarray) -> list[str]:
    """Names of the fields in which two arrays of states differ in any bit."""
    return [f.name for f in FIELDS if left[f.name].tobytes() != right[f.name].tobytes()]


def from_here(of: Setting, states: np.ndarray, *, seed: int = 1, first: int = 0) -> np.ndarray:
    """Where these states, of replicates first, first + 1, ..., end when the kernel goes on with them."""
    ended = states.copy()
    replicate = np.arange(first, first + len(states))
    kernel.play(ended, of.params.row(), seed=seed, replicate=replicate, script=of.script, fresh=False)
    return ended


class _Blank:
    """A page on which nothing is."""

    def savefig(self, out: IO[bytes], **_: Any) -> None:
        """Something that can be told from an empty file."""
        out.write(b"blank")


@contextmanager
def undrawn() -> Iterator[None]:
    """Within the block verbs save blank pages for figures: drawing takes most of the time of a small run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.draw.draw", lambda name, **data: _Blank())
        yield


@pytest.fixture
def blank_figures() -> Iterator[None]:
    """`undrawn` for a whole test."""
    with undrawn():
        yield
