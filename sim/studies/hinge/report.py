"""The report of `rubicon hinge`: the smallest changes that flip how a crisis ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.catalog import catalogue
from sim.report import generic
from sim.report.endings import listed, phrase
from sim.report.parts import Table, between, number, percent
from sim.results import Finished

NAMED = 3  # rivals of a lead that are told by name
QUESTION = "What is the smallest change, of one decision or one number, that flips how this crisis ends?"


def conclusions(done: Finished) -> Iterator[str]:
    """Of one run its smallest hinges that were verified; of an ensemble how common they are, and whose if settled."""
    told = done.summary
    yield from _of_ensemble(told) if "ensemble" in told else _of_run(told)
    yield from map(str, told.get("conclusions") or [])


def _of_run(told: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"Replicate {told['replicate']} ends in {phrase(told['ending'])}. {told['decisions_that_flip']} of its "
        f"{told['decisions_taken']} decisions would flip that if taken otherwise, the luck being the same."
    )
    for choice in [one for one in told["decisions"] if one["verified"]][:1]:
        yield (
            f"The smallest of them is at hour {number(choice['hour'])}: the seat {choice['seat']} chooses to "
            f"{choice['chose']}; had it chosen to {choice['instead']}, the crisis would have ended in "
            f"{phrase(choice['ending'])}."
        )
    for flip in [one for one in told["numbers"] if one["verified"]][:1]:
        n = told["numbers_that_flip"]
        yield (
            f"The nearest number is {flip['path']} ({_about(flip['path'])}): {number(flip['value'])} in place of "
            f"{number(flip['own'])}, {percent(flip['size'])} of its plausible range, and it ends in "
            f"{phrase(flip['ending'])}. {n} {'number flips' if n == 1 else 'numbers flip'} it at a plausible value."
        )
    if not told["numbers"]:
        yield "No number flips it at any of the plausible values tried."


def _of_ensemble(told: Mapping[str, Any]) -> Iterator[str]:
    runs = told["runs_with_a_hinge"]
    yield (
        f"Of {told['ensemble']} runs {percent(runs['share'])} ({between(runs['low'], runs['high'])}) hang on some "
        f"single decision; {told['decisions_that_flip']:,} of {told['decisions_taken']:,} decisions would flip the "
        "ending if taken otherwise."
    )
    lead = told.get("seat_lead")
    if lead:
        entry = told["by_seat"][lead["first"]]
        share = f"{percent(entry['share'])} of them ({between(entry['low'], entry['high'])})"
        what = "The seat whose decisions flip the ending most often"
        yield _leading(what, lead, share)
    lead = told.get("number_lead")
    if lead:
        flip = next(one for one in told["numbers"] if one["path"] == lead["first"])
        share = f"{percent(flip['share'])} ({between(flip['low'], flip['high'])})"
        what = "The number that flips most runs at an end of its plausible range"
        yield _leading(what, lead, share, f" ({_about(flip['path'])})")


def _leading(what: str, lead: Mapping[str, Any], share: str, about: str = "") -> str:
    """The one in the lead, as settled or as not: it was picked after looking."""
    first, level = lead["first"], lead["level"]
    if not level:
        return f"{what} is {first}{about}: {share}, beyond chance more than any other."
    names = listed(level) if len(level) <= NAMED else f"{len(level)} others"
    return f"{what} is not settled: {first}{about} has the largest share measured, {share}, within chance of {names}."


def _about(path: str) -> str:
    known = catalogue().get(path)
    return known.about if known else path


def tables(done: Finished) -> Iterator[Table]:
    """Decisions and numbers that flip the ending, or what an ensemble counts."""
    told = done.summary
    if "ensemble" in told:
        seats = [(name, *_share(entry)) for name, entry in told["by_seat"].items()]
        yield Table("Decisions that flip the ending, by seat", ("seat", "share", "95 % interval", "decisions"), seats)
        rows = [(flip["path"], _about(flip["path"]), *_share(flip)) for flip in told["numbers"]]
        heads = ("number", "meaning", "runs flipped", "95 % interval", "runs")
        yield Table("Numbers that flip most runs within their plausible ranges", heads, rows)
    else:
        yield from _run_tables(told)
    apart = (*generic.APART, "by_seat", "numbers", "decisions", "runs_with_a_hinge", "seat_lead", "number_lead")
    yield from generic.tables({key: value for key, value in told.items() if key not in apart})


def _share(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    return percent(entry["share"]), between(entry["low"], entry["high"]), f"{entry['count']:,} of {entry['n']:,}"


def _run_tables(told: Mapping[str, Any]) -> Iterator[Table]:
    decisions = [
        (number(c["hour"]), c["seat"], c["chose"], c["instead"], percent(c["chance"]), phrase(c["ending"]),
         "yes" if c["verified"] else "no")
        for c in told["decisions"]
    ]  # fmt: skip
    heads = ("hour", "seat", "chose", "instead", "chance of that", "then ends in", "verified")
    yield Table("Decisions that flip the ending", heads, decisions, "Verified: played again from the start.")
    numbers = [
        (flip["path"], _about(flip["path"]), number(flip["own"]), number(flip["value"]), percent(flip["size"]),
         phrase(flip["ending"]), "yes" if flip["verified"] else "no")
        for flip in told["numbers"]
    ]  # fmt: skip
    of = ("number", "meaning", "here", "flips at", "share of its range", "then ends in", "verified")
    yield Table("Numbers that flip the ending", of, numbers)
