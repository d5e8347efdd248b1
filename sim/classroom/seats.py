"""The six seats of the classroom, the seats of the model that each stands for, and who has a line to whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sim.errors import UserError
from sim.model.seats import CHANNEL_OF, NO_CHANNEL
from sim.model.state import OPTIONS, SEATS, Channel, Seat
from sim.scenario import Setting


class SeminarError(UserError):
    """A move, a seat or a journal that the room cannot take; the text says what it can."""


# Classroom seat -> the seats of the model that take its order.
CLASS_SEATS: dict[str, tuple[Seat, ...]] = {
    "leader": (Seat.LEADER,),
    "ruler": (Seat.RULER,),
    "ministry": (Seat.MINISTRY,),
    "guard": (Seat.GUARD,),
    "officials": (Seat.ADMINISTRATION, Seat.COUNCIL, Seat.AMBASSADOR),
    "mediator": (Seat.MEDIATOR,),
}
if untaken := {*Seat} - {one for ones in CLASS_SEATS.values() for one in ones}:
    raise ValueError(
        f"{', '.join(seat.name for seat in untaken)}: no seat of the classroom (CLASS_SEATS) takes its order."
    )
# The channel to the leader that a seat itself speaks through.
OWN_CHANNEL: dict[str, tuple[Channel, ...]] = {
    seat: tuple(dict.fromkeys(Channel(k) for k in (CHANNEL_OF[one] for one in ones) if k != NO_CHANNEL))
    for seat, ones in CLASS_SEATS.items()
} | {"leader": tuple(Channel)}
# Who may write to whom in private: the government among itself, the mediator with those who know him, the leader with
# all who have a channel to him in the model.
LINES: frozenset[frozenset[str]] = frozenset(
    frozenset(pair)
    for pair in (
        ("leader", "ruler"), ("leader", "ministry"), ("leader", "officials"), ("leader", "mediator"),
        ("ruler", "ministry"), ("ruler", "guard"), ("ruler", "officials"), ("ruler", "mediator"),
        ("ministry", "guard"), ("ministry", "officials"), ("guard", "officials"), ("officials", "mediator"),
    )
)  # fmt: skip
# What a seat may say in an order beside its option; `sim.classroom.orders` checks and explains each.
DETAILS: dict[str, tuple[str, ...]] = {
    "leader": ("call", "terms"),
    "ruler": ("call", "terms"),
    "ministry": (),
    "guard": ("men",),
    "officials": (),
    "mediator": ("offer",),
}


class Role(NamedTuple):
    """What a seat is told before the game: who it is, what it wants, what its options do."""

    seat: str
    title: str
    persons: tuple[str, ...]
    aims: tuple[str, ...]
    knows: tuple[str, ...]
    options: Mapping[str, str]


def known(seat: str) -> str:
    """`seat` if it is one of the classroom; SeminarError names those there are."""
    if seat not in CLASS_SEATS:
        raise SeminarError(f"there is no seat {seat!r}; the seats are: {', '.join(CLASS_SEATS)}.")
    return seat


def role(setting: Setting, seat: str) -> Role:
    """The seat in the setting's own words; a seat that stands for several says what each does."""
    labels: list[Mapping[str, Any]] = [setting.seats[SEATS[one]] for one in CLASS_SEATS[known(seat)]]

    def of(key: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(label[key]) for label in labels if label.get(key)))

    options = {
        option: "; ".join(dict.fromkeys(str(label["options"][option]) for label in labels)) for option in OPTIONS
    }
    title = of("title")[0] if len(labels) == 1 else f"Officials ({', '.join(of('title')).lower()})"
    return Role(seat, title, of("person"), of("aims"), of("knows"), options)


def reaches(seat: str) -> tuple[str, ...]:
    """Seats that this one may write to in private."""
    return tuple(other for other in CLASS_SEATS if frozenset((seat, other)) in LINES)


def filled(setting: Setting, seat: str) -> bool:
    """Whether anybody sits there in this setting (`actors.<seat>.present`)."""
    return any(setting.params.present[one] for one in CLASS_SEATS[known(seat)])
