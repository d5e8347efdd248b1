"""A crisis in words: what happened between two states, who did it, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.model.maths import logistic
from sim.model.state import CHANNELS, ITEMS, N_ROUTE, OPTIONS, SEATS, Channel, Conduct, Ending, Seat, State
from sim.stats.outcomes import package_name

if TYPE_CHECKING:
    from sim.scenario import Setting

MEDIATION_IN, MEDIATION_LEFT = 1, 2
MOVED, LEAST_MOVE = 0.05, 0.02  # steps of an elite share that are worth a line, and the least jump over one


class Event(NamedTuple):
    """One line of a story. `seat` is a seat's name, or "field", "public"; `why` may be empty."""

    hour: float
    seat: str
    kind: str
    text: str
    why: str = ""


ENDING_TEXT = {
    Ending.REBELS_WIN: "The state's force or its elites give way: the rebels hold power.",
    Ending.GOVERNMENT_CONCEDES: "The ruler grants the main demand, and it is taken.",
    Ending.NEGOTIATED_EXIT: "The column turns back on agreed terms.",
    Ending.REBELS_COLLAPSE: "The leader stands down without terms.",
    Ending.CRUSHED: "The column breaks in battle.",
    Ending.PROLONGED: "No decision: the crisis goes on.",
}
CONDUCT_TEXT = {
    Conduct.FIGHTS: "resists", Conduct.STANDS_ASIDE: "stands aside", Conduct.JOINS: "joins the column",
    Conduct.PARLEYS: "lets the column pass under parley",
}  # fmt: skip


def clock(hour: float) -> str:
    """Hour of the crisis as Moscow time, 21:00 on 23 June 2023 being hour 0.

    >>> clock(13.5)
    '24 June 10:30'
    """
    minutes = round(21 * 60 + hour * 60)
    day, left = divmod(minutes, 24 * 60)
    return f"{23 + day} June {left // 60:02d}:{left % 60:02d}"


def between(a: State, b: State, setting: Setting) -> Iterator[Event]:
    """Events of the step that led from state `a` to state `b`, in the order of the phases."""
    hour = a.step * setting.params.dt
    yield from _schedule(a, b, hour, setting)
    yield from _orders(a, b, hour, setting)
    yield from _mediator(a, b, hour, setting)
    yield from _calls(a, b, hour, setting)
    yield from _talks(a, b, hour, setting)
    yield from _road(a, b, hour, setting)
    yield from _battle(a, b, hour, setting)
    yield from _elites(a, b, hour)
    if b.ending >= 0:
        yield Event(b.end_h, "field", "ending", ENDING_TEXT[Ending(b.ending)])


def name_of(seat: int, setting: Setting) -> str:
    """Surname of a seat's holder in this setting, or the seat's title."""
    label = setting.seats[SEATS[seat]]
    first = str(label.get("person") or label["title"]).split(" and ")[0]
    return first.split()[-1]


def _schedule(a: State, b: State, hour: float, setting: Setting) -> Iterator[Event]:
    ruler = name_of(Seat.RULER, setting)
    for field, text in (
        ("speech", f"{ruler} speaks of treason on television."),
        ("hq", "The column's rear takes the district headquarters without a fight."),
        ("fled", f"{ruler} is seen to leave the capital."),
        ("offered", f"{ruler} offers in public to talk himself."),
    ):
        if getattr(b, field) and not getattr(a, field):
            yield Event(hour, "ruler" if field != "hq" else "field", "public", text)


def reasons(state: State, seat: int) -> str:
    """Utilities and chances of a seat's four options, as it last weighed them."""
    parts = (
        f"{name} {state.chance[seat][i]:.2f} (worth {state.utility[seat][i]:+.2f})" for i, name in enumerate(OPTIONS)
    )
    return f"believes {state.belief[seat]:.2f} that the rebels prevail; chances: " + ", ".join(parts)


def _orders(a: State, b: State, hour: float, setting: Setting) -> Iterator[Event]:
    for seat in range(len(SEATS)):
        if b.revised[seat] and b.option[seat] != a.option[seat]:
            option = OPTIONS[b.option[seat]]
            meaning = setting.seats[SEATS[seat]]["options"][option]
            scripted = max(b.chance[seat]) == 1.0 and not any(b.utility[seat])
            why = "by the script" if scripted else reasons(b, seat)
            yield Event(hour, SEATS[seat], "order", f"{name_of(seat, setting)}: {option} ({meaning}).", why)


def _calls(a: State, b: State, hour: float, setting: Setting) -> Iterator[Event]:
    other = {0: Seat.RULER, 1: Seat.ADMINISTRATION, 2: Seat.MEDIATOR, 3: Seat.MINISTRY}
    for k in range(len(CHANNELS)):
        if b.called[k]:
            caller = b.caller[k]
            callee = int(other[k]) if caller == Seat.LEADER else int(Seat.LEADER)
            done = "reaches" if b.called[k] == 1 else "calls and is refused by"
            why = f"channel {CHANNELS[k]}, rank {setting.params.status[k]:.2f}, {b.refused[k]} refusals so far"
            who = "A deputy minister" if caller == Seat.MINISTRY else name_of(caller, setting)
            text = f"{who} {done} {name_of(callee, setting)}."
            yield Event(hour, SEATS[caller], "call" if b.called[k] == 1 else "refused", text, why)


