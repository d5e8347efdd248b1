"""Assumption debt: how much of what explains each outcome rests on which grade of source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from sim.draw.labels import key, lined
from sim.draw.style import INK, MUTED, Page, Setting, empty, page, percent, small_print, styled
from sim.studies.sensitivity.figures.morris_screening import GRADES
from sim.studies.sensitivity.reading import told

TOP = 8  # debtors that are named
STAGES = {"numbers": "the {n} studied", "screening": "all {n} screened"}


@styled
def assumption_debt(sensitivity: Mapping[str, Any], setting: Setting) -> Page:
    """Explained variance of each output by the grade of its numbers' sources, and the largest debtors of the focus.

    `sensitivity` is the summary of a sensitivity study.
    """
    found, focus = sensitivity["debt"], sensitivity["focus"]
    weights = ", ".join(f"{grade} {weight:.2g}" for grade, weight in found["weights"].items())
    fig = page(
        takeaway(sensitivity),
        "Share of the variance that numbers explain, by grade of source; line: interval of the judgement share",
        small_print(setting, sensitivity["runs"], note=f"weights of the debt: {weights}"),
    )
    stages = [stage for stage in STAGES if any(found.get(stage, {}).values())]
    if not stages:
        empty(fig, "no number explains any variance here")
        return fig
    key(fig, tuple(GRADES.values()), 0.045, 0.815, size=12)
    wide = 0.38 if len(stages) == 1 else 0.17
    for column, stage in enumerate(stages):
        ax = fig.add_axes((0.19 + column * 0.215, 0.13, wide, 0.58))
        n = sensitivity["stages"][stage]["numbers"]
        ax.set_title(STAGES[stage].format(n=n), size=12, pad=8)
        _bars(ax, found[stage], named=column == 0)
    owed = found["numbers"].get(focus)
    if owed:
        _debtors(fig, owed, focus, sensitivity["parameters"])
    return fig


def takeaway(sensitivity: Mapping[str, Any]) -> str:
    """The headline: the share of judgement in what explains the focus."""
    focus = sensitivity["focus"]
    label = focus.removeprefix("share_").replace("_", " ")
    owed = sensitivity["debt"]["numbers"].get(focus)
    if not owed:
        return f"Nothing studied here explains the share of {label}"
    low, high = owed["judgement_low"], owed["judgement_high"]
    wide = low is not None and high is not None and not told(low, high)
    if wide or focus in sensitivity.get("unknown", ()):
        return f"What explains {label} is not known from so few runs or points, nor what it rests on"
    return f"{percent(owed['judgement'])} of what explains {label} rests on judgement alone"


def _bars(ax: Axes, found: Mapping[str, Any], *, named: bool) -> None:
    """One stacked bar an output; a blank one where nothing is explained."""
    for row, (_, entry) in enumerate(found.items()):
        if not entry:
            continue
        left = 0.0
        for grade in reversed(GRADES):
            part = min(max(entry["by_grade"][grade], 0.0), 1.0 - left)
            ax.barh(row, part, left=left, height=0.66, color=GRADES[grade].colour, zorder=2)
            left += part
        if entry["judgement_low"] == entry["judgement_low"] and entry["judgement_low"] is not None:
            ends = [entry["judgement_low"], entry["judgement_high"]]
            ax.plot(ends, [row, row], color=INK, lw=2, zorder=3, solid_capstyle="butt")
    ax.set_xlim(0, 1)
    ax.set_ylim(len(found) - 0.4, -0.6)
    ax.set_xticks([0, 0.5, 1], ["0", "50", "100 %"])
    names = [name.removeprefix("share_").removesuffix("_h").removesuffix("_km").replace("_", " ") for name in found]
    ax.set_yticks(range(len(found)), names if named else [""] * len(found))
    ax.tick_params(length=0)


def _debtors(fig: Page, owed: Mapping[str, Any], focus: str, parameters: Mapping[str, Any]) -> None:
    """Right: the numbers that owe most of the focus's debt."""
    left, label = 0.612, focus.removeprefix("share_").replace("_", " ")
    fig.text(left, 0.742, f"Largest debtors: {label}", size=13, weight="bold")
    fig.text(left, 0.712, f"debt {percent(owed['debt'])}: part of the variance times weight of the grade",
             size=11, color=MUTED)  # fmt: skip
    for row, (path, part) in enumerate(list(owed["debtors"].items())[:TOP]):
        y = 0.655 - row * 0.071
        fig.text(left + 0.045, y, percent(part), size=13, weight="bold", ha="right")
        about = lined(parameters[path]["about"], 50, 21)
        fig.text(left + 0.055, y - 0.006, about.pop("text"), va="bottom", **about)
        fig.text(left + 0.055, y - 0.027, f"{path}, {parameters[path]['grade']}", size=11, color=MUTED)
