"""A sweep claims nothing along an axis that does nothing, whatever the design, the luck and the axes beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.config import compose
from sim.engines.points import tables
from sim.model.state import ENDINGS
from sim.scenario import Setting, build
from sim.studies.sweep import effects as swept
from sim.studies.sweep import plan as planning
from sim.studies.sweep.lead import lead_settled
from sim.studies.sweep.plan import Plan, at_levels, lay_out
from tests.calibration.counting import Case, Said, check

LUCK = ("shared", "independent")
STRONG = {"forces.R0": None, "channels.mediator.status": None}
AFTER = "aftermath.revenge"  # acts on deals after the crisis, so it cannot move an ending
SEAT = "actors.ambassador.doctrine"  # of somebody who is not there
DOCTRINES = ["aggressive", "best_response", "cautious", "quantal", "satisficing", "uniform"]
QUIET = ("Whether", "No difference")  # how sentences begin that claim nothing


@cache
def composed(*words: str) -> Setting:
    made = build(compose(words, verb="sweep"))
    return replace(made, settings=replace(made.settings, text="doctrine: {name: quantal}"))  # quicker to read again


@cache
def at(words: tuple[str, ...], levels: tuple[tuple[str, str], ...]) -> Setting:
    return at_levels(build(compose(words, verb="sweep")), dict(levels))


def plan(words: tuple[str, ...], luck: str, seed: int, sweep: Mapping[str, Any]) -> Plan:
    """The plan of a sweep under a seed, which sets its luck and its design; composed once for all seeds."""
    of = composed(*words)
    choices = {**of.settings.choices, "luck": luck}
    choices["sweep"] = {**choices["sweep"], "fallback": {}, **sweep, "seed": seed}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "at_levels", lambda _, levels: at(words, tuple(levels.items())))
        return lay_out(replace(of, settings=replace(of.settings, choices=choices, seed=seed), seed=seed))


def played(made: Plan) -> dict[str, np.ndarray]:
    """The points of a plan with their runs and endings, as the sweep's summary has them."""
    parts = [tables(made.block(part), keep_runs=False)["sums"] for part in made.parts]
    counted = {name: np.concatenate([part[name] for part in parts]) for name in ("n", *(f"count_{e}" for e in ENDINGS))}
    return {**made.points(), **counted}


def said(words: tuple[str, ...], luck: str, sweep: Mapping[str, Any], null: tuple[str, ...], seed: int) -> list[Said]:
    """What a sweep says of its null axes under a seed."""
    made = plan(words, luck, seed, sweep)
    paths = [axis.path for axis in made.design.axes]
    found = swept.movements(made.design.kind, paths, played(made), shared=luck == "shared")
    told = [Said(str(one), not str(one).startswith(QUIET)) for one in found if one.axis in null]
    assert len(told) == len(null)
    return told


def axes(*null: str) -> dict[str, Any]:
    return {**STRONG, **dict.fromkeys(null)}


SOME, MORE = ("replications=60",), ("replications=200",)
MAIN = tuple(composed("sweep=main_lhs").settings.choices["sweep"]["axes"])
FACTORIAL = {AFTER: (0.0, 0.25, 0.5), "forces.R0": (3.0, 8.0), "channels.mediator.status": (0.6, 1.0)}


def lhs(points: int, **given: Any) -> dict[str, Any]:
    return {"design": "lhs", "points": points, "axes": given or axes(AFTER)}


