"""Reservation values, the frontier of terms, and the package a go-between proposes.

Fearon 1995: a range of deals that both prefer to war exists unless beliefs differ by
more than the joint cost of war. Terms are packages of items; an item may be cheap to
give and dear to get, which is what makes a package better than a number.
"""

from __future__ import annotations

from sim.jit import rule, seldom
from sim.model.maths import clamp, log
from sim.model.params import N_PACKAGES, Params
from sim.model.state import N_ITEMS, State


@rule
def reservation_leader(win: float, cost: float, recognition: float, breach: float) -> float:
    """Least worth the leader takes: (p - c - rec) / (1 - q), a broken deal being worth nothing (stake)."""
    return (win - cost - recognition) / (1.0 - breach)


@rule
def reservation_ruler(win: float, cost: float, audience: float) -> float:
    """Most the ruler gives: p + c - A, from 1 - x - A >= 1 - p - c (stake)."""
    return win + cost - audience


@rule
def cost_of(worth: float, p: Params) -> float:
    """Price to the ruler of terms of a given worth, giving the cheapest items first (stake).

    Piecewise linear through the frontier; beyond it one for one. Equal to `worth`
    where every item costs what it brings, and where terms are a plain number.
    """
    if p.with_package == 0.0:
        return worth
    if worth <= 0.0:
        return worth
    for i in range(N_ITEMS):
        if worth <= p.frontier_worth[i + 1]:
            return p.frontier_price[i] + p.dearness[i] * (worth - p.frontier_worth[i])
    return p.frontier_price[N_ITEMS] + (worth - p.frontier_worth[N_ITEMS])


@rule
def worth_at(price: float, p: Params) -> float:
    """Worth to the leader of the best terms at a given price: the inverse of `cost_of` (stake)."""
    if p.with_package == 0.0:
        return price
    if price <= 0.0:
        return price
    for i in range(N_ITEMS):
        if price <= p.frontier_price[i + 1]:
            return p.frontier_worth[i] + p.thrift[i] * (price - p.frontier_price[i])
    return p.frontier_worth[N_ITEMS] + (price - p.frontier_price[N_ITEMS])


@rule
def split_range(least: float, most: float, bias: float) -> float:
    """Where a go-between of `bias` (-1 rebels, +1 ruler) puts the terms: x_R + (x_G - x_R)(1 - b)/2."""
    return clamp(least + (most - least) * 0.5 * (1.0 - bias), 0.0, 1.0)


@seldom
def best_package(least: float, most: float, bias: float, p: Params) -> int:
    """Package that maximises the bias-weighted Nash product among those acceptable to both.

    max (worth - x_R)^((1-b)/2) * (x_G - price)^((1+b)/2); its maximum over plain
    numbers is `split_range`. When none is acceptable, the package nearest to that
    split is put forward all the same, and may be refused.

    Returns the bitmask of items granted.
    """
    for_leader, for_ruler = 0.5 * (1.0 - bias), 0.5 * (1.0 + bias)
    best, best_score = -1, 0.0
    for bits in range(N_PACKAGES):
        gain, saved = p.package_worth[bits] - least, most - p.package_price[bits]
        if gain > 1e-9 and saved > 1e-9:
            score = for_leader * log(gain) + for_ruler * log(saved)
            if best < 0 or score > best_score:
                best, best_score = bits, score
    if best >= 0:
        return best
    target_price = split_range(least, most, bias)
    for bits in range(N_PACKAGES):
        score = -abs(p.package_price[bits] - target_price) - abs(p.package_worth[bits] - target_price)
        if best < 0 or score > best_score:
            best, best_score = bits, score
    return best


@rule
def concession_cost(s: State, p: Params) -> float:
    """The ruler's cost of granting the main demand; an offered resignation lowers it (stake)."""
    return max(p.A_con - p.relief * s.resigning, 0.0)
