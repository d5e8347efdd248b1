"""How long `rubicon compare` goes on: the pairs, the looks, and what still keeps it from an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from sim.errors import ConfigurationError

if TYPE_CHECKING:
    import numpy as np

    from sim.settings import Settings
    from sim.stats.paired import Entry, Terms

Table = Mapping[str, "np.ndarray"]


@dataclass(frozen=True)
class Plan:
    """How long to go on, checked: see conf/verb/compare.yaml."""

    start: int
    cap: int
    level: float
    until: str | None
    precision: float | None
    pairs: tuple[tuple[int, int], ...]
    parting: int

    @property
    def once(self) -> bool:
        """Whether there is one look only, at a size fixed beforehand."""
        return self.until is None and self.precision is None


@dataclass(frozen=True)
class Found:
    """What the last look saw: `tables` by arm, `differences` by pair, the sizes looked at, and why it was the last."""

    tables: list[dict[str, np.ndarray]]
    differences: dict[tuple[int, int], dict[str, Entry]]
    looks: list[int]
    stopped: str

    @property
    def n(self) -> int:
        """Pairs played."""
        return self.looks[-1]


def plan_of(settings: Settings, arms: int, recorded: int | None = None) -> Plan:
    """The checked plan for so many settings; ConfigurationError for a key of the verb that is not allowed.

    `recorded` is the number of replicates when they were played before.
    """
    own = settings.choices
    _allowed("until", own["until"], (None, "settled"))
    _allowed("pairs", own["pairs"], ("reference", "all"))
    _between("level", own["level"], 0.5, 0.9999)
    if own["precision"] is not None:
        _between("precision", own["precision"], 1e-6, 0.5)
    for key, least in (("cap", 1), ("parting", 0)):
        if not isinstance(own[key], int) or isinstance(own[key], bool) or own[key] < least:
            raise ConfigurationError(f"{key}={own[key]} is not allowed; give a whole number from {least}.")
    pairs = combinations(range(arms), 2) if own["pairs"] == "all" else ((0, other) for other in range(1, arms))
    precision = None if own["precision"] is None else float(own["precision"])
    start = settings.replications if recorded is None else recorded
    if own["until"] is not None or precision is not None:
        start = min(start, own["cap"])
    return Plan(start, own["cap"], float(own["level"]), own["until"], precision, tuple(pairs), own["parting"])


def _allowed(key: str, value: Any, known: Sequence[str | None]) -> None:
    if value not in known:
        names = ", ".join("null" if name is None else name for name in known)
        raise ConfigurationError(f"{key}={value} is not allowed; give one of {names}.")


def _between(key: str, value: Any, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ConfigurationError(f"{key}={value} is not allowed; give a number from {low:g} to {high:g}.")


Play = Callable[[int, int, int], Table]  # (arm, first replicate, how many) -> `kept` columns


def gather(play: Play, arms: int, plan: Plan, known: Mapping[tuple[int, int], bool]) -> Found:
    """Play and look until the plan is met or its cap is reached.

    `known` says of each pair whether its settings are identical.
    """
    import numpy as np

    from sim.stats import sequential
    from sim.stats.paired import Terms, differences

    terms = Terms(plan.level, len(plan.pairs), plan.start)
    parts: list[list[Table]] = [[] for _ in range(arms)]
    looks: list[int] = []
    for size in [plan.start] if plan.once else sequential.looks(plan.start, plan.cap):
        first = looks[-1] if looks else 0
        for arm in range(arms):
            parts[arm].append(play(arm, first, size - first))
        looks.append(size)
        tables = [{name: np.concatenate([part[name] for part in own]) for name in own[0]} for own in parts]
        found = {(a, b): differences(tables[a], tables[b], terms, identical=known[a, b]) for a, b in plan.pairs}
        met = all(_met(name, entry, plan) for own in found.values() for name, entry in own.items())
        if met:
            break
    _forecast(found, looks[-1], terms, plan)
    stopped = "as planned" if plan.once else "settled" if met else "cap"
    return Found(tables, found, looks, stopped)


def _met(name: str, entry: Entry, plan: Plan) -> bool:
    """Whether a difference no longer holds the study up: means, which have other units, do only without a precision."""
    from sim.stats.paired import SHARES, half_width

    if entry["direction"] == "equal":
        return True
    settled = bool(plan.until == "settled" and entry["settled"])
    if plan.precision is None:
        return settled or plan.once
    return settled or name not in SHARES or half_width(entry["low"], entry["high"]) <= plan.precision


def _forecast(found: Mapping[tuple[int, int], dict[str, Entry]], n: int, terms: Terms, plan: Plan) -> None:
    """Add `more`: about how many further replications would settle a difference; 0 settled, None none in sight."""
    from sim.stats.paired import SHARES, half_width, more_for_direction, more_for_precision

    for own in found.values():
        for name, entry in own.items():
            known = plan.precision is not None and half_width(entry["low"], entry["high"]) <= plan.precision
            entry["settled"] = bool(entry["settled"] or (known and name in SHARES))
            guesses = [] if entry["settled"] else [more_for_direction(entry, n, terms)]
            if guesses and plan.precision is not None and name in SHARES:
                guesses.append(more_for_precision(entry, n, terms, plan.precision))
            near = [guess for guess in guesses if guess is not None]
            entry["more"] = 0 if entry["settled"] else min(near, default=None)
