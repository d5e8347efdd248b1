"""What a run whose numbers vary adds to its summary: doubt about the numbers beside the luck of the runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from sim.scenario import Setting


def spread(setting: Setting, runs: dict[str, np.ndarray]) -> dict[str, dict[str, float | None]]:
    """How the endings spread over the sets, see `sim.stats.set_spread`; empty where no numbers vary."""
    from sim.sets import Family
    from sim.stats.set_spread import over_sets

    if setting.sets is None or not isinstance(setting.family, Family):
        return {}
    which = setting.family.which(runs["replicate"])
    return over_sets(runs["outcome"], which, len(setting.sets), setting.seed)


def drawn_doubt(setting: Setting, runs: dict[str, np.ndarray]) -> dict[str, Any]:
    """What figures need to know of it, beside `Setting.drawn`."""
    found = spread(setting, runs)
    return {"doubt": found} if found else {}


def with_doubt(setting: Setting, runs: dict[str, np.ndarray], numbers: dict[str, Any]) -> dict[str, Any]:
    """The summary of a run with `parameters`: the sets, and by ending how far they differ; as it is where none vary.

    The intervals of the endings become those from resampling whole sets.
    """
    found, own = spread(setting, runs), ("low", "high")
    if setting.sets is None or not found:
        return numbers
    outcomes = {name: entry | {key: found[name][key] for key in own} for name, entry in numbers["outcomes"].items()}
    between = {
        name: {key: value for key, value in entry.items() if key not in (*own, "share")}
        for name, entry in found.items()
    }
    told = {
        "name": setting.sets.name, "sets": len(setting.sets), "varied": list(setting.sets.varied),
        "held": list(setting.sets.held), "outcomes": between,
    }  # fmt: skip
    return numbers | {"outcomes": outcomes, "parameters": told}
