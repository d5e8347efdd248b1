"""What each seat is: one line a seat, from which rules, calls, counsel and the order of decision are read.

A seat that is added to `sim.model.state.Seat` needs its line here and its file in conf/actors/; without the line the
import fails and says so. Its place in `Seat` is its address in luck, so new seats stand at the end.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.model.state import Channel, Seat


class Office(NamedTuple):
    """What a seat is to the others.

    turn : place in the order of decision; counsel is heard before the ruler decides
    principal : decides from the hour the column sets out, and by the stage game
    channel : through whom it speaks with the leader; None for the leader himself and for who does not speak with him
    rings : rings the leader when it wants to talk
    counsels : the ruler hears its view of his options, weighed by its influence
    asks : may ask the mediator in
    """

    turn: int
    principal: bool = False
    channel: Channel | None = None
    rings: bool = False
    counsels: bool = False
    asks: bool = False


OFFICES: dict[Seat, Office] = {
    Seat.LEADER: Office(turn=5, principal=True),
    Seat.RULER: Office(turn=6, principal=True, channel=Channel.RULER, asks=True),
    Seat.MINISTRY: Office(turn=0, channel=Channel.DEPUTIES, rings=True, counsels=True, asks=True),
    Seat.GUARD: Office(turn=1, counsels=True, asks=True),
    Seat.ADMINISTRATION: Office(turn=2, channel=Channel.OFFICIALS, rings=True, counsels=True, asks=True),
    Seat.COUNCIL: Office(turn=3, channel=Channel.OFFICIALS, rings=True, counsels=True, asks=True),
    Seat.AMBASSADOR: Office(turn=4, channel=Channel.OFFICIALS, rings=True, counsels=True, asks=True),
    Seat.MEDIATOR: Office(turn=7, channel=Channel.MEDIATOR),
}


def check(offices: dict[Seat, Office]) -> None:
    """ValueError in words where a seat has no office, or two seats have one turn."""
    missing = [seat.name for seat in Seat if seat not in offices]
    if missing:
        raise ValueError(f"{', '.join(missing)}: no line in OFFICES of sim/model/seats.py; say turn, channel, duties.")
    turns = sorted(office.turn for office in offices.values())
    if turns != list(range(len(Seat))):
        raise ValueError(
            f"the turns in OFFICES (sim/model/seats.py) are {turns}; give each seat one of 0 to {len(Seat) - 1}."
        )


check(OFFICES)

NO_CHANNEL = -1
ORDER_OF_DECISION = tuple(int(seat) for seat in sorted(Seat, key=lambda seat: OFFICES[seat].turn))
OBSERVERS = tuple(int(seat) for seat in Seat if not OFFICES[seat].principal)  # see what the ruler sees, each in its way
COUNSELLORS = tuple(int(seat) for seat in Seat if OFFICES[seat].counsels)
CALLERS = tuple(int(seat) for seat in Seat if OFFICES[seat].rings)
ASKERS = tuple(int(seat) for seat in Seat if OFFICES[seat].asks)
OFFICIALS = tuple(int(seat) for seat in Seat if OFFICES[seat].channel == Channel.OFFICIALS)
CHANNEL_OF = tuple(NO_CHANNEL if (channel := OFFICES[seat].channel) is None else int(channel) for seat in Seat)
