"""Worlds a seat might be in: states that agree with what it was told, what it cannot know drawn again.

Kept: all that the seat is shown, and the history. Drawn again, each from its distribution given what is public:

- loyalty, signal and latent draw of formations that have not been met: nothing public hangs on them yet, so from
  the prior, and without what a facilitator has told them. The little that scouts told of the line is not used.
- thresholds of the elites: given what was visible, elites move independently, so many are walked through the
  visible history and each takes the threshold of one that stands where it stands.
- how far the other seats misread the odds: from the prior. What they did so far is not used.
- standing orders of others, as far as they are hidden: what each would choose by its doctrine on what it knows as
  the turn opens. (A standing concession of leader or ruler would have ended the crisis; it is read as a halt.)
- all luck to come.

Not drawn again, for want of a distribution short of whole histories: other seats' experience (the Beta counts),
the strength of the line (a number of the setting), details of other seats' orders, an address that was moved.
An exact average would play histories until enough of them show the seat the same briefing; with dozens of shown
numbers next to none would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.classroom.orders import Order, in_state
from sim.classroom.seats import CLASS_SEATS
from sim.engines.rollouts import FRESH, advance, fates, one_step, onward
from sim.model.rules.formations import UNTESTED
from sim.model.rules.society import DEFECTED, HEDGING, LOYAL, SILENT
from sim.model.state import N_FORMATIONS, N_OPTIONS, N_SEATS, Option, Seat

if TYPE_CHECKING:
    from sim.classroom.room import Room, Turn

STREAM = 9101  # of the draws of worlds
STANDING = 1 << 41  # replicates from here on are the luck by which hidden standing orders are drawn
BANK = 4000  # elites that are walked through the visible history
PLACE = {seat: i for i, seat in enumerate(CLASS_SEATS)}


def worlds(room: Room, turn: int, seat: str, n: int) -> np.ndarray:
    """States (n,) in which a turn may have opened as far as `seat` can tell; see the module."""
    at, p = room.turns[turn], room.params(room.turns[turn])
    rng = np.random.default_rng([room.setting.seed, room.replicate, turn, PLACE[seat], STREAM])
    states = np.repeat(at.state.row(), n)
    unmet = [j for j in range(N_FORMATIONS) if at.state.conduct[j] == UNTESTED]
    normal, uniform = rng.standard_normal((2, n, N_FORMATIONS)), rng.random((n, N_FORMATIONS))
    states["signal"][:, unmet] = normal[0][:, unmet]
    states["loyalty"][:, unmet] = (p.loy_mu + p.loy_sd * normal[1])[:, unmet]
    states["latent"][:, unmet] = uniform[:, unmet]
    states["told"][:, unmet] = -1
    others = [one for one in range(N_SEATS) if one not in CLASS_SEATS[seat]]
    read = np.exp(np.array(p.shade) + p.sd_read * rng.standard_normal((n, N_SEATS)))
    states["read"][:, others] = read[:, others]
    _draw_thresholds(states, room, turn, rng)
    _draw_orders(states, room, turn, seat)
    return states


def _draw_orders(states: np.ndarray, room: Room, turn: int, seat: str) -> None:
    """Write standing orders of the seats whose orders are hidden: those they take when all look up at once.

    The kernel plays one step for it, of which only the choices are kept.
    """
    at = room.turns[turn]
    if at.state.ending >= 0:
        return
    row = room.params(at).row()
    row["p_revise"] = 1.0
    shown = {int(Seat.LEADER), *(int(one) for one in CLASS_SEATS[seat])}
    replicate = STANDING + np.arange(len(states))
    after = one_step(states, row, seed=room.setting.seed, replicate=replicate)
    for one in range(N_SEATS):
        if one in shown:
            continue
        chosen = after["option"][:, one]
        if one == Seat.RULER:
            chosen = np.where(chosen == Option.CONCEDE, Option.HOLD, chosen)
        states["option"][:, one] = chosen
        states["chance"][:, one] = after["chance"][:, one]


def _draw_thresholds(states: np.ndarray, room: Room, turn: int, rng: np.random.Generator) -> None:
    threshold, stance = _elites(room, turn, rng)
    standing = states["stance"][0]
    for code in np.unique(standing):
        bank = threshold[stance == code]
        own = np.flatnonzero(standing == code)
        if len(bank):  # an inject may have led where no walked elite stands: then they keep their own
            states["threshold"][:, own] = rng.choice(bank, (len(states), len(own)))


def _elites(room: Room, turn: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Thresholds and stances (BANK,) of elites that saw what was visible before a turn, by `stance_after`."""
    p = room.params(room.turns[turn])
    threshold = p.tau_mu + p.tau_sd * rng.standard_normal(BANK)
    stance = np.full(BANK, SILENT)
    for past in room.turns[:turn]:
        for state, visible in zip(past.states, past.visible, strict=True):
            chance = p.p_attend_after if state.speech else p.p_attend_before
            near = np.where(visible > threshold - p.hedge_gap, HEDGING, SILENT)
            after = np.where(visible <= threshold - p.gap, LOYAL, near)
            after = np.where((stance == DEFECTED) | (visible >= threshold), DEFECTED, after)
            stance = np.where(rng.random(BANK) < chance, after, stance)
    return threshold, stance


def true_odds(room: Room, turn: int | Turn, n: int) -> np.ndarray:
    """Endings (n,) of continuations from the state as it is, everybody free: the odds of one who knows all but luck."""
    at = room.turns[turn] if isinstance(turn, int) else turn
    p = room.params(at).row()
    return fates(at.state.row(), p, seed=room.setting.seed, n=n, script=room.setting.script)[0]


def known_odds(room: Room, turn: int, seat: str, n: int) -> np.ndarray:
    """Endings (n,) from worlds the seat might be in, everybody by the doctrine: the odds of one in that seat."""
    return _played_on(room, turn, seat, worlds(room, turn, seat, n), None)


def by_option(room: Room, turn: int, seat: str, n: int) -> np.ndarray:
    """Endings (4, n) when the seat takes each option for this turn and then all go by doctrine, in the same worlds.

    Details of the order that was given stay with every option. What the other seats ordered in this turn the seat
    could not know: they choose by doctrine.
    """
    found = worlds(room, turn, seat, n)
    given = room.turns[turn].orders.get(seat, Order(Option.HOLD))
    orders = [
        Order(option, given.call, given.terms, given.men, given.offer)
        for option in (Option(j) for j in range(N_OPTIONS))
    ]
    return np.array([_played_on(room, turn, seat, found, order) for order in orders])


def _played_on(room: Room, turn: int, seat: str, states: np.ndarray, order: Order | None) -> np.ndarray:
    """Endings (n,) after one turn under an order of the seat (None: free), then all free."""
    at, seed, script = room.turns[turn], room.setting.seed, room.setting.script
    row, replicate = room.params(at).row(), FRESH + np.arange(len(states))
    states = states.view(f"V{states.dtype.itemsize}").copy().view(states.dtype)  # ten times faster than field by field
    if order is not None:
        for name, value in in_state({seat: order}).items():
            states[name] = value
        advance(states, row, at.state.step + room.steps, seed=seed, replicate=replicate, script=script)
        for name, value in in_state({}).items():
            states[name] = value
    ended = states["ending"].astype(np.int8)
    left = np.flatnonzero(ended < 0)
    if len(left):
        ended[left] = onward(states, row, seed=seed, replicate=replicate[left], of=left, script=script)
    return ended
