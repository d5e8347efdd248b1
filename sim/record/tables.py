"""Tables of a run directory: Parquet files through DuckDB, codes in words, and digests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.state import CHANNELS, ENDINGS, ITEMS

if TYPE_CHECKING:
    import numpy as np

PLAIN = "plain terms"


def digest(table: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of a table's names, types and little-endian bytes: equal wherever the numbers are equal."""
    out = hashlib.sha256()
    for name, values in table.items():
        small = values.astype(values.dtype.newbyteorder("<"), copy=False)
        out.update(f"{name} {small.dtype.str} {small.shape}\n".encode())
        out.update(small.tobytes())
    return out.hexdigest()


def write_table(path: Path, table: Mapping[str, np.ndarray], *, words: bool = False) -> None:
    """Write columns as Parquet; `words` turns the codes of endings, channels and packages into text."""
    import duckdb
    import pandas as pd

    frame = pd.DataFrame(dict(table))
    if words:
        frame = _in_words(frame)
    # One thread: one order of row groups, so equal tables give equal files.
    with duckdb.connect(config={"threads": 1}) as db:
        db.register("frame", frame)
        try:
            db.execute(f"copy frame to '{quoted(path)}' (format parquet, compression zstd)")
        except duckdb.Error as error:
            raise OSError(f"{path}: {error}") from error


def quoted(path: Path) -> str:
    """A path inside an SQL string."""
    return str(path).replace("'", "''")


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
        codes = np.where(given == -1, -1, np.searchsorted(bits, given))
        frame["package"] = pd.Categorical.from_codes(codes, list(named.values()))
    return frame


def read_table(path: Path) -> dict[str, np.ndarray]:
    """Columns of a Parquet file, words turned back into codes."""
    import duckdb
    import numpy as np

    with duckdb.connect() as db:
        frame = db.execute(f"select * from read_parquet('{quoted(path)}')").df()
    codes = {
        "outcome": {name: code for code, name in enumerate(ENDINGS)},
        "settled_channel": {name: code for code, name in enumerate(CHANNELS)},
    }
    for name, words in codes.items():
        if name in frame:
            frame[name] = frame[name].map(words).fillna(-1).astype(np.int64)
    if "package" in frame:
        bits = {words: code for code, words in _packages().items()}
        frame["package"] = frame["package"].map(bits).fillna(-1).astype(np.int64)
    return {name: frame[name].to_numpy() for name in frame}
