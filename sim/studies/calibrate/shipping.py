"""What a calibration leaves behind: its tables, and the posterior as an option of the group `parameters`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.scenario import Setting
    from sim.studies.calibrate.study import Study

HEAD = (
    "# Written by `rubicon calibrate ship=true`; replicates take these sets in turn: rubicon run parameters=posterior\n"
)
NOT_THE_POSTERIOR = ("name=", "out=", "figures.", "threads=")  # overrides that do not make it another


def tables(study: Study) -> dict[str, dict[str, Any]]:
    """`posterior`: the sets of equal weight; `points`: the prior's points with their weights."""
    import numpy as np

    values = np.array(study.lines())
    return {
        "posterior": {path: values[:, i] for i, path in enumerate(study.paths)},
        "points": {one.path: one.at(study.u[:, i]) for i, one in enumerate(study.axes)} | {"weight": study.weights},
    }  # fmt: skip


def shipping_place(setting: Setting) -> Path:
    """Where a posterior is shipped: conf/parameters/posterior.yaml, or the user's own folder under the study's name."""
    from sim.catalog import conf_folder

    folders, name = setting.settings.folders, setting.settings.name
    if folders:
        return folders[0] / "parameters" / f"{name or 'mine'}.yaml"
    return conf_folder() / "parameters" / "posterior.yaml"


def shipped(study: Study) -> str:
    """The posterior as an option of the group `parameters`."""
    import yaml

    from sim import __version__
    from sim.jit import source_hash

    setting, chosen = study.setting, study.choices
    own = [text for text in setting.settings.overrides if not text.startswith(NOT_THE_POSTERIOR)]
    facts = ", ".join(fact.name for fact in study.facts)
    content = {
        "name": shipping_place(setting).stem,
        "about": f"{len(study.sets)} sets of {len(study.paths)} numbers from the posterior of `rubicon calibrate`",
        "paths": study.paths,
        "sets": [" ".join(f"{value:g}" for value in line) for line in study.lines()],
        "made": {
            "source": f"K patterns of june_2023 ({facts}) on uniform priors over the plausible ranges; "
            "docs/calibration.md says what it does not know",
            "command": " ".join(["rubicon calibrate", *own]), "scenario": setting.name, "seed": setting.seed,
            "points": chosen["points"], "replications": setting.settings.replications,
            "effective_points": round(study.steps[-1]["effective_points"]),
            "source_hash": source_hash(), "version": __version__,
        },
    }  # fmt: skip
    return HEAD.format(name=content["name"]) + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000)
