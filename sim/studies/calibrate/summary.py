"""What a calibration's summary.json holds: numbers, facts, tests of the method, predictions, and sentences on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.catalog import catalogue
from sim.studies.calibrate import abc
from sim.studies.calibrate.calibration import SURE, unit_value, verdicts

if TYPE_CHECKING:
    from sim.studies.calibrate.study import Study

LEVELS = (0.5, 0.8, 0.9)
BINS = 10  # of the histograms of ranks
CURVE = 20  # bins of a posterior's histogram on the prior's scale
FEW = 200  # effective points below which the posterior itself is coarse
TOP = 8  # correlations that are told


def summary_of(study: Study) -> dict[str, Any]:
    """Everything a finished calibration says."""
    told: dict[str, Any] = {
        "parameters": _parameters(study), "facts": _facts(study),
        "tolerances": [
            step | {"contraction": dict(zip(study.paths, step["contraction"].tolist(), strict=True))}
            for step in study.steps
        ],
        "effective_points": study.steps[-1]["effective_points"], "bits": study.steps[-1]["bits"],
        "points": len(study.u), "runs": study.runs, "sets": len(study.sets),
        "correlations": _correlations(study), "sbc": _sbc(study), "predictive": _plain(study.predictive),
        "held": study.held,
        "patterns": {key: {"what": p.what, "use": p.use, "grade": p.grade, "given": p.given, "seen": p.seen}
                     for key, p in study.book.patterns.items() if p.represented},
        "not_represented": [key for key, p in study.book.patterns.items() if p.use == "K" and not p.represented],
    }  # fmt: skip
    told["conclusions"] = list(_conclusions(told))
    told["warnings"] = [*study.notes, *_warnings(told)]
    return told


def _plain(value: Any) -> Any:
    """Numbers as JSON has them; "never" (inf) as null."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, (np.bool_, np.integer)):
        return value.item()
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value


def _parameters(study: Study) -> dict[str, dict[str, Any]]:
    found, known, m = {}, catalogue(), study.marginals
    named = verdicts(m)
    spans = abc.quantiles(study.u, study.weights, (0.05, 0.5, 0.95))
    learned, p = study.truths.learned(), abc.uniformity(study.truths.rank[study.truths.usable])
    for i, one in enumerate(study.axes):
        low, middle, high = (unit_value(one, float(u)) for u in spans[:, i])
        bins = np.minimum((study.u[:, i] * CURVE).astype(int), CURVE - 1)
        values = one.at(study.u[:, i])
        mean = float(study.weights @ values)
        found[one.path] = {
            "about": known[one.path].about, "unit": known[one.path].unit, "grade": known[one.path].grade,
            "value": study.setting.settings.values[one.path],
            "prior": {"low": one.low, "high": one.high, "scale": one.scale},
            "posterior": {"mean": mean, "sd": float(np.sqrt(study.weights @ (values - mean) ** 2)),
                          "low": low, "median": middle, "high": high},
            "contraction": float(m.contraction[i]), "shift": float((m.mean[i] - 0.5) / abc.PRIOR_SD),
            "distance": float(m.distance[i]), "chance": float(m.chance[i]),
            "verdict": named[i], "identified": named[i] == "identified",
            "by_fact": {name: float(spread.contraction[i]) for name, (_, spread) in study.alone.items()},
            "learned": float(learned[i]), "sbc_p": float(p[i]),
            "curve": (np.bincount(bins, study.weights, CURVE) / np.bincount(bins, minlength=CURVE).clip(1)
                      * len(study.u)).tolist(),
        }  # fmt: skip
    return found


def _facts(study: Study) -> dict[str, dict[str, Any]]:
    found = {}
    for j, fact in enumerate(study.facts):
        hit, spread = study.alone[fact.name]
        best = int(np.argmax(spread.contraction))
        sure = spread.chance[best] < SURE / (len(study.paths) * len(study.facts)) and spread.contraction[best] > 0.0
        found[fact.name] = {
            "central": fact.central, "low": fact.low, "high": fact.high, "hits": float(hit.mean()),
            "untold": float((study.shown[..., j] == abc.UNTOLD).mean()), "bits": abc.bits(hit),
            "narrows": study.paths[best], "by": float(spread.contraction[best]), "narrows_sure": bool(sure),
        }  # fmt: skip
    return found


