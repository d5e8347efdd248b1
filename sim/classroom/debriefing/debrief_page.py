"""The debrief as one HTML text: no script, nothing loaded, A4 pages when printed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from sim import __version__, catalog
from sim.classroom import sentences
from sim.classroom.debriefing import charts, tension, words, worlds_charts
from sim.classroom.debriefing.svg import (
    COLOURS,
    DASHED,
    GAME,
    INK,
    LABELS,
    OPTION_COLOURS,
    PAST,
    PHRASES,
    WASH,
    percent,
    picture,
    rect,
    text,
)
from sim.classroom.numbering import FLAGS, number, place, played
from sim.model.state import CHANNELS, ENDINGS, OPTIONS
from sim.story.narrative import clock

SENTENCES = ("flagged", "given_away", "signs", "tidy", "without")
FOLDER = Path(__file__).parent
TEMPLATE, STYLE = "debrief.html.j2", "debrief.css"
MISREADS = 1.25  # a factor from which on a reading of the odds is called too high, or below its inverse too low
HEADLINES = {
    "rebels_win": "The rebels win", "government_concedes": "The government concedes",
    "negotiated_exit": "A negotiated exit", "rebels_collapse": "The rebels collapse",
    "crushed": "The rebellion is crushed", "prolonged": "No decision",
}  # fmt: skip


def page(found: Mapping[str, Any], *, teams: Mapping[str, str] | None = None) -> str:
    """A debrief (of `sim.classroom.debrief.debrief`) as HTML; the same debrief gives the same text.

    Parameters
    ----------
    teams : by seat, what the team is called in the document, such as "Team Don, 5 people"; none is needed
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.finalize = unbroken
    first = found["first"]
    environment.filters |= {"number": lambda turn: number(turn, first), "place": lambda turn: place(turn, first)}
    environment.filters |= {name: getattr(sentences, name) for name in SENTENCES}
    environment.filters |= {"percent": percent, "clock": clock, "ending": LABELS.__getitem__, "cap": words.cap}
    return environment.get_template(TEMPLATE).render(**content(found, teams or {}))


def unbroken(value: Any) -> Any:
    """Keep a number and its per cent sign on one line."""
    return value.replace(" %", "\N{NO-BREAK SPACE}%") if isinstance(value, str) else value


@cache
def style() -> str:
    """The style sheet that the page holds."""
    return (FOLDER / STYLE).read_text(encoding="utf-8")


