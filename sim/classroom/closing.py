"""What a turn closes with: votes as orders, forecasts as the team's, and what is planned for the next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sim.classroom.desk import SHOWN, At, Book
from sim.classroom.room import Room
from sim.classroom.seats import CLASS_SEATS
from sim.classroom.teams import CHAIR, decided, pooled


def gathered(book: Book, at: At, seats: Collection[str]) -> dict[str, Any]:
    """The body of the move that closes a turn, whole or not: orders, forecasts, whose they are, what was shown."""
    orders, forecasts, chaired = {}, {}, []
    for seat in [one for one in CLASS_SEATS if one in seats]:
        ballot = decided(book.votes_of(at, seat), book.rule, book.captain(seat))
        if ballot is not None:
            orders[seat] = {"option": ballot.option, **ballot.details}
            chaired += [seat] if ballot.member == CHAIR else []
        odds = pooled(book.odds_of(at, seat))
        if odds is not None:
            forecasts[seat] = odds
    shown = [where for where in SHOWN if book.shows.get(where)]
    return {"orders": orders, "forecasts": forecasts, "chaired": chaired, "shown": shown}


def due(injects: Iterable[Mapping[str, Any]], room: Room) -> Iterator[tuple[float, dict[str, Any]]]:
    """Hour and body of what is planned for the open turn and was not thrown into it on this line of play."""
    for body in injects:
        told = {key: value for key, value in body.items() if key != "at_h"}
        here = room.hour <= float(body["at_h"]) < room.hour + room.turn_h and not room.over
        if here and told not in [dict(note.body) for note in room.now.notes]:
            yield body["at_h"], told
