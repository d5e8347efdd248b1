"""A sensitivity study claims no effect of a number that does nothing, no order of equals, no joint action of a sum."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest

from sim.config import compose
from sim.scenario import Setting, build
from sim.stats.designs import saltelli_unit
from sim.studies.sensitivity import reading, sensing
from sim.studies.sensitivity.indices import Indices, convergence, sobol
from sim.studies.sensitivity.summary import summary_of
from sim.studies.sensitivity.verb import Study
from tests.calibration.counting import Case, Said, check

Function = Callable[[np.ndarray], np.ndarray]
DUMMY = ("aftermath.revenge", "aftermath.k_ren")  # act on deals after the crisis, so they cannot move an ending
STRONG = ("forces.R0", "channels.mediator.status")
SMALL = ("points=64", "replications=10", "resamples=40", "screen=false", "submodels=false")


@cache
def composed(axes: tuple[str, ...]) -> Setting:
    of = build(compose(SMALL, verb="sensitivity"))
    choices = {**of.settings.choices, "axes": dict.fromkeys(axes)}
    return replace(of, settings=replace(of.settings, choices=choices))


def told(axes: tuple[str, ...], seed: int) -> tuple[list[str], Study]:
    """All that a study says under a seed: its reading and its warnings."""
    study = Study(replace(composed(axes), seed=seed))
    study.play()
    summary = summary_of(study)
    return [*summary["reading"], *summary["warnings"]], study


def of_dummies(axes: tuple[str, ...], seed: int) -> list[Said]:
    """What is said of dummies, sentence by sentence and index by index: a claim unless it is that they do nothing."""
    texts, study = told(axes, seed)
    nothing = re.compile(r" explains 0 % alone \(\+-0 points\) and 0 % with all it acts through \(\+-0\)| moves 0 % ")
    found = []
    for text in texts:
        if text.startswith("share_deal_kept"):  # a warning of the one output that they move
            continue
        parts = [part for part in re.split("; |: ", text) if any(path in part for path in DUMMY)]
        still = "could stand anywhere" in text or "does not vary" in text or all(map(nothing.search, parts))
        found += [Said(text, not still)] if parts or "does not vary" in text else []
    share = study.indices[study.focus]
    mine = [i for i, name in enumerate(share.names) if name in DUMMY]
    return [*found, *(Said(f"ST {share.st[i]} of {share.names[i]}", share.st[i] + share.st_half[i] > 0) for i in mine)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "axes"), [
    ("two strong numbers beside", (*STRONG, DUMMY[0])),
    ("dummies alone", DUMMY),
])  # fmt: skip
def test_a_number_that_does_nothing_is_said_to_do_nothing(
    name: str, axes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensing, "OWN_RUNS", 100)
    check(Case("sensitivity", f"saltelli of 64, {name}", "shared", "dummy numbers", partial(of_dummies, axes)))


def indices(f: Function, k: int, n: int, seed: int, luck: float = 0.0) -> tuple[Indices, dict[str, object], float]:
    """Indices of a function of k numbers with so large a share of luck, as of even and odd replicates."""
    unit = saltelli_unit(k, n, seed)
    y, names = f(unit), [f"x{i}" for i in range(k)]
    rng, size = np.random.default_rng([seed, 5]), y.std() * np.sqrt(2 * luck / (1 - luck))
    halves = y + rng.normal(0, size, (2, len(y))) if luck else np.stack([y, y])
    mean = halves.mean(axis=0)
    found = sobol(mean, halves, names, confidence=0.95, resamples=100, seed=seed)
    return found, convergence(mean, names), luck


def sentences(f: Function, k: int, n: int, luck: float, mark: str, seed: int) -> list[Said]:
    """What is read out of such a function; a claim where a sentence has the mark."""
    found, steps, lucky = indices(f, k, n, seed, luck)
    return [Said(text, mark in text) for text in reading.of_indices("the share", found, lucky, steps)]


def sine(x: np.ndarray) -> np.ndarray:
    """Two equal numbers that act jointly, and a third."""
    z = np.pi * (2 * x - 1)
    return np.asarray(np.sin(z[:, 0]) + np.sin(z[:, 1]) + np.sin(z[:, 0]) * np.sin(z[:, 1]) + 0.3 * np.sin(z[:, 2]))


def plain(x: np.ndarray) -> np.ndarray:
    """A sum: no number has a say in what another does."""
    return np.asarray(x[:, 0] + 0.5 * np.exp(x[:, 1]) + 0.4 * x[:, 2] ** 2 + 0.3 * x[:, 3])


def small(x: np.ndarray) -> np.ndarray:
    """One number that carries 95 %, and five that carry just the one in a hundred that would be noticed."""
    weight = np.sqrt(np.array([0.95, *[reading.ALIKE] * 5]))
    return np.asarray((x - 0.5) @ weight)


@pytest.mark.slow
@pytest.mark.parametrize(("null", "f", "k", "n", "luck", "mark"), [
    ("which of two equal numbers is first", sine, 3, 512, 0.0, "comes first is settled"),
    ("which of two equal numbers is first", sine, 3, 512, 0.05, "comes first is settled"),
    ("joint action in a plain sum", plain, 4, 512, 0.0, "is joint action"),
    ("joint action in a plain sum", plain, 4, 512, 0.08, "is joint action"),
    ("numbers that would just be noticed", small, 6, 512, 0.0, "without being noticed"),
])  # fmt: skip
def test_a_sentence_of_the_reading_holds_at_its_level(
    null: str, f: Function, k: int, n: int, luck: float, mark: str
) -> None:
    design = f"saltelli of {n}" + (f", {100 * luck:g} % luck" if luck else "")
    check(Case("sensitivity", design, "shared", null, lambda seed: sentences(f, k, n, luck, mark, seed)))
