"""Tables of a run directory: Parquet files through DuckDB, codes in words, nothing as null, and digests.

In memory a whole number that does not apply is -1 and a code that is none too (`NONE`); in a file both
are null, so that no average counts them. Reading undoes it, of older files with -1 in them as well.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ADVICE, RecordError, cause
from sim.model.state import CHANNELS, ENDINGS, ITEMS

if TYPE_CHECKING:
    import numpy as np

AGAIN = " Run its verb again."
PLAIN = "plain terms"
NONE = -1  # in memory: does not apply, nobody, never
# Columns of whole numbers in which -1 is none; of a comparison they end in the number of the setting.
WITH_NONE = re.compile(r"(deal_kept|breach_week|eroded_week|minister_week|settled_channel|package|option_\w+?)(_\d+)?")


def digest(table: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of a table's names, types and little-endian bytes: equal wherever the numbers are equal."""
    out = hashlib.sha256()
    for name, values in table.items():
        small = values.astype(values.dtype.newbyteorder("<"), copy=False)
        out.update(f"{name} {small.dtype.str} {small.shape}\n".encode())
        out.update(small.tobytes())
    return out.hexdigest()


def write_table(path: Path, table: Mapping[str, np.ndarray], *, words: bool = False) -> None:
    """Write columns as Parquet; `words` turns the codes of endings, channels and packages into text.

    Raises
    ------
    OSError
        with the path, and the system's number where it is known, when the disk refuses.
    """
    import duckdb
    import pandas as pd

    frame = pd.DataFrame(dict(table))
    if words:
        frame = _in_words(frame)
    # One thread: one order of row groups, so equal tables give equal files.
    with duckdb.connect(config={"threads": 1}) as db:
        db.register("frame", _with_nulls(frame))
        try:
            db.execute(f"copy frame to {quoted(path)} (format parquet, compression zstd)")
        except duckdb.Error as error:
            raise of_disk(error, path) from error


def of_disk(error: Exception, path: Path) -> OSError:
    """DuckDB's refusal to write as what it is: an error of the disk."""
    said = cause(error)
    code = next((code for code in ADVICE if os.strerror(code).lower() in said.lower()), errno.EIO)
    return OSError(code, os.strerror(code) if code != errno.EIO else said, str(path))


def quoted(text: Path | str) -> str:
    """A path or text as SQL has it, in quotes."""
    return "'" + str(text).replace("'", "''") + "'"


def _with_nulls(frame: Any) -> Any:
    """The frame with null where a whole number is none; types stay."""
    for name in frame:
        column = frame[name]
        if column.dtype.kind == "i" and WITH_NONE.fullmatch(name) and (column == NONE).any():
            frame[name] = column.astype(f"Int{8 * column.dtype.itemsize}").mask(column == NONE)
    return frame


def _packages() -> dict[int, str]:
    """Code -> words of every package; -2 is terms that are no list of items."""
    return {-2: PLAIN} | {
        bits: " + ".join(n for i, n in enumerate(ITEMS) if bits >> i & 1) or "nothing"
        for bits in range(1 << len(ITEMS))
    }


def _in_words(frame: Any) -> Any:
    """Codes as categories, a word each; -1 (none) becomes null."""
    import numpy as np
    import pandas as pd

    for name, words in {"outcome": ENDINGS, "settled_channel": CHANNELS}.items():
        if name in frame and frame[name].dtype.kind in "iu":
            frame[name] = pd.Categorical.from_codes(frame[name].to_numpy(), list(words))
    if "package" in frame and frame["package"].dtype.kind in "iu":
        named = _packages()
        bits = np.array(list(named))  # -2, 0, 1, ...: in order, so a search finds the code of each
        given = frame["package"].to_numpy()
        codes = np.where(given == NONE, NONE, np.searchsorted(bits, given))
        frame["package"] = pd.Categorical.from_codes(codes, list(named.values()))
    return frame


def read_table(path: Path, needs: Iterable[str] = ()) -> dict[str, np.ndarray]:
    """Columns of a Parquet file, words turned back into codes and null into -1 or nan.

    Parameters
    ----------
    needs : columns that must be there

    Raises
    ------
    RecordError
        when the file is missing or damaged, lacks a column, or holds what no such table holds.
    """
    import duckdb

    if not path.is_file():
        raise RecordError(f"{path} is missing or no file; the folder is damaged. Run its verb again.")
    try:
        with duckdb.connect() as db:
            found = db.execute(f"select * from read_parquet({quoted(path)})").fetchnumpy()
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise damaged(path, cause(error)) from error
    lacking = [name for name in needs if name not in found]
    if lacking:
        raise damaged(path, f"it lacks the column{'s' * (len(lacking) > 1)} {', '.join(lacking)}")
    return {str(name): _restored(path, name, column) for name, column in found.items()}


def damaged(path: Path, why: str) -> RecordError:
    """The one error of a file that is not as Rubicon writes it."""
    return RecordError(f"{path} is damaged, or was not written by Rubicon: {why}.{AGAIN}")


def _restored(path: Path, name: str, column: Any) -> np.ndarray:
    """A column as it was in memory."""
    import numpy as np
    import pandas as pd

    codes = _codes().get(name)
    masked = isinstance(column, np.ma.MaskedArray)
    empty: np.ndarray = np.ma.getmaskarray(column) if masked else np.zeros(len(column), bool)
    values: Any = np.asarray(np.ma.getdata(column))
    if values.dtype == object and codes is not None:
        coded = pd.Series(values).map(codes).to_numpy(float)
        unknown = values[np.isnan(coded) & ~empty]
        if len(unknown):
            raise damaged(path, f"{name} holds {str(unknown[0])[:40]!r}, which this version does not know")
        return np.where(empty, NONE, coded).astype(np.int64)
    if not empty.any():
        return values
    if values.dtype.kind == "f":
        return np.where(empty, np.nan, values)
    if values.dtype == object:
        return np.array([None if none else one for one, none in zip(values, empty, strict=True)], object)
    if WITH_NONE.fullmatch(name):
        return np.where(empty, NONE, values).astype(values.dtype)
    raise damaged(path, f"{name} is null in {int(empty.sum()):,} rows")


def _codes() -> dict[str, dict[str, int]]:
    """Column -> code of each word."""
    return {
        "outcome": {name: code for code, name in enumerate(ENDINGS)},
        "settled_channel": {name: code for code, name in enumerate(CHANNELS)},
        "package": {words: code for code, words in _packages().items()},
    }
