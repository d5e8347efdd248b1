"""Revealing one private fact to one actor at an hour: which fields of a state or its numbers hold what he knows.

`FACTS` says who can be told what. An actor who knows a fact already, or whose choices the model does not let depend
on it, is left as he is: no byte changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from sim.model.luck import run_key
from sim.model.params import Params
from sim.model.rules.calls import take_call_chance
from sim.model.rules.formations import would_fight
from sim.model.rules.turn import open_turn
from sim.model.state import N_FORMATIONS, N_ROUTE, SEATS, Channel, Conduct, Seat, State

LEADER, RULER = int(Seat.LEADER), int(Seat.RULER)
SURE = 0.02  # a told share of formations stays this far from none and all, so that later evidence can still count
NOTHING = 1e-9  # observations below which there is no evidence to tell
SAME = 1e-12  # a mean that is nearer than this to what is told is known
Row = Any  # one record of `params_type()`


class Told(NamedTuple):
    """What a disclosure needs to know: the state with its step opened, and the numbers of the world."""

    opened: State
    p: Params


Reveal = Callable[[Any, Row, int, Told], None]


class Fact(NamedTuple):
    """A private fact: what it is, whom it can be told, and where the model holds that knowledge."""

    about: str
    to: tuple[str, ...]
    held: str
    reveal: Reveal


def _line(s: Any, row: Row, seat: int, told: Told) -> None:
    """The line's strength on arrival, in place of the leader's prior; at the line he sees it himself."""
    o = told.opened
    if o.line_up == 1 and o.battle == 0 and o.km > told.p.D_line:
        row["L_prior"] = o.line_ahead


def _formations(s: Any, row: Row, seat: int, told: Told) -> None:
    """Which formations of line and capital would fight as things stand: his mean becomes theirs, held no firmer.

    More weight would be a disclosure of its own: it makes him deaf to what comes later, even where he is told nothing.
    """
    o, p = told.opened, told.p
    ahead = [j for j in range(N_ROUTE, N_FORMATIONS) if o.conduct[j] == Conduct.UNTESTED]
    if not ahead:
        return
    share = sum(would_fight(j, p.cf_line, o, p) for j in ahead) / len(ahead)
    share = min(max(share, SURE), 1.0 - SURE)
    side = "leader" if seat == LEADER else "ruler"
    held = float(s[f"fights_{side}"] + s[f"yields_{side}"])
    if abs(float(s[f"fights_{side}"]) / held - share) > SAME:
        s[f"fights_{side}"], s[f"yields_{side}"] = held * share, held * (1.0 - share)


def _evidence(s: Any, row: Row, seat: int, told: Told) -> None:
    """What the other principal has learnt of formations beyond his prior and what both saw on the road."""
    p, route = told.p, [int(conduct) for conduct in s["conduct"][:N_ROUTE]]
    fought = route.count(Conduct.FIGHTS)
    met = len(route) - route.count(Conduct.UNTESTED)
    mine, other = ("leader", "ruler") if seat == LEADER else ("ruler", "leader")
    prior = (p.aR, p.bR) if other == "leader" else (p.aG, p.bG)
    for kind, first, seen in (("fights", prior[0], fought), ("yields", prior[1], met - fought)):
        extra = float(s[f"{kind}_{other}"]) - first - p.w_route * seen
        if extra > NOTHING:
            s[f"{kind}_{mine}"] += extra


def _answer(s: Any, row: Row, seat: int, told: Told) -> None:
    """The chance that the ruler would take his call now; once on the line he knows."""
    o = told.opened
    if o.linked[int(Channel.RULER)] == 1 or o.offered == 1:
        return
    chance = take_call_chance(o, told.p)
    refused = float(o.refused[int(Channel.RULER)])
    held = float(row["ans_a"] + row["ans_b"]) + refused
    if 0.0 < chance < 1.0 and abs(float(row["ans_a"]) / held - chance) > SAME:
        misses = max(held * (1.0 - chance), refused)  # what he has been refused stays refused
        row["ans_a"], row["ans_b"] = misses * chance / (1.0 - chance), misses - refused


def _reading(s: Any, row: Row, seat: int, told: Told) -> None:
    """The odds as the ruler has them, in place of the seat's own misreading."""
    s["read"][seat] = 1.0


def _reservations(s: Any, row: Row, seat: int, told: Told) -> None:
    """Both reservation values without error."""
    row["sd_x"] = 0.0


SEATS_THAT_MISREAD = SEATS[2:]
FACTS: Mapping[str, Fact] = {
    "line_strength": Fact("how strong the line will be on arrival", ("leader",), "numbers: L_prior", _line),
    "formations": Fact("which formations ahead would fight", ("leader", "ruler"),
                       "fights_leader, yields_leader; fights_ruler, yields_ruler", _formations),
    "other_evidence": Fact("what the other principal has learnt", ("leader", "ruler"),
                           "fights_leader, yields_leader; fights_ruler, yields_ruler", _evidence),
    "rulers_answer": Fact("whether the ruler would take the call", ("leader",), "numbers: ans_a, ans_b", _answer),
    "rulers_odds": Fact("the odds as the ruler has them", SEATS_THAT_MISREAD, "read", _reading),
    "reservations": Fact("what each principal would settle for", ("mediator",), "numbers: sd_x", _reservations),
}  # fmt: skip


def reveal(
    fact: str, actor: str, states: np.ndarray, rows: np.ndarray, p: Params, *, seed: int, replicate: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Copies of states (n,) and their numbers (n,) in which one actor has been told one fact.

    Parameters
    ----------
    states : running crises as a step begins, of `replicate` (n,)
    rows : their numbers, one row each, which may hold what was told before; `p` are the numbers of the world
    """
    states, rows, seat = states.copy(), rows.copy(), SEATS.index(actor)
    if actor not in FACTS[fact].to or p.present[seat] == 0.0:
        return states, rows
    for i in range(len(states)):
        opened = State.of_row(states[i])
        open_turn(opened, p, run_key(seed, int(replicate[i])))
        FACTS[fact].reveal(states[i], rows[i], seat, Told(opened, p))
    return states, rows
