"""Tables out of any summary.json: what a verb writes is shown even where nothing here knows that verb."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.report.parts import Table, number, words

MOST_ROWS, MOST_COLUMNS = 40, 10
# Said elsewhere in the report.
APART = ("conclusions", "reading", "canaries", "warnings", "notes", "debt")


def tables(summary: Mapping[str, Any], apart: Sequence[str] = APART) -> list[Table]:
    """The main numbers of a summary, then one table for each part of it that is alike row by row."""
    rest = {key: value for key, value in summary.items() if key not in apart}
    plain = [(words(key), number(value)) for key, value in rest.items() if _scalar(value) and value is not None]
    made = [Table("Main numbers", ("what", "value"), plain)] if plain else []
    for key, value in rest.items():
        made += list(_of(words(key), value))
    return made


def _of(title: str, node: Any) -> Iterator[Table]:
    """Tables of a branch: rows that share their keys become one table, other branches are gone into."""
    if isinstance(node, Mapping) and node:
        rows = {str(key): value for key, value in node.items() if isinstance(value, Mapping)}
        if rows and len(rows) == len(node) and _alike(list(rows.values())):
            yield _rows(title, rows)
            return
        plain = [(words(str(key)), number(value)) for key, value in node.items() if _scalar(value)]
        if plain:
            yield _cut(title, ("what", "value"), plain)
        for key, value in node.items():
            if not _scalar(value):
                yield from _of(f"{title}: {words(str(key))}", value)
    elif isinstance(node, Sequence) and node and not isinstance(node, str):
        if all(isinstance(item, Mapping) for item in node) and _alike(list(node)):
            yield _rows(title, {str(i): item for i, item in enumerate(node, 1)}, counted=True)
        elif all(isinstance(item, str) for item in node):
            yield _cut(title, ("what",), [(str(item),) for item in node])


def _scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool, int, float))


def _alike(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether rows share most of their keys and hold plain values, so that they are a table."""
    every = [key for row in rows for key in row]
    common = {key for key in every if every.count(key) >= 0.8 * len(rows)} if len(rows) < 200 else set(rows[0])
    plain = [all(_scalar(row.get(key)) for row in rows) for key in common]
    return bool(common) and sum(plain) >= 0.5 * len(plain) and any(plain)


def _rows(title: str, rows: Mapping[str, Mapping[str, Any]], *, counted: bool = False) -> Table:
    keys = list(dict.fromkeys(key for row in rows.values() for key in row))
    keys = [key for key in keys if all(_scalar(row.get(key)) for row in rows.values())][:MOST_COLUMNS]
    cells = [(words(name), *(number(row.get(key)) for key in keys)) for name, row in rows.items()]
    return _cut(title, ("no." if counted else "", *map(words, keys)), cells)


def _cut(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    left = len(rows) - MOST_ROWS
    note = f"The first {MOST_ROWS} of {len(rows)} rows; summary.json has all." if left > 0 else ""
    return Table(f"{title[:1].upper()}{title[1:]}", heads, rows[:MOST_ROWS], note)
