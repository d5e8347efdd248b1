"""What is handed to pandas, polars and the EMA Workbench is what the sweep wrote."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim import results as record
from sim.cli import main
from sim.model.state import ENDINGS
from sim.notebook import ema, frame, table
from sim.results.queries import QueryError
from tests.conftest import undrawn

ASKED = ["scenario=historical,no_mediator", "R0=4,6,8", "replications=30", "figures.formats=[png]", "figures.dpi=30"]


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    with undrawn():
        assert main(["sweep", "name=small", f"out={out}", *ASKED]) == 0
    return out / "sweep" / "historical" / "small"


def test_tables_come_as_they_were_written(sweep: Path) -> None:
    points = table(sweep, "points")
    assert points["forces.R0"].tolist() == [4, 6, 8, 4, 6, 8]
    assert points["scenario"].tolist() == ["historical"] * 3 + ["no_mediator"] * 3
    runs = frame(sweep, "runs")
    assert len(runs) == 180
    assert set(runs["outcome"]) <= set(ENDINGS)
    with pytest.raises(QueryError, match="has no table 'paths'; it has: points, runs, summary"):
        frame(sweep, "paths")


def test_experiments_and_outcomes_belong_together(sweep: Path) -> None:
    experiments, outcomes = ema(sweep)
    assert list(experiments) == ["setting", "forces.R0"]
    assert experiments["setting"].dtype == "category"
    summary = record.read_table(sweep / "summary.parquet")
    assert outcomes["share_crushed"].tolist() == summary["share_crushed"].tolist()
    assert experiments["forces.R0"].tolist() == summary["forces.R0"].tolist()
    assert all(len(values) == len(experiments) == 6 for values in outcomes.values())


def test_by_runs_every_run_has_the_axes_of_its_point(sweep: Path) -> None:
    experiments, outcomes = ema(sweep, by="runs")
    assert len(experiments) == 180
    won = outcomes["outcome"] == "crushed"
    inside = (experiments["setting"] == "no_mediator") & (experiments["forces.R0"] == 8)
    assert won[inside].mean() == pytest.approx(ema(sweep)[1]["share_crushed"][-1])
    assert not {"point", "replicate"} & set(outcomes)


def test_polars_reads_the_parts_without_rubicon(sweep: Path) -> None:
    pl = pytest.importorskip("polars", reason="polars is in the dev extra only")
    runs = pl.scan_parquet(f"{sweep}/runs/part-*.parquet")
    joined = runs.join(pl.scan_parquet(f"{sweep}/points.parquet"), on="point").collect()
    counted = joined.filter(pl.col("outcome") == "crushed").group_by("point").len().sort("point")
    summary = record.read_table(sweep / "summary.parquet")
    expected = {i: int(n) for i, n in enumerate(summary["count_crushed"]) if n}
    assert dict(counted.iter_rows()) == expected


def test_what_is_no_sweep_is_refused(tmp_path: Path) -> None:
    record.write_json(tmp_path / "manifest.json", {"verb": "run"})
    record.write_json(tmp_path / "summary.json", {})
    record.write_text(tmp_path / "config.yaml", "{}")
    with pytest.raises(record.RecordError, match="only a sweep has experiments"):
        ema(tmp_path)


@pytest.mark.filterwarnings("ignore")
def test_prim_of_the_workbench_finds_a_known_box(tmp_path: Path) -> None:
    prim = pytest.importorskip(
        "ema_workbench.analysis.prim", reason="ema_workbench is optional: pip install ema_workbench"
    )
    rng = np.random.default_rng([1, 7])
    n = 1000
    points = {"point": np.arange(n), "forces.R0": rng.uniform(2, 10, n), "channels.k_st": rng.uniform(0, 1, n)}
    points["scenario"] = rng.choice(np.array(["historical", "no_mediator"], dtype=object), n)
    inside = (points["forces.R0"] > 6) & (points["channels.k_st"] < 0.5) & (points["scenario"] == "historical")
    record.write_table(tmp_path / "points.parquet", points)
    record.write_table(tmp_path / "summary.parquet", points | {"share_crushed": np.where(inside, 0.9, 0.1)})
    record.write_json(tmp_path / "manifest.json", {"verb": "sweep"})
    record.write_json(tmp_path / "summary.json", {"axes": {path: {} for path in list(points)[1:]}})
    record.write_text(tmp_path / "config.yaml", "{}")
    experiments, outcomes = ema(tmp_path)
    box = prim.Prim(experiments, outcomes["share_crushed"] > 0.5, threshold=0.8).find_box()
    best = box.peeling_trajectory.iloc[-1]
    assert best["density"] == 1.0
    assert best["coverage"] > 0.9
    limits = box.box_lims[-1]
    assert float(limits["forces.R0"].iloc[0]) == pytest.approx(6, abs=0.4)
    assert float(limits["channels.k_st"].iloc[1]) == pytest.approx(0.5, abs=0.05)
    assert set(limits["setting"].iloc[0]) == {"historical"}
