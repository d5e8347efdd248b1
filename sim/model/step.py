"""One step of a crisis: the phases in the one order that every engine plays.

`STEP` is that order. The kernel compiles it as one rule (`play_step`); the interpreter walks along it (`walk_step`),
and there whoever stands in for a phase, such as the agents of the readable engine, takes its place by name. A phase
added here is played everywhere. A script, while it rules a step, stands in for calls, talks and the drive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sim.jit import rule
from sim.model.decide import decide as decide_all
from sim.model.decide import obey
from sim.model.params import Params
from sim.model.rules.combat import fight
from sim.model.rules.formations import meet
from sim.model.rules.march import drive, send_forward, strike_from_air
from sim.model.rules.society import attend_all, stir_public, visible_support
from sim.model.rules.turn import arrive, close_turn, open_turn, talk
from sim.model.script import Line, scripted_calls, scripted_deal, scripted_drive
from sim.model.state import N_ROUTE, State

Play = Callable[[State, Params, int, Line], None]


class Phase(NamedTuple):
    """A part of the step: `play` writes the state; where it may end the crisis before the column moves, `stops`."""

    name: str
    play: Play
    stops: bool = False


@rule
def learn(s: State, p: Params, key: int, line: Line) -> None:
    """What every seat knows before it decides."""
    open_turn(s, p, key)


@rule
def take_orders(s: State, p: Params, key: int, line: Line) -> None:
    """Orders of the script and from outside reach the seats that have a say."""
    obey(s, p, line)


@rule
def decide(s: State, p: Params, key: int, line: Line) -> None:
    """The seats without an order decide by their doctrines."""
    decide_all(s, p, key)


@rule
def negotiate(s: State, p: Params, key: int, line: Line) -> None:
    """Calls and talks of the step, or the script's. May write the ending."""
    if line.bound == 1:
        scripted_calls(s, p, line)
        scripted_deal(s, p, line)
    else:
        talk(s, p, key)


@rule
def move(s: State, p: Params, key: int, line: Line) -> None:
    """Strikes, men sent forward, and the column's way. Writes moved, beside what these write."""
    strike_from_air(s, p, key)
    send_forward(s, p)
    if line.bound == 1 and line.km >= 0.0:
        s.moved = 1 if scripted_drive(s, line) else 0
    else:
        s.moved = 1 if drive(s, p) else 0


@rule
def meet_formations(s: State, p: Params, key: int, line: Line) -> None:
    """A column on the move meets the formations that it has come to."""
    if s.moved == 1:
        for j in range(N_ROUTE):
            meet(s, p, key, j)


@rule
def battle(s: State, p: Params, key: int, line: Line) -> None:
    """Towns passed, the closest point, and the fighting."""
    arrive(s, p)
    fight(s, p, key)


@rule
def watch(s: State, p: Params, key: int, line: Line) -> None:
    """What the elites can see. Writes visible."""
    s.visible = visible_support(s, p)


@rule
def attend(s: State, p: Params, key: int, line: Line) -> None:
    """Elites look up, perhaps, and take a stance."""
    attend_all(s, p, key, s.visible)


@rule
def stir(s: State, p: Params, key: int, line: Line) -> None:
    """The public moves: one long chain of sums, which the machine reckons beside the next step's first ones."""
    stir_public(s, p)


@rule
def close(s: State, p: Params, key: int, line: Line) -> None:
    """The elites are weighed, and the clock."""
    close_turn(s, p, key, line.bound)


STEP: tuple[Phase, ...] = (
    Phase("learn", learn),
    Phase("take_orders", take_orders),
    Phase("decide", decide),
    Phase("negotiate", negotiate, stops=True),
    Phase("move", move),
    Phase("meet_formations", meet_formations),
    Phase("battle", battle),
    Phase("watch", watch),
    Phase("attend", attend),
    Phase("stir", stir),
    Phase("close", close),
)


def in_order(phases: tuple[Phase, ...]) -> Play:
    """One rule that plays these phases; the machine copies each into its place, so the chain costs nothing."""
    play, stops = phases[0].play, phases[0].stops
    if len(phases) == 1:
        return play
    rest = in_order(phases[1:])

    @rule
    def go_on(s: State, p: Params, key: int, line: Line) -> None:
        play(s, p, key, line)
        rest(s, p, key, line)

    @rule
    def go_on_if_it_runs(s: State, p: Params, key: int, line: Line) -> None:
        play(s, p, key, line)
        if s.ending < 0:
            rest(s, p, key, line)

    return go_on_if_it_runs if stops else go_on


play_step = in_order(STEP)
NOBODY: Mapping[str, Play] = {}


def walk_step(s: State, p: Params, key: int, line: Line, instead: Mapping[str, Play] = NOBODY) -> None:
    """The same step for the interpreter, with others in the place of the phases named in `instead`."""
    for phase in STEP:
        instead.get(phase.name, phase.play)(s, p, key, line)
        if phase.stops and s.ending >= 0:
            return
