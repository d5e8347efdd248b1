"""The files of a game: debrief as page, data and text, the log, and a digest of every state to replay it against."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim import results as record
from sim.classroom.debriefing.debrief_page import page
from sim.classroom.journal import replayed
from sim.classroom.room import Room
from sim.classroom.words import told
from sim.results.capsule import of_state
from sim.results.games import read_game
from sim.results.moves import MoveLog

PAGE = "debrief.html"
LOG = ("moves.jsonl", "moves.parquet", "states.json")
FILES = (PAGE, "debrief.json", "debrief.txt", *LOG)


def write(
    found: Mapping[str, Any], room: Room, log: MoveLog, folder: Path, *, teams: Mapping[str, str] | None = None,
    upto: int | None = None,
) -> None:  # fmt: skip
    """Write `FILES` into a folder that exists; one that `sim.results.directory` gives is whole or marked.

    Parameters
    ----------
    found : what `sim.classroom.debrief.debrief` made of the room
    teams : by seat, what the team is called on the page
    upto : number of the last move that the room has; None where it has all of the log
    """
    record.write_text(folder / PAGE, page(found, teams=teams))
    record.write_json(folder / "debrief.json", found)
    record.write_text(folder / "debrief.txt", told(found))
    write_log(room, log, folder, upto=upto)


def write_log(room: Room, log: MoveLog, folder: Path, *, upto: int | None = None) -> None:
    """Write `LOG` into a folder that exists: the moves, to the number `upto`, and the states that they came to."""
    log.export(folder, upto)
    record.write_json(folder / "states.json", {"header": log.header(), "turns": digests(room)})


def digests(room: Room) -> list[dict[str, Any]]:
    """SHA-256 of the state that each turn of the standing line opened with."""
    return [{"turn": turn.number, "sha256": of_state(turn.state.row())} for turn in room.turns]


def differing_turns(folder: Path | str) -> list[int]:
    """Turns whose state differs in any bit when moves.jsonl of a folder is played again; none under the same rules."""
    header, moves, told_turns = read_game(Path(folder))
    again = {entry["turn"]: entry["sha256"] for entry in digests(replayed(header, moves))}
    before = {entry["turn"]: entry["sha256"] for entry in told_turns}
    return sorted(turn for turn in again.keys() | before.keys() if again.get(turn) != before.get(turn))
