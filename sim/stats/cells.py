"""The cells of a table of points: each a legal number or a known option, or refused with its row and column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim import catalog
from sim.errors import ParameterError
from sim.stats.axes import DesignError, known_options
from sim.yamls import NUMBER, TRUTH

MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "none", "-")
DECIMAL_COMMA = re.compile(r"[-+]?[0-9]*,[0-9]+")


def cells(path: str, column: Sequence[Any] | np.ndarray, folders: tuple[Path, ...] = ()) -> list[Any]:
    """A column's values, rows counted from 1 without the heading; DesignError names row and column of a wrong one."""
    number = path in catalog.catalogue()
    known = [] if number else known_options(path, folders)
    seen: dict[Any, Any] = {}
    found = []
    for row, cell in enumerate(column, 1):
        value = cell.item() if isinstance(cell, np.generic) else cell
        key = (type(value), value)
        if key not in seen:
            seen[key] = _number(path, value, row) if number else _option(path, value, row, known)
        found.append(seen[key])
    return found


def _present(path: str, value: Any, row: int) -> Any:
    text = value.strip() if isinstance(value, str) else value
    if text is None or text != text or (isinstance(text, str) and text.lower() in MISSING):
        raise DesignError(f"the table has no value for {path} in row {row} ({value!r}); fill it in or drop the row.")
    return text


def _number(path: str, value: Any, row: int) -> Any:
    text = _present(path, value, row)
    if isinstance(text, str):
        if catalog.catalogue()[path].unit == "flag" and text in TRUTH:
            text = TRUTH[text]
        elif NUMBER.fullmatch(text):
            # A whole number stays one, however long, so that no digit is lost before it is checked.
            text = int(text) if re.fullmatch(r"[-+]?[0-9]{1,400}", text) else float(text)
        else:
            point, whole = text.replace(",", "."), text.replace(",", "")
            hint = f" Write {point} if the comma is a decimal one." if DECIMAL_COMMA.fullmatch(text) else ""
            hint += f" Write {whole} if it parts thousands." if re.fullmatch(r"[-+]?\d{1,3},\d{3}", text) else ""
            raise DesignError(f"row {row} of the table: {path}={text!r} is not a number.{hint}")
    elif not isinstance(text, (bool, int, float)):
        raise DesignError(f"row {row} of the table: {path}={value!r} is {type(value).__name__} and not a number.")
    try:
        return catalog.check(path, text)
    except ParameterError as error:
        raise DesignError(f"row {row} of the table: {error}") from None


def _option(path: str, value: Any, row: int, known: Sequence[str]) -> str:
    text = str(_present(path, value, row))
    if known and text not in known:
        raise DesignError(f"row {row} of the table: {path}: {catalog.unknown('option', text, known)}")
    return text
