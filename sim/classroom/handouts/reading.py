"""What a turn of the model came to, read off the states before and after it, in the words of the printed tables."""

from __future__ import annotations

import numpy as np

from sim.classroom.handouts.course import LINE, NEAR, PAST, Course
from sim.model.state import N_ROUTE, Conduct, Ending

EVENTS = ("fights", "joins", "struck", "parleys", "open")  # of a march, the first that holds
TALKS = ("exit", "concession", "left", "none")  # what a turn of talks comes to
BATTLE = ("crushed", "breaks", "rebels_win", "prolonged", "goes_on")
FALL = ("rebels_win", "prolonged", "stands")
NOT_IN, IN, HAS_LEFT = 0, 1, 2
HOPES = (0, 20, 30, 40, 50, 60)  # points (hundredths of the leader's odds) from which a level of hope begins
OFF_ROAD = len(HOPES)  # the level of a column that stands at the line or beyond
ROAD, BATTLING = "road", "battle"


def levels(odds: np.ndarray) -> np.ndarray:
    """Levels of hope of (n,) odds as the leader sees them: places in HOPES."""
    return np.searchsorted(HOPES[1:], 100.0 * np.asarray(odds), side="right")


def places(period: np.ndarray, fighting: np.ndarray) -> list[str]:
    """Where a seat stands when it chooses: on the road, near, before the line, in the battle for it, or beyond."""
    return [place(one, bool(f)) for one, f in zip(period, fighting, strict=True)]


def place(period: str, fighting: bool) -> str:
    """The same of one state."""
    if period == LINE:
        return BATTLING if fighting else LINE
    return period if period in (NEAR, PAST) else ROAD


def events(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """What (n,) columns met on the road in a turn, as places in EVENTS."""
    new = (after["conduct"] != before["conduct"])[:, :N_ROUTE]
    did = after["conduct"][:, :N_ROUTE]

    def met(conduct: Conduct) -> np.ndarray:
        out: np.ndarray = (new & (did == conduct)).any(axis=1)
        return out

    struck = after["sorties"] > before["sorties"]
    return np.select([met(Conduct.FIGHTS), met(Conduct.JOINS), struck, met(Conduct.PARLEYS)], [0, 1, 2, 3], 4)


def talked(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """What came of (n,) turns of talks, as places in TALKS."""
    left = (after["mediation"] == HAS_LEFT) & (before["mediation"] != HAS_LEFT)
    exit_, concedes = after["ending"] == Ending.NEGOTIATED_EXIT, after["ending"] == Ending.GOVERNMENT_CONCEDES
    return np.select([exit_, concedes, left], [0, 1, 2], 3)


def fought(after: np.ndarray) -> np.ndarray:
    """What came of (n,) turns of battle, as places in BATTLE."""
    ending = after["ending"]
    return np.select(
        [ending == Ending.CRUSHED, ending == Ending.REBELS_WIN, ending == Ending.PROLONGED, after["line_up"] == 0],
        [0, 2, 3, 1], 4,
    )  # fmt: skip


def early_end(after: np.ndarray, course: Course) -> np.ndarray:
    """Whether (n,) crises have turned into a long stand-off before the clock ran out."""
    out: np.ndarray = (after["ending"] == Ending.PROLONGED) & (after["step"] < course.setting.params.n_steps)
    return out
