"""A backtest in words: the verdict against each line, the weakest class, the table that is printed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import median
from typing import Any

NAMES = {
    "model": "model", "uniform": "uniform", "class_frequencies": "class frequencies", "demand_type": "demand type only",
    "logit": "multinomial logit",
}  # fmt: skip


def sentences(summary: Mapping[str, Any]) -> list[str]:
    """The verdict against each line, the weakest class, and durations and deaths, in plain words."""
    if not summary["scored"]:
        return [
            "No episode of this file has an answer, so nothing is scored; the predictions stand in predictions.parquet."
        ]
    out = [_verdict(name, entry["log_loss"], summary) for name, entry in summary["against"].items()]
    known = median((entry["log_loss"]["high"] - entry["log_loss"]["low"]) / 2 for entry in summary["against"].values())
    out.append(
        f"With {_count(summary['scored'], 'episode')} in {_count(summary['clusters'], 'cluster')} such a difference is "
        f"known to about ±{known:.2g}; each line is taken alone."
    )
    weak = [name for name, entry in summary["classes"].items() if entry.get("log_loss", 0.0) > math.log(6.0)]
    if weak:
        parts = [f"{name} ({_class(summary['classes'][name])})" for name in weak]
        out.append(f"Told worse than by a uniform guess, of these episodes, where the truth was {'; '.join(parts)}.")
    return out + [_size_sentence(name, entry) for name, entry in summary["magnitudes"].items() if entry["n"]]


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _class(entry: Mapping[str, Any]) -> str:
    return (
        f"{_count(entry['n'], 'episode')}; on average it was given {100 * entry['said']:.0f} %, and most was given "
        f"to {entry['mostly_said']}"
    )


def _verdict(name: str, entry: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    held = f"{100 * summary['level']:g} % interval {entry['low']:+.3f} to {entry['high']:+.3f}"
    span = f"{entry['value']:+.3f} nats a row, {held}"
    line = NAMES.get(name, name)
    if entry["verdict"] == "beats":
        return f"The model beats the line '{line}' in log loss ({span})."
    if entry["verdict"] == "does not beat":
        return f"The model does not beat the line '{line}' in log loss ({span})."
    return f"The model is ahead of the line '{line}' in log loss, but chance cannot be ruled out ({span})."


def _size_sentence(name: str, entry: Mapping[str, Any]) -> str:
    what = {"log_hours": "duration (log hours)", "log_deaths": "deaths (log of 1 + n)"}[name]
    ours, theirs = entry["model_crps"], entry["mean_line_crps"]
    word = {"beats": "better than", "does not beat": "no better than", "cannot tell": "not beyond chance better than"}
    return (
        f"For {what} the model is {word[entry['against_mean_line']['verdict']]} the mean of the training rows: CRPS "
        f"{ours:.3f} against {theirs:.3f}; "
        f"{100 * entry['model_covered_80']:.0f} % of {entry['n']} fall into its 80 % intervals."
    )


def said(summary: Mapping[str, Any]) -> list[Any]:
    """What is printed: the table of scores, then the sentences."""
    from rich.table import Table

    if not summary["scored"]:
        return list(summary["conclusions"])
    table = Table(
        title=f"{summary['scored']} episodes, each without its cluster; ranges hold {100 * summary['level']:g} %",
        title_justify="left",
    )  # fmt: skip
    for heading in ("forecaster", "log loss", "", "Brier", "", "likeliest came", "model less line", ""):
        table.add_column(
            heading, justify="left" if heading == "forecaster" else "right", no_wrap=heading in ("", "forecaster")
        )
    for name in summary["log_loss"]:
        gap = summary["against"].get(name)
        less = ("", "") if gap is None else _entry(gap["log_loss"], "+.2f")
        loss, square = (_entry(summary[score][name], ".2f") for score in ("log_loss", "brier"))
        table.add_row(NAMES.get(name, name), *loss, *square, f"{100 * summary['hits'][name]['value']:.0f} %", *less)
    return [table, *summary["conclusions"]]


def _entry(entry: Mapping[str, Any], form: str) -> tuple[str, str]:
    return f"{entry['value']:{form}}", f"{entry['low']:{form}}..{entry['high']:{form}}"
