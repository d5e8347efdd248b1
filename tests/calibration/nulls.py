"""Runs that differ by chance alone, drawn from one large table of one setting."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sim.engines.batch import run_table
from sim.results import Finished
from tests.conftest import setting

POOL = 12_000
STREAM = 4711
LUCK = {"common": 0.8, "independent": 0.0}  # share of pairs that are the very same run
Runs = dict[str, np.ndarray]


@cache
def pool(scenario: str = "historical") -> Mapping[str, np.ndarray]:
    """Many runs of one scenario."""
    of = setting(f"scenario={scenario}")
    return run_table(of.params, of.script, seed=1, n=POOL)


def alike(seed: int, n: int, arms: int, shared: float, scenario: str = "historical") -> list[Runs]:
    """Arms of n runs each that follow one law: run i is the same in all arms with chance `shared`, else drawn anew."""
    rng, of = np.random.default_rng([seed, STREAM]), pool(scenario)
    base = rng.integers(POOL, size=n)
    out = []
    for _ in range(arms):
        own = np.where(rng.random(n) < shared, base, rng.integers(POOL, size=n))
        out.append({name: values[own] for name, values in of.items()})
    return out


def done(summary: Mapping[str, Any], verb: str = "") -> Finished:
    """A finished study that holds no more than its summary."""
    return Finished(Path(), {"verb": verb}, {}, dict(summary))
