"""Why a deal is possible and why it may fail: ranges, news, guarantees, go-betweens."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.luck import run_key
from sim.model.rules.aftermath import breach_hazard
from sim.model.rules.setup import begin
from sim.model.rules.talks import accepts_leader, accepts_ruler, hold_round, learn_from_failure
from sim.model.rules.terms import reservation_leader, reservation_ruler, split_range
from sim.model.state import Channel, Ending, State
from tests.conftest import changed, crises, numbers, same_bits, setting

RULER, MEDIATOR = int(Channel.RULER), int(Channel.MEDIATOR)
BELIEFS = [0.05, 0.3, 0.5, 0.9]


@pytest.mark.parametrize("win", BELIEFS)
def test_fearon_1995_range_width_is_joint_cost(win: float) -> None:
    """Both see the same odds and deals hold: the range is as wide as war is costly, whoever is stronger."""
    c_leader, c_ruler = 0.15, 0.28
    width = reservation_ruler(win, c_ruler, 0.0) - reservation_leader(win, c_leader, 0.0, 0.0)
    wider = reservation_ruler(win, c_ruler, 0.0) - reservation_leader(win, c_leader + 0.01, 0.0, 0.0)
    doubted = reservation_ruler(win, c_ruler, 0.0) - reservation_leader(win, c_leader + 0.01, 0.0, 0.35)
    doubted_less = reservation_ruler(win, c_ruler, 0.0) - reservation_leader(win, c_leader, 0.0, 0.35)
    assert width == pytest.approx(c_leader + c_ruler, abs=1e-15)
    assert (wider - width) / 0.01 == pytest.approx(1.0, abs=1e-12)
    assert (doubted - doubted_less) / 0.01 == pytest.approx(1 / (1 - 0.35), abs=1e-12)


def test_fearon_1995_mutual_optimism_closes_the_range() -> None:
    """Beliefs further apart than the joint cost leave nothing that both prefer to war."""
    c_leader, c_ruler, audience, recognition, breach = 0.15, 0.28, 0.05, 0.07, 0.2
    closed = 0
    for leader in np.linspace(0.0, 1.0, 21):
        for ruler in np.linspace(0.0, 1.0, 21):
            least = reservation_leader(leader, c_leader, recognition, breach)
            most = reservation_ruler(ruler, c_ruler, audience)
            deals = np.linspace(-1.0, 2.0, 3001)
            leader_likes = (1 - breach) * deals + recognition >= leader - c_leader
            ruler_likes = 1 - deals - audience >= 1 - ruler - c_ruler
            if abs(most - least) > 0.002:  # wider than the grid of deals
                assert (leader_likes & ruler_likes).any() == (least < most)
            closed += least > most
    assert closed > 50
    agreed = reservation_ruler(0.5, c_ruler, audience) - reservation_leader(0.5, c_leader, recognition, 0.9)
    assert agreed < 0.0, "doubt that a deal will be kept closes the range even between those who agree on the odds"


def test_powell_2006_doubt_raises_what_the_leader_must_get() -> None:
    hopes = [reservation_leader(0.6, 0.15, 0.08, breach) for breach in np.linspace(0.0, 0.9, 10)]
    assert (np.diff(hopes) > 0.0).all()
    hopeless = [reservation_leader(0.1, 0.15, 0.08, breach) for breach in np.linspace(0.0, 0.9, 10)]
    assert (np.diff(hopeless) < 0.0).all(), "who prefers any deal to war is not made dearer by doubt"


def test_powell_2006_temptation_to_break_grows_as_the_rebels_weaken() -> None:
    p = numbers()
    strong, weak = breach_hazard(0.3, 0.4, 0.45, p.phi, p), breach_hazard(0.3, 0.05, 0.45, p.phi, p)
    vouched = breach_hazard(0.3, 0.05, 0.9, p.phi, p)
    assert 0.0 < strong < weak <= p.h_max * p.phi
    assert vouched < weak


def in_talks(p: object, leader: float, ruler: float) -> State:
    s = State()
    begin(s, p, run_key(1, 0))
    s.belief[0], s.belief[1] = leader, ruler
    return s


def test_efficient_talks_settle_at_the_middle_of_the_range() -> None:
    """Same odds, no doubt, no error, sharp minds: the first round settles at p + (c_G - c_R - A)/2."""
    win = 0.4
    p = numbers(sd_x=0.0, rec=0.0, phi=0.0, precision=[1e4] * 8, lev_med=0.0, b_med=0.0)
    s = in_talks(p, win, win)
    hold_round(MEDIATOR, s, p, run_key(1, 0))
    audience = p.A0 * (1.0 - p.cover[MEDIATOR])
    assert s.ending == Ending.NEGOTIATED_EXIT
    assert s.rounds == 1
    assert s.terms == pytest.approx(win + (p.c_G - p.c_R - audience) / 2, abs=1e-12)


@pytest.mark.parametrize("bias", [-1.0, -0.3, 0.0, 0.6, 1.0])
def test_nash_1950_weighted_split_is_where_the_weighted_product_peaks(bias: float) -> None:
    least, most = 0.1, 0.5
    grid = np.linspace(least, most, 4001)[1:-1]
    product = (grid - least) ** ((1 - bias) / 2) * (most - grid) ** ((1 + bias) / 2)
    assert split_range(least, most, bias) == pytest.approx(grid[product.argmax()], abs=2e-4)


def test_a_deal_is_taken_at_even_odds_where_it_is_worth_war() -> None:
    p = numbers()
    s = in_talks(p, 0.5, 0.5)
    breach = p.phi * (1.0 - p.guarantee[RULER])
    s.terms = reservation_leader(0.5, p.c_R, p.rec * p.status[RULER], breach)
    s.price = reservation_ruler(0.5, p.c_G, p.A0)
    assert accepts_leader(RULER, s, p) == pytest.approx(0.5, abs=1e-12)
    assert accepts_ruler(RULER, s, p) == pytest.approx(0.5, abs=1e-12)


def test_slantchev_2003_failed_rounds_bring_beliefs_together() -> None:
    s = in_talks(numbers(), 0.5, 0.5)
    gaps = []
    for _ in range(6):
        leader = s.fights_leader / (s.fights_leader + s.yields_leader)
        ruler = s.fights_ruler / (s.fights_ruler + s.yields_ruler)
        gaps.append(abs(leader - ruler))
        learn_from_failure(0.5, s)
    assert (np.diff(gaps) < 0.0).all()


def test_fey_ramsay_2010_mediation_irrelevance() -> None:
    """A go-between with nothing of his own (rank, cover, guarantee, news) changes nothing but the channel's name.

    The mediator is given the ruler's attributes and free willingness; then either channel alone
    gives the same crises: to the bit until a round is held, for whose luck the channel is part
    of the address, and in distribution after that.
    """
    base = setting("scenario=core")
    alike = {f"channels.mediator.{name}": base.settings.values[f"channels.ruler.{name}"] for name in
             ("status", "guarantee", "cover", "news")}  # fmt: skip
    free = {"actors.mediator.b_med": 0.0, "actors.mediator.lev_med": 0.0, "actors.mediator.c_med": -100.0}
    shut = {"channels.officials.open": 0.0}
    only_ruler = crises(
        changed(base, alike | free | shut | {"channels.ruler.open": 1.0, "channels.mediator.open": 0.0}), 2000
    )
    only_mediator = crises(changed(base, alike | free | shut | {"channels.ruler.open": 0.0}), 2000)
    assert set(only_ruler["settled_channel"]) == {-1, RULER}
    assert set(only_mediator["settled_channel"]) == {-1, MEDIATOR}
    # Until a first round is held nothing is drawn by channel: those crises are the same to the bit.
    untouched = (only_ruler["rounds"] == 0) & (only_mediator["rounds"] == 0)
    assert untouched.sum() > 100
    labels = {"channel", "channel_ruler"}
    assert set(same_bits(only_ruler[untouched], only_mediator[untouched])) <= labels
    gap = np.mean(only_ruler["ending"] == Ending.NEGOTIATED_EXIT) - np.mean(
        only_mediator["ending"] == Ending.NEGOTIATED_EXIT
    )
    assert abs(gap) < 3.9 * np.sqrt(0.5 / 2000)


def test_no_channel_no_settlement() -> None:
    shut = {f"channels.{name}.open": 0.0 for name in ("ruler", "officials", "mediator", "deputies")}
    for scenario in ("core", "historical", "ruler_takes_call"):
        states = crises(changed(setting(f"scenario={scenario}"), shut), 4000)
        assert (states["rounds"] == 0).all()
        assert not (states["ending"] == Ending.NEGOTIATED_EXIT).any()


def test_exponential_survival_of_deals_without_temptation() -> None:
    """k_ren = 0: a constant weekly hazard h_max phi / 2, so P(broken by week W) = 1 - exp(-h W)."""
    of = changed(setting("scenario=core"), {"aftermath.k_ren": 0.0})
    states = crises(of, 20_000)
    deals = states[states["ending"] == Ending.NEGOTIATED_EXIT]
    p, n = of.params, len(deals)
    for weeks in (4, 13, 26):
        broken = np.mean((deals["breach_week"] >= 0) & (deals["breach_week"] < weeks))
        expected = 1.0 - np.exp(-0.5 * p.h_max * p.phi * weeks)
        assert abs(broken - expected) < 3.9 * np.sqrt(expected * (1 - expected) / n)


def test_the_aftermath_cannot_reach_back() -> None:
    """Numbers read only after the ending leave every field of the crisis itself as it was."""
    base = setting("scenario=historical")
    later = {"aftermath.rho_w": 0.4, "aftermath.h_max": 0.4, "aftermath.k_ren": 1.0, "aftermath.h_min": 0.05,
             "aftermath.rho_grudge": 0.2, "clock.weeks": 60.0, "terms.men.erosion": 4.0}  # fmt: skip
    moved = same_bits(crises(base, 500), crises(changed(base, later), 500))
    assert set(moved) == {"breach_week", "eroded_week", "clause_week", "minister_week"}


def test_the_minister_goes_by_his_own_clock() -> None:
    """Terms do not move him: with common luck his week is the same whatever was agreed."""
    base = setting("scenario=core")
    hard = changed(base, {"channels.mediator.guarantee": 0.9, "actors.ruler.A_con": 0.05, "actors.leader.c_R": 0.05})
    with_terms, other_terms = crises(base, 1000), crises(hard, 1000)
    assert not np.array_equal(with_terms["terms"], other_terms["terms"])
    assert np.array_equal(with_terms["minister_week"], other_terms["minister_week"])
