"""Stories a person can read, and digests of run tables, kept word for word.

A change of the rules shows here as a diff of stories. `make golden` accepts it: it
rewrites the files and prints the diff for the commit message to explain.
"""

from __future__ import annotations

import difflib
import json
import os
from pathlib import Path

import pytest

from sim.config import compose
from sim.engines.batch import run_table
from sim.results import digest
from sim.scenario import build
from sim.studies.replay.verb import tell, text

HERE = Path(__file__).parent
ACCEPT = os.environ.get("RUBICON_ACCEPT") == "1"
STORIES = {
    "historical-17": (["scenario=historical"], 17),
    "no_mediator-3": (["scenario=no_mediator"], 3),
    "bloody_first_battle-5": (["scenario=bloody_first_battle"], 5),
    "history-released-at-20": (["release_at_h=20"], 2),
    "core-1": (["scenario=core"], 1),
}
DIGESTS = {name: [f"scenario={name}"] for name in ("historical", "core", "column_25000")}


def hold(path: Path, now: str) -> None:
    """The file says `now`, or is made to say it when changes are being accepted."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if ACCEPT and now != before:
        diff = difflib.unified_diff(before.splitlines(), now.splitlines(), f"{path.name} before", "now", lineterm="")
        print("\n".join(diff))
        path.write_text(now, encoding="utf-8")
        before = now
    assert now == before, f"{path.name} differs from what the rules now tell; if that is meant, run `make golden`"


@pytest.mark.parametrize("name", STORIES)
def test_story_is_told_as_before(name: str) -> None:
    overrides, replicate = STORIES[name]
    hold(HERE / f"{name}.txt", text(tell(build(compose([*overrides, "seed=1"])), replicate)))


def test_run_tables_have_the_same_bytes_on_every_machine() -> None:
    """Digests of 300 runs, pinned: they must not depend on the machine, Python, libm, threads or engine."""
    found = {}
    for name, overrides in DIGESTS.items():
        setting = build(compose([*overrides, "seed=1"]))
        found[name] = digest(run_table(setting.params, setting.script, seed=setting.seed, n=300))
    hold(HERE / "digests.json", json.dumps(found, indent=2) + "\n")
