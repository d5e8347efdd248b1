"""What a sweep says of an axis is what its table says: every number at its place, the word as the values run."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from sim.model.state import ENDINGS
from sim.studies.sweep import effects as swept
from sim.studies.sweep.movement import Movement

AT = re.compile(r"([\d.]+) % at (-?[\w.]+?)(?=[,;.]?(?: |$))")
PLACE = re.compile(r"(?:at|most at|fewest at|more at|fewer at) (-?[\w.]+) \(([\d.]+) %\)")
GAP = re.compile(r"([+-][\d.]+) points, ([+-][\d.]+) to ([+-][\d.]+)")
WORDS = ("north", "south", "east", "west", "centre", "coast")
NUMBERS = (-0.1, 0.0, 0.1, 2.5, 10.0, 0.25, 7.0)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Any], list[int], int]:
    """Levels as they were given, how many runs ended so at each, and runs a level."""
    pool = draw(st.sampled_from([WORDS, NUMBERS]))
    levels = draw(st.lists(st.sampled_from(pool), min_size=2, max_size=6, unique=True))
    n = draw(st.sampled_from([1, 2, 7, 40, 400, 20_000, 2_000_000]))
    counts = draw(st.lists(st.integers(0, n), min_size=len(levels), max_size=len(levels)))
    if draw(st.booleans()):  # near each other, where words are hard
        counts = [min(n, counts[0] + round(x)) for x in draw(
            st.lists(st.floats(0, 4 * n**0.5), min_size=len(levels), max_size=len(levels)))]  # fmt: skip
    return levels, counts, n


def told(levels: list[Any], counts: list[int], n: int) -> Movement:
    """The sentence of a grid of one axis; numbers may be an option's, and then come as words."""
    column = np.array([str(level) for level in levels] if 0.25 in levels else levels, dtype=object)
    points = {"doctrine.tilt": column, "n": np.full(len(levels), n), "count_negotiated_exit": np.array(counts)}
    (found,) = swept.movements("grid", ["doctrine.tilt"], points, shared=True)
    return found


@given(tables())
@example(([-0.1, 0.0, 0.1], [894, 1062, 220], 2000))
@example(([0.1, -0.1, 0.0], [220, 894, 1062], 2000))
@example((["north", "south"], [21, 21], 40))
@example(([0.0, 0.1], [0, 10], 10))
@example(([2.5, 7.0], [1_050_000, 1_051_000], 2_000_000))
def test_words_and_numbers_are_those_of_the_table(table: tuple[list[Any], list[int], int]) -> None:
    levels, counts, n = table
    text = str(told(levels, counts, n))
    share = {f"{level:g}" if isinstance(level, float) else level: count / n
             for level, count in sorted(zip(levels, counts, strict=True), key=lambda pair: pair[0])}  # fmt: skip
    places = list(share)
    numbers = [*AT.findall(text), *((value, place) for place, value in PLACE.findall(text))]
    if not text.startswith("No difference"):
        assert len(numbers) >= 2, text
    for value, place in numbers:
        assert value == f"{100 * share[place]:.{len(value.partition('.')[2])}f}", (text, place)
    if text.startswith("No difference"):
        assert len({f"{100 * one:.1f}" for one in share.values()}) == 1, text
        return
    if text.startswith("Whether"):
        assert len({f"{100 * one:.1f}" for one in share.values()}) > 1, text
        return
    gap, low, high = (float(x) for x in GAP.findall(text)[0])
    assert -100 <= low <= gap <= high <= 100, text
    assert low > -1e-9 or high < 1e-9, text
    first, last, most, least = share[places[0]], share[places[-1]], max(share.values()), min(share.values())
    if " rise " in text or " fall " in text:
        assert (last > first) == (" rise " in text) == (gap > 0), text
        assert [place for _, place in numbers if place in (places[0], places[-1])][:2] == [places[0], places[-1]], text
        within = [share[place] for place in places[1:-1]]
        if within and (max(within) > max(first, last) or min(within) < min(first, last)):
            assert "is not told apart from" in text, text
    elif " peak " in text:
        inner = PLACE.findall(text)[0][0]
        assert inner in places[1:-1], text
        assert share[inner] == max(share[place] for place in places[1:-1]) > max(first, last), text
    elif " dip " in text:
        inner = PLACE.findall(text)[0][0]
        assert inner in places[1:-1], text
        assert share[inner] == min(share[place] for place in places[1:-1]) < min(first, last), text
    else:
        assert " differ " in text, text
        values = [share[place] for _, place in numbers]
        assert isinstance(levels[0], float) or (values[0], values[1]) == (most, least) or "more at" in text, text
        assert len({value for value, _ in numbers}) == 2, text


def test_one_point_and_several_are_told_alike() -> None:
    points = {f"count_{name}": np.array([4 if name == "crushed" else 2]) for name in ENDINGS}
    assert list(swept.leaders(points, np.array([False]))) == ["At the point no ending leads beyond chance."]
    assert list(swept.leaders(points, np.array([True]))) == ["Crushed leads beyond chance at the point."]


@given(tables(), st.randoms())
def test_the_order_in_which_levels_are_given_does_not_matter(
    table: tuple[list[Any], list[int], int], random: Any
) -> None:
    levels, counts, n = table
    if isinstance(levels[0], str):
        return
    pairs = list(zip(levels, counts, strict=True))
    random.shuffle(pairs)
    assert str(told(*map(list, zip(*pairs, strict=True)), n)) == str(told(levels, counts, n))
