"""Reference forecasters: what a model must beat to claim skill. Each learns from the same rows as the model."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.cases.forecast import frequencies
from sim.errors import UserError, needs

if TYPE_CHECKING:
    from sim.cases.coding import Facts

CLASSES = 6
WEIGHT = 3.0  # rows' worth of class frequencies that smooth those of one demand
STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3)  # inverse penalties C of the logit that are tried
PARTS = 5  # of the training clusters, each left out in turn when the penalty is chosen
Learner = Callable[[np.ndarray, np.ndarray], np.ndarray]


def uniform(trained: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """One sixth for every class."""
    return np.full((len(asked), CLASSES), 1.0 / CLASSES)


def by_class(truth: np.ndarray) -> Learner:
    """Class frequencies of the training rows, one added to each."""
    return lambda trained, asked: np.tile(frequencies(truth[trained]), (len(asked), 1))


def by_demand(truth: np.ndarray, demands: Sequence[str]) -> Learner:
    """Frequencies among training rows of the same opening demand; those of all rows smooth them, as 3 rows would."""
    kinds = np.asarray(demands)

    def learned(trained: np.ndarray, asked: np.ndarray) -> np.ndarray:
        prior = frequencies(truth[trained])
        out = []
        for row in asked:
            same = truth[trained[kinds[trained] == kinds[row]]]
            out.append((np.bincount(same, minlength=CLASSES) + WEIGHT * prior) / (len(same) + WEIGHT))
        return np.array(out)

    return learned


def features(facts: Sequence[Facts]) -> tuple[np.ndarray, list[str]]:
    """The model's inputs as columns (n, f) with names: categories one-hot, numbers in logs."""
    names = ("regime_type", "rebel_type", "rebel_level", "demand_type")
    levels = [(name, level) for name in names for level in sorted({of.words[name] for of in facts})]
    flags = [[float(of.words[name] == level) for name, level in levels] for of in facts]
    numbers = [
        [float(of.war), math.log(of.bands["rebels"][1]), math.log(of.bands["rebels"][1] / of.bands["loyal"][1]),
         math.log1p(of.km), math.log1p(of.hours)]
        for of in facts
    ]  # fmt: skip
    heads = [f"{name}={level}" for name, level in levels]
    return np.hstack([flags, numbers]), [*heads, "wartime", "log rebels", "log ratio", "log km", "log hours"]


def logit(truth: np.ndarray, x: np.ndarray, clusters: Sequence[str]) -> Learner:
    """Ridge-penalised multinomial logit on standardised inputs; its penalty is chosen within the training rows.

    Classes that the training rows lack get their smoothed frequency; the rest is scaled to match.
    """
    groups = np.asarray(clusters, dtype=str)

    def learned(trained: np.ndarray, asked: np.ndarray) -> np.ndarray:
        return _fit(x, truth, trained, asked, _penalty(x, truth, groups, trained))

    return learned


def _penalty(x: np.ndarray, truth: np.ndarray, groups: np.ndarray, trained: np.ndarray) -> float:
    """Inverse penalty of least log loss when each fifth of the training clusters is predicted from the others."""
    names, member = np.unique(groups[trained], return_inverse=True)
    if len(names) < 2:
        return STRENGTHS[0]
    losses = np.zeros(len(STRENGTHS))
    for part in range(min(len(names), PARTS)):
        inside = member % PARTS == part
        out, rest = trained[inside], trained[~inside]
        for i, strength in enumerate(STRENGTHS):
            losses[i] -= np.log(_fit(x, truth, rest, out, strength)[np.arange(len(out)), truth[out]]).sum()
    return STRENGTHS[int(np.argmin(losses))]


def _fit(x: np.ndarray, truth: np.ndarray, trained: np.ndarray, asked: np.ndarray, strength: float) -> np.ndarray:
    seen = np.unique(truth[trained])
    prior = frequencies(truth[trained])
    if len(seen) < 2:
        return np.tile(prior, (len(asked), 1))
    middle, spread = x[trained].mean(axis=0), x[trained].std(axis=0)
    scaled = (x - middle) / np.where(spread > 0.0, spread, 1.0)
    fitted = _regression()(C=strength, solver="newton-cg", max_iter=500).fit(scaled[trained], truth[trained])
    out = np.tile(prior, (len(asked), 1))
    out[:, seen] = fitted.predict_proba(scaled[asked]) * prior[seen].sum()
    return out


def _regression() -> Any:
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise UserError(needs("the logit reference line", "analysis", error)) from error
    return LogisticRegression


def lines(truth: np.ndarray, facts: Sequence[Facts], clusters: Sequence[str]) -> dict[str, Learner]:
    """All reference lines by name."""
    x, _ = features(facts)
    demands = [of.words["demand_type"] for of in facts]
    return {
        "uniform": uniform, "class_frequencies": by_class(truth), "demand_type": by_demand(truth, demands),
        "logit": logit(truth, x, clusters),
    }  # fmt: skip


def predict(learner: Learner, truth: np.ndarray, clusters: Sequence[str], may_train: np.ndarray) -> np.ndarray:
    """Leave-one-cluster-out predictions (n, 6) of a line."""
    groups = np.asarray(clusters, dtype=str)
    usable = may_train & (truth >= 0)
    out = np.zeros((len(groups), CLASSES))
    for cluster in sorted(set(groups)):
        asked = np.flatnonzero(groups == cluster)
        out[asked] = learner(np.flatnonzero(usable & (groups != cluster)), asked)
    return out