def style_source() -> str:
    """What a Content-Security-Policy must add to `style-src` to show the page: the hash of its one style sheet."""
    digest = hashlib.sha256(style().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def content(found: Mapping[str, Any], teams: Mapping[str, str]) -> dict[str, Any]:
    """What the template shows, by the names that it uses."""
    names = {seat: words.cap(seat) for seat in found["roles"]}
    options = catalog.options("scenario")
    about = str(catalog.option("scenario", found["scenario"])["about"]) if found["scenario"] in options else ""
    seats = found["seats"]
    return {
        "d": found, "names": names, "teams": teams, "about": about, "headline": headline(found),
        "style": Markup(style()), "short": in_short(found, names), "tension": tension.tension(found, names),
        "multiples": tension.multiples(found), "known_to": 100 * max(_widths(found)), "turning": turnings(found, names),
        "decisions": {seat: decisions(entry) for seat, entry in seats.items()},
        "key": [(swatch(COLOURS[name]), LABELS[name]) for name in ENDINGS],
        "sharp": {seat: sharp(entry) for seat, entry in seats.items()},
        "said": {seat: sentences.forecast(entry["forecasts"]) for seat, entry in seats.items()},
        "symbols": words.SYMBOLS, "flags": FLAGS, "turns": played(found["turns"], found["first"]),
        "flagged": [flag for flag in FLAGS if any(flag in row["flags"] for row in found["line"])],
        "moved": [sentences.moved(event, found["first"]) for event in found["hidden"]["moved"]],
        "drawn": drawn(found, names), "misreads": misreads(found), "orders": all_orders(found), "seats": list(names),
        "channels": [(name, found["hidden"]["refused_by_channel"][name]) for name in CHANNELS],
        "version": __version__, "legend": legend(),
    }  # fmt: skip


def swatch(fill: str, letter: str = "", edge: str = "", more: str = "") -> Markup:
    """A small box for a key."""
    words = [text(8, 12, letter, "tiny strong", "middle")] if letter else []
    return picture([rect(1, 1, 14, 14, fill, edge, more), *words], 16, "", 16, "swatch")


def legend() -> list[tuple[Markup, str]]:
    """Key of the orders in the chart of the game: (box, words)."""
    out = [(swatch(OPTION_COLOURS[name], name[0].upper()), name) for name in OPTIONS]
    return [
        *out,
        (swatch("#fff", "", INK), "ordered, could not take effect"),
        (swatch("#fff", "H", INK, DASHED), "ordered by the facilitator"),
        (swatch(WASH, "A"), "chosen by the model (· its offices differ)"),
    ]


def headline(found: Mapping[str, Any]) -> str:
    """Ending and length."""
    if found["ending"] is None:
        return f"Not played to the end: {found['hour']:g} hours, {played(found['turns'], found['first'])} turns"
    return f"{HEADLINES[found['ending']]} after {found['hour']:g} hours"


def _widths(found: Mapping[str, Any]) -> list[float]:
    """Half-widths of the 95 % bands of the odds."""
    return [0.5 * (row["high"][name] - row["low"][name]) for row in found["line"] for name in row["odds"]]


def in_short(found: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """The game in a few sentences."""
    first, out = found["line"][0]["odds"], []
    if found["ending"]:
        likely, came = max(first, key=lambda name: first[name]), found["ending"]
        tail = (
            ", the likeliest" if likely == came else f"; {PHRASES[likely]} was the likeliest, {percent(first[likely])}"
        )
        out.append(f"As the game opened, {PHRASES[came]} had odds of {percent(first[came])}{tail}.")
    if found["turning_points"]:
        big = max(found["turning_points"], key=lambda point: float(point["moved"]))
        kind = "the facilitator's inject" if big["kind"] == "inject" else place(big["turn"], found["first"])
        out.append(f"The largest turning point was {kind}, at hour {big['hour']:g}. {words.turning(big)}")
    else:
        out.append("No turn moved the odds beyond chance.")
    model = found["comparison"].get("model")
    if model:
        out.append(
            f"Of {model['games']:,} games that the model played alone, {percent(model['same_ending'])} "
            f"ended like this one and {percent(model['shorter'])} ended sooner."
        )
    best = sentences.foresight(found["foresight"])
    return [*out, best] if best else out


def sharp(entry: Mapping[str, Any]) -> str:
    """How sharply a team chose, and how over the turns without a flag where some have one."""
    apart = entry["without"]
    rest = f" Without the turns marked {' or '.join(FLAGS.values())}: " if apart else ""
    return sentences.sharpness(entry["rationality"]) + (
        rest + sentences.sharpness(apart["rationality"]) if apart else ""
    )


def turnings(found: Mapping[str, Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Turning points with their sentence, and what every seat ordered in that turn."""
    out = []
    for point in found["turning_points"]:
        row = found["line"][point["turn"]]
        orders = row["orders"] if point["kind"] == "turn" else {}
        told = [
            f"{names[seat]} {order['option']}{' (the facilitator)' if seat in row['chaired'] else ''}"
            for seat, order in orders.items()
        ]
        out.append({**point, "sentence": words.turning(point), "orders": ", ".join(told)})
    return out


def decisions(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A seat's decisions, each with its sentence, its chart, and its details where they changed."""
    out, before = [], ""
    for move in entry["moves"]:
        said = words.details(move["details"])
        told = (f"with {said}" if said else "without details") if said != before else ""
        out.append(
            {**move, "sentence": words.verdict(move, entry["worth"]), "chart": charts.options(move), "said": told}
        )
        before = said
    return out


def drawn(found: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Charts beyond the line and the decisions; None where there is nothing to draw."""
    model, past = found["comparison"].get("model"), found["comparison"]["history"]
    seats = found["seats"].values()
    return {
        "briers": charts.briers(found, names) if any("seat" in e["forecasts"] for e in seats) else None,
        "sharpness": charts.sharpness(found, names) if any(e["rationality"]["decisions"] for e in seats) else None,
        "beliefs": worlds_charts.beliefs(found), "formations": worlds_charts.formations(found),
        "elites": worlds_charts.elites(found), "endings": worlds_charts.endings(found) if model else None,
        "hours": model and worlds_charts.histogram(
            model["hours"], "hours to the ending",
            ((found["hour"], "this game", GAME), (past["hour"], "June 2023", PAST)),
        ),
        "km": model and worlds_charts.histogram(
            model["km"], "closest distance to the capital, km",
            ((found["closest_km"], "this game", GAME), (past["closest_km"], "June 2023", PAST)),
        ),
    }  # fmt: skip


def misreads(found: Mapping[str, Any]) -> list[tuple[str, float, str, float]]:
    """(actor, factor, in words, belief at the end) of each actor that was there."""
    out = []
    for name in found["hidden"]["beliefs_by_turn"]:
        factor = found["hidden"]["misreads_by"][name]
        said = "too high" if factor > MISREADS else "too low" if factor < 1 / MISREADS else "about right"
        out.append((name, factor, said, found["hidden"]["beliefs"][name]))
    return out


def all_orders(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What each seat ordered turn by turn: (option, details where they changed, team, facilitator or model)."""
    out, before = [], dict.fromkeys(found["roles"], "")
    for row in found["line"]:
        if not row["resolved"]:
            continue
        seats = {}
        for seat, standing in row["standing"].items():
            order = row["orders"].get(seat)
            said = words.details(order) if order else ""
            option = order["option"] if order else " / ".join(dict.fromkeys(standing))
            who = "model" if order is None else "facilitator" if seat in row["chaired"] else "team"
            seats[seat] = (option, said if said != before[seat] else "", who)
            before[seat] = said
        out.append({"turn": row["turn"], "hour": row["hour"], "seats": seats, "flags": row["flags"]})
    return out
