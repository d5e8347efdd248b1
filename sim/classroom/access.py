"""Who may know what: every field of a state, who sees it, and why; and a state in which the rest is blank.

A briefing reads a masked state and nothing else, so it cannot tell what the mask hides.
The rule words of `ACCESS`:

    all, none      every seat, no seat
    leader ruler   these seats
    own            of an array by seat, the entries of the seat's own actors
    own+leader     the same, and the leader's
    line           of an array by channel, the channels the seat itself speaks through
    sides          both sides once they are in contact, before that the state's seats
    talks          the leader; the ruler while a round is held; the mediator while one is held through him
    fog            the state's seats; the leader only what his scouts can see of it
"""

from __future__ import annotations

from typing import Any

from sim.classroom.seats import CLASS_SEATS, OWN_CHANNEL
from sim.model.maths import clamp
from sim.model.params import Params
from sim.model.state import FIELDS, Channel, Seat, State

PUBLIC = "public"  # an audience without a seat: the projected page, which shows what everybody may know
STATE_SIDE = "ruler ministry guard officials"
RULED = "the doctrine's own reckoning; the debrief shows it"
AFTER = "told after the ending"
BY_ORDER = "set by orders, which the seat has on its own sheet"
ACCESS: dict[str, tuple[str, str]] = {
    "step": ("all", "everybody has a clock"),
    "ending": ("all", "public"),
    "end_h": ("all", "public"),
    "km": ("all", "a column on the motorway is filmed and reported"),
    "closest_km": ("all", "as reported"),
    "rebels": (f"leader {STATE_SIDE}", "he counts them, the services count them"),
    "delay": ("leader", "his own march"),
    "forward": (STATE_SIDE, "orders of the state's own side; the leader has scouts for that"),
    "line_up": ("all", "a prepared line is seen to stand or to break"),
    "line_ahead": ("fog", "the leader's scouts see it from intelligence distance on"),
    "battle": ("all", "public"),
    "defenders": ("sides", "seen once in contact"),
    "defenders_start": ("sides", "seen once in contact"),
    "rebels_start": ("sides", "seen once in contact"),
    "casualties_rebels": ("leader", "own losses"),
    "casualties_state": (STATE_SIDE, "own losses"),
    "airmen": (f"leader {STATE_SIDE}", "he shoots them down, they miss them"),
    "aircraft": (f"leader {STATE_SIDE}", "he shoots them down, they miss them"),
    "sorties": (f"leader {STATE_SIDE}", "he is struck, they ordered it"),
    "blood": ("none", "an inner quantity: how far bloodshed has changed what can be forgiven"),
    "log_odds": ("all", "the public mood"),
    "public": ("all", "the public mood"),
    "speech": ("all", "on television"),
    "hq": ("all", "filmed"),
    "fled": ("all", "seen"),
    "offered": ("all", "in public"),
    "resigning": ("all", "in public"),
    "node_passed": ("all", "filmed"),
    "crowd": ("all", "in the streets"),
    "defected": ("all", "said in public"),
    "loyal": ("all", "said in public"),
    "hedging": ("all", "said in public"),
    "stance": ("all", "said in public"),
    "by_stance": ("all", "said in public"),
    "threshold": ("none", "what an elite would need to desert is its secret"),
    "capability": ("none", "no role is told how much each elite weighs"),
    "conduct": ("all", "filmed, once the column has met them"),
    "position": ("all", "garrisons are on the map"),
    "loyalty": ("none", "a formation's secret until it is met"),
    "signal": ("none", "a formation's own reading"),
    "latent": ("none", "the draw that decides what it does"),
    "told": ("none", "the facilitator's"),
    "fights_leader": ("leader", "his own experience and scouts"),
    "yields_leader": ("leader", "his own experience and scouts"),
    "fights_ruler": ("ruler", "his own reports"),
    "yields_ruler": ("ruler", "his own reports"),
    "read": ("none", "nobody knows how far he misreads the odds"),
    "belief": ("own", "each its own"),
    "belief_peak": ("leader", "his own"),
    "option": ("own+leader", "each its own; on the road the leader's order is seen as driving, slow, or standing"),
    "utility": ("none", RULED),
    "chance": ("none", RULED),
    "will": ("none", BY_ORDER),
    "revised": ("none", RULED),
    "game_leader": ("none", "scratch"),
    "game_ruler": ("none", "scratch"),
    "plan_leader": ("none", "scratch"),
    "plan_ruler": ("none", "scratch"),
    "solved": ("none", "scratch"),
    "scratch": ("none", "scratch"),
    "linked": ("line", "each knows its own line"),
    "refused": ("line", "a refused call is seen by its two ends only"),
    "called": ("line", "a call is seen by its two ends only"),
    "caller": ("line", "a call is seen by its two ends only"),
    "channel": ("talks", "whom he would talk through; the others at the table know it while they talk"),
    "engagement": ("leader", "as he reckons"),
    "channel_ruler": ("ruler", "whom he would let talk"),
    "engagement_ruler": ("ruler", "as he reckons"),
    "ruler_took": ("all", "a ruler who takes the call is a public fact"),
    "sought_ruler_h": ("leader ruler", "the two ends of the call"),
    "mediation": ("leader ruler officials mediator", "those he speaks with"),
    "asked": ("ruler officials mediator", "those who ask, and he who is asked"),
    "entered_h": ("leader ruler officials mediator", "those he speaks with"),
    "rounds": ("leader ruler mediator", "those whose terms are put; what failed is talked about"),
    "round_held": ("talks", "those at the table"),
    "granted": ("all", "in public"),
    "settled_channel": ("all", "announced"),
    "terms": ("leader", "what it is worth to him"),
    "price": ("ruler", "what it costs him"),
    "package": ("all", "announced"),
    "breach_week": ("all", AFTER),
    "eroded_week": ("all", AFTER),
    "clause_week": ("all", AFTER),
    "minister_week": ("all", AFTER),
    "moved": ("none", "its place on the road says it"),
    "visible": ("none", "what elites make of what is open"),
    "ordered": ("none", BY_ORDER),
    "tries": ("none", BY_ORDER),
    "terms_least": ("none", BY_ORDER),
    "terms_most": ("none", BY_ORDER),
    "forward_most": ("none", BY_ORDER),
    "consent": ("none", BY_ORDER),
    "offers": ("none", BY_ORDER),
}
# What stands in place of a value that is hidden, where nought would mean something.
BLANK = {
    **dict.fromkeys(("caller", "asked", "told", "will", "ordered", "tries", "consent", "offers"), -1),
    **dict.fromkeys(("sought_ruler_h", "entered_h", "forward_most"), -1.0),
}


