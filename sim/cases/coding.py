"""From an episode's inputs to numbers of the model, by the rules of `conf/cases/coding.yaml`."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sim.cases.reading import CATEGORIES, Case
from sim.catalog import catalogue, check, conf_folder, read
from sim.model.maths import exp, log, logistic
from sim.model.state import Ending

REBELS_WIN, GOVERNMENT_CONCEDES = int(Ending.REBELS_WIN), int(Ending.GOVERNMENT_CONCEDES)
NEGOTIATED_EXIT = int(Ending.NEGOTIATED_EXIT)


@dataclass(frozen=True)
class Coefficient:
    """A coding number that is fitted: prior range [low, high] and where it comes from."""

    name: str
    about: str
    value: float
    low: float
    high: float
    unit: str
    grade: str
    source: str


@dataclass(frozen=True)
class Facts:
    """An episode's inputs with every gap filled: categories that the tables know, or `other`; numbers that fit.

    `bands` has (low, central, high) men of `rebels` and `loyal`, low <= central <= high, all > 0.
    """

    words: Mapping[str, str]
    bands: Mapping[str, tuple[float, float, float]]
    km: float
    hours: float
    war: bool
    notes: tuple[str, ...]


@cache
def tables() -> dict[str, Any]:
    """Everything that `conf/cases/coding.yaml` states."""
    return read(conf_folder() / "cases" / "coding.yaml")


@cache
def coefficients() -> tuple[Coefficient, ...]:
    """The coding coefficients in the order of the file."""
    return tuple(Coefficient(name, **node) for name, node in tables()["coefficients"].items())


def constant(name: str) -> float:
    """A fixed number of the coding."""
    return float(tables()["constants"][name]["value"])


def facts(case: Case) -> Facts:
    """Fill gaps by the stated fallbacks and neutral values; each filling leaves a note."""
    notes: list[str] = []
    words = {name: _known(name, case, notes) for name in CATEGORIES}
    bands = {side: _band(side, case, notes) for side in ("rebels", "loyal")}
    km = _or_fallback("dist_km_start", case, notes)
    hours = case.numbers["hours_to_capital"]
    if hours is None:
        hours = km / 40.0 if case.numbers["dist_km_start"] is not None else _fallback("hours_to_capital")
        notes.append(f"{case.case_id}: hours_to_capital is not known; {hours:g} is used")
    return Facts(words, bands, km, hours, _or_fallback("wartime", case, notes) > 0.0, tuple(notes))


def _fallback(name: str) -> float:
    return float(tables()["fallbacks"][name]["value"])


def _known(name: str, case: Case, notes: list[str]) -> str:
    given = case.words[name]
    if given in tables()[name] and given != "other":
        return str(given)
    notes.append(f"{case.case_id}: {name} {given or 'unknown'} is not one of the coding's; neutral values are used")
    return "other"


def _or_fallback(name: str, case: Case, notes: list[str]) -> float:
    given = case.numbers[name]
    if given is not None:
        return given
    notes.append(f"{case.case_id}: {name} is not known; {_fallback(name):g} is used")
    return _fallback(name)


def _band(side: str, case: Case, notes: list[str]) -> tuple[float, float, float]:
    """(low, central, high) of a side in order; without a central the geometric middle, without an end half or twice."""
    low, central, high = (case.numbers[f"{side}_{part}"] for part in ("low", "central", "high"))
    if central is None:
        ends = [max(end, 1.0) for end in (low, high) if end is not None]
        central = math.prod(ends) ** (1.0 / len(ends)) if ends else _fallback(side)
        notes.append(f"{case.case_id}: {side}_central is not known; {central:.4g} is used")
    central = max(central, 1.0)
    least = central / 2.0 if low is None else min(max(low, central / 10.0), central)
    return least, central, max(central, 2.0 * central if high is None else high)


def _way(of: Facts) -> float:
    """Km of the model's road: at least the notional way, at most what the model takes."""
    return min(max(of.km, constant("least_km")), catalogue()["route.D0"].allowed_high)


def _blood(of: Facts) -> float:
    """Dead, in men of the model, beyond which blood weighs fully: fewer of the episode's own in a small one."""
    size = (of.bands["rebels"][1] + of.bands["loyal"][1]) / constant("blood_men")
    bounds = catalogue()["bargaining.d_blood"]
    dead = constant("blood") * min(max(size, 0.1), 1.0) / men_of_one(of)
    return min(max(dead, bounds.allowed_low), bounds.allowed_high)


