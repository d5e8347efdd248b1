"""`rubicon tension`: the odds of each ending from every half hour onward, and the decisions that moved them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.errors import ConfigurationError
from sim.studies.console import counting
from sim.studies.tension.tables import (
    alternatives,
    decision_table,
    hours,
    line_table,
    no_decision,
    no_turning,
    turning_table,
    what_if_table,
)
from sim.studies.writing import of_setting, study

if TYPE_CHECKING:
    from sim.scenario import Setting
    from sim.studies.tension.courses import Course


def tension(setting: Setting) -> Mapping[str, Any]:
    """Play, print and write the tension line of a setting's run or of history; returns what summary.json holds.

    The directory holds line.parquet (a row a moment), what_if.parquet (a row an option not
    taken), figures/tension, and the turning points and decisions in summary.json.
    """
    from sim import results as record

    with study(setting) as (results, numbers, manifest):
        course = course_of(setting)
        told = summary(course, setting)
        numbers |= told
        record.write_table(results.working / "line.parquet", line_table(course, setting))
        if course.decided:
            record.write_table(results.working / "what_if.parquet", what_if_table(course, setting))
        results.save({"tension": _page(course, told, setting)})
        manifest |= {name: told[name] for name in ("history", "replicate", "ending", "continuations")}
        results.say(turning_table(told, setting) if told["turning_points"] else no_turning(told))
        if course.decided:
            results.say(decision_table(told, setting) if told["decisions"] else no_decision(told))
    return told


def whole(choices: Mapping[str, Any], key: str, least: int) -> int:
    """A verb's own key that must be a whole number from `least` on; ConfigurationError otherwise."""
    value = choices[key]
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ConfigurationError(f"{key}={value} is not allowed; give a whole number from {least} on.")
    return value


def given(setting: Setting, key: str) -> bool:
    """Whether a key was set on the command line."""
    return any(text.partition("=")[0].lstrip("+") == key for text in setting.settings.overrides)


def stride(choices: Mapping[str, Any], dt: float) -> int:
    """Steps between two moments; ConfigurationError unless `every_h` is a multiple of the step."""
    hours = choices["every_h"]
    steps = round(hours / dt) if isinstance(hours, (int, float)) and not isinstance(hours, bool) else 0
    if steps < 1 or abs(steps * dt - hours) > 1e-9:
        raise ConfigurationError(f"every_h={hours} is not allowed; give a multiple of the step, clock.dt={dt:g} h.")
    return steps


def course_of(setting: Setting) -> Course:
    """The course that the verb's keys ask for: a run's, or history's."""
    from sim import jit
    from sim.engines import kernel
    from sim.studies.tension import courses

    keys = setting.settings.choices
    n, m, every = whole(keys, "continuations", 2), whole(keys, "what_if", 0), stride(keys, setting.params.dt)
    whole(keys, "turning_points", 1)
    if keys["history"] and given(setting, "replicate"):
        raise ConfigurationError(
            "history=true takes history itself, over all replicates; leave out replicate=..., or history=true."
        )
    if keys["history"] and setting.settings.release_at_h:
        raise ConfigurationError("history=true sets history free at every hour in turn; leave out release_at_h.")
    jit.use_threads(setting.settings.threads)
    kernel.ready()
    replicate = None if keys["history"] else setting.settings.replicate
    m = min(m, n) if replicate is None else m  # history has one replicate for each continuation
    with counting(courses.planned(setting, replicate, every=every, n=n, m=m), "continuations") as progress:
        if replicate is None:
            return courses.of_history(setting, every=every, n=n, m=m, progress=progress)
        return courses.of_run(setting, replicate, every=every, n=n, m=m, progress=progress)


def summary(course: Course, setting: Setting) -> dict[str, Any]:
    """The main numbers: odds at the start, turning points, decisions that mattered."""
    from sim.model.state import ENDINGS
    from sim.story.tension import change, shares

    keys, odds = setting.settings.choices, shares(course.fates)
    jumps, decided = change(course.fates[:-1], course.fates[1:]), _decisions(course, setting)
    return {
        "history": bool(keys["history"]), "replicate": None if keys["history"] else setting.settings.replicate,
        "ending": ENDINGS[course.ending], "continuations": course.fates.shape[1],
        "what_if": course.decided[0][1].shape[1] if course.decided else 0,
        "moments": len(course.moments), "clear_jumps": int(jumps.clear.sum()),
        "odds_at_first": {name: float(odds[0, code]) for code, name in enumerate(ENDINGS)},
        "turning_points": _turning_points(course, jumps, setting),
        "decisions_taken": len(course.decided), "decisions_clear": len(decided),
        "decisions": decided[: keys["turning_points"]],
    }  # fmt: skip


def _turning_points(course: Course, jumps: Any, setting: Setting) -> list[dict[str, Any]]:
    """The largest clear jumps, with what happened in that time, in order of size."""
    from sim.story.tension import described, largest, telling

    at, out = hours(course, setting), []
    for i in largest(jumps, setting.settings.choices["turning_points"]):
        events = telling(course.events[i])
        out.append(
            {"hour": at[i], "until_h": at[i + 1]}
            | described(jumps, i, course.ending)
            | {"events": [event._asdict() for event in events]}
        )
    return out


def _decisions(course: Course, setting: Setting) -> list[dict[str, Any]]:
    """Decisions that would have moved the odds beyond chance if ordered otherwise, by the option that moves most."""
    from sim.model.state import OPTIONS, SEATS
    from sim.story.tension import described, largest

    if not course.decided:
        return []
    pairs, changes = alternatives(course)
    out: dict[tuple[int, int], dict[str, Any]] = {}
    least = setting.settings.choices["least_chance"]
    for i in largest(changes, len(pairs)):
        decision, j = pairs[i]
        if not decision.allowed or not decision.chance[j] >= least:
            continue
        out.setdefault(
            (decision.step, decision.seat),
            {"hour": decision.step * setting.params.dt, "seat": SEATS[decision.seat]}
            | {"chose": OPTIONS[decision.option], "instead": OPTIONS[j], "chance": decision.chance[j]}
            | {"allowed": decision.allowed}
            | described(changes, i, course.ending),
        )
    return list(out.values())


def _page(course: Course, told: Mapping[str, Any], setting: Setting) -> Any:
    import numpy as np

    from sim import draw as plots
    from sim.story.tension import shares

    prepared = setting.params.D_line if setting.params.L_max > 0.0 else None
    line = {"hour": np.array(hours(course, setting)), "km": course.km, "odds": shares(course.fates), **told}
    line["line_km"] = prepared
    return plots.draw("tension", tension=line, setting=setting.drawn(course.fates.shape[1]))


def main(argv: list[str]) -> int:
    """Entry of the verb: Hydra overrides and flags in `argv`."""
    from sim.config import launch

    return launch(argv, of_setting(tension), "tension")
