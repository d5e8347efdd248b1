"""A terminal on which no name is cut and no number torn from its unit, whatever its width.

A table that is too wide first wraps its text at spaces; where even that does not do, each of
its rows becomes a few lines `heading: value`. Sentences wrap at spaces, and a number keeps its unit.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from copy import copy
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table

TIED = "\N{NO-BREAK SPACE}"  # textwrap does not break here
UNIT = re.compile(r"(?<=\d) (?=[%a-z])|(?<= (?:of|to)) (?=[-+]?\d)|(?<=%) (?=of \d)")
WHOLE = 24  # characters up to which a cell with a number in it stays on one line
WIDE = 100_000


class Terminal(Console):
    """rich's console, with tables and sentences that fit."""

    def print(self, *objects: Any, **options: Any) -> None:
        """As rich does; a table or a sentence is first made to fit. Sentences are plain text: `[` and `:` stay."""
        if len(objects) == 1 and isinstance(objects[0], Table):
            self._table(objects[0])
        elif len(objects) == 1 and isinstance(objects[0], str):
            text = objects[0] if options.get("soft_wrap") else wrapped(objects[0], self.width)
            super().print(text, **{"markup": False, "emoji": False, **options, "soft_wrap": True})
        else:
            super().print(*objects, **options)

    def _table(self, table: Table) -> None:
        title, caption = table.title, table.caption
        table = copy(table)  # what is fitted here may be printed elsewhere
        table.columns, table.title, table.caption = [copy(column) for column in table.columns], None, None
        if title:
            self.print(self._plain(title), style=table.title_style or "table.title", highlight=False)
        cells = [[self._plain(cell) for cell in column.cells] for column in table.columns]
        if self._fit(table, cells):
            super().print(table)
        else:
            self._as_lines([self._plain(column.header) for column in table.columns], cells)
        if caption:
            self.print(self._plain(caption), style=table.caption_style or "table.caption", highlight=False)

    def _plain(self, content: Any) -> str:
        return self.render_str(content).plain if isinstance(content, str) else str(content)

    def _fit(self, table: Table, cells: Sequence[Sequence[str]]) -> bool:
        """Give the columns widths at which nothing is torn; False where the terminal has no room for that."""
        natural = [max(map(_longest, (self._plain(c.header), *of))) for c, of in zip(table.columns, cells, strict=True)]
        whole = self.measure(table, options=self.options.update(width=WIDE)).maximum
        if whole <= self.width:
            return True
        widths = [least(self._plain(c.header), of, c) for c, of in zip(table.columns, cells, strict=True)]
        spare = self.width - (whole - sum(natural)) - sum(widths)
        if spare < 0:
            return False
        for _ in range(spare):  # a character at a time to the column that lacks most
            lacking = [wish - width for wish, width in zip(natural, widths, strict=True)]
            widths[lacking.index(max(lacking))] += max(lacking) > 0
        for column, width in zip(table.columns, widths, strict=True):
            column.width, column.no_wrap, column.overflow = width, False, "fold"
        return True

    def _as_lines(self, heads: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
        for row in zip(*cells, strict=True):
            for place, (head, cell) in enumerate(zip(heads, row, strict=True)):
                label = f"{head}: " if head else ""
                said = " ".join(line.strip() for line in cell.splitlines()) or "-"
                self.print(f"{'  ' if place else ''}{label}{said}", highlight=False)


def least(head: str, cells: Sequence[str], column: Column) -> int:
    """Fewest characters that a column can do with: its longest word, or its longest number with what belongs to it."""
    most = max((_longest(word) for word in head.split()), default=1)
    for cell in cells:
        for line in cell.splitlines():
            kept = column.no_wrap or (any(map(str.isdigit, line)) and len(line) <= WHOLE)
            most = max(most, *(map(cell_len, [line] if kept else UNIT.sub(TIED, line).split(" "))))
    return most


def _longest(text: str) -> int:
    return max(map(cell_len, text.splitlines()), default=0)


def wrapped(text: str, width: int) -> str:
    """Text wrapped at spaces, line by line; what follows a line's indent keeps it, and a number its unit.

    >>> wrapped("  deals kept 56 % of 114", 16)
    '  deals kept\\n  56 % of 114'
    """
    return "\n".join(_wrapped_line(line, width) for line in text.split("\n"))


def _wrapped_line(line: str, width: int) -> str:
    indent = " " * (len(line) - len(line.lstrip(" ")))
    made = textwrap.wrap(
        UNIT.sub(TIED, line), width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(made).replace(TIED, " ")
