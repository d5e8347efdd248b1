"""What a seat may order for a turn: one of four options, and the details that the rules let it decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.params import NAMES, Params
from sim.seminar.seats import DETAILS, SeminarError
from sim.state import CHANNELS, ITEMS, OPTIONS, Channel, Option

WILLING = 1e6  # stake: enough that the mediator's readiness is certain, either way
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


def accepts(terms: str | tuple[str, ...], seat: str, package: int, demand_granted: bool) -> int:
    """Answer to terms on the table as `will` has it: 1 yes, 0 no, -1 as the rules draw it.

    Parameters
    ----------
    package : items put forward, as bits; -2 for terms without items
    demand_granted : the ruler grants the main demand by himself: taken unless all is refused
    """
    if isinstance(terms, str):
        return {ANY: 1, NONE: 0}.get(terms, -1)
    if demand_granted:
        return 1
    if package < 0:
        return -1
    put, named = {item for i, item in enumerate(ITEMS) if package >> i & 1}, set(terms)
    return int(named <= put if seat == "leader" else put <= named)


def numbers(p: Params, orders: Mapping[str, Order]) -> Params:
    """The numbers that calls and movements of this turn go by; `p` itself where no order touches any.

    A mediator who has not come in yet consents when he is asked if his order is to carry or to lean, and declines
    if it is to stay out or withdraw. He offers himself if the order says so.
    """
    mediator, guard = orders.get("mediator"), orders.get("guard")
    changes: dict[str, float] = {}
    if mediator is not None:
        willing = mediator.option in (Option.ADVANCE, Option.NEGOTIATE)
        changes = {"rel": WILLING if willing else -WILLING, "p_offer": 1.0 if mediator.offer and willing else 0.0}
    if guard is not None and guard.men is not None:
        changes["fwd_max"] = min(p.fwd_max, guard.men)
    return with_numbers(p, changes)


def with_numbers(p: Params, changes: Mapping[str, float]) -> Params:
    """The same numbers with some changed by field name; nothing is shared that could be written."""
    if not changes:
        return p
    out = Params()
    for name in NAMES:
        setattr(out, name, changes.get(name, getattr(p, name)))
    return out


def channel_of(order: Order | None) -> Channel | None:
    """The channel the leader has ordered to try."""
    return None if order is None or order.call is None else Channel[order.call.upper()]
