"""How long, how bloody: the model's mean of a log made into a forecast by the training rows.

The model's hours count decisions in days of June 2023; other episodes run on clocks of their
own. So level and slope of the log are learned within the fold (truth = a + b model, 0 <= b <= 1),
and the spread is what is left over. With b = 0 the model tells nothing and the forecast is the
mean of the training rows, which is the reference line.
"""

from __future__ import annotations

import numpy as np

LEAST_SD = 0.3  # log units: a forecast is never surer than that
CENTRAL_80 = 1.2815515655446004  # standard normal quantile of 0.9


def forecast(
    model: np.ndarray, weights: np.ndarray, truth: np.ndarray, trained: np.ndarray, row: int
) -> tuple[float, float, float]:
    """(mean, sd, slope) of the log for one row.

    Parameters
    ----------
    model : (n, m) mean log under each vector
    weights : (m,) of the vectors in this fold
    truth : (n,) logs, nan where not known
    trained : rows learned from
    """
    known = trained[~np.isnan(truth[trained])]
    said = model @ weights
    if len(known) < 3:
        return float(said[row]), 1.5, 1.0
    x, y = said[known], truth[known]
    middle, spread = x.mean(), float(np.sum((x - x.mean()) ** 2))
    slope = min(max(float(np.sum((x - middle) * (y - y.mean()))) / spread, 0.0), 1.0) if spread > 0.0 else 0.0
    left = y - y.mean() - slope * (x - middle)
    return float(y.mean() + slope * (said[row] - middle)), _sd(left, len(known)), slope


def mean_line(truth: np.ndarray, trained: np.ndarray) -> tuple[float, float]:
    """(mean, sd) of the training rows' logs: the reference line."""
    known = truth[trained][~np.isnan(truth[trained])]
    if len(known) < 3:
        return (float(known.mean()) if len(known) else 0.0), 1.5
    return float(known.mean()), _sd(known - known.mean(), len(known))


def _sd(left: np.ndarray, n: int) -> float:
    """Spread of what is left over, widened for the numbers learned from n rows."""
    return max(float(np.sqrt(np.sum(left**2) / (n - 2) * (1.0 + 1.0 / n))), LEAST_SD)
