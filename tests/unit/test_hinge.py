"""Hinges: what is tried, what counts, and that every named flip flips on both engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import results as record
from sim.catalog import catalogue
from sim.config import compose
from sim.engines.mesa import play_one
from sim.engines.rollouts import onward, ordered
from sim.errors import ConfigurationError
from sim.model.state import OPTIONS, SEATS
from sim.scenario import Setting, build
from sim.studies.hinge.deviations import deviations, endings_at, flips, plausible, tried_numbers
from sim.studies.hinge.summary import by_run, chart, hinges, shortest, smallest_first
from sim.studies.hinge.verb import hinge
from tests.conftest import crises, setting

HISTORICAL = setting("scenario=historical")


def quiet(done: int) -> None:
    """No progress wanted."""


@pytest.fixture(scope="module")
def tried() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    of = HISTORICAL
    return deviations(of.params, seed=1, replicate=np.arange(10, 18), script=of.script, progress=quiet)


def test_endings_are_those_of_the_runs(tried: tuple[np.ndarray, dict[str, np.ndarray]]) -> None:
    assert tried[0].tolist() == crises(HISTORICAL, 8, first=10)["ending"].tolist()


def test_every_deviation_is_what_a_play_from_the_start_under_that_order_gives(
    tried: tuple[np.ndarray, dict[str, np.ndarray]],
) -> None:
    _, table = tried
    of, rng = HISTORICAL, np.random.default_rng([1, 7])
    for i in rng.choice(len(table["step"]), 25, replace=False):
        script = ordered(of.script, int(table["step"][i]), int(table["seat"][i]), int(table["option"][i]))
        whose = np.array([10 + table["crisis"][i]])
        assert onward(None, of.params.row(), seed=1, replicate=whose, script=script)[0] == table["ending"][i]


def test_decisions_come_in_fours_with_chances_that_sum_to_one(
    tried: tuple[np.ndarray, dict[str, np.ndarray]],
) -> None:
    _, table = tried
    assert table["option"].reshape(-1, 4).tolist() == [[0, 1, 2, 3]] * (len(table["step"]) // 4)
    for name in ("crisis", "step", "seat", "chose"):
        assert (np.ptp(table[name].reshape(-1, 4), axis=1) == 0).all()
    assert np.allclose(table["chance"].reshape(-1, 4).sum(axis=1), 1.0)


def test_to_order_what_was_chosen_flips_next_to_nothing(tried: tuple[np.ndarray, dict[str, np.ndarray]]) -> None:
    """The control: if ordering alone changed endings, no flip could be laid to the option."""
    endings, table = tried
    own = table["option"] == table["chose"]
    assert (table["ending"] != endings[table["crisis"]])[own].mean() < 0.02


def test_a_hinge_needs_a_live_option_and_a_clean_control() -> None:
    endings = np.array([2])
    table = {
        "crisis": np.zeros(8, int), "step": np.repeat([4, 9], 4), "seat": np.zeros(8, int),
        "chose": np.ones(8, int), "option": np.tile(np.arange(4), 2),
        "chance": np.array([0.3, 0.6, 0.01, 0.09, 0.2, 0.6, 0.1, 0.1]),
        "ending": np.array([4, 2, 3, 2, 4, 4, 3, 2]),
    }  # fmt: skip
    found = hinges(endings, table, 0.05)
    assert np.flatnonzero(found).tolist() == [0], "2 has no chance; from 4 on the control itself flips"
    table["ending"][5] = 2
    both = hinges(endings, table, 0.05)
    assert smallest_first(table, both).tolist() == [4, 6, 0], "nearest option, then the later hour, then the likelier"
    drawn = chart(table, both, 0.5, 1.0)
    assert drawn.taken[0].tolist() == [0, 0, 1, 0, 1]
    assert drawn.turned.sum() == 2


def test_numbers_at_their_own_value_change_nothing_and_at_others_are_full_settings() -> None:
    of, whose = HISTORICAL, np.arange(6)
    paths = ("forces.R0", "channels.k_st", "terms.men.worth", "route.D0", "bargaining.depth", "belief.pi0")
    same = endings_at(of, {path: np.array([of.settings.values[path]]) for path in paths}, whose, quiet)
    for path in paths:
        assert same[path][0].tolist() == crises(of, 6)["ending"].tolist(), path
    ends = {path: plausible(of, path, 2) for path in paths}
    moved = endings_at(of, ends, whose, quiet)
    for path in paths:
        for value, fates in zip(ends[path], moved[path], strict=True):
            assert fates.tolist() == crises(of.changed({path: float(value)}), 6)["ending"].tolist(), (path, value)


def test_only_plausible_and_legal_values_are_tried() -> None:
    for path in tried_numbers():
        number, values = catalogue()[path], plausible(HISTORICAL, path, 5)
        assert len(values) <= 5
        assert ((values >= number.low) & (values <= number.high)).all(), path
        assert HISTORICAL.settings.values[path] not in values
        if number.integer:
            assert (values == np.rint(values)).all()
    late = setting("forces.t_L0=24")
    assert len(plausible(late, "forces.t_L1", 16)) < len(plausible(HISTORICAL, "forces.t_L1", 16))


def test_flips_are_tight_and_hold_on_both_engines() -> None:
    of, replicate = HISTORICAL, 17
    ending = int(crises(of, 1, first=replicate)["ending"][0])
    found = flips(of, replicate, ending, 3, quiet)
    assert found
    for flip in found[:6]:
        number = catalogue()[flip.path]
        assert abs(flip.value - flip.same) <= (1.0 if number.integer else (number.high - number.low) / 4096), flip
        beyond = of.changed({flip.path: flip.value})
        assert play_one(beyond.params, beyond.script, of.seed, replicate).ending == flip.ending != ending
        before = of.changed({flip.path: flip.same})
        assert play_one(before.params, before.script, of.seed, replicate).ending == ending


def study(*overrides: str) -> tuple[Setting, Any]:
    of = build(compose(["figures.formats=[svg]", *overrides], verb="hinge"))
    return of, hinge(of)


def test_the_verb_names_verified_flips_of_one_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of, told = study("replicate=17", "grid=3", "named=3", f"out={tmp_path}", "name=one")
    assert "the smallest decisions that flip it" in " ".join(capsys.readouterr().out.split())
    assert told["decisions"]
    for made in told["decisions"]:
        assert made["verified"]
        assert made["ending"] != told["ending"]
        script = ordered((), made["step"], SEATS.index(made["seat"]), OPTIONS.index(made["instead"]))
        assert play_one(of.params, script, 1, 17).ending != int(crises(of, 1, first=17)["ending"][0])
    assert told["numbers"]
    assert all(entry["verified"] for entry in told["numbers"])
    assert [entry["size"] for entry in told["numbers"]] == sorted(entry["size"] for entry in told["numbers"])
    folder = tmp_path / "hinge" / "historical" / "one"
    assert (folder / "figures" / "hinges.svg").is_file()
    assert len(record.read_table(folder / "decisions.parquet")["step"]) == 4 * told["decisions_taken"]


def test_the_verb_charts_an_ensemble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = ["forces.R0", "channels.k_st", "actors.leader.act_advance"]
    monkeypatch.setattr("sim.studies.hinge.deviations.tried_numbers", lambda: few)
    _, told = study("ensemble=12", f"out={tmp_path}", "name=many")
    assert sum(told["endings"].values()) == 12
    assert sum(entry["n"] for entry in told["by_seat"].values()) == told["decisions_taken"]
    assert sum(entry["count"] for entry in told["by_seat"].values()) == told["decisions_that_flip"] > 0
    assert {entry["path"] for entry in told["numbers"]} == set(few)
    assert (tmp_path / "hinge" / "historical" / "many" / "figures" / "hinges.svg").is_file()


@pytest.mark.parametrize(
    ("override", "sentence"), [("grid=1", "grid=1 is not allowed"), ("ensemble=-1", "ensemble=-1")]
)
def test_mistakes_are_named(override: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        study(override)


def test_intervals_know_which_run_a_decision_belongs_to() -> None:
    """Ten decisions that always turn together are one observation, not ten."""
    turned = np.repeat(np.arange(40) % 2 == 0, 10)
    together = by_run(turned, np.repeat(np.arange(40), 10))
    apart = by_run(turned, np.arange(400))
    assert together["share"] == apart["share"] == 0.5
    widths = [entry["high"] - entry["low"] for entry in (together, apart)]
    assert widths[0] == pytest.approx(np.sqrt(10) * widths[1], rel=0.02)
    assert by_run(np.zeros(30, bool), np.repeat(np.arange(3), 10))["high"] > 0.5


def test_a_flip_is_told_with_as_few_digits_as_will_do() -> None:
    assert shortest(0.7042969, 0.7042643, 0.01)[0] == "0.7"
    assert shortest(53.02, 53.0239, 0.3)[0] == "53.1"
    assert shortest(-0.2, -0.2041, 0.001)[0] == "-0.205"
    assert shortest(2, 3.0, 0.05)[0] == "3"
