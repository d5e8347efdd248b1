"""What every scenario and every doctrine owes the rest, whoever adds one: it is found here by itself."""

from __future__ import annotations

import numpy as np
import pytest

from sim.catalog import catalogue, conf_folder, option, read
from sim.model import derived, params
from sim.model.doctrines import REGISTRY
from sim.model.state import CHANNELS, FIELDS, ITEMS, SEATS, Ending
from tests.conftest import DOCTRINES, SCENARIOS, changed, crises, setting, with_doctrine

N = 200
# Paths that are read before the numbers of the rules are made: by a seat's doctrine and by the script.
READ_ELSEWHERE = {"doctrine.aspiration", "doctrine.tilt", "release_at_h"}


@pytest.mark.parametrize("doctrine", DOCTRINES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario_and_doctrine_run(scenario: str, doctrine: str) -> None:
    of = with_doctrine(scenario, doctrine)
    states = crises(of, N)
    assert np.isin(states["ending"], list(Ending)).all()
    assert [field.name for field in FIELDS if not np.isfinite(states[field.name]).all()] == []
    assert states["chance"].sum(axis=2) == pytest.approx(1.0, abs=1e-12)
    assert ((states["belief"] >= 0.0) & (states["belief"] <= 1.0)).all()
    assert ((states["closest_km"] >= 0.0) & (states["closest_km"] <= of.params.D0)).all()
    assert (states["km"] >= states["closest_km"]).all()
    for name in ("airmen", "aircraft", "casualties_rebels", "casualties_state", "rebels", "delay"):
        assert (states[name] >= 0.0).all(), name
    assert (states["end_h"] <= of.params.horizon_h).all()
    deals = np.isin(states["ending"], (Ending.NEGOTIATED_EXIT, Ending.GOVERNMENT_CONCEDES))
    assert (states["package"][~deals] == -1).all()
    assert (states["clause_week"][states["package"] < 0] == -1).all()
    assert (states["breach_week"][~deals] == -1).all()


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario_says_in_one_sentence_what_it_is(scenario: str) -> None:
    about = option("scenario", scenario)["about"]
    assert about.endswith(".")
    assert about.count(". ") == 0
    assert 20 <= len(about) <= 160
    assert setting(f"scenario={scenario}").settings.about == about


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name != "historical"])
def test_scenario_changes_something(scenario: str) -> None:
    usual, other = setting("scenario=historical"), setting(f"scenario={scenario}")
    assert usual.settings.values != other.settings.values
    assert usual.params.row().tobytes() != other.params.row().tobytes()
    assert crises(usual, N).tobytes() != crises(other, N).tobytes()


@pytest.mark.parametrize("doctrine", DOCTRINES)
def test_doctrine_is_of_a_known_rule_and_chooses_its_own_way(doctrine: str) -> None:
    described = read(conf_folder() / "doctrine" / f"{doctrine}.yaml")
    assert described["rule"] in REGISTRY
    assert described["name"] == doctrine
    assert described["about"]
    if doctrine != "quantal":
        states = [crises(with_doctrine("historical", name), N) for name in ("quantal", doctrine)]
        assert (states[0]["option"] != states[1]["option"]).any()


def test_every_doctrine_of_the_registry_can_be_chosen() -> None:
    assert {read(conf_folder() / "doctrine" / f"{name}.yaml")["rule"] for name in DOCTRINES} == set(REGISTRY)


def test_one_seat_may_follow_another_doctrine() -> None:
    of = setting("actors.mediator.doctrine=uniform")
    assert [name for name in SEATS if of.settings.doctrines[name].name == "uniform"] == ["mediator"]
    mediated = crises(of, 2000)
    assert (mediated["entered_h"] >= 0.0).any()
    used = mediated[mediated["revised"][:, 7] == 1]
    assert len(used) > 10
    assert (used["chance"][:, 7] == 0.25).all()


def fed_by_configuration() -> set[str]:
    """Paths that the numbers of the rules are made of."""
    paths = {f"{group}.{name}" for group, names in params.SCALARS.items() for name in names}
    paths |= {f"switches.{name}" for name in derived.SWITCHES}
    paths |= {f"channels.{channel}.{name}" for channel in CHANNELS for name in derived.CHANNEL_NUMBERS}
    paths |= {f"terms.{item}.{name}" for item in ITEMS for name in derived.ITEM_NUMBERS}
    return paths | {f"actors.{seat}.{name}" for seat in SEATS for name in (*derived.ACTS, *derived.SEAT_NUMBERS)}


def test_every_number_of_the_catalogue_feeds_the_rules() -> None:
    """A number that nobody reads could be changed without effect, and nobody would know."""
    assert set(catalogue()) - fed_by_configuration() - READ_ELSEWHERE == set()


def test_every_number_of_the_rules_is_in_the_catalogue() -> None:
    """Numbers by seat are optional: a seat without one has zero."""
    optional = {f"actors.{seat}.{name}" for seat in SEATS for name in derived.SEAT_NUMBERS}
    assert fed_by_configuration() - set(catalogue()) - optional == set()


@pytest.mark.parametrize("path", sorted(fed_by_configuration() & set(catalogue())))
def test_a_number_that_is_changed_reaches_the_rules(path: str) -> None:
    """The other end of its plausible range makes another record of numbers."""
    base = setting("scenario=historical")
    parameter = catalogue()[path]
    other = parameter.low if base.settings.values[path] != parameter.low else parameter.high
    assert other != base.settings.values[path], "the plausible range is a point"
    assert changed(base, {path: other}).params.row().tobytes() != base.params.row().tobytes()
