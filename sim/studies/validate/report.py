"""The report of `rubicon validate`: patterns, rival accounts, and the jury on the expected directions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.report.parts import NOTHING, Table, number, percent
from sim.results import Finished

QUESTION = "Does the model show what happened, better than simpler accounts do, and whoever does the choosing?"
READ = "A dash in the band stands for a quantity that no run has; `never` for a time that does not come."


def conclusions(done: Finished) -> Iterator[str]:
    """The sentences that the verb has written."""
    yield from map(str, done.summary["conclusions"])


def tables(done: Finished) -> Iterator[Table]:
    """Patterns with verdicts, what is not represented, totals, then rivals and jury where they were asked for."""
    told = done.summary
    shown = {name: p for name, p in told["patterns"].items() if p["represented"]}
    heads = ("id", "pattern", "use", "fact", "accepted", "80 % band", "runs that hit", "of exits", "verdict")
    yield Table("The patterns", heads, [_pattern(name, p) for name, p in shown.items()], READ)
    absent = [(name, p["what"], p["why"]) for name, p in told["patterns"].items() if not p["represented"]]
    yield Table("Not represented", ("id", "pattern", "why"), absent)
    seen = [(name, p["what"], p["seen"]) for name, p in shown.items() if p["seen"]]
    yield Table("Held out, yet in view when numbers were set", ("id", "pattern", "how"), seen)
    yield _totals(told["totals"])
    if "rivals" in told:
        yield from _rivals(told["rivals"])
    if "jury" in told:
        yield from _jury(told["jury"])


def _pattern(name: str, p: Mapping[str, Any]) -> tuple[str, ...]:
    fact = f"{number(p['central'])} {p['unit']}"
    hits = (percent(p["all"]["hit_share"]), percent(p["exit"]["hit_share"]))
    band = _span(p["band80"], p["told"] > 0)
    return (name, p["what"], f"{p['use']}, {p['grade']}", fact, _span(p["accept"], True), band, *hits, p["verdict"])


def _span(ends: Any, exists: bool) -> str:
    """A range in words; JSON holds no infinity, so a missing end of a range that exists is one that never comes."""
    if not exists:
        return NOTHING
    low, high = ("never" if end is None else number(end) for end in ends)
    return low if low == high else f"{low} to {high}"


def _totals(totals: Mapping[str, Any]) -> Table:
    rows = [
        (runs, words, number(t["patterns"]), *(percent(t[key]) for key in ("covered", "hit_share", "hit_share_strict")))
        for runs, own in (("all runs", totals["all"]), ("exits", totals["exit"]))
        for words, t in (("K", own["K"]), ("H", own["H"]), ("H, not in view", own["H_unseen"]))
    ]  # fmt: skip
    heads = ("over", "use", "patterns", "weight covered", "weight a run hits", "the same, absent ones as misses")
    return Table("Totals, weighted by grade", heads, rows, "Inputs of the model (given) are in no total.")


def _rivals(accounts: Mapping[str, Any]) -> Iterator[Table]:
    rows = []
    for name, a in accounts.items():
        own = a.get("H", {})
        score = (number(own.get("covers")), percent(own.get("covered")), percent(own.get("hit_share")))
        joint = percent(a.get("joint", {}).get("share"))
        rows.append((name.replace("_", " "), a["about"], *score, joint, percent(a["endings"]["negotiated_exit"])))
    heads = (
        "account",
        "story",
        "held-out covered",
        "weight covered",
        "weight a run hits",
        "joint hits",
        "odds of an exit",
    )
    yield Table("Rival accounts", heads, rows, "Each simulated rival is set where it does best on these patterns.")
    numbers = [
        (name.replace("_", " "), path, number(value))
        for name, a in accounts.items() for path, value in a.get("numbers", {}).items()
    ]  # fmt: skip
    yield Table("What makes a rival", ("account", "number", "value"), numbers)


def _jury(jury: Mapping[str, Any]) -> Iterator[Table]:
    names = list(jury["jurors"])
    rows = []
    for row in jury["directions"]:
        stamp = row["stamp"]
        told = f"holds under {stamp['holds']} of {stamp['of']}"
        told += f", the other way under {stamp['contradicted']}" if stamp["contradicted"] else ""
        rows.append((row["scenario"], row["what"], *(row["cells"][name]["verdict"] for name in names), told))
    left_out = ", ".join(jury["controls"])
    yield Table("The jury on the directions", ("scenario", "expected", *names, "stamp"), rows,
                f"{jury['runs']:,} pairs each. Not counted: {left_out}." if left_out else "")  # fmt: skip
    ranks = [
        (name, number(rank["tau"]), number(rank["agree"]), number(rank["against"]), ", ".join(rank["order"][:3]))
        for name, rank in jury["ranking"].items()
    ]
    settled = next(iter(jury["ranking"].values()))["settled"]
    note = f"Of {jury['scenario_pairs']} pairs of scenarios {settled} are in a settled order under {names[0]}."
    heads = ("way of choosing", "Kendall's tau", "settled pairs that agree", "the other way", "most exits")
    yield Table("Ranking of the scenarios by their share of exits", heads, ranks, note)
