"""The figures of tension and hinges: drawn from real courses, and no label lies on another or leaves the page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.config import compose
from sim.draw import draw
from sim.draw.style import ENDINGS, Page
from sim.model.state import ENDINGS as NAMES
from sim.scenario import build
from sim.story.tension import shares
from sim.studies.hinge.verb import of_ensemble
from sim.studies.hinge.verb import of_run as hinges_of_run
from sim.studies.tension.courses import of_run
from sim.studies.tension.figures.tension import ending_code
from sim.studies.tension.tables import hours
from sim.studies.tension.verb import summary
from tests.unit.test_plots import check_texts, texts


def quiet(done: int) -> None:
    """No progress wanted."""


def clean(page: Page) -> None:
    boxes = texts(page)
    assert len(boxes) > 8
    check_texts(boxes)


@pytest.mark.parametrize(("scenario", "replicate"), [("historical", 17), ("core", 3), ("no_oka_line", 8)])
def test_the_tension_line(scenario: str, replicate: int) -> None:
    keys = ("continuations=200", "what_if=0", f"replicate={replicate}", f"scenario={scenario}")
    of = build(compose(keys, verb="tension"))
    course = of_run(of, replicate, every=1, n=200, m=0, progress=quiet)
    line: dict[str, Any] = {"hour": np.array(hours(course, of)), "km": course.km, "odds": shares(course.fates)}
    line |= {"line_km": of.params.D_line, **summary(course, of)}
    page = draw("tension", tension=line, setting=of.drawn(200))
    clean(page)
    first = line["turning_points"][0]
    assert f"hour {first['hour']:.1f}" in page.texts[0].get_text()


@pytest.mark.parametrize("many", [0, 12])
def test_the_hinges(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    few = ["forces.R0", "channels.k_st", "actors.leader.act_advance", "channels.mediator.guarantee"]
    monkeypatch.setattr("sim.studies.hinge.deviations.tried_numbers", lambda: few)
    of = build(compose(["grid=3"], verb="hinge"))
    found = of_ensemble(of, many) if many else hinges_of_run(of, 17)
    data = {**found["told"], "chart": found["chart"], "table": found["codes"], "rows": found["rows"], "dt": 0.5}
    clean(draw("hinges", hinges=data, setting=of.drawn(max(many, 1))))


def test_every_ending_is_found_by_its_name() -> None:
    assert [ending_code(name) for name in NAMES] == list(range(len(ENDINGS)))
