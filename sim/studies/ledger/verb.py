"""`rubicon ledger`: what mediation is worth, by hour of entry and by function switched off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.errors import ConfigurationError
from sim.studies.console import counting
from sim.studies.writing import of_setting, study

if TYPE_CHECKING:
    import numpy as np

    from sim.scenario import Setting

FREE = "free"  # the mediator comes in by the model's own ways, from hour 0


def ledger(setting: Setting) -> Mapping[str, Any]:
    """Play every arm, print and write; returns what summary.json holds.

    The directory holds ledger.parquet (a row a difference) and figures/ledger.
    """
    from sim import draw as plots
    from sim import jit
    from sim import results as record
    from sim.engines import kernel
    from sim.model.state import Seat

    steps = steps_of(setting)
    if setting.params.present[Seat.MEDIATOR] == 0.0:
        raise ConfigurationError("this setting has no mediator to keep an account of; set actors.mediator.present=1.")
    jit.use_threads(setting.settings.threads)
    with study(setting) as (results, numbers, manifest):
        kernel.ready()
        told = accounts(setting, steps)
        numbers |= told
        record.write_table(results.working / "ledger.parquet", table(told["entries"]))
        page = plots.draw("ledger", ledger=told, setting=setting.drawn(told["replications"]))
        results.save({"ledger": page})
        manifest |= {"hours": told["hours"]}
        results.say(printed(told, setting))
    return told


def steps_of(setting: Setting) -> list[int]:
    """The hours asked for, as steps; ConfigurationError unless they are multiples of the step within the horizon."""
    dt, hours = setting.params.dt, setting.settings.choices["hours"]
    horizon = setting.params.horizon_h
    good = isinstance(hours, list) and hours and all(
        isinstance(hour, (int, float)) and not isinstance(hour, bool) and dt <= hour < horizon
        and abs(round(hour / dt) * dt - hour) < 1e-9 for hour in hours
    )  # fmt: skip
    if not good or len(set(hours)) < len(hours):
        raise ConfigurationError(
            f"hours={hours} is not allowed; give different multiples of {dt:g} h, from {dt:g} to below {horizon:g}."
        )
    return sorted(round(hour / dt) for hour in hours)


def accounts(setting: Setting, steps: Sequence[int]) -> dict[str, Any]:
    """All arms of the ledger: entry at each hour and free entry, whole and with each function off."""
    import numpy as np

    from sim.engines.mediation import FUNCTIONS, at_hours, entered, finish, lacking, without
    from sim.stats.accounts import best_hour, differences, kept_of_deals, settle

    n, dt, script = setting.settings.replications, setting.params.dt, setting.script
    replicate, none = np.arange(n), without(setting)
    arms = {"whole": setting.params.row()} | {name: lacking(setting, name) for name in FUNCTIONS}
    entries: list[dict[str, Any]] = []
    kept: dict[str, dict[str, float | None]] = {}
    whole: dict[float, Mapping[str, np.ndarray]] = {}
    with counting(n * (1 + len(arms)) * (len(steps) + 1), f"{setting.name}, ledger") as progress:
        moments, last = at_hours(setting, none, replicate, steps)
        never = finish(last, none, seed=setting.seed, replicate=replicate, script=script)
        progress(n)

        def enter(label: str, hour: float | None, play: Any, running: float) -> None:
            runs = {name: play(row) for name, row in arms.items()}
            progress(n * len(arms))
            kept[label] = {"never": kept_of_deals(never), **{name: kept_of_deals(one) for name, one in runs.items()}}
            if hour is not None:
                whole[hour] = runs["whole"]
            for name, one in runs.items():
                pairs = {"mediation": (never, one)} | ({} if name == "whole" else {"function": (one, runs["whole"])})
                for of, (reference, other) in pairs.items():
                    for measure, entry in differences(reference, other).items():
                        told = {
                            "entry": label,
                            "hour": hour,
                            "value_of": of,
                            "lacks": None if name == "whole" else name,
                        }
                        entries.append({**told, "measure": measure, "running": running, **entry})

        for step in steps:
            states = moments[step]
            start = entered(states, step * dt) if setting.params.with_mediation else states

            def forced(row: np.ndarray, start: np.ndarray = start) -> dict[str, np.ndarray]:
                return finish(start, row, seed=setting.seed, replicate=replicate, script=script)

            enter(f"{step * dt:g}", step * dt, forced, float(np.mean(states["ending"] < 0)))
        enter(FREE, None, lambda row: _free(setting, row, replicate), 1.0)
    settle(entries)
    told = {"replications": n, "hours": [step * dt for step in steps], "kept_of_deals": kept, "entries": entries}
    return told | {"best": best_hour(never, whole), "worth_nothing": nothing(entries)}


def _free(setting: Setting, row: np.ndarray, replicate: np.ndarray) -> dict[str, np.ndarray]:
    """Run table from the first defiance, the mediator coming in by the model's own ways."""
    import numpy as np

    from sim.engines import kernel
    from sim.engines.columns import columns
    from sim.engines.points import read_by_columns
    from sim.model.state import state_type

    states = np.zeros(len(replicate), state_type())
    kernel.play(states, row, seed=setting.seed, replicate=replicate, script=setting.script)
    return columns(states, read_by_columns(row, np.zeros(len(replicate), np.int64)), replicate)


