"""A room: one crisis played turn by turn by people in some seats and doctrines in the others.

A room is a function of (setting, replicate, turn length, open seats, moves): the same moves in
the same order give the same states bit for bit. `check` says whether a move can be taken and
changes nothing; `apply` takes it. A move meant for another turn than the present one is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.classroom.briefing import Briefing, briefing, news
from sim.classroom.injects import apply_inject, read_inject
from sim.classroom.moves import Move
from sim.classroom.orders import Order, plain, read_order, with_numbers
from sim.classroom.seats import CLASS_SEATS, SeminarError, filled, known
from sim.classroom.steps import play_turn
from sim.model.luck import run_key
from sim.model.params import Params
from sim.model.rules.setup import begin
from sim.model.state import Seat, State
from sim.scenario import Setting
from sim.story.narrative import Event

BRANCH_LUCK = 1 << 50  # replicates from here on are the luck of branches that ask for a fresh one


@dataclass
class Turn:
    """One turn: the state it opened with (injects written in), what was ordered and said, and the steps it came to.

    luck : replicate whose luck the turn has; changes : numbers changed by injects so far, by field name
    chaired : seats whose order was the facilitator's; shown : where odds of the true state were shown meanwhile
    """

    number: int
    state: State
    luck: int
    changes: Mapping[str, float] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    forecasts: dict[str, Mapping[str, float]] = field(default_factory=dict)
    notes: list[Move] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    visible: list[float] = field(default_factory=list)
    chaired: set[str] = field(default_factory=set)
    shown: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.opening = (self.state, self.changes)

    def opened(self) -> Turn:
        """The turn as it opened, without what has been thrown into it since."""
        return Turn(self.number, self.opening[0], self.luck, self.opening[1])


class Room:
    """See the module; `turns` is the line of play that stands, `left` holds the lines that were branched away from."""

    def __init__(
        self, setting: Setting, *, replicate: int = 0, turn_h: float = 1.0, seats: Iterable[str] = CLASS_SEATS
    ) -> None:
        self.setting = setting.at(replicate)
        self.replicate = replicate
        self.turn_h = turn_h
        self.steps = _steps(turn_h, self.setting.params)
        self.open = {known(seat) for seat in seats}
        for seat in sorted(self.open):
            if not filled(self.setting, seat):
                raise SeminarError(f"nobody sits in the seat {seat!r} in {setting.name}; leave it out.")
        state = State()
        begin(state, self.setting.params, run_key(setting.seed, replicate))
        self.turns = [Turn(0, state, replicate)]
        self.left: list[list[Turn]] = []
        self.fresh = 0
        self._take = {
            "order": self._order, "forecast": self._forecast, "inject": self._inject, "resolve": self._resolve,
            "branch": self._branch, "seat": self._seat, "statement": self._note, "message": self._note,
        }  # fmt: skip

    # what it is

    @property
    def now(self) -> Turn:
        """The turn that is open, or the one after the ending."""
        return self.turns[-1]

    @property
    def over(self) -> bool:
        """Whether the crisis has ended on this line of play."""
        return self.now.state.ending >= 0

    @property
    def hour(self) -> float:
        """Hour of the crisis at the start of the open turn."""
        return float(self.now.state.end_h if self.over else self.now.state.step * self.setting.params.dt)

    def params(self, turn: Turn | None = None) -> Params:
        """The numbers that a turn is played by, injects included."""
        return with_numbers(self.setting.params, (turn or self.now).changes)

    def missing(self) -> list[str]:
        """Open seats that have not ordered yet: who is missing, not what the others chose."""
        return [seat for seat in CLASS_SEATS if seat in self.open and seat not in self.now.orders]

    def has_say(self, seat: str, state: State | None = None) -> bool:
        """Whether an order of this seat can take effect in the open turn.

        Leader and ruler decide once the column sets out; the mediator before he has come in consents or declines.
        """
        s, p = state or self.now.state, self.setting.params
        if s.ending >= 0 or not filled(self.setting, seat):
            return False
        if seat in ("leader", "ruler"):
            return (s.step + self.steps - 1) * p.dt >= p.t_start
        if seat == "mediator":
            return p.with_mediation != 0.0 and s.mediation != 2
        return True

    def briefing(self, seat: str, turn: int | None = None) -> Briefing:
        """What a seat may know as a turn opens, by default the present one."""
        return briefing(self.turns[-1 if turn is None else turn].state, self.setting, seat)

    def news(self, seat: str) -> list[Event]:
        """What a seat saw of the last turn."""
        return news(self.path(len(self.turns) - 2), self.setting, seat) if len(self.turns) > 1 else []

    def said(self, seat: str) -> list[Move]:
        """Statements so far, and the messages that this seat sent or got, oldest first."""
        notes = [note for turn in self.turns for note in turn.notes]
        return [
            note for note in notes
            if note.kind == "statement" or (note.kind == "message" and seat in (note.body["seat"], note.body["to"]))
        ]  # fmt: skip

    def path(self, turn: int) -> list[State]:
        """The state a resolved turn opened with and those after each of its steps."""
        return [self.turns[turn].state, *self.turns[turn].states]

    def states(self) -> list[State]:
        """The state each turn of the standing line opened with, the last one included."""
        return [turn.state for turn in self.turns]

    # what it takes

    def check(self, move: Move) -> None:
        """SeminarError if the move cannot be taken now; nothing is changed."""
        if move.kind == "branch":
            if move.turn >= len(self.turns):
                raise SeminarError(f"there is no turn {move.turn} to go back to; the room is in {self.now.number}.")
            return
        if move.turn != self.now.number:
            raise SeminarError(f"this move is for turn {move.turn}; the room is in turn {self.now.number}.")
        if self.over and move.kind not in ("statement", "message"):
            raise SeminarError("the crisis has ended; go back to an earlier turn (branch) or start anew.")
        if move.kind == "inject":
            read_inject(move.body.get("event"), move.body, self.now.state, self.params())
        for one, given in move.body.get("orders", {}).items():
            _read(one, given)
        seat = move.body.get("seat")
        if seat is None:
            return
        if move.kind == "seat":
            if not filled(self.setting, seat):
                raise SeminarError(f"nobody sits in the seat {seat!r} in {self.setting.name}.")
        elif known(seat) not in self.open:
            raise SeminarError(f"the seat {seat!r} is played by its doctrine; open it first.")
        if move.kind == "order":
            read_order(seat, move.body.get("option"), _details(move))

    def apply(self, move: Move) -> None:
        """Take a move; errors as in `check`."""
        self.check(move)
        self._take[move.kind](move)

    def _order(self, move: Move) -> None:
        seat = move.body["seat"]
        self.now.orders[seat] = read_order(seat, move.body["option"], _details(move))

    def _forecast(self, move: Move) -> None:
        self.now.forecasts[move.body["seat"]] = dict(move.body["odds"])

    def _note(self, move: Move) -> None:
        self.now.notes.append(move)

    def _inject(self, move: Move) -> None:
        turn, p = self.now, self.params()
        value = read_inject(move.body["event"], move.body, turn.state, p)
        turn.state = turn.state.copy()
        turn.changes = {**turn.changes, **apply_inject(move.body["event"], value, turn.state, p)}
        turn.notes.append(move)

    def _resolve(self, move: Move) -> None:
        turn = self.now
        if "orders" in move.body:  # all orders of a turn in one move, so that none is left over by a kill
            turn.orders = {seat: _read(seat, given) for seat, given in move.body["orders"].items()}
        turn.forecasts |= {seat: dict(odds) for seat, odds in move.body.get("forecasts", {}).items()}
        turn.chaired, turn.shown = set(move.body.get("chaired", ())), tuple(move.body.get("shown", ()))
        key = run_key(self.setting.seed, turn.luck)
        played = play_turn(turn.state, self.params(), key, self.setting.script, turn.orders, self.steps)
        turn.states, turn.visible = played.states, played.visible
        self.turns.append(Turn(turn.number + 1, played.states[-1].copy(), turn.luck, turn.changes))

    def _branch(self, move: Move) -> None:
        """Go back to the opening of a turn; its orders, and those after it, are put aside, its injects are kept."""
        self.left.append(self.turns)
        old = self.turns[move.turn]
        luck = old.luck
        if move.body.get("luck", "same") == "fresh":
            self.fresh += 1
            luck = BRANCH_LUCK + self.fresh
        injects = [note for note in old.notes if note.kind == "inject"]
        self.turns = [*self.turns[: move.turn], Turn(old.number, old.state.copy(), luck, old.changes, notes=injects)]

    def _seat(self, move: Move) -> None:
        seat = move.body["seat"]
        if move.body["open"]:
            self.open.add(seat)
        else:
            self.open.discard(seat)
            self.now.orders.pop(seat, None)

    # shorthand for callers without a journal

    def resolve(self) -> State:
        """Close the open turn and return the state it came to."""
        self.apply(Move("", "resolve", self.now.number))
        return self.now.state

    def order(self, seat: str, option: str, **details: Any) -> None:
        """Give a seat's order for the open turn."""
        self.apply(Move("", "order", self.now.number, {"seat": seat, "option": option, **details}))

    def branch(self, turn: int, luck: str = "same") -> None:
        """Go back to the opening of a turn, with the luck it had or a fresh one from there."""
        self.apply(Move("", "branch", turn, {"luck": luck}))

    def inject(self, event: str, **number: float) -> None:
        """Throw an event of `sim.classroom.injects` into the open turn."""
        self.apply(Move("", "inject", self.now.number, {"event": event, **number}))


def _read(seat: str, given: Any) -> Order:
    if not isinstance(given, Mapping):
        raise SeminarError(f"{seat}: an order is a mapping such as {{option: hold}}; given: {given!r}.")
    return read_order(seat, given.get("option"), {key: value for key, value in given.items() if key != "option"})


def _details(move: Move) -> dict[str, Any]:
    return {key: value for key, value in move.body.items() if key not in ("seat", "option")}


def _steps(turn_h: float, p: Params) -> int:
    steps = round(turn_h / p.dt)
    if steps < 1 or abs(steps * p.dt - turn_h) > 1e-9:
        raise SeminarError(f"turn_h={turn_h} is not allowed; give a multiple of the step, {p.dt:g} h.")
    return steps


def ordered_seats(turn: Turn) -> Mapping[str, Mapping[str, Any]]:
    """Orders of a turn as plain data, by seat."""
    return {seat: plain(order) for seat, order in turn.orders.items()}


def model_seats(seat: str) -> list[int]:
    """Numbers of the model's seats that a classroom seat stands for."""
    return [int(Seat(one)) for one in CLASS_SEATS[seat]]
