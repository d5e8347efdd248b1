"""A shelf: one YAML file an episode, as `conf/cases/`, written by `rubicon cases import`, read by `rubicon backtest`.

A file has `inputs` (all that is coded), `answers` and `withheld` (never read by a prediction
of that episode), each as the table had them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.cases.reading import ANSWERS, INPUTS, LABELS, Case, CaseError, read_rows
from sim.catalog import conf_folder, read
from sim.names import is_device

CODING = "coding"  # the one file of the folder that is no episode
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
LONGEST = 100
ABOUT = ("case_name", "country", "capital", "year", "start_date", "rebel_leader", "demands", "tier")
ORIGIN = ("sources", "confidence", "notes")
HEAD = "# Made by `rubicon cases import`; see docs/cases.md. Predictions read `inputs` and nothing else.\n"


def folder() -> Path:
    """Where the shipped shelf is."""
    return conf_folder() / "cases"


def text(case: Case) -> str:
    """An episode as YAML: the same case gives the same bytes."""
    import yaml

    rest = {key: plain(value) for key, value in case.withheld.items()}
    inputs = {name: case.words[name] if name in case.words else tidy(case.numbers[name]) for name in INPUTS}
    tree: dict[str, Any] = {"case_id": case.case_id, "cluster": case.cluster}
    tree["about"] = {key: rest.pop(key) for key in ABOUT if key in rest}
    tree["inputs"] = inputs
    tree["origin"] = {key: rest.pop(key) for key in ORIGIN if key in rest}
    tree["answers"] = {
        "outcome_class": _class(case.outcome), "duration_h": tidy(case.hours), "deaths_central": tidy(case.deaths),
    }  # fmt: skip
    tree["withheld"] = rest
    body: str = yaml.safe_dump(tree, sort_keys=False, width=116, allow_unicode=True)
    return HEAD + body


def _class(code: int | None) -> str | None:
    from sim.cases.reading import CLASSES

    return None if code is None else CLASSES[code]


def tidy(value: float | None) -> float | int | None:
    """A whole number without its decimal point."""
    return int(value) if value is not None and value == int(value) else value


def plain(value: str) -> str | int | float:
    """A field as a number where that says exactly the same.

    >>> plain("12"), plain("0.50"), plain("007"), plain("x")
    (12, '0.50', '007', 'x')
    """
    for kind in (int, float):
        try:
            if str(kind(value)) == value and value not in ("nan", "inf", "-inf"):
                return kind(value)
        except ValueError:
            continue
    return value


def file_name(case_id: str) -> str:
    """Name of an episode's file; CaseError for an id that is no plain name on every system.

    >>> file_name("kapp_1920")
    'kapp_1920.yaml'
    """
    reserved = is_device(case_id) or case_id.lower() == CODING
    if not NAME.fullmatch(case_id) or reserved or case_id.endswith(".") or len(case_id) > LONGEST:
        shown = case_id if len(case_id) <= LONGEST else f"{case_id[:20]}..."
        why = "a name that some system keeps for itself" if reserved else "no plain name"
        raise CaseError(
            f"case_id {shown!r} is {why}; write letters (a to z, no accents), digits, - _ and . only, a letter or a "
            f"digit first, at most {LONGEST}."
        )
    return f"{case_id}.yaml"


def file_names(cases: Sequence[Case]) -> list[str]:
    """Names of the files of many episodes; CaseError where two differ in capitals only: some disks do not see that."""
    names = [file_name(case.case_id) for case in cases]
    first: dict[str, str] = {}
    for name in names:
        other = first.setdefault(name.lower(), name)
        if other != name:
            raise CaseError(f"case_ids {other[:-5]!r} and {name[:-5]!r} differ in capitals only; rename one of them.")
    return names


def load(place: Path | None = None) -> tuple[Case, ...]:
    """Every episode of a shelf, in order of name; CaseError where there is none or a file lacks its parts."""
    where = place or folder()
    files = sorted(path for path in where.glob("*.yaml") if path.stem != CODING) if where.is_dir() else []
    if not files:
        raise CaseError(f"{where} holds no episodes. Fill it with: rubicon cases import FILE.csv --to {where}")
    rows = [_row(path) for path in files]
    return read_rows(rows, str(where), [path.name for path in files]).cases


def _row(path: Path) -> dict[str, str]:
    """A file as the row of the table it was made from."""
    tree = read(path)
    missing = [name for name in (*LABELS, "inputs", "answers") if name not in tree]
    if missing or not isinstance(tree.get("inputs"), dict):
        raise CaseError(
            f"{path} is no episode: it lacks {', '.join(missing) or 'inputs'}. Write it with rubicon cases import."
        )
    parts = [tree, *(tree.get(part) or {} for part in ("about", "inputs", "origin", "answers", "withheld"))]
    flat = {key: value for part in parts for key, value in part.items() if not isinstance(value, dict)}
    row = {key: "" if value is None else str(value) for key, value in flat.items()}  # a float's text is a plain number
    return {**dict.fromkeys((*LABELS, *INPUTS, *ANSWERS), ""), **row}
