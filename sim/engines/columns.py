"""From final states to the columns of a run table: one entry a crisis.

`COLUMNS` is the documented list; `runs.parquet`, the closing table, the figures and
the tests read it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sim.model.rules.channels import deaths, road_covered
from sim.model.state import N_ROUTE, Channel, Conduct, Ending, Seat, of_rows


class Column(NamedTuple):
    """A column of the run table; where `about` says none, the array has -1 or nan and the file null."""

    unit: str
    about: str


COLUMNS: dict[str, Column] = {
    "replicate": Column("-", "number of the crisis; its luck is keyed by (seed, replicate)"),
    "outcome": Column("ending", "one of the six classes"),
    "duration_h": Column("h", "from the first public defiance to the ending"),
    "closest_km": Column("km", "smallest road distance of the column from the capital"),
    "deaths": Column("men", "killed on all sides: airmen and the share of ground casualties that die"),
    "casualties_rebels": Column("men", "killed, wounded, taken or run on the ground"),
    "casualties_state": Column("men", "killed, wounded, taken or run on the ground"),
    "airmen": Column("men", "airmen killed"),
    "aircraft": Column("aircraft", "aircraft lost"),
    "battle": Column("stage", "0 no battle, 1 at the line, 2 in the capital"),
    "settled_channel": Column("channel", "through which a deal was made; none without one"),
    "terms": Column("stake", "worth of the deal or concession to the leader; none without one"),
    "price": Column("stake", "its price to the ruler; none without one"),
    "package": Column("items", "items granted; plain terms where they are no list; none without a deal"),
    "rounds": Column("-", "rounds of talks held"),
    "mediator_entered_h": Column("h", "the mediator first reached the leader; none if never"),
    "mediated_h": Column("h", "from there to a mediated deal; none without one"),
    "leader_sought_ruler_h": Column("h", "the leader's first call to the ruler; none if never"),
    "ruler_refused": Column("calls", "of the leader that the ruler refused"),
    "ruler_took_call": Column("flag", "1 if the two spoke"),
    "leader_refused": Column("calls", "of officials, deputies or the mediator that the leader refused"),
    "officials_reached": Column("flag", "1 if officials or deputies ever had the leader on the line"),
    "belief_leader": Column("prob", "that the rebels prevail, as the leader sees it at the end"),
    "belief_ruler": Column("prob", "the same, as the ruler sees it"),
    "belief_peak": Column("prob", "the leader's highest"),
    "public_belief": Column("prob", "the public's at the end"),
    "elites_defected": Column("share", "of elite capability, in public, at the end"),
    "elites_loyal": Column("share", "of elite capability that professes loyalty at the end"),
    "route_fought": Column("formations", "of eight on the route"),
    "route_joined": Column("formations", "of eight on the route"),
    "route_passive": Column("formations", "stood aside or let pass under parley, of eight"),
    "deal_kept": Column("flag", "1 kept through the last week, 0 broken; none without a deal"),
    "breach_week": Column("week", "the leader's safety is broken, from 1; none if it is not"),
    "eroded_week": Column("week", "another clause first erodes, from 1; none if none does"),
    "minister_week": Column("week", "the minister goes by his own clock, from 1; none if he stays"),
    "authority": Column("share", "the ruler's standing at the end: see `ruler_authority`"),
    "mediator_standing": Column("stake", "what the mediator gained: see `mediator_standing`"),
}


def columns(states: np.ndarray, params: Any, replicate: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of the run table from n final states and their numbers (one set for all, or an array a number).

    Endings, channels and packages stay codes (ending 0-5, channel and package -1 for
    none) so that they can be counted; the record layer writes them as words.
    """
    s, p = states, params
    dealt = (s["ending"] == Ending.NEGOTIATED_EXIT) | (s["ending"] == Ending.GOVERNMENT_CONCEDES)
    route = s["conduct"][:, :N_ROUTE]
    mediated = s["settled_channel"] == Channel.MEDIATOR
    table = {
        "replicate": replicate,
        "outcome": s["ending"],
        "duration_h": s["end_h"],
        "closest_km": s["closest_km"],
        "deaths": deaths(of_rows(s), p),  # the rules' own sum, over all rows at once
        "casualties_rebels": s["casualties_rebels"],
        "casualties_state": s["casualties_state"],
        "airmen": s["airmen"],
        "aircraft": s["aircraft"],
        "battle": s["battle"],
        "settled_channel": s["settled_channel"],
        "terms": np.where(dealt, s["terms"], np.nan),
        "price": np.where(dealt, s["price"], np.nan),
        "package": s["package"],
        "rounds": s["rounds"],
        "mediator_entered_h": _hour(s["entered_h"]),
        "mediated_h": np.where(mediated, s["end_h"] - _hour(s["entered_h"]), np.nan),
        "leader_sought_ruler_h": _hour(s["sought_ruler_h"]),
        "ruler_refused": s["refused"][:, Channel.RULER],
        "ruler_took_call": s["ruler_took"],
        "leader_refused": s["refused"][:, [Channel.OFFICIALS, Channel.MEDIATOR, Channel.DEPUTIES]].sum(axis=1),
        "officials_reached": s["linked"][:, [Channel.OFFICIALS, Channel.DEPUTIES]].max(axis=1),
        "belief_leader": s["belief"][:, Seat.LEADER],
        "belief_ruler": s["belief"][:, Seat.RULER],
        "belief_peak": s["belief_peak"],
        "public_belief": s["public"],
        "elites_defected": s["defected"],
        "elites_loyal": s["loyal"],
        "route_fought": (route == Conduct.FIGHTS).sum(axis=1),
        "route_joined": (route == Conduct.JOINS).sum(axis=1),
        "route_passive": ((route == Conduct.STANDS_ASIDE) | (route == Conduct.PARLEYS)).sum(axis=1),
        "deal_kept": np.where(dealt, (s["breach_week"] < 0).astype(np.int64), -1),
        "breach_week": _week(s["breach_week"]),
        "eroded_week": _week(s["eroded_week"]),
        "minister_week": _week(s["minister_week"]),
        "authority": ruler_authority(s, p),
        "mediator_standing": mediator_standing(s, p),
    }
    return {name: np.array(table[name]) for name in COLUMNS}


def _hour(hours: np.ndarray) -> np.ndarray:
    return np.where(hours < 0.0, np.nan, hours)


def _week(weeks: np.ndarray) -> np.ndarray:
    return np.where(weeks < 0, -1, weeks + 1)  # states count weeks from 0, tables from 1


def ruler_authority(s: np.ndarray, p: Any) -> np.ndarray:
    """What is left of the ruler's authority at the end, 1 = untouched, 0 = gone (share).

    1 - public belief in the rebels - what he paid for a deal or concession; nothing is
    left when he has fled or the rebels have won. (A call taken is in the public belief.)
    """
    dealt = (s["ending"] == Ending.NEGOTIATED_EXIT) | (s["ending"] == Ending.GOVERNMENT_CONCEDES)
    kept = 1.0 - s["public"] - np.where(dealt, s["price"], 0.0)
    lost = (s["ending"] == Ending.REBELS_WIN) | (s["fled"] == 1)
    return np.where(lost, 0.0, np.clip(kept, 0.0, 1.0))


def mediator_standing(s: np.ndarray, p: Any) -> np.ndarray:
    """Fame of a mediator whose deal ends it (v_med times the road covered); k_fail lost if he entered in vain."""
    covered = road_covered(of_rows(s), p)
    won = s["settled_channel"] == Channel.MEDIATOR
    return np.where(won, p.v_med * covered, np.where(s["entered_h"] >= 0.0, -p.k_fail, 0.0))
