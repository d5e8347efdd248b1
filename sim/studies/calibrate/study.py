"""The steps of a calibration: prior, posterior, synthetic truths, predictions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.catalog import aliases, catalogue, key_of
from sim.engines.points import rows
from sim.errors import ConfigurationError
from sim.patterns.patterns import book
from sim.sets import SHARED
from sim.stats.axes import Axis, axes
from sim.stats.designs import design
from sim.studies.calibrate import abc
from sim.studies.calibrate.calibration import facts, predictive, shown, unit

if TYPE_CHECKING:
    from sim.scenario import Setting
    from sim.settings import Settings

LEAST = {"points": 16, "replications": 2, "sets": 2, "truths": 20, "predictive": 1}
DIGITS = 4  # of a number in the shipped sets


def check(settings: Settings) -> None:
    """ConfigurationError unless the verb's own numbers are usable."""
    given = {**settings.choices, "replications": settings.replications}
    for key, least in LEAST.items():
        if not isinstance(given[key], int) or isinstance(given[key], bool) or given[key] < least:
            raise ConfigurationError(f"{key}={given[key]} is not allowed; give a whole number from {least}.")
    steps = given["tolerances"]
    if not isinstance(steps, list) or not steps or steps[-1] != 1 or any(not step >= 1 for step in steps):
        raise ConfigurationError(f"tolerances={steps} is not allowed; give factors from 1 up, the last of them 1.")
    if not isinstance(given["ship"], bool):
        raise ConfigurationError(f"ship={given['ship']} is not allowed; give true or false.")
    if settings.engine != "kernel":
        raise ConfigurationError("a calibration runs on the compiled engine only; leave engine=kernel.")


def priors(settings: Settings) -> tuple[list[Axis], dict[str, str]]:
    """The numbers in doubt with their ranges, logarithmic where one spans over tenfold; and what is held, and why."""
    chosen, known = settings.choices, catalogue()
    also = [aliases().get(str(name), str(name)) for name in chosen["also"]]
    usual = dict.fromkeys([path for path, p in known.items() if p.main] + also)
    named = {key_of(text) for text in settings.overrides}
    found, held = [], {}
    for one in axes(chosen["axes"] or usual):
        if one.kind != "number" or one.levels is not None or one.path in SHARED:
            raise ConfigurationError(
                f"{one.path} cannot be calibrated; give numbers with a range, for example 'R0=interval(3,8)', "
                f"and none of {', '.join(SHARED)}."
            )
        if settings.values[one.path] != known[one.path].value or one.path in named:
            held[one.path] = f"held at {settings.values[one.path]:g}, as the scenario or the command line sets it"
            continue
        wide = one.low is not None and one.high is not None and 0.0 < 10.0 * one.low < one.high
        found.append(replace(one, scale="log") if wide else one)
    if not found:
        raise ConfigurationError("nothing is left to calibrate: the scenario or the command line sets every number.")
    return found, held


class Study:
    """One calibration: `play` takes its steps in order, each of which leaves what it found."""

    def __init__(self, setting: Setting) -> None:
        check(setting.settings)
        self.setting, self.choices = setting, setting.settings.choices
        self.axes, self.held = priors(setting.settings)
        self.paths = [one.path for one in self.axes]
        self.book = book()
        self.facts = facts(self.book)
        self.runs = 0

    def play(self) -> None:
        """Prior, posterior, synthetic truths, predictions."""
        self._prior()
        self._posterior()
        self._truths()
        self._predict()

    def _evidence(self, rows: np.ndarray, each: int, first: int, what: str, after: bool = False) -> dict[str, Any]:
        from sim import jit
        from sim.engines import kernel
        from sim.studies.calibrate.predictive import evidence
        from sim.studies.console import counting

        kernel.ready()
        jit.use_threads(self.setting.settings.threads)
        self.runs += len(rows) * each
        with counting(len(rows) * each, what) as progress:
            return evidence(
                rows, self.setting.script, seed=self.setting.seed, each=each, first=first, after=after,
                progress=progress,
            )  # fmt: skip

    def rows(self, u: NDArray[np.float64]) -> np.ndarray:
        """Parameter rows of places (n, k) on the prior's scale."""
        return rows(self.setting, {one.path: one.at(u[:, i]) for i, one in enumerate(self.axes)}, len(u))

    def _prior(self) -> None:
        """Points of a scrambled Sobol sequence, each with runs of its own."""
        each = self.setting.settings.replications
        made = design("sobol", self.axes, points=self.choices["points"], levels=2, seed=self.setting.seed)
        self.notes = list(made.notes)
        self.u = unit(self.axes, made.columns)
        found = self._evidence(self.rows(self.u), each, 0, f"prior over {len(self.axes)} numbers")
        self.shown = shown(self.facts, found)

    def _posterior(self) -> None:
        self.steps: list[dict[str, Any]] = []
        for tolerance in self.choices["tolerances"]:
            hit = abc.hits(self.shown, self.facts, tolerance)
            w = abc.weights(hit)
            if not w.any():
                raise ConfigurationError(
                    f"none of {hit.size:,} runs shows all patterns within {tolerance} times their ranges; "
                    "give more points=... or replications=..., or wider priors."
                )
            self.steps.append({
                "tolerance": tolerance, "hits": float(hit.mean()), "effective_points": abc.effective(w),
                "bits": abc.bits(hit), "contraction": abc.marginals(self.u, w, 0, 1).contraction,
            })  # fmt: skip
        self.weights = w
        self.marginals = abc.marginals(self.u, w, self.setting.seed)
        self.correlations = abc.correlations(self.u, w)
        self.sets = abc.resample(w, self.choices["sets"], self.setting.seed)
        # What each fact does alone: its own posterior beside that of all together.
        self.alone = {}
        for j, fact in enumerate(self.facts):
            hit = abc.hits(self.shown[..., j : j + 1], [fact])
            spread = abc.marginals(self.u, abc.weights(hit), self.setting.seed)
            self.alone[fact.name] = (hit, spread)

    def _truths(self) -> None:
        """Synthetic cases from the prior, each taken for the one that was observed."""
        t = self.choices["truths"]
        truth = np.random.default_rng([self.setting.seed, 10]).random((t, len(self.axes)))
        found = self._evidence(self.rows(truth), 1, self.shown.shape[0] * self.shown.shape[1], "synthetic truths")
        cases = shown(self.facts, found)[:, 0]
        self.truths = abc.recover(self.shown, self.u, cases, truth, self.facts, self.setting.seed)

    def lines(self) -> list[list[float]]:
        """The posterior's sets as they are shipped: one line a set, in the order of `paths`, rounded."""
        columns = [one.at(self.u[self.sets, i]) for i, one in enumerate(self.axes)]
        return [[float(f"{column[i]:.{DIGITS}g}") for column in columns] for i in range(len(self.sets))]

    def _predict(self) -> None:
        """What prior, posterior and the setting's own numbers say of all patterns, with the same luck."""
        n, each = len(self.sets), self.choices["predictive"]
        first = self.shown.shape[0] * self.shown.shape[1] + self.choices["truths"]
        columns = dict(zip(self.paths, np.array(self.lines()).T, strict=True))
        asked = {
            "prior": self.rows(self.u[np.arange(n) % len(self.u)]),
            "posterior": rows(self.setting, columns, n),
            "point": np.repeat(self.setting.params.row(), n),
        }
        self.predictive = {
            name: predictive(self.book, self._evidence(made, each, first, f"predictions, {name}", after=True))
            for name, made in asked.items()
        }
