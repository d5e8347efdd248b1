"""The report of `rubicon run`: how the crises of one setting end, and at what cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.report.endings import listed, phrase, shares
from sim.report.parts import NOTHING, Table, between, number, percent, words
from sim.results import Finished

QUESTION = "How does this crisis end when it is played many times, and at what cost?"
CHANNELS = {"ruler": "the ruler himself", "officials": "officials", "mediator": "the mediator", "deputies": "deputies"}
MEDIANS = {"duration_h": "duration (h)", "closest_km": "closest point to the capital (km)", "deaths": "deaths"}


def conclusions(done: Finished) -> Iterator[str]:
    """The commonest endings, the cost, and how deals fare."""
    told = done.summary
    first = max(told["outcomes"], key=lambda name: told["outcomes"][name]["count"])
    yield from _commonest(told)
    if told.get("parameters"):
        yield _doubt(told["parameters"], first)
    yield _cost(told["medians"])
    yield from _deals(told["deals"])
    battle = told.get("battle")
    if battle:
        yield (
            f"There is a battle in {percent(battle['any']['share'])} of the crises, and one in the capital in "
            f"{percent(battle['in_capital']['share'])}."
        )


def _commonest(told: Mapping[str, Any]) -> Iterator[str]:
    """The ending that leads and the next one, and whether chance may have put them in this order."""
    (first, top), (second, after), *rest = sorted(told["outcomes"].items(), key=lambda item: -item[1]["count"])
    n, span = told["count"], f"{percent(top['share'])} ({between(top['low'], top['high'])})"
    if n == 1:
        yield f"The one crisis ends in {phrase(first)}."
    elif not after["count"]:
        yield f"All {n:,} crises end in {phrase(first)}: {span}."
    else:
        names = [phrase(name) for name, entry in ((second, after), *rest) if entry["count"] == after["count"]]
        way = "level with it," if after["count"] == top["count"] else "next,"
        yield (
            f"Of {n:,} crises {span} end in {phrase(first)}; {way} {listed(names)} with {percent(after['share'])} "
            f"({between(after['low'], after['high'])})."
        )
    if after["high"] >= top["low"]:
        yield "The intervals overlap: which ending is the commonest is not settled by so few runs."


def _doubt(sets: Mapping[str, Any], ending: str) -> str:
    entry = sets["outcomes"][ending]
    start = f"The numbers vary: replicates take {sets['sets']} sets of {sets['name']} in turn"
    if entry["explained"] is None:
        return f"{start}, too many for so few runs to tell doubt about the numbers from luck."
    return (
        f"{start}. From set to set the share of {phrase(ending)} goes from {percent(entry['sets_low'])} to "
        f"{percent(entry['sets_high'])} (95 % of the sets, luck taken out); {percent(entry['explained'])} of the "
        "variance of a single run is doubt about the numbers, the rest is luck."
    )


def _cost(medians: Mapping[str, Any]) -> str:
    hours, km, dead = (medians[name] for name in MEDIANS)
    return (
        f"Half of the crises are over after {number(hours['median'])} hours; at the median the column comes within "
        f"{number(km['median'])} km of the capital and {number(round(dead['median']))} people are killed "
        f"(95 % interval of that median: {number(round(dead['low']))} to {number(round(dead['high']))})."
    )


def _deals(deals: Mapping[str, Any]) -> Iterator[str]:
    kept = deals["kept"]
    if not kept["n"]:
        yield "No deal is made in any of them."
        return
    yield (
        f"A deal is made in {deals['made']:,} crises and kept through the last week in {percent(kept['share'])} of "
        f"those ({between(kept['low'], kept['high'])})."
    )
    channel, entry = max(deals["channel"].items(), key=lambda item: item[1]["count"])
    if entry["count"]:
        yield (
            f"Of {entry['n']:,} negotiated exits {percent(entry['share'])} "
            f"({between(entry['low'], entry['high'])}) are settled through {CHANNELS.get(channel, channel)}."
        )


def tables(done: Finished) -> Iterator[Table]:
    """Endings, medians, exits, and what else was counted."""
    told = done.summary
    sets = told.get("parameters")
    caption = f"How {told['count']:,} crises end"
    if sets:
        yield shares(caption, told["outcomes"], f"Intervals: {sets['sets']} parameter sets resampled as wholes.")
        yield _by_set(sets)
    else:
        yield shares(caption, told["outcomes"])
    rows = [(MEDIANS.get(name, words(name)), *_median(entry)) for name, entry in told["medians"].items()]
    heads = ("", "median", "95 % interval", "runs")
    yield Table("Medians over all runs", heads, rows, "Intervals: order statistics.")
    exits = {name: entry for name, entry in told["exits"].items() if "median" in entry and entry["n"]}
    if exits:
        rows = [(MEDIANS.get(name, words(name)), *_median(entry)) for name, entry in exits.items()]
        yield Table("Medians over negotiated exits", heads, rows)
    counted = {"a deal is kept, of deals made": told["deals"]["kept"]}
    counted |= {f"settled through: {name}, of exits": entry for name, entry in told["deals"]["channel"].items()}
    counted |= {f"package: {name}, of exits": entry for name, entry in told["exits"].get("package", {}).items()}
    counted |= {words(name): entry for name, entry in told["talks"].items() if "share" in entry}
    rows = [
        (name, percent(e["share"]), between(e["low"], e["high"]), f"{e['count']:,} of {e['n']:,}")
        for name, e in counted.items() if e["n"]
    ]  # fmt: skip
    yield Table("Talks and deals", ("", "share", "95 % interval", "runs"), rows)


def _by_set(sets: Mapping[str, Any]) -> Table:
    rows = [
        (phrase(name), percent(e["sets_low"]), percent(e["sets_high"]), percent(e["explained"]))
        for name, e in sets["outcomes"].items() if e["explained"] is not None
    ]  # fmt: skip
    note = f"Sets of {sets['name']}; {len(sets['varied'])} numbers vary"
    note += f"; the setting itself holds {', '.join(sets['held'])}." if sets["held"] else "."
    heads = ("ending", "lowest share of a set (2.5 %)", "highest (97.5 %)", "variance of a run between sets")
    return Table("Doubt about the numbers, luck taken out", heads, rows, note)


def _median(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    span = NOTHING if entry["low"] is None else f"{number(entry['low'])} to {number(entry['high'])}"
    return number(entry["median"]), span, number(entry["n"])
