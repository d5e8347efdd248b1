"""Forecasts from a library of simulated endings: coefficient vectors weighed by the training rows, then shrunk.

A library is `chances` (rows, vectors, classes): how the model ends each episode under each
vector of coding coefficients. Nothing here sees the answer of the row it predicts, nor of
any row of its cluster.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

TEMPERS = (0.0, 0.25, 0.5, 1.0)  # powers of the likelihood that are tried; 0 leaves the prior as it is
SHRINKS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)  # shares of the class frequencies that are tried


@dataclass(frozen=True)
class Fold:
    """What one row's prediction rests on: rows trained on, power, shrinkage, and weights (m,) of the vectors."""

    trained: np.ndarray
    temper: float
    shrink: float
    weights: np.ndarray


def smoothed(counts: np.ndarray) -> np.ndarray:
    """Chances from counts (..., classes) of finitely many runs: half a run is added to every class (Jeffreys)."""
    added = counts + 0.5
    chances: np.ndarray = added / added.sum(axis=-1, keepdims=True)
    return chances


def frequencies(truth: np.ndarray, classes: int = 6) -> np.ndarray:
    """Class frequencies with one added to each class (Laplace)."""
    counts = np.bincount(truth, minlength=classes) + 1.0
    return counts / counts.sum()


def likelihoods(chances: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Log probability (rows, vectors) that each vector gave to what happened; rows with truth -1 say nothing."""
    told = np.where(truth >= 0, truth, 0)
    picked = np.take_along_axis(chances, told[:, None, None], axis=2)[:, :, 0]
    return np.where((truth >= 0)[:, None], np.log(picked), 0.0)


def weigh(logs: np.ndarray, temper: float) -> np.ndarray:
    """Weights of the vectors from summed log likelihoods (m,) to the power `temper`: a tempered posterior."""
    scaled = temper * logs
    raised = np.exp(scaled - scaled.max())
    weights: np.ndarray = raised / raised.sum()
    return weights


def predict(
    chances: np.ndarray, truth: np.ndarray, clusters: Sequence[str], may_train: np.ndarray
) -> Iterator[tuple[np.ndarray, Fold]]:
    """Leave-one-cluster-out predictions, row by row: (chances (k,), fold).

    Parameters
    ----------
    chances : (n, m, k) library
    truth : (n,) codes, -1 where not known
    clusters : n names
    may_train : (n,) whether a row may be learned from at all
    """
    groups = np.asarray(clusters, dtype=str)
    logs = likelihoods(chances, truth)
    usable = may_train & (truth >= 0)
    done: dict[str, Fold] = {}
    for row, cluster in enumerate(groups):
        if cluster not in done:
            done[cluster] = _fold(chances, logs, truth, groups, np.flatnonzero(usable & (groups != cluster)))
        fold = done[cluster]
        own = fold.weights @ chances[row]
        yield (1.0 - fold.shrink) * own + fold.shrink * frequencies(truth[fold.trained], chances.shape[2]), fold


def _fold(chances: np.ndarray, logs: np.ndarray, truth: np.ndarray, groups: np.ndarray, trained: np.ndarray) -> Fold:
    """Power and shrinkage that do best within the training rows, and the weights that follow."""
    temper, shrink = _chosen(chances, logs, truth, groups, trained)
    return Fold(trained, temper, shrink, weigh(logs[trained].sum(axis=0), temper))


def _chosen(
    chances: np.ndarray, logs: np.ndarray, truth: np.ndarray, groups: np.ndarray, trained: np.ndarray
) -> tuple[float, float]:
    """(power, shrinkage) of least log loss when each cluster of the training rows is predicted from the others.

    Ties, and a training set of a single cluster, go to the least power and the most shrinkage.
    """
    inner = sorted(set(groups[trained]))
    if len(inner) < 2:
        return 0.0, 1.0
    total = logs[trained].sum(axis=0)
    losses = np.zeros((len(TEMPERS), len(SHRINKS)))
    share = np.array(SHRINKS)
    for cluster in inner:
        out = trained[groups[trained] == cluster]
        rest = trained[groups[trained] != cluster]
        base = frequencies(truth[rest], chances.shape[2])[truth[out]]
        for i, temper in enumerate(TEMPERS):
            weights = weigh(total - logs[out].sum(axis=0), temper)
            own = np.exp(logs[out]) @ weights
            mixed = np.outer(1.0 - share, own) + np.outer(share, base)
            losses[i] -= np.log(mixed).sum(axis=1)
    tied = np.argwhere(losses <= losses.min() + 1e-9)
    i, j = min(tied.tolist(), key=lambda at: (TEMPERS[at[0]], -SHRINKS[at[1]]))
    return TEMPERS[i], SHRINKS[j]
