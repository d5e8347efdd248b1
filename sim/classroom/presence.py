"""Who is here: connections of each member, and how long ago the last one closed. Has a lock of its own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

HERE_S = 30.0  # seconds after which somebody without a connection is not waited for


class Presence:
    """Counts connections; may be told from any thread, and never waits for the room."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._connected: Counter[int] = Counter()
        self._seen: dict[int, float] = {}

    def connect(self, number: int) -> None:
        """A page has opened a connection."""
        with self._lock:
            self._connected[number] += 1

    def disconnect(self, number: int) -> None:
        """It has closed."""
        with self._lock:
            self._connected[number] -= 1
            self._seen[number] = self._clock()

    def seen(self, number: int) -> None:
        """Somebody has just been heard of."""
        with self._lock:
            self._seen[number] = self._clock()

    def connections(self, number: int) -> int:
        """Open connections of somebody."""
        with self._lock:
            return self._connected[number]

    def here(self, number: int) -> bool:
        """Whether somebody is connected, or was a moment ago."""
        with self._lock:
            return self._connected[number] > 0 or self._clock() - self._seen.get(number, -HERE_S) < HERE_S
