"""What each verb's directory says: a question, sentences with their numbers, tables; one file a verb.

A file has `QUESTION`, `conclusions(done) -> sentences` and `tables(done) -> tables`. A verb
without a file is reported from what its summary.json holds.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sim.record import Finished
from sim.report import generic
from sim.report.parts import Table

MODULES: dict[str, str] = {
    "run": "sim.report.verbs.run",
    "sweep": "sim.report.verbs.sweep",
    "compare": "sim.report.verbs.compare",
    "sensitivity": "sim.report.verbs.sensitivity",
    "calibrate": "sim.report.verbs.calibrate",
    "tension": "sim.report.verbs.tension",
    "backtest": "sim.report.verbs.backtest",
    "game": "sim.report.verbs.game",
    "ledger": "sim.report.verbs.ledger",
    "disclose": "sim.report.verbs.disclose",
    "hinge": "sim.report.verbs.hinge",
    "capsule": "sim.report.verbs.capsule",
    "validate": "sim.report.verbs.validate",
}
SAID = ("conclusions", "reading")  # sentences that a verb itself has written into summary.json


def _module(verb: str) -> Any:
    return import_module(MODULES[verb]) if verb in MODULES else None


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
