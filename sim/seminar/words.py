"""Briefings and debriefs in plain text, for a terminal or a sheet of paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from typing import Any

from sim.analysis.narrative import Event
from sim.seminar.briefing import Briefing
from sim.seminar.seats import DETAILS
from sim.state import CHANNELS, ITEMS

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
        gained, lost = NAMES[point["gained"]], NAMES[point["lost"]]
        move = f"{gained} {100 * point['gain']:+.0f}, {lost} {100 * point['loss']:+.0f} points"
        lines += _wrapped(f"  turn {point['turn']}: {move}. ", " ".join(point["events"]))
    for seat, entry in debrief["seats"].items():
        lines += ["", *_seat(seat, entry, debrief)]
    lines += ["", *_hidden(debrief["hidden"])]
    return "\n".join(lines) + "\n"


def _ending(d: Mapping[str, Any]) -> list[str]:
    if d["ending"] is None:
        return [f"Not played to the end: hour {d['hour']:g} after {d['turns']} turns."]
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
        tail = (
            ""
            if move["mark"] == "best"
            else f"; gives away {move['lost']:.1f} +- {1.96 * move['error']:.1f}, {move['best']} was best"
        )
        lines += [
            f"  turn {move['turn']:2d}, h {move['hour']:4.1f}  {move['option']:<9} {move['mark']:<8} [{points}]{tail}"
        ]
    counted = ", ".join(f"{count} {name}" for name, count in entry["marks"].items())
    lines += [
        f"  {counted}; given away in all: {entry['given_away']:.0f} points. Marks: best to {marks['best']:g},"
        f" fine to {marks['fine']:g}, dubious to {marks['dubious']:g}.",
        f"  {_sharp(entry['rationality'])}",
    ]
    return lines + _forecasts(entry["forecasts"])


def _sharp(found: Mapping[str, Any]) -> str:
    if not found["decisions"]:
        return "Precision: no decision that the model has worths for."
    best = "beyond 1,000" if found["precision"] is None else f"{found['precision']:.1f}"
    high = "no upper end" if found["high"] is None else f"{found['high']:.1f}"
    return (
        f"Precision of choice: {best} (95 %: {found['low']:.1f} to {high}; the model's own is {found['model']:g}), "
        f"from {found['decisions']} decisions."
    )


def _forecasts(found: Mapping[str, Any]) -> list[str]:
    if "seat" not in found:
        return [] if not found["stated"] else ["  Forecasts are scored when the crisis has ended."]
    return [
        f"  Forecasts ({found['stated']}), Brier score, 0 best, 2 worst: you {found['seat']:.2f}, the model in your "
        f"seat {found['model']:.2f}, all-knowing {found['all_knowing']:.2f}, base rate {found['base_rate']:.2f}."
    ]


def _hidden(found: Mapping[str, Any]) -> list[str]:
    beliefs = ", ".join(f"{name} {value:.0%}" for name, value in found["beliefs"].items())
    refused = found["refused_calls"]
    return [
        "What was hidden:",
        *_wrapped("  At the end they believed that the rebels prevail with ", beliefs + "."),
        f"  Calls refused: {refused['by_ruler']} by the ruler, {refused['by_leader']} by the leader; "
        f"rounds of talks: {found['rounds']}.",
    ]


def _wrapped(head: str, text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent=head, subsequent_indent=" " * min(len(head), 12)) or [head.rstrip()]
