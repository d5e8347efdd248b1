"""Accepted moves outlive the process; a move sent twice counts once; the log can be taken away as text and table."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim import results as record
from sim.classroom import journal as journals
from sim.classroom.seats import SeminarError
from sim.results import moves as files
from tests.conftest import same_bits, setting

ROOT = Path(__file__).parents[2]
OF = setting("scenario=historical")
WRITER = """
import sys
from pathlib import Path
from sim.classroom import journal
game = journal.resume(Path(sys.argv[1]))
print("ready", flush=True)
count = len(game.log.moves())
while True:
    for seat, option in (("leader", "advance"), ("mediator", "negotiate")):
        body = {"kind": "statement", "seat": seat, "text": option} if game.room.over else \\
            {"kind": "order", "seat": seat, "option": option}
        count += 1
        move = {"id": f"m{count}", "turn": game.room.now.number, **body}
        game.accept(move)
        print(move["id"], flush=True)
    if not game.room.over and count % 6 == 0:
        count += 1
        game.accept({"id": f"m{count}", "turn": game.room.now.number, "kind": "resolve"})
        print(f"m{count}", flush=True)
"""


def test_kill_at_any_moment_loses_no_accepted_move(tmp_path: Path) -> None:
    path = tmp_path / "game.sqlite"
    journals.start(path, OF, replicate=3).close()
    acknowledged: list[str] = []
    for wait in (0.02, 0.11, 0.3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(wait)
        os.kill(writer.pid, signal.SIGKILL)
        # The last line may have been cut off by the kill; a whole one was acknowledged.
        acknowledged += [line.strip() for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        writer.wait()
        held = [move["id"] for move in files.reopen(path, write=False).moves()]
        assert held[: len(acknowledged)] == acknowledged
        assert len(held) <= len(acknowledged) + 1
        acknowledged = held
    assert len(acknowledged) > 4
    first, again = journals.replay(path), journals.replay(path)
    assert len(first.turns) > 1
    assert all(same_bits(a.row(), b.row()) == [] for a, b in zip(first.states(), again.states(), strict=True))


def test_a_move_sent_twice_counts_once_and_an_id_used_anew_is_refused(tmp_path: Path) -> None:
    game = journals.start(tmp_path / "game.sqlite", OF)
    move = {"id": "a", "kind": "order", "turn": 0, "seat": "guard", "option": "hold"}
    assert [game.accept(move), game.accept(dict(reversed(move.items())))] == [True, False]
    with pytest.raises(SeminarError, match="used for another move"):
        game.accept({**move, "option": "advance"})
    with pytest.raises(record.RecordError, match="used for another move"):
        game.log.add("a", "other", "now")
    assert len(game.log.moves()) == 1
    game.close()
    again = journals.resume(game.path)
    assert again.accept(move) is False
    again.close()


def test_what_the_room_refuses_is_not_in_the_log(tmp_path: Path) -> None:
    game = journals.start(tmp_path / "game.sqlite", OF, seats=("guard", "leader"))
    bad = (
        {"id": "1", "kind": "order", "turn": 4, "seat": "guard", "option": "hold"},
        {"id": "2", "kind": "order", "turn": 0, "seat": "ruler", "option": "hold"},
        {"id": "3", "kind": "message", "turn": 0, "seat": "leader", "to": "guard", "text": "x"},
        {"id": "4", "kind": "forecast", "turn": 0, "seat": "guard", "odds": {"crushed": 1.0}},
        {"id": "5", "kind": "statement", "turn": 0, "seat": "guard", "text": "x" * 3000},
        {"id": "", "kind": "resolve", "turn": 0},
        {"id": "6", "kind": "cheat", "turn": 0},
        {"id": "7", "kind": "resolve", "turn": True},
        {"id": "8", "kind": "resolve", "turn": 0, "seat": "guard"},
        {"id": "9", "kind": "order", "turn": 0, "seat": None, "option": "hold"},
        {"id": "\ud800", "kind": "resolve", "turn": 0},
        {"id": "11", "kind": "statement", "turn": 0, "seat": "guard", "text": "\ud800"},
        {"id": "12", "kind": "inject", "turn": 0, "event": "false_rumour", "nats": float("nan")},
        {"id": "13", "kind": "order", "turn": 0, "seat": "leader", "option": ["hold"]},
        {"id": "14", "kind": "order", "turn": 0, "seat": "leader", "option": "hold", "terms": [["men"]]},
        {"id": "15", "kind": ["order"], "turn": 0},
        {"id": "10", "kind": "inject", "turn": 0, "event": ["x"]},
    )
    for move in bad:
        with pytest.raises(SeminarError):
            game.accept(move)
    assert game.log.moves() == []
    game.close()


def test_a_log_only_grows_and_has_one_writer(tmp_path: Path) -> None:
    import sqlite3

    game = journals.start(tmp_path / "game.sqlite", OF)
    game.accept({"id": "a", "kind": "resolve", "turn": 0})
    with pytest.raises(record.RecordError, match="in use by another process"):
        files.reopen(game.path)
    with pytest.raises(record.RecordError, match="exists already"):
        files.create(game.path, {})
    for statement in ("delete from moves", "update moves set text = ''"):
        with sqlite3.connect(game.path) as db, pytest.raises(sqlite3.DatabaseError, match="only grows"):
            db.execute(statement)
    mode = game.log._db.execute("pragma journal_mode").fetchone(), game.log._db.execute("pragma synchronous").fetchone()
    assert mode == (("wal",), (2,))
    game.close()
    with pytest.raises(record.RecordError, match="no game"):
        journals.resume(tmp_path / "nothing.sqlite")
    (tmp_path / "text.sqlite").write_text("no database at all, but long enough to be looked at" * 20)
    with pytest.raises(record.RecordError, match="no log of a game"):
        journals.resume(tmp_path / "text.sqlite")


def test_the_log_goes_out_as_lines_and_as_a_table(tmp_path: Path) -> None:
    import duckdb

    game = journals.start(tmp_path / "game.sqlite", OF)
    game.accept({"id": "a", "kind": "statement", "turn": 0, "seat": "ruler", "text": "назад — 'back'"})
    game.accept({"id": "b", "kind": "resolve", "turn": 0})
    lines, table = game.log.export(tmp_path / "out")
    game.close()
    told = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert [(move["number"], move["id"], move["kind"]) for move in told] == [(1, "a", "statement"), (2, "b", "resolve")]
    assert told[0]["text"] == "назад — 'back'"
    rows = duckdb.execute(f"select number, turn, id, kind, seat, body from '{table}' order by number").fetchall()
    assert rows[0][:5] == (1, 0, "a", "statement", "ruler")
    assert json.loads(rows[0][5]) == {"text": "назад — 'back'"}
    assert rows[1][4] is None


def test_a_log_that_was_changed_is_not_gone_on_with_and_a_half_made_one_is_made_anew(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "game.sqlite"
    (tmp_path / "game.sqlite.half").write_bytes(b"of a kill while it was made")
    (tmp_path / "game.sqlite.sums").write_text("0 " + "a" * 64 + " header -1\n9 " + "b" * 64 + " resolve 8\n")
    game = journals.start(path, OF)
    for turn in range(2):
        game.accept({"id": f"s{turn}", "kind": "statement", "turn": turn, "seat": "ruler", "text": "as it was said"})
        game.accept({"id": f"r{turn}", "kind": "resolve", "turn": turn})
    game.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["game.sqlite", "game.sqlite.sums"]
    with sqlite3.connect(path) as db:
        db.execute("drop trigger no_change")
        db.execute("update moves set text = replace(text, 'was said', 'was not') where number = 3")
    db.close()
    with pytest.raises(record.RecordError, match=r"entry 3 \(statement, turn 1\) is not as it was .*delete game"):
        journals.resume(path)
    journals.replay(path)  # to look at it is no harm
    (tmp_path / "game.sqlite.sums").unlink()
    again = journals.resume(path)
    assert again.log.account.checked is None
    assert again.room.now.number == 2
    again.close()
    with sqlite3.connect(path) as db:
        db.execute("update moves set text = '{' where number = 4")
    db.close()
    for look in (journals.resume, journals.replay):
        with pytest.raises(record.RecordError, match=r"not as it was written|cannot be read"):
            look(path)
