"""The road to the capital in real coordinates, with the halts as density along it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from sim.draw.history import OKA_LINE, is_june_2023
from sim.draw.labels import halo, note, short, spread
from sim.draw.style import (
    ENDINGS,
    FAINT,
    INK,
    MUTED,
    SIZE,
    SMALL,
    TEXT,
    WASH,
    Page,
    Setting,
    Table,
    ink,
    page,
    percent,
    small_print,
    styled,
)

KERNEL_KM = 8.0  # standard deviation of the smoothing along the road
KM_PER_DEGREE = 111.2
LINE = "#B03A2E"


class Road:
    """The polyline through the towns, by road distance to the capital."""

    def __init__(self, towns: list[dict[str, Any]]) -> None:
        if len(towns) < 2:
            raise ValueError(f"a route map needs two towns with lat, lon and road_km; given {len(towns)}")
        self.towns = sorted(towns, key=lambda town: town["road_km"])
        self.km = np.array([t["road_km"] for t in self.towns], dtype=float)
        self.lat = np.array([t["lat"] for t in self.towns], dtype=float)
        self.lon = np.array([t["lon"] for t in self.towns], dtype=float)

    def at(self, km: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(lon, lat) in degrees of a road distance in km, between the towns in proportion."""
        return np.interp(km, self.km, self.lon), np.interp(km, self.km, self.lat)


@styled
def route_map(runs: Table, setting: Setting) -> Page:
    """Map of the route with where columns stopped, by ending, and the same as ranges beside it."""
    road, closest, outcome = Road(setting["towns"]), runs["closest_km"], runs["outcome"]
    fig = page(
        _takeaway(closest, setting),
        "Closest point to the capital, by ending: as density east of the road, and as ranges",
        small_print(
            setting, len(closest), note=f"equirectangular map; density smoothed over {KERNEL_KM:.0f} km of road"
        ),
    )
    ax = fig.add_axes((0.045, 0.085, 0.40, 0.765))
    _ground(ax, road, float(np.max(closest)))
    _piles(ax, road, closest, outcome)
    ax.plot(road.lon, road.lat, color=INK, lw=3, zorder=5, solid_joinstyle="round")
    _line(ax, road, setting)
    _places(ax, road, float(setting["line_km"]))
    _ranges(fig.add_axes((0.645, 0.155, 0.32, 0.66)), closest, outcome, setting)
    return fig


def _takeaway(closest: np.ndarray, setting: Setting) -> str:
    low, middle, high = np.percentile(closest, [10, 50, 90])
    if len(closest) == 1 or low == high:
        return f"The column stops {middle:.0f} km from the capital"
    return f"The median column stops {middle:.0f} km out; four in five between {low:.0f} and {high:.0f} km"


def _ground(ax: Axes, road: Road, farthest: float) -> None:
    """Extent, aspect, graticule and scale of the map."""
    used = road.km <= max(farthest + 150, road.km[-1] / 2)
    south, north = road.lat[used].min() - 0.5, road.lat.max() + 0.45
    stretch = 1 / math.cos(math.radians((south + north) / 2))
    box = ax.get_position()
    wide, tall = box.width * SIZE[0], box.height * SIZE[1]
    width = (north - south) * stretch * wide / tall
    middle = (road.lon[used].min() + road.lon[used].max()) / 2
    ax.set_xlim(middle - width / 2, middle + width / 2)
    ax.set_ylim(south, north)
    ax.set_aspect(stretch)
    ax.set_facecolor(WASH)
    ax.spines[:].set_visible(False)
    ax.grid(color="white", lw=1.2)
    ax.tick_params(length=0, labelsize=SMALL, labelcolor=MUTED)
    ax.xaxis.set_major_locator(MultipleLocator(2))
    ax.yaxis.set_major_locator(MultipleLocator(1 if north - south < 6 else 2))
    ax.xaxis.set_major_formatter("{x:.0f}° E")
    ax.yaxis.set_major_formatter("{x:.0f}° N")
    left, foot = middle - width * 0.46, south + (north - south) * 0.04
    length = 100 / KM_PER_DEGREE * stretch
    ax.plot([left, left + length], [foot, foot], color=INK, lw=2.5, solid_capstyle="butt")
    ax.annotate("100 km", (left + length / 2, foot), (0, 4), textcoords="offset points", ha="center", size=SMALL)


