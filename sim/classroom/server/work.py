"""The long computations behind a room's pages: live odds, and the debrief. They run in threads of their own."""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from sim.classroom.debrief import Measure, debrief, snapshot
from sim.classroom.host import Host, Job
from sim.classroom.liveodds import Odds
from sim.classroom.room import Room, Turn
from sim.classroom.seats import CLASS_SEATS
from sim.classroom.worlds import true_odds
from sim.errors import UserError, cause
from sim.model.state import ENDINGS
from sim.results.moves import DiskRefuses
from sim.story.tension import shares

log = logging.getLogger("uvicorn.error")  # the one that the server prints


def fresh_odds(host: Host, turn: Turn, n: int) -> None:
    """Compute live odds of a turn from the true state with which it opened, and enter them."""
    ended = true_odds(host.room, turn.opened(), n)
    hour = turn.number * host.room.turn_h
    host.tell_odds(turn, Odds(turn.number, hour, dict(zip(ENDINGS, shares(ended).tolist(), strict=True)), n))


class Cancelled(Exception):
    """The server stops; nobody waits for this debrief any more."""


def make_debrief(host: Host, by: Measure, sizes: dict[str, Any], folder: Path) -> None:
    """Work out a room's debrief and write its files; how far it is stands in `host.job`, as do errors."""
    from sim.classroom.debriefing.files import write

    job = host.job

    def progress(done: int, total: int, what: str) -> None:
        if job.cancelled:
            raise Cancelled
        job.done, job.total, job.what = done, total, what
        host.changed()

    try:
        room, upto, teams = moment(host)
        numbers = {name: int(value) for name, value in sizes.items()}
        found = debrief(room, by, first=host.first, progress=progress, **numbers)
        with TemporaryDirectory(dir=folder.parent, prefix=".debrief-") as place:
            write(found, room, host.journal.log, Path(place), teams=teams, upto=upto)
            put(Path(place), folder)
        job.ready = True
    except (DiskRefuses, OSError) as error:
        log.exception("%s: the disk refuses the debrief", host.name)
        job.error = f"the disk takes nothing just now ({cause(error.__cause__ or error)}). Make room and try again."
    except UserError as error:
        job.error = str(error)
    except Cancelled:
        return
    except Exception as error:
        log.exception("%s: the debrief failed", host.name)
        job.error = f"a fault of the program ({type(error).__name__}); the game is safe in its log."
    finally:
        job.running = False
        host.changed(urgent=True)


def put(place: Path, folder: Path) -> None:
    """Move the files of a debrief to where they are read; its page comes last, for where it is the rest is too."""
    from sim.classroom.debriefing.files import FILES, PAGE

    folder.mkdir(exist_ok=True)
    (folder / PAGE).unlink(missing_ok=True)
    for name in (*(one for one in FILES if one != PAGE), PAGE):
        (place / name).replace(folder / name)


def current(host: Host, name: str) -> bytes:
    """A file of the log as it is now, the digests of its states included; DiskRefuses where it cannot be written."""
    from sim.classroom.debriefing.files import write_log

    room, upto, _ = moment(host)
    try:
        with TemporaryDirectory(dir=host.journal.path.parent, prefix=".log-") as place:  # what others do is not there
            write_log(room, host.journal.log, Path(place), upto=upto)
            return (Path(place) / name).read_bytes()
    except OSError as error:
        raise DiskRefuses(f"cannot write to {host.journal.path.parent} ({error}).") from error


class Moment(NamedTuple):
    """A room, the number of its last move, and what its teams are called, all of one moment."""

    room: Room
    upto: int
    teams: dict[str, str]


def moment(host: Host) -> Moment:
    """The room as it is now, whatever happens to it from here on."""
    with host.lock:
        sizes = {seat: len(host.book.team(seat)) for seat in CLASS_SEATS}
        teams = {seat: f"{size} people" for seat, size in sizes.items() if size > 1}
        return Moment(snapshot(host.room), host.journal.log.last(), teams)


def begin(host: Host) -> bool:
    """Mark a debrief as begun, and take back one that is published; False where one is being made."""
    with host.lock:
        if host.job.running:
            return False
        host.withdraw()
        host.job = Job(running=True)
        return True
