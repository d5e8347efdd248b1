"""A crisis seen from each of its moments: endings of its continuations, its events, and what its seats decided.

A course is that of one run, or that of 23-24 June itself: the script of history, played by
as many replicates as there are continuations, each set free by its own luck.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sim.engines.rollouts import FRESH, fates, onward, opening, walk, what_if
from sim.engines.rollouts import courses as paths_of
from sim.model.decide import has_say
from sim.model.doctrines import respond
from sim.model.luck import run_key
from sim.model.rules.appraise import weigh
from sim.model.rules.turn import open_turn
from sim.model.script import NO_SCRIPT, Script, line_at
from sim.model.state import N_OPTIONS, N_SEATS, OPTIONS, SEATS, State
from sim.scenario import Setting, script_of, timeline
from sim.story.narrative import Event, between
from sim.story.tension import in_common

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TELLERS = 25  # replicates of history whose common events are told
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Decision:
    """A seat that decided in a step: what it chose, with what chances, and whether the choice was its own to make."""

    step: int
    seat: int
    option: int
    chance: tuple[float, ...]  # of each option as the seat weighed them; nan where it had no say
    allowed: bool


@dataclass(frozen=True)
class Course:
    """A crisis from `moments` (k,) on, in steps; the last is its ending.

    `fates` (k, n): ending of each continuation; `km` (k,): where the column stood;
    `events` (k - 1): what happened up to the next moment; `decided`: endings (4, m) had each
    decision's seat been ordered to each option.
    """

    moments: np.ndarray
    fates: np.ndarray
    km: np.ndarray
    events: list[list[Event]]
    ending: int
    decided: list[tuple[Decision, np.ndarray]]


def happened(states: Sequence[State], of: Setting) -> list[Event]:
    """What happened from the first of some states to the last, the scouts' coming within reach of the line included."""
    out: list[Event] = []
    reach = of.params.D_line + of.params.d_int
    for a, b in pairwise(states):
        if a.ending >= 0:
            break
        out += between(a, b, of)
        if b.line_up == 1 and b.km < reach <= a.km:
            text = f"The line comes within {of.params.d_int:.0f} km: from now on scouts report on it."
            out.append(Event(a.step * of.params.dt, "field", "scouts", text))
    return out


def decisions(states: Sequence[State], script: Script = NO_SCRIPT) -> list[Decision]:
    """Each seat that weighed its options in a step, by step and seat; what a script ordered is no decision."""
    found = []
    for a, b in pairwise(states):
        ordered = line_at(script, a.step).option
        found += [
            Decision(a.step, seat, _picked(b, seat), tuple(b.chance[seat]), True)
            for seat in range(N_SEATS)
            if b.revised[seat] == 1 and ordered[seat] < 0
        ]
    return found


def _picked(after: State, seat: int) -> int:
    """What a seat chose; a concession turned down in public has already been put back to hold."""
    return OPTIONS.index("concede") if after.granted == 2 and seat == SEATS.index("ruler") else after.option[seat]


def of_run(of: Setting, replicate: int, *, every: int, n: int, m: int, progress: Progress) -> Course:
    """The course of one run: n continuations by fresh luck from every `every`-th step, m for each order."""
    row, script = of.params.row(), of.script
    states = paths_of(of.params, seed=of.seed, replicate=np.array([replicate]), script=script)[:, 0]
    told = [State.of_row(state) for state in states]
    moments = np.array([*range(0, len(states) - 1, every), len(states) - 1])
    ended = []
    for i in moments[:-1]:
        ended.append(fates(states[i : i + 1], row, seed=of.seed, n=n, script=script)[0])
        progress(n)
    ended.append(np.full(n, states["ending"][-1], np.int8))
    events = [happened(told[i : j + 1], of) for i, j in pairwise(moments)]
    decided = []
    for decision in decisions(told, script) if m else []:
        start, luck = np.full(m, decision.step), FRESH + np.arange(m)
        decided.append(
            (
                decision,
                what_if(
                    states, row, step=decision.step, seat=decision.seat, seed=of.seed, replicate=luck, of=start,
                    script=script,
                ),
            )
        )  # fmt: skip
        progress(N_OPTIONS * m)
    return Course(moments, np.array(ended), states["km"][moments], events, int(states["ending"][-1]), decided)


def history_script(of: Setting) -> Script:
    """The timeline of 23-24 June, ruling to its end."""
    return timeline(replace(of.settings, release_at_h=of.params.horizon_h), of.params)


def moves_of(of: Setting) -> dict[int, list[Mapping[str, object]]]:
    """Moves of the timeline by step, each seat's own, where the seat is filled."""
    found: dict[int, list[Mapping[str, object]]] = {}
    for number, seat in enumerate(SEATS):
        for move in script_of(of.settings, seat)["moves"]:
            if str(move["seat"]) == seat and of.params.present[number]:
                found.setdefault(round(float(move["hour"]) / of.params.dt), []).append(move)
    return found


