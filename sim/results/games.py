"""Reading again what a game left in its folder: the setting, the moves and the digests of its states."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sim.errors import RecordError


def read_game(folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """Header, moves in order, and turn and sha256 of every state, of a folder; RecordError where it is none."""
    try:
        states = json.loads((folder / "states.json").read_text(encoding="utf-8"))
        lines = (folder / "moves.jsonl").read_text(encoding="utf-8").split("\n")  # a text may hold other line breaks
        return states["header"], [json.loads(line) for line in lines if line], states["turns"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordError(
            f"{folder} is no folder of a game ({error}); it must hold states.json and moves.jsonl as they were written."
        ) from error
