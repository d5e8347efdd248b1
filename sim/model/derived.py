"""From a configuration to the numbers that rules use: what follows from others is worked out here, once.

Chances per step, the frontier of terms and the like are reckoned with the rules' own elementary functions, so that they
are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from math import sqrt
from typing import Any

from sim.model.maths import exp, log, logistic
from sim.model.params import N_PACKAGES, SCALARS, Params
from sim.model.seats import OFFICIALS
from sim.model.state import CHANNELS, ITEMS, N_NODES, OPTIONS, SEATS, Channel, Seat

SEAT_NUMBERS = ("present", "precision", "influence", "w_post", "w_blood", "w_auth", "shade", "faith", "r_ask")
CHANNEL_NUMBERS = ("open", "status", "guarantee", "cover", "news")
ITEM_NUMBERS = ("worth", "price", "erosion")
ACTS = tuple(f"act_{option}" for option in OPTIONS)
SWITCHES = (
    "calls",
    "mediation",
    "counsel",
    "package",
    "ministry",
    "guard",
    "parley",
    "hedging",
    "blood",
    "regroup",
    "clauses",
)

# A mechanism that is switched off is one whose numbers are zero; four need a flag of their own in the rules.
OFF: dict[str, tuple[str, ...]] = {
    "counsel": ("chi_c",),
    "ministry": ("r_min", "w_block", "relief"),
    "guard": ("r_fwd", "guard_share"),
    "parley": ("parley_share",),
    "hedging": ("w_hedge", "hedge_gap"),
    "blood": ("a_blood", "q_blood"),
    "regroup": ("p_regroup",),
    "clauses": ("revenge", "rho_grudge"),
}


# What numbers worked out here, and the timeline, depend on: they cannot simply be written into a row.
INDIRECT = (
    "dt", "horizon_h", "weeks", "pi0", "nu", "att0", "att1", "a_pub", "r_call", "r_offer", "s_req", "k_st", "s_ans",
    "k_ans", "sd_b", "D0", "terms_scale", "present", "r_ask", "open", "status",
)  # fmt: skip


@cache
def direct(switched_off: tuple[str, ...] = ()) -> Mapping[str, tuple[str, tuple[int, ...]]]:
    """Catalogue paths whose number enters the record as it is -> its field and place there.

    The others, and those that a switch sets to zero, need `build`.
    """
    off = {name for switch in switched_off for name in OFF.get(switch, ())}
    places: dict[str, tuple[str, tuple[int, ...]]] = {
        f"{group}.{name}": (name, ()) for group, names in SCALARS.items() for name in names
    }
    for i, seat in enumerate(SEATS):
        places |= {f"actors.{seat}.{name}": (name, (i,)) for name in SEAT_NUMBERS}
        places |= {f"actors.{seat}.{act}": ("act", (i, j)) for j, act in enumerate(ACTS)}
    for k, channel in enumerate(CHANNELS):
        places |= {f"channels.{channel}.{name}": (name, (k,)) for name in CHANNEL_NUMBERS}
    return {path: place for path, place in places.items() if place[0] not in {*INDIRECT, *off}}


def build(values: Mapping[str, Any], nodes: list[float], doctrines: list[tuple[int, float, float]]) -> Params:
    """Params from configuration values.

    Parameters
    ----------
    values : every catalogue path ("forces.R0") with its number
    nodes : road km of the towns whose passing is a public fact, at most `N_NODES - 1`; the start is added
    doctrines : per seat the doctrine's code, tilt (stake) and aspiration (share)

    Raises
    ------
    KeyError
        when a path is missing: the catalogue and this table disagree (a test holds them together).
    """
    p = Params()
    for group, names in SCALARS.items():
        for name in names:
            setattr(p, name, float(values[f"{group}.{name}"]))
    for name in ("calls", "mediation", "package", "clauses"):
        setattr(p, f"with_{name}", float(values[f"switches.{name}"]))
    _by_seat(p, values, doctrines)
    for name in CHANNEL_NUMBERS:
        setattr(p, name, [float(values[f"channels.{channel}.{name}"]) for channel in CHANNELS])
    for name in ITEM_NUMBERS:
        setattr(p, f"item_{name}", [float(values[f"terms.{item}.{name}"]) for item in ITEMS])
    _switch_off(p, values)
    known = [km for km in (p.D0 - 1.0, *nodes) if 0.0 <= km < p.D0]  # what lies behind the start is not passed
    p.node_km = (known + [-1.0] * N_NODES)[:N_NODES]
    p.n_towns = float(len(known))
    _derive(p)
    return p


def _by_seat(p: Params, values: Mapping[str, Any], doctrines: list[tuple[int, float, float]]) -> None:
    for name in SEAT_NUMBERS:
        setattr(p, name, [float(values.get(f"actors.{seat}.{name}", 0.0)) for seat in SEATS])
    p.act = [[float(values[f"actors.{seat}.{act}"]) for act in ACTS] for seat in SEATS]
    p.doctrine = [float(code) for code, _, _ in doctrines]
    p.tilt = [tilt for _, tilt, _ in doctrines]
    p.aspiration = [aspiration for _, _, aspiration in doctrines]


def _switch_off(p: Params, values: Mapping[str, Any]) -> None:
    for switch, names in OFF.items():
        if not values[f"switches.{switch}"]:
            for name in names:
                setattr(p, name, 0.0)
    ministry = p.present[Seat.MINISTRY] if values["switches.ministry"] else 0.0
    p.open[Channel.RULER] *= p.present[Seat.RULER]
    p.open[Channel.OFFICIALS] *= max(p.present[seat] for seat in OFFICIALS)
    p.open[Channel.MEDIATOR] *= p.present[Seat.MEDIATOR]
    p.open[Channel.DEPUTIES] *= ministry


def _once_in(rate: float, hours: float) -> float:
    """Chance that a Poisson event of `rate` per hour happens within `hours`."""
    return 1.0 - exp(-rate * hours)


def _derive(p: Params) -> None:
    p.n_steps = float(round(p.horizon_h / p.dt))
    p.n_weeks = float(round(p.weeks))
    p.log_odds0 = log(p.pi0 / (1.0 - p.pi0))
    for name, rate in (
        ("p_revise", p.nu), ("p_attend_before", p.att0), ("p_attend_after", p.att1), ("p_crowd", p.a_pub),
        ("p_call", p.r_call), ("p_offer", p.r_offer),
    ):  # fmt: skip
        setattr(p, name, _once_in(rate, p.dt))
    p.rank = [is_open * logistic((s - p.s_req) / p.k_st) for is_open, s in zip(p.open, p.status, strict=True)]
    p.p_answer = [logistic((status - p.s_ans) / p.k_ans) for status in p.status]
    p.p_ask = [_once_in(rate, p.dt) for rate in p.r_ask]
    # Battle luck is per half hour; a finer step keeps the same spread over an hour.
    p.sd_battle = p.sd_b * sqrt(0.5 / p.dt)
    lesser = [worth * p.terms_scale for worth in p.item_worth[:-1]]
    p.item_worth = [*lesser, p.item_worth[-1]]
    _packages(p)


def _packages(p: Params) -> None:
    """Worth and price of all packages, and the frontier: the cheapest way to a given worth."""
    pairs = list(zip(p.item_worth, p.item_price, strict=True))
    p.package_worth, p.package_price = [*_all_sums(tuple(p.item_worth))], [*_all_sums(tuple(p.item_price))]
    p.frontier_worth, p.frontier_price = [0.0], [0.0]
    for worth, price in sorted(pairs, key=lambda pair: (pair[1] / pair[0] if pair[0] > 0.0 else 1e300, pair)):
        p.frontier_worth.append(p.frontier_worth[-1] + worth)
        p.frontier_price.append(p.frontier_price[-1] + price)
    p.dearness = _slopes(p.frontier_worth, p.frontier_price)
    p.thrift = _slopes(p.frontier_price, p.frontier_worth)


def _slopes(x: list[float], y: list[float]) -> list[float]:
    """Slope of y over x on each piece of a broken line, 0 on one of no length: the rules need not divide."""
    return [(y[i + 1] - y[i]) / (x[i + 1] - x[i]) if x[i + 1] > x[i] else 0.0 for i in range(len(x) - 1)]


@lru_cache(maxsize=64)  # of a thousand points of a design most share their items
def _all_sums(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(_added(values, bits) for bits in range(N_PACKAGES))


def _added(values: Sequence[float], bits: int) -> float:
    """Sum of the chosen items, one after the other: `sum` rounds otherwise from Python 3.12 on."""
    total = 0.0
    for i, value in enumerate(values):
        if bits >> i & 1:
            total += value
    return total
