"""The examples: the notebook runs as a script, the SolaraViz page is sound and names its pins."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.mark.slow
def test_the_notebook_runs_as_a_script(tmp_path: Path) -> None:
    pytest.importorskip("marimo", reason="the notebook needs marimo: pip install marimo")
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "notebook.py")], capture_output=True, text=True, cwd=tmp_path, timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    odds = {
        name: float(share)
        for name, share in re.findall(r"(\w+) (\d+\.\d)%", done.stdout.split("odds: ")[1].split("\n")[0])
    }
    assert sum(odds.values()) == pytest.approx(100, abs=0.5)
    gap = re.search(r"without the mediator: exits ([+-][\d.]+)% \(([+-][\d.]+)% to ([+-][\d.]+)%\)", done.stdout)
    assert gap is not None
    change, low, high = (float(x) for x in gap.groups())
    assert low <= change <= high < 0, "without the mediator exits fall, beyond chance"


def test_the_solara_page_asks_the_model_for_what_it_has() -> None:
    """Without Solara: the file compiles, its numbers and scenarios exist."""
    from sim import catalog

    tree = ast.parse((EXAMPLES / "solara_viz.py").read_text(encoding="utf-8"))
    given = {
        target.id: ast.literal_eval(node.value)
        for node in tree.body if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Name) and target.id in ("SCENARIOS", "SLIDERS")
    }  # fmt: skip
    assert set(given["SCENARIOS"]) <= set(catalog.options("scenario"))
    assert set(given["SLIDERS"].values()) <= set(catalog.catalogue())


def test_page_and_readme_name_the_same_pins() -> None:
    def pins(name: str) -> set[str]:
        text = (EXAMPLES / name).read_text(encoding="utf-8")
        return set(re.findall(r"\b(?:solara|solara-assets|reacton|ipyvuetify|ipyvue)==[\d.]+\d", text))

    assert pins("solara_viz.py") == pins("README.md")
    assert len(pins("README.md")) == 5


def test_the_solara_page_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("solara", reason="SolaraViz needs an environment of its own: see examples/README.md")
    spec = importlib.util.spec_from_file_location("solara_viz", EXAMPLES / "solara_viz.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    one = module.March(world="no_mediator", replicate=3)
    one.step()
    assert one.hour == 0.5
    assert module.page is not None
