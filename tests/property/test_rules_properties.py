"""What holds for rules and whole short crises whatever numbers they are given."""

from __future__ import annotations

from itertools import pairwise
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.catalog import catalogue
from sim.engines.mesa import play_one
from sim.model.derived import SWITCHES
from sim.model.doctrines import REGISTRY, respond
from sim.model.params import N_PACKAGES, Params
from sim.model.rules.combat import attrition
from sim.model.rules.formations import conduct_of
from sim.model.rules.observe import contest, line_strength, win_chance
from sim.model.rules.society import stance_after
from sim.model.rules.talks import round_chance
from sim.model.rules.terms import best_package, cost_of, reservation_leader, reservation_ruler, worth_at
from sim.model.state import FIELDS, Ending, Item, Stance
from tests.conftest import changed, crises, numbers, same_bits, setting

UNIT = st.floats(0.0, 1.0)
STAKE = st.floats(-1.0, 2.0)
MEN = st.floats(0.001, 30.0)
UTILITIES = st.lists(st.floats(-5.0, 5.0), min_size=4, max_size=4)
SUPPORT = [Stance.LOYAL, Stance.SILENT, Stance.HEDGING, Stance.DEFECTED]


@settings(deadline=None)
@given(st.sampled_from(sorted(REGISTRY.values())), UTILITIES, st.floats(0.0, 1e4), UNIT, st.integers(0, 3))
def test_every_doctrine_gives_chances(
    code: int, utility: list[float], precision: float, aspiration: float, standing: int
) -> None:
    chance = [0.0] * 4
    respond(float(code), utility, precision, aspiration, standing, chance)
    assert sum(chance) == pytest.approx(1.0, abs=1e-12)
    assert min(chance) >= 0.0
    if code != REGISTRY["uniform"] and code != REGISTRY["satisficing"]:
        ranked = sorted(range(4), key=lambda i: utility[i])
        assert all(chance[low] <= chance[high] + 1e-12 for low, high in pairwise(ranked))
    if code == REGISTRY["satisficing"]:
        level = min(utility) + aspiration * (max(utility) - min(utility))
        assert all(utility[i] >= level for i in range(4) if chance[i] > 0.0)


@settings(deadline=None)
@given(UNIT, UNIT, UNIT, UNIT, st.floats(0.0, 0.9), st.floats(0.001, 0.5))
def test_the_range_widens_with_every_cost_of_war_and_narrows_with_every_cost_of_peace(
    leader: float, ruler: float, cost: float, audience: float, breach: float, more: float
) -> None:
    width = reservation_ruler(ruler, cost, audience) - reservation_leader(leader, cost, 0.05, breach)
    assert reservation_ruler(ruler, cost + more, audience) - reservation_leader(leader, cost, 0.05, breach) > width
    assert reservation_ruler(ruler, cost, audience) - reservation_leader(leader, cost + more, 0.05, breach) > width
    assert reservation_ruler(ruler, cost, audience) - reservation_leader(leader, cost, 0.05 + more, breach) > width
    assert reservation_ruler(ruler, cost, audience + more) - reservation_leader(leader, cost, 0.05, breach) < width


@settings(deadline=None)
@given(MEN, MEN, st.floats(0.25, 4.0), st.floats(1.01, 3.0))
def test_a_contest_is_fair_and_rewards_strength(own: float, enemy: float, m: float, factor: float) -> None:
    chance = contest(own, enemy, m)
    assert chance + contest(enemy, own, m) == pytest.approx(1.0, abs=1e-12)
    assert contest(own * factor, enemy, m) >= chance
    assert contest(own, enemy * factor, m) <= chance
    assert chance / (1.0 - chance) == pytest.approx((own / enemy) ** m, rel=1e-6) or not 1e-9 < chance < 1 - 1e-9


@settings(deadline=None)
@given(MEN, MEN, st.floats(0.01, 0.5), st.floats(0.01, 0.5), st.floats(0.05, 3.0))
def test_nobody_gains_men_by_fighting(own: float, enemy: float, kills: float, enemy_kills: float, hours: float) -> None:
    a, b = attrition(own, enemy, kills, enemy_kills, hours)
    assert 0.0 <= a <= own
    assert 0.0 <= b <= enemy
    assert attrition(enemy, own, enemy_kills, kills, hours) == pytest.approx((b, a), abs=1e-9)


