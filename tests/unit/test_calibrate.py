"""Calibration: the posterior is the right one where it is known, and one case is not made to say more than it can."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.cli import main
from sim.config import compose
from sim.errors import UserError
from sim.model.maths import normal_cdf
from sim.patterns.patterns import READ, book
from sim.patterns.scores import hits
from sim.scenario import build
from sim.studies.calibrate import abc
from sim.studies.calibrate import calibration as cal
from sim.studies.calibrate.abc import Fact
from sim.studies.calibrate.predictive import evidence
from sim.studies.calibrate.study import Study, priors
from tests.conftest import setting, undrawn

N, R = 4000, 40
SD, SEEN = 0.1, Fact("seen", 0.6, 0.55, 0.65)
SMALL = ["points=256", "replications=16", "truths=60", "sets=20", "predictive=10", "figures.formats=[png]"]


@cache
def toy() -> tuple[np.ndarray, np.ndarray]:
    """A model of two numbers of which a run shows the first with noise, and nothing of the second."""
    rng = np.random.default_rng(1)
    u = rng.random((N, 2))
    return u, u[:, None, :1] + SD * rng.standard_normal((N, R, 1))


def test_posterior_of_a_known_model() -> None:
    """Against the same posterior by quadrature: uniform prior times the chance that a run falls into the range."""
    u, shown = toy()
    found = abc.marginals(u, abc.weights(abc.hits(shown, [SEEN])), seed=1)
    grid = (np.arange(2000) + 0.5) / 2000
    like = np.array([normal_cdf((SEEN.high - x) / SD) - normal_cdf((SEEN.low - x) / SD) for x in grid])
    mean = np.average(grid, weights=like)
    sd = np.sqrt(np.average((grid - mean) ** 2, weights=like))
    assert found.mean[0] == pytest.approx(mean, abs=0.006)
    assert found.sd[0] == pytest.approx(sd, rel=0.05)


def test_an_inert_number_is_not_identified() -> None:
    u, shown = toy()
    found = abc.marginals(u, abc.weights(abc.hits(shown, [SEEN])), seed=1)
    assert cal.verdicts(found) == ["identified", "not identified"]
    assert abs(found.contraction[1]) < 0.03
    assert found.contraction[0] > 0.5


def test_information_is_that_of_a_range_and_none_of_noise() -> None:
    """A fact that halves the range of one number carries one bit, however noisy shares of few runs are."""
    rng = np.random.default_rng(2)
    u = rng.random(N)
    half = (u[:, None] < 0.5) & (rng.random((N, R)) < 0.3)
    assert abc.bits(half) == pytest.approx(1.0, abs=0.1)
    assert abc.bits(rng.random((N, R)) < 0.3) == pytest.approx(0.0, abs=0.005)


def test_ranks_of_known_truths_are_even_and_those_of_a_wrong_posterior_are_not() -> None:
    u, shown = toy()
    rng = np.random.default_rng(3)
    truth = rng.random((400, 2))
    cases = truth[:, :1] + SD * rng.standard_normal((400, 1))
    right = abc.recover(shown, u, cases, truth, [SEEN], seed=1)
    assert abc.uniformity(right.rank).min() > 0.01
    assert right.coverage(0.8) == pytest.approx([0.8, 0.8], abs=0.06)
    assert right.learned()[0] > 0.8
    assert abs(right.learned()[1]) < 0.06
    biased = abc.recover(shown + 0.05, u, cases, truth, [SEEN], seed=1)
    assert abc.uniformity(biased.rank)[0] < 1e-4


def test_resampling_gives_each_point_its_share() -> None:
    w = np.array([0.5, 0.25, 0.25, 0.0])
    assert np.bincount(abc.resample(w, 400, seed=1), minlength=4).tolist() == [200, 100, 100, 0]
    with pytest.raises(ValueError, match="no run showed"):
        abc.resample(np.zeros(4), 3, seed=1)


def test_a_range_that_leaves_its_centre_out_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        Fact("P0", 5.0, 6.0, 7.0)


def test_facts_are_the_patterns_that_may_set_numbers() -> None:
    """All K patterns that are represented, and no held-out one; a run hits them as `validate` counts hits."""
    of = book()
    facts = cal.facts(of)
    used = {fact.name.split()[0] for fact in facts}
    assert used == {key for key, p in of.patterns.items() if p.use == "K" and p.represented}
    base = setting("scenario=historical")
    e = evidence(base.params.row(), base.script, seed=1, each=1500, after=False)
    flat = {name: values.ravel() for name, values in e.items()}
    together = np.ones(1500, bool)
    for key in used:
        together &= hits(of.patterns[key], READ[key](flat))
    assert np.array_equal(abc.hits(cal.shown(facts, e), facts)[0], together)
    assert 0.1 < together.mean() < 0.9


@cache
def study() -> Study:
    made = Study(build(compose([*SMALL, "axes={v:null,t_speech:null,mediator.guarantee:null}"], verb="calibrate")))
    made.play()
    return made


def test_the_model_s_own_truths_are_recovered() -> None:
    """Pace shows the speed of the road march; no K pattern can show a guarantee, which acts after the halt."""
    done = study()
    learned = dict(zip(done.paths, done.truths.learned(), strict=True))
    assert learned["clock.t_speech"] > 0.4
    assert learned["forces.v"] > 0.1
    assert abs(learned["channels.mediator.guarantee"]) < 0.05
    truth, mean = done.truths.truth, done.truths.mean
    ok = done.truths.usable
    assert np.corrcoef(truth[ok, 0], mean[ok, 0])[0, 1] > 0.3
    assert abc.uniformity(done.truths.rank[ok]).min() > 0.001


def test_same_seed_same_posterior() -> None:
    again = Study(build(compose([*SMALL, "axes={v:null,t_speech:null,mediator.guarantee:null}"], verb="calibrate")))
    again._prior()
    again._posterior()
    assert again.lines() == study().lines()


def test_what_the_setting_fixes_is_held() -> None:
    found, held = priors(compose(["R0=5", "scenario=no_mediator", "L_max=8"], verb="calibrate"))
    assert {"forces.R0", "forces.L_max"} <= set(held)
    assert not {"forces.R0", "forces.L_max"} & {one.path for one in found}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["points=3"], "points=3 is not allowed"),
        (["tolerances=[4,2]"], "the last of them 1"),
        (["ship=maybe"], "ship=maybe"),
        (["engine=mesa"], "compiled engine only"),
        (["R0=4,5"], "cannot be calibrated"),
        (["also=[clock.dt]"], "cannot be calibrated"),
        (["parameters=posterior"], "one set of numbers"),
    ],
)
def test_a_wrong_question_is_refused(words: list[str], said: str) -> None:
    with pytest.raises(UserError, match=said.replace("[", r"\[")):
        Study(build(compose(words, verb="calibrate")))


def test_directory_and_what_it_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is whole, and its posterior can be used as an option of one's own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    words = ["axes={v:null,t_speech:null}", "ship=true", "name=one", "--config-dir", "own"]
    assert main(["calibrate", *SMALL, *words]) == 0
    folder = tmp_path / "results" / "calibrate" / "historical" / "one"
    told = json.loads((folder / "summary.json").read_text())
    assert set(told["parameters"]) == {"forces.v", "clock.t_speech"}
    assert {path.stem for path in (folder / "figures").iterdir()} == {
        "posterior", "sbc_ranks", "posterior_predictive",
    }  # fmt: skip
    assert (tmp_path / "own" / "parameters" / "one.yaml").read_bytes() == (
        folder / "parameters" / "posterior.yaml"
    ).read_bytes()
    assert main(["report", str(folder)]) == 0
    run = ["replications=60", "trajectories=2", "figures.formats=[png]", "figures.dpi=20"]
    with undrawn():
        assert main(["run", "parameters=one", *run, "name=two", "--config-dir", "own"]) == 0
    summary = json.loads((tmp_path / "results" / "run" / "historical" / "two" / "summary.json").read_text())
    assert summary["parameters"]["sets"] == 20
    assert set(summary["parameters"]["varied"]) == {"forces.v", "clock.t_speech"}
