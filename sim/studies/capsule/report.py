"""The report of `rubicon capsule`: one crisis, its decisions, and what it takes to replay it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.report.parts import Table, words
from sim.results import Finished

QUESTION = "How did this one crisis go, and does it replay to the last bit?"


def conclusions(done: Finished) -> Iterator[str]:
    """How it ended, what was imposed, and how to replay it."""
    told = done.summary
    orders = len(told.get("orders") or [])
    yield f"Replicate {told['replicate']} ends as {words(told['ending'])} after {told['end_h']:g} hours."
    yield f"{orders or 'No'} decision{'' if orders == 1 else 's'} imposed from outside."
    yield "`rubicon capsule --play FOLDER` plays it again and says whether every bit is the same."


def tables(done: Finished) -> Iterator[Table]:
    """Orders imposed, decisions taken, digests."""
    for key, caption in (("orders", "Decisions imposed"), ("decisions", "Changes of standing orders")):
        entries: list[dict[str, Any]] = done.summary.get(key) or []
        rows = [(f"{entry['hour']:g}", words(entry["seat"]), words(entry["option"])) for entry in entries]
        yield Table(caption, ("hour", "seat", "option"), rows, "Hours since the first public defiance.")
    digests = [(name, str(value)) for name, value in (done.summary.get("digests") or {}).items()]
    yield Table("Digests (SHA-256)", ("of", "digest"), digests)
