"""Questions in SQL to a finished directory, and its tables as CSV or Parquet: DuckDB over the Parquet files.

A query sees views over the directory's own files and nothing else: it can neither read nor
write any other file, and only what reads (one `select`) is let through.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import RecordError, refused
from sim.results.disk import whole
from sim.results.folders import Finished, finished
from sim.results.place import check_folder
from sim.results.tables import damaged, quoted

BATCH = 10_000  # rows fetched at a time, so that an answer of any length needs little memory
FORMATS = {".csv": "format csv, header", ".parquet": "format parquet, compression zstd"}


class QueryError(RecordError):
    """A query that DuckDB refuses, or that would do more than read; the text names the tables there are."""


@dataclass(frozen=True)
class Answer:
    """Rows of a query as they come, and the names of their columns."""

    columns: list[str]
    rows: Iterator[tuple[Any, ...]]


def tables(folder: Path) -> dict[str, list[Path]]:
    """Name -> Parquet files of each table of a directory: NAME.parquet, or the parts of NAME/part-*.parquet.

    >>> tables(Path("/nowhere"))
    {}
    """
    whole = {path.stem: [path] for path in sorted(folder.glob("*.parquet"))}
    parts: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*/part-*.parquet")):
        parts.setdefault(path.parent.name, []).append(path)
    found = dict(sorted((parts | whole).items()))
    for path in (path for paths in found.values() for path in paths):
        if not path.is_file():
            raise damaged(path, "it is a folder, or a link that leads nowhere")
    return found


def flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float | None, str | None]]:
    """(key, number, text) of every leaf of summary.json, keys joined by dots and places of a list by number.

    >>> list(flat({"a": {"b": 1, "c": ["x"]}}))
    [('a.b', 1.0, None), ('a.c.0', None, 'x')]
    """
    for key, node in tree.items():
        if isinstance(node, Mapping):
            yield from flat(node, f"{prefix}{key}.")
        elif isinstance(node, (list, tuple)):
            yield from flat({str(i): item for i, item in enumerate(node)}, f"{prefix}{key}.")
        elif isinstance(node, (bool, int, float)):
            yield f"{prefix}{key}", float(node), None
        else:
            yield f"{prefix}{key}", None, None if node is None else str(node)


@contextmanager
def opened(folder: Path) -> Iterator[Any]:
    """A DuckDB connection with one view a table, shut off from every other file; errors as in `finished`.

    A directory without a summary.parquet gets its summary.json as table `summary` (key, number, text).
    """
    import duckdb

    done = finished(folder)
    found = tables(folder)
    files = [str(path.resolve()) for paths in found.values() for path in paths]
    with duckdb.connect() as db:
        db.execute("set python_enable_replacements = false")
        db.execute("set allowed_paths = [" + ", ".join(map(quoted, files)) + "]")
        try:
            for name, paths in found.items():
                listed = ", ".join(quoted(path.resolve()) for path in paths)
                db.execute(f"create view {identifier(name)} as select * from read_parquet([{listed}])")
        except duckdb.Error as error:
            raise damaged(folder, _first_line(error)) from error
        if "summary" not in found:
            _summary(db, done)
        db.execute("set enable_external_access = false")
        db.execute("set lock_configuration = true")
        yield db


def _summary(db: Any, done: Finished) -> None:
    db.execute("create table summary (key varchar, number double, text varchar)")
    rows = list(flat(done.summary))
    if rows:
        db.executemany("insert into summary values (?, ?, ?)", rows)


@contextmanager
def ask(folder: Path, sql: str) -> Iterator[Answer]:
    """The answer to one `select` over a directory's tables.

    Raises
    ------
    QueryError
        when the SQL is wrong, is more than one statement, or would do anything but read.
    """
    import duckdb

    with opened(folder) as db:
        try:
            _refuse_all_but_reading(db, sql)
            done = db.execute(sql)
            names = [column[0] for column in done.description]
            first = done.fetchmany(BATCH)
        except duckdb.Error as error:
            raise QueryError(_explained(db, sql, error)) from error
        yield Answer(names, _rows(db, first))


def _rows(db: Any, batch: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Rows batch by batch; an error on the way (a failing cast, no memory) is a QueryError too."""
    import duckdb

    while batch:
        yield from batch
        try:
            batch = db.fetchmany(BATCH)
        except duckdb.Error as error:
            raise QueryError(f"the query stopped: {_first_line(error)}") from error


