"""What a seat may order for a turn: one of four options, and the details that the rules let it decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.classroom.seats import CLASS_SEATS, DETAILS, SeminarError
from sim.model.params import NAMES, Params
from sim.model.rules.talks import BY_ITEMS
from sim.model.state import CHANNELS, ITEMS, N_SEATS, OPTIONS, Channel, Option

ANY, NONE, FREE = "any", "none", "rules"  # terms: takes any, refuses all, leaves it to the rules
CALLS_OF_LEADER = CHANNELS
YES_NO = ("take", "refuse")


@dataclass(frozen=True)
class Order:
    """A seat's order for one turn.

    option : one of the four
    call : leader, the channel he tries; ruler, `take` or `refuse` the leader's call; None leaves it to the rules
    terms : `rules`, `any`, `none`, or items: for the leader the least he takes, for the ruler the most he gives
    men : guard, thousand men that may have gone forward in all while it advances; None as many as the rules let
    offer : mediator, offers himself instead of waiting to be asked
    """

    option: Option
    call: str | None = None
    terms: str | tuple[str, ...] = FREE
    men: float | None = None
    offer: bool = False


def read_order(seat: str, option: Any, details: Mapping[str, Any]) -> Order:
    """An order from plain data, every part checked; SeminarError says what is allowed."""
    if option not in OPTIONS:
        raise SeminarError(f"{seat}: option {option!r} is none of {', '.join(OPTIONS)}.")
    strange = [key for key in details if key not in DETAILS[seat]]
    if strange:
        allowed = ", ".join(DETAILS[seat]) or "none"
        raise SeminarError(f"{seat}: an order has no detail {strange[0]!r} for this seat; allowed: {allowed}.")
    call, terms, men, offer = (details.get(key) for key in ("call", "terms", "men", "offer"))
    return Order(  # a detail that is null is one left out
        Option[str(option).upper()],
        call=None if call is None else _call(seat, call),
        terms=FREE if terms is None else _terms(seat, terms),
        men=None if men is None else _men(seat, men),
        offer=False if offer is None else _offer(seat, offer),
    )


def _call(seat: str, value: Any) -> str:
    allowed = CALLS_OF_LEADER if seat == "leader" else YES_NO
    if value not in allowed:
        raise SeminarError(f"{seat}: call={value!r} is not allowed; give one of {', '.join(allowed)}, or leave it out.")
    return str(value)


def _terms(seat: str, value: Any) -> str | tuple[str, ...]:
    if value in (ANY, NONE, FREE):
        return str(value)
    items = value.split("+") if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not items or any(item not in ITEMS for item in items):
        raise SeminarError(
            f"{seat}: terms={value!r} is not allowed; give {ANY}, {NONE}, {FREE}, "
            f"or items joined by +: {', '.join(ITEMS)}."
        )
    return tuple(item for item in ITEMS if item in items)


def _men(seat: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value <= 100.0:
        raise SeminarError(f"{seat}: men={value!r} is not allowed; give thousand men from 0 to 100.")
    return float(value)


def _offer(seat: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise SeminarError(f"{seat}: offer={value!r} is not allowed; give true or false.")
    return value


def plain(order: Order) -> dict[str, Any]:
    """The order as plain data that `read_order` takes; parts left to the rules are left out."""
    out: dict[str, Any] = {"option": OPTIONS[order.option]}
    if order.call is not None:
        out["call"] = order.call
    if order.terms != FREE:
        out["terms"] = order.terms if isinstance(order.terms, str) else list(order.terms)
    if order.men is not None:
        out["men"] = order.men
    return out | ({"offer": True} if order.offer else {})


def in_state(orders: Mapping[str, Order]) -> dict[str, Any]:
    """The orders of a turn as the fields of a state that rules read them from; free where nobody orders anything.

    A mediator who has not come in yet consents when he is asked if his order is to carry or to lean, and declines
    if it is to stay out or withdraw. He offers himself if the order says so.
    """
    leader, ruler, guard, mediator = (orders.get(seat) for seat in ("leader", "ruler", "guard", "mediator"))
    ordered = [-1] * N_SEATS
    for seat, order in orders.items():
        for one in CLASS_SEATS[seat]:
            ordered[one] = int(order.option)
    willing = mediator is not None and mediator.option in (Option.ADVANCE, Option.NEGOTIATE)
    return {
        "ordered": ordered,
        "will": [_call_taken(ruler), _terms_taken(leader), _terms_taken(ruler)],
        "tries": -1 if leader is None or leader.call is None else int(Channel[leader.call.upper()]),
        "terms_least": _bits(leader), "terms_most": _bits(ruler),
        "forward_most": -1.0 if guard is None or guard.men is None else guard.men,
        "consent": -1 if mediator is None else int(willing),
        "offers": -1 if mediator is None else int(mediator.offer and willing),
    }  # fmt: skip


def _call_taken(ruler: Order | None) -> int:
    return -1 if ruler is None or ruler.call is None else int(ruler.call == "take")


def _terms_taken(order: Order | None) -> int:
    if order is None:
        return -1
    return {ANY: 1, NONE: 0, FREE: -1}[order.terms] if isinstance(order.terms, str) else BY_ITEMS


def _bits(order: Order | None) -> int:
    """Items named in an order's terms."""
    named = () if order is None or isinstance(order.terms, str) else order.terms
    return sum(1 << i for i, item in enumerate(ITEMS) if item in named)


def with_numbers(p: Params, changes: Mapping[str, float]) -> Params:
    """The same numbers with some changed by field name; nothing is shared that could be written."""
    if not changes:
        return p
    out = Params()
    for name in NAMES:
        setattr(out, name, changes.get(name, getattr(p, name)))
    return out
