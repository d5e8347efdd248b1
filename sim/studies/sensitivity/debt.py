"""Assumption debt: how much of what a model says rests on numbers that nobody has measured.

Each number bears the grade of its source (A best, then B, C, judgement). A parameter's
part in an output's variance, times the weight of its grade, is its debt. It measures what
the sources carry, not whether the numbers are wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.catalog import GRADES, catalogue
from sim.errors import ConfigurationError

WORST = GRADES[-1]


@dataclass(frozen=True)
class Debt:
    """Debt of one output: shares of the explained variance, by grade, and by parameter times its grade's weight.

    `judgement` is the share that rests on judgement alone, `debt` the share weighted by grade;
    `low` and `high` bound `judgement`, nan without resamples.
    """

    judgement: float
    low: float
    high: float
    debt: float
    by_grade: dict[str, float]
    debtors: dict[str, float]

    def table(self, top: int = 10) -> dict[str, Any]:
        """As `summary.json` holds it, with the largest debtors."""
        return {
            "judgement": self.judgement, "judgement_low": self.low, "judgement_high": self.high, "debt": self.debt,
            "by_grade": self.by_grade, "debtors": dict(list(self.debtors.items())[:top]),
        }  # fmt: skip


def check_weights(weights: Mapping[str, Any]) -> dict[str, float]:
    """Weights by grade as numbers; ConfigurationError unless each grade has one from 0 to 1."""
    unknown = set(weights) - set(GRADES)
    legal = [isinstance(w, (int, float)) and not isinstance(w, bool) and 0 <= w <= 1 for w in weights.values()]
    if unknown or set(weights) != set(GRADES) or not all(legal):
        raise ConfigurationError(f"weights={dict(weights)} is not allowed; give {', '.join(GRADES)} each from 0 to 1.")
    return {grade: float(weights[grade]) for grade in GRADES}


def grade_of(path: str) -> str:
    """Grade of a number's source; of an option, judgement: which one holds is nobody's measurement."""
    return catalogue()[path].grade if path in catalogue() else WORST


def debt(
    parts: Mapping[str, float],
    weights: Mapping[str, float],
    drawn: np.ndarray | None = None,
    confidence: float = 0.95,
) -> Debt | None:
    """Assumption debt of an output from each parameter's part in its variance; None where they explain nothing.

    Parameters
    ----------
    parts : of ST, or of mean square effects; estimates below zero count as they are, so that luck cancels
    weights : by grade, 0 (fully sourced) to 1 (judgement alone)
    drawn : (b, k) resamples of `parts`, for the interval of the judgement share
    """
    whole = sum(parts.values())
    if not whole > 0.0:
        return None
    by_grade = {grade: sum(part for path, part in parts.items() if grade_of(path) == grade) / whole for grade in GRADES}
    owed = {path: weights[grade_of(path)] * part / whole for path, part in parts.items()}
    low, high = _interval(parts, drawn, confidence)
    order = sorted(owed, key=lambda path: -owed[path])
    return Debt(
        by_grade[WORST], low, high, sum(owed.values()), by_grade, {path: owed[path] for path in order if owed[path] > 0}
    )


def _interval(parts: Mapping[str, float], drawn: np.ndarray | None, confidence: float) -> tuple[float, float]:
    """Percentile interval of the judgement share over resamples."""
    if drawn is None:
        return float("nan"), float("nan")
    judged = np.array([grade_of(path) == WORST for path in parts])
    whole = drawn.sum(axis=1)
    shares = np.clip(drawn[:, judged].sum(axis=1)[whole > 0] / whole[whole > 0], 0.0, 1.0)
    tail = (1 - confidence) / 2
    low, high = np.quantile(shares, [tail, 1 - tail]) if len(shares) else (np.nan, np.nan)
    return float(low), float(high)
