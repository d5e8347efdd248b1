"""Briefings and debriefs in plain text, for a terminal or a sheet of paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from typing import Any

from sim.classroom.briefing import Briefing
from sim.classroom.numbering import number, place, played
from sim.classroom.seats import DETAILS
from sim.classroom.sentences import flagged, forecast, foresight, given_away, moved, sharpness, signs, tidy, without
from sim.model.state import CHANNELS, ITEMS
from sim.stats.estimates import Z95
from sim.story.narrative import Event

WIDTH = 100
FORCES = {
    "rebels_k": "column {:.1f} thousand", "line_k": "line about {:.1f} thousand",
    "garrison_k": "capital {:.1f} thousand", "sent_forward_k": "sent forward {:.2f} thousand",
    "defenders_k": "defenders {:.1f} thousand", "casualties": "own casualties {:.0f}",
    "casualties_of_the_state": "own casualties {:.0f}", "airmen_killed": "airmen killed {:.0f}",
    "aircraft_lost": "aircraft lost {:.1f}", "sorties": "sorties {:.1f}", "delay_h": "delay {:.1f} h",
}  # fmt: skip
DETAIL_TEXT = {
    ("leader", "call"): f"call={'|'.join(CHANNELS)} whom to try first",
    ("leader", "terms"): f"terms=any|none|{'+'.join(ITEMS[:2])} the least you take (items: {', '.join(ITEMS)})",
    ("ruler", "call"): "call=take|refuse the leader's call",
    ("ruler", "terms"): f"terms=any|none|{'+'.join(ITEMS[:2])} the most you give (items: {', '.join(ITEMS)})",
    ("guard", "men"): "men=0.8 thousand men that may go forward in all",
    ("mediator", "offer"): "offer you offer yourself instead of waiting to be asked",
}
NAMES = {
    "rebels_win": "rebels win", "government_concedes": "government concedes", "negotiated_exit": "negotiated exit",
    "rebels_collapse": "rebels collapse", "crushed": "crushed", "prolonged": "prolonged",
}  # fmt: skip


def role_sheet(briefing: Briefing) -> list[str]:
    """Who you are, what you want, what you can do."""
    role = briefing.role
    lines = [f"You are: {role.title} ({'; '.join(role.persons)})"]
    lines += _wrapped("You want: ", "; ".join(role.aims)) + _wrapped("You know: ", "; ".join(role.knows))
    lines += ["Your options:"]
    for option, text in role.options.items():
        lines += _wrapped(f"  {option:<10} ", text)
    lines += [f"  with {DETAIL_TEXT[briefing.seat, name]}" for name in DETAILS[briefing.seat]]
    return lines


def situation(briefing: Briefing, clock: str, news: Iterable[Event]) -> list[str]:
    """What you are told as a turn opens; `clock` is the hour as local time."""
    column, public, talks = briefing.column, briefing.public, briefing.talks
    lines = ["", f"=== Hour {briefing.hour:g}  ({clock}) ==="]
    for event in news:
        lines += _wrapped("  * ", event.text)
    town = f", towards {column['next_town']}" if column["next_town"] else ""
    line = f"{column['to_line_km']:.0f} km before the line" if column["line_stands"] else "the line is broken"
    lines += [f"Column: {column['km']:.0f} km from the capital{town}, {line}; {column['looks']}."]
    forces = [FORCES[name].format(value) for name, value in briefing.forces.items() if value or name.endswith("_k")]
    lines += _wrapped("Forces: ", ", ".join(forces)) if forces else []
    lines += _wrapped("Public: ", ", ".join(_public(public)))
    calls = [
        f"{name} {'open' if told['line_open'] else 'closed'}"
        + (f", {told['refused']} refused" if told["refused"] else "")
        for name, told in briefing.calls.items() if isinstance(told, Mapping)
    ]  # fmt: skip
    lines += _wrapped("Lines to the leader: ", "; ".join(calls)) if calls else []
    if talks:
        lines += _wrapped("Talks: ", ", ".join(_talks(talks)))
    own = ", ".join(
        f"{value:.0%}" + (f" ({name})" if len(briefing.beliefs) > 1 else "") for name, value in briefing.beliefs.items()
    )
    lines += [f"Your own reading: the rebels prevail with {own}."]
    return lines


def _public(public: Mapping[str, Any]) -> Iterator[str]:
    yield f"odds of the rebels {public['odds_of_rebels']:.0%}"
    yield f"elites loyal {public['elites_loyal']:.0%}, defected {public['elites_defected']:.0%}"
    for key, text in (
        ("treason_speech", "the ruler has called it treason"), ("headquarters_taken", "the headquarters is taken"),
        ("ruler_fled", "the ruler has left the capital"), ("ruler_offers_talks", "the ruler offers to talk"),
        ("resignation_offered", "the ministry offers a resignation"),
        ("ruler_took_call", "ruler and leader have spoken"),
    ):  # fmt: skip
        if public[key]:
            yield text


def _talks(talks: Mapping[str, Any]) -> Iterator[str]:
    if "mediator" in talks:
        yield f"the mediator is {talks['mediator']}"
    if talks.get("rounds"):
        yield f"{talks['rounds']} rounds so far"
    if "best_channel" in talks:
        yield f"best channel {talks['best_channel']} (a round in half an hour: {talks['chance_of_a_round']:.0%})"


def odds_text(odds: Mapping[str, float]) -> str:
    """Odds of the endings, likeliest first.

    >>> odds_text({"crushed": 0.25, "negotiated_exit": 0.75})
    'negotiated exit 75 %, crushed 25 %'
    """
    order = sorted(odds, key=lambda name: -odds[name])
    return ", ".join(f"{NAMES[name]} {100 * odds[name]:.0f} %" for name in order if odds[name] >= 0.005)


def told(debrief: Mapping[str, Any]) -> str:
    """A debrief as text."""
    lines = ["", "=== Debrief ===", *_ending(debrief), "", "Odds as they were (from the true state):"]
    for row in debrief["line"]:
        lines += [f"  h {row['hour']:5.1f}  {odds_text(row['odds'])}"]
    if debrief["turning_points"]:
        lines += ["", "Turning points:"]
    for point in debrief["turning_points"]:
        moves = (f"{NAMES[one['ending']]} {100 * one['change']:+.0f}" for one in point["sure"][:2])
        move = f"{', '.join(moves)} points"
        lines += _wrapped(f"  {place(point['turn'], debrief['first'])}: {move}. ", " ".join(point["events"]))
    for seat, entry in debrief["seats"].items():
        lines += ["", *_seat(seat, entry, debrief)]
    best = foresight(debrief["foresight"])
    lines += ["", *_wrapped("", best)] if best else []
    lines += ["", *_hidden(debrief["hidden"], debrief["first"])]
    return "\n".join(lines) + "\n"


def _ending(d: Mapping[str, Any]) -> list[str]:
    if d["ending"] is None:
        return [f"Not played to the end: hour {d['hour']:g} after {played(d['turns'], d['first'])} turns."]
    history, model = d["comparison"]["history"], d["comparison"].get("model")
    lines = [f"Ending: {NAMES[d['ending']]} after {d['hour']:g} h, closest {d['closest_km']:.0f} km."]
    lines += [
        f"23-24 June 2023: {NAMES[history['ending']]} after {history['hour']:g} h, "
        f"closest {history['closest_km']:.0f} km."
    ]
    if model:
        lines += [
            f"{model['games']:,} games of the model: {100 * model['same_ending']:.0f} % end like this, "
            f"{100 * model['shorter']:.0f} % end sooner, "
            f"in {100 * model['farther_off']:.0f} % the column stays farther off."
        ]
    return lines


def _seat(seat: str, entry: Mapping[str, Any], d: Mapping[str, Any]) -> list[str]:
    marks, moves = d["measure"]["marks"], entry["moves"]
    lines = [f"Decisions of {seat}, by what it could know ({d['samples']:,} worlds for each option; one point is"]
    lines += ["0.01 of the worth of an ending to the seat, which is a judgement):"]
    for move in moves:
        points = "  ".join(f"{name} {value:.0f}" for name, value in move["points"].items())
        size = f"{tidy(move['lost'], 1)} ± {Z95 * move['error']:.1f}"
        level = move["mark"] == "best"
        away = f"; level with {move['best']} ({size})" if level else f"; gives away {size}, {move['best']} was best"
        lines += [
            f"  turn {number(move['turn'], d['first']):>2}{signs(move):<2} h {move['hour']:4.1f}  {move['option']:<9} "
            f"{move['mark']:<8} [{points}]{'' if move['option'] == move['best'] else away}"
        ]
    counted = ", ".join(f"{count} {name}" for name, count in entry["marks"].items())
    lines += [
        f"  {counted}; given away in all: {given_away(entry)}. Marks: best to {marks['best']:g},"
        f" fine to {marks['fine']:g}, dubious to {marks['dubious']:g}.",
    ]
    for told in (
        without(entry),
        f"Precision of choice. {sharpness(entry['rationality'])}",
        forecast(entry["forecasts"]),
    ):
        lines += _wrapped("  ", told) if told else []
    for told in flagged([*moves, *entry["forecasts"].get("turns", [])]):
        lines += _wrapped("  ", told + ".")
    if entry["chaired"]:
        turns = ", ".join(number(one["turn"], d["first"]) for one in entry["chaired"])
        lines += _wrapped("  ", f"Ordered by the facilitator and not marked: turns {turns}.")
    return lines


def _hidden(found: Mapping[str, Any], first: int | None) -> list[str]:
    beliefs = ", ".join(f"{name} {value:.0%}" for name, value in found["beliefs"].items())
    refused = found["refused_calls"]
    return [
        "What was hidden:",
        *_wrapped("  At the end they believed that the rebels prevail with ", beliefs + "."),
        f"  Calls refused: {refused['by_ruler']} by the ruler, {refused['by_leader']} by the leader; "
        f"rounds of talks: {found['rounds']}.",
        *(f"  {moved(one, first)}" for one in found["moved"]),
    ]


def _wrapped(head: str, text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent=head, subsequent_indent=" " * min(len(head), 12)) or [head.rstrip()]
