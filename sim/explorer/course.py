"""One crisis on the Mesa engine, stepped to its end, as plain data: the page plays it back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from sim.engines.mesa import Crisis
from sim.model.maths import logistic
from sim.model.state import N_SEATS, Conduct, Ending, State
from sim.scenario import Setting
from sim.story.narrative import ENDING_TEXT, as_dict, between, weeks_after

DIGITS = 4  # of what the page draws; the crisis itself is played with all


def course(setting: Setting, seed: int, replicate: int) -> dict[str, Any]:
    """The crisis step by step, from its opening: `steps`, `events` (each with the step it belongs to), the ending.

    Luck is addressed by (seed, replicate), so the same call gives the same crisis, and the kernel plays it too.
    """
    crisis = Crisis(setting.params, setting.script, seed=seed, replicate=replicate)
    states = [crisis.state.copy()]
    while crisis.running:
        crisis.step()
        states.append(crisis.state.copy())
    crisis.remove_all_agents()
    last = states[-1]
    events = [
        {"step": number, **as_dict(event)}
        for number, (a, b) in enumerate(pairwise(states), 1)
        for event in between(a, b, setting)
    ]
    return {
        "scenario": setting.name, "seed": seed, "replicate": replicate, "steps": _steps(states, setting),
        "events": events, "ending": last.ending, "ending_text": ENDING_TEXT[Ending(last.ending)],
        "end_h": last.end_h, "closest_km": _short(last.closest_km), "deaths_airmen": _short(last.airmen),
        "weeks": [{"week": week, "text": text} for week, text in weeks_after(last, setting)],
        "map": _map(setting, states[0]),
    }  # fmt: skip


def _steps(states: list[State], setting: Setting) -> list[dict[str, Any]]:
    """What the page draws of each state; `weighed` says which seats have weighed their options so far."""
    weighed = [False] * N_SEATS
    found = []
    for s in states:
        weighed = [before or bool(now) for before, now in zip(weighed, s.revised, strict=True)]
        found.append({
            "hour": s.end_h if s.ending >= 0 else s.step * setting.params.dt,
            "km": _short(s.km), "rebels": _short(s.rebels), "line": _short(s.line_ahead), "line_up": int(s.line_up),
            "battle": int(s.battle), "public": _short(logistic(s.log_odds)), "belief": [_short(x) for x in s.belief],
            "chance": [[_short(x) for x in row] for row in s.chance], "option": [int(x) for x in s.option],
            "revised": [int(x) for x in s.revised], "weighed": [int(x) for x in weighed],
            "conduct": [Conduct(x).name.lower() for x in s.conduct],
        })  # fmt: skip
    return found


def _map(setting: Setting, opening: State) -> dict[str, Any]:
    """Places of the road, the line and the formations."""
    return {
        "towns": [{key: town[key] for key in ("name", "lat", "lon", "road_km")} for town in setting.towns],
        "start_km": setting.params.D0, "line_km": setting.params.D_line, "horizon_h": setting.params.horizon_h,
        "formations": [_short(km) for km in opening.position],
        "present": [int(present) for present in setting.params.present],
        "clocked": bool(setting.settings.route.get("track")),
    }  # fmt: skip


def _short(x: float) -> float:
    return round(float(x), DIGITS)
