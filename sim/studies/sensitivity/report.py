"""The report of `rubicon sensitivity`: which numbers the answer hangs on, and how well those are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.report import generic
from sim.report.endings import phrase
from sim.report.parts import NOTHING, Table, number, percent, words
from sim.results import Finished
from sim.studies.sensitivity.reading import told as known

QUESTION = "Which numbers does the answer hang on, and how much of that is judgement?"
STAGES = {"numbers": "the numbers studied", "screening": "all numbers of the screening"}
SHOWN = ("share_negotiated_exit", "duration_h", "deaths")  # outputs whose indices are printed, beside the focus


def conclusions(done: Finished) -> Iterator[str]:
    """The study's own reading."""
    yield from map(str, done.summary.get("reading") or done.summary.get("conclusions") or [])


def tables(done: Finished) -> Iterator[Table]:
    """Sobol indices of the focus and some outputs, groups, screening, and what debt each output has."""
    told = done.summary
    indices, groups = told.get("indices") or {}, told.get("groups") or {}
    about = told.get("parameters") or {}
    focus = [told["focus"]] if told.get("focus") else []
    outputs = [name for name in dict.fromkeys([*focus, *SHOWN]) if name in indices] or list(indices)[:3]
    for output in outputs:
        yield _indices(f"Sobol indices of {phrase(output)}", indices[output], about)
    for output in outputs[:1]:
        if groups.get(output):
            yield _indices(f"Sobol indices of {phrase(output)} by submodel", groups[output], {})
    if told.get("morris"):
        yield from generic.tables({"Morris screening": told["morris"]})
    if told.get("outputs"):
        yield from generic.tables({"outputs over the design": told["outputs"]})


def _indices(caption: str, entries: Mapping[str, Any], about: Mapping[str, Any]) -> Table:
    ordered = sorted(entries.items(), key=lambda item: -(item[1].get("ST") or 0.0))
    rows: list[tuple[str, ...]] = []
    for path, entry in ordered[: generic.MOST_ROWS]:
        of = about.get(path, {})
        first, total = (_index(entry, name) for name in ("S1", "ST"))
        rows.append((path, str(of.get("about", "")), str(of.get("grade", "")), *first, *total))
    heads = ["number", "meaning", "grade", "alone (S1)", "95 % interval", "with interactions (ST)", "95 % interval"]
    if not about:  # submodels have neither meaning nor grade of their own
        heads, rows = [heads[0], *heads[3:]], [(row[0], *row[3:]) for row in rows]
    return Table(caption, heads, rows, "Shares of the variance of the output over the ranges studied.")


def _index(entry: Mapping[str, Any], name: str) -> tuple[str, str]:
    value, low, high = (entry.get(f"{name}{end}") for end in ("", "_low", "_high"))
    if value is None:
        return NOTHING, NOTHING
    return f"{value:.2f}", NOTHING if low is None or high is None else f"{low:.2f} to {high:.2f}"


def debt(done: Finished) -> tuple[list[str], list[Table]]:
    """How much of what moves the focus rests on judgement, stage by stage; the weights stand in the note."""
    found, focus = done.summary.get("debt") or {}, str(done.summary.get("focus"))
    said = []
    for stage, name in STAGES.items():
        entry = (found.get(stage) or {}).get(focus)
        if not entry or (stage == "numbers" and focus in done.summary.get("unknown", ())):
            continue
        low, high = (entry.get(end) for end in ("judgement_low", "judgement_high"))
        if low is None or high is None or known(low, high):
            said.append(
                f"Of the variance of the {phrase(focus)} that {name} explain, {percent(entry['judgement'])} rests on "
                f"judgement alone; weighted by grade the debt is {percent(entry['debt'])}."
            )
    return said, list(_debts(found))


def _debts(debt: Mapping[str, Any]) -> Iterator[Table]:
    weights = debt.get("weights") or {}
    note = "Weights of the grades: " + ", ".join(f"{grade} {number(value)}" for grade, value in weights.items()) + "."
    for stage, outputs in debt.items():
        if stage == "weights" or not isinstance(outputs, Mapping):
            continue
        plain = {
            name: {key: value for key, value in entry.items() if not isinstance(value, (dict, list))}
            for name, entry in outputs.items() if isinstance(entry, Mapping)
        }  # fmt: skip
        for table in generic.tables({f"assumption debt, {words(stage)}": plain}):
            yield Table(table.caption, table.heads, table.rows, note if weights else table.note)
