"""Patterns of the case, read from runs: one function a pattern, data in conf/patterns/.

A pattern's function turns evidence (see `sim.patterns.evidence.FACTS`) into one number a run, nan where the
run has no such quantity, and into what else must hold. A run hits when the number is in range and the rest holds.
After pattern-oriented modelling (Grimm et al. 2005, Science 310, 987-991).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.catalog import option
from sim.errors import ConfigurationError
from sim.model.state import Ending, Item

Evidence = Mapping[str, NDArray[Any]]
GIVEN, ABSENT = "given", "not represented"
HALTS = (Ending.NEGOTIATED_EXIT, Ending.GOVERNMENT_CONCEDES, Ending.REBELS_COLLAPSE)


@dataclass(frozen=True)
class Pattern:
    """A pattern as conf/patterns/ has it; `given` and `seen` are reasons or empty, `why` says why it is absent."""

    id: str
    what: str
    how: str
    unit: str
    central: float
    low: float
    high: float
    use: str
    grade: str
    source: str
    represented: bool
    weight: int
    given: str = ""
    seen: str = ""
    why: str = ""

    @property
    def counts(self) -> bool:
        """Whether it is shown or missed by the model's own doing, and so enters totals."""
        return self.represented and not self.given


class Reading(NamedTuple):
    """A pattern's quantity (n,), nan where a run has none, and what must hold besides the range (n,)."""

    value: NDArray[np.float64]
    also: NDArray[np.bool_]


@dataclass(frozen=True)
class Book:
    """The patterns of a case, those that one run should show together, and those that tell rivals apart."""

    patterns: Mapping[str, Pattern]
    joint: tuple[str, ...]
    telling: tuple[str, ...]


def book(name: str = "june_2023") -> Book:
    """The patterns of conf/patterns/<name>.yaml; ConfigurationError for one that is represented but has no function."""
    told = option("patterns", name)
    weights = told["weights"]
    found = {key: Pattern(id=key, weight=weights[entry["grade"]], **entry) for key, entry in told["patterns"].items()}
    unread = [key for key, pattern in found.items() if pattern.represented != (key in READ)]
    if unread:
        raise ConfigurationError(
            f"patterns {', '.join(unread)} of conf/patterns/{name}.yaml are represented without a function in "
            "sim/patterns/patterns.py, or the other way round."
        )
    return Book(found, tuple(told["joint"]), tuple(told["telling"]))


def everywhere(e: Evidence) -> NDArray[np.bool_]:
    """Every run."""
    return np.ones(len(e["outcome"]), bool)


def _where(flags: NDArray[np.bool_], values: NDArray[Any]) -> NDArray[np.float64]:
    return np.where(flags, np.asarray(values, float), np.nan)


def _halted(e: Evidence) -> NDArray[np.bool_]:
    return np.isin(e["outcome"], HALTS)


def hour_of_halt(e: Evidence) -> Reading:
    """P1: hour of the announced halt (h)."""
    return Reading(_where(_halted(e), e["end_h"]), everywhere(e))


def mean_advance(e: Evidence) -> Reading:
    """P2: road covered over the hours from setting out to the ending (km/h)."""
    hours = e["end_h"] - e["set_out_h"]
    speed = np.divide(e["road_km"] - e["closest_km"], hours, out=np.full(len(hours), np.nan), where=hours > 0)
    return Reading(speed, everywhere(e))


def road_left(e: Evidence) -> Reading:
    """P4: road left to the capital at the halt (km)."""
    return Reading(_where(_halted(e), e["closest_km"]), everywhere(e))


def ground_fights(e: Evidence) -> Reading:
    """P5: ground fights on the way, with no assault on line or capital (fights)."""
    return Reading(e["fought"].astype(float), e["battle"] == 0)


def killed(e: Evidence) -> Reading:
    """P6: killed on all sides (men)."""
    return Reading(e["deaths"].astype(float), everywhere(e))


def airmen_among_dead(e: Evidence) -> Reading:
    """P7: airmen among the dead (share)."""
    dead = e["deaths"]
    return Reading(np.divide(e["airmen"], dead, out=np.full(len(dead), np.nan), where=dead > 0), everywhere(e))


def aircraft_lost(e: Evidence) -> Reading:
    """P8: aircraft lost."""
    return Reading(e["aircraft"].astype(float), everywhere(e))


def passive_units(e: Evidence) -> Reading:
    """P9: passive units among those reached (share), with one in twenty joining at most."""
    reached = e["fought"] + e["joined"] + e["passive"]
    passive = np.divide(e["passive"], reached, out=np.full(len(reached), np.nan), where=reached > 0)
    return Reading(passive, e["joined"] <= 0.05 * reached)


def headquarters(e: Evidence) -> Reading:
    """P10: hour at which the rear headquarters is taken (h), before the ruler speaks if he does."""
    return Reading(e["hq_h"].astype(float), ~(e["hq_h"] > e["speech_h"]))


def senior_defections(e: Evidence) -> Reading:
    """P11: elites that have defected by the ending."""
    return Reading(e["defectors"].astype(float), everywhere(e))


def loyal_wave(e: Evidence) -> Reading:
    """P12: elites that profess loyalty six hours after the address (share)."""
    return Reading(e["loyal_after"].astype(float), everywhere(e))


def direct_contact(e: Evidence) -> Reading:
    """P13: direct contacts of ruler and leader, under a hard public line."""
    return Reading(_where(~np.isnan(e["speech_h"]), e["contacts"]), e["offered"] == 0)


def first_act(e: Evidence) -> Reading:
    """P14: hour of the ruler's address (h)."""
    return Reading(e["speech_h"].astype(float), everywhere(e))


def mediator_heard(e: Evidence) -> Reading:
    """P15: hour at which the mediator first reaches the leader (h), after the public line."""
    return Reading(e["entered_h"].astype(float), e["entered_h"] >= e["speech_h"])


def content(e: Evidence) -> Reading:
    """P18: whether the deal is exile, no prosecution, men kept and the minister left in place."""
    bits = np.maximum(e["package"], 0)
    has = {item: bits >> item & 1 == 1 for item in Item}
    right = has[Item.IMMUNITY] & has[Item.MEN] & ~has[Item.STAY] & ~has[Item.MINISTER]
    return Reading((right & (e["outcome"] == Ending.NEGOTIATED_EXIT)).astype(float), everywhere(e))


def breach(e: Evidence) -> Reading:
    """P21: days to the breach of the leader's safety, some other clause being worn within two weeks."""
    return Reading(e["breach_day"].astype(float), e["worn_day"] <= 14.0)


def minister_goes(e: Evidence) -> Reading:
    """P22: days to the minister's going where he was not given up and the state stands."""
    kept = ~np.isin(e["outcome"], (Ending.REBELS_WIN, Ending.GOVERNMENT_CONCEDES))
    return Reading(_where(kept, e["minister_day"]), everywhere(e))


READ: dict[str, Callable[[Evidence], Reading]] = {
    "P1": hour_of_halt, "P2": mean_advance, "P4": road_left, "P5": ground_fights, "P6": killed,
    "P7": airmen_among_dead, "P8": aircraft_lost, "P9": passive_units, "P10": headquarters, "P11": senior_defections,
    "P12": loyal_wave, "P13": direct_contact, "P14": first_act, "P15": mediator_heard, "P18": content, "P21": breach,
    "P22": minister_goes,
}  # fmt: skip
