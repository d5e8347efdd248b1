"""What should follow when one thing about June 2023 is changed: signs stated before any model was run.

The table is conf/patterns/directions.yaml, after C2 of the project's list of facts. Both settings meet the
same luck, so the difference is taken crisis by crisis; a sign holds when its 99 % interval leaves out zero.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.engines.columns import columns
from sim.model.state import ENDINGS, Ending
from sim.studies.validate.directions import Direction, directions, measure, reference
from tests.conftest import crises, setting

N = 4000
Z = 2.576
Table = dict[str, np.ndarray]


@cache
def table(*overrides: str) -> Table:
    of = setting(*overrides)
    return columns(crises(of, N), of.params, np.arange(N))


def held(row: Direction) -> tuple[bool, str]:
    """Whether the 99 % interval of a direction leaves out zero on the stated side, and the interval in words."""
    of, usual, other = measure(row.measure), table(f"scenario={reference()}"), table(f"scenario={row.scenario}")
    if row.among is None:
        moved = of(other) - of(usual)
        gap, half = moved.mean(), Z * moved.std(ddof=1) / np.sqrt(N)
    else:
        sides = [of(found)[found["outcome"] == ENDINGS.index(row.among)] for found in (usual, other)]
        assert min(map(len, sides)) >= 20, "too few runs to compare"
        gap = sides[1].mean() - sides[0].mean()
        half = Z * np.sqrt(sum(side.var(ddof=1) / len(side) for side in sides))
    return bool(row.sign * gap > half), f"{gap:+.4f} +- {half:.4f}"


def name(row: Direction) -> str:
    return f"{row.scenario}: {row.what}"


@pytest.mark.parametrize("row", [row for row in directions() if not row.fails], ids=name)
def test_direction(row: Direction) -> None:
    good, told = held(row)
    assert good, told


@pytest.mark.parametrize("row", [row for row in directions() if row.fails], ids=name)
def test_direction_that_is_known_to_fail_still_does(row: Direction) -> None:
    """Claimed before any model was run and not found: kept in the table, with what was found."""
    good, told = held(row)
    assert not good, f"{told}; it holds now, so take `fails` out of conf/patterns/directions.yaml"


def test_every_counterfactual_scenario_of_the_table_is_there() -> None:
    """The ten changes of the list of facts; the deadline's two readings are one scenario."""
    assert {row.scenario for row in directions()} == {
        "early_joiners", "blocking_force_south", "no_mediator", "ruler_takes_call", "ruler_flees", "demand_power",
        "column_25000", "no_contract_deadline", "strong_guarantee", "bloody_first_battle",
    }  # fmt: skip


def test_early_joiners_matter_sharply() -> None:
    """`Sharply`: change of power and concession together more than double."""
    gain = measure("rebels_win+government_concedes")
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


@pytest.mark.xfail(
    strict=True,
    reason="claimed: after a first battle with 100 dead exit deals nearly vanish; found: they fall from .54 to .15",
)
def test_blood_makes_deals_nearly_vanish() -> None:
    assert measure("negotiated_exit")(table("scenario=bloody_first_battle")).mean() <= 0.10


def test_the_first_battle_is_bloody() -> None:
    assert np.quantile(table("scenario=bloody_first_battle")["deaths"], 0.05) >= 100.0
