"""What the routes of one server share: the hall, a feed a room, links, rates, and the threads that do the work."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from starlette.exceptions import HTTPException

from sim.catalog import option
from sim.classroom.debrief import Measure
from sim.classroom.hall import Hall, Who
from sim.classroom.host import Host
from sim.classroom.server.feed import Feed
from sim.classroom.server.guard import Rates
from sim.classroom.server.work import fresh_odds
from sim.results.moves import DiskRefuses

TICK_S, RETRY_S = 0.2, 5.0
log = logging.getLogger("uvicorn.error")  # the one that the server prints
MOST_STREAMS = 8  # open streams of one link
RATE, BURST = 5.0, 40.0  # requests of one link: a second, and at once
SAY_RATE, SAY_BURST = 0.5, 6.0  # statements and messages of one link
JOIN_RATE, JOIN_BURST = 5.0, 300.0  # joins of one room: a whole class may come at once
NEWCOMER_RATE, NEWCOMER_BURST = 1.0, 120.0  # joins from one address, which a school may share; less than a room takes
CODE_RATE, CODE_BURST = 2.0, 300.0  # typed codes, of one address: guessing 40 bits so would take 17,000 years


class Site:
    """See the module. `address` is what visitors type: scheme, host and port; `also` are others of the same server."""

    def __init__(self, hall: Hall, measure: Measure, address: str, build: str, also: Sequence[str] = ()) -> None:
        self.also = also
        self.hall = hall
        self.measure = measure
        self.address = address
        self.words = option("labels", str(hall.options["labels"]))
        self.renderers = ThreadPoolExecutor(2, "render")
        self.clocks = ThreadPoolExecutor(max(1, len(hall.hosts)), "clock")  # a room that is busy holds up no other
        self.model = ThreadPoolExecutor(1, "model")  # odds of all rooms take turns
        self.debriefs = ThreadPoolExecutor(1, "debrief")
        self.feeds = {host.name: Feed(host, build, self.words, self.renderers) for host in hall.hosts}
        self.rates = Rates(RATE, BURST)
        self.says = Rates(SAY_RATE, SAY_BURST)
        self.newcomers = Rates(NEWCOMER_RATE, NEWCOMER_BURST)
        self.joins = Rates(JOIN_RATE, JOIN_BURST)
        self.codes = Rates(CODE_RATE, CODE_BURST)
        self.streams: Counter[str] = Counter()
        self._tasks: list[asyncio.Task[None]] = []

    def feed(self, host: Host) -> Feed:
        """The feed of a room."""
        return self.feeds[host.name]

    def who(self, token: str, *kinds: str) -> Who:
        """What a link stands for; 404 where it is nothing of these kinds."""
        found = self.hall.who(token, *kinds)
        if found is None:
            raise HTTPException(404, "there is no such link; ask for the room's link again.")
        return found

    def url(self, kind: str, token: str) -> str:
        """A link as a visitor types it."""
        return f"{self.address}/{kind}/{token}"

    def links(self, host: Host) -> dict[str, Any]:
        """All links of a room, for its facilitator."""
        token = host.desk.token
        return {
            "join": self.url("join", token("join")), "wall": self.url("wall", token("wall")),
            "table": self.url("table", token("table")),
            "seats": {seat: self.url("join", token("sit", seat)) for seat in host.free_or_none()},
        }  # fmt: skip

    def qr(self, host: Host) -> str:
        """The join link as a QR code in SVG."""
        import segno

        code = segno.make(self.links(host)["join"], error="m", micro=False)
        return str(code.svg_inline(scale=4, border=2, dark="#1A2230", light="#ffffff", omitsize=True))

    def terminal_qr(self, host: Host) -> str:
        """The same for a terminal, in half blocks."""
        from io import StringIO

        import segno

        out = StringIO()
        segno.make(self.links(host)["join"], error="l", micro=False).terminal(out=out, compact=True, border=2)
        return out.getvalue()

    # life

    async def start(self) -> None:
        """Begin to keep time and to compute odds."""
        loop = asyncio.get_running_loop()
        for feed in self.feeds.values():
            feed.start(loop)
        self._tasks = [asyncio.create_task(self._keep(host)) for host in self.hall.hosts]

    def leave(self) -> None:
        """End all streams, so that the server can stop at once; called from its signal handler."""
        for feed in self.feeds.values():
            feed.leave()

    async def stop(self) -> None:
        """End the tasks and close the logs; what was accepted is on the disk already."""
        try:
            for task in self._tasks:
                task.cancel()
            for task in self._tasks:
                with suppress(asyncio.CancelledError):
                    await task
            for host in self.hall.hosts:
                host.job.cancelled = True
            for pool in (self.renderers, self.clocks, self.model, self.debriefs):
                pool.shutdown(wait=False, cancel_futures=True)
        finally:
            self.hall.close()

    async def _keep(self, host: Host) -> None:
        """Close turns that are due and keep the odds up to date, whatever fails once: the class goes on."""
        loop = asyncio.get_running_loop()
        counting: asyncio.Future[None] | None = None
        while True:
            try:
                await loop.run_in_executor(self.clocks, host.tick)
                if counting is not None and counting.done():
                    done, counting = counting, None
                    done.result()
                wanted = host.wants_odds() if counting is None else None
                if wanted is not None:
                    counting = loop.run_in_executor(
                        self.model, fresh_odds, host, wanted, int(self.hall.options["odds"])
                    )
            except DiskRefuses as error:
                log.error("%s: %s Trying again in %g s", host.name, error, RETRY_S)
                await asyncio.sleep(RETRY_S)
            except Exception:  # a fault of ours: told, and tried again
                log.exception("%s: the clock or the odds failed; trying again in %g s", host.name, RETRY_S)
                await asyncio.sleep(RETRY_S)
            await asyncio.sleep(TICK_S)
