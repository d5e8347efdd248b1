"""The report of `rubicon backtest`: scores beside reference lines, and what was said of each episode."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.report import generic
from sim.report.parts import NOTHING, Table, number, percent, words
from sim.results import Finished

QUESTION = "Does the model tell how past episodes ended, better than simple lines that learn from the same rows?"
SCORES = {"log_loss": "log loss", "brier": "Brier", "hits": "likeliest came", "hits_2": "among first two"}
CLASSES = ("REBELS_WIN", "GOV_CONCEDES", "NEGOTIATED_EXIT", "REBELS_COLLAPSE", "CRUSHED", "PROLONGED_WAR")


def conclusions(done: Finished) -> Iterator[str]:
    """The verb's own verdicts."""
    yield from map(str, done.summary["conclusions"])


def tables(done: Finished) -> Iterator[Table]:
    """Scores, paired differences, classes, coefficients, and every episode."""
    told = done.summary
    if told["scored"]:
        yield _scores(told)
        yield _against(told)
        yield from generic.tables({"how each class fared": told["classes"], "duration and deaths": told["magnitudes"]})
    yield from generic.tables({"coding coefficients": told["coefficients"]})
    yield _episodes(told)


def _scores(told: Mapping[str, Any]) -> Table:
    rows = [(words(name), *(_span(told[score][name]) for score in SCORES)) for name in told["log_loss"]]
    note = (
        f"{told['scored']} episodes in {told['clusters']} clusters, each predicted without its cluster; "
        f"{100 * told['level']:g} % intervals by drawing clusters again, studentised."
    )
    return Table("Scores", ("forecaster", *SCORES.values()), rows, note)


def _span(entry: Mapping[str, Any]) -> str:
    return f"{entry['value']:.3f} ({entry['low']:.3f} to {entry['high']:.3f})"


def _against(told: Mapping[str, Any]) -> Table:
    rows = [
        (words(name), _span(entry["log_loss"]), entry["log_loss"]["verdict"], _span(entry["brier"]))
        for name, entry in told["against"].items()
    ]
    heads = ("line", "log loss of the model less its", "verdict", "Brier of the model less its")
    return Table("Paired differences", heads, rows, "Below zero: the model is better. Each line is taken alone.")


def _episodes(told: Mapping[str, Any]) -> Table:
    rows = [
        (name, *(percent(row[kind]) for kind in CLASSES), words((row["truth"] or NOTHING).lower()),
         number(row.get("rank")), number(row["hours_median"], 2), number(row["deaths_median"], 2))
        for name, row in told["rows"].items()
    ]  # fmt: skip
    heads = ("episode", *(words(kind.lower()) for kind in CLASSES), "truth", "rank of truth", "hours", "deaths")
    return Table("Odds of each episode", heads, rows, "Hours and deaths are medians of the forecast.")
