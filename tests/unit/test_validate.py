"""`rubicon validate`: what it writes, what it refuses, and that it does so the same way twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim import draw as plots
from sim import results as record
from sim.cli import main
from sim.patterns.patterns import book
from sim.studies.validate import rivals
from sim.studies.validate.figures.patterns import VERDICTS
from sim.studies.validate.figures.rivals import takeaway
from sim.studies.validate.tables import pattern_results, patterns
from sim.studies.validate.words import of_jury, of_rivals
from tests.conftest import undrawn

SMALL = ("seed=1", "replications=200", "figures.formats=[svg]", "figures.dpi=40")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("validate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rivals, "GRID_RUNS", 30)
        assert main(["validate", *SMALL, "jury=true", "jury_runs=40", f"out={out}", "name=one"]) == 0
        with undrawn():
            assert main(["validate", *SMALL, f"out={out}", "name=two"]) == 0
    return out / "validate" / "historical" / "one"


def summary(folder: Path) -> dict[str, Any]:
    def refuse(word: str) -> float:
        raise AssertionError(f"{word} is no JSON")

    text = (folder / "summary.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return found


@pytest.mark.slow
def test_everything_is_written(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    tables = {"patterns.parquet", "readings.parquet", "rivals.parquet", "jury.parquet"}
    assert names == {"config.yaml", "summary.json", "manifest.json", "figures", *tables}
    assert {path.name for path in (folder / "figures").iterdir()} == {"patterns.svg", "rivals.svg", "jury.svg"}
    told = summary(folder)
    assert list(told["patterns"]) == list(book().patterns)
    assert {p["verdict"] for p in told["patterns"].values()} <= set(VERDICTS)
    for p in told["patterns"].values():
        assert ("hit_share" in p) == p["represented"]
    assert told["rivals"]["signalling"]["joint"]["share"] == 0.0
    assert len(told["conclusions"]) >= 10


@pytest.mark.slow
def test_readings_agree_with_the_scores(folder: Path) -> None:
    told, table = summary(folder), record.read_table(folder / "readings.parquet")
    assert len(table["replicate"]) == 200
    for name, p in told["patterns"].items():
        if p["represented"]:
            assert table[f"{name}_hit"].mean() == pytest.approx(p["all"]["hit_share"])


@pytest.mark.slow
def test_the_same_seed_gives_the_same_tables(folder: Path) -> None:
    other = folder.parent / "two"
    for name in ("patterns.parquet", "readings.parquet", "rivals.parquet"):
        assert (folder / name).read_bytes() == (other / name).read_bytes(), name
    assert "jury" not in summary(other)


@pytest.mark.slow
def test_the_report_tells_it(folder: Path) -> None:
    assert main(["report", str(folder)]) == 0
    text = (folder / "report.html").read_text(encoding="utf-8")
    for part in ("Rival accounts", "The jury on the directions", "Not represented", "holds under"):
        assert part in text


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("given=some", "give one of all, exit"),
        ("rivals=perhaps", "rivals"),
        ("jury_runs=few", "jury_runs"),
        ("jury_runs=1", "from 2 on"),
        ("jury_level=2", "from 0.5 to 0.9999"),
        ("engine=mesa", "engine=mesa is not allowed"),
        ("jurry=true", "Did you mean 'jury'"),
    ],
)
def test_a_wrong_key_is_refused_in_words(
    given: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", *SMALL, f"out={tmp_path}", given]) == 2
    assert says in capsys.readouterr().err


def test_runs_without_an_exit_are_scored_and_drawn(tmp_path: Path) -> None:
    """No channel is open, so nothing is an exit, and every share among exits is of none."""
    closed = [f"channels.{name}.open=0" for name in ("ruler", "officials", "mediator", "deputies")]
    line = ["validate", *SMALL, *closed, "actors.mediator.present=0", "rivals=false", "given=exit"]
    assert main([*line, f"out={tmp_path}", "name=none"]) == 0
    told = summary(tmp_path / "validate" / "historical" / "none")
    assert told["exits"] == 0
    assert told["patterns"]["P1"]["exit"]["hit_share"] is None
    assert told["patterns"]["P18"]["all"]["hit_share"] == 0.0


@pytest.mark.slow
def test_a_rival_that_does_as_well_is_said_to(folder: Path) -> None:
    told = summary(folder)
    rival = told["rivals"]["signalling"]
    rival["H"]["hit_share"] = told["rivals"]["this model"]["H"]["hit_share"] + 0.2
    rival["ahead"] = {"gap": -0.2, "low": -0.22, "high": -0.18}
    assert "does worse" in next(text for text in of_rivals(told) if text.startswith("Signalling"))
    assert "signalling does better than this model" in takeaway(told["rivals"])


@pytest.mark.slow
def test_figures_are_drawn_from_what_the_file_holds(folder: Path) -> None:
    """JSON has no infinity: figures must read null where a time never comes."""
    told = summary(folder)
    drawn = {"scenario": "historical", "seed": 1}
    for name in ("patterns", "rivals"):
        assert plots.draw(name, validation=told, setting=drawn).axes
    assert plots.draw("jury", jury=told["jury"], setting=drawn).axes
    assert of_jury(told["jury"])


def test_tables_of_the_document_have_a_row_a_pattern() -> None:
    for table in (patterns(), pattern_results(50)):
        assert table.count("\n") == len(book().patterns) + 2
