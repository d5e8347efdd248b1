"""The readable engine: the same crisis as a Mesa model, one agent for every seat, formation and elite.

Agents hold no numbers of their own: each is a view on its part of the crisis's `State`
and calls the same rules as the kernel, so both engines give the same bits. Luck comes
from `sim.model.luck` by address, never from Mesa's generator.

>>> from sim import crisis
>>> one = crisis("scenario=historical", seed=1, replicate=3)
>>> while one.running:
...     one.step()
>>> one.ending is not None
True
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import mesa

from sim.model.decide import consider, has_say, obey
from sim.model.luck import run_key
from sim.model.maths import logistic
from sim.model.rules.aftermath import aftermath
from sim.model.rules.calls import TAKE_CALL
from sim.model.rules.formations import meet
from sim.model.rules.setup import begin
from sim.model.rules.society import attend, take_stance
from sim.model.rules.talks import GIVE_TERMS, TAKE_TERMS
from sim.model.script import NO_SCRIPT, Line, Script, line_at, order
from sim.model.seats import ORDER_OF_DECISION
from sim.model.state import N_ELITES, N_FORMATIONS, N_ROUTE, Conduct, Ending, Option, Seat, Stance, State
from sim.model.step import walk_step
from sim.scenario import fresh_seed

if TYPE_CHECKING:
    from sim.model.params import Params

# What decides for an agent from outside: it is handed the agent and answers, or says None to leave it to the rules.
Decider = Callable[["Principal"], "Option | None"]
FormationDecider = Callable[["Formation"], "Conduct | None"]
EliteDecider = Callable[["Elite"], "Stance | None"]


class Principal(mesa.Agent):
    """One of the eight named seats. Assign `decider` to let a person, a script or other code play it."""

    model: Crisis

    def __init__(self, model: Crisis, seat: Seat) -> None:
        super().__init__(model)
        self.seat = seat
        self.decider: Decider | None = None

    @property
    def option(self) -> Option:
        """Standing order."""
        return Option(self.model.state.option[self.seat])

    @property
    def belief(self) -> float:
        """Chance that the rebels prevail, as this seat sees it."""
        return float(self.model.state.belief[self.seat])

    @property
    def chances(self) -> list[float]:
        """Chance of each option when the seat last weighed them."""
        return list(self.model.state.chance[self.seat])

    def answer(self, *, call: bool | None = None, terms: bool | None = None) -> None:
        """Fix this seat's answers until told otherwise: to the leader's call (ruler), to terms (leader, ruler).

        None leaves an answer to the rules. A seat that is not asked ignores it.
        """
        will = self.model.state.will
        if self.seat == Seat.RULER:
            will[TAKE_CALL], will[GIVE_TERMS] = _flag(call), _flag(terms)
        elif self.seat == Seat.LEADER:
            will[TAKE_TERMS] = _flag(terms)

    def step(self) -> None:
        """Decide, unless the script has: by the decider if there is one, else by the doctrine."""
        s, p = self.model.state, self.model.params
        if s.revised[self.seat] == 1 or not has_say(s, p, self.seat):
            return
        choice = self.decider(self) if self.decider is not None else None
        if choice is None:
            consider(s, p, self.model.key, self.seat)
        else:
            order(s, self.seat, int(Option(choice)))


class Formation(mesa.Agent):
    """A formation of the state: on the route, at the Oka line or in the capital; `decider` may command it."""

    model: Crisis

    def __init__(self, model: Crisis, number: int) -> None:
        super().__init__(model)
        self.number = number
        self.decider: FormationDecider | None = None

    def listen(self) -> None:
        """Take the decider's word, which holds when the column comes or the battle opens."""
        if self.decider is not None:
            choice = self.decider(self)
            self.model.state.told[self.number] = -1 if choice is None else int(Conduct(choice))

    @property
    def conduct(self) -> Conduct:
        """What it did when the column came."""
        return Conduct(self.model.state.conduct[self.number])

    @property
    def position(self) -> float:
        """Road km from the capital."""
        return float(self.model.state.position[self.number])

    def step(self) -> None:
        """Meet the column if it has come this far (those of line and capital decide as a battle opens)."""
        if self.number < N_ROUTE:
            meet(self.model.state, self.model.params, self.model.key, self.number)


