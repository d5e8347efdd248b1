"""Files that are there whole or not at all and outlive a power cut, and locks that one process at a time can have."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import RecordError, cause

if TYPE_CHECKING:
    from filelock import BaseFileLock

HALF = ".half"  # ending of a file that is still being written
NO_FOLDERS = {errno.EBADF, errno.EINVAL, errno.EACCES, errno.EPERM, errno.ENOTSUP}  # of systems that sync files only


class Held:
    """A lock that this process has; it ends with `close`, or with the process."""

    def __init__(self, lock: BaseFileLock) -> None:
        self._lock = lock

    def close(self) -> None:
        """Let others have it; the lock's file goes, where the system lets an open file go."""
        if self._lock.is_locked:
            # While it is still held: whoever opened the old file meanwhile sees that it is no more.
            with suppress(OSError):
                Path(self._lock.lock_file).unlink()
            self._lock.release()


def alone(path: Path, busy: str) -> Held:
    """The lock that the file `path` stands for, which one process at a time can have.

    Raises
    ------
    RecordError
        with the text `busy` when another has it (or this one, already), or when the file cannot be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise RecordError(busy) from error
    except (OSError, NotImplementedError) as error:
        raise RecordError(f"cannot lock {path} ({cause(error)}); choose a folder that can be written.") from error
    return Held(lock)


def sync(path: Path) -> None:
    """Return when a file's bytes are on the disk, and its name in the folder where the system can tell."""
    # Windows syncs no file that was opened for reading only.
    _sync(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder are on the disk, where the system can tell."""
    try:
        _sync(folder, os.O_RDONLY)
    except OSError as error:
        if error.errno not in NO_FOLDERS:
            raise


def _sync(path: Path, flags: int) -> None:
    opened = os.open(path, flags)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def whole(path: Path, *, synced: bool = True) -> Iterator[Path]:
    """A file beside `path` to write; it takes that name when the block ends without an error.

    By then it is on the disk, if `synced`. The file beside it goes where the block or the disk fails.
    """
    half = path.with_name(f"{path.name}{HALF}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield half
        if synced:
            _sync(half, os.O_RDWR | getattr(os, "O_BINARY", 0))
        half.replace(path)  # unlike rename it takes the place of an older file on every system
    except BaseException as error:
        with suppress(OSError):
            half.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None and error.errno is not None:
            raise OSError(error.errno, cause(error), str(path)) from error
        raise
    if synced:
        sync_folder(path.parent)
