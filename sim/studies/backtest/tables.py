"""What a backtest writes and says: predictions, scores, magnitudes, the fitted coefficients, a verdict in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import results as record
from sim.cases import CLASSES, magnitude
from sim.cases.coding import Facts, coefficients
from sim.stats import scoring
from sim.studies.backtest.words import sentences

if TYPE_CHECKING:
    from sim.scenario import Setting
    from sim.studies.backtest.library import Library
    from sim.studies.backtest.verb import Found, Pool

MODEL = "model"
SCORES = ("log_loss", "brier", "hits", "hits_2")


def tables(
    setting: Setting, one: Pool, known: Sequence[Facts], found: Found, library: Library, folder: Path
) -> dict[str, Any]:
    """Write the tables of a backtest; returns its summary."""
    choices = setting.settings.choices
    scored = np.flatnonzero(one.answers >= 0)
    rows = _rows(one, found)
    magnitudes = _magnitudes(one, found, library)
    record.write_table(folder / "predictions.parquet", _long(one, found))
    record.write_table(folder / "magnitudes.parquet", _magnitude_table(one, magnitudes))
    summary: dict[str, Any] = {
        "episodes": one.asked, "scored": len(scored), "trained_on": int(one.may_train.sum()),
        "clusters": len({one.cases[i].cluster for i in scored}), "floor": scoring.FLOOR, "level": choices["level"],
    }  # fmt: skip
    if len(scored):
        clusters = [one.cases[i].cluster for i in scored]
        draws = scoring.resample(clusters, choices["resamples"], setting.seed)
        summary |= _scored(one.answers[scored], {k: v[scored] for k, v in found.chances.items()}, draws, choices)
        summary["magnitudes"] = _magnitude_scores(one, magnitudes, choices, setting.seed)
        record.write_table(folder / "scores.parquet", _score_table(summary))
    summary["coefficients"] = _fitted(found, library)
    summary["folds"] = _folds(one, found)
    summary["rows"] = {name: row | _sizes(magnitudes, i) for i, (name, row) in enumerate(rows.items())}
    summary["conclusions"] = sentences(summary)
    summary["notes"] = [*one.notes, *(note for of in known[: one.asked] for note in of.notes)]
    return summary


def _rows(one: Pool, found: Found) -> dict[str, dict[str, Any]]:
    """Per episode the predicted distribution, the truth, and the losses."""
    out = {}
    for i in range(one.asked):
        chances, truth = found.chances[MODEL][i], int(one.answers[i])
        row: dict[str, Any] = {"cluster": one.cases[i].cluster, "truth": CLASSES[truth] if truth >= 0 else None}
        row |= {name: float(chance) for name, chance in zip(CLASSES, chances, strict=True)}
        if truth >= 0:
            at = np.array([truth])
            row["log_loss"] = float(scoring.log_loss(chances[None], at)[0])
            row["rank"] = int(1 + np.sum(chances > chances[truth]))
        out[one.cases[i].case_id] = row
    return out


def _long(one: Pool, found: Found) -> dict[str, np.ndarray]:
    """Predictions of every forecaster, one row an episode and forecaster."""
    n, names = one.asked, list(found.chances)
    every = np.concatenate([found.chances[name] for name in names])
    truth = np.tile(one.answers, len(names))
    known = truth >= 0
    loss = np.full(len(truth), np.nan)
    loss[known] = scoring.log_loss(every[known], truth[known])
    table = {
        "case_id": np.tile([case.case_id for case in one.cases[:n]], len(names)).astype(object),
        "cluster": np.tile(one.clusters[:n], len(names)).astype(object),
        "forecaster": np.repeat(names, n).astype(object),
        "truth": np.array([CLASSES[code] if code >= 0 else None for code in truth], dtype=object),
    }
    return table | {name: every[:, k] for k, name in enumerate(CLASSES)} | {"log_loss": loss}


def _scored(
    truth: np.ndarray, chances: Mapping[str, np.ndarray], draws: scoring.Draws, choices: Mapping[str, Any]
) -> dict[str, Any]:
    """Scores by forecaster, paired differences from each line, reliability, and how each class fared."""
    level = choices["level"]
    by_name = {name: scoring.scores(given, truth, draws, level) for name, given in chances.items()}
    out: dict[str, Any] = {score: {name: by_name[name][score] for name in by_name} for score in SCORES}
    losses = {name: scoring.log_loss(given, truth) for name, given in chances.items()}
    squares = {name: scoring.brier(given, truth) for name, given in chances.items()}
    lines = [name for name in chances if name != MODEL]
    out["against"] = {
        name: {
            "log_loss": scoring.paired(losses[MODEL], losses[name], draws, level),
            "brier": scoring.paired(squares[MODEL], squares[name], draws, level),
        }
        for name in lines
    }
    out["reliability"] = scoring.reliability(chances[MODEL], truth)
    out["classes"] = {name: _class(code, truth, chances[MODEL]) for code, name in enumerate(CLASSES)}
    return out


def _class(code: int, truth: np.ndarray, chances: np.ndarray) -> dict[str, Any]:
    """How the episodes of one class were predicted."""
    mine = truth == code
    entry: dict[str, Any] = {"n": int(mine.sum()), "said_overall": float(chances[:, code].mean())}
    if mine.any():
        average = chances[mine].mean(axis=0)
        entry["said"] = float(average[code])
        entry["log_loss"] = float(scoring.log_loss(chances[mine], truth[mine]).mean())
        entry["mostly_said"] = CLASSES[int(np.argmax(average))]
    return entry


def _magnitudes(one: Pool, found: Found, library: Library) -> dict[str, dict[str, np.ndarray]]:
    """Normal forecasts of log duration and log(1 + deaths), with the mean of the training rows beside them."""
    hours = np.array([math.nan if case.hours is None else math.log(case.hours) for case in one.cases])
    deaths = np.array([math.nan if case.deaths is None else math.log1p(case.deaths) for case in one.cases])
    out = {}
    for name, model, truth in (("log_hours", library.log_hours, hours), ("log_deaths", library.log_deaths, deaths)):
        lines = []
        for row, fold in enumerate(found.folds):
            mean, sd, slope = magnitude.forecast(model, fold.weights, truth, fold.trained, row)
            lines.append((mean, sd, slope, *magnitude.mean_line(truth, fold.trained)))
        heads = ("mean", "sd", "slope", "line_mean", "line_sd")
        out[name] = dict(zip(heads, np.array(lines).T, strict=True)) | {"truth": truth[: one.asked]}
    return out


def _sizes(magnitudes: Mapping[str, Mapping[str, np.ndarray]], row: int) -> dict[str, float]:
    """Median and 80 % interval of hours and deaths of one episode."""
    out = {}
    for name, log, back in (("hours", "log_hours", math.exp), ("deaths", "log_deaths", math.expm1)):
        mean, sd = (float(magnitudes[log][key][row]) for key in ("mean", "sd"))
        for end, z in (("low", -magnitude.CENTRAL_80), ("median", 0.0), ("high", magnitude.CENTRAL_80)):
            out[f"{name}_{end}"] = max(back(mean + z * sd), 0.0)
    return out


def _magnitude_table(one: Pool, magnitudes: Mapping[str, Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    table: dict[str, np.ndarray] = {
        "case_id": np.array([case.case_id for case in one.cases[: one.asked]], dtype=object)
    }
    for name, parts in magnitudes.items():
        table |= {f"{name}_{key}": values for key, values in parts.items()}
    return table


def _magnitude_scores(
    one: Pool, magnitudes: Mapping[str, Mapping[str, np.ndarray]], choices: Mapping[str, Any], seed: int
) -> dict[str, Any]:
    """Root mean square error, CRPS and 80 % coverage of model and mean line, in log units."""
    out = {}
    for name, parts in magnitudes.items():
        there = ~np.isnan(parts["truth"])
        entry: dict[str, Any] = {"n": int(there.sum())}
        losses: dict[str, np.ndarray] = {}
        for who, mean, sd in (("model", "mean", "sd"), ("mean_line", "line_mean", "line_sd")):
            m, s, y = parts[mean][there], parts[sd][there], parts["truth"][there]
            if len(y):
                losses[who] = scoring.crps_normal(m, s, y)
                entry[f"{who}_rmse"] = float(np.sqrt(np.mean((m - y) ** 2)))
                entry[f"{who}_crps"] = float(losses[who].mean())
                entry[f"{who}_covered_80"] = float(np.mean(np.abs(y - m) <= magnitude.CENTRAL_80 * s))
        entry["mean_slope"] = float(parts["slope"].mean())
        if losses:
            clusters = [one.clusters[i] for i in np.flatnonzero(there)]
            draws = scoring.resample(clusters, choices["resamples"], seed)
            entry["against_mean_line"] = scoring.paired(losses["model"], losses["mean_line"], draws, choices["level"])
        out[name] = entry
    return out


def _score_table(summary: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """One row a forecaster and score."""
    lines = [
        (name, score, entry["value"], entry["low"], entry["high"])
        for score in SCORES for name, entry in summary[score].items()
    ]  # fmt: skip
    who, score, *numbers = zip(*lines, strict=True)
    table = {"forecaster": np.array(who, dtype=object), "score": np.array(score, dtype=object)}
    return table | {key: np.array(part) for key, part in zip(("value", "low", "high"), numbers, strict=True)}


def _fitted(found: Found, library: Library) -> dict[str, Any]:
    """Each coefficient's prior range, and its mean and spread under the folds' weights, averaged over the rows."""
    weights = np.mean([fold.weights for fold in found.folds], axis=0)
    out = {}
    for c in coefficients():
        x = library.values[c.name]
        mean = float(weights @ x)
        spread = float(np.sqrt(weights @ (x - mean) ** 2))
        out[c.name] = {"about": c.about, "unit": c.unit, "low": c.low, "high": c.high, "mean": mean, "sd": spread,
                       "prior_sd": (c.high - c.low) / math.sqrt(12.0)}  # fmt: skip
    return out


def _folds(one: Pool, found: Found) -> dict[str, Any]:
    """What was chosen within the folds: power of the likelihood, shrinkage, and how many vectors carry the weight."""
    out = {}
    for row, fold in enumerate(found.folds):
        out[one.cases[row].cluster] = {
            "trained_on": len(fold.trained), "temper": fold.temper, "shrink": fold.shrink,
            "effective_vectors": float(1.0 / np.sum(fold.weights**2)),
        }  # fmt: skip
    return out


def figures(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Pages by name: rows always, scores and reliability where something was scored."""
    from sim import draw as plots

    names = ["backtest_rows", *(["backtest_scores", "reliability"] if summary["scored"] else [])]
    return {name: plots.load(name)(summary) for name in names}