class Elite(mesa.Agent):
    """A governor, party head or owner, who watches and takes a stance in public; `decider` may speak for it."""

    model: Crisis

    def __init__(self, model: Crisis, number: int) -> None:
        super().__init__(model)
        self.number = number
        self.decider: EliteDecider | None = None

    @property
    def stance(self) -> Stance:
        """Where it stands in public."""
        return Stance(self.model.state.stance[self.number])

    def step(self) -> None:
        """Take the stance that the decider gives, else look up, perhaps, and take one on what is visible."""
        model = self.model
        choice = self.decider(self) if self.decider is not None else None
        if choice is None:
            attend(model.state, model.params, model.key, self.number, model.state.visible)
        else:
            take_stance(model.state, self.number, int(Stance(choice)))


class Crisis(mesa.Model):
    """One crisis, step by step (dt hours each); `state` holds everything, agents are views on it.

    Parameters
    ----------
    params, script : the numbers and the timeline of a setting, see `sim.crisis`
    seed, replicate : address of the crisis's luck; `None` draws a fresh seed, 0 is a seed
    state : go on from this state instead of from the first public defiance
    """

    running: bool

    def __init__(
        self, params: Params, script: Script = NO_SCRIPT, *, seed: int | None = None, replicate: int = 0,
        state: State | None = None, rng: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(rng=replicate if rng is None else rng)
        self.params = params
        self.script = script
        self.luck_seed = fresh_seed() if seed is None else seed
        self.replicate = replicate
        self.key = run_key(self.luck_seed, replicate)
        self.state = state.copy() if state is not None else State()
        if state is None:
            begin(self.state, params, self.key)
        self.principals = [Principal(self, Seat(i)) for i in range(len(Seat))]
        self.formations = [Formation(self, j) for j in range(N_FORMATIONS)]
        self.elites = [Elite(self, i) for i in range(N_ELITES)]
        self._agents_in = {
            "take_orders": self._take_orders, "decide": self._decide, "meet_formations": self._meet_formations,
            "attend": self._attend,
        }  # fmt: skip
        self.running = self.state.ending < 0
        self.datacollector = mesa.DataCollector(
            model_reporters={
                "hour": "hour",
                "km": lambda m: m.state.km,
                "public": lambda m: logistic(m.state.log_odds),
                "belief_leader": lambda m: m.state.belief[Seat.LEADER],
                "belief_ruler": lambda m: m.state.belief[Seat.RULER],
                "leader": lambda m: m.principals[Seat.LEADER].option.name.lower(),
                "ruler": lambda m: m.principals[Seat.RULER].option.name.lower(),
            }
        )

    @property
    def hour(self) -> float:
        """Hours since the first public defiance."""
        return self.state.end_h if self.state.ending >= 0 else self.state.step * self.params.dt

    @property
    def ending(self) -> Ending | None:
        """How it ended; None while it goes on."""
        return Ending(self.state.ending) if self.state.ending >= 0 else None

    def step(self) -> None:
        """One step, in the order of `sim.model.step.STEP`; the last one adds the weeks after."""
        if not self.running:
            return
        walk_step(self.state, self.params, self.key, line_at(self.script, self.state.step), self._agents_in)
        self.running = self.state.ending < 0
        if not self.running:
            aftermath(self.state, self.params, self.key)
        self.datacollector.collect(self)

    def _take_orders(self, s: State, p: Params, key: int, line: Line) -> None:
        for formation in self.formations:
            formation.listen()
        obey(s, p, line)

    def _decide(self, s: State, p: Params, key: int, line: Line) -> None:
        for seat in ORDER_OF_DECISION:
            self.principals[seat].step()

    def _meet_formations(self, s: State, p: Params, key: int, line: Line) -> None:
        if s.moved == 1:
            for formation in self.formations:
                formation.step()

    def _attend(self, s: State, p: Params, key: int, line: Line) -> None:
        for elite in self.elites:
            elite.step()

    def run(self) -> Ending:
        """Play to the end, aftermath included."""
        while self.running:
            self.step()
        return Ending(self.state.ending)


def _flag(wish: bool | None) -> int:
    return -1 if wish is None else int(wish)


def play_one(params: Params, script: Script, seed: int, replicate: int) -> State:
    """State after one whole crisis on this engine."""
    crisis = Crisis(params, script, seed=seed, replicate=replicate)
    crisis.run()
    crisis.remove_all_agents()
    # Mesa 3.3 counts agents in a table that keeps every model alive; 3.5 has no such table.
    getattr(mesa.Agent, "_ids", {}).pop(crisis, None)
    return crisis.state
