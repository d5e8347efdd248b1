"""The road as a page: towns on a map in real coordinates, and a track of boxes for a counter."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from sim.model.rules.setup import stand
from sim.model.state import N_ROUTE
from sim.scenario import Setting

KM_PER_DEGREE = 111.2
WIDE, TALL = 500.0, 860.0  # drawing of the map, user units
MARGIN = 36.0
GAP = 19.0  # least distance of two labels
BOX_KM = 20
PER_ROW = 10


def drawing(setting: Setting) -> dict[str, Any]:
    """Points and labels of the map, in user units: road, towns with km, garrisons, line, scale bar, track boxes."""
    towns = sorted(setting.towns, key=lambda town: float(town["road_km"]))
    km = np.array([float(town["road_km"]) for town in towns])
    x, y, unit = _plane(np.array([town["lon"] for town in towns]), np.array([town["lat"] for town in towns]))
    p = setting.params

    def at(distance: float) -> tuple[float, float]:
        return round(float(np.interp(distance, km, x)), 1), round(float(np.interp(distance, km, y)), 1)

    heights = _apart([float(value) for value in y])
    names = [
        {"x": round(float(x[i]), 1), "y": round(float(y[i]), 1), "to": round(heights[i], 1), "name": str(town["name"]),
         "km": f"{float(town['road_km']):.0f}", "node": bool(town.get("node"))}
        for i, town in enumerate(towns)
    ]  # fmt: skip
    met = [(j + 1, float(stand(j, p))) for j in range(N_ROUTE)]
    line = at(p.D_line) if p.L_max > 0.0 and p.D_line < p.D0 else None
    return {
        "wide": WIDE, "tall": TALL, "road": " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True)),
        "towns": names, "label_x": round(float(x.max()) + 56.0, 1), "line": line, "line_km": f"{p.D_line:.0f}",
        "start": at(p.D0), "start_km": f"{p.D0:.0f}", "bar": round(100.0 * unit, 1),
        "garrisons": [{"n": n, "at": at(d), "km": f"{d:.0f}"} for n, d in met if d >= 0.0], "track": track(setting),
    }  # fmt: skip


def _plane(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Equirectangular map that fits the page: x, y (down), and user units per km."""
    squeeze = math.cos(math.radians(float(lat.mean())))
    east, north = lon * squeeze * KM_PER_DEGREE, lat * KM_PER_DEGREE
    unit = min((WIDE * 0.42) / max(float(np.ptp(east)), 1.0), (TALL - 2 * MARGIN) / max(float(np.ptp(north)), 1.0))
    left = MARGIN + 26.0
    return left + (east - east.min()) * unit, MARGIN + (north.max() - north) * unit, unit


def _apart(heights: list[float]) -> list[float]:
    """Heights of labels pushed down, then up, until no two are closer than GAP; the order stays."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    out = list(heights)
    for a, b in pairwise(order):
        out[b] = max(out[b], out[a] + GAP)
    out[order[-1]] = min(out[order[-1]], TALL - MARGIN / 2)
    for b, a in pairwise(reversed(order)):
        out[a] = min(out[a], out[b] - GAP)
    return out


def track(setting: Setting) -> list[list[dict[str, Any]]]:
    """Rows of boxes of BOX_KM from the start to the capital, with what stands in each."""
    p = setting.params
    first = math.ceil(p.D0 / BOX_KM) * BOX_KM
    garrisons = [(j + 1, float(stand(j, p))) for j in range(N_ROUTE)]
    boxes = []
    for km in range(first, -1, -BOX_KM):
        low, high = km - BOX_KM / 2, km + BOX_KM / 2
        boxes.append(
            {
                "km": km, "capital": km == 0, "start": low <= p.D0 < high or (km == first and high <= p.D0),
                "line": low <= p.D_line < high and p.L_max > 0.0,
                "garrisons": [n for n, d in garrisons if low <= d < high],
                "towns": [str(t["name"]) for t in setting.towns if t.get("node") and low <= float(t["road_km"]) < high],
            }
        )  # fmt: skip
    return [boxes[i : i + PER_ROW] for i in range(0, len(boxes), PER_ROW)]
