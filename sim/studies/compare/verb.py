"""`rubicon compare`: settings side by side under common luck; a difference is claimed only once it is settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import results as record
from sim.studies.compare.arms import Arm, Table, arms_of, identical
from sim.studies.compare.comparing import Found, Plan, gather, plan_of
from sim.studies.console import counting
from sim.studies.writing import study

if TYPE_CHECKING:
    import numpy as np

    from sim.settings import Settings
    from sim.studies.compare.divergence import Parting
    from sim.studies.writing import Results

Pair = tuple[int, int]


def compare(settings: Settings) -> Path:
    """Compare the settings that `settings` asks for, write the directory and print the tables; returns the folder."""
    from sim.scenario import build

    arms = arms_of(settings)
    plan = plan_of(settings, len(arms), None if arms[0].runs is None else len(arms[0].runs["outcome"]))
    reference = arms[0].setting
    own = build(replace(settings, scenario=reference.name, seed=reference.seed))
    with study(own) as (results, summary, manifest):
        known = {(a, b): identical(arms[a].setting, arms[b].setting) for a, b in plan.pairs}
        found = gather(lambda arm, first, n: play(arms[arm], first, n), len(arms), plan, known)
        parting = {pair: parts for pair in plan.pairs if (parts := _parting(arms, pair, plan, found.n)) is not None}
        summary |= _summary(arms, plan, found, parting)
        table = paired_table(found.tables)
        record.write_table(results.working / "paired.parquet", table)
        if parting:
            record.write_table(results.working / "parting.parquet", _parting_table(parting))
        manifest |= {"pairs_played": found.n, "looks": found.looks, "digest": record.digest(table)}
        results.save(_figures(summary))
        show(summary, results)
    return results.final


def play(arm: Arm, first: int, n: int) -> Table:
    """`kept` columns of replicates first .. first+n-1 of an arm, played or as recorded."""
    from sim.engines.batch import run_table
    from sim.stats.paired import kept

    if arm.runs is not None:
        return {name: values[first : first + n] for name, values in arm.runs.items()}
    of = arm.setting
    if of.settings.engine == "kernel":
        from sim.engines.kernel import ready

        ready()  # a first compilation announces itself before the bar starts
    with counting(n, arm.label) as progress:
        return kept(
            run_table(
                of.family, of.script, seed=of.seed, n=n, first=first, engine=of.settings.engine,
                threads=of.settings.threads, progress=progress,
            )
        )  # fmt: skip


def paired_table(tables: Sequence[Table]) -> dict[str, np.ndarray]:
    """One row a replicate: each column of each setting, numbered in order (`outcome_0` is the reference's)."""
    import numpy as np

    columns = {f"{name}_{i}": values for i, table in enumerate(tables) for name, values in table.items()}
    return {"replicate": np.arange(len(tables[0]["outcome"])), **columns}


def _parting(arms: Sequence[Arm], pair: Pair, plan: Plan, n: int) -> Parting | None:
    """Where a pair's stories part; None where it was not asked for, or steps cannot be compared."""
    from sim.jit import source_hash, use_threads
    from sim.studies.compare import divergence as parting

    a, b = (arms[i] for i in pair)
    stale = any(arm.rules not in (None, source_hash()) for arm in (a, b))
    if not plan.parting or stale or a.setting.params.dt != b.setting.params.dt:
        return None
    use_threads(a.setting.settings.threads)
    return parting.play(a.setting, b.setting, min(plan.parting, n))


def _parting_table(parting: Mapping[Pair, Parting]) -> dict[str, np.ndarray]:
    """One row a pair of runs: number of the reference's and of the other's setting, replicate, hour, actor."""
    import numpy as np

    from sim.studies.compare.divergence import ACTORS

    names = np.array([*ACTORS, "never"], dtype=object)
    parts = [
        {"reference": np.full(len(p.hour), a), "other": np.full(len(p.hour), b), "replicate": np.arange(len(p.hour)),
         "hour": p.hour, "actor": names[p.actor]}
        for (a, b), p in parting.items()
    ]  # fmt: skip
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _summary(arms: Sequence[Arm], plan: Plan, found: Found, parting: Mapping[Pair, Parting]) -> dict[str, Any]:
    from sim.studies.compare.comparison import summary

    labels = [arm.label for arm in arms]
    seed = arms[0].setting.seed
    same = {pair: identical(arms[pair[0]].setting, arms[pair[1]].setting) for pair in plan.pairs}
    overrides = [list(arm.setting.settings.overrides) for arm in arms]
    head = {"settings": [{"label": name, "overrides": told} for name, told in zip(labels, overrides, strict=True)]}
    return head | summary(labels, plan, found, parting, same, seed)


def _figures(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Pages by name; of several pairs each has its own flow and parting, numbered in order."""
    from sim import draw as plots

    pages: dict[str, Any] = {"paired_differences": plots.draw("paired_differences", comparison=summary)}
    several = len(summary["pairs"]) > 1
    for number, pair in enumerate(summary["pairs"].values(), 1):
        for name in ("transitions", "parting"):
            if pair[name] is not None:
                pages[f"{name}_{number}" if several else name] = plots.draw(name, comparison=summary, pair=pair)
    return pages


def show(summary: Mapping[str, Any], results: Results) -> None:
    """Have the tables and sentences of a comparison printed."""
    from sim.studies.compare.comparison import pair_table, ranking_sentences, sentences

    for pair in summary["pairs"].values():
        results.say(pair_table(summary, pair))
        for sentence in sentences(summary, pair):
            results.say(sentence, highlight=False, markup=False)
        results.say()
    for sentence in ranking_sentences(summary):
        results.say(sentence, highlight=False, markup=False)


def task(settings: Settings) -> int:
    """One composed job of the command line."""
    compare(settings)
    return 0


def main(argv: list[str]) -> int:
    """Entry of the verb: Hydra overrides and flags in `argv`."""
    from sim.config import launch

    return launch(argv, task, "compare")
