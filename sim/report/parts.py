"""What a report is made of: tables and figures as data, and how numbers are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

NOTHING = "\N{EN DASH}"


@dataclass(frozen=True)
class Table:
    """A table with its caption; the first cell of each row names the row. `note` stands below it."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers only, and so are set to the right."""
        return [bool(self.rows) and all(_is_number(row[i]) for row in self.rows) for i in range(len(self.heads))]


@dataclass(frozen=True)
class Figure:
    """A figure as a data URI, with what it shows in words for those who do not see it."""

    name: str
    source: str
    alt: str
    caption: str


def _is_number(text: str) -> bool:
    return bool(text) and (text == NOTHING or text.lstrip("+-")[:1].isdigit())


def number(value: Any, digits: int = 4) -> str:
    """A value as text: whole numbers with thousands, others with so many significant digits.

    >>> number(20000), number(0.123456), number(12345.6), number(1e-7)
    ('20,000', '0.1235', '12,346', '1e-07')
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, (int, float)):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:.{digits}g}"


def percent(share: Any) -> str:
    """A share in per cent with one decimal.

    >>> percent(0.5494)
    '54.9 %'
    """
    return NOTHING if share is None else f"{100 * share:.1f} %"


def between(low: Any, high: Any) -> str:
    """An interval of shares: '54.2 to 55.6 %'."""
    return NOTHING if low is None or high is None else f"{100 * low:.1f} to {100 * high:.1f} %"


def words(key: str) -> str:
    """A key as words: 'mean_duration_h' -> 'mean duration h'."""
    return key.replace("_", " ")
