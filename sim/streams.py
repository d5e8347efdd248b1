"""Standard output and error as the command line needs them: each failure known for what it is."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import Any

from sim.errors import UserError, cause

GONE = {errno.EPIPE, errno.EIO, errno.ENXIO, errno.ENOTCONN, errno.ECONNRESET, errno.EBADF}


class ReaderGone(Exception):
    """Whoever read the standard output (`| head`, a terminal) has gone; nobody is left to tell."""


class OutputError(UserError):
    """Standard output cannot be written, as on a full disk."""


class Stream:
    """A text stream that raises `ReaderGone` or `OutputError`, or is `patient` and drops what nobody can read."""

    def __init__(self, stream: Any, *, patient: bool) -> None:
        self._stream, self._patient = stream, patient
        self.failed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._stream)

    def write(self, text: str) -> int:
        """Write text; returns its length."""
        try:
            if not self.failed:
                self._stream.write(text)
        except (OSError, ValueError) as error:
            self._fail(error)
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write one text after another."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Hand on what waits in the buffer."""
        try:
            if not self.failed:
                self._stream.flush()
        except (OSError, ValueError) as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, ValueError) and not self._stream.closed:
            raise error
        self.failed = True
        self._mute()
        if self._patient:
            return
        if isinstance(error, OSError) and error.errno not in GONE:
            raise OutputError(
                f"standard output cannot be written ({cause(error)}); make room, or send it elsewhere."
            ) from error
        raise ReaderGone from error

    def _mute(self) -> None:
        """Let Python's own flush at the end write into nothing; it would complain once more."""
        if self._stream in (sys.__stdout__, sys.__stderr__):
            with suppress(OSError, ValueError):
                nothing = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nothing, self._stream.fileno())
                os.close(nothing)


@contextmanager
def steady() -> Iterator[None]:
    """Within the block `sys.stdout` and `sys.stderr` are `Stream`s, of something that can be written to."""
    before = sys.stdout, sys.stderr
    _open_closed()
    for stream in (sys.stdout, sys.stderr):
        if stream in (sys.__stdout__, sys.__stderr__) and isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a sign that the terminal lacks is no reason to stop
    sys.stdout, sys.stderr = Stream(sys.stdout, patient=False), Stream(sys.stderr, patient=True)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _open_closed() -> None:
    """Something in the place of a stream that was closed (`>&-`): files opened later would get its number."""
    for name, number in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)
            if nothing < number:
                os.dup2(nothing, number)
            setattr(sys, name, os.fdopen(max(nothing, number), "w", encoding="utf-8", closefd=False))
