"""The mediator's ledger and the value of disclosure: what is edited, what is not, and what zero means."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.config import compose
from sim.engines.mediation import FUNCTIONS, at_hours, entered, finish, lacking, without
from sim.errors import ConfigurationError
from sim.model.state import FIELDS, SEATS, State
from sim.scenario import Setting, build
from sim.stats.accounts import differences, settle
from sim.studies.disclose.disclosure import value
from sim.studies.disclose.tellings import FACTS, reveal
from sim.studies.disclose.verb import disclose
from sim.studies.ledger.verb import ledger
from tests.conftest import crises, same_bits, setting

SMALL = ("seed=1", "figures.formats=[svg]")
N, STEP = 60, 36


def asked(verb: str, *overrides: str) -> Setting:
    return build(compose([*SMALL, *overrides], verb=verb))


@cache
def mid_crisis() -> tuple[Setting, np.ndarray, np.ndarray, np.ndarray]:
    """Setting, running states at hour 18, their replicates, and their numbers, a row each."""
    of = asked("disclose")
    moments, _ = at_hours(of, of.params.row(), np.arange(N), [STEP])
    live = np.flatnonzero(moments[STEP]["ending"] < 0)
    return of, moments[STEP][live], live, np.repeat(of.params.row(), len(live))


def told(fact: str, actor: str, states: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    of, _, live, _ = mid_crisis()
    return reveal(fact, actor, states, rows, of.params, seed=of.seed, replicate=live)


def test_a_state_that_goes_on_untold_is_its_own_run() -> None:
    of, states, live, _ = mid_crisis()
    runs = finish(states, of.params.row(), seed=1, replicate=live, script=of.script)
    whole = crises(of, N)[live]
    assert runs["outcome"].tolist() == whole["ending"].tolist()
    assert runs["duration_h"].tobytes() == whole["end_h"].tobytes()
    assert runs["breach_week"].tolist() == np.where(whole["breach_week"] < 0, -1, whole["breach_week"] + 1).tolist()


@pytest.mark.parametrize(("fact", "actor"), [(f, a) for f in FACTS for a in SEATS if a not in FACTS[f].to])
def test_who_knows_already_is_left_as_he_is(fact: str, actor: str) -> None:
    """To tell an actor what it knows, or what its choices do not hang on, changes no byte."""
    _, states, _, rows = mid_crisis()
    after, numbers = told(fact, actor, states, rows)
    assert after.tobytes() == states.tobytes()
    assert numbers.tobytes() == rows.tobytes()


@pytest.mark.parametrize(("fact", "actor"), [(f, a) for f in FACTS if f != "other_evidence" for a in FACTS[f].to])
def test_what_has_been_told_is_known(fact: str, actor: str) -> None:
    """Told twice is told once: the second time has no value, to the last byte of states and endings."""
    of, states, live, rows = mid_crisis()
    once, numbers = told(fact, actor, states, rows)
    twice, again = told(fact, actor, once, numbers)
    assert once.tobytes() != states.tobytes() or numbers.tobytes() != rows.tobytes(), "the first time is news"
    assert (twice.tobytes(), again.tobytes()) == (once.tobytes(), numbers.tobytes())
    which = np.arange(len(live))
    runs = [finish(s, n, seed=1, replicate=live, which=which, script=of.script)
            for s, n in ((once, numbers), (twice, again))]  # fmt: skip
    entry = value(runs[0], runs[1], 1)
    assert (entry["moved"], entry["flipped"]["count"], entry["clear"]) == (0.0, 0, False)


def test_a_leader_who_stands_at_the_line_knows_its_strength() -> None:
    of, states, _, rows = mid_crisis()
    near = states.copy()
    near["km"] = of.params.D_line
    assert told("line_strength", "leader", near, rows)[1].tobytes() == rows.tobytes()


def test_the_other_sides_evidence_is_nothing_before_there_is_any() -> None:
    of = asked("disclose")
    moments, _ = at_hours(of, of.params.row(), np.arange(20), [4])
    states, rows = moments[4], np.repeat(of.params.row(), 20)
    for actor in ("leader", "ruler"):
        after, _ = reveal("other_evidence", actor, states, rows, of.params, seed=1, replicate=np.arange(20))
        assert after.tobytes() == states.tobytes()


def test_a_disclosure_touches_only_the_fields_it_names() -> None:
    _, states, _, rows = mid_crisis()
    names = {field.name for field in FIELDS}
    for fact, known in FACTS.items():
        for actor in known.to:
            after, numbers = told(fact, actor, states, rows)
            changed = set(same_bits(after, states))
            changed |= {name for name in rows.dtype.names or () if numbers[name].tobytes() != rows[name].tobytes()}
            assert all(name in known.held for name in changed), f"{fact}: {changed}"
            assert changed <= names | {"L_prior", "ans_a", "ans_b", "sd_x"}


def test_a_leader_told_of_formations_believes_the_truth() -> None:
    of, states, live, rows = mid_crisis()
    after, _ = told("formations", "leader", states, rows)
    mean = after["fights_leader"] / (after["fights_leader"] + after["yields_leader"])
    assert ((mean > 0) & (mean < 1)).all()
    assert len(np.unique(mean.round(6))) > 2
    one = State.of_row(states[0])
    one.told = [1] * len(one.told)  # all formations are ordered to fight
    all_fight, _ = reveal("formations", "leader", one.row(), rows[:1], of.params, seed=1, replicate=live[:1])
    held = states["fights_leader"][0] + states["yields_leader"][0]
    assert all_fight["fights_leader"][0] == pytest.approx(held * 0.98)


@pytest.mark.parametrize("side", ["leader", "ruler"])
def test_whoever_believes_the_truth_already_is_told_nothing(side: str) -> None:
    """A placebo: his own mean told back to him. A weight of the telling's own would move a tenth of the odds here."""
    _, states, _, rows = mid_crisis()
    right = told("formations", side, states, rows)[0]
    held = right[f"fights_{side}"] + right[f"yields_{side}"]
    before = states[f"fights_{side}"] + states[f"yields_{side}"]
    assert held == pytest.approx(before), "he is told what is so, not how firmly to hold it"
    assert told("formations", side, right, rows)[0].tobytes() == right.tobytes()


