"""The factual setting: neither certain nor absurd. Bands stated before any model was run (facts, C2)."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.engines.columns import columns
from sim.model.state import Channel, Ending, Item
from tests.conftest import crises, setting, shares

N = 20_000
BANDS = {
    Ending.NEGOTIATED_EXIT: (0.35, 0.60),
    Ending.REBELS_COLLAPSE: (0.10, 0.25),
    Ending.CRUSHED: (0.15, 0.30),
    Ending.GOVERNMENT_CONCEDES: (0.03, 0.12),
    Ending.PROLONGED: (0.03, 0.10),
    Ending.REBELS_WIN: (0.02, 0.08),
}


@cache
def played() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    of = setting("scenario=historical")
    states = crises(of, N)
    return states, columns(states, of.params, np.arange(N))


@pytest.mark.parametrize("ending", BANDS, ids=lambda ending: ending.name.lower())
def test_share_within_its_prior_band(ending: Ending) -> None:
    low, high = BANDS[ending]
    assert low <= shares(played()[0])[ending] <= high


def test_bands_hold_for_other_luck() -> None:
    """Half a point of room at the edges: no share is in its band by the grace of one seed."""
    found = shares(crises(setting("scenario=historical"), N, seed=2**40 + 7))
    assert all(low - 0.005 <= found[ending] <= high + 0.005 for ending, (low, high) in BANDS.items()), found


@pytest.mark.parametrize(
    "what", ["battle in the capital", "direct talk", "more than 200 dead", "mass defection", "minister handed over"]
)
def test_rare_things_are_rare(what: str) -> None:
    states, table = played()
    happened = {
        "battle in the capital": table["battle"] == 2,
        "direct talk": table["ruler_took_call"] == 1,
        "more than 200 dead": table["deaths"] > 200.0,
        "mass defection": table["route_joined"] >= 4,
        "minister handed over": (states["ending"] == Ending.NEGOTIATED_EXIT)
        & (states["package"] >> Item.MINISTER & 1 == 1),
    }[what]
    assert np.mean(happened) <= 0.10


def test_deals_come_late_through_the_mediator_and_give_little() -> None:
    """Patterns of the day: 20 to 26 hours, 120 to 370 km out, immunity always, the minister never, tens of dead."""
    states, table = played()
    deals = table["outcome"] == Ending.NEGOTIATED_EXIT
    assert 20.0 <= np.median(table["duration_h"][deals]) <= 26.0
    assert 120.0 <= np.median(table["closest_km"][deals]) <= 370.0
    assert np.mean(table["settled_channel"][deals] == Channel.MEDIATOR) > 0.9
    assert np.mean(states["package"][deals] >> Item.IMMUNITY & 1) > 0.9
    assert np.mean(states["package"][deals] >> Item.MINISTER & 1) < 0.02
    assert np.median(table["deaths"][deals]) < 100.0


def test_the_historical_package_is_the_most_frequent() -> None:
    """No prosecution, exile, men rehired, no minister removed."""
    states, _ = played()
    packages = np.bincount(states["package"][states["ending"] == Ending.NEGOTIATED_EXIT], minlength=64)
    assert packages.argmax() == 1 << Item.IMMUNITY | 1 << Item.MEN
