"""What each verb's directory says: a question, sentences with their numbers, tables; its file is `report` of the study.

It has `QUESTION`, `conclusions(done) -> sentences` and `tables(done) -> tables`. A verb
without a file is reported from what its summary.json holds.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sim.report import generic
from sim.report.parts import Table
from sim.results import Finished

TOLD = (
    "run", "sweep", "compare", "sensitivity", "calibrate", "tension", "backtest", "game", "ledger", "disclose", "hinge",
    "capsule", "validate",
)  # fmt: skip
SAID = ("conclusions", "reading")  # sentences that a verb itself has written into summary.json


def _module(verb: str) -> Any:
    return import_module(f"sim.studies.{verb}.report") if verb in TOLD else None


def question(verb: str) -> str:
    """What was asked, in one sentence."""
    module = _module(verb)
    return module.QUESTION if module else f"What does `rubicon {verb}` find here?"


def conclusions(done: Finished) -> list[str]:
    """The answer in plain language, with its numbers."""
    module = _module(done.verb)
    return list(module.conclusions(done)) if module else said(done)


def said(done: Finished) -> list[str]:
    """Sentences that the verb has written itself, else a pointer to the numbers."""
    found = [str(text) for key in SAID for text in done.summary.get(key) or []]
    return found or ["This verb writes no sentences of its own; its numbers stand in the tables below."]


def tables(done: Finished) -> list[Table]:
    """The tables of a verb; of an unknown one whatever in summary.json has the shape of a table."""
    module = _module(done.verb)
    return list(module.tables(done)) if module else generic.tables(done.summary)


def debt(done: Finished) -> tuple[list[str], list[Table]]:
    """Sentences and tables of an assumption debt that a verb has computed; none of most verbs."""
    module = _module(done.verb)
    return module.debt(done) if hasattr(module, "debt") else ([], [])


def warnings(done: Finished) -> list[str]:
    """What the verb itself warns of."""
    return [str(text) for key in ("warnings", "notes") for text in done.summary.get(key) or []]
