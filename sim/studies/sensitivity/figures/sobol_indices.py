"""What the endings hang on: the variance each number explains, alone and with all it acts through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from sim.draw.labels import key, lined
from sim.draw.style import INK, MUTED, Mark, Page, Setting, counted, empty, page, percent, small_print, styled

ALONE, ALL = Mark("alone (S1)", "#1F4E79"), Mark("with interactions (ST)", "#9DBAD6")
TOP = 12  # rows that can be read
PANELS = ((0.405, 0.255), (0.69, 0.13), (0.85, 0.13))  # left edge and width of each output
BOTTOM, HEIGHT = 0.13, 0.635


@styled
def sobol_indices(sensitivity: Mapping[str, Any], setting: Setting) -> Page:
    """First-order and total Sobol indices with intervals, for the share in focus and two more outputs.

    `sensitivity` is the summary of a sensitivity study.
    """
    size, focus = sensitivity["stages"]["numbers"], sensitivity["focus"]
    about, found = sensitivity["outputs"], sensitivity["indices"][focus]
    ranked = sorted(found, key=lambda path: -found[path]["ST"])[:TOP]
    fig = page(
        takeaway(sensitivity, ranked),
        f"Share of the variance that each explains over its range; lines: {100 * sensitivity['confidence']:.0f} % "
        "intervals; all other numbers stand at the setting's values",
        small_print(
            setting, size["runs"], note=f"{counted(size['points'], 'point')}; Saltelli et al. 2010, Jansen 1999"
        ),
    )
    if not any(found[path]["ST"] for path in found):
        empty(fig, f"{about[focus]['about']} do not vary over these ranges")
        return fig
    for column, (name, (left, wide)) in enumerate(zip(outputs(sensitivity), PANELS, strict=True)):
        ax = fig.add_axes((left, BOTTOM, wide, HEIGHT))
        _bars(ax, [sensitivity["indices"][name][path] for path in ranked])
        ax.set_title(_heading(name, column), size=12, pad=10)
        if column == 0:
            _names(ax, ranked, sensitivity["parameters"])
            key(fig, (ALL, ALONE), 0.045, 0.815, size=12)
    return fig


def outputs(sensitivity: Mapping[str, Any]) -> list[str]:
    """The three outputs that are drawn: the focus, the other share that varies most, and deaths."""
    about, focus = sensitivity["outputs"], sensitivity["focus"]
    shares = [name for name in about if name.startswith("share_") and name not in (focus, "share_deal_kept")]
    return [focus, max(shares, key=lambda name: about[name]["sd"]), "deaths"]


def takeaway(sensitivity: Mapping[str, Any], ranked: list[str]) -> str:
    """The headline: what comes first, and whether that is settled."""
    focus = sensitivity["focus"]
    found, label = sensitivity["indices"][focus], focus.removeprefix("share_").replace("_", " ")
    first, short_name = ranked[0], ranked[0].removeprefix("actors.").removeprefix("channels.")
    if found[first]["ST"] == 0:
        return f"Nothing here moves the share of {label}"
    if focus in sensitivity.get("unknown", ()):
        return f"What moves the share of {label} is not known from so few runs or points"
    share = percent(min(found[first]["ST"], 1.0))
    if len(found) > 1 and sensitivity["first"][focus] != first:
        return f"What moves {label} most is not settled; {short_name} leads ({share})"
    return f"{short_name} moves {label} most: {share} of the variance"


def _heading(name: str, column: int) -> str:
    label = name.removeprefix("share_").replace("_", " ")
    return f"share of {label}" if column == 0 else f"{'share of' if name.startswith('share_') else 'mean'}\n{label}"


def _bars(ax: Axes, rows: list[Mapping[str, float]]) -> None:
    """ST and S1, one under the other, each with its interval."""
    for row, entry in enumerate(rows):
        for name, mark, shift in (("ST", ALL, -0.19), ("S1", ALONE, 0.19)):
            ax.barh(row + shift, max(entry[name], 0.0), height=0.36, color=mark.colour, zorder=2)
            low, high = (max(entry[f"{name}_{end}"], 0.0) for end in ("low", "high"))
            ax.plot([low, high], [row + shift] * 2, color=INK, lw=1.3, zorder=3, solid_capstyle="butt")
    ax.set_ylim(len(rows) - 0.4, -0.6)
    reach = max(max(entry["ST_high"], entry["S1_high"]) for entry in rows)
    ax.set_xlim(0, min(max(1.05 * reach, 0.05), 1.5))
    ax.set_yticks([])
    ax.grid(axis="x")
    ax.locator_params(axis="x", nbins=5 if ax.get_position().width > 0.2 else 3)
    ax.set_xticks(ax.get_xticks(), [f"{100 * tick:.0f} %" for tick in ax.get_xticks()])
    ax.set_xlim(0, min(max(1.05 * reach, 0.05), 1.5))
    ax.tick_params(labelsize=11)


def _names(ax: Axes, ranked: list[str], parameters: Mapping[str, Any]) -> None:
    """Left of the bars: what the number is, and below it its path and the grade of its source."""
    step = HEIGHT * 720 / (len(ranked) + 0.2)
    for row, path in enumerate(ranked):
        entry = parameters[path]
        grade = entry["grade"] if entry["grade"] == "judgement" else f"grade {entry['grade']}"
        look: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "ha": "right"}
        named = step > 30
        about = lined(entry["about"], 54, 0.72 * step - (15 if named else 1))
        up = {"xytext": (0, 1), "va": "bottom"} if named else {"xytext": (0, 0), "va": "center"}
        ax.annotate(xy=(-0.03, row), color=INK, **about, **up, **look)
        if named:
            ax.annotate(f"{path}, {grade}", (-0.03, row), (0, -1), size=11, color=MUTED, va="top", **look)