def _correlations(study: Study) -> list[dict[str, Any]]:
    """Pairs that are known together better than singly, the strongest first."""
    c, paths = study.correlations, study.paths
    pairs = [(abs(c[i, j]), i, j) for i in range(len(paths)) for j in range(i)]
    return [{"a": paths[i], "b": paths[j], "correlation": float(c[i, j])} for _, i, j in sorted(pairs)[::-1][:TOP]]


def _sbc(study: Study) -> dict[str, Any]:
    t = study.truths
    rank = t.rank[t.usable]
    p = abc.uniformity(rank)
    return {
        "cases": len(t.rank), "usable": int(t.usable.sum()), "ranks": abc.RANKS,
        "effective_points": {"median": float(np.median(t.effective)), "low": float(np.quantile(t.effective, 0.05))},
        "smallest_p": float(p.min()), "p": min(float(p.min()) * len(p), 1.0),
        "coverage": {str(level): {"mean": float(t.coverage(level).mean()), "least": float(t.coverage(level).min()),
                                  "most": float(t.coverage(level).max())} for level in LEVELS},
        "histograms": {path: np.bincount(column * BINS // abc.RANKS, minlength=BINS).tolist()
                       for path, column in zip(study.paths, rank.T, strict=True)},
    }  # fmt: skip


def _conclusions(told: dict[str, Any]) -> Iterator[str]:
    numbers = told["parameters"]
    known = [path for path, entry in numbers.items() if entry["identified"]]
    moved = [path for path, entry in numbers.items() if entry["verdict"] == "moved"]
    names = ", ".join(f"{path} (spread down by {100 * numbers[path]['contraction']:.0f} %)" for path in known)
    yield (
        f"Of {len(numbers)} numbers the K patterns identify {len(known) or 'none'}{': ' + names if known else ''}; "
        f"{len(moved)} more move without narrowing by a fifth, and of {len(numbers) - len(known) - len(moved)} the "
        "patterns tell next to nothing."
    )
    facts = told["facts"]
    told_bits = {name: entry["bits"] for name, entry in facts.items() if entry["bits"] == entry["bits"]}
    if told["bits"] == told["bits"] and told_bits:
        best = max(told_bits, key=told_bits.__getitem__)
        where = f", which narrows {facts[best]['narrows']}" if facts[best]["narrows_sure"] else ""
        yield (
            f"Together they carry about {told['bits']:.1f} bits about all numbers at once; the largest measured of one "
            f"alone is {told_bits[best]:.1f}, by {best}{where}."
        )
    given = [key for key, p in told["patterns"].items() if p["use"] == "K" and p["given"]]
    if given:
        yield f"{', '.join(given)} is an entry of the model's calendar, so what it tells of that entry is no finding."
    if told["not_represented"]:
        yield f"{', '.join(told['not_represented'])} is not represented in the model and tells nothing."
    yield _held_out(told["predictive"])
    sbc = told["sbc"]
    yield (
        f"On {sbc['usable']} of {sbc['cases']} synthetic cases the 80 % intervals hold the truth in "
        f"{100 * sbc['coverage']['0.8']['mean']:.1f} % on average over the numbers; ranks as uneven as those of the "
        f"worst number have a chance of {sbc['p']:.2f}, all numbers taken together."
    )


def _held_out(predictive: dict[str, Any]) -> str:
    shares = {name: entry["totals"]["H"] for name, entry in predictive.items()}
    parts = ", ".join(
        f"{100 * entry['hit_share']:.0f} % under the {'setting itself' if name == 'point' else name}"
        for name, entry in shares.items()
    )
    covers = {name: entry["covers"] for name, entry in shares.items()}
    return (
        f"Of the weight of the {shares['posterior']['patterns']} held-out patterns single runs hit {parts}; "
        f"the ensemble covers {covers['posterior']} of them under the posterior, {covers['prior']} under the prior, "
        f"{covers['point']} under the setting itself."
    )


def _warnings(told: dict[str, Any]) -> Iterator[str]:
    if told["effective_points"] < FEW:
        yield f"the posterior rests on {told['effective_points']:.0f} effective points; give more points=..."
    if told["sbc"]["p"] < 0.01:
        yield f"the ranks of synthetic truths are not even (chance {told['sbc']['p']:.1g}); do not trust the posterior."
    lost = told["sbc"]["cases"] - told["sbc"]["usable"]
    if lost:
        were = "was" if lost == 1 else "were"
        yield f"{lost} of the synthetic cases {were} explained by no point and left out of the tests."
