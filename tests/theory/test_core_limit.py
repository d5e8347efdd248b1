"""With the named actors' mechanisms off, the model is the core: the numbers of an independent implementation.

Both sides are random. A share agrees when it lies within Z standard errors of the
difference, plus the rounding of the stored number; Z = 3.9 keeps the chance that any of the
some 170 comparisons fails by luck below 2 %.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sim.model.state import Channel, Ending
from tests.conftest import changed, crises, setting, shares

N = 20_000
Z = 3.9
ROUNDED = 5e-6
ORACLE: dict[str, Any] = yaml.safe_load((Path(__file__).parent.parent / "data" / "oracle_core.yaml").read_text())
ROWS = list(ORACLE["rows"])


@cache
def ours(row: str) -> np.ndarray:
    return crises(changed(setting("scenario=core"), ORACLE["rows"][row]["changes"]), N)


def close(share: float, theirs: float, n: int, m: int) -> bool:
    pooled = (share * n + theirs * m) / (n + m)
    return abs(share - theirs) <= Z * np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m)) + ROUNDED


@pytest.mark.parametrize("row", ROWS)
def test_core_limit_shares_of_endings(row: str) -> None:
    expected = ORACLE["rows"][row]
    found = shares(ours(row))
    off = [e.name for e in Ending if not close(found[e], expected["shares"][e], N, ORACLE["runs"])]
    assert not off, (
        f"{dict(zip(Ending.__members__, zip(found.round(4), expected['shares'], strict=True), strict=True))}"
    )
    assert close(float(np.mean(ours(row)["battle"] > 0)), expected["battle"], N, ORACLE["runs"])


@pytest.mark.parametrize("row", ROWS)
def test_core_limit_of_the_deals(row: str) -> None:
    """Mean terms, channel, survival; and the other implementation's median hour and km are medians of ours too."""
    expected = ORACLE["rows"][row]["deals"]
    states = ours(row)
    deals = states[states["ending"] == Ending.NEGOTIATED_EXIT]
    n, m = len(deals), expected["n"]
    error = expected["terms_sd"] * np.sqrt(1 / n + 1 / m)
    assert abs(deals["terms"].mean() - expected["terms"]) <= Z * error + 1e-4
    assert close(float(np.mean(deals["settled_channel"] == Channel.RULER)), expected["direct"], n, m)
    assert close(float(np.mean(deals["breach_week"] >= 0)), expected["broken"], n, m)
    half = Z * np.sqrt(0.25 * (1 / n + 1 / m))
    for field, median in (("end_h", expected["hour"]), ("closest_km", expected["km"])):
        assert np.mean(deals[field] < median - 1e-6) - half <= 0.5 <= np.mean(deals[field] <= median + 1e-6) + half, (
            field
        )


def test_the_core_uses_no_mechanism_of_the_named_actors() -> None:
    states = ours("default")
    assert (states["called"] == 0).all()
    assert (states["refused"] == 0).all()
    assert (states["mediation"] == 0).all()
    assert (states["forward"] == 0.0).all()
    assert (states["hedging"] == 0.0).all()
    assert (states["blood"] == 0.0).all()
    assert (states["clause_week"] == -1).all()
    assert set(np.unique(states["package"])) <= {-1, -2}