def test_a_mediator_who_enters_is_in_and_on_the_line_and_nothing_else_has_changed() -> None:
    of = asked("ledger")
    moments, last = at_hours(of, without(of), np.arange(30), [20, 90])
    after = entered(moments[20], 10.0)
    assert set(same_bits(after, moments[20])) <= {"mediation", "linked", "entered_h", "option"}
    assert (after["mediation"] == 1).all()
    ended = moments[90]["ending"] >= 0
    assert same_bits(entered(moments[90], 45.0)[ended], moments[90][ended]) == [], "what has ended stays as it ended"
    plain = crises(setting("scenario=no_mediator"), 30)
    assert last["ending"].tolist() == plain["ending"].tolist()


@pytest.mark.parametrize("function", list(FUNCTIONS))
def test_one_function_off_is_that_number_and_what_follows_from_it(function: str) -> None:
    of = asked("ledger")
    row, whole = lacking(of, function), of.params.row()
    changed = {name for name in row.dtype.names or () if row[name].tobytes() != whole[name].tobytes()}
    assert FUNCTIONS[function][0] in changed
    assert changed <= {FUNCTIONS[function][0], "rank", "p_answer"}


def test_the_same_runs_differ_by_nothing_and_a_known_difference_is_found() -> None:
    runs = {"deaths": np.arange(200.0), "outcome": np.arange(200) % 6, "deal_kept": np.arange(200) % 3 - 1}
    same = differences(runs, runs)
    assert all((e["difference"], e["low"], e["high"], e["p"]) == (0, 0, 0, 1.0) for e in same.values())
    other = runs | {"outcome": np.full(200, 2), "deaths": runs["deaths"] - 10.0 * (np.arange(200) % 2)}
    found = differences(runs, other)
    assert found["deaths"]["difference"] == -5.0
    assert found["deal"]["difference"] == pytest.approx(1 - np.isin(runs["outcome"], (1, 2)).mean())
    settle([*same.values(), *found.values()])
    assert same["deal"]["nothing"]
    assert not found["deal"]["nothing"]


def test_mediation_brings_deals_and_saves_lives_and_a_late_one_does_nothing(tmp_path: Path) -> None:
    told_ = ledger(asked("ledger", "replications=400", "hours=[16,47]", f"out={tmp_path}"))
    of = {(e["entry"], e["measure"], e["lacks"]): e for e in told_["entries"] if e["value_of"] == "mediation"}
    assert of["16", "deal", None]["low"] > 0.2
    assert of["16", "deaths", None]["high"] < 0
    assert of["47", "deal", None]["nothing"]
    assert abs(of["16", "deal", "rank"]["difference"]) < 0.1, "without rank he is worth next to nothing"
    assert "hour 47" in " ".join(told_["worth_nothing"])
    assert (next((tmp_path / "ledger" / "historical").iterdir()) / "ledger.parquet").exists()


def test_disclosures_are_ranked_by_effect(tmp_path: Path) -> None:
    found = disclose(asked("disclose", "replications=80", "hours=[18]", f"out={tmp_path}"))["disclosures"]
    moved = [e["moved"] for e in found]
    assert moved == sorted(moved, reverse=True)
    assert {(e["fact"], e["actor"]) for e in found} == {(f, a) for f, known in FACTS.items() for a in known.to}
    assert all(e["flipped"]["count"] == 0 for e in found if e["news_to"] == 0)
    assert (found[0]["fact"], found[0]["actor"]) == ("formations", "leader")


@pytest.mark.parametrize(("verb", "override", "part"), [
    ("ledger", "hours=[6.1]", "multiples"), ("ledger", "hours=[]", "multiples"), ("ledger", "hours=[6,6]", "different"),
    ("ledger", "scenario=no_mediator", "no mediator"), ("disclose", "hours=[0]", "multiples"),
])  # fmt: skip
def test_what_is_not_allowed_is_said(verb: str, override: str, part: str) -> None:
    with pytest.raises(ConfigurationError, match=part):
        {"ledger": ledger, "disclose": disclose}[verb](asked(verb, override))