def sees(name: str, seat: str) -> bool:
    """Whether a seat, or the public, is ever shown anything of a field (for arrays: of its own entries)."""
    rule = ACCESS[name][0]
    if rule in ("all", "own", "own+leader"):
        return True
    if rule == "line":
        return bool(OWN_CHANNEL.get(seat))
    if rule in ("sides", "fog"):
        return seat not in ("mediator", PUBLIC)
    if rule == "talks":
        return seat in ("leader", "ruler", "mediator")
    return seat in rule.split()


def masked(state: State, p: Params, seat: str) -> State:
    """A copy of the state in which all that the seat, or the public, may not know is blank."""
    out = State()
    for field in FIELDS:
        setattr(out, field.name, _shown(field.name, getattr(state, field.name), state, p, seat))
    return out


def _shown(name: str, value: Any, state: State, p: Params, seat: str) -> Any:
    rule = ACCESS[name][0]
    if rule in ("own", "own+leader"):
        own = {int(one) for one in CLASS_SEATS.get(seat, ())} | ({int(Seat.LEADER)} if rule == "own+leader" else set())
        return [one if i in own else _blank(name, one) for i, one in enumerate(value)]
    if rule == "line":
        open_to = {int(channel) for channel in OWN_CHANNEL.get(seat, ())}
        return [one if k in open_to else _blank(name, one) for k, one in enumerate(value)]
    if rule == "fog" and seat == "leader":
        return scouted(state, p)
    away = rule == "sides" and seat == "leader" and state.battle == 0
    if not sees(name, seat) or away or (rule == "talks" and not _at_table(state, seat)):
        return _blank(name, value)
    return [*value] if isinstance(value, list) else value


def _at_table(state: State, seat: str) -> bool:
    held = state.round_held == 1
    return seat == "leader" or (held and (seat == "ruler" or state.channel == Channel.MEDIATOR))


def scouted(state: State, p: Params) -> float:
    """Strength of the line as the leader reckons it (k men): his prior until the fog lifts, as in `observe`."""
    clear = clamp((p.d_int - (state.km - p.D_line)) / p.d_int, 0.0, 1.0)
    return float((1.0 - clear) * p.L_prior + clear * state.line_ahead) if clear > 0.0 else float(p.L_prior)


def _blank(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_blank(name, one) for one in value]
    return BLANK.get(name, type(value)(0))
