"""Server push for one room: each audience's page is rendered once a change, whoever looks, and each client gets what is
new to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from concurrent.futures import Executor
from typing import Any, NamedTuple

from fastapi.sse import format_sse_event

from sim.classroom import views
from sim.classroom.host import Host
from sim.classroom.server import render
from sim.errors import UserError

PING_S = 10.0
GATHER_S = 0.1  # changes that are not urgent wait so long for others
MOST_KEPT = 8_000_000  # bytes of messages that a feed keeps for further clients
PING = format_sse_event(event="ping", data_str="1")


class Shot(NamedTuple):
    """What an audience sees, at a version of the room.

    number : rises only when the audience has something new, so that it tells nothing of what others do unseen
    """

    version: int
    number: int
    view: Mapping[str, Any]
    status: Mapping[str, Any]
    parts: Mapping[str, str]


NOTHING = Shot(-1, 0, {}, {}, {})


class Kept:
    """Texts by key, up to so many bytes in all; the oldest make room."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.bytes = 0
        self._texts: dict[Hashable, str] = {}

    def __len__(self) -> int:
        return len(self._texts)

    def get(self, key: Hashable) -> str | None:
        """The text of a key, if it is still there."""
        return self._texts.get(key)

    def put(self, key: Hashable, text: str) -> None:
        """Keep a text of ASCII, one byte a character; one that is longer than all there is room for is not kept."""
        self.bytes += len(text) - len(self._texts.pop(key, ""))
        self._texts[key] = text
        while self.bytes > self.most:
            self.bytes -= len(self._texts.pop(next(iter(self._texts))))


class Feed:
    """The streams of one room. All methods run on the server's loop; changes may come from any thread."""

    def __init__(self, host: Host, build: str, words: Mapping[str, Any], workers: Executor) -> None:
        self.host = host
        self.build = build
        self.words = words
        self._workers = workers
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bells: set[asyncio.Event] = set()
        self._leaving = False
        self._later: asyncio.TimerHandle | None = None
        self._shots: dict[str, asyncio.Task[Shot]] = {}
        self._last: dict[str, Shot] = {}
        self._texts = Kept(MOST_KEPT)
        host.listeners.append(self._changed)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listen on this loop."""
        self._loop = loop

    def leave(self) -> None:
        """End all streams: the server stops."""
        self._leaving = True
        self._changed(urgent=True)

    def status(self) -> dict[str, Any]:
        """The head of every page, now."""
        return views.status(self.host) | {"build": self.build}

    def status_of(self, shot: Shot) -> dict[str, Any]:
        """The head as it was for a shot, with the time that is left now."""
        left = self.host.timer.left
        return {**shot.status, "left_s": None if left is None else round(left, 1)}

    async def shot(self, audience: str) -> Shot:
        """The audience's parts as they are now; many who ask at once share one rendering."""
        task = self._shots.get(audience)
        if task is None or (task.done() and self._last.get(audience, NOTHING).version != self.host.version):
            task = asyncio.ensure_future(self._rendered(audience))
            self._shots[audience] = task
        return await asyncio.shield(task)

    async def _rendered(self, audience: str) -> Shot:
        before = self._last.get(audience, NOTHING)
        shot = await asyncio.get_running_loop().run_in_executor(self._workers, self._render, audience, before)
        self._last[audience] = shot
        return shot

    def _render(self, audience: str, before: Shot) -> Shot:
        page, _, seat = audience.partition(":")
        with self.host.lock:
            version = self.host.version
            of = getattr(views, page)
            view = of(self.host, seat) if seat else of(self.host)
            status = self.status()
        parts: Mapping[str, str] = render.parts("seat" if seat else page, v=view, s=status, t=self.words)
        # The same text stays the same object: comparing costs nothing.
        parts = {name: old if (old := before.parts.get(name)) == text else text for name, text in parts.items()}
        same = parts == before.parts and status | {"left_s": 0} == {**before.status, "left_s": 0}
        return Shot(version, before.number + (not same), view, status, parts)

    async def stream(self, audience: Callable[[], str], mine: Callable[[], Any] | None = None) -> AsyncIterator[bytes]:
        """Events for one client: a view at once and after each change, and pings, so that silence means a fault.

        Pings go by the clock alone: they neither wait for a change nor are put off by one, for a change that this
        client is not shown must not be told by a ping that comes late.

        audience : asked each time, for somebody may change seats; a UserError from it ends the stream
        mine : what this client alone is shown
        """
        clock = asyncio.get_running_loop().time
        bell = asyncio.Event()
        bell.set()
        self._bells.add(bell)
        due = clock() + PING_S
        views_ = self._views(bell, audience, mine)
        coming: asyncio.Future[bytes | None] | None = None
        try:
            while True:
                if coming is None:
                    coming = asyncio.ensure_future(anext(views_, None))
                await asyncio.wait({coming}, timeout=max(0.0, due - clock()))
                if clock() >= due:
                    due += PING_S
                    yield PING
                if coming.done():
                    told, coming = coming.result(), None
                    if told is None:
                        break
                    yield told
        except UserError as error:
            yield format_sse_event(event="gone", data_str=json.dumps({"error": str(error)}))
        finally:
            self._bells.discard(bell)
            if coming is not None:
                coming.add_done_callback(lambda one: one.cancelled() or one.exception())  # nobody waits for it
                coming.cancel()

    async def _views(
        self, bell: asyncio.Event, audience: Callable[[], str], mine: Callable[[], Any] | None
    ) -> AsyncIterator[bytes]:
        """The views of one client, one whenever there is something for it; ends when the server stops."""
        sent, told = NOTHING, None
        while True:
            await bell.wait()
            if self._leaving:
                return
            bell.clear()
            name = audience()
            shot = await self.shot(name)
            own = None if mine is None else mine()
            now = (name, shot.number, own, self.host.timer.mark)
            if now != told:  # what others do unseen must not show as a message without content either
                yield self._message(name, sent if told is not None and told[0] == name else NOTHING, shot, own)
                sent, told = shot, now
            if shot.version != self.host.version:  # it went on while this was drawn
                bell.set()

    def _message(self, audience: str, sent: Shot, shot: Shot, mine: Any) -> bytes:
        key = (audience, sent.number, shot.number)
        parts = self._texts.get(key)
        if parts is None:
            parts = json.dumps({name: text for name, text in shot.parts.items() if sent.parts.get(name) != text})
            self._texts.put(key, parts)
        own = "" if mine is None else f', "mine": {json.dumps(mine)}'
        status = json.dumps(self.status_of(shot))
        text = f'{{"version": {shot.number}, "status": {status}, "parts": {parts}{own}}}'
        return format_sse_event(event="view", id=str(shot.number), data_str=text)

    def _changed(self, urgent: bool) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring if urgent else self._ring_soon)

    def _ring_soon(self) -> None:
        if self._later is None and self._loop is not None:
            self._later = self._loop.call_later(GATHER_S, self._ring)

    def _ring(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
        for bell in self._bells:
            bell.set()
