"""What a crisis is at one moment: one table of numbers, its names, and two ways to hold it.

`FIELDS` is the single source: the kernel holds a state as one row of a NumPy record
array (`STATE`), the readable engine as a plain `State` object with the same
attribute names. Rules read and write `s.km` and so serve both. Continuing a crisis
from any moment is copying its row.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np


class Seat(IntEnum):
    """The eight named principals, in the order of every array by seat."""

    LEADER = 0
    RULER = 1
    MINISTRY = 2
    GUARD = 3
    ADMINISTRATION = 4
    COUNCIL = 5
    AMBASSADOR = 6
    MEDIATOR = 7


class Option(IntEnum):
    """What a seat may do, from hard to soft (so that a small change moves a draw to a neighbour)."""

    ADVANCE = 0
    HOLD = 1
    NEGOTIATE = 2
    CONCEDE = 3


class Ending(IntEnum):
    """Outcome classes: exclusive, and exhaustive because `prolonged` catches the horizon (and regrouping)."""

    REBELS_WIN = 0
    GOVERNMENT_CONCEDES = 1
    NEGOTIATED_EXIT = 2
    REBELS_COLLAPSE = 3
    CRUSHED = 4
    PROLONGED = 5


class Channel(IntEnum):
    """Who speaks with the leader for the state."""

    RULER = 0
    OFFICIALS = 1
    MEDIATOR = 2
    DEPUTIES = 3


class Conduct(IntEnum):
    """What a formation did when the column came."""

    UNTESTED = 0
    FIGHTS = 1
    STANDS_ASIDE = 2
    JOINS = 3
    PARLEYS = 4


class Stance(IntEnum):
    """Where an elite stands in public."""

    LOYAL = 0
    SILENT = 1
    HEDGING = 2
    DEFECTED = 3


class Item(IntEnum):
    """Clauses of a package of terms; bit i of a package is item i."""

    IMMUNITY = 0
    STAY = 1
    MEN = 2
    BUSINESS = 3
    COMMAND = 4
    MINISTER = 5


SEATS = tuple(seat.name.lower() for seat in Seat)
OPTIONS = tuple(option.name.lower() for option in Option)
ENDINGS = tuple(ending.name.lower() for ending in Ending)
CHANNELS = tuple(channel.name.lower() for channel in Channel)
ITEMS = tuple(item.name.lower() for item in Item)

N_SEATS, N_OPTIONS, N_CHANNELS, N_ITEMS = len(Seat), len(Option), len(Channel), len(Item)
N_ROUTE, N_LINE, N_CAPITAL = 8, 5, 5
N_FORMATIONS = N_ROUTE + N_LINE + N_CAPITAL
N_ELITES = 50
N_NODES = 8


class Field(NamedTuple):
    """One line of the table: a scalar has shape (); `f8` is a float, `i8` an integer."""

    name: str
    kind: str
    shape: tuple[int, ...]
    unit: str
    about: str


def _f(name: str, unit: str, about: str, *shape: int) -> Field:
    return Field(name, "f8", shape, unit, about)


def _i(name: str, unit: str, about: str, *shape: int) -> Field:
    return Field(name, "i8", shape, unit, about)


FIELDS: tuple[Field, ...] = (
    # clock and ending
    _i("step", "-", "steps done"),
    _i("ending", "Ending", "-1 while the crisis goes on"),
    _f("end_h", "h", "hour of the ending since the first public defiance"),
    # the column and the state's force
    _f("km", "km", "road distance of the column's head from the capital"),
    _f("closest_km", "km", "smallest distance so far"),
    _f("rebels", "k men", "men in the column"),
    _f("delay", "h", "time the column still loses to what it met"),
    _f("forward", "k men", "guard men committed forward from the capital to the line"),
    _i("line_up", "flag", "the prepared line stands"),
    _f("line_ahead", "k men", "line strength when the column would arrive"),
    _i("battle", "stage", "0 none, 1 at the line, 2 in the capital"),
    _f("defenders", "k men", "men who defend in the battle"),
    _f("defenders_start", "k men", "the same when the battle began"),
    _f("rebels_start", "k men", "men in the column when the battle began"),
    _f("casualties_rebels", "men", "killed and wounded on the ground"),
    _f("casualties_state", "men", "killed and wounded on the ground"),
    _f("airmen", "men", "airmen killed"),
    _f("aircraft", "aircraft", "aircraft lost"),
    _f("sorties", "-", "sorties flown"),
    _f("blood", "share", "how far bloodshed has changed what can be forgiven"),
    # public facts
    _f("log_odds", "nats", "public log-odds that the rebels prevail"),
    _f("public", "prob", "the same as a probability, at the end"),
    _i("speech", "flag", "the ruler has called it treason"),
    _i("hq", "flag", "the rear headquarters is taken"),
    _i("fled", "flag", "the ruler was seen to leave"),
    _i("offered", "flag", "the ruler has publicly offered to talk"),
    _i("resigning", "flag", "the ministry has offered its head's resignation"),
    _i("node_passed", "flag", "towns and rings passed", N_NODES),
    # elites and public
    _f("crowd", "share", "of the public behind the rebels"),
    _f("defected", "share", "of elite capability that has defected"),
    _f("loyal", "share", "of elite capability that professes loyalty"),
    _f("hedging", "share", "of elite capability that hedges"),
    _i("stance", "Stance", "public stance of each elite", N_ELITES),
    _f("by_stance", "share", "of elite capability in each stance", len(Stance)),
    _f("threshold", "-", "visible support at which an elite defects", N_ELITES),
    _f("capability", "share", "weight of each elite, sum 1", N_ELITES),
    # formations
    _i("conduct", "Conduct", "what each formation did", N_FORMATIONS),
    _f("position", "km", "where each formation stands", N_FORMATIONS),
    _f("loyalty", "util", "taste for the government", N_FORMATIONS),
    _f("signal", "sd", "private reading of the odds", N_FORMATIONS),
    _f("latent", "-", "fixed draw that decides its conduct", N_FORMATIONS),
    _i("told", "Conduct", "conduct fixed from outside (a person, an inject), -1 free", N_FORMATIONS),
    # beliefs
    _f("fights_leader", "obs", "Beta count: formations fight (leader)"),
    _f("yields_leader", "obs", "Beta count: formations do not (leader)"),
    _f("fights_ruler", "obs", "Beta count: formations fight (ruler)"),
    _f("yields_ruler", "obs", "Beta count: formations do not (ruler)"),
    _f("read", "odds", "factor by which each seat misreads the odds of the rebels", N_SEATS),
    _f("belief", "prob", "that the rebels prevail, as each seat sees it", N_SEATS),
    _f("belief_peak", "prob", "highest belief of the leader"),
    # choices
    _i("option", "Option", "standing order of each seat", N_SEATS),
    _f("utility", "stake", "of each option, when last weighed", N_SEATS, N_OPTIONS),
    _f("chance", "prob", "of each option, when last weighed", N_SEATS, N_OPTIONS),
    _i("will", "flag", "answers fixed from outside: take the call, take terms, give terms; -1 free", 3),
    _i("revised", "flag", "the seat weighed its options in this step", N_SEATS),
    _f("game_leader", "stake", "stage game: leader's payoffs (scratch)", N_OPTIONS, N_OPTIONS),
    _f("game_ruler", "stake", "stage game: ruler's payoffs (scratch)", N_OPTIONS, N_OPTIONS),
    _f("plan_leader", "prob", "leader's mix in the game as leader and ruler see it", 2, N_OPTIONS),
    _f("plan_ruler", "prob", "ruler's mix in the game as leader and ruler see it", 2, N_OPTIONS),
    _i("solved", "flag", "the game has been solved before, as leader and ruler see it", 2),
    _f("scratch", "-", "scratch of the solver", 6, N_OPTIONS),
    # calls and talks
    _i("linked", "flag", "a line to the leader is open, by channel", N_CHANNELS),
    _i("refused", "calls", "refused calls by channel", N_CHANNELS),
    _i("called", "-", "this step: 0 no call, 1 answered, 2 refused, by channel", N_CHANNELS),
    _i("caller", "Seat", "this step: who called, by channel (-1 nobody)", N_CHANNELS),
    _i("channel", "Channel", "channel the leader would talk through"),
    _f("engagement", "prob", "that a round is held in half an hour through it"),
    _i("channel_ruler", "Channel", "channel the ruler reckons with"),
    _f("engagement_ruler", "prob", "the same through that channel"),
    _i("ruler_took", "flag", "the ruler took the leader's call"),
    _f("sought_ruler_h", "h", "hour of the first call to the ruler, -1 never"),
    _i("mediation", "stage", "0 not in, 1 in, 2 has left"),
    _i("asked", "Seat", "this step: who asked the mediator (-1 nobody)"),
    _f("entered_h", "h", "hour at which the mediator first reached the leader, -1 never"),
    _i("rounds", "-", "rounds of talks held"),
    _i("round_held", "flag", "this step: a round was held"),
    _i("granted", "-", "this step: the main demand was 0 not granted, 1 granted and taken, 2 turned down"),
    # the deal and after
    _i("settled_channel", "Channel", "-1 no deal"),
    _f("terms", "stake", "worth of the deal to the leader"),
    _f("price", "stake", "price of the deal to the ruler"),
    _i("package", "bits", "items granted, -1 no deal, -2 terms without items"),
    _i("breach_week", "week", "the leader's safety is broken, -1 never"),
    _i("eroded_week", "week", "the first other clause erodes, -1 never"),
    _i("clause_week", "week", "each clause erodes, -1 never", N_ITEMS),
    _i("minister_week", "week", "the minister goes by his own clock, -1 never"),
)


class State:
    """A crisis for the interpreter: the fields of the table as Python numbers and lists."""

    __slots__ = tuple(field.name for field in FIELDS)

    def __init__(self) -> None:
        for field in FIELDS:
            setattr(self, field.name, _zeros(field.shape, 0.0 if field.kind == "f8" else 0))

    def __getattr__(self, name: str) -> Any:  # only reached for a name that is no field
        raise AttributeError(f"a state has no field {name!r}; its fields are listed in sim.state.FIELDS")

    def copy(self) -> State:
        """A second state that shares nothing with the first."""
        other = State.__new__(State)
        for field in FIELDS:
            setattr(other, field.name, _copied(getattr(self, field.name)))
        return other

    def row(self) -> np.ndarray:
        """The same state as one record for the kernel: shape (1,), dtype `state_type()`."""
        import numpy as np

        out = np.zeros(1, dtype=state_type())
        for field in FIELDS:
            out[field.name][0] = getattr(self, field.name)
        return out

    @classmethod
    def of_row(cls, row: np.void) -> State:
        """The state held in one record of the kernel."""
        state = cls.__new__(cls)
        for field in FIELDS:
            setattr(state, field.name, row[field.name].tolist())
        return state


def _zeros(shape: tuple[int, ...], zero: float) -> Any:
    if not shape:
        return zero
    return [_zeros(shape[1:], zero) for _ in range(shape[0])]


def _copied(value: Any) -> Any:
    return [_copied(item) for item in value] if isinstance(value, list) else value


@cache
def state_type() -> np.dtype[np.void]:
    """NumPy record of one state, fields in the order of the table."""
    import numpy as np

    return np.dtype([(field.name, field.kind, field.shape) for field in FIELDS], align=True)