def _mediator(a: State, b: State, hour: float, setting: Setting) -> Iterator[Event]:
    mediator = name_of(Seat.MEDIATOR, setting)
    if b.asked >= 0:
        answer = "agrees" if b.mediation == MEDIATION_IN else "declines for now"
        who = "offers himself and" if b.asked == Seat.MEDIATOR else f"is asked by {name_of(b.asked, setting)} and"
        yield Event(hour, "mediator", "asked", f"{mediator} {who} {answer}.")
    if b.mediation == MEDIATION_LEFT and a.mediation != MEDIATION_LEFT:
        yield Event(hour, "mediator", "left", f"{mediator} walks out.")


def _talks(a: State, b: State, hour: float, setting: Setting) -> Iterator[Event]:
    if b.granted:
        answer = "taken" if b.granted == 1 else "turned down in public"
        yield Event(hour, "ruler", "talks", f"The main demand is granted, and {answer}.")
    if not b.round_held:
        return
    where = f"round {b.rounds}, through {CHANNELS[b.channel if b.settled_channel < 0 else b.settled_channel]}"
    if b.settled_channel >= 0:
        granted = package_name(b.package) if b.package >= 0 else f"worth {b.terms:.2f}"
        missing = ", ".join(item for i, item in enumerate(ITEMS) if b.package >= 0 and not b.package >> i & 1)
        text = f"Terms are agreed ({where}): {granted}."
        why = f"worth {b.terms:.2f} to the leader, price {b.price:.2f} to the ruler; not granted: {missing}"
        yield Event(hour, "mediator" if b.settled_channel == Channel.MEDIATOR else "leader", "deal", text, why)
    else:
        why = f"leader's belief {b.belief[Seat.LEADER]:.2f}, ruler's {b.belief[Seat.RULER]:.2f}"
        yield Event(hour, "leader", "talks", f"A {where} fails.", why)


def _road(a: State, b: State, hour: float, setting: Setting) -> Iterator[Event]:
    for j in range(N_ROUTE):
        if b.conduct[j] != a.conduct[j]:
            text = f"Formation {j + 1} at km {b.position[j]:.0f} {CONDUCT_TEXT[Conduct(b.conduct[j])]}."
            yield Event(hour, "field", "formation", text)
    towns = {float(town["road_km"]): str(town["name"]) for town in setting.towns if town.get("node")}
    for n, km in enumerate(setting.params.node_km):
        if b.node_passed[n] and not a.node_passed[n]:
            place = "the start of the road" if n == 0 else towns[km]
            yield Event(hour, "field", "passed", f"The column passes {place} (km {km:.0f}).")
    if b.sorties > a.sorties:
        lost = b.aircraft - a.aircraft
        yield Event(hour, "ministry", "strike", f"Aircraft strike the column; {lost:.1f} aircraft lost on average.")


def _battle(a: State, b: State, hour: float, setting: Setting) -> Iterator[Event]:
    if b.battle > a.battle:
        place = "the line on the Oka" if b.battle == 1 else "the capital"
        known = b.rebels_start > 0.0 or b.defenders_start > 0.0  # some seats are not told who fights with how many
        sides = f": {b.rebels_start:.1f} against {b.defenders_start:.1f} thousand" if known else ""
        yield Event(hour, "field", "battle", f"Battle at {place}{sides}.")
    if a.line_up and not b.line_up:
        yield Event(hour, "field", "battle", "The line breaks; the road to the capital is open.")


def _elites(a: State, b: State, hour: float) -> Iterator[Event]:
    for field, text in (("loyal", "profess loyalty"), ("defected", "have deserted the ruler")):
        before, share = getattr(a, field), getattr(b, field)
        if int(share / MOVED) > int(before / MOVED) and share - before > LEAST_MOVE:
            why = f"public odds of the rebels {logistic(b.log_odds):.2f}"
            yield Event(hour, "public", field, f"{share:.0%} of the elites {text}.", why)


def weeks_after(state: State, setting: Setting) -> Iterator[tuple[int, str]]:
    """What became of the deal and of the minister, as (week, text), in order."""
    out: list[tuple[int, str]] = []
    if state.breach_week >= 0:
        out.append((state.breach_week + 1, "the leader's safety is broken"))
    for i, item in enumerate(ITEMS):
        if state.clause_week[i] >= 0:
            out.append(
                (state.clause_week[i] + 1, "the exile is relaxed" if item == "stay" else f"the clause on {item} erodes")
            )
    if state.minister_week >= 0:
        out.append((state.minister_week + 1, "the minister goes, by the ruler's own choice"))
    yield from sorted(out)


def as_dict(event: Event) -> dict[str, Any]:
    """The event as plain data for figures and files."""
    return event._asdict()
