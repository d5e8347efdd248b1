"""The report of `rubicon calibrate`: what one case tells of the numbers, and whether the method can be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.report.parts import Table, number, percent
from sim.results import Finished

QUESTION = "What do the patterns of the case tell of the numbers, and what does that say of the patterns held out?"
SOURCES = ("prior", "point", "posterior")


def conclusions(done: Finished) -> Iterator[str]:
    """The study's own sentences."""
    yield from map(str, done.summary["conclusions"])


def tables(done: Finished) -> Iterator[Table]:
    """Numbers, facts, tolerances, predictions, synthetic truths."""
    told = done.summary
    yield _numbers(told["parameters"])
    rows = [
        (name, number(e["central"]), f"{e['low']:g} to {e['high']:g}", percent(e["hits"]), f"{e['bits']:.2f}",
         e["narrows"], percent(max(e["by"], 0.0)))
        for name, e in told["facts"].items()
    ]  # fmt: skip
    heads = ("fact", "central", "accepted", "runs of the prior that hit", "bits", "narrows most", "by")
    yield Table("What each fact tells alone", heads, rows, "Bits: divergence of posterior from prior, freed of luck.")
    steps = [
        (f"{step['tolerance']:g}", percent(step["hits"]), f"{step['effective_points']:,.0f}", f"{step['bits']:.2f}")
        for step in told["tolerances"]
    ]
    yield Table("With wider ranges", ("times the range", "runs that hit", "effective points", "bits"), steps)
    yield _predictions(told)
    yield _truths(told["sbc"])


def _numbers(entries: dict[str, Any]) -> Table:
    rows = []
    for path, e in sorted(entries.items(), key=lambda item: -item[1]["contraction"]):
        after = e["posterior"]
        rows.append((
            path, e["about"], f"{e['prior']['low']:g} to {e['prior']['high']:g}",
            f"{after['median']:.3g} ({after['low']:.3g} to {after['high']:.3g})", percent(max(e["contraction"], 0.0)),
            e["verdict"], percent(max(e["learned"], 0.0)),
        ))  # fmt: skip
    heads = ("number", "meaning", "prior", "posterior median (90 %)", "narrower by", "verdict", "learned")
    note = "Narrower: fall of the standard deviation. Learned: share of the variance that such a case takes on average."
    return Table("Prior and posterior", heads, rows, note)


def _predictions(told: dict[str, Any]) -> Table:
    rows = [
        (name, entry["what"], entry["use"],
         *(percent(told["predictive"][source]["patterns"][name]["hit_share"]) for source in SOURCES))
        for name, entry in told["patterns"].items()
    ]  # fmt: skip
    for use in ("K", "H"):
        shares = (percent(told["predictive"][source]["totals"][use]["hit_share"]) for source in SOURCES)
        rows.append((f"all {use}", "weighted by grade, without inputs", use, *shares))
    heads = ("pattern", "", "use", "prior", "own numbers", "posterior")
    return Table("Share of single runs that show each pattern", heads, rows, "K made the posterior; H is held out.")


def _truths(sbc: dict[str, Any]) -> Table:
    rows = [
        (f"{float(level):.0%} intervals", percent(entry["mean"]), percent(entry["least"]), percent(entry["most"]))
        for level, entry in sbc["coverage"].items()
    ]
    note = f"{sbc['usable']} synthetic cases from the prior; chance of ranks as uneven, all numbers: {sbc['p']:.2f}."
    return Table("How often intervals hold the truth", ("", "mean over numbers", "least", "most"), rows, note)
