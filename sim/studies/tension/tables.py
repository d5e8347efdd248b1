"""Tables of a tension line: for Parquet, and for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from sim.scenario import Setting
    from sim.studies.tension.courses import Course

NO_EVENT = "no event: time passed, and beliefs moved"


def hours(course: Course, setting: Setting) -> list[float]:
    """Hour of each moment."""
    return [float(step * setting.params.dt) for step in course.moments]


def alternatives(course: Course) -> tuple[list[tuple[Any, int]], Any]:
    """Every option not taken as (decision, option), and the change that ordering it makes."""
    import numpy as np

    from sim.story.tension import change

    pairs = [(decision, j) for decision, _ in course.decided for j in range(4) if j != decision.option]
    taken = np.array([fates[decision.option] for decision, fates in course.decided for _ in range(3)])
    instead = np.array([fates[j] for decision, fates in course.decided for j in range(4) if j != decision.option])
    return pairs, change(taken, instead)


def line_table(course: Course, setting: Setting) -> dict[str, Any]:
    """One row a moment: hour, km, n, and each ending's odds with the ends of its 95 % interval."""
    import numpy as np

    from sim.model.state import ENDINGS
    from sim.story.tension import bands, shares

    odds, (low, high) = shares(course.fates), bands(course.fates)
    table = {"hour": np.array(hours(course, setting)), "km": course.km}
    table["n"] = np.full(len(course.moments), course.fates.shape[1])
    for code, name in enumerate(ENDINGS):
        table |= {name: odds[:, code], f"{name}_low": low[:, code], f"{name}_high": high[:, code]}
    return table


def what_if_table(course: Course, setting: Setting) -> dict[str, Any]:
    """One row an option not taken: odds by ending with the choice and with the option instead, and the errors."""
    import numpy as np

    from sim.model.state import ENDINGS, OPTIONS, SEATS

    pairs, changes = alternatives(course)
    table: dict[str, Any] = {
        "hour": np.array([decision.step * setting.params.dt for decision, _ in pairs]),
        "seat": np.array([SEATS[decision.seat] for decision, _ in pairs]),
        "chose": np.array([OPTIONS[decision.option] for decision, _ in pairs]),
        "instead": np.array([OPTIONS[j] for _, j in pairs]),
        "chance": np.array([decision.chance[j] for decision, j in pairs]),
        "allowed": np.array([decision.allowed for decision, _ in pairs]),
        "moved": changes.size, "clear": changes.clear,
    }  # fmt: skip
    for code, name in enumerate(ENDINGS):
        table |= {f"{name}_chosen": changes.before[:, code], f"{name}_instead": changes.after[:, code]}
        table[f"{name}_error"] = changes.error[:, code]
    return table


def when(hour: float, setting: Setting) -> str:
    """The hour, with Moscow time where the setting is that of June 2023."""
    from sim.story.narrative import clock

    return f"{hour:.1f}" + (f"\n{clock(hour)}" if setting.settings.route["track"] else "")


def turning_table(told: Mapping[str, Any], setting: Setting) -> Table:
    """The turning points, largest first, with what happened then."""
    from rich.table import Table

    what = "history" if told["history"] else f"replicate {told['replicate']}"
    table = Table(
        title=f"{setting.label}, {what}: turning points on the way to {told['ending']}",
        caption=f"{told['continuations']:,} continuations from each of {told['moments'] - 1} moments, seed "
        f"{setting.seed}; odds and change: of {told['ending']}; intervals hold for all moments and endings together "
        "(95 %); moved: share of all odds, and what surely changed most where that is another ending",
        title_justify="left", caption_justify="left",
    )  # fmt: skip
    for heading in ("hour", "odds", "change, points", "moved", "what happened"):
        table.add_column(heading, justify="left" if heading == "what happened" else "right")
    for point in told["turning_points"]:
        events: Sequence[Any] = point["events"]
        text = "\n".join(event["text"] for event in events[:3]) or NO_EVENT
        table.add_row(when(point["hour"], setting), *_odds(point, told["ending"]), text)
    return table


def no_turning(told: Mapping[str, Any]) -> str:
    """What stands in place of a table without rows."""
    return (
        f"No turning point: between no two neighbours of the {told['moments']} moments do the odds move beyond chance, "
        f"with {told['continuations']:,} continuations from each."
    )


def no_decision(told: Mapping[str, Any]) -> str:
    """What stands in place of a table of decisions without rows."""
    return (
        f"No decision is seen to matter: of the {told['decisions_taken']} taken, none would have moved the odds beyond "
        f"chance had it been another that the seat might have taken, with {told['what_if']:,} continuations an option."
    )


def _odds(point: Mapping[str, Any], ending: str) -> tuple[str, str, str]:
    from sim.story.tension import telling_change

    told = telling_change(point, ending)
    other = "" if told["ending"] == ending else f"\n{told['ending']} {100 * told['change']:+.0f}"
    before, after, low, high = (100 * point[name] for name in ("before", "after", "low", "high"))
    return (
        f"{before:.0f} to {after:.0f} %",
        f"{100 * point['change']:+.1f}\n({low:+.1f} to {high:+.1f})",
        f"{100 * point['moved']:.0f} %{other}",
    )


def decision_table(told: Mapping[str, Any], setting: Setting) -> Table:
    """The decisions that mattered: what the odds would have been had a seat been ordered otherwise."""
    from rich.table import Table

    clear, taken = told["decisions_clear"], told["decisions_taken"]
    table = Table(
        title=f"Decisions that, ordered otherwise, would have moved the odds beyond chance: {clear} of {taken} taken",
        title_justify="left", caption_justify="left",
        caption=f"{told['what_if']:,} continuations an option, with the same luck, the largest moves first; odds of "
        f"{told['ending']}; intervals hold for all options and endings together (95 %); chance: what the seat gave the "
        "other option",
    )  # fmt: skip
    for heading in ("hour", "seat", "chose", "instead", "chance", "odds", "change, points", "moved"):
        table.add_column(heading, justify="left" if heading in ("seat", "chose", "instead") else "right")
    for made in told["decisions"]:
        chance = f"{100 * made['chance']:.0f} %"
        where = when(made["hour"], setting)
        table.add_row(where, made["seat"], made["chose"], made["instead"], chance, *_odds(made, told["ending"]))
    return table
