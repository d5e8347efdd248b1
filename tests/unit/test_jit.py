"""The compiled code's cache can never be stale: its folder is named by the sources."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from sim import jit

ROOT = Path(jit.__file__).parent


def hash_of(package: Path) -> str:
    code = "from sim import jit; print(jit.source_hash())"
    done = subprocess.run([sys.executable, "-c", code], cwd=package.parent, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_an_edited_rule_in_any_file_changes_the_cache_folder(tmp_path: Path) -> None:
    copy = tmp_path / "sim"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("__pycache__", "conf"))
    before = hash_of(copy)
    assert before == jit.source_hash()
    for name in (
        "model/rules/combat.py",
        "model/doctrines/quantal.py",
        "model/maths.py",
        "model/luck.py",
        "model/step.py",
        "lanes.py",
        "engines/kernel.py",
    ):
        edited = copy / name
        text = edited.read_text(encoding="utf-8")
        edited.write_text(text + "\n# edited\n", encoding="utf-8")
        assert hash_of(copy) != before, name
        edited.write_text(text, encoding="utf-8")
    assert hash_of(copy) == before


def test_every_rule_lives_in_a_hashed_source() -> None:
    """A rule outside the hashed files could change without the cache noticing."""
    hashed = [ROOT / name for name in jit.SOURCES]
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if ("@rule" in text or "@seldom" in text or "from numba" in text) and path != ROOT / "jit.py":
            assert any(path == place or place in path.parents for place in hashed), path


def test_importing_the_rules_does_not_import_numba() -> None:
    code = "import sys, sim.model.step, sim.engines.kernel; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