DESIGNS: dict[str, tuple[tuple[str, ...], dict[str, Any], tuple[str, ...]]] = {
    "lhs of 12, two strong axes beside": (SOME, lhs(12), (AFTER,)),
    "lhs of 32, two strong axes beside": (SOME, lhs(32), (AFTER,)),
    "lhs of 16, alone": (SOME, lhs(16, **{AFTER: None}), (AFTER,)),
    "lhs of 24, options, two strong axes beside": (
        (*SOME, "actors.ambassador.present=0"), lhs(24, **{**STRONG, SEAT: DOCTRINES}), (SEAT,),
    ),
    "lhs of 32, all main numbers beside": (
        ("sweep=main_lhs", "replications=40"), lhs(32, **dict.fromkeys((*MAIN, AFTER))), (AFTER,),
    ),
    "sobol of 16, two strong axes beside": (SOME, {**lhs(16), "design": "sobol"}, (AFTER,)),
    "saltelli of 8, two strong axes beside": (SOME, {**lhs(8), "design": "saltelli"}, (AFTER,)),
    "morris of 8, two strong axes beside": (SOME, {**lhs(8), "design": "morris"}, (AFTER,)),
    "grid, a strong axis beside": (
        SOME, {"design": "grid", "axes": {AFTER: [0, 0.25, 0.5], "channels.mediator.status": [0.6, 0.8, 1]}}, (AFTER,),
    ),
    "grid of one axis": (MORE, {"design": "grid", "levels": 5, "axes": {AFTER: None}}, (AFTER,)),
    "options": ((*MORE, "actors.ambassador.present=0"), {"design": "grid", "axes": {SEAT: DOCTRINES}}, (SEAT,)),
    "one at a time": (
        MORE, {"design": "oat", "levels": 3, "axes": axes(AFTER, "aftermath.k_ren")}, (AFTER, "aftermath.k_ren"),
    ),
    "table, every combination": (SOME, {"design": "table"}, (AFTER,)),
    "table, scattered": (SOME, {"design": "table"}, (AFTER,)),
}  # fmt: skip


def write_table(path: Path, design: str, seed: int) -> str:
    """A table as somebody else's program writes one: every combination, or points scattered by chance."""
    if design.endswith("scattered"):
        rng = np.random.default_rng(seed)
        rows = np.column_stack([low + (high - low) * rng.random(20) for low, *_, high in FACTORIAL.values()])
    else:
        rows = np.array(list(product(*FACTORIAL.values())))
    np.savetxt(path, rows, delimiter=",", header=",".join(FACTORIAL), comments="", fmt="%.6f")
    return str(path)


@pytest.mark.slow
@pytest.mark.parametrize("luck", LUCK)
@pytest.mark.parametrize("design", DESIGNS)
def test_a_sweep_claims_nothing_where_nothing_is(design: str, luck: str, tmp_path: Path) -> None:
    words, sweep, null = DESIGNS[design]

    def play(seed: int) -> list[Said]:
        table = {"table": write_table(tmp_path / f"{seed}.csv", design, seed)} if sweep["design"] == "table" else {}
        return said(words, luck, {**sweep, **table}, null, seed)

    check(Case("sweep", design, luck, " and ".join(null), play))


def ties(points: int, luck: str, seed: int) -> Iterator[Said]:
    """Points at which two endings are exactly as likely; with shared luck all points have the same runs."""
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(100, [0.4, 0.4, 0.1, 0.1, 0.0, 0.0], size=1 if luck == "shared" else points)
    counts = np.repeat(counts, points // len(counts), axis=0)
    told = {f"count_{name}": counts[:, code] for code, name in enumerate(ENDINGS)}
    return (Said(text, not text.startswith("At ")) for text in swept.leaders(told, lead_settled(counts)))


@pytest.mark.slow
@pytest.mark.parametrize("luck", LUCK)
def test_no_ending_is_said_to_lead_where_two_are_as_likely(luck: str) -> None:
    check(Case("sweep", "64 points", luck, "which of two endings leads", partial(ties, 64, luck)))


@pytest.mark.slow
@pytest.mark.parametrize(("words", "sweep", "luck", "path", "shape"), [
    (("sweep=main_lhs", "replications=60"), lhs(384, **dict.fromkeys(MAIN)), "independent", "forces.R0", "fall"),
    (SOME, lhs(16), "shared", "channels.mediator.status", "rise"),
    (SOME, {**lhs(8), "design": "saltelli"}, "independent", "channels.mediator.status", "rise"),
    (("replications=800",), {"design": "grid", "axes": {"forces.R0": [4, 6, 8]}}, "shared", "forces.R0", "fall"),
    (MORE, {"design": "oat", "levels": 3, "axes": axes(AFTER)}, "shared", "channels.mediator.status", "rise"),
])  # fmt: skip
def test_what_does_act_is_still_claimed(
    words: tuple[str, ...], sweep: dict[str, Any], luck: str, path: str, shape: str
) -> None:
    """A bench of false claims alone would be passed by silence."""
    made = plan(words, luck, 1, sweep)
    paths = [axis.path for axis in made.design.axes]
    found = swept.movements(made.design.kind, paths, played(made), shared=luck == "shared")
    (one,) = [move for move in found if move.axis == path]
    assert one.shape == shape, str(one)