def nothing(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Sentences: where mediation raises or lowers a measure, and where it is not told from nothing, and how closely."""
    from sim.stats.accounts import MEASURES

    found = []
    for measure, (unit, about) in MEASURES.items():
        of = [e for e in entries if e["measure"] == measure and e["value_of"] == "mediation" and not e["lacks"]]
        ways = {
            "raises that with": [e for e in of if not e["nothing"] and e["difference"] > 0],
            "lowers that with": [e for e in of if not e["nothing"] and e["difference"] < 0],
            "is not told from worth nothing with": [e for e in of if e["nothing"]],
        }  # fmt: skip
        told = [f"{way} {_entries(those, of)}" for way, those in ways.items() if those]
        idle = ways["is not told from worth nothing with"]
        scale, mark = (100, "points") if unit == "share" else (1, unit)
        known = f" (known to ±{max(scale * e['precision'] for e in idle):.1f} {mark} or better)" if idle else ""
        found.append(f"{about[:1].upper()}{about[1:]}: mediation {'; it '.join(told)}{known}.")
    return found


def _entries(those: Sequence[Mapping[str, Any]], of: Sequence[Mapping[str, Any]]) -> str:
    """Entries in words."""
    if len(those) == len(of):
        return "every entry tried"
    hours = [str(e["entry"]) for e in those if e["hour"] is not None]
    named = [f"entry at hour{'s' if len(hours) > 1 else ''} {', '.join(hours)}"] if hours else []
    return " and ".join([*named, *("free entry" for e in those if e["hour"] is None)])


def table(entries: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """One row a difference, columns as in an entry."""
    import numpy as np

    text = {"entry", "value_of", "lacks", "measure"}
    return {
        name: np.array([entry[name] or "" for entry in entries]) if name in text
        else np.array([np.nan if entry[name] is None else entry[name] for entry in entries])
        for name in entries[0]
    }  # fmt: skip


def of_entry(
    entries: Sequence[Mapping[str, Any]],
    entry: str,
    measure: str,
    value_of: str = "mediation",
    lacks: str | None = None,
) -> Mapping[str, Any]:
    """The one difference of this description."""
    return next(
        e for e in entries
        if (e["entry"], e["measure"], e["value_of"], e["lacks"]) == (entry, measure, value_of, lacks)
    )  # fmt: skip


def printed(told: Mapping[str, Any], setting: Setting) -> Any:
    """The value of mediation by entry hour, and what each function adds, for the terminal."""
    from rich.table import Table

    shown = Table(
        title=f"{setting.label}, {told['replications']:,} pairs: what mediation is worth", title_justify="left",
        caption="against no mediator, 95 % intervals; * more than chance over the whole ledger", caption_justify="left",
    )  # fmt: skip
    for heading in ("entry at hour", "still running", "deaths", "deals, points", "kept deals, points"):
        shown.add_column(heading, justify="right")
    for label in told["kept_of_deals"]:
        cells = []
        for measure, scale in (("deaths", 1), ("deal", 100), ("deal_kept", 100)):
            e = of_entry(told["entries"], label, measure)
            star = "" if e["nothing"] else "*"
            cells.append(f"{scale * e['difference']:+.1f}{star} ({scale * e['low']:+.1f} to {scale * e['high']:+.1f})")
        running = of_entry(told["entries"], label, "deal")["running"]
        shown.add_row(label, f"{100 * running:.0f} %", *cells)
    return shown


def main(argv: list[str]) -> int:
    """Entry of the verb: Hydra overrides and flags in `argv`."""
    from sim.config import launch

    return launch(argv, of_setting(ledger), "ledger")
