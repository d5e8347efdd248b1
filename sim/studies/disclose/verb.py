"""`rubicon disclose`: what it is worth to tell one private fact to one actor at one hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.studies.console import counting
from sim.studies.writing import of_setting, study

if TYPE_CHECKING:
    import numpy as np

    from sim.scenario import Setting

MOST_SHOWN = 12


def disclose(setting: Setting) -> Mapping[str, Any]:
    """Tell every fact to every actor that can be told, at each hour; print, write, return what summary.json holds.

    The directory holds disclosures.parquet (a row an hour, fact and actor) and figures/disclosure.
    """
    from sim import draw as plots
    from sim import jit
    from sim import results as record
    from sim.engines import kernel
    from sim.studies.ledger.verb import steps_of

    steps = steps_of(setting)
    jit.use_threads(setting.settings.threads)
    with study(setting) as (results, numbers, manifest):
        kernel.ready()
        told = values(setting, steps)
        numbers |= told
        record.write_table(results.working / "disclosures.parquet", table(told["disclosures"]))
        page = plots.draw("disclosure", disclosure=told, setting=setting.drawn(told["replications"]))
        results.save({"disclosure": page})
        manifest |= {"hours": told["hours"]}
        results.say(printed(told, setting))
    return told


def values(setting: Setting, steps: Sequence[int]) -> dict[str, Any]:
    """The effect of each disclosure, largest first, and how many crises still ran at each hour."""
    import numpy as np

    from sim.engines.mediation import at_hours, finish
    from sim.studies.disclose.disclosure import ranked, value
    from sim.studies.disclose.tellings import FACTS, reveal

    n, dt, p, seed = setting.settings.replications, setting.params.dt, setting.params, setting.seed
    row, script = p.row(), setting.script
    pairs = [(fact, actor) for fact, known in FACTS.items() for actor in known.to]
    moments, _ = at_hours(setting, row, np.arange(n), steps)
    entries: list[dict[str, Any]] = []
    running: dict[str, int] = {}
    with counting(n * len(pairs) * len(steps), f"{setting.name}, disclosures") as progress:
        for step in steps:
            live = np.flatnonzero(moments[step]["ending"] < 0)
            states, running[f"{step * dt:g}"] = moments[step][live], len(live)
            if not len(live):
                continue
            own = np.repeat(row, len(live))
            silent = finish(states, row, seed=seed, replicate=live, script=script)
            for fact, actor in pairs:
                edited, numbers = reveal(fact, actor, states, own, p, seed=seed, replicate=live)
                heard = int((_bytes(edited) != _bytes(states)).any(axis=1).sum()
                            + ((_bytes(edited) == _bytes(states)).all(axis=1)
                               & (_bytes(numbers) != _bytes(own)).any(axis=1)).sum())  # fmt: skip
                which = np.arange(len(live))
                runs = finish(edited, numbers, seed=seed, replicate=live, which=which, script=script)
                found = value(silent, runs, len(pairs) * len(steps))
                entries.append(
                    {"hour": step * dt, "fact": fact, "actor": actor, "n": len(live), "news_to": heard, **found}
                )
                progress(n)
    about = {fact: {"about": known.about, "held": known.held} for fact, known in FACTS.items()}
    hours = [step * dt for step in steps]
    return {"replications": n, "hours": hours, "running": running, "facts": about,
            "disclosures": ranked(entries)}  # fmt: skip


def _bytes(records: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.ascontiguousarray(records).view(np.uint8).reshape(len(records), records.dtype.itemsize)


def table(entries: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """One row a disclosure; the parts of an interval as columns of their own."""
    import numpy as np

    flat = [
        {key: value for key, value in entry.items() if not isinstance(value, (dict, list))}
        | {f"{key}_{part}": value for key, inner in entry.items() if isinstance(inner, dict)
           for part, value in inner.items()}
        for entry in entries
    ]  # fmt: skip
    return {name: np.array([entry[name] for entry in flat]) for name in flat[0]} if flat else {"hour": np.array([])}


def printed(told: Mapping[str, Any], setting: Setting) -> Any:
    """The largest disclosures for the terminal."""
    from rich.table import Table

    shown = Table(
        title=f"{setting.label}: what it is worth to tell one fact to one actor", title_justify="left",
        caption="odds moved: share of runs' endings that went elsewhere, which chance alone makes positive; * more "
        "than chance over all disclosures; news to: crises in which it changed what the actor knows; deals: 95 % each",
        caption_justify="left",
    )  # fmt: skip
    for heading in ("hour", "fact", "told to", "news to", "end otherwise", "odds moved", "deals, points"):
        shown.add_column(heading, justify="left" if heading in ("fact", "told to") else "right")
    for e in told["disclosures"][:MOST_SHOWN]:
        star, deal = "*" if e["clear"] else "", e["deal"]
        shown.add_row(
            f"{e['hour']:g}", e["fact"], e["actor"], f"{e['news_to']} of {e['n']}",
            f"{100 * e['flipped']['share']:.1f} %",
            f"{100 * e['moved']:.1f}{star}",
            f"{100 * deal['difference']:+.1f} ({100 * deal['low']:+.1f} to {100 * deal['high']:+.1f})",
        )  # fmt: skip
    return shown


def main(argv: list[str]) -> int:
    """Entry of the verb: Hydra overrides and flags in `argv`."""
    from sim.config import launch

    return launch(argv, of_setting(disclose), "disclose")
