"""Templates of the pages: one Jinja environment that escapes everything, and the few filters the pages share."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sim.classroom.server.bands import history
from sim.classroom.server.strip import strip
from sim.classroom.server.svg import road_map

HERE = Path(__file__).parent
STATIC = HERE / "static"


@cache
def environment() -> Environment:
    """Templates of the classroom and the explorer; a name that is missing is an error, not a blank."""
    made = Environment(
        loader=FileSystemLoader([HERE / "pages", HERE.parents[1] / "explorer"]),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {"percent": percent, "short": short}
    made.globals["strip"] = strip
    made.globals |= {"road_map": road_map, "odds_history": history}
    return made


def page(name: str, **values: Any) -> str:
    """A template with its values."""
    return environment().get_template(name).render(**values)


@cache
def names_of(page_: str) -> tuple[str, ...]:
    """Names of the parts of a page: the templates in its folder."""
    return tuple(sorted(path.name.removesuffix(".html.j2") for path in (HERE / "pages" / page_).glob("*.html.j2")))


def parts(page_: str, **values: Any) -> dict[str, Markup]:
    """Every part of a page with its values."""
    made = environment()
    return {name: Markup(made.get_template(f"{page_}/{name}.html.j2").render(**values)) for name in names_of(page_)}


def percent(share: float) -> str:
    """A share as whole percent.

    >>> percent(0.034), percent(0.0004), percent(0.0)
    ('3 %', '<1 %', '0 %')
    """
    return "<1 %" if 0.0 < share < 0.005 else f"{100 * share:.0f} %"


def short(title: str) -> str:
    """The title of a seat without what stands in brackets.

    >>> short("Officials (administration, ambassador)")
    'Officials'
    """
    return title.partition(" (")[0]


@cache
def palette() -> str:
    """The colours of the figures as CSS variables and classes, so that no page has its own."""
    from sim.draw.style import ENDINGS, FAINT, INK, MUTED, OPTIONS, WASH
    from sim.model.state import ENDINGS as ENDING_NAMES

    names = {"ink": INK, "muted": MUTED, "faint": FAINT, "wash": WASH}
    names |= {f"ending-{name}": mark.colour for name, mark in zip(ENDING_NAMES, ENDINGS, strict=True)}
    names |= {f"option-{mark.label}": mark.colour for mark in OPTIONS}
    root = ":root {\n" + "".join(f"  --{name}: {colour};\n" for name, colour in names.items()) + "}\n"
    fills = "".join(
        f".fill-{name} {{ fill: {colour}; }}\n.ground-{name} {{ background-color: {colour}; }}\n"
        for name, colour in names.items() if name.startswith(("ending", "option"))
    )  # fmt: skip
    return root + fills
