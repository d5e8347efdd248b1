"""The report of `rubicon tension`: the odds along one crisis, and what moved them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.report import generic
from sim.report.endings import listed, phrase, points, turned
from sim.report.parts import Table, number, percent
from sim.results import Finished
from sim.story.tension import telling_change

TOGETHER = "Intervals: 95 % for all changes and endings compared here together."
QUESTION = "How did the odds of each ending move along this crisis, and which events and decisions moved them?"


def conclusions(done: Finished) -> Iterator[str]:
    """Odds at the start, the largest turning points, the decision with the largest move: only what is beyond chance."""
    told = done.summary
    what = "history" if told.get("history") else f"replicate {told.get('replicate')}"
    odds = sorted((told.get("odds_at_first") or {}).items(), key=lambda item: -item[1])[:2]
    if odds:
        parts = [f"{phrase(name)} {percent(share)}" for name, share in odds]
        ending = phrase(str(told.get("ending")))
        yield f"This is {what}; it ends in {ending}. At the first moment the odds are {listed(parts)}."
    turns = told.get("turning_points") or []
    for turn in turns[:3]:
        events = turn.get("events") or []
        then = f"; in that time: {events[0]['text'].rstrip('.')}" if events else ""
        change = turned(telling_change(turn, str(told.get("ending"))))
        yield f"From hour {number(turn['hour'])} {change}{then}."
    if not turns:
        yield "No change of the odds from one moment to the next is clear of chance."
    for choice in (told.get("decisions") or [])[:1]:
        one = telling_change(choice, str(told.get("ending")))
        yield (
            f"Of {told['decisions_taken']} decisions {told['decisions_clear']} would have moved the odds beyond chance "
            f"if ordered otherwise. The largest move measured: at hour {number(choice['hour'])} the seat "
            f"{choice['seat']} chose to {choice['chose']}; ordered to {choice['instead']}, the odds of "
            f"{phrase(one['ending'])} would have been {percent(one['after'])} rather than {percent(one['before'])} "
            f"({points(one['low'])} to {points(one['high'])} points)."
        )
    yield from map(str, told.get("conclusions") or [])


def tables(done: Finished) -> Iterator[Table]:
    """Turning points, decisions, and the odds at the first moment."""
    told = done.summary
    turns, choices = told.get("turning_points") or [], told.get("decisions") or []
    ending = phrase(str(told.get("ending")))
    rows: list[tuple[str, ...]]
    heads: tuple[str, ...]
    if turns:
        rows = [
            (number(t["hour"]), *_odds(t), " ".join(event["text"] for event in (t.get("events") or [])[:3]))
            for t in turns
        ]
        heads = ("hour", "before", "after", "change, points", "all odds moved", "what happened")
        yield Table("Turning points, largest first", heads, rows, f"Before and after: the odds of {ending}. {TOGETHER}")
    if choices:
        rows = [
            (number(c["hour"]), str(c["seat"]), str(c["chose"]), str(c["instead"]), percent(c.get("chance")), *_odds(c))
            for c in choices
        ]
        heads = ("hour", "seat", "chose", "instead", "chance of that", "odds as it chose", "odds instead",
                 "change, points", "all odds moved")  # fmt: skip
        note = f"Odds of {ending}, by continuations with the same luck. {TOGETHER}"
        yield Table("Decisions that would have moved the odds beyond chance", heads, rows, note)
    odds = [(phrase(name), percent(share)) for name, share in (told.get("odds_at_first") or {}).items()]
    yield Table("Odds at the first moment", ("ending", "odds"), odds)
    apart = (*generic.APART, "turning_points", "decisions", "odds_at_first")
    yield from generic.tables({key: value for key, value in told.items() if key not in apart})


def _odds(entry: Mapping[str, Any]) -> tuple[str, str, str, str]:
    change = f"{points(entry['change'])} ({points(entry['low'])} to {points(entry['high'])})"
    return percent(entry["before"]), percent(entry["after"]), change, percent(entry["moved"])
