"""Episodes from a CSV file: inputs known before the ending, answers, and the rest, each kept apart."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sim.errors import UserError
from sim.model.state import ENDINGS

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
OPTIONAL = ANSWERS[1:]  # answers that are numbers
FIGURES = (*NUMBERS, *OPTIONAL)
TRUTH = "wartime"
YES_NO = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}
SEPARATORS = (",", ";", "\t")
PLAIN = re.compile(r"-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
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


def read_csv(path: Path, *, strict: bool = False) -> Reading:
    """Episodes of a CSV file with a header line; columns in any order, further ones are kept but not read.

    Commas separate the fields, or semicolons or tabs where only those make the needed columns. `strict`
    refuses what else is noted and taken as unknown.

    Raises
    ------
    CaseError
        when the file cannot be read, holds no row, lacks a column of `INPUTS` or `LABELS`, has a row of another
        length, two episodes of one id, or a number that could be read in two ways; the text names line and column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path} cannot be read as a UTF-8 table of episodes: {error}") from error
    read = [_split(text, mark, path) for mark in SEPARATORS]
    mark, heads, rows, lines = min(read, key=lambda one: len(_missing(one[1])))  # commas, if they do as well
    if missing := _missing(heads):
        raise CaseError(
            f"{path} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; needed are "
            f"{', '.join((*LABELS, *INPUTS))} (docs/cases.md says what each means). Fields may be empty, "
            "commas separate them."
        )
    twice = [name for name in dict.fromkeys(heads) if name and heads.count(name) > 1]
    if twice:
        raise CaseError(f"{path} has two columns {twice[0]!r}; leave one of them out.")
    for number, fields in zip(lines, rows, strict=True):
        if len(fields) != len(heads):
            raise CaseError(
                f"{path}, line {number}: {len(fields)} fields, the header has {len(heads)}; put text that contains "
                f"{mark!r} in double quotes."
            )
    named = [{**dict.fromkeys(OPTIONAL, ""), **dict(zip(heads, fields, strict=True))} for fields in rows]
    if mark != "," and not any("." in row[column] for row in named for column in FIGURES):
        named = [{**row, **{column: _with_point(row[column]) for column in FIGURES}} for row in named]
    return read_rows(named, str(path), [f"line {number}" for number in lines], strict=strict)


def _split(text: str, mark: str, path: Path) -> tuple[str, list[str], list[list[str]], list[int]]:
    """(mark, heads, rows of fields, the line in which each ends) of a table whose fields `mark` separates."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        heads = [head.strip() for head in next(reader, [])]
        rows = [(fields, reader.line_num) for fields in reader if any(field.strip() for field in fields)]
    except csv.Error as error:
        raise CaseError(f"{path} is no CSV file: {error}") from error
    return mark, heads, [fields for fields, _ in rows], [number for _, number in rows]


def _missing(heads: list[str]) -> list[str]:
    return [name for name in (*LABELS, *INPUTS) if name not in heads]


def _with_point(text: str) -> str:
    """A decimal comma as a point; `1,500`, which may be thousands, stays and is refused.

    >>> [_with_point(text) for text in ("12,5", "0,435", "1,500", "many")]
    ['12.5', '0.435', '1,500', 'many']
    """
    decimal = re.fullmatch(r"\s*\d+,\d+\s*", text) and not re.fullmatch(r"\s*[1-9]\d{0,2},\d{3}\s*", text)
    return text.replace(",", ".") if decimal else text


def read_rows(
    rows: Sequence[Mapping[str, str]], where: str, places: Sequence[str] = (), *, strict: bool = False
) -> Reading:
    """Episodes of rows of text; `places` says where each stands in `where`. Errors as in `read_csv`."""
    cases: dict[str, Case] = {}
    known: dict[str, Mapping[str, str]] = {}
    notes: list[str] = []
    wrong: list[str] = []
    for number, row in enumerate(rows, 1):
        if not any(value.strip() for value in row.values()):
            continue
        place = places[number - 1] if places else f"row {number}"
        if strict and not row["case_id"].strip():
            raise CaseError(f"{where}, {place}: this episode has no case_id; give it one.")
        name = row["case_id"].strip() or f"row_{number}"
        if name in cases:
            if row != known[name]:
                raise CaseError(f"{where}, {place}: another episode is called {name!r}; give each an id of its own.")
            notes.append(f"{name}: given twice, word for word; used once")
            continue
        known[name] = row
        cases[name] = _case(name, row, notes, f"{place} ({name!r})", wrong, strict)
    if wrong:
        more = f" (and {len(wrong) - 3} more)" if len(wrong) > 3 else ""
        raise CaseError(
            f"{where}, {'; '.join(wrong[:3])}{more}. Write numbers with digits and a decimal point alone, such as "
            "0.435 or 1500; leave the field empty where a number is unknown."
        )
    if not cases:
        raise CaseError(f"{where} holds no episodes: a header line alone is not enough.")
    return Reading(tuple(cases.values()), tuple(notes))


def _case(name: str, row: Mapping[str, str], notes: list[str], place: str, wrong: list[str], strict: bool) -> Case:
    """One row, with a note for each field that is not what it should be, and what is `wrong` in it."""

    def figure(column: str) -> float | None:
        value, problem, unsure = number(row.get(column, ""), truth=column == TRUTH)
        if problem and (unsure or strict):
            wrong.append(f"{place}: {column} {problem}")
        elif problem:
            notes.append(f"{name}: {column} {problem}; taken as unknown")
        return value

    numbers = {column: figure(column) for column in NUMBERS}
    words = {column: word(row[column]) for column in CATEGORIES}
    cluster = row["cluster"].strip()
    if not cluster:
        notes.append(f"{name}: no cluster given; it stands for itself")
    told = word(row.get("outcome_class", ""))
    outcome = CODE.get(told.upper()) if told else None
    if told and outcome is None:
        notes.append(f"{name}: outcome_class {row['outcome_class']!r} is none of {', '.join(CLASSES)}; not scored")
    hours, deaths = figure("duration_h"), figure("deaths_central")
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


def number(text: str, *, truth: bool = False) -> tuple[float | None, str, bool]:
    """(a number >= 0 or None, what is wrong with the text, whether it may mean a number all the same).

    Only one form is a number: digits, a decimal point, an exponent. Where `truth`, yes and no are 1 and 0.

    >>> [number(text) for text in ("1500", "0.5", "?")]
    [(1500.0, '', False), (0.5, '', False), (None, '', False)]
    >>> number("1,500"), number("many")
    ((None, "'1,500' is not a plain number", True), (None, "'many' is not a number of zero or more", False))
    """
    plain = text.strip()
    if plain.lower() in UNKNOWN:
        return None, "", False
    if truth and plain.lower() in YES_NO:
        return YES_NO[plain.lower()], "", False
    if PLAIN.fullmatch(plain):
        value = float(plain)
        fits = math.isfinite(value) and value >= 0.0
        return (value, "", False) if fits else (None, f"{plain!r} is not a number of zero or more", False)
    if any(letter.isdigit() for letter in plain):
        return None, f"{plain!r} is not a plain number", True
    return None, f"{plain!r} is not a number of zero or more", False
