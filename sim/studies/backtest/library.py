"""How the model ends each episode under each vector of coding coefficients: the library that `backtest` weighs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.cases import Case, coding
from sim.cases.forecast import smoothed
from sim.engines import kernel, points
from sim.model.derived import direct
from sim.model.rules.channels import deaths
from sim.model.state import Ending, of_rows, state_type

if TYPE_CHECKING:
    from sim.scenario import Setting

STREAM = 8102  # of the coefficient vectors
IN_CAPITAL = 2  # stage of fighting


@dataclass(frozen=True)
class Library:
    """Simulated endings: `chances` (episodes, vectors, 6) in classes of the shelf; two logs (episodes, vectors).

    `log_hours` is the mean of ln(duration), `log_deaths` that of ln(1 + killed), in men of the episode.
    """

    values: Mapping[str, np.ndarray]
    chances: np.ndarray
    log_hours: np.ndarray
    log_deaths: np.ndarray


@dataclass(frozen=True)
class Size:
    """How much is played: vectors of coefficients, draws of the unknown, runs a draw."""

    vectors: int
    draws: int
    runs: int

    @property
    def per_case(self) -> int:
        """Runs for one episode."""
        return self.vectors * self.draws * self.runs


def vectors(m: int, seed: int) -> dict[str, np.ndarray]:
    """m vectors of coding coefficients: a Latin hypercube over the prior ranges (McKay et al. 1979)."""
    rng = np.random.default_rng([seed, STREAM])
    unit = {c.name: (rng.permutation(m) + rng.random(m)) / m for c in coding.coefficients()}
    return {c.name: c.low + (c.high - c.low) * unit[c.name] for c in coding.coefficients()}


def simulate(setting: Setting, cases: Sequence[Case], size: Size, told: Callable[[int], object]) -> Library:
    """Play every episode under every vector; `told` hears of runs done.

    Luck is keyed by seed and replicate alone and draws by the episode's id, so an episode's
    entries do not depend on which others are played, nor on their order.
    """
    values = vectors(size.vectors, setting.seed)
    shape = (len(cases), size.vectors)
    chances, hours, killed = np.zeros((*shape, 6)), np.zeros(shape), np.zeros(shape)
    for i, case in enumerate(cases):
        of = coding.facts(case)
        table = _play(setting, case, of, values, size)
        ending = table["outcome"].reshape(size.vectors, -1)
        political = (ending == int(Ending.REBELS_WIN)) & (table["battle"].reshape(ending.shape) < IN_CAPITAL)
        shares = np.stack([(ending == code).mean(axis=1) for code in range(6)], axis=1)
        runs = ending.shape[1]
        chances[i] = smoothed(coding.classes(of, shares, political.mean(axis=1)) * runs)
        hours[i] = np.log(np.maximum(table["duration_h"], 0.5)).reshape(ending.shape).mean(axis=1)
        killed[i] = np.log1p(table["deaths"] * coding.men_of_one(of)).reshape(ending.shape).mean(axis=1)
        told(size.per_case)
    return Library(values, chances, hours, killed)


def _play(
    setting: Setting, case: Case, of: coding.Facts, values: Mapping[str, np.ndarray], size: Size
) -> dict[str, np.ndarray]:
    """Some columns of all runs of one episode, in order of vector, draw and run."""
    base = setting.changed(coding.fixed(of))
    params = np.repeat(points.rows(base, coding.fitted(of, values), size.vectors), size.draws)
    places = direct(base.switched_off)
    for path, (shift, drawn) in coding.drawn(case, of, size.draws, setting.seed).items():
        name, index = places[path]
        column: Any = params[name]
        at = column[(slice(None), *index)]  # a view: writing it changes the rows
        at[:] = np.tile(drawn, size.vectors) + (at if shift else 0.0)
    which = np.repeat(np.arange(len(params)), size.runs)
    replicate = np.tile(np.arange(size.draws * size.runs), size.vectors)
    parts = []
    for start in range(0, len(which), kernel.CHUNK):
        now = slice(start, start + kernel.CHUNK)
        states = np.zeros(len(which[now]), state_type())
        kernel.play(states, params, seed=setting.seed, replicate=replicate[now], which=which[now], script=base.script)
        share: Any = SimpleNamespace(dead_share=params["dead_share"][which[now]])
        killed = deaths(of_rows(states), share)
        parts.append(
            {"outcome": states["ending"].copy(), "battle": states["battle"].copy(),
             "duration_h": states["end_h"].copy(), "deaths": np.asarray(killed)}
        )  # fmt: skip
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
