"""Calls and channels: who rings, who picks up, what it costs to be seen talking."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from sim.model.luck import run_key
from sim.model.params import Params
from sim.model.rules.calls import call_leader, call_out, ring, ruler_rings, take_call_chance, urgency, who_asks
from sim.model.rules.channels import (
    audience_cost,
    blood_after,
    breach_seen,
    choose_channels,
    news,
    reach,
    readiness,
    war_cost_leader,
)
from sim.model.rules.observe import observe
from sim.model.rules.setup import begin
from sim.model.state import Channel, Option, Seat, State
from tests.conftest import crises, numbers, setting

LEADER, NEGOTIATE = int(Seat.LEADER), int(Option.NEGOTIATE)
RULER, OFFICIALS, MEDIATOR, DEPUTIES = (int(channel) for channel in Channel)
KEYS = [run_key(7, replicate) for replicate in range(2000)]


full = partial(numbers, "historical")


def crisis(p: Params, *, km: float = 400.0, step: int = 30) -> State:
    s = State()
    begin(s, p, KEYS[0])
    s.km, s.step = km, step
    observe(s, p, KEYS[0])
    return s


def test_the_leader_picks_up_by_rank() -> None:
    """Deputies of the ministry wait longer for an answer than officials, and those longer than the mediator."""
    p = full(p_call=1.0)
    answered = {}
    for seat, k in ((Seat.MINISTRY, DEPUTIES), (Seat.COUNCIL, OFFICIALS), (Seat.AMBASSADOR, MEDIATOR)):
        taken = []
        for key in KEYS:
            s = crisis(p)
            s.option[seat] = NEGOTIATE
            call_leader(s, p, key, int(seat), k)
            assert s.caller[k] == seat
            assert s.called[k] == (1 if s.linked[k] else 2)
            taken.append(s.linked[k])
        answered[k] = np.mean(taken)
        assert abs(answered[k] - p.p_answer[k]) < 3.9 * np.sqrt(0.25 / len(KEYS))
    assert answered[DEPUTIES] < answered[OFFICIALS] < answered[MEDIATOR]


def test_nobody_rings_who_does_not_want_to_talk_or_already_does() -> None:
    p = full(p_call=1.0)
    for option, linked, present in ((Option.HOLD, 0, 1.0), (Option.NEGOTIATE, 1, 1.0), (Option.NEGOTIATE, 0, 0.0)):
        s = crisis(p)
        s.option[Seat.COUNCIL], s.linked[OFFICIALS] = int(option), linked
        p.present[Seat.COUNCIL] = present
        call_leader(s, p, KEYS[0], int(Seat.COUNCIL), OFFICIALS)
        assert s.called[OFFICIALS] == 0
        p.present[Seat.COUNCIL] = 1.0


def test_a_refused_call_teaches_its_ends_and_moves_no_public_odds() -> None:
    p = full()
    s = crisis(p)
    odds, hope = s.log_odds, reach(RULER, s, p)
    ring(s, LEADER, RULER, False)
    assert s.log_odds == odds
    assert reach(RULER, s, p) == pytest.approx(p.ans_a / (p.ans_a + p.ans_b + 1.0))
    assert reach(RULER, s, p) < hope
    ring(s, LEADER, RULER, True)
    assert reach(RULER, s, p) == 1.0


def test_a_call_that_is_taken_is_a_public_fact_and_treason_makes_it_dearer() -> None:
    p = full(k_call=-10.0, r_seek=1e9)  # a ruler who always takes it, a leader who calls at once
    s = crisis(p)
    s.option[LEADER], s.channel, s.belief_peak = NEGOTIATE, RULER, 0.9
    odds = s.log_odds
    call_out(s, p, KEYS[0], 15.0)
    assert s.ruler_took == 1
    assert s.log_odds == odds + p.w_call
    assert s.sought_ruler_h == 15.0
    usual = full()
    calm, accused = crisis(usual), crisis(usual)
    calm.speech, accused.speech = 0, 1
    assert take_call_chance(accused, usual) < take_call_chance(calm, usual) < 0.5


def test_a_leader_whose_hopes_rise_does_not_call_for_help() -> None:
    p = full(r_seek=1e9)
    s = crisis(p)
    s.option[LEADER], s.channel = NEGOTIATE, RULER
    s.belief_peak = s.belief[LEADER]
    assert urgency(s) == 0.0
    call_out(s, p, KEYS[0], 15.0)
    assert s.called[RULER] == 0


def test_a_ruler_who_offered_rings_himself() -> None:
    p = full(p_call=1.0)
    s = crisis(p)
    ruler_rings(s, p, KEYS[0])
    assert s.called[RULER] == 0
    s.offered = 1
    ruler_rings(s, p, KEYS[0])
    assert s.caller[RULER] == Seat.RULER


def test_officials_ask_the_mediator_only_once_the_public_line_is_drawn() -> None:
    p = full(p_ask=[1.0] * 8, p_offer=0.0)
    s = crisis(p)
    s.option[Seat.COUNCIL], s.speech = NEGOTIATE, 0
    assert who_asks(s, p, KEYS[0]) == -1
    s.speech = 1
    assert who_asks(s, p, KEYS[0]) == Seat.COUNCIL
    s.option[Seat.RULER], s.speech = NEGOTIATE, 0
    assert who_asks(s, p, KEYS[0]) == Seat.RULER


def test_fearon_1994_treason_in_public_makes_a_deal_dearer_and_cover_cheaper() -> None:
    p = full()
    s = crisis(p)
    s.blood, s.speech = 0.0, 0
    before = audience_cost(MEDIATOR, s, p)
    s.speech = 1
    assert audience_cost(MEDIATOR, s, p) == pytest.approx(before * (1.0 + p.a_s))
    assert audience_cost(MEDIATOR, s, p) < audience_cost(OFFICIALS, s, p) < audience_cost(RULER, s, p)
    s.blood = 0.5
    covered, bare = audience_cost(MEDIATOR, s, p), audience_cost(RULER, s, p)
    s.blood = 0.0
    assert covered - audience_cost(MEDIATOR, s, p) == pytest.approx(bare - audience_cost(RULER, s, p)), (
        "nobody covers the dead"
    )


def test_blood_takes_a_share_of_the_trust_that_is_left() -> None:
    p = full()
    s = crisis(p)
    doubts = []
    for blood in (0.0, 0.4, 1.0):
        s.blood = blood
        doubts.append(breach_seen(MEDIATOR, s, p))
    assert doubts[0] == pytest.approx(p.phi * (1.0 - p.guarantee[MEDIATOR]))
    assert doubts[2] == pytest.approx(doubts[0] + (1.0 - doubts[0]) * p.q_blood)
    assert doubts[0] < doubts[1] < doubts[2] <= 1.0
    assert blood_after(0.0, p) == 0.0
    assert blood_after(p.d_blood, p) == pytest.approx(1.0 - np.exp(-1.0))


def test_kydd_2003_news_from_the_other_sides_friend_counts_less() -> None:
    assert news(MEDIATOR, full(b_med=1.0)) == 0.0
    assert news(MEDIATOR, full(b_med=0.0)) == full().news[MEDIATOR] < news(MEDIATOR, full(b_med=-0.5))


def test_favretto_2009_only_a_partial_or_pressing_mediator_makes_war_dearer() -> None:
    p = full(lev_med=0.4, b_med=0.5)
    s = crisis(p)
    s.option[Seat.MEDIATOR] = int(Option.NEGOTIATE)
    assert war_cost_leader(OFFICIALS, s, p) == p.c_R
    assert war_cost_leader(MEDIATOR, s, p) == pytest.approx(p.c_R + 0.4 * 0.25)
    s.option[Seat.MEDIATOR] = int(Option.ADVANCE)
    assert war_cost_leader(MEDIATOR, s, p) == pytest.approx(p.c_R + 0.4)
    assert war_cost_leader(MEDIATOR, s, full(lev_med=0.4, b_med=-0.5)) == pytest.approx(p.c_R + 0.4)


def test_fame_draws_the_mediator_in_as_the_column_nears() -> None:
    p = full()
    ready = [readiness(0.3, crisis(p, km=km), p) for km in (780.0, 500.0, 200.0)]
    assert ready[0] < 0.05 < ready[1] < ready[2]
    assert readiness(0.6, crisis(p, km=200.0), p) < ready[2], "a battle in sight is the risk of a public failure"


def test_the_ruler_never_reckons_with_himself_until_he_is_on_the_line() -> None:
    p = full()
    for linked in (0, 1):
        s = crisis(p)
        s.linked[RULER], s.offered = linked, 1
        p.rank[MEDIATOR] = p.rank[OFFICIALS] = p.rank[DEPUTIES] = 0.0
        choose_channels(s, p)
        assert s.channel == RULER
        assert (s.channel_ruler == RULER) == bool(linked)


def test_the_deputies_alone_lack_the_rank_for_talks() -> None:
    """June 2023: they called first, and not one crisis in a hundred is settled through them."""
    states = crises(setting("scenario=historical"), 5000)
    assert (states["linked"][:, DEPUTIES] == 1).mean() > 0.02
    assert (states["settled_channel"] == DEPUTIES).mean() < 0.01
