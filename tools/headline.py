"""The three numbers on which the model's credit rests, in one sentence each, good or bad."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sim.report.parts import percent
from sim.results import Finished


def _shelf(told: Mapping[str, Any]) -> str:
    """Other episodes: log loss of the model against the line that knows the opening demand only."""
    own, line, gap = (
        told["log_loss"]["model"], told["log_loss"]["demand_type"], told["against"]["demand_type"]["log_loss"],
    )  # fmt: skip
    return (
        f"**Other episodes.** On {told['episodes']} episodes, each predicted without its cluster, log loss is "
        f"{own['value']:.2f} ({own['low']:.2f} to {own['high']:.2f}); knowing the opening demand alone gives "
        f"{line['value']:.2f}. The difference is {gap['value']:+.2f} ({gap['low']:+.3f} to {gap['high']:+.3f}): chance "
        f"{'is ruled out' if gap['verdict'] == 'beats' else 'is not ruled out'}. But the coding rules were written "
        "by people who knew how these episodes ended, so only a file of other episodes is a fair test."
    )


def _patterns(told: Mapping[str, Any]) -> str:
    """The case: what a run hits of the patterns held out, beside the best rival."""
    own, joint = told["rivals"]["this model"], told["joint"]["all"]
    rivals = {name: of["H"]["hit_share"] for name, of in told["rivals"].items() if "H" in of and name != "this model"}
    best = max(rivals, key=rivals.__getitem__)
    return (
        f"**The case itself.** A run hits {percent(own['H']['hit_share'])} of the weight of the patterns held out; the "
        f"best of the simple rivals, {best.replace('_', ' ')}, {percent(rivals[best])}. All "
        f"{len(told['joint_patterns'])} core patterns together: {percent(joint['share'])} of runs. Most of these facts "
        "were in view when numbers were set."
    )


def _calibration(told: Mapping[str, Any]) -> str:
    """The numbers: how many the case identifies."""
    numbers = told["parameters"]
    found = [path for path, entry in numbers.items() if entry["verdict"] == "identified"]
    named = f" ({', '.join(f'`{path}`' for path in found)})" if found else ""
    return (
        f"**The numbers.** Of {len(numbers)} numbers, the patterns that may set numbers identify {len(found)}{named}. "
        "The others stay where judgement put them."
    )


LINES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "backtest": _shelf,
    "validate": _patterns,
    "calibrate": _calibration,
}


def headline(studies: Mapping[str, Finished]) -> str:
    """The three sentences as a list."""
    return "".join(f"- {line(studies[verb].summary)}\n" for verb, line in LINES.items())
