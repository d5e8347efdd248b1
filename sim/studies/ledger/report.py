"""The report of `rubicon ledger`: what mediation is worth, and which of its functions carry that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.report.endings import listed
from sim.report.parts import Table, number, percent
from sim.results import Finished

QUESTION = "What is mediation worth, when does it have to begin, and which of its functions does the work?"
WORDS = {"information": "information", "guarantor": "guarantee", "face_saver": "cover", "rank": "rank"}
MEASURES = (("deaths", "deaths"), ("deal", "deals, points"), ("deal_kept", "deals kept, points"))


def conclusions(done: Finished) -> Iterator[str]:
    """The value of free mediation, the best hour if it is settled, the functions, and where nothing is seen."""
    told = done.summary
    entries = told["entries"]
    free = {e["measure"]: e for e in _of(entries, "mediation", None) if e["hour"] is None}
    deal, deaths = free["deal"], free["deaths"]
    yield (
        f"Against the same crises without him the mediator of this setting, free to come in, makes a difference of "
        f"{_told(deal, 100)} points in deals and of {_told(deaths, 1)} in mean deaths."
    )
    yield from _best(told)
    parts = [e for e in entries if e["value_of"] == "function" and e["hour"] is None and e["measure"] == "deal"]
    order = sorted(parts, key=lambda e: -float(e["difference"]))
    told_parts = [f"{WORDS[e['lacks']]} {_told(e, 100)}" for e in order]
    yield f"What a function adds, in points of deals, the others in place: {'; '.join(told_parts)}."
    yield from told["worth_nothing"]


def _best(told: Mapping[str, Any]) -> Iterator[str]:
    """The hour of entry with most deals, as far as it is told from the others and from nothing."""
    best = told.get("best")
    if not best:
        return
    price = f"{_gap(best, 100)} points, 95 % for all hours tried together"
    if not best["sure"]:
        yield f"At no hour of entry tried is mediation seen to bring deals; the most measured is {price}."
    elif not best["level"]:
        yield f"Of the hours of entry tried, hour {number(best['hour'])} brings most deals: {price}."
    else:
        rest = f"hour{'s' if len(best['level']) > 1 else ''} {listed(map(number, best['level']))}"
        yield (
            f"Which hour of entry brings most deals is not settled: hour {number(best['hour'])} measures {price}, "
            f"within chance of {rest}."
        )


def _told(entry: Mapping[str, Any], scale: int) -> str:
    """A difference with its own interval, and a word where the whole ledger does not tell it from nothing."""
    return _gap(entry, scale) + (" (no more than chance)" if entry["nothing"] else "")


def _of(entries: Sequence[Mapping[str, Any]], value_of: str, lacks: str | None) -> list[Mapping[str, Any]]:
    return [e for e in entries if e["value_of"] == value_of and e["lacks"] == lacks]


def _gap(entry: Mapping[str, Any], scale: int) -> str:
    low, middle, high = (f"{scale * entry[name]:+.1f}" for name in ("low", "difference", "high"))
    return f"{middle} ({low} to {high})"


def tables(done: Finished) -> Iterator[Table]:
    """Value by hour of entry; value of each function by hour; deals kept among deals made."""
    told = done.summary
    entries, kept = told["entries"], told["kept_of_deals"]
    heads = ("entry at hour", *(name for _, name in MEASURES))
    for lacks in (None, *WORDS):
        value_of = "mediation" if lacks is None else "function"
        rows = []
        for label in kept:
            found = {e["measure"]: e for e in _of(entries, value_of, lacks) if e["entry"] == label}
            rows.append((label, *(_gap(found[m], 1 if m == "deaths" else 100) + ("" if found[m]["nothing"] else " *")
                                  for m, _ in MEASURES)))  # fmt: skip
        title = "Value of mediation" if lacks is None else f"Value of his {WORDS[lacks]}"
        yield Table(
            title, heads, rows, "95 % intervals, one by one; * more than chance over the whole ledger (Holm 1979)."
        )
    columns = list(next(iter(kept.values())))
    rows = [(label, *(percent(one[c]) for c in columns)) for label, one in kept.items()]
    yield Table("Deals kept through the last week, of deals made", ("entry at hour", *columns), rows,
                "Columns: no mediator, the whole one, and without one function.")  # fmt: skip
