"""The long computations behind a room's pages: live odds, and the debrief. They run in threads of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sim.analysis.tension import shares
from sim.errors import UserError
from sim.seminar.debrief import Measure, debrief
from sim.seminar.host import Host, Job
from sim.seminar.seats import CLASS_SEATS
from sim.seminar.worlds import true_odds
from sim.state import ENDINGS


def fresh_odds(host: Host, n: int) -> None:
    """Compute live odds of the open turn from its true state, and enter them unless the room has gone on."""
    with host.lock:
        turn, moment, hour = replace(host.room.now), host.moment, host.room.hour  # an inject changes the turn itself
        now = host.room.now
    ended = true_odds(host.room, turn, n)
    if host.room.now is now:
        host.tell_odds(now, moment, hour, dict(zip(ENDINGS, shares(ended).tolist(), strict=True)), n)


class Cancelled(Exception):
    """The server stops; nobody waits for this debrief any more."""


def make_debrief(host: Host, by: Measure, sizes: dict[str, Any], folder: Path) -> None:
    """Work out a room's debrief and write its files; how far it is stands in `host.job`, as do errors."""
    from sim.seminar.paper.files import FILES, write

    job = host.job

    def progress(done: int, total: int, what: str) -> None:
        if job.cancelled:
            raise Cancelled
        job.done, job.total, job.what = done, total, what
        host.changed()

    try:
        found = debrief(host.room, by, progress=progress, **{name: int(value) for name, value in sizes.items()})
        teams = {seat: f"{len(host.book.team(seat))} people" for seat in CLASS_SEATS if len(host.book.team(seat)) > 1}
        with TemporaryDirectory(dir=folder.parent, prefix=".debrief-") as place:
            with host.lock:
                write(found, host.room, host.journal.log, Path(place), teams=teams)
            folder.mkdir(exist_ok=True)
            for name in FILES:  # whoever reads an older debrief meanwhile gets a whole one
                (Path(place) / name).replace(folder / name)
        job.ready = True
    except UserError as error:
        job.error = str(error)
    except Cancelled:
        return
    except Exception as error:
        job.error = f"a fault of the program ({type(error).__name__}: {error}); the game is safe in its log."
        raise
    finally:
        job.running = False
        host.changed(urgent=True)


def begin(host: Host) -> bool:
    """Mark a debrief as begun; False where one is being made."""
    with host.lock:
        if host.job.running:
            return False
        host.job = Job(running=True)
        return True
