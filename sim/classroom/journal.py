"""A room whose every move is on the disk before it is acknowledged, and a room made again from its log."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.classroom.moves import Move, read_move
from sim.classroom.room import Room
from sim.classroom.seats import CLASS_SEATS, SeminarError
from sim.results import moves as files
from sim.results import stamp
from sim.scenario import Setting, build

FORMAT = 1
WAIT = "wait-"  # ids of the turns that pass before people take over


class Journal:
    """A room and its log. `accept` is the one way in: check, write, then play."""

    def __init__(self, room: Room, log: files.MoveLog, seen: Mapping[str, str] | None = None) -> None:
        self.room = room
        self.log = log
        self._seen = dict(seen or {})
        self._lock = threading.Lock()

    @property
    def path(self) -> Path:
        """The log's file."""
        return self.log.path

    @property
    def waited(self) -> int:
        """Turns that the model played before people took over."""
        return sum(id_.startswith(WAIT) for id_ in self._seen)

    def __contains__(self, id_: str) -> bool:
        """Whether a move of this id was taken."""
        return id_ in self._seen

    def accept(self, given: Mapping[str, Any]) -> bool:
        """Take a move given as plain data; False where it was taken before, which changes nothing.

        Raises
        ------
        SeminarError
            when the room cannot take it; RecordError when its id is another move's or the disk refuses.
            In either case nothing has changed.
        """
        move = read_move(given)
        with self._lock:
            if move.id in self._seen:
                if self._seen[move.id] != move.text():
                    raise SeminarError(f"the id {move.id!r} was used for another move; a new move needs a new id.")
                return False
            self.room.check(move)
            self.log.add(move.id, move.text(), stamp())
            self._seen[move.id] = move.text()
            self.room.apply(move)
        return True

    def close(self) -> None:
        """Close the log."""
        self.log.close()


def start(
    path: Path, setting: Setting, *, replicate: int = 0, turn_h: float = 1.0, seats: Iterable[str] = CLASS_SEATS
) -> Journal:
    """A new room with its log at `path`."""
    from sim.jit import source_hash

    room = Room(setting, replicate=replicate, turn_h=turn_h, seats=seats)
    header = {
        "format": FORMAT, "config": setting.settings.text, "overrides": list(setting.settings.overrides),
        "seed": setting.seed, "replicate": replicate, "turn_h": turn_h, "seats": sorted(room.open),
        "source_hash": source_hash(),
    }  # fmt: skip
    return Journal(room, files.create(path, header))


def resume(path: Path, setting: Setting | None = None) -> Journal:
    """The room of a log as it was when the last move was accepted, ready for the next.

    setting : the one that the log was begun with, where it is at hand; without, it is made again from the log
    """
    log = files.reopen(path)
    try:
        room, seen = _played(log.header(), log.moves(), setting)
    except BaseException:
        log.close()
        raise
    return Journal(room, log, seen)


def replay(path: Path) -> Room:
    """The room of a log: the same states bit for bit where the rules are the same."""
    log = files.reopen(path, write=False)
    try:
        return _played(log.header(), log.moves())[0]
    finally:
        log.close()


def setting_of(header: Mapping[str, Any]) -> Setting:
    """The setting a log was played in, rebuilt from the configuration it holds."""
    import yaml

    from sim.config import recompose

    if header.get("format") != FORMAT:
        raise SeminarError(f"this log has format {header.get('format')!r}; this version reads {FORMAT}.")
    settings = recompose(yaml.safe_load(header["config"]))
    return build(replace(settings, seed=int(header["seed"]), overrides=tuple(header["overrides"])))


def same_rules(header: Mapping[str, Any]) -> bool:
    """Whether this version's sources are those the log was played by."""
    from sim.jit import source_hash

    return bool(header["source_hash"] == source_hash())


def replayed(header: Mapping[str, Any], moves: Iterable[Mapping[str, Any]]) -> Room:
    """The room of a log that is given as plain data, such as a folder of results holds it."""
    return _played(header, moves)[0]


def _played(
    header: Mapping[str, Any], moves: Iterable[Mapping[str, Any]], setting: Setting | None = None
) -> tuple[Room, dict[str, str]]:
    room = Room(
        setting or setting_of(header), replicate=int(header["replicate"]), turn_h=float(header["turn_h"]),
        seats=header["seats"],
    )  # fmt: skip
    seen: dict[str, str] = {}
    for line in moves:
        move: Move = read_move({key: value for key, value in line.items() if key not in ("number", "at")})
        room.apply(move)
        seen[move.id] = move.text()
    return room, seen
