"""A number of the catalogue is named in full on each axis: no label is cut, leaves the page or lies on other text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.catalog import Parameter, catalogue
from sim.plots import draw
from sim.plots.swept import Swept
from tests.unit.test_plots import check_texts, make_setting, texts
from tests.unit.test_sweep_figures import STEPS, grid, option, table

NUMBERS = catalogue()
WIDTHS = (40, 48, 62)  # characters of a label, as the figures ask for them


def axis(p: Parameter) -> Swept:
    return Swept(p.path, p.about, p.unit, False, np.array([1.0, 2.0]), (1.0, 2.0))


def told(p: Parameter) -> dict[str, Any]:
    return {p.path: {"unit": p.unit, "about": p.about, "scale": "linear", "levels": None}}


def largest() -> list[str]:
    """Numbers whose labels need most room: for each width and number of lines the one with the longest line."""
    found: dict[tuple[int, int], tuple[int, str]] = {}
    for path, p in NUMBERS.items():
        for width in WIDTHS:
            lines = axis(p).title(width).splitlines()
            found[width, len(lines)] = max(found.get((width, len(lines)), (0, "")), (max(map(len, lines)), path))
    return sorted({path for _, path in found.values()})


def test_a_label_says_all_that_the_catalogue_says() -> None:
    for p in NUMBERS.values():
        for width in WIDTHS:
            title = axis(p).title(width)
            unit = f" ({p.unit})" if p.unit not in ("", "-") else ""
            assert title.split() == f"{p.about}{unit} {p.path}".split()
            assert max(map(len, title.splitlines())) <= max(width, len(p.path))


@pytest.mark.parametrize("path", largest())
def test_the_longest_labels_stay_on_the_page(path: str) -> None:
    p, other = NUMBERS[path], NUMBERS["clock.p_regroup"]
    for name, columns in (
        ("phase_diagram", grid(x=STEPS, y=STEPS[:4])), ("response_curves", grid(x=STEPS)),
        ("small_multiples", grid(x=STEPS, scenario=("historical", "core"))),
    ):  # fmt: skip
        names = {"x": path, "y": other.path if path != other.path else "forces.R0"}
        renamed = {names.get(key, key): column for key, column in columns.items()}
        axes = {key: told(NUMBERS[key])[key] if key in NUMBERS else option(key, ("historical", "core"))[key]
                for key in renamed}  # fmt: skip
        boxes = texts(draw(name, points=table(renamed), setting=make_setting(), axes=axes))
        check_texts(boxes)
        shown = " ".join(text for text, _ in boxes).split()
        assert [word for word in p.about.split() if word not in shown] == [], name
