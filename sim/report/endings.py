"""The six endings in words, and their shares as a table: what several verbs report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sim.report.parts import Table, between, number, percent

PHRASE = {
    "rebels_win": "a rebel victory",
    "government_concedes": "a government concession",
    "negotiated_exit": "a negotiated exit",
    "rebels_collapse": "a rebel collapse",
    "crushed": "a crushed rebellion",
    "prolonged": "a prolonged stand-off",
}


def phrase(name: str) -> str:
    """An ending in words, and any other name without underscores.

    >>> phrase("crushed"), phrase("share_crushed"), phrase("deal_kept")
    ('a crushed rebellion', 'share of a crushed rebellion', 'deal kept')
    """
    if name.startswith("share_"):
        return f"share of {phrase(name.removeprefix('share_'))}"
    return PHRASE.get(name, name.replace("_", " "))


def shares(caption: str, outcomes: Mapping[str, Mapping[str, Any]], note: str = "Intervals: Wilson 1927.") -> Table:
    """Share, 95 % interval and count of each ending."""
    rows = [
        (phrase(name), percent(entry["share"]), between(entry["low"], entry["high"]), number(entry["count"]))
        for name, entry in outcomes.items()
    ]
    return Table(caption, ("ending", "share", "95 % interval", "runs"), rows, note)


def points(share: float) -> str:
    """A difference of shares in percentage points, with its sign."""
    return f"{100 * share:+.1f}"


def turned(one: Mapping[str, Any]) -> str:
    """How the odds of one ending went, where that is sure: way, numbers, and the interval of the difference.

    >>> turned({"ending": "crushed", "before": 0.3, "after": 0.2, "change": -0.1, "low": -0.15, "high": -0.05})
    'the odds of a crushed rebellion fall from 30.0 % to 20.0 % (-15.0 to -5.0 points)'
    """
    way = "rise" if one["change"] > 0 else "fall"
    shares = f"from {percent(one['before'])} to {percent(one['after'])}"
    return f"the odds of {phrase(one['ending'])} {way} {shares} ({points(one['low'])} to {points(one['high'])} points)"


def listed(parts: Iterable[str]) -> str:
    """Parts as a list in a sentence.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *first, last = list(parts)
    return f"{', '.join(first)} and {last}" if first else last
