"""A seat is a line of a table: one that is added works, or the error says what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.model.seats import ASKERS, CALLERS, CHANNEL_OF, COUNSELLORS, OBSERVERS, OFFICIALS, ORDER_OF_DECISION, check
from sim.model.state import Channel, Seat

ROOT = Path(__file__).parents[2]
PLAY = """
from sim import crisis
from sim.model.step import play_step
from sim.model.state import Seat, Option
decided, called = set(), False
for replicate in range(4):
    one = crisis("scenario=historical", seed=1, replicate=replicate)
    while one.running:
        one.step()
        decided.add(one.principals[Seat.GOVERNOR].option)
        called = called or one.state.caller[1] == Seat.GOVERNOR
print(one.ending.name, len(decided), called)
"""


def test_the_table_says_what_the_eight_do() -> None:
    leader, ruler, ministry, guard, administration, council, ambassador, mediator = range(8)
    assert (ministry, guard, administration, council, ambassador, leader, ruler, mediator) == ORDER_OF_DECISION
    assert (ministry, guard, administration, council, ambassador) == COUNSELLORS
    assert (ministry, administration, council, ambassador) == CALLERS
    assert (ruler, ministry, guard, administration, council, ambassador) == ASKERS
    assert (administration, council, ambassador) == OFFICIALS
    assert (*COUNSELLORS, mediator) == OBSERVERS
    assert [CHANNEL_OF[seat] for seat in (ruler, ministry, council, mediator)] == [
        Channel.RULER, Channel.DEPUTIES, Channel.OFFICIALS, Channel.MEDIATOR,
    ]  # fmt: skip


def test_a_seat_without_an_office_is_named() -> None:
    with pytest.raises(ValueError, match=r"MEDIATOR: no line in OFFICES of sim/model/seats.py"):
        check({seat: office for seat, office in _offices().items() if seat != Seat.MEDIATOR})


def _offices():  # type: ignore[no-untyped-def]
    from sim.model.seats import OFFICES

    return OFFICES


def _edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def _run(folder: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", PLAY], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def test_a_ninth_seat_calls_counsels_and_decides_or_the_error_says_what_is_missing(tmp_path: Path) -> None:
    """A governor, in a copy of the house: first half made, then whole."""
    for name in ("sim", "conf"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    _edit(tmp_path / "sim/model/state.py", "    MEDIATOR = 7\n", "    MEDIATOR = 7\n    GOVERNOR = 8\n")
    half = _run(tmp_path)
    assert "GOVERNOR: no line in OFFICES of sim/model/seats.py" in half.stderr
    mediator = "    Seat.MEDIATOR: Office(turn=7, channel=Channel.MEDIATOR),\n"
    governor = "    Seat.GOVERNOR: Office(turn=8, channel=Channel.OFFICIALS, rings=True, counsels=True, asks=True),\n"
    _edit(tmp_path / "sim/model/seats.py", mediator, mediator + governor)
    half = _run(tmp_path)
    assert half.returncode != 0
    assert "governor" in half.stderr, "the error names the seat whose file is missing"
    shutil.copy(tmp_path / "conf/actors/council.yaml", tmp_path / "conf/actors/governor.yaml")
    _edit(
        tmp_path / "conf/config.yaml",
        "  - actors@actors.mediator: mediator\n",
        "  - actors@actors.mediator: mediator\n  - actors@actors.governor: governor\n",
    )
    whole = _run(tmp_path)
    assert whole.returncode == 0, whole.stderr
    _, decided, called = whole.stdout.split()
    assert int(decided) >= 2, "it takes more than one option"
    assert called == "True"
