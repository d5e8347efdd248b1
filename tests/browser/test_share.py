"""The six numbers of the odds form: whatever is typed or slid, they add up to 100. Runs the page's own script."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from sim.classroom.server import render

PLAY = """async (moves) => {
  const { moved, spread } = await import("/share.js");
  let shares = spread(100, [1, 1, 1, 1, 1, 1]), held = [];
  return moves.map(([index, value]) => {
    const before = held.filter((one) => one !== index);
    shares = moved(shares, index, value, held);
    held = [...before, index];
    return shares;
  });
}"""


@pytest.fixture(scope="module")
def played(browser: Any) -> Iterator[Any]:
    tab = browser.new_page()
    script = (render.STATIC / "share.js").read_text(encoding="utf-8")
    tab.route("**/*", lambda route: route.fulfill(
        body=script if route.request.url.endswith(".js") else "<!doctype html>",
        content_type="text/javascript" if route.request.url.endswith(".js") else "text/html",
    ))  # fmt: skip
    tab.goto("http://room.test/")
    yield lambda moves: tab.evaluate(PLAY, moves)
    tab.close()


def test_always_whole_and_a_hundred_and_what_was_set_is_what_was_asked(played: Any) -> None:
    rng = random.Random(7)
    moves = [(rng.randrange(6), rng.choice([0, 1, 50, 100, rng.randrange(101)])) for _ in range(2000)]
    for (index, value), shares in zip(moves, played(moves), strict=True):
        assert sum(shares) == 100
        assert all(isinstance(one, int) and 0 <= one <= 100 for one in shares)
        assert shares[index] == value


def test_what_was_set_stays_while_untouched_ones_can_give_way(played: Any) -> None:
    first, second, third = played([(2, 45), (4, 25), (0, 12)])
    assert first[2] == 45
    assert (second[2], second[4]) == (45, 25)
    assert (third[0], third[2], third[4]) == (12, 45, 25)
    assert played([(0, 60), (1, 30), (2, 70)])[-1][:3] == [0, 30, 70]  # the one set longest ago gives first


def test_a_number_out_of_bounds_or_not_a_number_is_kept_within(played: Any) -> None:
    assert played([(0, 250)])[0] == [100, 0, 0, 0, 0, 0]
    assert played([(0, -5)])[0][0] == 0
    assert sum(played([(0, None)])[0]) == 100
