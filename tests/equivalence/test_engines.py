"""The readable engine and the kernel are one model: every field of every crisis, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engines.batch import run_table
from sim.engines.mesa import Crisis, Principal, play_one
from sim.model.state import N_SEATS, Ending, Option, Seat, State, state_type
from sim.scenario import Setting
from tests.conftest import DOCTRINES, SCENARIOS, changed, crises, from_here, same_bits, setting, with_doctrine


def mesa(of: Setting, n: int, *, seed: int = 1, first: int = 0) -> np.ndarray:
    return np.concatenate([play_one(of.params, of.script, seed, r).row() for r in range(first, first + n)])


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_engines_agree_on_every_scenario(scenario: str) -> None:
    of = setting(f"scenario={scenario}")
    assert same_bits(mesa(of, 16), crises(of, 16)) == []


@pytest.mark.parametrize("doctrine", DOCTRINES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_engines_agree_on_every_doctrine(scenario: str, doctrine: str) -> None:
    of = with_doctrine(scenario, doctrine)
    assert same_bits(mesa(of, 2, seed=8, first=100), crises(of, 2, seed=8, first=100)) == []


@pytest.mark.parametrize("hour", [6, 16, 24])
def test_engines_agree_on_a_script_released_on_the_way(hour: int) -> None:
    of = setting("scenario=historical", f"release_at_h={hour}")
    states = crises(of, 16)
    assert same_bits(mesa(of, 16), states) == []
    early = states[states["end_h"] < min(hour, 23.5)]
    assert (early["defected"] >= of.params.quorum).all(), (
        "until its end only a quorum of elites can cut the script short"
    )
    rest = states[states["end_h"] >= min(hour, 23.5)]
    assert len(rest) > 8
    assert (len(set(rest["ending"])) > 1) == (hour < 23.5)


@pytest.mark.parametrize("overrides", [("clock.dt=0.25",), ("clock.horizon_h=96", "clock.weeks=52")])
def test_engines_agree_on_other_clocks(overrides: tuple[str, ...]) -> None:
    of = setting(*overrides)
    assert same_bits(mesa(of, 6), crises(of, 6)) == []


def test_engines_agree_where_there_is_no_road() -> None:
    """Distance zero: whoever rises is in the capital already, as in a palace coup."""
    of = changed(setting("scenario=historical"), {"route.D0": 0.0})
    states = crises(of, 12)
    assert same_bits(mesa(of, 12), states) == []
    assert (states["battle"] != 1).all()


@pytest.mark.parametrize("seed", [0, 2**62 + 11])
def test_any_seed_is_a_seed(seed: int) -> None:
    of = setting("scenario=historical")
    states = crises(of, 6, seed=seed)
    assert same_bits(mesa(of, 6, seed=seed), states) == []
    assert same_bits(crises(of, 6, seed=seed + 1), states) != []


@pytest.mark.parametrize("steps", [0, 1, 20, 40])
def test_a_crisis_goes_on_in_the_kernel_from_any_moment(steps: int) -> None:
    """A crisis begun on the readable engine, copied to the kernel half-way, ends as it would have done."""
    of = setting("scenario=historical")
    whole = crises(of, 12)
    rows = []
    for replicate in range(12):
        crisis = Crisis(of.params, of.script, seed=1, replicate=replicate)
        for _ in range(min(steps, int(whole["step"][replicate]) - 1)):
            crisis.step()
        assert crisis.running
        rows.append(crisis.state.row())
        crisis.remove_all_agents()
    assert same_bits(from_here(of, np.concatenate(rows)), whole) == []


def test_a_crisis_goes_on_on_the_readable_engine_from_a_copy() -> None:
    """The copy shares nothing with the state it was taken from."""
    of = setting("scenario=historical")
    crisis = Crisis(of.params, of.script, seed=1, replicate=5)
    for _ in range(25):
        crisis.step()
    before = crisis.state.row()
    branch = Crisis(of.params, of.script, seed=1, replicate=5, state=State.of_row(before[0]))
    branch.run()
    assert same_bits(crisis.state.row(), before) == []
    assert same_bits(branch.state.row(), crises(of, 6)[5:]) == []


def test_a_decider_who_leaves_it_to_the_doctrine_changes_no_bit() -> None:
    of = setting("scenario=historical")
    asked: list[tuple[Seat, float]] = []

    def shrug(principal: Principal) -> None:
        asked.append((principal.seat, principal.belief))

    rows = []
    for replicate in range(6):
        crisis = Crisis(of.params, of.script, seed=1, replicate=replicate)
        for principal in crisis.principals:
            principal.decider = shrug
        crisis.run()
        rows.append(crisis.state.row())
    assert same_bits(np.concatenate(rows), crises(of, 6)) == []
    assert {seat for seat, _ in asked} == set(Seat)
    assert all(0.0 <= belief <= 1.0 for _, belief in asked)


def test_a_leader_played_from_outside_obeys_his_player() -> None:
    """Always holding: the column never moves, so nothing is fought and no town passed after the start."""
    of = setting("scenario=historical")
    for replicate in range(6):
        crisis = Crisis(of.params, of.script, seed=1, replicate=replicate)
        crisis.principals[Seat.LEADER].decider = lambda principal: Option.HOLD
        ending = crisis.run()
        assert crisis.state.km == of.params.D0
        assert crisis.state.battle == 0
        assert ending not in (Ending.REBELS_COLLAPSE, Ending.NEGOTIATED_EXIT, Ending.CRUSHED)
        assert list(crisis.principals[Seat.LEADER].chances) == [0.0, 1.0, 0.0, 0.0]


def test_a_player_can_concede_at_will_and_cannot_play_what_does_not_exist() -> None:
    of = setting("scenario=historical")
    crisis = Crisis(of.params, of.script, seed=1, replicate=0)
    crisis.principals[Seat.LEADER].decider = lambda principal: Option.CONCEDE
    assert crisis.run() is Ending.REBELS_COLLAPSE
    assert crisis.hour == of.params.t_start
    other = Crisis(of.params, of.script, seed=1, replicate=0)
    other.principals[Seat.MINISTRY].decider = lambda principal: 4  # type: ignore[assignment,return-value]
    with pytest.raises(ValueError, match="4 is not a valid Option"):
        other.run()


def test_both_engines_write_the_same_table() -> None:
    """Through the batch layer too, worker processes included."""
    of = setting("scenario=historical")
    tables = [
        run_table(of.params, of.script, seed=4, n=40, first=3, engine=engine, threads=2)
        for engine in ("kernel", "mesa")
    ]
    for name, values in tables[0].items():
        assert values.tobytes() == tables[1][name].tobytes(), name


def test_a_state_survives_the_way_to_the_kernel_and_back() -> None:
    of = setting("scenario=historical")
    state = Crisis(of.params, of.script, seed=2, replicate=1).state
    assert State.of_row(state.row()[0]).row().tobytes() == state.row().tobytes()
    assert state.row().dtype == state_type()
    assert len(state.option) == N_SEATS
