"""Sobol indices: how much of an output's variance a parameter explains, alone (S1) and with all others (ST).

Estimators of Saltelli et al. 2010 (S1) and Jansen 1999 (ST), through SALib, with its normal
bootstrap intervals. Beside each stands the same estimator freed of luck: every product
takes one factor from even and one from odd replicates.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from types import ModuleType
from typing import Any

import numpy as np

from sim.errors import UserError, needs

STREAM = 2  # of the bootstrap's draws
WIDE = 0.1  # half-width of an ST interval beyond which the sample is too small
NOISY = 0.1  # share of luck beyond which more runs a point are asked for ...
QUIET = 0.05  # ... so many that it falls to this
DRIFT = 0.05  # change of an ST with the second half of the sample beyond which it has not settled
MOST_ADVISED = 2**17


@dataclass(frozen=True)
class Indices:
    """Indices of one output for parameters or groups (k): estimates, half-widths, resamples of ST (b, k).

    `constant` marks an output that is the same at every point; all indices are then zero. `sum_half` is the
    half-width of the sum of S1; half-widths are of intervals that hold one by one with chance `confidence`.
    """

    names: tuple[str, ...]
    s1: np.ndarray
    s1_half: np.ndarray
    st: np.ndarray
    st_half: np.ndarray
    s1_free: np.ndarray
    st_free: np.ndarray
    drawn: np.ndarray
    constant: bool = False
    sum_half: float = 0.0
    confidence: float = 0.95

    @property
    def together(self) -> float:
        """How much wider than one by one intervals are that hold for all names at once (Bonferroni)."""
        one, every = (NormalDist().inv_cdf(1 - (1 - self.confidence) / (2 * k)) for k in (1, len(self.names)))
        return every / one

    def table(self) -> dict[str, dict[str, float]]:
        """Name -> S1 and ST with intervals, and both freed of luck, as `summary.json` holds them."""
        return {
            name: {
                "S1": float(self.s1[i]),
                "S1_low": float(self.s1[i] - self.s1_half[i]),
                "S1_high": float(self.s1[i] + self.s1_half[i]),
                "ST": float(self.st[i]),
                "ST_low": max(float(self.st[i] - self.st_half[i]), 0.0),
                "ST_high": float(self.st[i] + self.st_half[i]),
                "S1_free": float(self.s1_free[i]),
                "ST_free": float(self.st_free[i]),
            }
            for i, name in enumerate(self.names)
        }


def sobol(
    y: np.ndarray, halves: np.ndarray, names: Sequence[str], *, confidence: float, resamples: int, seed: int
) -> Indices:
    """Indices of one output over Saltelli's sample.

    Parameters
    ----------
    y : (N (k + 2),) in the order of `designs.saltelli_unit`; halves : (2, N (k + 2)), of even and of odd replicates
    names : of the k parameters, or of the groups in the order in which the sample took them

    Raises
    ------
    UserError
        when SALib is not installed.
    """
    k = len(names)
    if np.ptp(y) <= 1e-12 * max(1.0, float(np.abs(y).max())):
        none = np.zeros(k)
        still = np.zeros((resamples, k))
        return Indices(tuple(names), none, none, none, none, none, none, still, constant=True, confidence=confidence)
    problem = {"num_vars": k, "names": list(names), "bounds": [[0.0, 1.0]] * k}
    draws = int(np.random.SeedSequence([seed, STREAM]).generate_state(1)[0]) | 1  # SALib takes no zero for a seed
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Constant values encountered")  # a resample of few points may be
        found = _salib().analyze(
            problem, y, calc_second_order=False, num_resamples=resamples, conf_level=confidence,
            parallel=False, keep_resamples=True, seed=draws,
        )  # fmt: skip
    s1_free, st_free = free_of_luck(halves, k)
    return Indices(
        tuple(names), found["S1"], found["S1_conf"], found["ST"], found["ST_conf"], s1_free, st_free,
        found["ST_conf_all"], confidence=confidence,
        sum_half=NormalDist().inv_cdf((1 + confidence) / 2) * float(found["S1_conf_all"].sum(axis=1).std(ddof=1)),
    )  # fmt: skip


def free_of_luck(halves: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """S1 and ST (k,) whose products join an even and an odd half (2, N (k + 2)): luck's share drops out; nan if none.

    E[(f + d)(f + d')] = E[f f] where d and d' are the independent lucks of the halves.
    """
    centred = halves - halves.mean(axis=1, keepdims=True)
    blocks = centred.reshape(2, -1, k + 2)
    a, mixed, b = blocks[:, :, 0], blocks[:, :, 1:-1], blocks[:, :, -1]
    both = np.concatenate([a, b], axis=1)
    variance = float(np.mean(both[0] * both[1]))
    if variance <= 0.0:
        return np.full(k, np.nan), np.full(k, np.nan)
    gap = mixed - a[:, :, None]
    first = (b[0][:, None] * gap[1] + b[1][:, None] * gap[0]).mean(axis=0) / 2
    total = (gap[0] * gap[1]).mean(axis=0) / 2
    return first / variance, total / variance


def submodel(path: str) -> str:
    """The part of the model a parameter belongs to: its group of conf/, each actor a group.

    >>> submodel("actors.leader.c_R"), submodel("channels.ruler.news")
    ('actors.leader', 'channels')
    """
    parts = path.split(".")
    return ".".join(parts[:2]) if parts[0] == "actors" else parts[0]


def convergence(y: np.ndarray, names: Sequence[str], least: int = 16) -> dict[str, Any]:
    """S1 and ST from the first N/8, N/4, N/2 and all N base points, as far as there are `least` of them."""
    k = len(names)
    n = len(y) // (k + 2)
    sizes = [size for size in (n // 8, n // 4, n // 2, n) if size >= least] or [n]
    steps = [sobol(y[: size * (k + 2)], np.stack([y[: size * (k + 2)]] * 2), names, confidence=0.95,
                   resamples=2, seed=0) for size in sizes]  # fmt: skip
    return {"N": sizes} | {
        name: {"S1": [float(found.s1[i]) for found in steps], "ST": [float(found.st[i]) for found in steps]}
        for i, name in enumerate(names)
    }


def known(found: Indices, luck: float) -> bool:
    """Whether indices may be read out: not mostly the luck of the runs, and no ST wider than the rule."""
    return not (found.constant or luck > NOISY or float(np.max(found.st_half)) > WIDE)


def first_settled(found: Indices, steps: Mapping[str, Any]) -> str | None:
    """The name that comes first beyond doubt: its interval of ST lies above all others, and indices hold still."""
    if found.constant or len(found.names) < 2 or max(drifts(found, steps).values(), default=0.0) > DRIFT:
        return None
    one, *others = np.argsort(-found.st, kind="stable")
    half = found.together * found.st_half
    above = all(found.st[one] - half[one] > found.st[other] + half[other] for other in others)
    return found.names[one] if above else None


def drifts(found: Indices, steps: Mapping[str, Any]) -> dict[str, float]:
    """How far each ST moved with the second half of the sample; empty without halves."""
    return {name: abs(steps[name]["ST"][-1] - steps[name]["ST"][-2]) for name in found.names if len(steps["N"]) > 1}


def doubts(
    output: str, found: Indices, luck: float, steps: Mapping[str, Any], *, n: int, replications: int
) -> list[str]:
    """What keeps the indices of an output from being trusted, and what would mend it; empty where nothing does."""
    if found.constant:
        return [f"{output} is the same at every point; it has no variance to explain."]
    said = []
    widest = int(np.argmax(found.st_half))
    half = float(found.st_half[widest])
    if half > WIDE:
        wanted = power_of_two(n * (half / WIDE) ** 2)
        most = " or more" if wanted >= MOST_ADVISED else ""
        said.append(
            f"{output}: the sample is too small: ST of {found.names[widest]} is known only to +-{half:.2f}; "
            f"try points={wanted}{most} (now {n})."
        )
    if luck > NOISY:
        wanted = math.ceil(replications * luck / (1 - min(luck, 0.99)) * (1 - QUIET) / QUIET / 10) * 10
        said.append(
            f"{output}: {100 * min(luck, 1.0):.0f} % of the variance between points is luck of their runs, which "
            f"makes ST too high; try replications={wanted} (now {replications}), or read ST_free."
        )
    moved = drifts(found, steps)
    worst = max(moved, key=lambda name: moved[name], default=None)
    if worst is not None and moved[worst] > DRIFT:
        said.append(
            f"{output}: ST of {worst} moved by {moved[worst]:.2f} with the second half of the sample: not settled."
        )
    return said


def power_of_two(wanted: float) -> int:
    """The least power of two that is enough, at most what is advised.

    >>> power_of_two(300.0)
    512
    """
    return min(2 ** math.ceil(math.log2(max(wanted, 1.0))), MOST_ADVISED)


def _salib() -> ModuleType:
    try:
        from SALib.analyze import sobol as analysis
    except ImportError as error:
        raise UserError(needs("a Sobol index", "analysis", error)) from None
    return analysis
