"""Figures: each takes data and returns a matplotlib Figure; nothing here writes a file.

A figure is a file of this folder whose function bears the file's name, and a line of
`FIGURES`. What it needs it says by the names of its arguments: `runs`, `paths`,
`setting` or `story`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from difflib import get_close_matches
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

from sim.errors import UserError

if TYPE_CHECKING:
    from sim.plots.style import Page

# name -> (module, one line of description); matplotlib is imported when a figure is drawn, not before
FIGURES: dict[str, tuple[str, str]] = {
    "outcome_shares": ("sim.plots.outcome_shares", "shares of the six endings with 95 % intervals"),
    "column_fan": ("sim.plots.column_fan", "position of the column by hour, with the line and the historical track"),
    "endings_over_time": ("sim.plots.endings_over_time", "cumulative incidence of the endings over the hours"),
    "choice_shares": ("sim.plots.choice_shares", "options taken by each principal over the hours"),
    "route_map": ("sim.plots.route_map", "map of the route with the halts as density along the road"),
    "deal_survival": ("sim.plots.deal_survival", "deals kept over the weeks, with erosion"),
    "deaths": ("sim.plots.deaths", "distribution of deaths by ending, logarithmic with a zero bin"),
    "story": ("sim.plots.story", "one run: way, events, beliefs and choice probabilities"),
}
# Figures of the studies over many settings: what they need, they name by their own arguments.
STUDY_FIGURES: dict[str, tuple[str, str]] = {
    "phase_diagram": ("sim.plots.phase_diagram", "commonest ending over two axes, hatched where it is not settled"),
    "response_curves": ("sim.plots.response_curves", "shares of the endings and mean costs along one axis, with bands"),
    "small_multiples": ("sim.plots.small_multiples", "shares of the endings level by level of a discrete axis"),
    "scatter_matrix": ("sim.plots.scatter_matrix", "many axes: each pair of those that matter most, point by point"),
    "tornado": ("sim.plots.tornado", "swing of share and costs as one number at a time goes from low to high"),
    "paired_differences": ("sim.plots.paired_differences", "differences under common luck, with what is settled"),
    "transitions": ("sim.plots.transitions", "what became of the reference's runs, by ending"),
    "parting": ("sim.plots.parting", "when and with whom the stories of two settings part"),
    "hinges": ("sim.plots.hinges", "decisions and numbers that would have ended a run otherwise"),
    "tension": ("sim.plots.tension", "odds of the endings hour by hour along one crisis, with what moved them"),
    "game_qre": ("sim.plots.game_qre", "equilibria of one moment's game over lambda, the model's choices as marks"),
    "ledger": ("sim.plots.ledger", "value of mediation by hour of entry, whole and with each function off"),
    "disclosure": ("sim.plots.disclosure", "what telling one fact to one actor does to the endings"),
    "sobol_indices": ("sim.plots.sobol_indices", "variance explained by each number, alone and with interactions"),
    "morris_screening": ("sim.plots.morris_screening", "every number: how far it moves an outcome, and how unevenly"),
    "patterns": ("sim.plots.patterns", "each pattern of the case: fact, accepted range, ensemble, verdict"),
    "rivals": ("sim.plots.rivals", "this model and simple rivals on the same patterns"),
    "jury": ("sim.plots.jury", "which expected directions hold under every way of choosing"),
    "backtest_scores": ("sim.plots.backtest_scores", "scores of the model and of reference lines on past episodes"),
    "backtest_rows": ("sim.plots.backtest_rows", "odds of the six endings for each past episode, the truth marked"),
    "reliability": ("sim.plots.reliability", "how often what was given a probability happened, by bin"),
    "assumption_debt": ("sim.plots.assumption_debt", "how much of each outcome's variance rests on judgement"),
    "posterior": ("sim.plots.posterior", "what a calibration changes: each number's posterior against its prior"),
    "sbc_ranks": ("sim.plots.sbc_ranks", "whether a calibration can be trusted: ranks of known truths"),
    "posterior_predictive": ("sim.plots.posterior_predictive", "patterns held out, before and after a calibration"),
}


def _load_matplotlib() -> None:
    """Load matplotlib whatever MPLBACKEND says: a notebook's shell names a part that only the notebook has.

    Nothing here needs a backend, pages are drawn straight into files; one that exists is set as matplotlib would.
    """
    asked = os.environ.pop("MPLBACKEND")
    try:
        import matplotlib

        with suppress(ValueError):
            matplotlib.rcParams["backend"] = asked
    finally:
        os.environ["MPLBACKEND"] = asked


if os.environ.get("MPLBACKEND") and "matplotlib" not in sys.modules:
    _load_matplotlib()


class FigureError(UserError):
    """A figure that does not exist, or data that it needs and was not given."""


def load(name: str) -> Callable[..., Page]:
    """The function that draws the figure of this name; FigureError names the known ones."""
    known = {**FIGURES, **STUDY_FIGURES}
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise FigureError(f"there is no figure {name!r}; known: {', '.join(known)}.{hint}")
    function: Callable[..., Page] = getattr(import_module(known[name][0]), name)
    return function


def needs(name: str) -> tuple[str, ...]:
    """What a figure is drawn from: some of 'runs', 'paths', 'setting', 'story'."""
    return tuple(signature(load(name)).parameters)


def draw(name: str, **data: Any) -> Page:
    """Draw a figure from what it needs among `data`; FigureError says what is missing."""
    missing = [part for part in needs(name) if part not in data]
    if missing:
        given = ", ".join(data) or "nothing"
        raise FigureError(f"figure {name!r} needs {', '.join(missing)}; given: {given}")
    return load(name)(**{part: data[part] for part in needs(name)})
