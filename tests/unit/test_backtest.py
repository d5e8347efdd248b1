"""`rubicon backtest`: nothing of the ending leaks, folds are clean, other files are taken, scores are written."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import results as record
from sim.cases import ANSWERS, INPUTS, coding, forecast, magnitude, read_csv, references, shelf
from sim.cli import main
from sim.config import compose
from sim.errors import ConfigurationError
from sim.scenario import build
from sim.stats import scoring
from sim.studies.backtest.library import Library, Size, simulate
from sim.studies.backtest.verb import MODEL, pool, predictions, words
from tests.conftest import undrawn
from tests.unit.test_cases import TABLE, rows, write

KEPT = ("case_id", "cluster", *INPUTS)
SMALL = ["vectors=4", "draws=2", "replications=4", "resamples=200"]


def predicted(folder: Path) -> dict[str, np.ndarray]:
    table = record.read_table(folder / "predictions.parquet")
    return {name: values for name, values in table.items() if name not in ("truth", "log_loss")}


def backtest(out: Path, name: str, *given: str) -> Path:
    line = ["backtest", *given, *SMALL, f"out={out}", f"name={name}", "figures.formats=[png]", "figures.dpi=40"]
    with nullcontext() if name == "plain" else undrawn():
        assert main(line) == 0
    return next((out / "backtest").glob(f"*/{name}"))


def assert_same(one: Path, two: Path) -> None:
    first, second = predicted(one), predicted(two)
    order = [np.lexsort((table["case_id"], table["forecaster"])) for table in (first, second)]
    for name in first:
        assert np.array_equal(first[name][order[0]], second[name][order[1]]), name


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return backtest(tmp_path_factory.mktemp("plain"), "plain", str(TABLE))


def test_withheld_columns_shuffled_or_deleted_change_nothing(plain: Path, tmp_path: Path) -> None:
    table = rows()
    rng = np.random.default_rng(1)
    hidden = [name for name in table[0] if name not in (*KEPT, *ANSWERS)]
    for name in hidden:
        for row, value in zip(table, rng.permutation([row[name] for row in table]), strict=True):
            row[name] = str(value)
    assert_same(plain, backtest(tmp_path, "shuffled", str(write(tmp_path / "shuffled.csv", table))))
    less = [{name: row[name] for name in (*KEPT, *ANSWERS)} for row in table]
    assert_same(plain, backtest(tmp_path, "deleted", str(write(tmp_path / "deleted.csv", less))))


def test_a_file_without_answers_is_predicted_just_the_same(plain: Path, tmp_path: Path) -> None:
    bare = [{name: row[name] for name in KEPT} for row in reversed(rows())]  # in another order, too
    folder = backtest(tmp_path, "bare", str(write(tmp_path / "bare.csv", bare)), "train=shelf")
    assert_same(plain, folder)
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["scored"] == 0
    assert "log_loss" not in summary


def test_an_answer_does_not_reach_its_own_cluster(tmp_path: Path) -> None:
    """Every class is tried for one row: predictions of its cluster stay, others may move."""
    cases = read_csv(TABLE).cases
    one = pool(cases, cases, "shelf")
    rng = np.random.default_rng(2)
    library = Library({}, rng.dirichlet(np.ones(6), size=(len(cases), 8)), np.zeros((31, 8)), np.zeros((31, 8)))
    known = [coding.facts(case) for case in cases]
    before = predictions(one, known, library).chances
    row = next(i for i, case in enumerate(cases) if case.cluster == "ARG")
    own = np.array([case.cluster == "ARG" for case in cases])
    moved = False
    for code in (2, 4):  # it was a concession
        one.truth[row] = code
        after = predictions(one, known, library).chances
        for name in before:
            assert np.array_equal(before[name][own], after[name][own]), name
            moved |= not np.array_equal(before[name][~own], after[name][~own])
    assert moved


def test_summary_has_scores_intervals_and_rows(plain: Path) -> None:
    summary: dict[str, Any] = json.loads((plain / "summary.json").read_text())
    lines = {MODEL, "uniform", "class_frequencies", "demand_type", "logit"}
    for score in ("log_loss", "brier", "hits"):
        assert set(summary[score]) == lines
        assert all(entry["low"] - 1e-9 <= entry["value"] <= entry["high"] + 1e-9 for entry in summary[score].values())
    assert summary["log_loss"]["uniform"]["value"] == pytest.approx(np.log(6))
    assert len(summary["rows"]) == 31
    table = record.read_table(plain / "predictions.parquet")
    model = table["forecaster"] == MODEL
    assert summary["log_loss"][MODEL]["value"] == pytest.approx(table["log_loss"][model].mean())
    for row in summary["rows"].values():
        assert sum(row[name] for name in ("REBELS_WIN", "GOV_CONCEDES", "NEGOTIATED_EXIT", "REBELS_COLLAPSE", "CRUSHED",
                                          "PROLONGED_WAR")) == pytest.approx(1.0)  # fmt: skip
        assert 0 <= row["hours_low"] <= row["hours_median"] <= row["hours_high"]
    assert sum("line" in text for text in summary["conclusions"]) >= 4
    assert {path.stem for path in (plain / "figures").iterdir()} == {"backtest_scores", "backtest_rows", "reliability"}


def test_strange_values_are_predicted_with_a_note(tmp_path: Path) -> None:
    strange = dict.fromkeys(rows()[0], "") | {
        "case_id": "atlantis_9999", "cluster": "ATL", "rebel_type": "tritons", "rebels_central": "many",
        "loyal_high": "1e9", "dist_km_start": "99999", "hours_to_capital": "5000", "outcome_class": "SUNK",
        "wartime": "yes",
    }  # fmt: skip
    folder = backtest(tmp_path, "strange", str(write(tmp_path / "my cases, (new).csv", [strange, rows()[3]])))
    summary = json.loads((folder / "summary.json").read_text())
    assert set(summary["rows"]) == {"atlantis_9999", rows()[3]["case_id"]}
    assert summary["scored"] == 1
    assert any("tritons" in note for note in summary["notes"])


def test_mistakes_are_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for given, word in (
        (["nowhere.csv"], "nowhere.csv"), (["train=all"], "allowed"), (["vectors=0"], "vectors"),
        (["level=2.0"], "level"),
    ):  # fmt: skip
        assert main(["backtest", *given, f"out={tmp_path}"]) == 2
        assert word in capsys.readouterr().err


def test_the_first_word_is_the_file() -> None:
    settings = compose(words(["a b/it's (1),x.csv", "vectors=9"]), verb="backtest")
    assert settings.choices["file"] == "a b/it's (1),x.csv"
    assert settings.choices["vectors"] == 9
    assert words(["train=file"]) == ["train=file"]


def test_an_episode_on_the_shelf_and_in_the_file_is_used_once() -> None:
    cases = shelf.load()
    one = pool(cases[:3], cases, "both")
    assert len({case.case_id for case in one.cases}) == len(one.cases) == 31
    assert one.asked == 3
    assert pool(cases[:3], cases, "file").may_train.sum() == 3
    with pytest.raises(ConfigurationError):
        pool(cases, cases, "none")


def test_an_episode_is_simulated_alike_in_any_company() -> None:
    setting = build(compose(["seed=4"]))
    cases, size = read_csv(TABLE).cases[:3], Size(3, 2, 2)
    together = simulate(setting, cases, size, lambda done: None)
    alone = simulate(setting, cases[2:], size, lambda done: None)
    assert np.array_equal(together.chances[2:], alone.chances)
    assert np.array_equal(together.log_deaths[2:], alone.log_deaths)


def test_a_library_that_knows_is_found_and_one_that_does_not_is_shrunk() -> None:
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 6, 48)
    clusters = [f"c{i // 2}" for i in range(48)]
    chances = rng.dirichlet(np.ones(6), size=(48, 10))
    may = np.ones(48, bool)
    blind = list(forecast.predict(chances, truth, clusters, may))
    assert np.mean([fold.shrink for _, fold in blind]) > 0.3
    chances[:, 4] = 0.8 * np.eye(6)[truth] + 0.2 / 6
    seeing = list(forecast.predict(chances, truth, clusters, may))
    assert all(fold.weights[4] > 0.95 and fold.shrink <= 0.1 for _, fold in seeing)
    losses = [scoring.log_loss(np.array([p for p, _ in of]), truth).mean() for of in (seeing, blind)]
    assert losses[0] < 0.3 < 1.5 < losses[1]


def test_reference_lines_learn_what_there_is_to_learn() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(80, 2))
    truth = (x[:, 0] > 0).astype(int) * 2
    clusters = [str(i) for i in range(80)]
    may = np.ones(80, bool)
    by_logit = references.predict(references.logit(truth, x, clusters), truth, clusters, may)
    by_class = references.predict(references.by_class(truth), truth, clusters, may)
    kinds = ["a" if code else "b" for code in truth]
    by_kind = references.predict(references.by_demand(truth, kinds), truth, clusters, may)
    for chances in (by_logit, by_class, by_kind):
        assert np.allclose(chances.sum(axis=1), 1.0)
        assert chances.min() > 0.0
    assert scoring.log_loss(by_logit, truth).mean() < 0.6 < scoring.log_loss(by_class, truth).mean()
    assert scoring.log_loss(by_kind, truth).mean() < 0.2


def test_magnitudes_learn_level_and_slope_but_never_a_wrong_sign() -> None:
    x = np.linspace(0, 4, 30)
    model, weights, trained = np.column_stack([x, x]), np.array([0.5, 0.5]), np.arange(29)
    mean, sd, slope = magnitude.forecast(model, weights, 3.0 + 0.5 * x, trained, 29)
    assert (mean, slope) == (pytest.approx(5.0), pytest.approx(0.5))
    assert sd == magnitude.LEAST_SD
    against = magnitude.forecast(model, weights, 3.0 - x, trained, 29)
    assert against[2] == 0.0
    assert against[0] == pytest.approx(magnitude.mean_line(3.0 - x, trained)[0])


def test_the_report_tells_the_verdict(plain: Path, tmp_path: Path) -> None:
    from sim.report import verbs
    from sim.results import finished

    done = finished(plain)
    assert verbs.conclusions(done) == done.summary["conclusions"]
    captions = [table.caption for table in verbs.tables(done)]
    assert {"Scores", "Paired differences", "Odds of each episode"} <= set(captions)
