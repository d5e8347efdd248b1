"""Server push: a rendering shared by many is never somebody else's, and one that failed is not kept."""

from __future__ import annotations

import asyncio
import json
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sim.catalog import option
from sim.classroom import chair, hall
from sim.classroom.host import Host
from sim.classroom.seats import CLASS_SEATS
from sim.classroom.server import feed as feeds
from sim.classroom.server.feed import PING, Feed, Shot
from tests.conftest import setting
from tests.web.driver import TREE

WORDS = option("labels", "en")


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    found = hall.create(tmp_path / "hall", setting("scenario=historical"), TREE, 1, 3).hosts[0]
    for seat in CLASS_SEATS:
        found.join(seat, "")
    chair.act(found, "start", "s", {})
    yield found
    found.close()


def data(event: bytes) -> Any:
    """What an event holds."""
    lines = dict(line.partition(": ")[::2] for line in event.decode().strip().split("\n"))
    return json.loads(lines["data"])


def test_who_is_moved_while_a_page_is_drawn_does_not_pass_the_old_one_on(host: Host) -> None:
    host.say(1, "m", "only for the mediator", "mediator")

    async def run() -> tuple[bytes, bytes]:
        with ThreadPoolExecutor(1) as pool:
            feed = Feed(host, "b", WORDS, pool)
            feed.start(asyncio.get_running_loop())
            sits, real = ["leader"], feed.shot

            async def moved_meanwhile(audience: str) -> Shot:
                found = await real(audience)
                sits[0] = "ruler"
                return found

            feed.shot = moved_meanwhile  # type: ignore[method-assign]
            his = feed.stream(lambda: f"seat:{sits[0]}")
            first = await anext(his)
            feed.shot = real  # type: ignore[method-assign]
            other = feed.stream(lambda: "seat:ruler")
            second = await anext(other)
            host.changed(urgent=True)
            third = await anext(his)
            assert data(third)["parts"] == data(second)["parts"], "the new seat is sent whole"
            return first, second

    first, second = asyncio.run(run())
    assert b"only for the mediator" in first
    assert b"only for the mediator" not in second


def test_a_drawing_that_failed_is_tried_again(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> Any:
        with ThreadPoolExecutor(1) as pool:
            feed = Feed(host, "b", WORDS, pool)
            feed.start(asyncio.get_running_loop())
            with monkeypatch.context() as broken:
                broken.setattr(feeds.render, "parts", failing)
                with pytest.raises(RuntimeError):
                    await anext(feed.stream(lambda: "wall"))
            return data(await anext(feed.stream(lambda: "wall")))

    assert asyncio.run(run())["parts"]["head"]


def failing(*_: Any, **__: Any) -> None:
    raise RuntimeError("once")


def test_only_what_is_new_is_sent_and_nothing_where_nothing_is(host: Host) -> None:
    async def run() -> tuple[list[Any], list[Any]]:
        with ThreadPoolExecutor(1) as pool:
            feed = Feed(host, "b", WORDS, pool)
            feed.start(asyncio.get_running_loop())
            guard, table = feed.stream(lambda: "seat:guard"), feed.stream(lambda: "table")
            seen = [data(await anext(guard))], [data(await anext(table))]
            host.say(1, "m", "secret", "ruler")
            seen[1].append(data(await anext(table)))
            with pytest.raises(TimeoutError):  # it is not even told that there is something
                await asyncio.wait_for(anext(guard), 0.5)
            guard = feed.stream(lambda: "seat:guard")
            seen[0].append(data(await anext(guard)))
            host.say(1, "p", "public")
            seen[0].append(data(await anext(guard)))
            return seen

    mine, all_ = asyncio.run(run())
    assert [view["version"] for view in mine] == [1, 1, 2]
    assert mine[0]["parts"] == mine[1]["parts"]
    assert list(mine[2]["parts"]) == ["said"]
    assert "said" in all_[1]["parts"]


class Inline(Executor):
    """Draws at once, so that no time passes but that of the loop's clock."""

    def submit(self, fn: Any, /, *args: Any, **more: Any) -> Any:
        out: Future[Any] = Future()
        try:
            out.set_result(fn(*args, **more))
        except BaseException as error:
            out.set_exception(error)
        return out


class Jumping(selectors.DefaultSelector):
    """Where a loop would wait, its clock jumps."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        found = super().select(0)
        if not found and timeout:
            self.now += timeout
        return found


def on_a_clock_of_its_own(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    selector = Jumping()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(work())
    finally:
        loop.close()


def heard(host: Host, audience: str, events: list[float], does: Callable[[int], Any], seconds: float) -> list[Any]:
    """When a client's events come, and what they are, while something is done at given times."""

    async def run() -> list[Any]:
        loop = asyncio.get_running_loop()
        feed = Feed(host, "b", WORDS, Inline())
        feed.start(loop)
        for k, at in enumerate(events):
            loop.call_at(at, does, k)
        out = []
        stream = feed.stream(lambda: audience)
        async for event in stream:
            out.append((round(loop.time(), 6), "ping" if event == PING else "view"))
            if loop.time() >= seconds:
                break
        await stream.aclose()  # type: ignore[attr-defined]
        host.listeners.remove(feed._changed)
        return out

    return list(on_a_clock_of_its_own(run))


def test_pings_come_by_the_clock_whatever_is_done_seen_or_unseen(host: Host) -> None:
    plain = [(10.0 * k, "ping") for k in range(1, 7)]

    def whisper(k: int) -> None:
        host.say(1, f"m{k}-{time.perf_counter_ns()}", "secret", "ruler")

    def speak(k: int) -> None:
        host.say(2, f"p{k}-{time.perf_counter_ns()}", "public")

    quiet = heard(host, "seat:guard", [], whisper, 60.0)
    assert quiet == [(0.0, "view"), *plain]
    unseen = heard(host, "seat:guard", [3.0, 9.95, 12.0, 19.99, 33.3, 40.0, 41.0], whisper, 60.0)
    assert unseen == quiet, "nothing of what is not shown shows, not even in when a ping comes"
    seen = heard(host, "seat:guard", [3.0, 9.95, 33.3], speak, 60.0)
    assert [one for one in seen if one[1] == "ping"] == plain
    assert len(seen) == len(quiet) + 3
