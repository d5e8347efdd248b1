"""What one person may move: the page's sliders and switches, and the scenarios they stand on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sim import catalog
from sim.catalog import Parameter, catalogue
from sim.config import compose_like
from sim.errors import UserError
from sim.scenario import Setting, build
from sim.settings import Settings

STEPS = 50  # positions of a slider, at least
Point = tuple[str, Mapping[str, float]]  # a scenario, and the numbers changed in it by path


class ExploreError(UserError):
    """A setting that the explorer does not offer; the text says what it does."""


@dataclass(frozen=True)
class Lever:
    """One number of the page: its entry in the catalogue under a short label."""

    number: Parameter
    label: str

    @property
    def switch(self) -> bool:
        """Whether it is on or off and nothing between."""
        return self.number.unit == "flag"

    @property
    def step(self) -> float:
        """A round step that gives the plausible range at least `STEPS` positions."""
        if self.number.integer:
            return 1.0
        return step_of(self.number.high - self.number.low)

    def span(self, own: float) -> tuple[float, float]:
        """What may be chosen: the plausible range, widened to the scenario's own value."""
        return min(self.number.low, own), max(self.number.high, own)

    def as_json(self) -> dict[str, Any]:
        """What the page shows of it."""
        n = self.number
        return {
            "path": n.path, "label": self.label, "about": n.about, "unit": "" if n.unit in ("-", "flag") else n.unit,
            "low": n.low, "high": n.high, "step": self.step, "grade": n.grade, "source": n.source,
            "switch": self.switch,
        }  # fmt: skip


def step_of(width: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that goes into `width` at least `STEPS` times.

    >>> step_of(5.5), step_of(0.2), step_of(1.0)
    (0.1, 0.002, 0.02)
    """
    most = width / STEPS
    power = 10.0 ** math.floor(math.log10(most))
    # The power may come out a hair above; a thousandth more lets 1.0 / 50 be 0.02.
    return float(f"{max(m * power for m in (1, 2, 5) if m * power <= most * 1.001):.12g}")


def levers(listed: Sequence[Mapping[str, Any]]) -> list[Lever]:
    """Levers of a list of `path` and `label`; ExploreError for what is no number of the model."""
    found = []
    for entry in listed:
        path = str(entry.get("path"))
        if path not in catalogue():
            raise ExploreError(catalog.unknown("parameter", path, catalogue()))
        found.append(Lever(catalogue()[path], str(entry.get("label") or path)))
    return found


class Shelf:
    """The scenarios, each composed when first asked for, with the command line's own overrides; safe in threads."""

    def __init__(self, settings: Settings, sliders: Sequence[Lever], switches: Sequence[Lever]) -> None:
        self.base = settings
        self.levers = {lever.number.path: lever for lever in (*sliders, *switches)}
        self.names = catalog.options("scenario", settings.folders)
        self._made = {settings.scenario: build(settings)}
        self._lock = Lock()  # one composition at a time: Hydra has global state

    def setting(self, scenario: str) -> Setting:
        """The scenario as it is set up; ExploreError where there is none of that name."""
        if scenario not in self.names:
            raise ExploreError(f"there is no such scenario; known: {', '.join(self.names)}.")
        with self._lock:
            if scenario not in self._made:
                told = [text for text in self.base.overrides if not text.startswith("scenario=")]
                self._made[scenario] = build(compose_like(self.base, [f"scenario={scenario}", *told]))
            return self._made[scenario]

    def own(self, scenario: str) -> dict[str, float]:
        """Where the levers stand in a scenario."""
        values = self.setting(scenario).settings.values
        return {path: values[path] for path in self.levers}

    def about(self, scenario: str) -> str:
        """The scenario in a sentence."""
        return str(catalog.option("scenario", scenario, self.base.folders).get("about", ""))

    def moved(self, scenario: str, numbers: Mapping[str, float]) -> dict[str, float]:
        """The numbers that differ from the scenario's own; ExploreError names the first that is not allowed."""
        own = self.own(scenario)
        for path, value in numbers.items():
            if path not in self.levers:
                raise ExploreError(f"a number was sent that has no slider; those with one: {', '.join(self.levers)}.")
            lever = self.levers[path]
            low, high = lever.span(own[path])
            if not low <= value <= high:
                unit = f" {lever.number.unit}" if lever.number.unit != "-" else ""
                raise ExploreError(f"{path}={value:g} is out of range; the page offers {low:g} to {high:g}{unit}.")
            if lever.number.integer and value != int(value):
                raise ExploreError(f"{path}={value:g} is not a whole number.")
        return {path: value for path, value in sorted(numbers.items()) if value != own[path]}

    def changed(self, scenario: str, numbers: Mapping[str, float]) -> Setting:
        """The scenario with its numbers moved."""
        moved = self.moved(scenario, numbers)
        return self.setting(scenario).changed(moved) if moved else self.setting(scenario)
