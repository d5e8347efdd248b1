"""`summary.json` of a sensitivity study: indices, screening, luck, debt, warnings, and a reading in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.catalog import catalogue
from sim.studies.sensitivity import reading
from sim.studies.sensitivity.debt import Debt, grade_of
from sim.studies.sensitivity.indices import convergence, doubts, first_settled, known, submodel
from sim.studies.sensitivity.point_means import EXIT, NAMES, OUTPUTS, SHARES
from sim.studies.sensitivity.screening import Screened, ranked
from sim.studies.sensitivity.sensing import Stage, left_out

if TYPE_CHECKING:
    import numpy as np

    from sim.studies.sensitivity.verb import Study


CLOSE = 0.8  # of the last one taken: a number that is left out is said to be nearly as important


def summary_of(study: Study) -> dict[str, Any]:
    """Everything a report or a figure needs; nan where there is no number."""
    numbers = study.stages["numbers"]
    steps = {output: convergence(numbers.means.means()[:, j], study.indices[output].names)
             for j, output in enumerate(NAMES)}  # fmt: skip
    debts = study.debts()
    luck = {name: dict(zip(NAMES, stage.means.luck().tolist(), strict=True)) for name, stage in study.stages.items()}
    return {
        "focus": study.focus,
        "confidence": study.choices["confidence"],
        "runs": sum(stage.runs for stage in study.stages.values()),
        "stages": {name: _size(stage) for name, stage in study.stages.items()},
        "outputs": _outputs(numbers, study.own),
        "parameters": _parameters(study),
        "left_out": left_out(study.setting.settings),
        "indices": {output: one.table() for output, one in study.indices.items()},
        "groups": {output: one.table() for output, one in study.groups.items()},
        "morris": {} if study.screened is None else _morris(study.screened, study.near, study.focus),
        "luck": luck,
        "convergence": steps,
        "unknown": [name for name, one in study.indices.items() if not known(one, luck["numbers"][name])],
        "first": {name: first_settled(one, steps[name]) for name, one in study.indices.items()},
        "debt": {"weights": study.weights} | {
            stage: {output: None if one is None else one.table() for output, one in found.items()}
            for stage, found in debts.items()
        },
        "warnings": _warnings(study, luck, steps),
        "reading": _reading(study, luck, debts, steps),
    }  # fmt: skip


def _size(stage: Stage) -> dict[str, int]:
    return {"numbers": len(stage.design.axes), "points": stage.design.n, "runs": stage.runs}


def _outputs(stage: Stage, own: np.ndarray) -> dict[str, Any]:
    means = stage.means.means()
    return {
        name: {"unit": output.unit, "about": output.about, "mean": float(means[:, j].mean()),
               "sd": float(means[:, j].std(ddof=1)), "low": float(means[:, j].min()),
               "high": float(means[:, j].max()), "own": float(own[j])}
        for j, (name, output) in enumerate(OUTPUTS.items())
    }  # fmt: skip


def _parameters(study: Study) -> dict[str, Any]:
    """What each number that was varied is, over which range, and how good its source."""
    chosen = {one.path: one for one in [*study.every, *study.chosen]}
    found = {}
    for path, one in chosen.items():
        parameter = catalogue()[path]
        low, high = (min(one.levels), max(one.levels)) if one.levels else (one.low, one.high)
        found[path] = {
            "about": parameter.about, "unit": parameter.unit, "grade": parameter.grade, "source": parameter.source,
            "submodel": submodel(path), "low": low, "high": high, "scale": one.scale,
            "value": study.setting.settings.values[path], "studied": one in study.chosen,
        }  # fmt: skip
    return found


def _morris(screened: Screened, near: dict[str, float], focus: str) -> dict[str, Any]:
    """How far every number moves the endings, and Morris's measures of the focus; other outputs are in the table."""
    s, j = screened, NAMES.index(focus)
    return {
        s.names[i]: {
            "grade": grade_of(s.names[i]), "moved": float(s.moved[i]), "moved_low": float(s.moved_low[i]),
            "moved_high": float(s.moved_high[i]), "near": near[s.names[i]],
            "uneven": float(s.sigma[i, : len(SHARES)].sum() / 2), "mu": float(s.mu[i, j]),
            "mu_star": float(s.mu_star[i, j]), "mu_star_low": float(s.low[i, j]),
            "mu_star_high": float(s.high[i, j]), "sigma": float(s.sigma[i, j]),
        }
        for i in ranked(s.moved)
    }  # fmt: skip


def _warnings(study: Study, luck: dict[str, dict[str, float]], steps: dict[str, Any]) -> list[str]:
    """Doubts about the indices of single numbers, the focus first, then of submodels and of the screening."""
    n, replications = study.choices["points"], study.setting.settings.replications
    said = list(study.stages["numbers"].design.notes)
    for output in sorted(study.indices, key=lambda name: name != study.focus):
        said += doubts(
            output, study.indices[output], luck["numbers"][output], steps[output], n=n, replications=replications
        )
    if study.groups:
        still = {"N": [n]}
        found = doubts(
            study.focus,
            study.groups[study.focus],
            luck["submodels"][study.focus],
            still,
            n=n,
            replications=replications,
        )
        said += [f"submodels: {text}" for text in found]
    if study.screened is not None and not study.asked:
        said += _cut(study.screened.moved.tolist(), study, "anywhere")
        said += _cut([study.near[one.path] for one in study.every], study, "from the setting itself")
    return said


def _cut(far: list[float], study: Study, where: str) -> list[str]:
    """Whether a number that is left out moves the endings nearly as far as the last of those taken for it."""
    taken = {one.path for one in study.chosen}
    last = sorted(far, reverse=True)[max(study.choices["top"] // 2 - 1, 0)]
    left = [(value, one.path) for value, one in zip(far, study.every, strict=True) if one.path not in taken]
    most, path = max(left, default=(0.0, ""))
    if most < max(CLOSE * last, reading.FLAT):
        return []
    return [
        f"screening: {path}, which is left out, moves the endings nearly as far {where} as the last one taken "
        f"({reading.percent(most)} against {reading.percent(last)}): the cut is arbitrary; "
        "a larger top or more walks tells more."
    ]


def _reading(
    study: Study, luck: dict[str, dict[str, float]], debts: dict[str, dict[str, Debt | None]], steps: dict[str, Any]
) -> list[str]:
    focus = study.focus
    label = reading.in_words({name: output.about for name, output in OUTPUTS.items()}, focus)
    found, mine = study.indices[focus], luck["numbers"][focus]
    said = reading.of_focus(label, "" if focus == EXIT else "that of negotiated exits does not vary, or is mostly luck")
    if study.screened is not None:
        said += reading.of_screening(study.screened, study.choices["walks"] * study.setting.settings.replications)
        means = study.stages["screening"].means.means()[:, NAMES.index(focus)]
        said += reading.of_nearby(study.near)
        said += reading.of_place(label, float(means.mean()), float(study.own[NAMES.index(focus)]), len(study.every))
    said += reading.of_indices(label, found, mine, steps[focus])
    if study.groups:
        said += reading.of_submodels(label, study.groups[focus], luck["submodels"][focus])
    if known(found, mine):
        said += reading.of_debt(label, debts["numbers"][focus], f"these {len(study.chosen)} numbers")
    if "screening" in debts:
        said += reading.of_debt(label, debts["screening"][focus], f"all {len(study.every)} numbers of the screening")
    return [*said, *reading.of_luck(label, luck["numbers"][focus], study.setting.settings.replications)]
