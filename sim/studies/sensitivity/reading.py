"""What a sensitivity study found, in sentences that carry their numbers and say what is not settled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.catalog import catalogue
from sim.studies.sensitivity.debt import WORST, Debt
from sim.studies.sensitivity.indices import DRIFT, NOISY, WIDE, Indices, drifts, first_settled, known
from sim.studies.sensitivity.screening import Screened, ranked

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


def of_screening(screened: Screened, crises: int, top: int = 3) -> list[str]:
    """Which of all numbers move the endings most, and how many hardly do, of so many crises drawn for each."""
    far, order = screened.moved, ranked(screened.moved)
    first = "; ".join(f"{named(screened.names[i])} moves {percent(far[i])}" for i in order[:top])
    still = int(np.count_nonzero(far < FLAT))
    few = "fewer than one in a thousand" if crises >= 1 / FLAT else "none"
    idle = f" {still} of {len(far)} numbers moved {few} of the {crises:,} crises drawn for each." if still else ""
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


def of_indices(label: str, found: Indices, luck: float, steps: Mapping[str, Any], top: int = 3) -> list[str]:
    """What explains the variance of an output, what interaction adds, and whether the order is settled.

    Where the runs' luck or the sample leaves the indices unknown (`known`) only that is said; `steps` are the
    indices of growing parts of the sample, and an order is said to be settled only where they hold still.
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
    said.append(_joint(found, max(luck, 0.0)))
    idle = [found.names[i] for i in order if found.st[i] + found.together * found.st_half[i] < ALIKE]
    if idle:
        said.append(f"{len(idle)} of them could stand anywhere without being noticed: {', '.join(idle)}.")
    return [*said, *_order(found, order, steps)]


def _joint(found: Indices, luck: float) -> str:
    """How much numbers do only together: claimed where neither luck nor the sample explains the rest."""
    alone = float(found.s1.sum())
    told = f"All numbers by themselves add up to {percent(alone)} (+-{100 * found.sum_half:.0f} points)"
    joint = 1 - alone - luck
    if joint > found.sum_half:
        return f"{told}; luck of the runs aside, the other {percent(joint)} is joint action."
    return f"{told}; that they act jointly is not settled."


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


def _order(found: Indices, order: np.ndarray, steps: Mapping[str, Any]) -> list[str]:
    if len(order) < 2:
        return []
    if max(drifts(found, steps).values(), default=0.0) > DRIFT:
        return ["Which number comes first is not settled: indices still moved with the second half of the sample."]
    first = first_settled(found, steps)
    if first is not None:
        return [f"That {first} comes first is settled: its interval lies above all others."]
    one, two = (found.names[i] for i in order[:2])
    return [f"Which of {one} and {two} comes first is not settled: their intervals overlap."]


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


def told(low: float, high: float) -> bool:
    """Whether the share of judgement is known well enough to be told; one without an interval is."""
    return not high - low > 2 * WIDE


def of_debt(label: str, owed: Debt | None, numbers: str) -> list[str]:
    """How much of what is explained rests on judgement alone, and on which numbers."""
    if owed is None or not told(owed.low, owed.high):
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
