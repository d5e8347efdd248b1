"""What each audience is shown of a room, as plain data: a seat, the wall, the facilitator, one member.

The pages are drawn from these and from nothing else, so what a view does not hold cannot leak
from a page, its source, or its stream.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sim.classroom.briefing import bulletin
from sim.classroom.chair import ACTIONS
from sim.classroom.host import Host
from sim.classroom.injects import INJECTS
from sim.classroom.moves import Move
from sim.classroom.orders import ANY, FREE, NONE, YES_NO
from sim.classroom.room import Turn, ordered_seats
from sim.classroom.seats import CLASS_SEATS, DETAILS, reaches, role
from sim.classroom.teams import CHAIR, RULES
from sim.model.state import CHANNELS, ENDINGS, ITEMS, N_ROUTE, OPTIONS, Conduct, State
from sim.story.narrative import CONDUCT_TEXT, Event, clock

MOST_EVENTS, MOST_SAID, MOST_SEATS = 200, 50, 6  # the last ones are shown


def status(host: Host) -> dict[str, Any]:
    """What every page shows at its head; the same for all."""
    room, (line, turn) = host.room, host.at
    left = host.timer.left
    return {
        "room": host.name, "phase": host.phase, "line": line, "turn": turn,
        "shown_turn": turn - host.first + (not room.over), "hour": room.hour, "clock": clock(room.hour),
        "turn_h": room.turn_h, "turn_s": host.timer.seconds,
        "left_s": None if left is None else round(left, 1), "running": host.timer.running and not host.paused,
        "ending": ENDINGS[room.now.state.ending] if room.over else None, "published": host.book.published,
        "closing": host.closing,
    }  # fmt: skip


def seats(host: Host) -> list[dict[str, Any]]:
    """Of each seat who plays it and whether the turn waits for it: no choice is told."""
    waiting = host.waiting() if host.phase in ("open", "paused") else []
    return [
        {
            "seat": seat, "title": role(host.room.setting, seat).title, "people": len(host.book.team(seat)),
            "played_by": "people" if seat in host.room.open and host.book.team(seat) else "model",
            "open": seat in host.room.open, "waiting": seat in waiting,
            "in": seat in host.room.open and bool(host.voted(seat)) and seat not in waiting,
        }
        for seat in CLASS_SEATS
    ]  # fmt: skip


def route(host: Host) -> dict[str, Any]:
    """What a map of the road needs beside the column: towns and the place of the line, which never change."""
    setting = host.room.setting
    return {
        "towns": [dict(town) for town in setting.towns], "line_km": float(setting.params.D_line),
        "start_km": float(setting.params.D0),
    }  # fmt: skip


def seat(host: Host, name: str) -> dict[str, Any]:
    """What all members of a seat see."""
    room, book = host.room, host.book
    told = _briefing(host, name)
    voted, captain = host.voted(name), book.captain(name)
    news = [*host.thrown(room.now), *room.news(name)]
    return {
        "seat": name, "briefing": told, "sealed": False, "route": route(host), "has_say": room.has_say(name),
        "worth": dict(host.rules.worth.get(name, {})), "open": name in room.open,
        "ordered_by_facilitator": CHAIR in voted, "rule": book.rule, "news": [_event(event) for event in news],
        "said": [_note(note) for note in room.said(name)[-MOST_SAID:]],
        "notes": [dict(note) for note in book.notes if note["to"] in ("all", name)],
        "team": [
            {"number": one.number, "name": one.name, "voted": one.number in voted, "captain": one.number == captain}
            for one in book.team(name)
        ],
        "reaches": [{"seat": to, "title": role(room.setting, to).title} for to in reaches(name)],
        "details": details(name), "odds": odds(host) if book.shows.get("seats") else None, "seats": seats(host),
    }  # fmt: skip


def newcomer(host: Host, name: str) -> dict[str, Any]:
    """What somebody sees of a seat that they may still leave for another: what everybody may know of it."""
    full, of = seat(host, name), role(host.room.setting, name)
    open_role = of._replace(aims=(), knows=())._asdict()
    told = bulletin(host.room.now.state, host.room.setting)
    sealed: dict[str, Any] = {"forces": {}, "calls": {}, "beliefs": {}, "talks": {}, "orders": {}}
    shown = ("seat", "route", "open", "rule", "team", "reaches", "details", "odds", "seats")
    return {name: full[name] for name in shown} | {
        "briefing": {"seat": name, "role": open_role, **told, **sealed}, "sealed": True, "worth": {}, "has_say": True,
        "ordered_by_facilitator": False, "news": [_event(event) for event in host.thrown(host.room.now)], "said": [],
        "notes": [dict(note) for note in host.book.notes if note["to"] == "all"],
    }  # fmt: skip


def details(name: str) -> dict[str, Any]:
    """What an order of this seat may say beside its option, and what each allows."""
    terms = {"values": [FREE, ANY, NONE], "items": list(ITEMS)}
    allowed: dict[tuple[str, str], Any] = {
        ("leader", "call"): {"values": list(CHANNELS)}, ("ruler", "call"): {"values": list(YES_NO)},
        ("leader", "terms"): terms, ("ruler", "terms"): terms,
        ("guard", "men"): {"low": 0.0, "high": 100.0, "unit": "thousand men"}, ("mediator", "offer"): {"flag": True},
    }  # fmt: skip
    return {detail: allowed[name, detail] for detail in DETAILS[name]}


def member(host: Host, number: int) -> dict[str, Any]:
    """What one person sees beside what the seat sees: their own vote and forecast for the open turn."""
    me = host.member(number)
    key, at = (me.seat, number), host.at
    ballot, stated = host.book.ballots.get(at, {}).get(key), host.book.forecasts.get(at, {}).get(key)
    return {
        "member": number, "seat": me.seat, "name": me.name, "fixed": host.may_read(number),
        "captain": host.book.captain(me.seat) == number,
        "vote": None if ballot is None else {"option": ballot.option, "details": dict(ballot.details)},
        "forecast": None if stated is None else dict(stated),
    }  # fmt: skip


def odds(host: Host) -> dict[str, Any] | None:
    """Live odds of the standing line: of the open turn if they are there, and of the turns before it."""
    found = host.odds.along(host.standing())
    if not found:
        return None
    rows = [{"turn": one.turn, "hour": one.hour, "shares": dict(one.shares)} for one in found]
    return {"n": found[-1].n, "rows": rows, "current": found[-1].turn == host.room.now.number}


def wall(host: Host) -> dict[str, Any]:
    """What is projected: what everybody may know, and the live odds where the facilitator shows them."""
    room = host.room
    told = bulletin(room.now.state, room.setting)
    statements = [_note(note) for turn in room.turns for note in turn.notes if note.kind == "statement"]
    return {
        **told, "route": route(host), "seats": seats(host), "events": events(host),
        "statements": statements[-MOST_SAID:],
        "notes": [dict(note) for note in host.book.notes if note["to"] == "all"],
        "odds": odds(host) if host.book.shows.get("wall") else None,
    }  # fmt: skip


def events(host: Host) -> list[dict[str, Any]]:
    """The public timeline of the standing line, oldest first."""
    found: list[Event] = []
    for number in range(len(host.room.turns) - 1):
        found += host.public_news(number)
    found += host.thrown(host.room.now)
    return [_event(event) for event in found[-MOST_EVENTS:]]


def table(host: Host) -> dict[str, Any]:
    """What the facilitator sees: everything, the true state included."""
    room, book = host.room, host.book
    return {
        "wall": wall(host), "odds": odds(host), "shows": dict(book.shows), "rule": book.rule,
        "seats": [
            one | {
                "briefing": _briefing(host, one["seat"]), "votes": _votes(host, one["seat"]),
                "has_say": room.has_say(one["seat"]), "options": dict(role(room.setting, one["seat"]).options),
                "details": details(one["seat"]),
                "team": [
                    {"number": m.number, "name": m.name, "present": host.presence.here(m.number),
                     "captain": m.number == book.captain(m.seat), "fixed": m.number in book.fixed,
                     "moves": len(book.sat[m.number]) - 1,
                     "before": list(book.sat[m.number][-1 - MOST_SEATS : -1])} for m in book.team(one["seat"])
                ],
            } for one in seats(host)
        ],
        "said": [_note(note) for turn in room.turns for note in turn.notes if note.kind in ("statement", "message")],
        "notes": [dict(note) for note in book.notes], "doors": book.doors, "truth": truth(room.now.state),
        "turns": [_turn(turn, host.first) for turn in room.turns], "branches": len(room.left),
        "injects": {name: one._asdict() for name, one in INJECTS.items()},
        "untested": [j + 1 for j, did in enumerate(room.now.state.conduct) if did == 0],
        "actions": list(ACTIONS), "rules": list(RULES), "options": list(OPTIONS), "job": asdict(host.job),
    }  # fmt: skip


def truth(state: State) -> dict[str, Any]:
    """What no seat is told: loyalty of the formations on the road, thresholds of the elites, what was fixed by hand."""
    return {
        "formations": [
            {"number": j + 1, "km": float(state.position[j]), "loyalty": float(state.loyalty[j]),
             "did": CONDUCT_TEXT.get(Conduct(state.conduct[j]), "not met yet"),
             "told": CONDUCT_TEXT[Conduct(state.told[j])] if state.told[j] >= 0 else ""}
            for j in range(N_ROUTE)
        ],
        "elites_at_edge": sum(threshold < 0.5 for threshold in state.threshold),
        "blood": float(state.blood), "rounds": int(state.rounds),
    }  # fmt: skip


def _briefing(host: Host, name: str) -> dict[str, Any]:
    told = host.room.briefing(name)
    return asdict(told) | {"role": told.role._asdict()}


def _votes(host: Host, name: str) -> list[dict[str, Any]]:
    return [
        {"member": one.member, "option": one.option, "details": dict(one.details)}
        for one in sorted(host.book.votes_of(host.at, name), key=lambda one: one.at)
    ]


def _turn(turn: Turn, first: int) -> dict[str, Any]:
    return {
        "number": turn.number, "shown": turn.number - first + 1, "orders": ordered_seats(turn),
        "injects": [dict(note.body) for note in turn.notes if note.kind == "inject"],
    }  # fmt: skip


def _event(event: Event) -> dict[str, Any]:
    return {"hour": event.hour, "clock": clock(event.hour), "seat": event.seat, "kind": event.kind, "text": event.text}


def _note(note: Move) -> dict[str, Any]:
    return {"turn": note.turn, "kind": note.kind, "seat": note.body["seat"], "to": note.body.get("to"),
            "text": note.body["text"]}  # fmt: skip
