"""A time limit for requests that are sent half: uvicorn has one for idle connections only."""

from __future__ import annotations

import asyncio
from typing import cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_S = 15.0  # from a connection's, or a further request's, first sign to the end of the request; 16 kB at most
COMING = (h11.IDLE, h11.SEND_BODY)


class TimedProtocol(H11Protocol):
    """Closes a connection whose request, head and body, is not whole in time; a byte now and then buys no more."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The first request is expected from now on."""
        super().connection_made(cast(asyncio.Transport, transport))
        self._late = self.loop.call_later(REQUEST_S, self._too_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is expected any more."""
        self._stop()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """After each piece that came, and after each answer: is a request begun and not whole?"""
        super().handle_events()
        begun = self.conn.their_state is h11.SEND_BODY or bool(self.conn.trailing_data[0])
        if self.conn.their_state not in COMING or not begun:
            self._stop()  # whole, or between two requests, where uvicorn's own limit holds
        elif self._late is None and not self.transport.is_closing():
            self._late = self.loop.call_later(REQUEST_S, self._too_late)

    def _stop(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _too_late(self) -> None:
        self._late = None
        self.transport.close()
