"""The report of `rubicon disclose`: which private fact, told to whom and when, would have moved the ending."""

from __future__ import annotations

from collections.abc import Iterator

from sim.report.endings import listed, points, turned
from sim.report.parts import Table, between, number, percent
from sim.results import Finished

QUESTION = "Which private fact, told to one actor at one hour, would move how the crisis ends?"
MOST = 3


def conclusions(done: Finished) -> Iterator[str]:
    """Of those beyond chance the three with the largest measured move, and how many are not told from nothing."""
    told = done.summary
    found, facts = told["disclosures"], told["facts"]
    for e in [e for e in found if e["clear"]][:MOST]:
        yield (
            f"Told at hour {number(e['hour'])} to the {e['actor']}, {facts[e['fact']]['about']} makes "
            f"{listed(map(turned, e['sure'][:2]))}; {percent(e['flipped']['share'])} of the runs end otherwise."
        )
    silent = [e for e in found if not e["clear"]]
    exact = [e for e in silent if e["flipped"]["count"] == 0]
    yield (
        f"{len(silent)} of {len(found)} disclosures move the odds by no more than chance may; {len(exact)} of these "
        "change the ending of no run at all."
    )


def tables(done: Finished) -> Iterator[Table]:
    """Every disclosure in order of effect, and where the model holds each fact."""
    told = done.summary
    rows = [
        (e["fact"].replace("_", " "), e["actor"], number(e["hour"]), f"{e['news_to']:,} of {e['n']:,}",
         percent(e["moved"]),
         "yes" if e["clear"] else "no", f"{percent(e['flipped']['share'])} "
         f"({between(e['flipped']['low'], e['flipped']['high'])})",
         f"{points(e['deal']['difference'])} ({points(e['deal']['low'])} to {points(e['deal']['high'])})")
        for e in told["disclosures"]
    ]  # fmt: skip
    heads = ("fact", "told to", "hour", "news to", "odds moved", "more than chance", "end otherwise", "deals, points")
    yield Table(
        "Disclosures by effect",
        heads,
        rows,
        "More than chance: over all disclosures together (Bonferroni, "
        "5 %). Chance alone makes odds moved positive. Intervals of deals: 95 %, each taken alone.",
    )
    held = [(fact.replace("_", " "), one["about"], one["held"]) for fact, one in told["facts"].items()]
    yield Table("Facts, and where the model holds them", ("fact", "what it is", "held in"), held)
