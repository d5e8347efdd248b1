"""The clock on the wall for a turn: it runs, is paused, is extended, and runs out."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST_S = 7200.0


class Timer:
    """Counts a turn's seconds down. `seconds` None means that turns have no limit."""

    def __init__(self, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._until: float | None = None
        self._left = seconds

    @property
    def running(self) -> bool:
        """Whether time goes by."""
        return self._until is not None

    @property
    def left(self) -> float | None:
        """Seconds left, not below 0; None without a limit."""
        until = self._until  # read once: another thread may pause meanwhile
        return self._left if until is None else max(0.0, until - self._clock())

    @property
    def mark(self) -> tuple[float | None, float | None]:
        """The same as long as the clock goes on as it was set: when it runs out, and what it had left when set."""
        return self._until, self._left

    @property
    def due(self) -> bool:
        """Whether the turn's time has run out."""
        return self._until is not None and self._clock() >= self._until

    def reset(self, run: bool) -> None:
        """The whole time again, running or waiting."""
        self._until, self._left = None, self.seconds
        if run:
            self.go()

    def go(self) -> None:
        """Let time go by."""
        if self._left is not None and self._until is None:
            self._until = self._clock() + self._left

    def pause(self) -> None:
        """Hold it."""
        self._left, self._until = self.left, None

    def extend(self, seconds: float) -> None:
        """Add (or take) seconds for this turn."""
        left = self.left
        if left is None:
            return
        left = min(max(left + seconds, 0.0), LONGEST_S)
        if self._until is None:
            self._left = left
        else:
            self._until = self._clock() + left
