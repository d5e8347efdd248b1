"""Whatever lies in the place of a result: one sentence that names the file, or an answer; no traceback, no loop.

`RUBICON_HOSTILE=200 pytest tests/unit/test_hostile.py` tries 200 folders in place of `FOLDERS`.
"""

from __future__ import annotations

import errno
import os
import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from sim import draw as plots
from sim.cli import main
from sim.results import UNFINISHED
from sim.results import journal as journals
from tests.conftest import undrawn
from tests.unit.hostile import damage

SEED = 20230624
FOLDERS = int(os.environ.get("RUBICON_HOSTILE", "20"))
LOOK = ["figures.formats=[png]", "figures.dpi=30", "seed=1"]
SWEEP = ["R0=4,8", "replications=20", "chunk_runs=10", "canaries=false", *LOOK]
OF_RUN = ["manifest.json", "summary.json", "config.yaml", "runs.parquet", "trajectories.parquet"]
OF_SWEEP = [
    "manifest.json",
    "summary.json",
    "config.yaml",
    "points.parquet",
    "summary.parquet",
    "runs/part-00000.parquet",
]
OF_STOPPED = ["config.yaml", "points.parquet", "journal.jsonl", "sums/part-00000.parquet", "runs/part-00001.parquet"]
FIGURES = [name for name in plots.FIGURES if "story" not in plots.needs(name)]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run, a comparison, a capsule, a finished sweep and a stopped one."""
    out = tmp_path_factory.mktemp("sound")
    words = ["replications=40", "trajectories=4", f"out={out}", "name=x", *LOOK]
    with undrawn():
        assert main(["run", *words]) == main(["capsule", f"out={out}", "name=x", "seed=1"]) == 0
        assert main(["compare", "scenarios=[core,no_mediator]", "parting=0", *words]) == 0
        assert main(["sweep", *SWEEP, f"out={out}", "name=x"]) == 0
    write = journals.write_table

    def full(path: Path, table: Any, **options: Any) -> None:
        if "part-00003" in path.name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, table, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journals, "write_table", full)
        assert main(["sweep", *SWEEP, f"out={out / 'stopped'}"]) == 2
    (stopped,) = (out / "stopped" / "sweep" / "historical").iterdir()
    return {verb: out / verb / "historical" / "x" for verb in ("run", "sweep", "capsule")} | {
        "compare": out / "compare" / "core" / "x", "stopped": stopped,
    }  # fmt: skip


def case(number: int, sound: dict[str, Path], at: Path) -> tuple[str, list[list[str]]]:
    """A damaged folder, told in words, and the command lines that read it."""
    draw = random.Random(SEED + number)
    kind = draw.choice(("run", "run", "run", "sweep", "stopped", "stopped", "capsule", "compare"))
    copy = at / (f"x{UNFINISHED}" if kind == "stopped" else "x")
    names = {"run": OF_RUN, "sweep": OF_SWEEP, "stopped": OF_STOPPED, "capsule": ["capsule.yaml"],
             "compare": ["manifest.json", "summary.json", "config.yaml", "paired.parquet"]}[kind]  # fmt: skip
    told, folder = damage(sound[kind], copy, names, draw), str(copy)
    if kind == "capsule":
        return told, [["capsule", "--play", folder]]
    if kind == "stopped":
        return told, [["sweep", f"resume={folder}"]]
    asked = [["report", folder], ["query", folder], ["export", folder]]
    asked += [["query", folder, "select count(*) from runs", "--json"]]
    if kind == "run":
        asked += [["plot", folder, "--figure", draw.choice(FIGURES)], ["replay", folder, "--no-figure"]]
        asked += [
            ["capsule", folder],
            ["compare", f"runs=[{folder},{sound['run']}]", f"out={at}", "parting=0", *LOOK],
        ]
    if kind == "sweep":
        asked += [["sweep", f"resume={folder}"]]
    return told, draw.sample(asked, 3)


@pytest.mark.parametrize("number", range(FOLDERS))
def test_a_damaged_folder_is_read_or_named(
    number: int, sound: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told, asked = case(number, sound, tmp_path)
    for words in asked:
        code = main(words)
        said = capsys.readouterr().err
        assert code in (0, 1, 2), (told, words)
        if code == 2:
            sentences = [line for line in said.splitlines() if line.startswith("rubicon")]
            assert len(sentences) == 1, (told, words, said)
            assert re.search(r"[.;]", sentences[0]), (told, words, said)


@pytest.mark.parametrize("damaged", ["points.parquet", "journal.jsonl"])
def test_a_resume_ends_whatever_was_damaged(
    damaged: str, sound: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The points are known from the configuration and are written anew; a garbled journal is named with its line."""
    folder = tmp_path / f"x{UNFINISHED}"
    shutil.copytree(sound["stopped"], folder)
    file = folder / damaged
    file.write_bytes(file.read_bytes()[:-40] + b"\xff" * 40 + b"\n")
    code = main(["sweep", f"resume={folder}"])
    assert code == (0 if damaged == "points.parquet" else 2)
    if code:
        assert f"{file} is damaged in line" in capsys.readouterr().err
    else:
        (whole,) = tmp_path.iterdir()
        assert (whole / "points.parquet").read_bytes() == (sound["sweep"] / "points.parquet").read_bytes()
