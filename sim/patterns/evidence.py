"""What the patterns of a case are read from: a row a crisis, from final states and a look after the address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.model.state import N_ROUTE, Conduct, Ending, Stance, of_rows, state_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.scenario import Setting

WEEKS = 72  # of aftermath: the minister of June 2023 went after 46; a week's luck does not hang on how many follow
LOOK_H = 6.0  # hours after the address at which the elites are counted


class Fact(NamedTuple):
    """A column of the evidence; nan where it does not exist."""

    unit: str
    about: str


FACTS: dict[str, Fact] = {
    "outcome": Fact("ending", "code of the ending, 0 to 5"),
    "end_h": Fact("h", "hour of the ending"),
    "set_out_h": Fact("h", "hour at which the column sets out"),
    "road_km": Fact("km", "road from the start to the capital"),
    "closest_km": Fact("km", "smallest road distance of the column from the capital"),
    "battle": Fact("stage", "0 none, 1 at the line, 2 in the capital"),
    "deaths": Fact("men", "killed on all sides"),
    "airmen": Fact("men", "airmen killed"),
    "aircraft": Fact("aircraft", "aircraft lost"),
    "fought": Fact("formations", "on the route that resisted"),
    "joined": Fact("formations", "on the route that joined"),
    "passive": Fact("formations", "on the route that stood aside or let pass under parley"),
    "hq_h": Fact("h", "the rear headquarters is taken; nan not"),
    "speech_h": Fact("h", "the ruler's address; nan none"),
    "offered": Fact("flag", "the ruler has offered talks in public"),
    "contacts": Fact("contacts", "1 if ruler and leader spoke"),
    "entered_h": Fact("h", "the mediator first reached the leader; nan never"),
    "defectors": Fact("elites", "of fifty that have defected by the ending"),
    "loyal_after": Fact("share", "of fifty elites that profess loyalty six hours after the address"),
    "package": Fact("bits", "items of the deal; -1 none, -2 terms without items"),
    "worn_day": Fact("days", "a clause other than safety first wears, middle of the week; inf never"),
    "breach_day": Fact("days", "the leader's safety is broken, middle of the week; inf never, nan no deal"),
    "minister_day": Fact("days", "the minister goes by his own clock, middle of the week; inf never"),
}


def gather(
    setting: Setting, n: int, progress: Callable[[int], None] = lambda done: None, first: int = 0
) -> dict[str, NDArray[Any]]:
    """Evidence of replicates first .. first+n-1 of a setting: the columns of `FACTS`, one entry a crisis.

    Crises are those of `rubicon run`; only the weeks of aftermath are followed further.
    """
    from sim.engines import kernel

    row = setting.params.row()
    row["n_weeks"] = WEEKS
    look = round((setting.params.t_speech + LOOK_H) / setting.params.dt)
    parts = []
    for at in range(first, first + n, kernel.CHUNK):
        replicate = np.arange(at, min(at + kernel.CHUNK, first + n))
        states = np.zeros(len(replicate), state_type())
        kernel.play(states, row, seed=setting.seed, replicate=replicate, script=setting.script, until=look)
        then = states.copy()
        kernel.play(states, row, seed=setting.seed, replicate=replicate, script=setting.script, fresh=False)
        parts.append(facts(states, then, setting.params))
        progress(len(replicate))
    return {name: np.concatenate([part[name] for part in parts]) for name in FACTS}


def facts(states: np.ndarray, then: np.ndarray, params: Any) -> dict[str, NDArray[Any]]:
    """The columns of `FACTS` from final states and from states at the look after the address, both (n,)."""
    from sim.model.rules.channels import deaths

    s, p, n = states, params, len(states)
    route = s["conduct"][:, :N_ROUTE]
    loyal = (then["stance"] == Stance.LOYAL).mean(axis=1)
    deal = np.isin(s["ending"], (Ending.NEGOTIATED_EXIT, Ending.GOVERNMENT_CONCEDES))
    breach = _day(s["breach_week"])
    return {
        "outcome": s["ending"].copy(),
        "end_h": s["end_h"].copy(),
        "set_out_h": np.full(n, float(p.t_start)),
        "road_km": np.full(n, float(p.D0)),
        "closest_km": s["closest_km"].copy(),
        "battle": s["battle"].copy(),
        "deaths": np.asarray(deaths(of_rows(s), p), float),
        "airmen": s["airmen"].copy(),
        "aircraft": s["aircraft"].copy(),
        "fought": (route == Conduct.FIGHTS).sum(axis=1),
        "joined": (route == Conduct.JOINS).sum(axis=1),
        "passive": ((route == Conduct.STANDS_ASIDE) | (route == Conduct.PARLEYS)).sum(axis=1),
        "hq_h": np.where(s["hq"] == 1, float(p.t_hq), np.nan),
        "speech_h": np.where(s["speech"] == 1, float(p.t_speech), np.nan),
        "offered": s["offered"].copy(),
        "contacts": s["ruler_took"].copy(),
        "entered_h": np.where(s["entered_h"] < 0.0, np.nan, s["entered_h"]),
        "defectors": (s["stance"] == Stance.DEFECTED).sum(axis=1),
        "loyal_after": np.where(then["speech"] == 1, loyal, np.nan),
        "package": s["package"].copy(),
        "worn_day": _day(s["eroded_week"]),
        "breach_day": np.where(deal, breach, np.nan),
        "minister_day": _day(s["minister_week"]),
    }


def _day(week: np.ndarray) -> NDArray[np.float64]:
    """Middle of a week counted from 0, in days; inf where it never comes."""
    return np.where(week < 0, np.inf, 7.0 * week + 3.5)
