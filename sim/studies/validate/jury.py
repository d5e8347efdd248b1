"""The jury on rules: every direction and the ranking of the scenarios under each way of choosing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.catalog import options, verb_tree

if TYPE_CHECKING:
    import numpy as np

    from sim.scenario import Setting
    from sim.settings import Doctrine, Settings
    from sim.studies.validate.directions import Direction, Juror

Progress = Callable[[int], None]
Tables = Mapping[str, Mapping[str, "np.ndarray"]]


def work(n: int) -> int:
    """Crises that the jury takes."""
    from sim.studies.validate.directions import jurors

    return len(jurors()) * len(options("scenario")) * n


def jury(settings: Settings, seed: int, n: int, level: float, progress: Progress = lambda done: None) -> dict[str, Any]:
    """Verdicts by direction and juror, stamps, and each juror's ranking of the scenarios by their share of exits.

    n replicates of each scenario, the same for all; all intervals of the directions hold together with chance
    `level`, and so do those of the ranking.
    """
    from sim.studies.validate.directions import directions, jurors, ranking, reference

    rows, bench, names = directions(), jurors(), options("scenario")
    bases = {name: based(settings, name, seed) for name in names}
    doctrines = {name: doctrines_of(name, settings) for name in {juror.doctrine: None for juror in bench}}
    cells: list[dict[str, Any]] = [{} for _ in rows]
    ranks: dict[str, Any] = {}
    usual: dict[str, np.ndarray] = {}
    pairs = len(names) * (len(names) - 1) // 2
    for juror in bench:
        own = doctrines[juror.doctrine]
        tables = {name: play(seated(bases[name], juror, own), n, progress) for name in names}
        for cell, found in zip(
            cells, verdicts(rows, tables, reference(), (1 - level) / (len(rows) * len(bench))), strict=True
        ):
            cell[juror.name] = found
        exits = _exits(tables)
        usual = usual or exits
        ranks[juror.name] = ranking(exits, usual, (1 - level) / (pairs * len(bench)))
    return {
        "runs": n, "level": level, "reference": reference(), "jurors": {juror.name: juror.about for juror in bench},
        "controls": [juror.name for juror in bench if juror.control],
        "directions": [_row(row, cell, bench) for row, cell in zip(rows, cells, strict=True)], "ranking": ranks,
        "scenario_pairs": pairs,
    }  # fmt: skip


def verdicts(rows: list[Direction], tables: Tables, reference: str, alpha: float) -> list[dict[str, Any]]:
    """Each direction judged on one juror's tables."""
    from sim.studies.validate.directions import judged

    return [judged(row, tables[row.scenario], tables[reference], alpha) for row in rows]


def _row(row: Direction, cells: Mapping[str, Any], bench: Sequence[Juror]) -> dict[str, Any]:
    from sim.studies.validate.directions import stamp

    told = {"scenario": row.scenario, "what": row.what, "measure": row.measure, "sign": row.sign, "among": row.among}
    return told | {"fails": row.fails, "cells": dict(cells), "stamp": stamp(cells, bench)}


def _exits(tables: Tables) -> dict[str, np.ndarray]:
    from sim.model.state import Ending

    return {name: table["outcome"] == Ending.NEGOTIATED_EXIT for name, table in tables.items()}


def based(settings: Settings, scenario: str, seed: int) -> Setting:
    """A scenario with what else the command line has changed in the model."""
    from sim.config import compose_like
    from sim.scenario import build

    own = {"scenario", *verb_tree(settings.verb)}
    shared = [text for text in settings.overrides if text.split("=")[0].lstrip("+").split(".")[0] not in own]
    made = compose_like(settings, [*shared, f"scenario={scenario}"])
    return build(replace(made, seed=seed))


def doctrines_of(name: str, settings: Settings) -> Mapping[str, Doctrine]:
    """Each seat's doctrine when all follow this one."""
    from sim.config import compose_like

    return compose_like(settings, [f"doctrine={name}"]).doctrines


def seated(base: Setting, juror: Juror, doctrines: Mapping[str, Doctrine]) -> Setting:
    """The same setting with every seat choosing as the juror does."""
    from sim.scenario import build

    made = build(replace(base.settings, doctrines=doctrines))
    return made.changed(juror.numbers) if juror.numbers else made


def play(setting: Setting, n: int, progress: Progress) -> dict[str, np.ndarray]:
    """The columns that directions are measured by, of replicates 0 .. n-1."""
    from sim.engines.batch import run_table
    from sim.studies.validate.directions import COLUMNS

    table = run_table(
        setting.params, setting.script, seed=setting.seed, n=n, threads=setting.settings.threads, progress=progress
    )
    return {name: table[name] for name in COLUMNS}
