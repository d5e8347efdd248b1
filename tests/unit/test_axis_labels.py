"""A number of the catalogue is named in full on each axis: no label is cut, leaves the page or lies on other text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.catalog import Parameter, catalogue
from sim.draw import draw
from sim.draw.style import Page, page
from sim.studies.sensitivity.figures import assumption_debt, morris_screening, sobol_indices
from sim.studies.sweep.figures.swept import Swept
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


LONGEST = sorted(NUMBERS, key=lambda path: -len(NUMBERS[path].about))[:15]
MEANT = {path: {"about": p.about, "grade": p.grade} for path, p in NUMBERS.items()}


def sobol(fig: Page, paths: list[str]) -> None:
    ax = fig.add_axes((*sobol_indices.PANELS[0][:1], sobol_indices.BOTTOM, 0.17, sobol_indices.HEIGHT))
    sobol_indices._bars(
        ax, [{"ST": 0.2, "ST_low": 0.1, "ST_high": 0.3, "S1": 0.1, "S1_low": 0.0, "S1_high": 0.2} for _ in paths]
    )
    sobol_indices._names(ax, paths, MEANT)


def morris(fig: Page, paths: list[str]) -> None:
    found = {path: {"moved": 0.3 + 0.02 * i, "uneven": 0.2 + 0.005 * i, "grade": "judgement", "low": 0.2, "high": 0.4,
                    "moved_low": 0.2, "moved_high": 0.4} for i, path in enumerate(paths)}  # fmt: skip
    ax = fig.add_axes((0.085, 0.15, 0.46, 0.62))
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 0.5)
    morris_screening._names(ax, found, paths, MEANT)


def debt(fig: Page, paths: list[str]) -> None:
    assumption_debt._debtors(fig, {"debt": 0.5, "debtors": dict.fromkeys(paths, 0.1)}, "share_crushed", MEANT)


@pytest.mark.parametrize(("named", "most"), [(sobol, sobol_indices.TOP), (morris, morris_screening.TOP),
                                             (debt, assumption_debt.TOP)])  # fmt: skip
def test_rows_name_numbers_in_full(named: Callable[[Page, list[str]], None], most: int) -> None:
    for count in (2, most):
        fig = page("a", "b", "c")
        named(fig, LONGEST[:count])
        boxes = [(text, box) for text, box in texts(fig) if any(letter.isalpha() for letter in text)]
        check_texts(boxes)
        shown = " ".join(text for text, _ in boxes).split()
        assert all(word in shown for path in LONGEST[:count] for word in NUMBERS[path].about.split())


def test_a_tornado_names_numbers_in_full() -> None:
    base = np.full((1 + 2 * len(LONGEST), len(LONGEST)), 5.0)
    for i in range(len(LONGEST)):
        base[1 + 2 * i, i], base[2 + 2 * i, i] = 1.0, 9.0
    columns = {path: base[:, i] for i, path in enumerate(LONGEST)}
    axes = {path: told(NUMBERS[path])[path] for path in LONGEST}
    boxes = texts(draw("tornado", points=table(columns), setting=make_setting(), axes=axes))
    check_texts(boxes)
    shown = " ".join(text for text, _ in boxes).split()
    assert all(word in shown for path in LONGEST for word in NUMBERS[path].about.split())