@settings(deadline=None)
@given(st.floats(0.0, 100.0), st.floats(0.0, 100.0))
def test_the_line_only_grows_and_never_past_its_most(hour: float, later: float) -> None:
    p = numbers()
    early, late = line_strength(min(hour, later), p), line_strength(max(hour, later), p)
    assert 0.0 <= early <= late <= p.L_max


@settings(deadline=None)
@given(MEN, UNIT, st.floats(0.0, 20.0), UNIT, st.integers(0, 1), st.floats(1.01, 2.0))
def test_war_odds_are_a_probability_that_falls_with_every_defender(
    rebels: float, fights: float, line: float, cascade: float, line_up: int, factor: float
) -> None:
    p = numbers()
    chance = win_chance(rebels, fights, line, p.K, line_up, cascade, p)
    assert 0.0 <= chance <= 1.0
    assert win_chance(rebels, fights, line * factor, p.K, line_up, cascade, p) <= chance + 1e-12
    assert win_chance(rebels, fights, line, p.K * factor, line_up, cascade, p) <= chance + 1e-12
    assert win_chance(rebels * factor, fights, line, p.K, line_up, cascade, p) >= chance - 1e-12


@settings(deadline=None)
@given(UNIT, st.floats(0.0, 1.0), st.floats(0.1, 4.0))
def test_two_half_hours_of_talk_are_one_hour(chance: float, hours: float, rate: float) -> None:
    whole, half = round_chance(chance, hours, rate), round_chance(chance, hours / 2, rate)
    assert 0.0 <= whole <= 1.0
    assert whole == pytest.approx(1.0 - (1.0 - half) ** 2, abs=1e-12)


@settings(deadline=None)
@given(st.sampled_from(SUPPORT), UNIT, UNIT, UNIT, st.floats(0.05, 0.5), UNIT)
def test_more_visible_support_never_makes_a_stance_more_loyal(
    stance: int, threshold: float, visible: float, other: float, gap: float, share: float
) -> None:
    low, high = min(visible, other), max(visible, other)
    hedge = share * gap
    rank = {int(s): i for i, s in enumerate(SUPPORT)}
    calmer, bolder = (rank[stance_after(stance, threshold, seen, gap, hedge)] for seen in (low, high))
    assert calmer <= bolder


@settings(deadline=None)
@given(UNIT, st.floats(-4.0, 4.0), st.floats(-4.0, 4.0), st.floats(0.0, 6.0), st.floats(0.0, 2.0))
def test_a_formation_more_eager_to_fight_does_not_turn_to_anything_else(
    latent: float, fight: float, join: float, precision: float, more: float
) -> None:
    conduct = conduct_of(latent, fight, join, precision)
    assert conduct_of(latent, fight + more, join, precision) <= conduct  # fights 1, stands aside 2, joins 3
    assert conduct_of(latent, fight, join + more, precision) >= conduct


def with_items(pairs: list[tuple[float, float]]) -> Params:
    """Historical numbers with these worths and prices of the six items."""
    names = [item.name.lower() for item in Item]
    values = {f"terms.{name}.worth": worth for name, (worth, _) in zip(names, pairs, strict=True)}
    values |= {f"terms.{name}.price": price for name, (_, price) in zip(names, pairs, strict=True)}
    return changed(setting("scenario=historical"), values | {"terms.terms_scale": 1.0}).params


ITEM_PAIRS = st.lists(st.tuples(st.floats(0.01, 0.6), st.floats(0.01, 0.8)), min_size=6, max_size=6)


@settings(deadline=None, max_examples=40)
@given(ITEM_PAIRS, STAKE, STAKE)
def test_price_and_worth_are_inverse_and_rise_together(
    pairs: list[tuple[float, float]], worth: float, other: float
) -> None:
    p = with_items(pairs)
    assert worth_at(cost_of(worth, p), p) == pytest.approx(worth, abs=1e-9)
    assert cost_of(worth_at(worth, p), p) == pytest.approx(worth, abs=1e-9)
    assert (cost_of(worth, p) <= cost_of(other, p)) == (worth <= other) or worth == pytest.approx(other)


