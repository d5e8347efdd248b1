"""What a role is told at the start of a turn: only what it may know, as plain data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from sim.classroom.access import PUBLIC, masked, sees
from sim.classroom.seats import CLASS_SEATS, OWN_CHANNEL, Role, known, role
from sim.model.maths import logistic
from sim.model.rules.observe import garrison
from sim.model.state import CHANNELS, ENDINGS, N_ROUTE, OPTIONS, SEATS, Conduct, Option, Seat, State
from sim.scenario import Setting
from sim.stats.outcomes import package_name
from sim.story.narrative import CONDUCT_TEXT, Event, between

MEDIATION = ("not in", "in", "has left")
LOOKS = {Option.ADVANCE: "driving on", Option.HOLD: "standing", Option.NEGOTIATE: "driving slowly"}


@dataclass(frozen=True)
class Briefing:
    """One seat's knowledge at one hour; every part is plain data, keys that a seat may not know are absent."""

    seat: str
    role: Role
    hour: float
    ending: str | None
    column: Mapping[str, Any]
    forces: Mapping[str, float]
    calls: Mapping[str, Any]
    public: Mapping[str, Any]
    beliefs: Mapping[str, float]
    talks: Mapping[str, Any]
    orders: Mapping[str, str]

    def as_json(self) -> str:
        """The briefing as one line of JSON: equal knowledge gives equal bytes."""
        plain = asdict(self) | {"role": self.role._asdict()}
        return json.dumps(plain, sort_keys=True, ensure_ascii=False)


def briefing(state: State, setting: Setting, seat: str) -> Briefing:
    """What `seat` may know of `state`; fields that `sim.classroom.access` hides from it cannot change a byte."""
    shown, p = masked(state, setting.params, known(seat)), setting.params
    hour = shown.end_h if shown.ending >= 0 else shown.step * p.dt
    mine = CLASS_SEATS[seat]
    return Briefing(
        seat=seat, role=role(setting, seat), hour=float(hour),
        ending=ENDINGS[shown.ending] if shown.ending >= 0 else None,
        column=_column(shown, setting), forces=_forces(shown, setting, seat), calls=_calls(shown, seat),
        public=_public(shown), beliefs={SEATS[one]: float(shown.belief[one]) for one in mine},
        talks=_talks(shown, seat), orders={SEATS[one]: OPTIONS[shown.option[one]] for one in mine},
    )  # fmt: skip


def bulletin(state: State, setting: Setting) -> dict[str, Any]:
    """What everybody may know of `state`: hour, ending, column, public facts."""
    shown, p = masked(state, setting.params, PUBLIC), setting.params
    return {
        "hour": float(shown.end_h if shown.ending >= 0 else shown.step * p.dt),
        "ending": ENDINGS[shown.ending] if shown.ending >= 0 else None,
        "column": _column(shown, setting), "public": _public(shown),
    }  # fmt: skip


def news(states: Iterable[State], setting: Setting, seat: str) -> list[Event]:
    """Events of the steps between states that the seat, or the public, saw; others' reasons are left out."""
    shown = [masked(state, setting.params, seat if seat == PUBLIC else known(seat)) for state in states]
    return [event._replace(why="") for a, b in pairwise(shown) for event in between(a, b, setting)]


def _column(s: State, setting: Setting) -> dict[str, Any]:
    p = setting.params
    moving = s.step * p.dt >= p.t_start
    towns = [(float(town["road_km"]), str(town["name"])) for town in setting.towns if town.get("node")]
    passed, ahead = [name for km, name in towns if km >= s.km], [name for km, name in towns if km < s.km]
    return {
        "km": float(s.km), "closest_km": float(s.closest_km), "to_line_km": float(max(s.km - p.D_line, 0.0)),
        "line_stands": bool(s.line_up), "battle": ("none", "at the line", "in the capital")[s.battle],
        "looks": LOOKS.get(Option(s.option[Seat.LEADER]), "turning back") if moving else "not on the road yet",
        "last_town": passed[-1] if passed else None, "next_town": ahead[0] if ahead else None,
        "formations": [
            {"number": j + 1, "km": float(s.position[j]), "did": CONDUCT_TEXT[Conduct(s.conduct[j])]}
            for j in range(N_ROUTE) if s.conduct[j]
        ],
    }  # fmt: skip


def _forces(s: State, setting: Setting, seat: str) -> dict[str, float]:
    """Strengths in thousand men, losses in men or aircraft, as far as the seat has them."""
    shown = {
        "rebels_k": "rebels", "line_k": "line_ahead", "sent_forward_k": "forward", "casualties": "casualties_rebels",
        "casualties_of_the_state": "casualties_state", "airmen_killed": "airmen", "aircraft_lost": "aircraft",
        "sorties": "sorties", "delay_h": "delay",
    }  # fmt: skip
    out = {label: float(getattr(s, name)) for label, name in shown.items() if sees(name, seat)}
    if sees("forward", seat):
        out["garrison_k"] = (
            float(garrison(s, setting.params)) if seat == "guard" else float(setting.params.K - s.forward)
        )
    if s.battle and sees("defenders", seat):
        out["defenders_k"] = float(s.defenders)
    return out


def _calls(s: State, seat: str) -> dict[str, Any]:
    out: dict[str, Any] = {
        CHANNELS[k]: {"line_open": bool(s.linked[k]), "refused": int(s.refused[k])} for k in OWN_CHANNEL[seat]
    }
    if sees("sought_ruler_h", seat):
        out["leader_first_called_ruler_h"] = None if s.sought_ruler_h < 0 else float(s.sought_ruler_h)
    return out


def _public(s: State) -> dict[str, Any]:
    return {
        "odds_of_rebels": float(logistic(s.log_odds)), "treason_speech": bool(s.speech),
        "headquarters_taken": bool(s.hq), "ruler_fled": bool(s.fled), "ruler_offers_talks": bool(s.offered),
        "resignation_offered": bool(s.resigning), "ruler_took_call": bool(s.ruler_took),
        "elites_loyal": float(s.loyal), "elites_hedging": float(s.hedging), "elites_defected": float(s.defected),
        "crowd": float(s.crowd), "package": package_name(s.package) if s.ending >= 0 and s.package >= 0 else None,
    }  # fmt: skip


def _talks(s: State, seat: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if sees("mediation", seat):
        out["mediator"] = MEDIATION[s.mediation]
    if sees("rounds", seat):
        out["rounds"] = int(s.rounds)
    if seat == "leader":
        out |= {"best_channel": CHANNELS[s.channel], "chance_of_a_round": float(s.engagement)}
    if sees("channel_ruler", seat):
        out |= {"best_channel": CHANNELS[s.channel_ruler], "chance_of_a_round": float(s.engagement_ruler)}
    return out
