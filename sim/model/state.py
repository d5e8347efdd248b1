"""What a crisis is at one moment: one table of numbers, its names, and two ways to hold it.

`FIELDS` is the single source: the kernel holds a state as one row of a NumPy record
array (`STATE`), the readable engine as a plain `State` object with the same
attribute names. Rules read and write `s.km` and so serve both. Continuing a crisis
from any moment is copying its row.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, cast, get_args, get_type_hints

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


# Arrays, as the interpreter holds them; the kernel has NumPy arrays in their place.
Vector = list[float]
Matrix = list[list[float]]


class Field(NamedTuple):
    """One number of a state: a scalar has shape (); `f8` is a float, `i8` an integer."""

    name: str
    kind: str
    shape: tuple[int, ...]
    unit: str
    about: str


class Meaning(NamedTuple):
    """What stands beside the type of a field: unit, meaning, and the shape of an array."""

    unit: str
    about: str
    shape: tuple[int, ...]


def _is(unit: str, about: str, *shape: int) -> Meaning:
    return Meaning(unit, about, shape)


class State:
    """A crisis at one moment. The annotations are the single source of names, kinds, units, shapes and meanings.

    The interpreter holds Python numbers and lists under these names, the kernel one row of a NumPy record with the
    same; rules are written for either and typed by this class.
    """

    # clock and ending
    step: Annotated[int, _is("-", "steps done")]
    ending: Annotated[int, _is("Ending", "-1 while the crisis goes on")]
    end_h: Annotated[float, _is("h", "hour of the ending since the first public defiance")]
    # the column and the state's force
    km: Annotated[float, _is("km", "road distance of the column's head from the capital")]
    closest_km: Annotated[float, _is("km", "smallest distance so far")]
    rebels: Annotated[float, _is("k men", "men in the column")]
    delay: Annotated[float, _is("h", "time the column still loses to what it met")]
    forward: Annotated[float, _is("k men", "guard men committed forward from the capital to the line")]
    line_up: Annotated[int, _is("flag", "the prepared line stands")]
    line_ahead: Annotated[float, _is("k men", "line strength when the column would arrive")]
    battle: Annotated[int, _is("stage", "0 none, 1 at the line, 2 in the capital")]
    defenders: Annotated[float, _is("k men", "men who defend in the battle")]
    defenders_start: Annotated[float, _is("k men", "the same when the battle began")]
    rebels_start: Annotated[float, _is("k men", "men in the column when the battle began")]
    casualties_rebels: Annotated[float, _is("men", "killed and wounded on the ground")]
    casualties_state: Annotated[float, _is("men", "killed and wounded on the ground")]
    airmen: Annotated[float, _is("men", "airmen killed")]
    aircraft: Annotated[float, _is("aircraft", "aircraft lost")]
    sorties: Annotated[float, _is("-", "sorties flown")]
    blood: Annotated[float, _is("share", "how far bloodshed has changed what can be forgiven")]
    # public facts
    log_odds: Annotated[float, _is("nats", "public log-odds that the rebels prevail")]
    public: Annotated[float, _is("prob", "the same as a probability, at the end")]
    speech: Annotated[int, _is("flag", "the ruler has called it treason")]
    hq: Annotated[int, _is("flag", "the rear headquarters is taken")]
    fled: Annotated[int, _is("flag", "the ruler was seen to leave")]
    offered: Annotated[int, _is("flag", "the ruler has publicly offered to talk")]
    resigning: Annotated[int, _is("flag", "the ministry has offered its head's resignation")]
    node_passed: Annotated[list[int], _is("flag", "towns and rings passed", N_NODES)]
    # elites and public
    crowd: Annotated[float, _is("share", "of the public behind the rebels")]
    defected: Annotated[float, _is("share", "of elite capability that has defected")]
    loyal: Annotated[float, _is("share", "of elite capability that professes loyalty")]
    hedging: Annotated[float, _is("share", "of elite capability that hedges")]
    stance: Annotated[list[int], _is("Stance", "public stance of each elite", N_ELITES)]
    by_stance: Annotated[list[float], _is("share", "of elite capability in each stance", len(Stance))]
    threshold: Annotated[list[float], _is("-", "visible support at which an elite defects", N_ELITES)]
    capability: Annotated[list[float], _is("share", "weight of each elite, sum 1", N_ELITES)]
    # formations
    conduct: Annotated[list[int], _is("Conduct", "what each formation did", N_FORMATIONS)]
    position: Annotated[list[float], _is("km", "where each formation stands", N_FORMATIONS)]
    loyalty: Annotated[list[float], _is("util", "taste for the government", N_FORMATIONS)]
    signal: Annotated[list[float], _is("sd", "private reading of the odds", N_FORMATIONS)]
    latent: Annotated[list[float], _is("-", "fixed draw that decides its conduct", N_FORMATIONS)]
    told: Annotated[
        list[int], _is("Conduct", "conduct fixed from outside (a person, an inject), -1 free", N_FORMATIONS)
    ]
    # beliefs
    fights_leader: Annotated[float, _is("obs", "Beta count: formations fight (leader)")]
    yields_leader: Annotated[float, _is("obs", "Beta count: formations do not (leader)")]
    fights_ruler: Annotated[float, _is("obs", "Beta count: formations fight (ruler)")]
    yields_ruler: Annotated[float, _is("obs", "Beta count: formations do not (ruler)")]
    read: Annotated[list[float], _is("odds", "factor by which each seat misreads the odds of the rebels", N_SEATS)]
    belief: Annotated[list[float], _is("prob", "that the rebels prevail, as each seat sees it", N_SEATS)]
    belief_peak: Annotated[float, _is("prob", "highest belief of the leader")]
    # choices
    option: Annotated[list[int], _is("Option", "standing order of each seat", N_SEATS)]
    utility: Annotated[list[list[float]], _is("stake", "of each option, when last weighed", N_SEATS, N_OPTIONS)]
    chance: Annotated[list[list[float]], _is("prob", "of each option, when last weighed", N_SEATS, N_OPTIONS)]
    will: Annotated[
        list[int], _is("flag", "answers from outside: take the call, take terms, give terms; 2 by items, -1 free", 3)
    ]
    revised: Annotated[list[int], _is("flag", "the seat weighed its options in this step", N_SEATS)]
    game_leader: Annotated[
        list[list[float]], _is("stake", "stage game: leader's payoffs (scratch)", N_OPTIONS, N_OPTIONS)
    ]
    game_ruler: Annotated[
        list[list[float]], _is("stake", "stage game: ruler's payoffs (scratch)", N_OPTIONS, N_OPTIONS)
    ]
    plan_leader: Annotated[
        list[list[float]], _is("prob", "leader's mix in the game as leader and ruler see it", 2, N_OPTIONS)
    ]
    plan_ruler: Annotated[
        list[list[float]], _is("prob", "ruler's mix in the game as leader and ruler see it", 2, N_OPTIONS)
    ]
    solved: Annotated[list[int], _is("flag", "the game has been solved before, as leader and ruler see it", 2)]
    scratch: Annotated[list[list[float]], _is("-", "scratch of the solver", 6, N_OPTIONS)]
    # calls and talks
    linked: Annotated[list[int], _is("flag", "a line to the leader is open, by channel", N_CHANNELS)]
    refused: Annotated[list[int], _is("calls", "refused calls by channel", N_CHANNELS)]
    called: Annotated[list[int], _is("-", "this step: 0 no call, 1 answered, 2 refused, by channel", N_CHANNELS)]
    caller: Annotated[list[int], _is("Seat", "this step: who called, by channel (-1 nobody)", N_CHANNELS)]
    channel: Annotated[int, _is("Channel", "channel the leader would talk through")]
    engagement: Annotated[float, _is("prob", "that a round is held in half an hour through it")]
    channel_ruler: Annotated[int, _is("Channel", "channel the ruler reckons with")]
    engagement_ruler: Annotated[float, _is("prob", "the same through that channel")]
    ruler_took: Annotated[int, _is("flag", "the ruler took the leader's call")]
    sought_ruler_h: Annotated[float, _is("h", "hour of the first call to the ruler, -1 never")]
    mediation: Annotated[int, _is("stage", "0 not in, 1 in, 2 has left")]
    asked: Annotated[int, _is("Seat", "this step: who asked the mediator (-1 nobody)")]
    entered_h: Annotated[float, _is("h", "hour at which the mediator first reached the leader, -1 never")]
    rounds: Annotated[int, _is("-", "rounds of talks held")]
    round_held: Annotated[int, _is("flag", "this step: a round was held")]
    granted: Annotated[
        int, _is("-", "this step: the main demand was 0 not granted, 1 granted and taken, 2 turned down")
    ]
    # the deal and after
    settled_channel: Annotated[int, _is("Channel", "-1 no deal")]
    terms: Annotated[float, _is("stake", "worth of the deal to the leader")]
    price: Annotated[float, _is("stake", "price of the deal to the ruler")]
    package: Annotated[int, _is("bits", "items granted, -1 no deal, -2 terms without items")]
    breach_week: Annotated[int, _is("week", "the leader's safety is broken, -1 never")]
    eroded_week: Annotated[int, _is("week", "the first other clause erodes, -1 never")]
    clause_week: Annotated[list[int], _is("week", "each clause erodes, -1 never", N_ITEMS)]
    minister_week: Annotated[int, _is("week", "the minister goes by his own clock, -1 never")]
    # within a step
    moved: Annotated[int, _is("flag", "this step: the column moved on")]
    visible: Annotated[float, _is("share", "this step: open defection and public odds as the elites see them")]
    # orders and answers from outside, beside `will` and `told`
    ordered: Annotated[list[int], _is("Option", "order of each seat, 4 keep to the standing one, -1 free", N_SEATS)]
    tries: Annotated[int, _is("Channel", "channel that the leader is to try, -1 free")]
    terms_least: Annotated[int, _is("bits", "items without which the leader refuses, where `will` says so")]
    terms_most: Annotated[int, _is("bits", "items beyond which the ruler refuses, where `will` says so")]
    forward_most: Annotated[float, _is("k men", "men that may go forward in all, -1 free")]
    consent: Annotated[int, _is("flag", "the mediator's answer when he is asked, -1 free")]
    offers: Annotated[int, _is("flag", "whether the mediator offers himself, -1 free")]

    __slots__ = tuple(__annotations__)

    def __init__(self) -> None:
        for field in FIELDS:
            setattr(self, field.name, _zeros(field.shape, 0.0 if field.kind == "f8" else 0))

    def __getattr__(self, name: str) -> Any:  # only reached for a name that is no field
        raise AttributeError(f"a state has no field {name!r}; its fields are listed in sim.model.state.FIELDS")

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


def _fields() -> tuple[Field, ...]:
    """The annotations of `State` as a table, in their order."""
    out = []
    for name, hint in get_type_hints(State, include_extras=True).items():
        plain, meaning = get_args(hint)
        inner = plain
        for _ in meaning.shape:
            (inner,) = get_args(inner)
        out.append(Field(name, "f8" if inner is float else "i8", meaning.shape, meaning.unit, meaning.about))
    return tuple(out)


FIELDS = _fields()


def _zeros(shape: tuple[int, ...], zero: float) -> Any:
    if not shape:
        return zero
    return [_zeros(shape[1:], zero) for _ in range(shape[0])]


def _copied(value: Any) -> Any:
    return [_copied(item) for item in value] if isinstance(value, list) else value


def of_rows(states: np.ndarray) -> State:
    """Many states (n,) as rules take one: arithmetic then runs over all of them at once."""
    import numpy as np

    return cast(State, states.view(np.recarray))


@cache
def state_type() -> np.dtype[np.void]:
    """NumPy record of one state, fields in the order of the table."""
    import numpy as np

    return np.dtype([(field.name, field.kind, field.shape) for field in FIELDS], align=True)
