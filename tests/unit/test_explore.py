"""The explorer's answers: the Mesa engine's own crisis, the kernel's own odds, and no way to break either."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import catalog, notebook
from sim.config import compose
from sim.engines.batch import run_table
from sim.errors import UserError
from sim.explorer.levers import ExploreError, Shelf, levers, step_of
from sim.explorer.odds import PIECE, compared, shares
from sim.model.state import ENDINGS
from sim.stats.pointwise import paired_share_interval
from sim.studies.explore import checked

fastapi = pytest.importorskip("fastapi", reason="the web framework comes with rubicon-wargame[seminar]")

from starlette.testclient import TestClient  # noqa: E402

from sim.classroom.server.guard import POLICY, Rates  # noqa: E402
from sim.explorer.app import application  # noqa: E402

HISTORICAL = {"scenario": "historical", "numbers": {}}
LEVERS = [entry["path"] for key in ("sliders", "mechanisms") for entry in catalog.verb_tree("explore")[key]]


@cache
def client() -> TestClient:
    app = application(compose([], verb="explore"), ["testserver"], Rates(1e6, 1e6))
    return TestClient(app, raise_server_exceptions=False)


def ask(path: str, **body: Any) -> Any:
    answer = client().post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_run_shown_is_the_mesa_engines() -> None:
    told = ask("/api/run", point={"scenario": "no_mediator", "numbers": {"forces.R0": 6.5}}, seed=1, replicate=3)
    own = notebook.crisis("scenario=no_mediator", "R0=6.5", seed=1, replicate=3)
    for step in told["steps"][1:]:
        own.step()
        assert step["hour"] == own.hour
        assert step["km"] == round(own.state.km, 4)
        assert step["belief"] == [round(x, 4) for x in own.state.belief]
        assert step["option"] == list(own.state.option)
    assert not own.running
    assert told["ending"] == own.state.ending


def test_the_odds_are_the_kernels() -> None:
    setting = notebook.setting("R0=6.5", "actors.mediator.present=0")
    outcome = run_table(setting.params, setting.script, seed=5, n=2 * PIECE)["outcome"]
    point = {"scenario": "historical", "numbers": {"forces.R0": 6.5, "actors.mediator.present": 0}}
    told = ask("/api/odds", point=point, reference=point, seed=5, runs=2 * PIECE)
    assert [row["share"] for row in told["odds"]] == [float(np.mean(outcome == code)) for code in range(len(ENDINGS))]
    assert told["n"] == 2 * PIECE
    assert told["differ"] == 0
    assert all(row == {"change": 0, "low": 0, "high": 0, "settled": False} for row in told["changes"])


def test_changes_are_paired_counts() -> None:
    reference, outcome = np.array([2, 2, 2, 4, 0], np.int8), np.array([2, 4, 4, 2, 0], np.int8)
    told = compared(reference, outcome)
    assert told["differ"] == pytest.approx(3 / 5)
    assert told["flows"] == [{"from": 2, "to": 4, "share": 2 / 5}, {"from": 4, "to": 2, "share": 1 / 5}]
    low, high = paired_share_interval(2, 1, 5)
    assert told["changes"][4] == {"change": 1 / 5, "low": low, "high": high, "settled": False}


def test_shares_and_their_intervals_hold_together() -> None:
    rows = shares(np.array([2] * 30 + [4] * 10, np.int8))
    assert sum(row["share"] for row in rows) == 1
    assert all(row["low"] <= row["share"] <= row["high"] for row in rows)


@pytest.mark.parametrize("scenario", catalog.options("scenario"))
def test_every_scenario_stands_inside_its_sliders(scenario: str) -> None:
    told = client().get(f"/api/scenario/{scenario}").json()
    assert set(told["own"]) == set(LEVERS)
    ask("/api/run", point={"scenario": scenario, "numbers": told["own"]}, seed=1, replicate=0)


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/api/run", {"point": {"scenario": "nowhere"}, "seed": 1, "replicate": 0}, "known: air_power_unleashed"),
        ("/api/run", {"point": {"scenario": "core", "numbers": {"forces.v": 50}}, "seed": 1, "replicate": 0}, "slider"),
        (
            "/api/run",
            {"point": {"scenario": "core", "numbers": {"forces.R0": 99}}, "seed": 1, "replicate": 0},
            "forces.R0=99 is out of range; the page offers 2.5 to 8 thousand men",
        ),
        ("/api/odds", {"point": HISTORICAL, "reference": HISTORICAL, "seed": 1, "runs": 10**9}, "runs"),
        ("/api/odds", {"point": HISTORICAL, "reference": HISTORICAL, "seed": -1, "runs": PIECE}, "seed"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(path: str, body: dict[str, Any], said: str) -> None:
    answer = client().post(path, json=body)
    assert 400 <= answer.status_code < 500
    assert said in answer.json()["error"]


def test_the_page_brings_nothing_from_elsewhere_and_no_inline_code() -> None:
    answer = client().get("/")
    assert answer.headers["content-security-policy"] == POLICY
    assert "style=" not in answer.text
    assert "<style" not in answer.text
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    assert "does not predict" in answer.text
    for path in LEVERS:
        assert catalog.catalogue()[path].about.split(";")[0][1:20] in answer.text


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
NUMBERS = st.dictionaries(st.sampled_from(LEVERS) | st.text(max_size=5), st.floats(-1, 9) | SCALARS, max_size=3)
NAMES = st.sampled_from(["historical", "core"]) | st.text(max_size=5)
POINT = st.fixed_dictionaries({"scenario": NAMES}, optional={"numbers": NUMBERS})
WHOLE, RUNS = st.integers(0, 3) | ANYTHING, st.just(PIECE) | ANYTHING
BODIES = ANYTHING | st.fixed_dictionaries(
    {}, optional={"point": POINT | ANYTHING, "reference": POINT, "seed": WHOLE, "replicate": WHOLE, "runs": RUNS}
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["/api/odds", "/api/run"]), BODIES)
def test_no_body_breaks_the_server(path: str, body: Any) -> None:
    import json

    sent = json.dumps(body).encode()
    answer = client().post(path, content=sent, headers={"content-type": "application/json"})
    assert answer.status_code < 500, answer.text
    assert answer.status_code == 200 or set(answer.json()) == {"error"}


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(["/api/odds", "/api/run"]), st.binary(max_size=40))
def test_no_bytes_break_the_server(path: str, sent: bytes) -> None:
    answer = client().post(path, content=sent, headers={"content-type": "application/json"})
    assert 400 <= answer.status_code < 500


@given(st.text(max_size=40))
@settings(max_examples=40, deadline=None)
def test_no_name_of_a_scenario_breaks_the_server(name: str) -> None:
    from urllib.parse import quote

    assert client().get(f"/api/scenario/{quote(name, safe='')}").status_code < 500


def test_too_many_questions_are_put_off() -> None:
    app = application(compose([], verb="explore"), ["testserver"], Rates(0.001, 1))
    hasty = TestClient(app)
    assert hasty.get("/api/scenario/historical").status_code == 200
    assert hasty.get("/api/scenario/historical").status_code == 429


@given(st.floats(1e-3, 1e3))
def test_a_slider_has_enough_positions_and_round_ones(width: float) -> None:
    positions = width / step_of(width)
    assert 50 / 1.002 <= positions <= 50 * 2.6
    assert f"{step_of(width):e}"[0] in "125"


def test_levers_are_numbers_of_the_model() -> None:
    with pytest.raises(ExploreError, match=r"forces\.R9"):
        levers([{"path": "forces.R9"}])
    shelf = Shelf(compose(["R0=7"], verb="explore"), levers([{"path": "forces.R0"}]), [])
    assert shelf.own("no_mediator") == {"forces.R0": 7.0}  # the command line's own override holds in each scenario
    assert shelf.moved("no_mediator", {"forces.R0": 7.0}) == {}


@pytest.mark.parametrize(("key", "value"), [("port", 70_000), ("runs", 10), ("refine", "many"), ("sliders", "R0")])
def test_keys_of_the_verb_are_checked(key: str, value: Any) -> None:
    with pytest.raises(UserError, match=key):
        checked({**catalog.verb_tree("explore"), key: value})
