"""Figures of a directory, put into the page as data: nothing is loaded when it is opened."""

from __future__ import annotations

import base64
import re
from html import unescape
from pathlib import Path

from sim.report.parts import Figure, words

# A drawing of many points is larger as SVG than as pixels; above this the pixels are taken.
NOTHING_DRAWN = b"nothing to draw"  # as sim.draw.style writes it into a page that has only a sentence
HEAD = 4000  # bytes in which it stands
MOST_SVG = 350_000  # bytes
KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
# matplotlib writes each text as a comment before its outlines; the page's own stand at the first level.
TEXTS = re.compile(r'^  <g id="text_\d+">\n\s*<!-- (.*?) -->', re.MULTILINE | re.DOTALL)


def figures(folder: Path) -> list[Figure]:
    """Every figure of a directory's figures/ and stories/, in the order of the registry and then of the names."""
    from sim.draw import FIGURES, STUDY_FIGURES

    about = {name: text for name, (_, text) in {**FIGURES, **STUDY_FIGURES}.items()}
    order = {name: place for place, name in enumerate(about)}
    found: dict[str, dict[str, Path]] = {}
    for place in (folder / "figures", folder / "stories"):
        for path in sorted(place.glob("*")):
            if path.suffix in KINDS and path.is_file() and NOTHING_DRAWN not in path.read_bytes()[:HEAD]:
                found.setdefault(path.stem, {})[path.suffix] = path
    names = sorted(found, key=lambda name: (order.get(_root(name, order), len(order)), name))
    return [_figure(name, found[name], about.get(_root(name, order), words(name))) for name in names]


def _root(name: str, known: dict[str, int]) -> str:
    """The registered name of a numbered figure: `parting_2` is a `parting`."""
    return name if name in known else re.sub(r"_\d+$", "", name)


def _figure(name: str, files: dict[str, Path], about: str) -> Figure:
    svg, png = files.get(".svg"), files.get(".png")
    small = svg is not None and svg.stat().st_size <= MOST_SVG
    chosen = svg if svg is not None and (small or png is None) else png
    assert chosen is not None
    told = _texts(svg) if svg is not None else []
    headline = told[0] if told else ""
    alt = ". ".join(part.rstrip(".") for part in [headline, *told[1:2], about] if part) + "."
    data = base64.b64encode(chosen.read_bytes()).decode("ascii")
    caption = f"{headline}. {about[:1].upper()}{about[1:]}." if headline else f"{about[:1].upper()}{about[1:]}."
    return Figure(name, f"data:{KINDS[chosen.suffix]};base64,{data}", alt, caption)


def _texts(path: Path) -> list[str]:
    """Headline, subtitle and small print of a figure that this program drew."""
    return [
        " ".join(unescape(text).split()) for text in TEXTS.findall(path.read_text(encoding="utf-8", errors="replace"))
    ]
