"""`rubicon run`, `replay` and `plot` on real directories: whole or marked unfinished, and read back as written."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pytest

from sim import results as record
from sim.cli import main
from sim.draw import FIGURES
from sim.engines.columns import COLUMNS
from sim.model.state import CHANNELS, ENDINGS

SMALL = ["replications=120", "trajectories=12", "seed=0", "figures.formats=[png]", "figures.dpi=40"]
PROMISED = (
    "replicate", "outcome", "duration_h", "closest_km", "deaths", "settled_channel", "terms", "mediator_entered_h",
    "leader_sought_ruler_h", "ruler_refused", "deal_kept", "breach_week",
)  # fmt: skip


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    assert main(["run", "scenario=historical", "name=small", f"out={folder}", *SMALL]) == 0
    return folder


@pytest.fixture
def folder(out: Path) -> Path:
    return out / "run" / "historical" / "small"


def test_directory_holds_what_is_promised(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert names >= {
        "config.yaml", "summary.json", "manifest.json", "runs.parquet", "trajectories.parquet", "figures",
    }  # fmt: skip
    drawn = {path.stem for path in (folder / "figures").iterdir()}
    assert drawn == set(FIGURES) - {"story"}


def test_run_table_has_one_row_a_run_in_words(folder: Path) -> None:
    rows = duckdb.sql(f"select * from read_parquet('{folder / 'runs.parquet'}')").df()
    assert len(rows) == 120
    assert list(rows["replicate"]) == list(range(120))
    assert set(PROMISED) <= set(rows.columns) == set(COLUMNS)
    assert set(rows["outcome"]) <= set(ENDINGS)
    assert set(rows["settled_channel"].dropna()) <= set(CHANNELS)
    assert rows.loc[rows["outcome"] == "negotiated_exit", "settled_channel"].notna().all()
    assert set(rows.loc[rows["settled_channel"].notna(), "outcome"]) <= {"negotiated_exit", "government_concedes"}


def test_summary_counts_the_run_table(folder: Path) -> None:
    numbers = json.loads((folder / "summary.json").read_text())
    runs = record.load(folder).runs
    for code, name in enumerate(ENDINGS):
        entry = numbers["outcomes"][name]
        assert entry["count"] == int((runs["outcome"] == code).sum())
        assert entry["low"] <= entry["share"] <= entry["high"]
    assert sum(entry["count"] for entry in numbers["outcomes"].values()) == numbers["count"] == 120
    assert numbers["medians"]["duration_h"]["median"] == np.median(runs["duration_h"])


def test_digest_is_of_the_numbers_not_of_the_way(folder: Path, tmp_path: Path, blank_figures: None) -> None:
    """Mesa and one thread write the digest that the kernel on all cores wrote."""
    first = json.loads((folder / "manifest.json").read_text())
    more = ["run", "name=again", f"out={tmp_path}", *SMALL]
    assert main([*more, "engine=mesa"]) == 0
    again = json.loads((tmp_path / "run/historical/again/manifest.json").read_text())
    assert again["digest"] == first["digest"]
    assert first["seed"] == 0  # zero is a seed


def test_a_taken_name_is_refused_and_nothing_is_overwritten(
    folder: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "manifest.json").read_bytes()
    assert main(["run", "name=small", f"out={out}", *SMALL]) == 2
    assert "exists already; choose another name=" in capsys.readouterr().err
    assert (folder / "manifest.json").read_bytes() == before


def test_an_interrupted_run_is_marked_unfinished(tmp_path: Path) -> None:
    def stopped() -> None:
        with record.directory(tmp_path, "night") as place:
            record.write_text(place.working / "half.txt", "half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    (left,) = tmp_path.iterdir()
    assert left.name.endswith(record.UNFINISHED)
    assert (left / "half.txt").exists()
    with pytest.raises(record.RecordError, match="unfinished"):
        record.load(left)


def test_two_runs_in_one_second_do_not_collide(tmp_path: Path) -> None:
    places = []
    for _ in range(3):
        with record.directory(tmp_path, None) as place:
            record.write_text(place.working / "a.txt", "a")
        places.append(place.final)
    assert len(set(places)) == 3
    assert all((final / "a.txt").is_file() for final in places)


def test_replay_tells_the_recorded_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = record.load(folder).runs
    assert main(["replay", str(folder), "--replicate", "17", "--no-figure"]) == 0
    told = capsys.readouterr().out
    ending, hours = ENDINGS[int(runs["outcome"][17])], runs["duration_h"][17]
    assert f"Ending: {ending} after {hours:.1f} h, closest {runs['closest_km'][17]:.0f} km." in told


def test_replay_draws_the_story(folder: Path) -> None:
    assert main(["replay", str(folder), "--replicate", "2"]) == 0
    assert (folder / "stories" / "replicate-2.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["replay", "nowhere"], "no run directory"),
        (["replay", "FOLDER", "--replicate", "120"], "replicates 0 to 119"),
        (["plot", "FOLDER", "--figure", "pie"], "there is no figure 'pie'"),
    ],
)
def test_mistakes_are_one_sentence(
    argv: list[str], says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(folder) if word == "FOLDER" else word for word in argv]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert "Traceback" not in error


def test_plot_draws_again_from_the_tables(folder: Path) -> None:
    target = folder / "figures" / "choice_shares.png"
    before = target.read_bytes()
    target.unlink()
    assert main(["plot", str(folder), "--figure", "choice_shares"]) == 0
    assert target.read_bytes() == before