def density(closest: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Runs per km of road at the points of `grid`: a Gaussian kernel, mirrored at the capital so that none is lost."""
    edges = np.append(grid, grid[-1] + (grid[1] - grid[0])) - (grid[1] - grid[0]) / 2
    counts = np.histogram(np.maximum(closest, 0.0), edges)[0]
    apart, mirrored = (grid[:, None] - grid) / KERNEL_KM, (grid[:, None] + grid) / KERNEL_KM
    near = np.exp(-0.5 * apart**2) + np.exp(-0.5 * mirrored**2)
    return np.asarray(near @ counts / (KERNEL_KM * math.sqrt(2 * math.pi)), dtype=float)


def _piles(ax: Axes, road: Road, closest: np.ndarray, outcome: np.ndarray) -> None:
    """Density of the halts, stacked by ending eastwards from the road."""
    grid = np.arange(0, float(closest.max()) + 4 * KERNEL_KM, 1.0)
    heights = np.array([density(closest[outcome == k], grid) for k in range(len(ENDINGS))])
    west, east = ax.get_xlim()
    edges = np.vstack([np.zeros(len(grid)), np.cumsum(heights, axis=0)])
    edges *= 0.36 * (east - west) / edges.max()
    lon, lat = road.at(grid)
    for k, mark in enumerate(ENDINGS):
        if heights[k].any():
            ax.fill_betweenx(lat, lon + edges[k], lon + edges[k + 1], color=mark.colour, lw=0, zorder=3)


def _line(ax: Axes, road: Road, setting: Setting) -> None:
    """The defended line: the river bridges of June 2023, elsewhere a bar across the road."""
    km = float(setting["line_km"])
    lon, lat = (float(x) for x in road.at(km))
    lons, lats, name = [lon - 0.5, lon + 0.5], [lat, lat], "line"
    if is_june_2023(setting):
        lons, lats, name = [p.lon for p in OKA_LINE], [p.lat for p in OKA_LINE], "Oka line"
    ax.plot(lons, lats, color=LINE, lw=5, zorder=6, solid_capstyle="butt")
    look: dict[str, Any] = {"size": TEXT, "weight": "bold", "color": LINE, "path_effects": halo(WASH), "zorder": 8}
    note(ax, f"{name}, {km:.0f} km", (lons[-1], lats[-1]), (8, 0), **look)


def _places(ax: Axes, road: Road, line_km: float) -> None:
    """Towns as dots on the road, names to the west with their road distance; the line stands for the town on it."""
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    tall, reach = north - south, (east - west) * 0.045
    inside = [t for t in road.towns if south < t["lat"] < north and abs(t["road_km"] - line_km) >= 1]
    heights = spread([t["lat"] for t in inside], tall / 24, south, north - tall / 60)
    ax.plot([t["lon"] for t in inside], [t["lat"] for t in inside], "o", ms=7, mfc="white", mec=INK, mew=1.8, zorder=7)
    look: dict[str, Any] = {"ha": "right", "va": "center", "path_effects": halo(WASH), "zorder": 8}
    for town, height in zip(inside, heights, strict=True):
        ax.plot([town["lon"], town["lon"] - reach * 0.8], [town["lat"], height], color=FAINT, lw=1, zorder=4)
        size, weight = (TEXT, "bold") if town["road_km"] == road.km[0] else (SMALL, "normal")
        name = f"{short(town['name'])} {town['road_km']:.0f}"
        ax.text(town["lon"] - reach, height, name, size=size, weight=weight, **look)


def _ranges(ax: Axes, closest: np.ndarray, outcome: np.ndarray, setting: Setting) -> None:
    """Median, 50 % and 80 % range of the closest distance for each ending that came."""
    came = [k for k in range(len(ENDINGS)) if np.any(outcome == k)]
    look: dict[str, Any] = {"ha": "right", "va": "center", "weight": "bold"}
    for row, k in enumerate(came):
        mine, colour = closest[outcome == k], ENDINGS[k].colour
        q10, q25, q50, q75, q90 = np.percentile(mine, [10, 25, 50, 75, 90])
        ax.plot([q10, q90], [row, row], color=colour, lw=3, solid_capstyle="butt")
        ax.plot([q25, q75], [row, row], color=colour, lw=11, solid_capstyle="butt")
        ax.plot(q50, row, "o", ms=10, mfc="white", mec=ink(colour), mew=2.5, zorder=4)
        note(ax, f"{q50:.0f}", (q50, row), (0, 11), ha="center")
        name = f"{ENDINGS[k].label}\n{percent(len(mine) / len(closest))} of runs"
        ax.text(-0.03, row, name, transform=ax.get_yaxis_transform(), color=ink(colour), **look)
    halt = setting.get("halt") or {"high": 0.0}
    far = max(float(np.percentile(closest, 98)), float(setting["line_km"]) * 1.5, halt["high"])
    ax.set_xlim(-8, far * 1.06)
    ax.set_ylim(len(came) - 0.4, -0.75)
    ax.set_yticks([])
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("closest road km: median, middle 50 and 80 %")
    _marks(ax, setting)


def _marks(ax: Axes, setting: Setting) -> None:
    """The line, and the range in which June 2023 halted, named above the axes."""
    line = float(setting["line_km"])
    above: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "ha": "center"}
    ax.axvline(line, color=LINE, lw=2, zorder=1)
    note(ax, "line", (line, 1), (0, 3), color=LINE, weight="bold", **above)
    halt = setting.get("halt") if is_june_2023(setting) else None
    if halt:
        ax.axvspan(halt["low"], halt["high"], color=FAINT, alpha=0.35, lw=0, zorder=0)
        middle = (halt["low"] + halt["high"]) / 2
        note(ax, f"June 2023 (claim: {halt['km']:.0f})", (middle, 1), (0, 3), color=MUTED, **above)
