"""Figures: they hold for the usual run and for the odd one, and no label lies on another."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import sim
from sim.draw import FIGURES, FigureError, draw, load, needs
from sim.draw.labels import spread
from sim.draw.style import Page, percent
from sim.stats.estimates import kaplan_meier, wilson
from sim.studies.replay.figures.story import chosen
from sim.studies.run.figures.choice_shares import shares
from sim.studies.run.figures.column_fan import carried
from sim.studies.run.figures.deaths import bins
from sim.studies.run.figures.endings_over_time import incidence
from sim.studies.run.figures.outcome_shares import takeaway
from sim.studies.run.figures.route_map import density

HORIZON = 48.0
TOWNS = [
    ("Moscow", 55.75, 37.62, 0),
    ("Ring road", 55.58, 37.7, 22),
    ("Oka bridge at Kashira", 54.86, 38.08, 118),
    ("Bogoroditsk", 53.78, 38.13, 235),
    ("Yefremov", 53.15, 38.12, 310),
    ("Krasnoye", 52.86, 38.78, 375),
    ("Yelets", 52.62, 38.5, 385),
    ("North border of Voronezh region", 52.0, 39.0, 464),
    ("Voronezh", 51.67, 39.18, 515),
    ("Pavlovsk", 50.46, 40.11, 660),
    ("Boguchar", 49.94, 40.56, 740),
    ("South border of Voronezh region", 49.5, 40.3, 777),
    ("Rostov-on-Don", 47.24, 39.7, 1070),
]
SEATS = ["Leader", "Ruler", "Ministry", "Guard", "Administration", "Council", "Ambassador", "Mediator"]
TRACK = [(3, 777, "B"), (7, 690, "C"), (10.5, 590, "B"), (15, 515, "B"), (18.5, 375, "A"), (23.3, 200, "C")]


def make_setting(**changes: Any) -> dict[str, Any]:
    towns = [dict(zip(("name", "lat", "lon", "road_km"), town, strict=True)) for town in TOWNS]
    track = [dict(zip(("hour", "km", "grade"), point, strict=True)) for point in TRACK]
    halt = {"km": 200, "low": 120, "high": 370}
    usual = {"scenario": "historical", "n": 20000, "seed": 1, "line_km": 118, "seats": SEATS, "horizon_h": HORIZON}
    return usual | {"towns": towns, "track": track, "halt": halt} | changes


def make_runs(n: int = 4000, ending: int | None = None, deadly: bool = True) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    outcome = rng.choice(6, n, p=[0.05, 0.08, 0.55, 0.10, 0.20, 0.02]) if ending is None else np.full(n, ending)
    centre = np.array([27, 20, 22, 20, 27, 48])[outcome]
    duration = np.where(outcome == 5, HORIZON, np.clip(np.round(rng.normal(centre, 3.5) * 2) / 2, 4, 47.5))
    reached = np.clip(rng.normal(np.array([0, 200, 215, 320, 118, 150])[outcome], 70), 118, 760)
    closest = np.where(outcome == 0, 0.0, np.where(outcome == 4, 118.0, reached))
    median = np.array([90, 15, 13, 25, 300, 150])[outcome]
    dead = rng.lognormal(np.log(median), 0.7) * (rng.random(n) > 0.15) if deadly else np.zeros(n)
    deal = outcome == 2
    breach = np.where(deal & (rng.random(n) < 0.6), 1 + rng.geometric(0.08, n) % 26, -1)
    eroded = np.where(deal & (rng.random(n) < 0.9), rng.integers(1, 8, n), -1)
    blank = np.full(n, np.nan)
    return {
        "outcome": outcome, "duration_h": duration, "closest_km": closest, "deaths": dead,
        "settled_channel": np.where(deal, rng.choice(4, n, p=[0.05, 0.04, 0.9, 0.01]), -1),
        "terms": np.where(deal, 0.23, np.nan), "mediator_entered_h": blank, "leader_sought_ruler_h": blank,
        "ruler_refused": np.zeros(n, int), "deal_kept": np.where(deal, breach < 0, -1), "breach_week": breach,
        "eroded_week": eroded, "minister_week": np.where(rng.random(n) < 0.13, 9, -1),
    }  # fmt: skip


def make_paths(m: int = 400, stop: float | None = None) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(8)
    hour = np.arange(0, HORIZON + 0.5, 0.5)
    speed = rng.normal(33, 5, (m, 1)).clip(20)
    km = np.maximum(780 - speed * np.maximum(hour - 3.5, 0), rng.choice([0, 118, 118], (m, 1))).clip(0)
    over = hour > (rng.normal(22, 5, (m, 1)).clip(5, 60) if stop is None else np.full((m, 1), stop))
    drift = 1 / (1 + np.exp(-(hour - 19 + rng.normal(0, 3, (m, 8, 1))) / 2.5))
    weights = np.stack([1.1 - drift, 0.35 + 0 * drift, drift, 0.06 + 0 * drift], axis=-1)
    weights[:, 1:] = weights[:, 1:, :, [1, 0, 2, 3]]
    option = (rng.random((m, 8, len(hour), 1)) > (weights / weights.sum(-1, keepdims=True)).cumsum(-1)).sum(-1)
    option = np.where(over[:, None] | (hour < 0.5), -1, option.clip(0, 3)).transpose(0, 2, 1).astype(np.int8)
    public = np.where(over, np.nan, 0.35 + 0 * km)
    return {"hour": hour, "km": np.where(over, np.nan, km), "public": public, "option": option,
            "belief": np.repeat(public[:, :, None], 8, 2), "line": 7 * np.clip((hour - 8) / 20, 0, 1)}  # fmt: skip


def make_story(events: int = 24, hours: float = 23.5) -> dict[str, Any]:
    rng = np.random.default_rng(9)
    hour = np.arange(0, hours + 0.5, 0.5)
    t = len(hour)
    prob = rng.dirichlet([4, 3, 2, 0.5], (t, 8))
    texts = ["calls the ruler and is refused: the treason address stands", "drives on", "asks the mediator to step in",
             "takes the town without a shot and leaves a garrison behind to hold the road"]  # fmt: skip
    kinds = ["call", "march", "mediation", "march"]
    times = hours * ((np.arange(events) + 0.5) / max(events, 1)) ** 0.5
    log = [{"hour": h, "seat": SEATS[i % 8], "kind": kinds[i % 4], "text": texts[i % 4]} for i, h in enumerate(times)]
    belief = np.clip(0.5 + np.cumsum(rng.normal(-0.005, 0.03, (t, 8)), axis=0), 0.02, 0.98)
    return {"hour": hour, "km": 780 - 34.0 * np.maximum(hour - 3.5, 0), "public": belief.mean(1), "belief": belief,
            "prob": prob, "option": prob.argmax(-1), "events": log, "ending": 2,
            "line": 7 * np.clip((hour - 8) / 20, 0, 1), "setting": make_setting()}  # fmt: skip


CASES: dict[str, dict[str, Any]] = {
    "usual": {},
    "one_ending": {"runs": make_runs(ending=4)},
    "no_deaths": {"runs": make_runs(deadly=False)},
    "one_run": {"runs": make_runs(1), "paths": make_paths(1)},
    "early_end": {"paths": make_paths(stop=6.0), "story": make_story(2, 2.0)},
    "many_events": {"story": make_story(90)},
    "no_events": {"story": make_story(0)},
    "no_line": {"paths": make_paths() | {"line": np.zeros(97)}},
    "elsewhere": {"setting": make_setting(scenario="another_march", track=[], halt={})},
}


def data(case: str) -> dict[str, Any]:
    usual = {"runs": make_runs(), "paths": make_paths(), "setting": make_setting(), "story": make_story()}
    return usual | CASES[case]


def texts(fig: Figure) -> list[tuple[str, Any]]:
    """Every piece of text that shows, with its box in pixels; labels of ticks out of view do not show."""
    renderer = FigureCanvasAgg(fig).get_renderer()  # type: ignore[no-untyped-call]
    fig.draw(renderer)
    hidden = set()
    for axis in (axis for ax in fig.axes for axis in (ax.xaxis, ax.yaxis)):
        low, high = sorted(axis.get_view_interval())
        hidden |= {t.label1 for t in axis.get_major_ticks() if not low <= t.get_loc() <= high}
    found = [text for text in fig.findobj(Text) if isinstance(text, Text) and text.get_visible()]
    shown = [text for text in dict.fromkeys(found) if text.get_text().strip() and text not in hidden]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in shown]


TOUCHED = [(name, case) for name in FIGURES for case in CASES if not CASES[case] or set(CASES[case]) & set(needs(name))]


@pytest.mark.parametrize(("name", "case"), TOUCHED)
def test_figure_is_drawn_and_no_text_overlaps_or_leaves_the_page(name: str, case: str) -> None:
    boxes = texts(draw(name, **data(case)))
    assert len(boxes) >= 4
    check_texts(boxes)


def check_texts(boxes: list[tuple[str, Any]]) -> None:
    """No text of a figure leaves the page or lies on another."""
    for text, box in boxes:
        assert min(box.x0, box.y0) >= 0, f"{text!r} leaves the page"
        assert box.x1 <= 1281, f"{text!r} leaves the page"
        assert box.y1 <= 721, f"{text!r} leaves the page"
    for (one, a), (other, b) in combinations(boxes, 2):
        across, down = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across <= 1.5 or down <= 2.5, f"{one!r} lies on {other!r}"


@pytest.mark.parametrize("name", FIGURES)
def test_global_settings_are_untouched_and_do_not_matter(name: str) -> None:
    with matplotlib.rc_context({"font.size": 3, "axes.facecolor": "red"}):
        before = dict(matplotlib.rcParams)
        strange = svg(draw(name, **data("usual")))
        assert dict(matplotlib.rcParams) == before
    assert strange == svg(draw(name, **data("usual")))


def svg(fig: Page) -> bytes:
    with io.BytesIO() as file:
        fig.savefig(file, format="svg")
        return file.getvalue()


def test_registry_is_lazy() -> None:
    code = "import sys, sim.draw; sys.exit(any(m in sys.modules for m in ('matplotlib', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_unknown_figure_and_missing_data_are_named() -> None:
    with pytest.raises(FigureError, match=r"no figure 'route'; known: outcome_shares, .*"):
        load("route")
    with pytest.raises(FigureError, match="figure 'deaths' needs setting; given: runs"):
        draw("deaths", runs=make_runs(1))


def test_wilson_interval_is_the_published_one() -> None:
    # Newcombe 1998, table I: 81 of 263 and 0 of 20
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    with pytest.raises(ValueError, match="given count=3, n=2"):
        wilson(3, 2)


def test_kaplan_meier_with_one_censoring_time_is_the_share_left() -> None:
    survival, low, high = kaplan_meier(np.array([1, 1, 3, -1, -1]), 4)
    assert survival == pytest.approx([1, 0.6, 0.6, 0.4, 0.4])
    # Greenwood by hand: var(log(-log S)) = sum d / (n (n - d)) / log(S)^2
    width = np.exp(1.96 * np.sqrt(2 / 15) / -np.log(0.6))
    assert (low[1], high[1]) == pytest.approx((0.6**width, 0.6 ** (1 / width)), abs=1e-4)
    assert kaplan_meier(np.array([2]), 3)[0].tolist() == [1, 1, 0, 0]


def test_spread_keeps_order_gap_and_room() -> None:
    assert spread([10, 50, 90], 5, 0, 100).tolist() == [10, 50, 90]
    assert spread([50, 50, 50], 10, 0, 100).tolist() == [40, 50, 60]
    crowded = spread(np.full(30, 99.0), 10, 0, 100)
    assert crowded.min() >= 0
    assert crowded.max() <= 100 + 1e-9
    assert np.diff(crowded).min() > 3.4


def test_numbers_behind_the_figures() -> None:
    gone = np.array([[780.0, 700.0, np.nan, np.nan]])
    assert carried(gone).tolist() == [[780, 700, 700, 700]]
    none, histogram = bins(np.array([0.0, 0.4, 1.0, 20.0]), np.array([-0.1, 1.0, 2.0]))
    assert none == 0.5
    assert histogram.tolist() == [0.25, 0.25]
    hours, ended = incidence(np.array([2, 2, 4]), np.array([3.0, 5.0, 5.0]), 6.0)
    assert hours.tolist() == [0, 3, 5, 6]
    assert ended[2].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 2 / 3])
    share, acting = shares(np.array([[-1, 0, 2], [-1, 0, 0]]))
    assert acting.tolist() == [0, 2, 2]
    assert share[0].tolist() == [0, 1, 0.5]
    assert density(np.array([0.0, 118.0, 200.0]), np.arange(0, 300.0)).sum() == pytest.approx(3, abs=0.06)


def test_headlines_come_from_the_data() -> None:
    assert takeaway(np.array([2, 2, 2, 4] * 20)) == "Most crises end in a negotiated exit (75 %)"
    few = "So few runs do not settle which ending is the commonest; a negotiated exit has 75 %"
    assert takeaway(np.array([2, 2, 2, 4])) == few
    third = np.repeat([2, 3, 4], [40, 20, 40])
    assert takeaway(third).startswith("So few runs do not settle"), "level shares"
    told = "No ending has a majority; a negotiated exit is the commonest (40 %)"
    assert takeaway(np.repeat([2, 3, 4], [400, 300, 300])) == told
    assert takeaway(np.array([5])) == "The one crisis ends in a prolonged stand-off"
    assert [percent(x) for x in (0, 0.0001, 0.043, 0.0999, 0.52)] == ["0 %", "<0.1 %", "4.3 %", "10 %", "52 %"]


def test_story_keeps_rare_events_when_the_panel_is_full() -> None:
    events = [{"hour": h, "seat": "Leader", "kind": "march", "text": "drives on"} for h in range(9)]
    events.insert(5, {"hour": 4.5, "seat": "Ruler", "kind": "call", "text": "refuses the call"})
    assert [e["hour"] for e, _ in chosen(events, 3, 40)] == [0, 1, 4.5]


@pytest.mark.parametrize("backend", ["module://matplotlib_inline.backend_inline", "nonsense", "pdf"])
def test_a_backend_of_another_environment_does_not_matter(backend: str) -> None:
    code = (
        "import os, sim.draw; from sim.draw.style import page; from io import BytesIO; import matplotlib\n"
        "page('a', 'b', 'c').savefig(BytesIO(), format='png')\n"
        "print(os.environ['MPLBACKEND'], matplotlib.get_backend())"
    )
    environment = {**os.environ, "MPLBACKEND": backend, "PYTHONPATH": str(Path(sim.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen, used = done.stdout.split()
    assert seen == backend, "whoever draws on a screen later still finds it"
    assert used == "pdf" or backend != "pdf"


def test_figures_drawn_in_threads_are_those_drawn_alone() -> None:
    alone = svg(draw("outcome_shares", **data("usual")))
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: svg(draw("outcome_shares", **data("usual"))), range(6))) == {alone}
