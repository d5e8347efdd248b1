"""Where the column stands by the hour, over all runs, beside the march of June 2023."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sim.draw.history import JUNE_2023, VERIFIED, is_june_2023
from sim.draw.labels import edge_label, halo, note, short, spread
from sim.draw.style import (
    FAINT,
    INK,
    MUTED,
    SMALL,
    TEXT,
    Page,
    Setting,
    Table,
    hours_axis,
    ink,
    page,
    small_print,
    styled,
)

COLUMN, LINE, PAST = "#0072B2", "#B03A2E", INK


def carried(km: np.ndarray) -> np.ndarray:
    """Positions (m, T) with each ended run kept where it was last seen."""
    seen = ~np.isnan(km)
    last = np.maximum.accumulate(np.where(seen, np.arange(km.shape[1]), 0), axis=1)
    return np.take_along_axis(km, last, axis=1)


@styled
def column_fan(paths: Table, setting: Setting) -> Page:
    """Median and 50, 80, 95 % bands of the road distance left to the capital, km, by the hour."""
    hour, km = paths["hour"], paths["km"]
    held = carried(km)
    last = float(hour[-1])
    fig = page(
        _takeaway(held, setting),
        "Road distance left to the capital; a run that has ended stays where it stopped",
        small_print(setting, len(km), "sampled paths", "bands hold 50, 80 and 95 % of runs"),
    )
    ax = fig.add_axes((0.085, 0.28, 0.70, 0.55))
    top = float(np.nanmax(held)) * 1.03
    _fan(ax, hour, held)
    _defence(ax, hour, paths["line"], float(setting["line_km"]))
    if is_june_2023(setting):
        _track(ax, setting)
    ax.set_ylim(top, 0)
    ax.set_ylabel("road km to the capital")
    hours_axis(ax, last, {}, label=False)
    ax.tick_params(labelbottom=False)
    ax.grid(axis="y")
    _towns(ax, setting["towns"], top)
    _going(fig.add_axes((0.085, 0.17, 0.70, 0.085)), hour, km, setting)
    return fig


def _takeaway(held: np.ndarray, setting: Setting) -> str:
    final = held[:, -1]
    middle, line = float(np.median(final)), float(setting["line_km"])
    short = float(np.mean(final > line))
    if len(final) == 1:
        return f"The column stops {middle:.0f} km from the capital"
    if middle > line:
        return (
            f"Half of the columns stop {middle:.0f} km or more from the capital; {100 * short:.0f} % short of the line"
        )
    return f"Most columns reach the line at {line:.0f} km; {100 * short:.0f} % stop short of it"


def _fan(ax: Axes, hour: np.ndarray, held: np.ndarray) -> None:
    for share, alpha in ((95, 0.16), (80, 0.24), (50, 0.36)):
        low, high = np.percentile(held, [50 - share / 2, 50 + share / 2], axis=0)
        ax.fill_between(hour, low, high, color=COLUMN, alpha=alpha, lw=0, zorder=2)
    median = np.median(held, axis=0)
    ax.plot(hour, median, color=COLUMN, lw=3, zorder=4)
    half_way = int(np.searchsorted(-median, -(median[0] + median[-1]) / 2))
    i = min(max(half_way, len(hour) // 6), len(hour) - 1)
    look: dict[str, Any] = {"size": TEXT, "weight": "bold", "color": ink(COLUMN), "path_effects": halo(), "zorder": 6}
    note(ax, "the run" if len(held) == 1 else "median run", (hour[i], median[i]), (-14, 12), ha="right", **look)


def _defence(ax: Axes, hour: np.ndarray, strength: np.ndarray, km: float) -> None:
    """The line, drawn thicker as it fills with men."""
    if not strength.max() > 0:
        return
    half = 14.0 * strength / strength.max()
    ax.fill_between(hour, km - half, km + half, color=LINE, alpha=0.75, lw=0, zorder=3)
    text = f"line at {km:.0f} km: up to {1000 * strength.max():,.0f} men"
    ax.text(hour[-1] * 0.012, km - 6, text, color=LINE, weight="bold", size=TEXT, va="bottom", path_effects=halo())


def _track(ax: Axes, setting: Setting) -> None:
    """June 2023: solid between points that others saw, dashed where only a claim is left."""
    points = _points(setting)
    for p, q in pairwise(points):
        style = "-" if p["seen"] and q["seen"] else (0, (2.5, 1.8))
        ax.plot([p["hour"], q["hour"]], [p["km"], q["km"]], ls=style, color=PAST, lw=1.8, zorder=5)
    for p in points:
        ax.plot(p["hour"], p["km"], "o", mfc=PAST if p["seen"] else "white", mec=PAST, mew=1.8, ms=7, zorder=6)
    look: dict[str, Any] = {"va": "top", "path_effects": halo(), "zorder": 6}
    text = "June 2023 in black: solid as seen by others, dashed as claimed"
    ax.text(0.99, 0.02, text, transform=ax.transAxes, ha="right", size=SMALL, path_effects=halo(), zorder=6)
    halt, hour = setting.get("halt"), points[-1]["hour"]
    if halt:
        ax.plot([hour, hour], [halt["low"], halt["high"]], color=PAST, lw=1.4, zorder=5)
        text = f"claimed halt {halt['km']:.0f} km out\n({halt['low']:.0f} to {halt['high']:.0f})"
        note(ax, text, (hour, halt["high"]), (8, 14), **look)


def _points(setting: Setting) -> list[dict[str, Any]]:
    """The track by the hour, each point marked `seen` or not; the halt, claimed only, comes last."""
    points = [{**p, "seen": p["grade"] in VERIFIED} for p in sorted(setting["track"], key=lambda p: p["hour"])]
    halt = setting.get("halt")
    if halt and points[-1]["km"] != halt["km"]:
        points.append({"hour": JUNE_2023.halt_hour, "km": halt["km"]})
    if halt:
        points[-1]["seen"] = False
    return points


def _towns(ax: Axes, towns: list[dict[str, Any]], top: float) -> None:
    """Names of the towns at the right edge, at their distance by road."""
    inside = [town for town in towns if 0 <= town["road_km"] <= top]
    places = spread([t["road_km"] for t in inside], top / 19, top * 0.012, top * 0.988)
    for town, place in zip(inside, places, strict=True):
        text = f"{short(town['name'])} {town['road_km']:.0f}"
        edge_label(ax, town["road_km"], place, text, FAINT, weight="normal", color=MUTED)


def _going(ax: Axes, hour: np.ndarray, km: np.ndarray, setting: Setting) -> None:
    """Share of runs that have not ended yet."""
    share = np.mean(~np.isnan(km), axis=0)
    ax.fill_between(hour, 100 * share, color=FAINT, lw=0)
    ax.plot(hour, 100 * share, color=MUTED, lw=1.5)
    hours_axis(ax, float(hour[-1]), setting)
    ax.set_ylim(0, 105)
    ax.set_yticks([0, 100], ["0", "100 %"])
    ax.text(1.012, 0.5, "still going", transform=ax.transAxes, va="center", size=SMALL, color=MUTED)