@settings(deadline=None, max_examples=40)
@given(ITEM_PAIRS)
def test_the_frontier_is_the_cheapest_way_to_every_package(pairs: list[tuple[float, float]]) -> None:
    p = with_items(pairs)
    for bits in range(N_PACKAGES):
        assert cost_of(p.package_worth[bits], p) <= p.package_price[bits] + 1e-9


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0.01, 0.6), min_size=6, max_size=6), STAKE)
def test_price_is_worth_where_every_item_costs_what_it_brings(worths: list[float], worth: float) -> None:
    p = with_items([(w, w) for w in worths])
    assert cost_of(worth, p) == pytest.approx(worth, abs=1e-9)
    assert worth_at(worth, p) == pytest.approx(worth, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(ITEM_PAIRS, st.floats(-0.5, 1.0), st.floats(-0.5, 1.5), st.floats(-0.95, 0.95))
def test_nash_1950_the_package_is_the_best_of_all_acceptable_ones(
    pairs: list[tuple[float, float]], least: float, most: float, bias: float
) -> None:
    """By brute force; without an acceptable package none is claimed to be one."""
    p = with_items(pairs)
    worths, prices = p.package_worth, p.package_price
    good = [b for b in range(N_PACKAGES) if worths[b] - least > 1e-9 and most - prices[b] > 1e-9]
    chosen = best_package(least, most, bias, p)
    assert 0 <= chosen < N_PACKAGES
    if good:
        score = {b: (1 - bias) / 2 * log(worths[b] - least) + (1 + bias) / 2 * log(most - prices[b]) for b in good}
        assert chosen in good
        assert score[chosen] == pytest.approx(max(score.values()), abs=1e-9)


# Horizon and calendar are set so that runs stay short and meet offers and flights; all else may lie anywhere plausible.
SHORT = {
    "clock.horizon_h": (24.0, 60.0),
    "clock.weeks": (4.0, 30.0),
    "clock.t_offer": (0.0, 60.0),
    "clock.t_flee": (0.0, 60.0),
}
FREE = [p for p in catalogue().values() if not p.path.startswith(("doctrine.", "release", "switches."))]


def plausible(number: int, off: frozenset[str], depth: int) -> dict[str, float]:
    """Draw `number` of all plausible ranges at once, with some mechanisms off and one depth of thought."""
    values = {}
    for parameter, u in zip(FREE, np.random.default_rng(number).random(len(FREE)).tolist(), strict=True):
        low, high = SHORT.get(parameter.path, (parameter.low, parameter.high))
        value = low + u * (high - low)
        values[parameter.path] = float(round(value)) if parameter.integer else value
    values |= {f"switches.{name}": float(name not in off) for name in SWITCHES}
    return values | {"bargaining.depth": float(depth)}


ANYTHING = (
    st.integers(0, 2**32 - 1), st.frozensets(st.sampled_from(SWITCHES), max_size=4), st.sampled_from((0, 0, 1, 3)),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(*ANYTHING)
def test_a_crisis_stays_within_bounds_whatever_its_numbers(number: int, off: frozenset[str], depth: int) -> None:
    values = plausible(number, off, depth)
    of = changed(setting("scenario=historical"), values)
    states = crises(of, 24, seed=number)
    p = of.params
    assert [field.name for field in FIELDS if not np.isfinite(states[field.name]).all()] == []
    assert np.isin(states["ending"], list(Ending)).all()
    assert ((states["belief"] >= 0.0) & (states["belief"] <= 1.0)).all()
    assert states["chance"].sum(axis=2) == pytest.approx(1.0, abs=1e-9)
    assert ((states["closest_km"] >= 0.0) & (states["closest_km"] <= p.D0)).all()
    for name in ("airmen", "aircraft", "casualties_rebels", "casualties_state", "rebels", "forward", "delay"):
        assert (states[name] >= 0.0).all(), name
    for name in ("defected", "loyal", "hedging", "crowd", "blood"):
        assert ((states[name] >= -1e-12) & (states[name] <= 1.0 + 1e-12)).all(), name
    deals = np.isin(states["ending"], (Ending.NEGOTIATED_EXIT, Ending.GOVERNMENT_CONCEDES))
    assert (states["clause_week"][~deals] == -1).all()
    assert (states["breach_week"][~deals] == -1).all()
    assert (states["terms"][~deals] == 0.0).all()


@settings(deadline=None, max_examples=15)
@given(*ANYTHING, st.integers(0, 2**62))
def test_engines_agree_whatever_the_numbers(number: int, off: frozenset[str], depth: int, seed: int) -> None:
    of = changed(setting("scenario=historical"), plausible(number, off, depth))
    readable = np.concatenate([play_one(of.params, of.script, seed, replicate).row() for replicate in range(2)])
    assert same_bits(readable, crises(of, 2, seed=seed)) == []
