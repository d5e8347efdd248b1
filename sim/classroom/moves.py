"""One entry of a room's log: who does what in which turn, as plain data, checked in its form."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.classroom.seats import SeminarError, known, reaches
from sim.model.state import ENDINGS

LONGEST = 2000  # characters of a statement or message
LONGEST_ID = 80
KINDS = {
    "order": ("seat", "option", "call", "terms", "men", "offer"),
    "forecast": ("seat", "odds"),
    "statement": ("seat", "text"),
    "message": ("seat", "to", "text"),
    "inject": ("event", "formation", "share", "nats", "men", "hour"),
    "resolve": ("orders", "forecasts", "chaired", "shown"),
    "branch": ("luck",),
    "seat": ("seat", "open"),
}


@dataclass(frozen=True)
class Move:
    """A move: `id` is the sender's own and makes a repeated one harmless; `turn` is the one it is meant for."""

    id: str
    kind: str
    turn: int
    body: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """As one line of JSON, keys sorted."""
        return json.dumps({"id": self.id, "kind": self.kind, "turn": self.turn, **self.body}, sort_keys=True)


def read_move(given: Mapping[str, Any]) -> Move:
    """A move from plain data such as a line of the log; SeminarError says what is wrong with its form."""
    one, kind, turn = given.get("id"), given.get("kind"), given.get("turn")
    if not isinstance(one, str) or not 0 < len(one) <= LONGEST_ID or not writable(one):
        raise SeminarError(f"a move needs an id, text of at most {LONGEST_ID} characters; given: {one!r}.")
    if not isinstance(kind, str) or kind not in KINDS:
        raise SeminarError(f"there is no move of the kind {kind!r}; there are: {', '.join(KINDS)}.")
    if isinstance(turn, bool) or not isinstance(turn, int) or turn < 0:
        raise SeminarError(f"a move says for which turn it is, a whole number from 0; given: {turn!r}.")
    body = {key: value for key, value in given.items() if key not in ("id", "kind", "turn")}
    strange = [key for key in body if key not in KINDS[kind]]
    if strange:
        raise SeminarError(f"{kind} has no {strange[0]!r}; it takes: {', '.join(KINDS[kind]) or 'nothing more'}.")
    if "seat" in KINDS[kind]:
        if not isinstance(body.get("seat"), str):
            raise SeminarError(f"{kind} must name its seat; given: {body.get('seat')!r}.")
        known(body["seat"])
    _check(kind, body)
    return Move(one, kind, turn, body)


def writable(text: str) -> bool:
    """Whether a text can be written to a file: half of a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check(kind: str, body: Mapping[str, Any]) -> None:
    if kind in ("statement", "message"):
        text = body.get("text")
        if not isinstance(text, str) or not text.strip() or len(text) > LONGEST or not writable(text):
            raise SeminarError(f"{kind}: write from 1 to {LONGEST} characters.")
    if kind == "message" and body.get("to") not in reaches(body["seat"]):
        raise SeminarError(
            f"{body['seat']} has no line to {body.get('to')!r}; it can write to: {', '.join(reaches(body['seat']))}."
        )
    if kind == "forecast":
        _check_odds(body.get("odds"))
    if kind == "resolve":
        _check_turn(body)
    if kind == "branch" and body.get("luck", "same") not in ("same", "fresh"):
        raise SeminarError(f"branch: luck={body.get('luck')!r} is not allowed; give same or fresh.")
    if kind == "seat" and not isinstance(body.get("open"), bool):
        raise SeminarError("seat: say open: true (people play it) or false (a doctrine does).")


def _check_turn(body: Mapping[str, Any]) -> None:
    orders, forecasts = body.get("orders", {}), body.get("forecasts", {})
    lists = [body.get(name, []) for name in ("chaired", "shown")]
    if not all(isinstance(one, Mapping) for one in (orders, forecasts)) or not all(isinstance(x, list) for x in lists):
        raise SeminarError("resolve: orders and forecasts are mappings by seat, chaired and shown are lists.")
    for seat in [*orders, *forecasts, *lists[0]]:
        known(seat)
    for odds in forecasts.values():
        _check_odds(odds)


def _check_odds(odds: Any) -> None:
    good = isinstance(odds, Mapping) and set(odds) == set(ENDINGS)
    if good:
        numbers = [value for value in odds.values() if isinstance(value, (int, float)) and not isinstance(value, bool)]
        good = len(numbers) == len(ENDINGS) and all(math.isfinite(value) and 0.0 <= value <= 1.0 for value in numbers)
        good = good and abs(sum(numbers) - 1.0) <= 1e-6
    if not good:
        raise SeminarError(
            f"forecast: give each of {', '.join(ENDINGS)} a probability, adding up to 1; given: {odds!r}."
        )
