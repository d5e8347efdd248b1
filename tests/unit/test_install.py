"""What is said about installing can be done; another package called `sim` is noticed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sim import __version__

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TEXTS = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "examples").iterdir(),
    *(ROOT / "sim").rglob("*.py"),
]
START = "import sys, rubicon_command; sys.exit(rubicon_command.main())"


def test_nobody_is_sent_to_an_index_that_does_not_have_the_package() -> None:
    wrong = re.compile(r"(?:pip|pipx|uv tool) install\b[^\n]*rubicon[-_]wargame(?!-[\d.]+-py3-none-any\.whl)")
    told = {path.name: path.read_text(encoding="utf-8") for path in TEXTS if path.suffix in (".md", ".py")}
    assert {
        name: found[0] for name, text in told.items() if name != "CHANGELOG.md" and (found := wrong.search(text))
    } == {}


def test_every_extra_that_is_named_exists_and_is_explained() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = {extra for path in (ROOT / "sim").rglob("*.py")
             for extra in re.findall(r'needs\("[^"]+", "(\w+)"', path.read_text(encoding="utf-8"))}  # fmt: skip
    assert named == {"analysis", "cluster", "games", "seminar"} <= set(PROJECT["optional-dependencies"])
    assert "\n## Installing\n" in readme
    assert all(f"| `{extra}` |" in readme for extra in PROJECT["optional-dependencies"])
    assert f"rubicon_wargame-{__version__}-py3-none-any.whl[" in readme


def test_the_systems_of_the_readme_are_those_of_the_package() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    said = readme.split("**Systems.**")[1].split("\n\n")[0]
    listed = [line.rpartition(" :: ")[2] for line in PROJECT["classifiers"] if " :: Python :: 3." in line]
    assert all(version in said for version in listed)
    assert "OS Independent" not in "".join(PROJECT["classifiers"]), "it was tried on Linux only"


def started(*places: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))}
    command = [sys.executable, "-P", "-c", START, "-V"]
    return subprocess.run(command, env=environment, cwd=places[0], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["sim.py", "sim/__init__.py"])
def test_another_sim_that_is_found_first_is_told_and_not_run(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("raise SystemExit('theirs')\n", encoding="utf-8")
    done = started(tmp_path, ROOT)
    assert done.returncode == 2
    assert str(tmp_path / name) in done.stderr
    assert "README, Installing" in done.stderr
    assert "theirs" not in done.stderr
    assert started(ROOT, tmp_path).stdout.startswith("rubicon ")
