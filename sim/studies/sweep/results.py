"""What a finished sweep says: one row a point, its main numbers, its sentences and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import catalog
from sim import results as record
from sim.engines.points import METRICS
from sim.model.state import ENDINGS
from sim.results import parts
from sim.studies.sweep import effects as swept
from sim.studies.sweep import lead

if TYPE_CHECKING:
    from sim.stats.designs import Axis
    from sim.studies.sweep.canaries import Canary
    from sim.studies.sweep.plan import Plan

DRAWN_POINTS = 20_000  # beyond it no figure of points can be read


def gather(folder: Path, count: int) -> None:
    """Write summary.parquet from the parts."""
    parts.gather(folder, count, wholes=("deals", "deals_kept"), classes=ENDINGS, metrics=METRICS)


def report_on(plan: Plan, folder: Path, canaries: list[Canary]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(main numbers for summary.json, figures by name) of a gathered sweep."""
    points = record.read_table(folder / "summary.parquet")
    settled = lead_settled(points)
    described = {axis.path: describe(axis, points[axis.path]) for axis in plan.design.axes}
    told = [asdict(canary) for canary in canaries]
    kind, shared = plan.design.kind, plan.setting.settings.choices["luck"] == "shared"
    summary = {
        "design": kind, "axes": described, "points": len(points["point"]), "runs": plan.runs,
        "canaries": told, "settled_points": int(np.sum(settled)), "notes": list(plan.design.notes),
        "conclusions": [*swept.sentences(kind, list(described), points, settled, shared=shared), *swept.inert(told)],
    }  # fmt: skip
    return summary, draw(plan, points, described)


def draw(plan: Plan, points: dict[str, np.ndarray], described: Mapping[str, Any]) -> dict[str, Any]:
    """The figures that fit the design."""
    from sim import draw as plots
    from sim.studies.sweep.figures.swept import choose

    if len(points["point"]) > DRAWN_POINTS:
        return {}
    setting = plan.setting.drawn(plan.runs) | {"design": plan.design.kind}
    given = {"points": points, "setting": setting, "axes": described}
    return {name: plots.draw(name, **given) for name in choose(plan.design.kind, described)}


def describe(axis: Axis, column: np.ndarray) -> dict[str, Any]:
    """An axis in words and numbers, for tables and labels."""
    known = catalog.catalogue().get(axis.path)
    levels = list(dict.fromkeys(column.tolist())) if axis.levels is not None or axis.kind == "option" else None
    return {
        "kind": axis.kind, "low": axis.low, "high": axis.high, "scale": axis.scale, "levels": levels,
        "unit": known.unit if known else "", "about": known.about if known else axis.path,
        "grade": known.grade if known else None,
    }  # fmt: skip


def lead_settled(points: Mapping[str, np.ndarray]) -> np.ndarray:
    """Whether the commonest ending of each point leads the second beyond chance at 95 % (n,), as in the figures."""
    return lead.lead_settled(np.column_stack([points[f"count_{name}"] for name in ENDINGS]))
