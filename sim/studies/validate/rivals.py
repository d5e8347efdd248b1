"""Simple rival accounts of the same case, scored on the same patterns; part of `rubicon validate`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

from sim.catalog import option, options
from sim.model.state import ENDINGS, Ending

if TYPE_CHECKING:
    from sim.patterns.patterns import Book
    from sim.scenario import Setting

GRID_RUNS = 1000  # runs of each point of a rival's grid
Progress = Callable[[int], None]


def points(told: Mapping[str, Any]) -> list[dict[str, float]]:
    """Every way to set a rival's own numbers, in the order of its file.

    >>> points({"numbers": {"a": 0}, "grid": {"b": [1, 2]}})
    [{'a': 0, 'b': 1}, {'a': 0, 'b': 2}]
    """
    grid = told.get("grid", {})
    return [{**told["numbers"], **dict(zip(grid, values, strict=True))} for values in product(*grid.values())]


def simulated() -> list[str]:
    """Rivals that are settings of this model."""
    return [name for name in options("rival") if "numbers" in option("rival", name)]


def work(replications: int) -> int:
    """Crises that scoring all rivals takes."""
    return sum(len(points(option("rival", name))) * GRID_RUNS + replications for name in simulated())


def fitted(base: Setting, told: Mapping[str, Any], of: Book, progress: Progress, first: int = 0) -> Setting:
    """The rival where it does best: of its points the one with the largest weighted hit share on the held-out patterns.

    That is an advantage over the model, whose numbers were not chosen by these scores. It is chosen on replicates from
    `first` on, and priced on those before, so that the luck of the choice is no part of its price.
    """
    from sim.patterns.evidence import gather
    from sim.patterns.scores import scored, total

    found = []
    for numbers in points(told):
        made = base.changed(numbers)
        score = total(of, scored(of, gather(made, GRID_RUNS, progress, first)), "H")["hit_share"]
        found.append((score, made))
    return max(found, key=lambda one: one[0])[1]


def rivals(
    base: Setting, n: int, of: Book, progress: Progress = lambda done: None, ours: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """Each rival's numbers, scores by pattern, totals, joint hits and odds of the actual ending.

    With the evidence of the model itself (`ours`, of the same replicates) also `ahead`: by how much its runs hit more.
    """
    from sim.patterns.evidence import gather
    from sim.patterns.scores import ahead, by_run

    found: dict[str, dict[str, Any]] = {}
    mine = None if ours is None else by_run(of, ours, "H")
    for name in options("rival"):
        told = option("rival", name)
        head = {"about": told["about"]}
        if "numbers" not in told:
            found[name] = head | frequencies(told)
            continue
        made = fitted(base, told, of, progress, n)
        own = {path: made.settings.values[path] for path in (*told["numbers"], *told["grid"])}
        evidence = gather(made, n, progress)
        found[name] = head | {"numbers": own} | account(of, evidence)
        theirs = by_run(of, evidence, "H")
        if mine is not None and theirs is not None:
            found[name]["ahead"] = ahead(mine, theirs, len(simulated()))
    # The strongest first; those that tell no pattern last.
    return dict(sorted(found.items(), key=lambda item: -item[1]["H"]["hit_share"] if "H" in item[1] else 1.0))


def account(of: Book, e: Mapping[str, Any]) -> dict[str, Any]:
    """What a model is compared by: scores, totals of held-out patterns, joint hits, odds of the endings."""
    from sim.patterns.scores import joint, scored, total, weighted
    from sim.stats.outcomes import share

    scores = scored(of, e)
    return {
        "patterns": scores, "joint": joint(of, e),
        **{use: total(of, scores, use) | weighted(of, e, use) for use in ("H", "K")},
        "endings": {name: share(e["outcome"] == code)["share"] for code, name in enumerate(ENDINGS)},
    }  # fmt: skip


def frequencies(told: Mapping[str, Any]) -> dict[str, Any]:
    """An account that gives odds of endings only."""
    every = sum(told["endings"].values())
    return {"endings": {name: told["endings"][name] / every for name in ENDINGS}, "episodes": every}


def actual(found: Mapping[str, Any]) -> float:
    """The odds that an account gives to the ending that came, a negotiated exit."""
    return float(found["endings"][ENDINGS[Ending.NEGOTIATED_EXIT]])
