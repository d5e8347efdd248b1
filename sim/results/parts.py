"""From a job's parts to one table, by DuckDB from file to file, so that memory stays bounded; and any table read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import RecordError, cause
from sim.errors import setting as written
from sim.results.tables import quoted

if TYPE_CHECKING:
    import numpy as np

SUMS = """
copy (
    with sums as (
        select point, {totals} from read_parquet([{files}]) group by point
    )
    select points.*, n, {columns}
    from sums join read_parquet({points}) points using (point) order by point
) to {out} (format parquet, compression zstd)
"""


def gather(folder: Path, parts: int, wholes: Sequence[str], classes: Sequence[str], metrics: Sequence[str]) -> None:
    """Write <folder>/summary.parquet, one row a point, from points.parquet and sums/part-*.parquet.

    Parameters
    ----------
    wholes : further counts to carry over
    classes : names c with a column count_c, of which share_c is made
    metrics : names m with columns sum_m and squares_m, of which mean_m and sd_m are made
    """
    import duckdb

    counted = ["n", *(f"count_{name}" for name in classes), *wholes]
    summed = [f"{kind}_{name}" for name in metrics for kind in ("sum", "squares")]
    totals = [f"sum({name})::bigint as {name}" for name in counted] + [f"sum({name}) as {name}" for name in summed]
    columns = [f"count_{name}" for name in classes] + [f"count_{name} / n as share_{name}" for name in classes]
    for name in metrics:
        spread = f"greatest(0, squares_{name} - sum_{name} * (sum_{name} / n))"
        columns += [f"sum_{name} / n as mean_{name}", f"sqrt({spread} / greatest(1, n - 1)) as sd_{name}"]
    files = ", ".join(quoted(folder / "sums" / f"part-{part:05d}.parquet") for part in range(parts))
    out = folder / "summary.parquet"
    # One thread: a point in several parts is summed in their order, so to the same bits.
    with duckdb.connect(config={"threads": 1}) as db:
        sql = SUMS.format(
            totals=", ".join(totals), columns=", ".join([*columns, *wholes]), files=files,
            points=quoted(folder / "points.parquet"), out=quoted(out),
        )  # fmt: skip
        try:
            db.execute(sql)
        except duckdb.Error as error:
            raise RecordError(
                f"cannot write {out} ({cause(error)[:200]}); the parts are safe: go on with {written('resume', folder)}"
            ) from error


def read_any(path: Path) -> dict[str, np.ndarray]:
    """Columns of a CSV file, each cell the text that stands there, or of a Parquet file as they are.

    No type is guessed: what a cell must be is known to who asks for it. RecordError names a wrong row or column.
    """
    import duckdb

    if not path.is_file():
        raise RecordError(f"there is no file {path}; give a CSV or Parquet file with one column an axis.")
    if path.suffix != ".parquet":
        return _csv(path)
    try:
        with duckdb.connect() as db:
            frame = db.execute(f"select * from read_parquet({quoted(path)})").df()
    except duckdb.Error as error:
        first = str(error).strip().splitlines()[0]
        raise RecordError(f"{path} cannot be read as parquet: {first}") from error
    _check_names(path, list(frame))
    return {name: frame[name].to_numpy() for name in frame}


def _csv(path: Path) -> dict[str, np.ndarray]:
    """Columns of texts without blanks around them; as many cells a row as headings, and no empty rows at the end."""
    import csv

    import numpy as np

    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            head = file.readline()
            mark = max(",;\t|", key=head.count)  # the comma where there is none
            file.seek(0)
            rows = csv.reader(file, delimiter=mark, skipinitialspace=True)
            names = [name.strip() for name in next(rows, [])]
            _check_names(path, names)
            cells = [[cell.strip() for cell in row] for row in rows if row]
    except UnicodeDecodeError as error:
        raise RecordError(f"{path} cannot be read as CSV: {error}; save it as text in UTF-8.") from error
    except (OSError, csv.Error) as error:
        raise RecordError(f"{path} cannot be read as CSV: {error}.") from error
    while cells and not any(cells[-1]):
        cells.pop()
    for number, row in enumerate(cells, 1):
        if len(row) != len(names):
            raise RecordError(
                f"{path}: row {number} has {len(row)} cells and the heading has {len(names)} "
                f"({mark.join(row)[:60]!r}); rows are counted from 1 without the heading."
            )
    columns = zip(*cells, strict=True) if cells else ([] for _ in names)
    return {name: np.array(column, dtype=object) for name, column in zip(names, columns, strict=True)}


def _check_names(path: Path, names: Sequence[str]) -> None:
    """RecordError for a file without headings, or with one that is empty or stands twice."""
    if not names:
        raise RecordError(f"{path} is empty; give a heading with one column an axis, and one row a point.")
    if names[0].startswith("#"):
        raise RecordError(
            f"{path}: the first line begins with #, and it must be the heading; take out what is a comment."
        )
    for place, name in enumerate(names):
        if not name:
            raise RecordError(f"{path}: column {place + 1} has no name in the heading; give it one, or drop it.")
        if name.lower() in [other.lower() for other in names[:place]]:
            raise RecordError(f"{path}: the heading has {name!r} twice; keep one of the columns.")
