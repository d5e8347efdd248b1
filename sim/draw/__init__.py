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
    from sim.draw.style import Page

# name -> (study, one line of description): drawn by that name in sim/studies/<study>/figures/<name>.py, which is
# imported when it is drawn and not before
FIGURES: dict[str, tuple[str, str]] = {
    "outcome_shares": ("run", "shares of the six endings with 95 % intervals"),
    "column_fan": ("run", "position of the column by hour, with the line and the historical track"),
    "endings_over_time": ("run", "cumulative incidence of the endings over the hours"),
    "choice_shares": ("run", "options taken by each principal over the hours"),
    "route_map": ("run", "map of the route with the halts as density along the road"),
    "deal_survival": ("run", "deals kept over the weeks, with erosion"),
    "deaths": ("run", "distribution of deaths by ending, logarithmic with a zero bin"),
    "story": ("replay", "one run: way, events, beliefs and choice probabilities"),
}
# Figures of the studies over many settings: what they need, they name by their own arguments.
STUDY_FIGURES: dict[str, tuple[str, str]] = {
    "phase_diagram": ("sweep", "commonest ending over two axes, hatched where it is not settled"),
    "response_curves": ("sweep", "shares of the endings and mean costs along one axis, with bands"),
    "small_multiples": ("sweep", "shares of the endings level by level of a discrete axis"),
    "scatter_matrix": ("sweep", "many axes: each pair of those that matter most, point by point"),
    "tornado": ("sweep", "swing of share and costs as one number at a time goes from low to high"),
    "paired_differences": ("compare", "differences under common luck, with what is settled"),
    "transitions": ("compare", "what became of the reference's runs, by ending"),
    "parting": ("compare", "when and with whom the stories of two settings part"),
    "hinges": ("hinge", "decisions and numbers that would have ended a run otherwise"),
    "tension": ("tension", "odds of the endings hour by hour along one crisis, with what moved them"),
    "game_qre": ("game", "equilibria of one moment's game over lambda, the model's choices as marks"),
    "ledger": ("ledger", "value of mediation by hour of entry, whole and with each function off"),
    "disclosure": ("disclose", "what telling one fact to one actor does to the endings"),
    "sobol_indices": ("sensitivity", "variance explained by each number, alone and with interactions"),
    "morris_screening": ("sensitivity", "every number: how far it moves an outcome, and how unevenly"),
    "patterns": ("validate", "each pattern of the case: fact, accepted range, ensemble, verdict"),
    "rivals": ("validate", "this model and simple rivals on the same patterns"),
    "jury": ("validate", "which expected directions hold under every way of choosing"),
    "backtest_scores": ("backtest", "scores of the model and of reference lines on past episodes"),
    "backtest_rows": ("backtest", "odds of the six endings for each past episode, the truth marked"),
    "reliability": ("backtest", "how often what was given a probability happened, by bin"),
    "assumption_debt": ("sensitivity", "how much of each outcome's variance rests on judgement"),
    "posterior": ("calibrate", "what a calibration changes: each number's posterior against its prior"),
    "sbc_ranks": ("calibrate", "whether a calibration can be trusted: ranks of known truths"),
    "posterior_predictive": ("calibrate", "patterns held out, before and after a calibration"),
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
    function: Callable[..., Page] = getattr(import_module(f"sim.studies.{known[name][0]}.figures.{name}"), name)
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
