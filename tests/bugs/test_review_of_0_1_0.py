"""Mistakes found in review before 0.1.0, each with the run that showed it."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest

from sim import results as record
from sim.config import compose
from sim.engines import kernel
from sim.engines.batch import run_paths, run_table
from sim.engines.mesa import Crisis, play_one
from sim.errors import ConfigurationError
from sim.model.rules.channels import choose_channels
from sim.model.state import N_ROUTE, Channel, Conduct, Ending, Option, Seat, Stance, State
from tests.conftest import crises, setting


def states(*overrides: str, n: int = 400) -> np.ndarray:
    return crises(setting(*overrides), n)


def test_a_script_moves_no_empty_seat() -> None:
    """The absent mediator carried the historical deal; the absent ministry flew sorties."""
    played = states("actors.mediator.present=0", "release_at_h=30")
    assert not (played["settled_channel"] == Channel.MEDIATOR).any()
    assert (played["entered_h"] < 0).all()
    grounded = states("actors.ministry.present=0", "doctrine=historical_moves", "release_at_h=14")
    assert (grounded["option"][:, Seat.MINISTRY] == Option.HOLD).all()


def test_release_frees_seats_whose_doctrine_is_scripted() -> None:
    freed = states("doctrine=historical_moves", "release_at_h=14")
    assert np.array_equal(freed["ending"], states("release_at_h=14")["ending"])
    assert len(np.unique(freed["ending"])) > 3


def test_a_line_complete_before_it_begins_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"t_L0=28.* is not before .*t_L1=28"):
        setting("t_L0=28")


def test_a_short_road_has_nothing_behind_its_start() -> None:
    """A march from km 300 passed Voronezh, and one from km 0 met all formations."""
    assert setting("D0=300").params.node_km[:3] == [299.0, 100.0, 30.0]
    arrived = states("D0=0")
    assert (arrived["conduct"][:, :N_ROUTE] == Conduct.UNTESTED).all()
    assert np.isfinite(arrived["belief"]).all()


def test_no_men_go_forward_to_a_line_that_is_not_there() -> None:
    assert (states("scenario=no_oka_line")["forward"] == 0.0).all()


def test_an_absent_ruler_takes_no_call() -> None:
    played = states("actors.ruler.present=0", "k_call=0", "t_offer=2")
    assert (played["ruler_took"] == 0).all()
    assert not (played["settled_channel"] == Channel.RULER).any()


def test_a_crisis_that_ends_in_its_first_step_has_a_path() -> None:
    made = setting("t_start=0", "nu=40", "actors.leader.precision=0")
    paths = run_paths(made.params, made.script, seed=made.seed, n=200)
    ended = run_table(made.params, made.script, seed=made.seed, n=200)["duration_h"] == 0.0
    assert ended.any()
    assert np.isfinite(paths["km"][:, 0]).all()


def test_what_the_ruler_believes_does_not_reach_the_leader() -> None:
    """The leader read the mediator's mind, and so the ruler's."""
    made = setting()
    crisis = Crisis(made.params, made.script, seed=1, replicate=0)
    for _ in range(30):
        crisis.step()
    seen = set()
    for belief in (0.1, 0.5, 0.9):
        s: State = crisis.state.copy()
        s.belief[Seat.RULER] = belief
        s.belief[Seat.MEDIATOR] = belief
        choose_channels(s, made.params)
        seen.add((s.channel, s.engagement))
    assert len(seen) == 1


def test_packages_survive_a_reload(tmp_path: Path) -> None:
    codes = np.array([-2, -1, 0, 5, 63])
    record.write_table(tmp_path / "t.parquet", {"package": codes}, words=True)
    assert record.read_table(tmp_path / "t.parquet")["package"].tolist() == codes.tolist()


def test_a_played_model_is_freed() -> None:
    """Mesa 3.3 kept every model of a batch alive."""
    born: list[weakref.ref[Crisis]] = []
    original = Crisis.__init__

    def spy(self: Crisis, *args: object, **named: object) -> None:
        original(self, *args, **named)  # type: ignore[arg-type]
        born.append(weakref.ref(self))

    made = setting()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Crisis, "__init__", spy)
        play_one(made.params, made.script, 1, 0)
    gc.collect()
    assert len(born) == 1
    assert born[0]() is None


def test_a_deal_that_grants_the_main_demand_is_a_concession() -> None:
    played = states("scenario=no_oka_line", n=2000)
    granted = (played["package"] >= 0) & (played["package"] >> 5 & 1 == 1)
    assert granted.any()
    assert (played["ending"][granted] == Ending.GOVERNMENT_CONCEDES).all()


def test_items_are_added_one_after_the_other_on_every_python() -> None:
    """From 3.12 on, `sum` compensates rounding, and 3.11 and 3.12 gave different tables."""
    p = setting().params
    total = 0.0
    for worth in p.item_worth:
        total = total + worth
    assert p.package_worth[63] == total


def test_every_agent_obeys_from_outside() -> None:
    """Formations and elites could not be commanded, nor a call or terms be answered."""
    made = setting()
    crisis = Crisis(made.params, made.script, seed=1, replicate=0)
    for formation in crisis.formations[:N_ROUTE]:
        formation.decider = lambda _: Conduct.JOINS
    for elite in crisis.elites:
        elite.decider = lambda _: Stance.LOYAL
    crisis.principals[Seat.LEADER].answer(terms=False)
    crisis.principals[Seat.LEADER].decider = lambda _: Option.NEGOTIATE
    crisis.principals[Seat.RULER].decider = lambda _: Option.NEGOTIATE
    crisis.run()
    s = crisis.state
    met = [c for c in s.conduct[:N_ROUTE] if c != Conduct.UNTESTED]
    assert met
    assert set(met) == {Conduct.JOINS}
    assert s.loyal == pytest.approx(1.0)
    assert s.rounds > 3
    assert crisis.ending == Ending.PROLONGED


def test_a_used_row_does_not_shine_through() -> None:
    """The benchmark played into used rows, which began where the last crisis had ended: half the work."""
    made = setting("seed=1")
    used = crises(made, 300, first=700)
    kernel.play(used, made.params.row(), seed=1, replicate=np.arange(300), script=made.script)
    fresh = crises(made, 300)
    assert used.tobytes() == fresh.tobytes()


@pytest.mark.parametrize(
    ("override", "says"),
    [("figures.dpi=-3", "give 20 to 600"), ("figures.formats=[gif]", "give some of"), ("trajectories=0", "from 1 to")],
)
def test_what_cannot_be_drawn_is_refused_before_the_run(override: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        setting(override)


def test_a_name_with_a_slash_is_refused(tmp_path: Path) -> None:
    with pytest.raises(record.RecordError, match="leave out slashes"), record.directory(tmp_path, "a/../../b"):
        pass


def test_captions_tell_what_was_changed() -> None:
    made = setting("scenario=no_mediator", "R0=8", "name=x")
    assert made.drawn(10)["scenario"] == "no_mediator, forces.R0=8"


def test_a_users_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "scenario").mkdir()
    (tmp_path / "scenario" / "mine.yaml").write_text("about: a: b\n")
    with pytest.raises(ConfigurationError, match=r"mine\.yaml, line 1: this is no YAML"):
        compose(["scenario=mine"], config_dir=tmp_path)
