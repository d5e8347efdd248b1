"""`rubicon query` and `export`: what the tables hold comes out, and nothing else is read or written."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from sim import results as record
from sim.cli import main
from sim.engines.batch import run_table
from sim.model.state import ENDINGS
from sim.results import queries
from tests.conftest import setting, undrawn

RUN = ["run", "name=small", "replications=90", "trajectories=4", "seed=3", "figures.formats=[png]", "figures.dpi=30"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    with undrawn():
        assert main([*RUN, f"out={out}"]) == 0
    return out / "run" / "historical" / "small"


@pytest.fixture
def made_up(tmp_path: Path) -> Path:
    """A directory of some verb: a table in parts, a column with a dot, and no run table."""
    place = tmp_path / "odd's place"
    (place / "runs").mkdir(parents=True)
    for part in range(3):
        rows = {"point": np.full(4, part), "deaths": np.arange(4.0) + part}
        record.write_table(place / "runs" / f"part-{part:05d}.parquet", rows)
    record.write_table(place / "points.parquet", {"point": np.arange(3), "forces.R0": np.array([4.0, 6.0, 8.0])})
    record.write_json(place / "manifest.json", {"verb": "unheard", "seed": 1})
    record.write_json(place / "summary.json", {"odds": {"crushed": 0.25}, "notes": ["one"], "nothing": None})
    record.write_text(place / "config.yaml", "scenario: historical\n")
    return place


def asked(capsys: pytest.CaptureFixture[str], folder: Path, sql: str, *flags: str) -> str:
    assert main(["query", str(folder), sql, *flags]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 2
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    return shown


def test_a_query_counts_what_the_summary_counts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = asked(capsys, folder, "select outcome, count(*) as n from runs group by outcome", "--json")
    counts = {row["outcome"]: row["n"] for row in json.loads(told)}
    summary = json.loads((folder / "summary.json").read_text())["outcomes"]
    assert {name: counts.get(name, 0) for name in ENDINGS} == {name: e["count"] for name, e in summary.items()}


def test_csv_has_every_row_and_null_is_empty(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(asked(capsys, folder, "select replicate, terms from runs", "--csv"))))
    assert [int(row["replicate"]) for row in rows] == list(range(90))
    runs = record.load(folder).runs
    assert [row["terms"] in ("", "nan") for row in rows] == np.isnan(runs["terms"]).tolist()


def test_an_average_counts_only_the_runs_that_it_is_about(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """None is null, whatever the column; the array that is read back is what it was in memory."""
    runs = record.load(folder).runs
    dealt, kept = runs["deal_kept"] >= 0, runs["deal_kept"] == 1
    asks = "avg(deal_kept) as kept, avg(breach_week) as week, count(settled_channel) as deals, avg(terms) as terms"
    (row,) = json.loads(asked(capsys, folder, f"select {asks} from runs", "--json"))
    assert row["kept"] == pytest.approx(kept.sum() / dealt.sum())
    assert row["week"] == pytest.approx(runs["breach_week"][runs["breach_week"] > 0].mean())
    assert row["deals"] == (runs["settled_channel"] != -1).sum()
    assert row["terms"] == pytest.approx(runs["terms"][dealt].mean())
    played = run_table(setting().params, setting().script, seed=3, n=90)
    assert all(
        np.array_equal(runs[name], values, equal_nan=values.dtype.kind == "f") for name, values in played.items()
    )
    # By the arrays, so that a new column with a sentinel is found here.
    whole = [name for name, values in played.items() if values.dtype.kind in "iu" and (values == -1).any()]
    assert set(whole) >= {"deal_kept", "breach_week", "eroded_week", "minister_week", "settled_channel", "package"}
    nulls = ", ".join(f"count(*) - count({name}) as {name}" for name in whole)
    (told,) = json.loads(asked(capsys, folder, f"select {nulls} from runs", "--json"))
    assert told == {name: int((played[name] == -1).sum()) for name in whole}
    rows = list(csv.DictReader(io.StringIO(asked(capsys, folder, "select deal_kept from runs", "--csv"))))
    assert [row["deal_kept"] for row in rows] == [str(one) if one >= 0 else "" for one in runs["deal_kept"]]


def test_a_folder_of_before_null_was_written_reads_as_it_did(folder: Path, tmp_path: Path) -> None:
    import duckdb

    old = tmp_path / "old"
    shutil.copytree(folder, old)
    weeks = ", ".join(f"coalesce({name}, -1) as {name}" for name in ("deal_kept", "breach_week", "eroded_week"))
    with duckdb.connect() as db:
        db.execute(f"create table old as select * replace ({weeks}) from read_parquet('{folder / 'runs.parquet'}')")
        db.execute(f"copy old to '{old / 'runs.parquet'}' (format parquet)")
    assert record.digest(record.load(old).runs) == record.digest(record.load(folder).runs)


def test_the_printed_table_says_how_much_is_left(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = asked(capsys, folder, "select replicate from runs order by replicate", "--rows", "3")
    assert "87 more rows" in told
    wide = asked(capsys, folder, "select * from runs", "--rows", "2")  # too wide for a table: one under another
    assert "row 2\n" in wide
    assert "closest_km" in wide


def test_parts_are_one_table_and_a_dot_needs_quotes(made_up: Path, capsys: pytest.CaptureFixture[str]) -> None:
    joined = 'select "forces.R0" as r, sum(deaths) as d from runs join points using (point) group by r order by r'
    assert json.loads(asked(capsys, made_up, joined, "--json")) == [
        {"r": 4.0, "d": 6.0}, {"r": 6.0, "d": 10.0}, {"r": 8.0, "d": 14.0},
    ]  # fmt: skip
    assert '"forces.R0"' in refused(capsys, "query", str(made_up), "select forces.R0 from points")


def test_without_a_summary_table_the_summary_is_one(made_up: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(asked(capsys, made_up, "select * from summary order by key", "--json"))
    assert told == [
        {"key": "notes.0", "number": None, "text": "one"}, {"key": "nothing", "number": None, "text": None},
        {"key": "odds.crushed", "number": 0.25, "text": None},
    ]  # fmt: skip


def test_without_a_query_tables_and_columns_are_listed(made_up: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", str(made_up)]) == 0
    shown = capsys.readouterr().out
    assert "runs: 12 rows" in shown
    assert "forces.R0" in shown


FORBIDDEN = {
    "copy": "copy runs to '{out}'",
    "copy over its own": "copy (select 1) to '{own}' (use_tmp_file false)",
    "create": "create table mine as select 1",
    "delete": "delete from summary",
    "two": "select 1; select 2",
    "explain": "explain analyze copy runs to '{out}'",
    "set": "set enable_external_access = true",
    "attach": "attach '{out}'",
    "elsewhere": "select * from read_text('{secret}')",
    "by name": "select * from '{secret}'",
    "listing": "select * from glob('{parent}/*')",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_query_reads_its_own_tables_and_nothing_else(
    what: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    before = {path: path.read_bytes() for path in folder.rglob("*.parquet")}
    sql = FORBIDDEN[what].format(out=tmp_path / "out", own=folder / "runs.parquet", secret=secret, parent=tmp_path)
    told = refused(capsys, "query", str(folder), sql)
    assert told.startswith("rubicon: ")
    assert {path: path.read_bytes() for path in folder.rglob("*.parquet")} == before
    assert sorted(tmp_path.iterdir()) == [secret]


def test_a_mistake_in_sql_names_what_there_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Tables here: runs, summary, trajectories." in refused(capsys, "query", str(folder), "select * from nope")
    wrong = refused(capsys, "query", str(folder), "select dead from runs")
    assert "Columns of runs: replicate, outcome" in wrong
    assert "Columns of trajectories" not in wrong
    assert len(wrong.splitlines()) == 1
    assert "no run directory" in refused(capsys, "query", str(folder / "nowhere"), "select 1")


def test_an_export_holds_the_table_and_is_not_overwritten(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "it's.csv"
    words = ["export", str(folder), "--table", "runs", "--to", str(target)]
    assert main(words) == 0
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    runs = record.load(folder).runs
    assert [ENDINGS.index(row["outcome"]) for row in rows] == runs["outcome"].tolist()
    assert [float(row["deaths"]) for row in rows] == runs["deaths"].tolist()  # to the last bit
    assert "--force" in refused(capsys, *words)
    assert main([*words, "--force"]) == 0
    assert [path.name for path in target.parent.iterdir() if "it's" in path.name] == [target.name]


def test_parts_are_exported_as_one_file(made_up: Path, tmp_path: Path) -> None:
    target = tmp_path / "all.parquet"
    assert main(["export", str(made_up), "--table", "runs", "--to", str(target)]) == 0
    assert record.read_table(target)["deaths"].tolist() == [0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5]
    assert main(["export", str(made_up)]) == 0
    assert sorted(path.name for path in (made_up / "export").iterdir()) == ["points.csv", "runs.csv"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--table", "nope"], "has no table 'nope'; it has: points, runs"),
        (["--to", "x.csv"], "is one file and there are 2 tables"),
        (["--table", "runs", "--to", "a/b.txt/c.csv"], "there is no folder a/b.txt"),
        (["--to", "s.xlsx"], "ends in .xlsx; a table goes to a file that ends in .csv or .parquet"),
    ],
)
def test_an_export_that_cannot_be_is_explained(
    words: list[str], told: str, made_up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("in the way")
    assert told in refused(capsys, "export", str(made_up), *words)


def test_a_damaged_table_is_said_to_be(made_up: Path) -> None:
    (made_up / "points.parquet").write_bytes(b"no parquet")
    with pytest.raises(record.RecordError, match="is damaged"), queries.opened(made_up):
        pass