def _refuse_all_but_reading(db: Any, sql: str) -> None:
    import duckdb

    statements = db.extract_statements(sql)
    if len(statements) != 1:
        raise QueryError(f"{len(statements)} statements were given; a query is exactly one select.")
    if statements[0].type != duckdb.StatementType.SELECT:
        raise QueryError(
            f"a query only reads, and this is a {statements[0].type.name}; write one select. "
            "`rubicon export` writes tables to files."
        )


def columns(db: Any) -> dict[str, list[tuple[str, str]]]:
    """Table -> (column, type) of an opened directory."""
    rows = db.execute(
        "select table_name, column_name, data_type from information_schema.columns "
        "order by table_name, ordinal_position"
    ).fetchall()
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in rows:
        found.setdefault(table, []).append((column, "text" if kind.startswith("ENUM") else kind.lower()))
    return found


def listing(folder: Path) -> list[dict[str, Any]]:
    """Each table of a directory: name, number of rows, and (column, type)."""
    with opened(folder) as db:
        known = columns(db)
        counts = {name: db.execute(f"select count(*) from {identifier(name)}").fetchone()[0] for name in known}
    return [{"table": name, "rows": counts[name], "columns": known[name]} for name in known]


def _explained(db: Any, sql: str, error: Exception) -> str:
    """One sentence of what is wrong, then the names that there are."""
    known, said = columns(db), _first_line(error)
    asked = {table: names for table, names in known.items() if re.search(rf"\b{re.escape(table)}\b", sql)} or known
    parts = [f"the query failed: {said.rstrip('.!')}."]
    dotted = re.search(r'Referenced table "(\w+)" not found', said)
    quoted = [name for names in known.values() for name, _ in names if dotted and name.startswith(f"{dotted[1]}.")]
    if quoted:
        parts.append(f'A name with a dot stands in double quotes: "{quoted[0]}".')
    if said.startswith("Referenced "):
        parts += [f"Columns of {table}: {', '.join(name for name, _ in names)}." for table, names in asked.items()]
    else:
        parts.append(f"Tables here: {', '.join(known)}.")
    return " ".join(parts)


def _first_line(error: Exception) -> str:
    """DuckDB's message without its kind, its suggestions and its picture of the line."""
    first = str(error).strip().splitlines()[0]
    return re.sub(r"^(\w+ )+Error: ", "", first)


def export(folder: Path, table: str, target: Path, *, force: bool = False) -> int:
    """Write a table to a .csv or .parquet file, streamed; returns the number of rows.

    The file appears whole or not at all. An existing one is replaced only with `force`.

    Raises
    ------
    QueryError
        for a table that is not there; RecordError for another kind of file, one that exists, or cannot be written.
    """
    import duckdb

    check_export(folder, table, target, force=force)
    done, found = finished(folder), tables(folder)
    try:
        with whole(target) as half, duckdb.connect() as db:
            source = _source(db, done, found.get(table))
            written = db.execute(f"copy ({source}) to {quoted(half)} ({FORMATS[target.suffix]})").fetchone()
    except OSError as error:
        raise refused(error, target) from error
    except duckdb.Error as error:
        raise RecordError(f"cannot write {target} from {folder}: {_first_line(error)}") from error
    return int(written[0]) if written else 0


def check_export(folder: Path, table: str, target: Path, *, force: bool = False) -> None:
    """The errors of `export` that are known before it begins."""
    found = tables(folder)
    if table not in found and table != "summary":
        raise QueryError(f"{folder} has no table {table!r}; it has: {', '.join(found) or 'none'}.")
    if target.suffix not in FORMATS:
        raise RecordError(f"{target} ends in {target.suffix or 'nothing'}; a table goes to {' or '.join(FORMATS)}.")
    if os.path.lexists(target) and not force:
        raise RecordError(f"{target} exists already; choose another with --to, or replace it with --force.")
    if target.is_dir():
        raise RecordError(f"{target} is a folder; choose another with --to.")
    check_folder(target.parent)


def _source(db: Any, done: Finished, paths: Sequence[Path] | None) -> str:
    if paths is None:
        _summary(db, done)
        return "select * from summary"
    return f"select * from read_parquet([{', '.join(quoted(path) for path in paths)}])"


def identifier(name: str) -> str:
    """The name of a table or column as SQL has it, in quotes."""
    return '"' + name.replace('"', '""') + '"'
