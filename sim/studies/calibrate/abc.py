"""Approximate Bayesian computation: what facts about one case say about the numbers of a model.

Importance sampling from the prior. A point's likelihood is the share of its runs that show every fact
within the range that may still count as a hit; that is exact Bayes for a fact known up to a uniform
error of that range (Wilkinson 2013), and the share of a few runs, being unbiased, gives exact weights
(Fearnhead et al. 2010). No density is fitted and no step is adapted, so the answer can be checked:
simulation-based calibration (Talts et al. 2018) is `truths`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

UNTOLD = -1.0e6  # a run that tells nothing of a fact: equal to itself, far from every value
RANKS = 100  # ranks of a truth among 99 posterior draws
PRIOR_SD = 1.0 / sqrt(12.0)  # of a uniform on the unit interval


@dataclass(frozen=True)
class Fact:
    """A number as observed, and the range [low, high] in which a run's own still counts as a hit."""

    name: str
    central: float
    low: float
    high: float

    def __post_init__(self) -> None:
        """Refuse a range that leaves its centre out."""
        if not self.low <= self.central <= self.high:
            raise ValueError(f"{self.name}: {self.central} lies outside [{self.low}, {self.high}]")


def hits(
    shown: NDArray[np.floating], facts: Sequence[Fact], tolerance: float = 1.0, at: Floats | None = None
) -> NDArray[np.bool_]:
    """Which runs show every fact.

    Parameters
    ----------
    shown : (..., d) what each run shows of each fact, `UNTOLD` where it tells nothing
    tolerance : the ranges are widened about their centres by this factor
    at : (d,) other observed values than the facts' own, with the same widths
    """
    out = np.ones(shown.shape[:-1], dtype=bool)
    for j, fact in enumerate(facts):
        centre = fact.central if at is None else float(at[j])
        low, high = centre - tolerance * (fact.central - fact.low), centre + tolerance * (fact.high - fact.central)
        # A hair's breadth, because 0.96 - 0.11 is not quite 0.85.
        out &= (shown[..., j] >= low - 1e-6) & (shown[..., j] <= high + 1e-6)
    return out


def weights(hit: NDArray[np.bool_]) -> Floats:
    """Weights (n,) of points from the hits (n, r) of their runs; they sum to one, or are all zero without any hit."""
    share = hit.mean(axis=1)
    total = share.sum()
    found: Floats = share / total if total > 0 else share
    return found


def effective(w: Floats) -> float:
    """Effective number of points behind weights (Kish 1965); 0 where all are zero."""
    return float(1.0 / np.sum(w**2)) if w.any() else 0.0


def bits(hit: NDArray[np.bool_]) -> float:
    """Information that the facts carry about all numbers together (bits): divergence of posterior from prior.

    The noise of the shares would add to it; the two halves of the runs, one weighing and one
    measured, take that out to first order.
    """
    half = hit.shape[1] // 2
    first, second = hit[:, :half].mean(axis=1), hit[:, half:].mean(axis=1)
    w, mean = weights(hit), hit.mean()
    if not mean:
        return float("nan")
    plain = float(np.sum(w[w > 0] * np.log2(w[w > 0] * len(w))))
    # Var(share) = E[first second] - mean^2 without noise; the plain estimate has it with noise.
    clean, noisy = float(np.mean(first * second) - mean**2), float(hit.mean(axis=1).var())
    return plain * min(max(clean / noisy, 0.0), 1.0) if noisy > 0 else 0.0


@dataclass(frozen=True)
class Marginals:
    """Each number on the prior's own scale (uniform on 0 to 1): posterior mean, spread, and distance from the prior.

    All (k,). `contraction` is 1 - sd after / sd before; `chance` the probability that weights that
    know nothing move a number as far (Kolmogorov's distance, permuted weights, all numbers pooled).
    """

    mean: Floats
    sd: Floats
    contraction: Floats
    distance: Floats
    chance: Floats


def marginals(u: Floats, w: Floats, seed: int, permutations: int = 200) -> Marginals:
    """Marginals of points `u` (n, k) of the unit cube under weights (n,)."""
    mean = w @ u
    sd = np.sqrt(w @ (u - mean) ** 2)
    order = np.argsort(u, axis=0)
    distance = _distance(w, u, order)
    rng = np.random.default_rng([seed, 11])
    null = np.concatenate([_distance(rng.permutation(w), u, order) for _ in range(permutations)])
    chance = np.array([(1 + np.count_nonzero(null >= d)) / (1 + len(null)) for d in distance])
    return Marginals(mean, sd, 1.0 - sd / PRIOR_SD, distance, chance)


