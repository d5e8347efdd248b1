"""Episodes from a CSV file: inputs known before the ending, answers, and the rest, each kept apart."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sim.errors import UserError
from sim.state import ENDINGS

CATEGORIES = ("regime_type", "rebel_type", "rebel_level", "demand_type")
NUMBERS = (
    "wartime", "rebels_low", "rebels_central", "rebels_high", "loyal_low", "loyal_central", "loyal_high",
    "dist_km_start", "hours_to_capital",
)  # fmt: skip
INPUTS = (*CATEGORIES, *NUMBERS)  # all that a prediction may read
LABELS = ("case_id", "cluster")
ANSWERS = ("outcome_class", "duration_h", "deaths_central")  # for training folds and scores only
CLASSES = ("REBELS_WIN", "GOV_CONCEDES", "NEGOTIATED_EXIT", "REBELS_COLLAPSE", "CRUSHED", "PROLONGED_WAR")
CODE = dict(zip(CLASSES, range(len(ENDINGS)), strict=True))  # the model's codes of the same six endings
UNKNOWN = ("", "na", "n/a", "nan", "none", "null", "unknown", "?", "-")


class CaseError(UserError):
    """A table of episodes that cannot be used."""


@dataclass(frozen=True)
class Case:
    """One episode. `words` and `numbers` are the inputs (None where not given); the others a prediction never sees.

    `outcome` is the code of the ending (None unknown), `hours` > 0 and `deaths` >= 0 its
    duration and toll (None unknown); `withheld` holds every other column as it was given.
    """

    case_id: str
    cluster: str
    words: Mapping[str, str | None]
    numbers: Mapping[str, float | None]
    outcome: int | None = None
    hours: float | None = None
    deaths: float | None = None
    withheld: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What a file held: episodes in its order, and notes on all that was put right or could not be used."""

    cases: tuple[Case, ...]
    notes: tuple[str, ...]


def read_csv(path: Path) -> Reading:
    """Episodes of a CSV file with a header line; columns in any order, further ones are kept but not read.

    Raises
    ------
    CaseError
        when the file cannot be read, holds no row, or lacks a column of `INPUTS` or `LABELS`.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path} cannot be read as a UTF-8 table of episodes: {error}") from error
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""))
        heads = [str(head).strip() for head in reader.fieldnames or ()]
        reader.fieldnames = heads
        rows = [
            {str(key): value or "" for key, value in row.items() if isinstance(value, str | None)} for row in reader
        ]
    except csv.Error as error:
        raise CaseError(f"{path} is no CSV file: {error}") from error
    missing = [name for name in (*LABELS, *INPUTS) if name not in heads]
    if missing:
        raise CaseError(
            f"{path} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; needed are "
            f"{', '.join((*LABELS, *INPUTS))} (docs/cases.md says what each means). Fields may be empty, "
            "commas separate them."
        )
    return read_rows(rows, str(path))


def read_rows(rows: list[dict[str, str]], where: str) -> Reading:
    """Episodes of rows of text; a `case_id` met before is left out, with a note. CaseError for no rows."""
    cases: dict[str, Case] = {}
    notes: list[str] = []
    for number, row in enumerate(rows, 1):
        if not any(value.strip() for value in row.values()):
            continue
        name = row["case_id"].strip() or f"row_{number}"
        if name in cases:
            notes.append(f"{name}: given twice; the first row is used")
            continue
        cases[name] = _case(name, row, notes)
    if not cases:
        raise CaseError(f"{where} holds no episodes: a header line alone is not enough.")
    return Reading(tuple(cases.values()), tuple(notes))


def _case(name: str, row: Mapping[str, str], notes: list[str]) -> Case:
    """One row, with a note for each field that is not what it should be."""
    numbers = {column: number(row[column], f"{name}: {column}", notes) for column in NUMBERS}
    words = {column: word(row[column]) for column in CATEGORIES}
    cluster = row["cluster"].strip()
    if not cluster:
        notes.append(f"{name}: no cluster given; it stands for itself")
    told = word(row.get("outcome_class", ""))
    outcome = CODE.get(told.upper()) if told else None
    if told and outcome is None:
        notes.append(f"{name}: outcome_class {row['outcome_class']!r} is none of {', '.join(CLASSES)}; not scored")
    hours = number(row.get("duration_h", ""), f"{name}: duration_h", notes)
    deaths = number(row.get("deaths_central", ""), f"{name}: deaths_central", notes)
    known = (*LABELS, *INPUTS, *ANSWERS)
    rest = {key: value.strip() for key, value in row.items() if key not in known and value.strip()}
    return Case(name, cluster or name, words, numbers, outcome, hours if hours else None, deaths, rest)


def word(text: str) -> str | None:
    """A category in plain form: 'Elite guard' -> 'elite_guard'; None for what means unknown.

    >>> word(" Elite guard "), word("n/a")
    ('elite_guard', None)
    """
    plain = re.sub(r"[\s\-/]+", "_", text.strip().lower())
    return None if text.strip().lower() in UNKNOWN else plain


def number(text: str, what: str, notes: list[str]) -> float | None:
    """A number >= 0 from text such as '1,500' or '~300'; None, with a note, for what is none.

    >>> notes = []
    >>> number("1,500", "men", notes), number("~300", "men", notes), number("many", "men", notes), notes
    (1500.0, 300.0, None, ["men: 'many' is not a number of zero or more; taken as unknown"])
    """
    plain = text.strip()
    if plain.lower() in UNKNOWN:
        return None
    if plain.lower() in ("true", "yes", "false", "no"):
        return float(plain.lower() in ("true", "yes"))
    cleaned = re.sub(r"(?<=\d),(?=\d{3})", "", plain).lstrip("~<>=≥≤ ").replace("\N{MINUS SIGN}", "-")
    try:
        value = float(cleaned)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0.0):
        notes.append(f"{what}: {plain!r} is not a number of zero or more; taken as unknown")
        return None
    return value
