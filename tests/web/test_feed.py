"""Server push: a rendering shared by many is never somebody else's, and one that failed is not kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sim.catalog import option
from sim.seminar import chair, hall
from sim.seminar.host import Host
from sim.seminar.seats import CLASS_SEATS
from sim.web import feed as feeds
from sim.web.feed import Feed, Shot
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