def _distance(w: Floats, u: Floats, order: NDArray[np.intp]) -> Floats:
    """Largest gap between the weighted and the plain distribution of each column."""
    n = len(w)
    found: Floats = np.abs(np.cumsum(w[order], axis=0) - np.arange(1, n + 1)[:, None] / n).max(axis=0)
    return found


def correlations(u: Floats, w: Floats) -> Floats:
    """Posterior correlations (k, k): what is known only of numbers together shows here and in no marginal."""
    centred = u - w @ u
    cov = centred.T @ (centred * w[:, None])
    sd = np.sqrt(np.diag(cov))
    found: Floats = cov / np.outer(sd, sd)
    return found


def quantiles(u: Floats, w: Floats, at: Sequence[float]) -> Floats:
    """Weighted quantiles (len(at), k) of each column."""
    out = np.empty((len(at), u.shape[1]))
    for j, column in enumerate(u.T):
        order = np.argsort(column, kind="stable")
        out[:, j] = np.interp(at, np.cumsum(w[order]) - 0.5 * w[order], column[order])
    return out


def resample(w: Floats, m: int, seed: int) -> NDArray[np.int64]:
    """m points of equal weight, systematically (Kitagawa 1996) and then in random order; ValueError without weights."""
    if not w.any():
        raise ValueError("no point has any weight: no run showed all facts")
    rng = np.random.default_rng([seed, 12])
    places = (np.arange(m) + rng.random()) / m
    chosen = np.minimum(np.searchsorted(np.cumsum(w), places), len(w) - 1)
    return rng.permutation(chosen.astype(np.int64))


@dataclass(frozen=True)
class Truths:
    """Synthetic cases: rank of truths among posterior draws, posterior mean and sd (t, k); effective points (t,)."""

    rank: NDArray[np.int64]
    mean: Floats
    sd: Floats
    effective: Floats
    truth: Floats

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Cases that at least one point explains."""
        return self.effective > 0.0

    def learned(self) -> Floats:
        """Share of each number's prior variance that one such case takes away on average (k,)."""
        found: Floats = 1.0 - np.mean(self.sd[self.usable] ** 2, axis=0) / PRIOR_SD**2
        return found

    def coverage(self, level: float) -> Floats:
        """Share of cases whose truth lies in the central interval of this level (k,)."""
        edge = (1.0 - level) / 2.0 * RANKS
        rank = self.rank[self.usable] + 0.5
        found: Floats = ((rank > edge) & (rank < RANKS - edge)).mean(axis=0)
        return found


def recover(
    shown: NDArray[np.floating], u: Floats, cases: NDArray[np.floating], truth: Floats, facts: Sequence[Fact], seed: int
) -> Truths:
    """Take each synthetic case for the one that was observed, and see where its truth lies in the posterior.

    Parameters
    ----------
    shown : (n, r, d) what the prior's runs show; u (n, k) their points on the unit cube
    cases : (t, d) what one run of each truth shows; truth (t, k) drawn from the prior, not from `u`

    A case is observed with the facts' own error, without which the ranges would be too wide for it.
    """
    rng = np.random.default_rng([seed, 13])
    t, k = truth.shape
    rank, mean, sd = np.zeros((t, k), np.int64), np.full((t, k), np.nan), np.full((t, k), np.nan)
    points = np.zeros(t)
    low = np.array([fact.central - fact.low for fact in facts])
    high = np.array([fact.high - fact.central for fact in facts])
    for i in range(t):
        seen = cases[i] - rng.uniform(-low, high)
        w = weights(hits(shown, facts, at=seen))
        points[i] = effective(w)
        if not w.any():
            continue
        mean[i] = w @ u
        sd[i] = np.sqrt(w @ (u - mean[i]) ** 2)
        draws = u[rng.choice(len(w), RANKS - 1, p=w)]
        rank[i] = np.sum(draws < truth[i], axis=0)
    return Truths(rank, mean, sd, points, truth)


def uniformity(rank: NDArray[np.int64], bins: int = 10) -> Floats:
    """Chance of ranks (t, k) as uneven as these if the posterior is right: chi-square over `bins` bins, by column."""
    from scipy.stats import chisquare

    out = [chisquare(np.bincount(column * bins // RANKS, minlength=bins)).pvalue for column in rank.T]
    return np.array(out, dtype=float)
