"""From patterns to facts and back: what runs show of the patterns that may set numbers, and what those held out say.

Facts are the K patterns of conf/patterns/; see `sim.studies.calibrate.abc` for what is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.patterns.patterns import READ, Book, Evidence
from sim.patterns.scores import joint, scored, total
from sim.stats.axes import Axis
from sim.studies.calibrate.abc import PRIOR_SD, UNTOLD, Fact, Marginals

JOINED = "P9 joined"  # the second half of P9: how many of the units reached go over
CONTRACTS = 0.2  # a number whose spread shrinks by as much is called identified
MOVES, NARROWS = 0.2, 0.05  # prior standard deviations by which the mean moves, or share by which the spread shrinks
SURE = 0.05  # chance, over all numbers together, of calling one moved that is not


def facts(of: Book) -> list[Fact]:
    """The facts to calibrate on: the represented K patterns; P9 counts twice, for who stays passive and who joins."""
    found = [
        Fact(key, p.central, p.low, p.high) for key, p in of.patterns.items() if p.use == "K" and p.represented
    ]  # fmt: skip
    # The pattern's words bound those who join; its central share is that of facts.md, 0.96 / 0.03 / 0.01.
    return [*found, *([Fact(JOINED, 0.01, 0.0, 0.05)] if any(fact.name == "P9" for fact in found) else [])]


def shown(of: Sequence[Fact], e: Evidence) -> NDArray[np.float64]:
    """What each run shows of each fact (..., d); `UNTOLD` where it tells nothing."""
    columns = [_joined(e) if fact.name == JOINED else READ[fact.name](_flat(e)).value for fact in of]
    shape = e["outcome"].shape
    out = np.stack([np.reshape(column, shape) for column in columns], axis=-1)
    return np.where(np.isnan(out), UNTOLD, out)


def _flat(e: Evidence) -> dict[str, NDArray[Any]]:
    return {name: values.ravel() for name, values in e.items()}


def _joined(e: Evidence) -> NDArray[np.float64]:
    reached = e["fought"] + e["joined"] + e["passive"]
    return np.divide(e["joined"], reached, out=np.full(reached.shape, np.nan), where=reached > 0)


def unit(axes: Sequence[Axis], columns: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    """Places (n, k) of points on the prior's own scale, uniform from 0 to 1."""
    out = []
    for a in axes:
        low, high, values = float(a.low or 0.0), float(a.high or 0.0), np.asarray(columns[a.path], float)
        if a.scale == "log":
            low, high, values = np.log(low), np.log(high), np.log(values)
        out.append((values - low) / (high - low))
    return np.stack(out, axis=1)


def unit_value(a: Axis, u: float) -> float:
    """The value of an axis at one place of the prior's scale."""
    return float(a.at(np.array([u]))[0])


def verdicts(m: Marginals) -> list[str]:
    """By number `identified`, its spread down by a fifth or more; `moved`, changed enough to see; or `not identified`.

    Each is said only of a change that is no accident, a chance shared by all numbers (Bonferroni): with many
    points the least change is sure, so its size decides.
    """
    sure = m.chance < SURE / len(m.chance)
    seen = (np.abs(m.mean - 0.5) >= MOVES * PRIOR_SD) | (m.contraction >= NARROWS)
    return [
        "not identified" if not (sure[i] and seen[i]) else "identified" if m.contraction[i] >= CONTRACTS else "moved"
        for i in range(len(sure))
    ]


def predictive(of: Book, e: Evidence) -> dict[str, Any]:
    """How every represented pattern fares over runs: scores by pattern, totals by use, the joint pattern."""
    flat = _flat(e)
    scores = scored(of, flat)
    return {
        "patterns": scores, "joint": joint(of, flat), "runs": len(flat["outcome"]),
        "totals": {use: total(of, scores, use) for use in ("K", "H")},
        "unseen": total(of, scores, "H", unseen=True),
    }  # fmt: skip
