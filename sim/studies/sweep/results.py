"""What a finished sweep says: one row a point, its main numbers, its sentences and its figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import catalog, record
from sim.analysis import lead
from sim.engines.points import METRICS
from sim.record import parts
from sim.state import ENDINGS

if TYPE_CHECKING:
    from sim.analysis.designs import Axis
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
    summary = {
        "design": plan.design.kind, "axes": described, "points": len(points["point"]), "runs": plan.runs,
        "canaries": [asdict(canary) for canary in canaries], "settled_points": int(np.sum(settled)),
        "notes": list(plan.design.notes), "conclusions": list(conclusions(plan, points, settled)),
    }  # fmt: skip
    return summary, draw(plan, points, described)


def draw(plan: Plan, points: dict[str, np.ndarray], described: Mapping[str, Any]) -> dict[str, Any]:
    """The figures that fit the design."""
    from sim import plots
    from sim.plots.swept import choose

    if len(points["point"]) > DRAWN_POINTS:
        return {}
    setting = plan.setting.drawn(plan.runs)
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


def conclusions(plan: Plan, points: Mapping[str, np.ndarray], settled: np.ndarray) -> Iterator[str]:
    """The sweep in a few sentences, each with its numbers."""
    shares = np.column_stack([points[f"share_{name}"] for name in ENDINGS])
    first, total = np.argmax(shares, axis=1), len(settled)
    for code in np.argsort(-np.bincount(first, minlength=len(ENDINGS)), kind="stable"):
        count = int(np.sum(first == code))
        if count:
            yield (
                f"{ENDINGS[code]} is the commonest ending at {count:,} of {total:,} points "
                f"({int(np.sum(settled & (first == code))):,} of them beyond chance)."
            )
    exits = points["share_negotiated_exit"]
    for axis in plan.design.axes:
        yield _movement(axis, points[axis.path], exits)


def _movement(axis: Axis, column: np.ndarray, exits: np.ndarray) -> str:
    """How the mean share of exits moves along one axis, over all that else varies."""
    if axis.kind == "option":
        means = {str(level): float(exits[column == level].mean()) for level in dict.fromkeys(column.tolist())}
        return f"negotiated_exit by {axis.path}: " + ", ".join(f"{k} {100 * v:.1f} %" for k, v in means.items()) + "."
    low, high = float(np.min(column)), float(np.max(column))
    third = (high - low) / 3
    at_low, at_high = exits[column <= low + third], exits[column >= high - third]
    return (
        f"negotiated_exit goes from {100 * float(at_low.mean()):.1f} % in the lowest third of {axis.path} to "
        f"{100 * float(at_high.mean()):.1f} % in the highest (range {low:g} to {high:g})."
    )
