"""`rubicon backtest FILE.csv`: the model's odds for episodes it has not learned from, scored beside simple lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.cases import CLASSES, Case, forecast, read_csv, references
from sim.cases.coding import Facts, facts
from sim.cases.shelf import load
from sim.errors import ConfigurationError
from sim.studies.writing import study

if TYPE_CHECKING:
    from sim.settings import Settings
    from sim.studies.backtest.library import Library, Size

TRAIN = ("both", "shelf", "file")
MODEL = "model"


@dataclass(frozen=True)
class Pool:
    """Episodes to predict (the first `asked`) and those to learn from besides; no id comes twice.

    `truth` (n,) is what training may learn, -1 for nothing; `answers` (asked,) is what is scored, -1 for not known.
    """

    cases: tuple[Case, ...]
    asked: int
    truth: np.ndarray
    answers: np.ndarray
    may_train: np.ndarray
    notes: tuple[str, ...]

    @property
    def clusters(self) -> list[str]:
        """Cluster of every episode."""
        return [case.cluster for case in self.cases]


def gather(settings: Settings) -> Pool:
    """The episodes of the file (or the shelf itself) and the shelf's others."""
    choices = settings.choices
    _check_train(str(choices["train"]))
    shelf = load(Path(choices["shelf"]) if choices["shelf"] else None)
    if choices["file"] is None:
        return pool(shelf, shelf, "shelf")
    given = read_csv(Path(str(choices["file"])))
    return pool(given.cases, shelf, str(choices["train"]), given.notes)


def _check_train(train: str) -> None:
    if train not in TRAIN:
        raise ConfigurationError(f"train={train} is not known; allowed: {', '.join(TRAIN)}.")


def pool(given: Sequence[Case], shelf: Sequence[Case], train: str, notes: Sequence[str] = ()) -> Pool:
    """Put episodes together; one that is in both is taken from the file and learned from once.

    With train=shelf only the shelf's answers are learned, and so a file without answers is
    predicted just the same; with train=file only those of the file.
    """
    _check_train(train)
    own = {case.case_id: case for case in shelf}
    named = {case.case_id for case in given}
    cases = (*given, *(case for case in shelf if case.case_id not in named))
    answers = np.array([-1 if case.outcome is None else case.outcome for case in given])
    learn: list[Case | None] = []
    for i, case in enumerate(cases):
        from_file = case if i < len(given) and case.outcome is not None else None
        from_shelf = own.get(case.case_id)
        learn.append({"both": from_file or from_shelf, "shelf": from_shelf, "file": from_file}[train])
    truth = np.array([-1 if one is None or one.outcome is None else one.outcome for one in learn])
    return Pool(cases, len(given), truth, answers, truth >= 0, tuple(notes))


def size_of(settings: Settings) -> Size:
    """How much is played, from the verb's keys; ConfigurationError for what is too little."""
    from sim.studies.backtest.library import Size

    choices = settings.choices
    for key, least in (("vectors", 2), ("draws", 1), ("resamples", 100)):
        if not isinstance(choices[key], int) or choices[key] < least:
            raise ConfigurationError(f"{key}={choices[key]} is not allowed; give a whole number from {least}.")
    level = choices["level"]
    if not isinstance(level, float) or not 0.5 <= level < 1.0:
        raise ConfigurationError(f"level={level} is not allowed; give a share from 0.5 to below 1.")
    draws = min(choices["draws"], settings.replications)
    return Size(choices["vectors"], draws, -(-settings.replications // draws))


def task(settings: Settings) -> None:
    """One composed job of the command line."""
    from sim.scenario import build
    from sim.studies.backtest.library import simulate
    from sim.studies.backtest.tables import figures, tables
    from sim.studies.backtest.words import said
    from sim.studies.console import counting

    size, one = size_of(settings), gather(settings)
    setting = build(settings)
    with study(setting) as (results, summary, manifest):
        with counting(len(one.cases) * size.per_case, f"{len(one.cases)} episodes") as told:
            library = simulate(setting, one.cases, size, told)
        known = [facts(case) for case in one.cases]
        found = predictions(one, known, library)
        manifest |= {"runs": len(one.cases) * size.per_case, "vectors": size.vectors, "episodes": one.asked}
        summary |= tables(setting, one, known, found, library, results.working)
        for table in said(summary):
            results.say(table, highlight=False, soft_wrap=isinstance(table, str))
        results.save(figures(summary))


@dataclass(frozen=True)
class Found:
    """Predictions (asked, 6) by forecaster, and the fold behind each row of the model."""

    chances: dict[str, np.ndarray]
    folds: list[forecast.Fold]


def predictions(one: Pool, known: Sequence[Facts], library: Library) -> Found:
    """The model's and every reference line's, each without the cluster of the row predicted."""
    # In order of id, so that the order of a file changes not even the last bit of a sum.
    order = np.argsort([case.case_id for case in one.cases], kind="stable")
    place = np.argsort(order)[: one.asked]
    clusters, truth, may = [one.clusters[i] for i in order], one.truth[order], one.may_train[order]
    pairs = list(forecast.predict(library.chances[order], truth, clusters, may))
    chances = {MODEL: np.array([pairs[i][0] for i in place])}
    for name, learner in references.lines(truth, [known[i] for i in order], clusters).items():
        chances[name] = references.predict(learner, truth, clusters, may)[place]
    folds = [pairs[i][1] for i in place]
    return Found(chances, [replace(fold, trained=order[fold.trained]) for fold in folds])


def words(argv: Sequence[str]) -> list[str]:
    """The command line with its first plain word as `file=`.

    >>> words(["my cases.csv", "seed=2"]), words(["seed=2"])
    (["file='my cases.csv'", 'seed=2'], ['seed=2'])
    """
    if argv and not argv[0].startswith("-") and ("=" not in argv[0] or _is_file(argv[0])):
        quoted = argv[0].replace("\\", "\\\\").replace("'", "\\'")
        return [f"file='{quoted}'", *argv[1:]]
    return list(argv)


def _is_file(word: str) -> bool:
    try:
        return Path(word).is_file()
    except OSError:  # longer than the name of any file
        return False


def main(argv: list[str]) -> int:
    """Entry of the verb: FILE.csv, then Hydra overrides and flags."""
    from sim.config import launch

    return launch(words(argv), task, "backtest")


__all__ = ["CLASSES", "MODEL", "Found", "Pool", "gather", "main", "pool", "predictions", "task"]