def planned(of: Setting, replicate: int | None, *, every: int, n: int, m: int) -> int:
    """Continuations that a course takes, for the progress bar; `replicate` None: history's."""
    script = of.script if replicate is not None else history_script(of)
    states = paths_of(of.params, seed=of.seed, replicate=np.array([replicate or 0]), script=script)[:, 0]
    moments = -(-(len(states) - 1) // every) + (1 if replicate is None else 0)
    told = [State.of_row(state) for state in states]
    decided = len(decisions(told, script)) if replicate is not None else sum(map(len, moves_of(of).values()))
    return moments * n + decided * N_OPTIONS * m


def of_history(of: Setting, *, every: int, n: int, m: int, progress: Progress) -> Course:
    """The course of history: replicate j plays the script to the moment and goes on, free, by its own luck.

    From each moment this is what `rubicon run release_at_h=...` plays. The odds so average over
    all that history leaves open: dispositions, formations met, elites.
    """
    row, replicate, moves = of.params.row(), np.arange(n), moves_of(of)
    moments, ended, km, decided = [], [], [], []
    begun = opening(row, seed=of.seed, replicate=replicate[:TELLERS])
    tellers = [[State.of_row(state)] for state in begun]
    for step, states in _moments(row, of, replicate):
        done = states is not None and bool((states["ending"] >= 0).all())
        if step % every == 0 or done:
            moments.append(step)
            ended.append(onward(states, row, seed=of.seed, replicate=replicate))
            km.append(of.params.D0 if states is None else float(np.median(states["km"])))
            progress(n)
        if states is not None:
            for j, teller in enumerate(tellers):
                teller.append(State.of_row(states[j]))
        for move in moves.get(step, []) if m and not done else []:
            decision = _scripted(tellers, of, step, move)
            start = None if states is None else states[:m]
            luck = np.arange(min(m, n))
            decided.append((decision, what_if(start, row, step=step, seat=decision.seat, seed=of.seed, replicate=luck)))
            progress(N_OPTIONS * m)
    events = [_shared(tellers, of, i, j) for i, j in pairwise(moments)]
    final = int(np.bincount(ended[-1]).argmax())
    return Course(np.array(moments), np.array(ended), np.array(km), events, final, decided)


def _moments(row: np.ndarray, of: Setting, replicate: np.ndarray) -> Iterator[tuple[int, np.ndarray | None]]:
    """(step, states as it begins) of history; None is the first public defiance."""
    yield 0, None
    yield from enumerate(walk(row, seed=of.seed, replicate=replicate, script=history_script(of)), 1)


def _scripted(tellers: Sequence[Sequence[State]], of: Setting, step: int, move: Mapping[str, object]) -> Decision:
    """A move of history as a decision; its chances are what the model's seat would have given the options then."""
    seat, option = SEATS.index(str(move["seat"])), OPTIONS.index(str(move["option"]))
    allowed = bool(has_say(tellers[0][-1], of.params, seat))
    weighed = [_weighed(states[-1], of, j, seat) for j, states in enumerate(tellers)]
    chance = tuple(np.mean(weighed, axis=0).tolist()) if allowed else (float("nan"),) * N_OPTIONS
    return Decision(step, seat, option, chance, allowed)


def _weighed(state: State, of: Setting, replicate: int, seat: int) -> list[float]:
    """Chances that a seat would give its options in this state, were it to look up now."""
    s, p = state.copy(), of.params
    open_turn(s, p, run_key(of.seed, replicate))
    weigh(seat, s, p)
    respond(p.doctrine[seat], s.utility[seat], p.precision[seat], p.aspiration[seat], s.option[seat], s.chance[seat])
    return list(s.chance[seat])


def _shared(tellers: Sequence[Sequence[State]], of: Setting, start: int, end: int) -> list[Event]:
    """What happened in most replicates of history between two steps, with what is known of each move and call."""
    stories = [happened(states[start : end + 1], of) for states in tellers]
    notes = _notes(of)
    return [event._replace(why=notes.get((event.hour, event.seat), "")) for event in in_common(stories)]


def _notes(of: Setting) -> dict[tuple[float, str], str]:
    """(hour, seat) -> what the timeline's file says of a move or call, with its source."""
    dt, found = of.params.dt, {}
    world = script_of(of.settings, SEATS[0])
    for entry, seat in [
        *((move, str(move["seat"])) for moves in moves_of(of).values() for move in moves),
        *((call, str(call["from"])) for call in world.get("calls", [])),
    ]:
        hour = round(float(str(entry["hour"])) / dt) * dt
        found[hour, seat] = f"{entry.get('note', '')} ({entry.get('source', 'no source')})"
    return found
