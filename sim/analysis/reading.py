"""What a sensitivity study found, in sentences that carry their numbers and say what is not settled."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.analysis.debt import WORST, Debt
from sim.analysis.screening import Screened, ranked
from sim.analysis.sensitivity import NOISY, WIDE, Indices, known
from sim.catalog import catalogue

ALIKE = 0.01  # ST below which a number is said to matter hardly at all
FLAT = 1e-3  # share of crises below which a number moves nothing


def percent(share: float) -> str:
    """A share as text.

    >>> percent(0.314), percent(0.004)
    ('31 %', '0.4 %')
    """
    value = 100 * share
    return f"{value:.0f} %" if abs(value) >= 0.95 or value == 0 else f"{value:.1f} %"


def named(path: str) -> str:
    """A parameter by its path and in words."""
    if path not in catalogue():
        return f"`{path}`"
    return f"`{path}` ({catalogue()[path].about}; source {graded(path)})"


def graded(path: str) -> str:
    """The grade of a number's source as a phrase."""
    grade = catalogue()[path].grade
    return "judgement" if grade == WORST else f"grade {grade}"


def of_screening(screened: Screened, top: int = 3) -> list[str]:
    """Which of all numbers move the endings most, and how many hardly do."""
    far, order = screened.moved, ranked(screened.moved)
    first = "; ".join(f"{named(screened.names[i])} moves {percent(far[i])}" for i in order[:top])
    still = int(np.count_nonzero(far < FLAT))
    idle = f" {still} of {len(far)} numbers move fewer than one crisis in a thousand." if still else ""
    return [
        "Crossing its plausible range, the others standing anywhere in theirs: "
        f"{first} of crises to another ending.{idle}"
    ]


def of_nearby(near: Mapping[str, float], top: int = 3) -> list[str]:
    """Which numbers move the endings most from the setting's own values, one at a time."""
    order = sorted(near, key=lambda path: -near[path])[:top]
    parts = "; ".join(f"{named(path)} moves {percent(near[path])}" for path in order)
    return [f"From the setting's own values, one number at a time over its range: {parts} of crises to another ending."]


def of_place(label: str, anywhere: float, own: float, numbers: int) -> list[str]:
    """How far the setting's own values are from the middle of all that is plausible."""
    return [
        f"With all {numbers} numbers anywhere in their ranges {label} averages {percent(anywhere)}; "
        f"at the setting's own values it is {percent(own)}."
    ]


def of_focus(label: str, why: str) -> list[str]:
    """Which output the sentences that follow are about."""
    return [f"Read out is {label}{': ' + why if why else ''}."]


def of_indices(label: str, found: Indices, luck: float, *, steady: bool = True, top: int = 3) -> list[str]:
    """What explains the variance of an output, what interaction adds, and whether the order is settled.

    Where the runs' luck or the sample leaves the indices unknown (`known`) only that is said; an order is
    said to be settled only where the indices hold still (`steady`).
    """
    if found.constant:
        return [f"{label[0].upper()}{label[1:]} does not vary at all over these ranges."]
    if not known(found, luck):
        return [_unknown(label, found, luck)]
    order = np.argsort(-found.st, kind="stable")
    parts = [
        f"{named(found.names[i])} explains {percent(max(found.s1[i], 0.0))} alone "
        f"(+-{100 * found.s1_half[i]:.0f} points) and {percent(found.st[i])} with all it acts through "
        f"(+-{100 * found.st_half[i]:.0f})"
        for i in order[:top]
    ]
    said = [f"Of the variance of {label} over {len(order)} numbers: {'; '.join(parts)}."]
    alone = float(np.clip(found.s1, 0, None).sum())
    if alone < 1:
        said.append(
            f"All numbers by themselves add up to {percent(alone)}; the other {percent(1 - alone)} is joint action."
        )
    idle = [found.names[i] for i in order if found.st[i] + found.st_half[i] < ALIKE]
    if idle:
        said.append(f"{len(idle)} of them could stand anywhere without being noticed: {', '.join(idle)}.")
    return [*said, *_order(found, order, steady=steady)]


def _unknown(label: str, found: Indices, luck: float) -> str:
    """Why nothing is read out, in one sentence."""
    why = []
    if luck > NOISY:
        why.append(
            f"{percent(min(luck, 1.0))} of its variance is luck of the runs (at most {percent(NOISY)} is allowed)"
        )
    if float(found.st_half.max()) > WIDE:
        half = f"+-{100 * found.st_half.max():.0f} points"
        why.append(f"its indices are known to {half} only (at most +-{100 * WIDE:.0f} is allowed)")
    return f"What {label} hangs on is not known from this study: {', and '.join(why)}."


def _order(found: Indices, order: np.ndarray, *, steady: bool) -> list[str]:
    if len(order) < 2:
        return []
    one, two = order[0], order[1]
    if not steady:
        return ["Which number comes first is not settled: indices still moved with the second half of the sample."]
    if found.st[one] - found.st_half[one] > found.st[two] + found.st_half[two]:
        return [f"That {found.names[one]} comes first is settled: its interval lies above all others."]
    return [f"Which of {found.names[one]} and {found.names[two]} comes first is not settled: their intervals overlap."]


def of_submodels(label: str, found: Indices, luck: float, top: int = 3) -> list[str]:
    """Which parts of the model carry an output, all their numbers taken together; nothing where that is unknown."""
    if not known(found, luck):
        return []
    order = np.argsort(-found.st, kind="stable")[:top]
    parts = ", ".join(f"{found.names[i]} {percent(found.st[i])} (+-{100 * found.st_half[i]:.0f})" for i in order)
    return [
        f"Whole submodels, all their numbers in doubt together: {parts} of the variance of {label}, "
        "interactions included."
    ]


def of_debt(label: str, owed: Debt | None, numbers: str) -> list[str]:
    """How much of what is explained rests on judgement alone, and on which numbers."""
    if owed is None or owed.high - owed.low > 2 * WIDE:
        return []
    within = "" if np.isnan(owed.low) else f" ({percent(owed.low)} to {percent(owed.high)})"
    most = [path for path in owed.debtors if catalogue()[path].grade == WORST][:3]
    chiefly = f", chiefly on {', '.join(most)}" if most else ""
    return [
        f"{percent(owed.judgement)}{within} of the variance of {label} that {numbers} explain rests on judgement alone"
        f"{chiefly}; weighted by grade of source the assumption debt is {percent(owed.debt)}."
    ]


def of_luck(label: str, luck: float, replications: int) -> list[str]:
    """How much of the variance between points is luck of their runs."""
    if np.isnan(luck):
        return []
    return [f"Luck of the {replications} runs a point makes up {percent(max(luck, 0.0))} of the variance of {label}."]


def in_words(outputs: Mapping[str, str], name: str) -> str:
    """An output as it is called in a sentence.

    >>> in_words({}, "share_negotiated_exit")
    'the share of negotiated exit'
    """
    return (
        f"the share of {name.removeprefix('share_').replace('_', ' ')}" if name.startswith("share_") else outputs[name]
    )