def fixed(of: Facts) -> dict[str, float]:
    """Numbers that neither coefficients nor draws change, by path."""
    far = _way(of)
    men, share = constant("men"), constant("line_share")
    line, demand = men * share, tables()["demand_type"][of.words["demand_type"]]
    out = {
        "clock.dt": constant("step_h"), "clock.horizon_h": constant("horizon_h"), "clock.weeks": 1.0,
        "clock.t_start": 1.0, "clock.t_hq": 1e6,
        "clock.p_regroup": constant("regroup_war" if of.war else "regroup"),
        "route.D0": far, "route.D_line": constant("line_at") * far, "actors.leader.d_int": constant("scouted") * far,
        "forces.K": men - line, "forces.L_max": line, "actors.leader.L_prior": constant("expected") * line,
        "forces.t_L0": constant("gather_from_h"),
        "forces.t_L1": constant("gather_war_h" if of.war else "gather_till_h"),
        "forces.mu_def": 1.0 + constant("prepared") * min(of.km / 100.0, 1.0),
        "forces.e_R": tables()["rebel_type"][of.words["rebel_type"]]["value"],
        "forces.gain_def": constant("joins") * men, "forces.cas_fight": constant("resists") * men,
        "actors.guard.fwd_max": constant("forward") * men, "actors.guard.r_fwd": constant("forward_h") * men,
        "bargaining.v_C": demand["worth"], "bargaining.rec": demand["rank"], "terms.terms_scale": demand["terms"],
        "bargaining.d_blood": _blood(of), "forces.r_strike": constant("sorties_h"),
        "actors.ministry.r_min": constant("own_sorties_h"), "forces.airmen_sortie": constant("airmen"),
        "forces.aircraft_sortie": constant("aircraft"),
    }  # fmt: skip
    return {path: check(path, value) for path, value in out.items()}


def fitted(of: Facts, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Numbers that coefficients change, by path; `values` holds (m,) of each coefficient."""
    kind, level = tables()["rebel_type"][of.words["rebel_type"]], tables()["rebel_level"][of.words["rebel_level"]]
    regime, demand = tables()["regime_type"][of.words["regime_type"]], tables()["demand_type"][of.words["demand_type"]]
    odds = values["odds_mid"] + values["odds_level"] * level["step"] + values["odds_inside"] * kind["inside"]
    ready = of.hours + values["lag_h"]  # hours from the first defiance to the assault, unopposed
    return {
        "belief.pi0": np.array([logistic(float(x)) for x in odds]),
        "units.loy_mu": values["loyalty"] + regime["loyalty"],
        "forces.v": np.clip(_way(of) / ready, 1.0, 150.0),
        "clock.t_speech": constant("address_at") * ready,
        "actors.ruler.A_con": demand["policy"] * values["price_policy"] + demand["power"] * values["price_power"],
        "actors.ruler.c_G": values["blood_cost"].copy(),
        "actors.leader.c_R": np.full(len(odds), float(demand["war"])),
        "bargaining.y_s": values["leniency"] * kind["disband"] + kind["home"],
    }


def drawn(case: Case, of: Facts, n: int, seed: int) -> dict[str, tuple[bool, np.ndarray]]:
    """What is not known beforehand: path -> (whether it is added to the number, (n,) values).

    Bands are drawn in logs, half the draws on either side of the central value. The stream is
    keyed by the episode's id, so other rows, and their order, cannot matter.
    """
    key = int.from_bytes(hashlib.sha256(case.case_id.encode()).digest()[:8], "little")
    rng = np.random.default_rng([seed, key])
    out: dict[str, tuple[bool, np.ndarray]] = {}
    ratio = in_band(of.bands["rebels"], _strata(rng, n)) - in_band(of.bands["loyal"], _strata(rng, n))
    ratio = np.array([exp(float(x)) for x in ratio]).clip(constant("ratio_low"), constant("ratio_high"))
    out["forces.R0"] = False, constant("men") * ratio
    for node in tables()["draws"].values():
        values = node["low"] + (node["high"] - node["low"]) * _strata(rng, n)
        out[node["path"]] = bool(node.get("shift", False)), values
    return out


def _strata(rng: np.random.Generator, n: int) -> np.ndarray:
    """n uniform draws, one in each n-th, in random order (McKay et al. 1979)."""
    return (rng.permutation(n) + rng.random(n)) / n


def in_band(band: tuple[float, float, float], unit: np.ndarray) -> np.ndarray:
    """Log of a value in (low, central, high) at the quantiles `unit`: log-uniform on either side of the centre."""
    low, central, high = (log(value) for value in band)
    return np.where(unit < 0.5, low + 2.0 * unit * (central - low), central + (2.0 * unit - 1.0) * (high - central))


def men_of_one(of: Facts) -> float:
    """Men of the episode for each man of the model: deaths are scaled by it."""
    return of.bands["loyal"][1] / (1000.0 * constant("men"))


def classes(of: Facts, endings: np.ndarray, political: np.ndarray) -> np.ndarray:
    """Endings of the model as classes of the shelf, which go by what was demanded: shares (..., 6).

    Parameters
    ----------
    endings : (..., 6) shares of the model's endings
    political : (...) share of runs in which the regime gave way without a battle in the capital (part of rebels_win)

    A demand for power that is granted is a change of power. A regime that gives way to rebels who
    do not want power grants what they do want, unless the mutiny grows. Where safety is what they
    want, half of what is granted is what the shelf calls an exit.
    """
    demand = tables()["demand_type"][of.words["demand_type"]]
    claim, safety = demand["claim"], demand["safety"]
    yielded = political * (1.0 - claim) * (1.0 - constant("grows"))
    granted = endings[..., GOVERNMENT_CONCEDES] + yielded
    to_power = endings[..., GOVERNMENT_CONCEDES] * claim * constant("handed_over")
    to_exit = (granted - to_power) * safety
    out = endings.astype(float)
    out[..., REBELS_WIN] += to_power - yielded
    out[..., GOVERNMENT_CONCEDES] = granted - to_power - to_exit
    out[..., NEGOTIATED_EXIT] += to_exit
    return out
