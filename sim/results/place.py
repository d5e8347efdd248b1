"""Where a run directory is filled and where it will stand: checked before the work, named when it is whole."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sim.errors import RecordError, cause, refused
from sim.names import is_device
from sim.results.disk import Held, alone, sync, sync_folder

UNFINISHED = ".unfinished"
LONGEST = 230  # bytes of a name: systems allow 255, and its lock and its unfinished folder have longer ones
NOT_IN_NAMES = '/\\:*?"<>|'  # refused somewhere: results may be copied to a system that takes them for a path
TAKEN = {errno.EEXIST, errno.ENOTEMPTY, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR}
DRAWN = ("figures", "stories")  # can be drawn again, so a power cut may have them


@dataclass
class Place:
    """Where a run directory is being filled, and where it will stand once whole."""

    working: Path
    final: Path


def check_name(name: str) -> None:
    """RecordError unless this can be the name of one folder on every system."""
    wrong = ""
    if any(sign in name for sign in "/\\") or name in (".", ".."):
        wrong = "is not the name of one folder; leave out slashes, or set the place with out=..."
    elif not name.isprintable() or any(sign in name for sign in NOT_IN_NAMES):
        wrong = f"has a sign that not every system takes; leave out {' '.join(NOT_IN_NAMES[2:])} and what is not seen."
    elif name != name.strip() or name.endswith("."):
        wrong = "begins or ends with a blank, or ends with a dot, which some systems drop; leave that out."
    elif is_device(name):
        wrong = "is a name that Windows keeps for a device; choose another."
    elif name.lower().endswith((UNFINISHED, ".lock")):
        wrong = f"ends as the folders and files of stopped jobs do ({UNFINISHED}, .lock); choose another."
    elif len(os.fsencode(name)) > LONGEST:
        wrong = f"is too long ({len(os.fsencode(name))} bytes); give at most {LONGEST}."
    if wrong:
        raise RecordError(f"name={name if len(name) < 60 else name[:50] + '...'!s} {wrong}".replace("\n", " "))


def check_folder(folder: Path) -> list[Path]:
    """Make a folder and see that it takes files; RecordError where it does not. Returns what it made, inmost first."""
    made = []
    try:
        made = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".{uuid.uuid4().hex}"
        probe.touch()
        probe.unlink()
    except (OSError, ValueError) as error:
        _remove(made)
        raise refused(error, folder) from error
    return made


def _remove(made: list[Path]) -> None:
    """Take folders away again that turned out not to be needed."""
    with suppress(OSError, ValueError):  # one that holds something stays, and those around it
        for path in made:
            path.rmdir()


def check_place(base: Path, name: str | None) -> None:
    """RecordError where `directory` would be refused: a bad or taken name, a folder that cannot be written."""
    _remove(_checked(base, name))


def _checked(base: Path, name: str | None) -> list[Path]:
    """The same, leaving the folders that had to be made: these."""
    if name:
        check_name(name)
        _check_free(base / name)
    return check_folder(base)


def _check_free(final: Path) -> None:
    if os.path.lexists(final):
        raise RecordError(f"{final} exists already; choose another name=..., or move or delete that folder first.")


@contextmanager
def directory(base: Path, name: str | None) -> Iterator[Place]:
    """A folder to fill; it gets its final name only when the block ends without an error.

    Enter the block before the work: what stands in the way of the folder is found there. Within it
    a closed terminal stops nothing.

    Parameters
    ----------
    base : parent, e.g. results/run/historical; made if missing
    name : final name; None takes the time, with a suffix where two runs share a second

    Raises
    ------
    RecordError
        when `name` is bad, taken, or being written by another process, or the disk refuses. What was
        written before an error stays, under its unfinished name.
    """
    made = _checked(base, name)
    final = base / (name or datetime.now().strftime("%Y-%m-%d_%H-%M-%S"))
    held = _claimed(final) if name else None
    try:
        place = Place(base / f"{final.name}-{uuid.uuid4().hex[:6]}{UNFINISHED}", final)
        with _filled(place, new=True):
            yield place
        _settle(place, named=bool(name))
    finally:
        if held is not None:
            held.close()
        _remove(made)  # empty only where nothing was kept


@contextmanager
def again(working: Path, final: str, *, named: bool = False) -> Iterator[Place]:
    """The unfinished folder of a stopped job, to fill further; it gets its final name at the end of the block."""
    if not working.is_dir():
        raise RecordError(f"there is no folder {working}; give the one ending in {UNFINISHED} that the job left.")
    check_name(final)
    place = Place(working, working.parent / final)
    if named:
        _check_free(place.final)
    check_folder(working)
    with _filled(place, new=False):
        yield place
    _settle(place, named=named)


def _claimed(final: Path) -> Held:
    """The lock of a name that no other process may take meanwhile."""
    held = alone(
        final.with_name(f".{final.name}.lock"),
        f"another process is writing {final} just now; choose another name=..., or wait for it.",
    )
    try:
        _check_free(final)  # it may have ended between the look and the lock
    except BaseException:
        held.close()
        raise
    return held


@contextmanager
def _filled(place: Place, *, new: bool) -> Iterator[None]:
    """The block in which a folder is filled: errors of the disk in one sentence, and no empty folder left behind."""
    try:
        if new:
            place.working.mkdir()
        with _through_hangup():
            yield
    except BaseException as error:
        kept = _kept(place.working) if new else True
        if isinstance(error, OSError):
            what = f" What was written before is in {place.working}." if kept else ""
            raise RecordError(f"{refused(error, place.working)}{what}") from error
        raise


def _kept(working: Path) -> bool:
    """Whether a folder that was not finished holds anything worth keeping; where not, it goes."""
    with suppress(OSError):
        if all(path.name == "config.yaml" for path in working.iterdir()):
            shutil.rmtree(working, ignore_errors=True)
    return working.is_dir()


@contextmanager
def _through_hangup() -> Iterator[None]:
    """Within the block the process does not end because its terminal was closed."""
    hangup = getattr(signal, "SIGHUP", None)  # Windows has none
    if hangup is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(hangup, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(hangup, signal.SIG_DFL if before is None else before)


def _settle(place: Place, *, named: bool) -> None:
    """Give the working folder its final name; one that was not asked for by name may get a suffix."""
    taken = place.final
    try:
        _sync_all(place.working)
        while not _renamed(place.working, place.final):
            if named:
                raise RecordError(f"{taken} was taken while this ran; the results are complete in {place.working}.")
            place.final = taken.with_name(f"{taken.name}-{uuid.uuid4().hex[:4]}")
        sync_folder(taken.parent)
    except OSError as error:
        raise RecordError(
            f"cannot name {taken} ({cause(error)}); the results are complete in {place.working}."
        ) from error


def _sync_all(working: Path) -> None:
    """See that the tables and numbers are on the disk before the folder says that they are."""
    for path in working.rglob("*"):
        if path.is_file() and path.relative_to(working).parts[0] not in DRAWN:
            sync(path)


def _renamed(working: Path, final: Path) -> bool:
    """Give a folder its final name; False when that name is taken."""
    if os.path.lexists(final):
        return False
    try:
        working.rename(final)
    except OSError as error:  # somebody was quicker: systems say so in different ways
        if error.errno in TAKEN and os.path.lexists(final):
            return False
        raise
    return True
