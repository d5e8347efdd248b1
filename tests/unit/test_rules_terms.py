"""Packages of terms and what becomes of each clause."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.rules.aftermath import kept_clause
from sim.model.rules.terms import best_package, cost_of
from sim.model.state import Ending, Item
from tests.conftest import changed, crises, setting

DEAL = Ending.NEGOTIATED_EXIT


def bits(*items: Item) -> int:
    return sum(1 << item for item in items)


def test_what_is_cheap_to_give_and_dear_to_get_is_given_first() -> None:
    """Immunity costs the ruler least for what it brings; the minister is never worth his price to both."""
    p = setting("scenario=historical").params
    assert best_package(0.05, 0.2, 0.0, p) & bits(Item.IMMUNITY)
    for least, most in ((0.0, 0.3), (0.1, 0.5), (0.2, 0.7)):
        assert not best_package(least, most, 0.0, p) & bits(Item.MINISTER)


def test_a_mediator_nearer_to_the_ruler_gives_less() -> None:
    p = setting("scenario=historical").params
    prices = [p.package_price[best_package(0.0, 0.45, bias, p)] for bias in (-0.9, 0.0, 0.9)]
    assert prices[0] > prices[1] > prices[2]


def test_without_packages_terms_are_a_plain_number() -> None:
    p = setting("scenario=core").params
    assert [cost_of(worth, p) for worth in (-0.2, 0.0, 0.3, 0.9)] == [-0.2, 0.0, 0.3, 0.9]
    states = crises(setting("scenario=core"), 2000)
    deals = states[states["ending"] == DEAL]
    assert (deals["package"] == -2).all()
    assert (deals["terms"] == deals["price"]).all()
    assert len(np.unique(deals["terms"])) > 100


def test_exile_is_a_clause_where_staying_is_not_granted() -> None:
    historical = bits(Item.IMMUNITY, Item.MEN)
    kept = [item for item in Item if kept_clause(int(item), historical)]
    assert kept == [Item.IMMUNITY, Item.STAY, Item.MEN]
    assert not kept_clause(int(Item.STAY), bits(Item.STAY))


def test_the_terms_of_a_deal_are_those_of_its_package() -> None:
    of = setting("scenario=historical")
    states = crises(of, 4000)
    deals = states[states["ending"] == DEAL]
    assert deals["terms"] == pytest.approx(np.array(of.params.package_worth)[deals["package"]], abs=0.0)
    assert deals["price"] == pytest.approx(np.array(of.params.package_price)[deals["package"]], abs=0.0)


def test_only_granted_clauses_erode_and_the_first_is_noted() -> None:
    states = crises(setting("scenario=historical"), 4000)
    deals = states[states["ending"] == DEAL]
    for item in Item:
        can = np.array([kept_clause(int(item), int(package)) for package in deals["package"]])
        assert (deals["clause_week"][~can, item] == -1).all()
    weeks = np.where(deals["clause_week"] < 0, 99, deals["clause_week"]).min(axis=1)
    assert (np.where(weeks == 99, -1, weeks) == deals["eroded_week"]).all()
    assert (deals["eroded_week"] >= 0).any()


def test_a_clause_that_costs_nothing_to_keep_is_kept() -> None:
    """Erosion 0 for every clause: none ever goes, and nothing else moves."""
    base = setting("scenario=historical")
    still = {f"terms.{item.name.lower()}.erosion": 0.0 for item in Item}
    usual, quiet = crises(base, 2000), crises(changed(base, still), 2000)
    assert (quiet["clause_week"] == -1).all()
    assert (quiet["breach_week"] == usual["breach_week"]).all()
    assert (usual["clause_week"] >= 0).any()


def test_a_grudge_that_fades_lets_deals_last() -> None:
    base = setting("scenario=historical")
    kept = []
    for fading in (0.0, 0.05, 0.2):
        states = crises(changed(base, {"aftermath.rho_grudge": fading}), 4000)
        kept.append(np.mean(states["breach_week"][states["ending"] == DEAL] < 0))
    assert kept[0] < kept[1] < kept[2]
