"""What should follow when one thing about June 2023 is changed: signs stated before any model was run.

The table is C2 of the project's list of facts. Both settings meet the same luck, so the
difference is taken crisis by crisis; a sign holds when its 99 % interval leaves out zero.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from sim.engines.columns import columns
from sim.state import Ending
from tests.conftest import crises, setting

N = 4000
Z = 2.576
Table = dict[str, np.ndarray]


class Claim(NamedTuple):
    """In `scenario` the mean of `measure` moves from `historical` in the direction of `sign`."""

    scenario: str
    what: str
    measure: Callable[[Table], np.ndarray]
    sign: int


def ends(*endings: Ending) -> Callable[[Table], np.ndarray]:
    return lambda table: np.isin(table["outcome"], endings).astype(float)


def column(name: str) -> Callable[[Table], np.ndarray]:
    return lambda table: table[name].astype(float)


def granted(table: Table) -> np.ndarray:
    """Worth to the leader of what was granted in the end, 0 without a deal or concession (stake)."""
    return np.nan_to_num(table["terms"])


def went_home_early(table: Table) -> np.ndarray:
    """Stood down within the first twelve hours."""
    return ((table["outcome"] == Ending.REBELS_COLLAPSE) & (table["duration_h"] < 12.0)).astype(float)


WIN, CONCESSION = ends(Ending.REBELS_WIN), ends(Ending.GOVERNMENT_CONCEDES)
DEAL, CRUSHED, PROLONGED = ends(Ending.NEGOTIATED_EXIT), ends(Ending.CRUSHED), ends(Ending.PROLONGED)
LOST = ends(Ending.CRUSHED, Ending.REBELS_COLLAPSE)

CLAIMS = [
    Claim("early_joiners", "change of power up", WIN, +1),
    Claim("early_joiners", "concession up", CONCESSION, +1),
    Claim("blocking_force_south", "crushed or collapse up", LOST, +1),
    Claim("blocking_force_south", "deaths up", column("deaths"), +1),
    Claim("no_mediator", "deals down", DEAL, -1),
    Claim("no_mediator", "deaths up", column("deaths"), +1),
    Claim("no_mediator", "crushed up", CRUSHED, +1),
    Claim("no_mediator", "duration up", column("duration_h"), +1),
    Claim("ruler_takes_call", "ends earlier", column("duration_h"), -1),
    Claim("ruler_takes_call", "halts farther out", column("closest_km"), +1),
    Claim("ruler_takes_call", "more conceded", granted, +1),
    Claim("ruler_takes_call", "less authority after", column("authority"), -1),
    Claim("ruler_flees", "change of power up", WIN, +1),
    Claim("ruler_flees", "prolonged up", PROLONGED, +1),
    Claim("demand_power", "deals down", DEAL, -1),
    Claim("column_25000", "concession up", CONCESSION, +1),
    Claim("no_contract_deadline", "mutiny less likely: home within twelve hours", went_home_early, +1),
    Claim("bloody_first_battle", "deals down", DEAL, -1),
]


@cache
def table(*overrides: str) -> Table:
    of = setting(*overrides)
    return columns(crises(of, N), of.params, np.arange(N))


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.scenario}: {claim.what}")
def test_direction(claim: Claim) -> None:
    moved = claim.measure(table(f"scenario={claim.scenario}")) - claim.measure(table("scenario=historical"))
    half = Z * moved.std(ddof=1) / np.sqrt(N)
    assert claim.sign * moved.mean() > half, f"{moved.mean():+.4f} +- {half:.4f}"


def test_early_joiners_matter_sharply() -> None:
    """`Sharply`: change of power and concession together more than double."""
    gain = ends(Ending.REBELS_WIN, Ending.GOVERNMENT_CONCEDES)
    assert gain(table("scenario=early_joiners")).mean() > 2.0 * gain(table("scenario=historical")).mean()


def test_no_mediator_lengthens_it_only_a_little() -> None:
    longer = table("scenario=no_mediator")["duration_h"].mean() - table("scenario=historical")["duration_h"].mean()
    assert 0.0 < longer < 8.0


def test_walter_2002_a_stronger_guarantee_makes_deals_last() -> None:
    """Among crises that end in a deal; without any guarantee a breach within half a year is the norm."""
    kept, many = [], []
    for setting_of in (("channels.mediator.guarantee=0",), (), ("scenario=strong_guarantee",)):
        found = table(*setting_of)
        deals = found["outcome"] == Ending.NEGOTIATED_EXIT
        kept.append(float(np.mean(found["deal_kept"][deals] == 1)))
        many.append(int(deals.sum()))
    for low, high in ((0, 1), (1, 2)):
        half = Z * np.sqrt(sum(kept[i] * (1 - kept[i]) / many[i] for i in (low, high)))
        assert kept[high] - kept[low] > half, kept
    assert kept[0] < 0.5, kept


def test_a_larger_column_that_still_settles_does_so_later() -> None:
    large, usual = (
        table(
            "scenario=column_25000",
        ),
        table("scenario=historical"),
    )
    hours = [t["duration_h"][t["outcome"] == Ending.NEGOTIATED_EXIT] for t in (large, usual)]
    assert len(hours[0]) >= 20, "too few deals to compare"
    half = Z * np.sqrt(sum(h.var(ddof=1) / len(h) for h in hours))
    assert hours[0].mean() - hours[1].mean() > half


@pytest.mark.xfail(
    strict=True,
    reason="claimed: the halt comes later; found: all crises -7 h, because a column of 25,000 makes the capital give "
    "way within half a day (0.44 change of power, 0.17 concession) before it has to halt at all",
)
def test_a_larger_column_lasts_longer() -> None:
    longer = table("scenario=column_25000")["duration_h"] - table("scenario=historical")["duration_h"]
    assert longer.mean() > Z * longer.std(ddof=1) / np.sqrt(N)


@pytest.mark.xfail(
    strict=True,
    reason="claimed: more concession; found: the ending `government_concedes` falls from .035 to .027, because a deal "
    "comes first; what is granted in those deals does rise (see `more conceded`)",
)
def test_a_call_taken_makes_granting_the_main_demand_likelier() -> None:
    more = CONCESSION(table("scenario=ruler_takes_call")) - CONCESSION(table("scenario=historical"))
    assert more.mean() > Z * more.std(ddof=1) / np.sqrt(N)


@pytest.mark.xfail(
    strict=True,
    reason="claimed: after a first battle with 100 dead exit deals nearly vanish; found: they fall from .54 to .15",
)
def test_blood_makes_deals_nearly_vanish() -> None:
    assert DEAL(table("scenario=bloody_first_battle")).mean() <= 0.10


def test_the_first_battle_is_bloody() -> None:
    assert np.quantile(table("scenario=bloody_first_battle")["deaths"], 0.05) >= 100.0
