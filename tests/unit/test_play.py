"""`rubicon play`: a game from a list of moves, from typed lines, saved and gone on with."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from sim.classroom import journal as journals
from sim.classroom.seats import SeminarError
from sim.cli import main
from sim.studies.play.playing import details, forecast
from tests.conftest import same_bits

QUICK = ("samples=20", "continuations=20", "games=40")


def play(*words: str) -> int:
    return main(["play", *words, *QUICK])


def test_a_scripted_game_leaves_a_whole_directory(tmp_path: Path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    moves = '[hold,odds,"forecast negotiated_exit=0.7","negotiate offer",negotiate]'
    assert play("seat=mediator", "start_h=12", f"moves={moves}", "name=first") == 0
    told = capsys.readouterr().out
    assert "You are: Mediator" in told
    assert "Odds, as far as you can know" in told
    assert "=== Debrief ===" in told
    assert told.rstrip().endswith("results/play/historical/first")
    folder = tmp_path / "results" / "play" / "historical" / "first"
    summary = json.loads((folder / "summary.json").read_text())
    assert sum(summary["marks"].values()) == 3
    assert summary["forecasts"]["stated"] == 1
    files = {
        "config.yaml",
        "manifest.json",
        "debrief.json",
        "debrief.txt",
        "states.json",
        "moves.jsonl",
        "moves.parquet",
    }
    assert files <= {path.name for path in folder.iterdir()}
    lines = [json.loads(line) for line in (folder / "moves.jsonl").read_text().splitlines()]
    assert [line["option"] for line in lines if line["kind"] == "order"] == ["hold", "negotiate", "negotiate"]
    # The log makes the very states again whose digests were written down.
    from sim.results.capsule import of_state

    room = journals.replay(next((tmp_path / "results" / "seminar").glob("*.sqlite")))
    states = json.loads((folder / "states.json").read_text())["turns"]
    assert [entry["sha256"] for entry in states] == [of_state(state.row()) for state in room.states()]


def test_a_game_is_saved_and_gone_on_with(tmp_path: Path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "sys.stdin", io.StringIO("advance\nnonsense\nback x\ntell guard hello\nnegotiate\nback 5\nhold\nquit\n")
    )
    assert play("seat=leader", "start_h=5") == 0
    told = capsys.readouterr().out
    assert "'nonsense' is no command" in told
    assert "back wants the number of a turn" in told
    assert "leader has no line to 'guard'" in told
    assert not (tmp_path / "results" / "play").exists()
    saved = next((tmp_path / "results" / "seminar").glob("*.sqlite"))
    assert f"rubicon play resume={saved.relative_to(tmp_path)}" in told
    before = journals.replay(saved)
    assert [list(turn.orders) for turn in before.turns] == [[]] * 5 + [["leader"], []]
    monkeypatch.setattr("sys.stdin", io.StringIO("auto\nadvance\n"))
    assert play(f"resume={saved}") == 0
    assert "=== Debrief ===" in capsys.readouterr().out
    after = journals.replay(saved)
    assert after.over
    assert [same_bits(a.row(), b.row()) for a, b in zip(before.states(), after.states(), strict=False)] == [[]] * 7


def test_an_empty_input_is_a_game_of_the_model(tmp_path: Path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    from tests.conftest import crises, setting

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert play("seat=officials", "replicate=4", "name=alone") == 0
    assert "Ending:" in capsys.readouterr().out
    room = journals.replay(next((tmp_path / "results" / "seminar").glob("*.sqlite")))
    assert same_bits(crises(setting("scenario=historical"), 1, first=4), room.now.state.row()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("seat=king",), "give one of leader, ruler"),
        (("samples=0",), "whole number from 2"),
        (("turn_h=0.3",), "multiple of the step"),
        (("resume=nothing.sqlite",), "no game nothing.sqlite"),
        (("seminar=other",), "june_2023"),
        (("scenario=no_mediator",), "nobody sits"),
    ],
)
def test_a_mistake_is_one_sentence(words, told: str, tmp_path: Path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    assert main(["play", "moves=[]", *words]) == 2
    text = capsys.readouterr().err
    assert told in text
    assert "Traceback" not in text


def test_typed_details_and_odds_are_read() -> None:
    assert details(["terms=immunity+men", "offer", "men=0.5"]) == {"terms": "immunity+men", "offer": True, "men": 0.5}
    odds = forecast(["negotiated_exit=0.5", "crushed=0.1"])
    assert odds["rebels_win"] == pytest.approx(0.1)
    assert sum(odds.values()) == pytest.approx(1.0)
    for words in (["peace=1"], ["crushed=much"]):
        with pytest.raises(SeminarError):
            forecast(words)
