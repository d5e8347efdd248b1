"""`rubicon sweep`: a design played point by point into Parquet, in parts that survive a stop."""

from __future__ import annotations

import shlex
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import results as record
from sim.errors import ConfigurationError, RecordError, command
from sim.errors import setting as written
from sim.results import journal as journals
from sim.studies.console import console, counting
from sim.studies.sweep.canaries import Canary, as_run, sing
from sim.studies.sweep.executors import EXECUTORS, Lost
from sim.studies.sweep.plan import FREE_AT_RESUME, Plan, differences, header, lay_out
from sim.studies.writing import Results, base_manifest

if TYPE_CHECKING:
    from sim.scenario import Setting
    from sim.settings import Settings

BY_LUCK = "luck"  # a row's replicate is the one whose luck it has; earlier versions counted from 0 at each point
FAILED = 1  # exit code of a sweep whose canaries died


def task(settings: Settings) -> int:
    """One composed job of the command line."""
    from sim.scenario import build

    if settings.choices["resume"] is not None:
        return resume(settings)
    setting = build(at_home(settings))
    base = Path(settings.out) / "sweep" / setting.name
    # `held` comes first: the journal's lock is let go when the folder has its name.
    with ExitStack() as held, record.directory(base, settings.name) as place:
        plan = lay_out(setting)
        record.write_text(place.working / "config.yaml", setting.settings.text)
        _write_points(plan, place.working)
        # The journal comes last: where it stands, what it needs beside it is whole.
        journal = held.enter_context(closing(journals.begin(place.working, said(plan, place.final.name))))
        results = Results(place, setting)
        dead = _work(plan, journal, results)
    return _close(results, dead)


def said(plan: Plan, final: str) -> dict[str, Any]:
    """The first line of the journal."""
    return header(plan, final) | {"replicate": BY_LUCK}


def at_home(settings: Settings) -> Settings:
    """The settings with a table of points by its full path, so that it is found again from any folder."""
    table = settings.choices["sweep"].get("table")
    if not table or Path(str(table)).is_absolute():
        return settings
    from sim.config import compose_like

    kept = [text for text in settings.overrides if text.lstrip("+").partition("=")[0] != "sweep.table"]
    return compose_like(settings, [*kept, written("sweep.table", Path(str(table)).absolute())])


def _write_points(plan: Plan, folder: Path) -> None:
    with record.whole(folder / "points.parquet") as half:
        record.write_table(half, plan.points())


def resume(settings: Settings) -> int:
    """Go on with a stopped sweep where it was; RecordError or ConfigurationError where it cannot be the same one."""
    if not settings.choices["resume"]:
        raise ConfigurationError("resume= names no folder; give the one that the stopped sweep named.")
    folder = Path(settings.choices["resume"])
    folder = folder if folder.name not in ("", "..") else folder.resolve()
    if folder.is_dir() and not folder.name.endswith(record.UNFINISHED):
        record.finished(folder)
        console().print(f"{folder} is finished already; there is nothing to go on with.", highlight=False)
        return 0
    with closing(journals.reopen(folder)) as journal:
        _check_header(journal.header, folder)
        with record.again(folder, settings.name or journal.header["final"], named=bool(settings.name)) as place:
            setting = _same_setting(settings, journal.header)
            _refuse_other_config(setting, journal.header, folder)
            plan = lay_out(setting)
            _refuse_other_sources(journal.header, header(plan), folder, str(setting.settings.choices["luck"]))
            _write_points(plan, folder)  # anew: they are known, and a damaged file would stop every resume
            results = Results(place, setting)
            dead = _work(plan, journal, results)
    return _close(results, dead)


def _check_header(known: dict[str, Any], folder: Path) -> None:
    """RecordError unless the journal says of the sweep all that is needed to go on with it."""
    kinds = {"overrides": list, "config_dir": list, "final": str, "seed": int, "design": str, "parts": int,
             "source_hash": str}  # fmt: skip
    good = all(isinstance(known.get(key), kind) for key, kind in kinds.items())
    if not good or not all(isinstance(text, str) for text in [*known["overrides"], *known["config_dir"]]):
        raise RecordError(
            f"{folder / journals.NAME} is damaged: its first line does not say what the sweep was. Start it anew."
        )


def _same_setting(settings: Settings, known: dict[str, Any]) -> Setting:
    """The setting of the stopped sweep: its own overrides, unless some are given anew (then they are compared)."""
    from sim.config import compose
    from sim.scenario import build

    free = tuple(f"{key}{end}" for key in FREE_AT_RESUME for end in ("=", "."))
    given = [text for text in settings.overrides if not text.startswith(free)]
    now = [text for text in settings.overrides if text.startswith(free)]
    seed = next((text for text in now if text.startswith("seed=")), f"seed={known['seed']}")
    kept = [text for text in given or known["overrides"] if not text.startswith(free)]
    now = [text for text in now if not text.startswith("seed=")] + [seed]
    folders = [*settings.folders, *known["config_dir"]]
    return build(compose([*kept, *now], folders[0] if folders else None, verb="sweep"))


def _refuse_other_config(setting: Setting, known: dict[str, Any], folder: Path) -> None:
    """ConfigurationError that names the keys, when the sweep was begun with another configuration."""
    import yaml

    both = (record.read_yaml(folder / "config.yaml"), yaml.safe_load(setting.settings.text))
    was, now = ({key: v for key, v in tree.items() if key not in FREE_AT_RESUME} for tree in both)
    changed = [*differences(was, now), *differences({"seed": known["seed"]}, {"seed": setting.seed})]
    if changed:
        raise ConfigurationError(
            f"{folder} was begun with another configuration ({'; '.join(changed[:5])}). Nothing was changed. "
            "Resume with the same, or with resume= alone, or start a new sweep."
        )


def _refuse_other_sources(old: dict[str, Any], new: dict[str, Any], folder: Path, luck: str) -> None:
    """ConfigurationError when rules or points are not those that the sweep was begun with."""
    if old["source_hash"] != new["source_hash"]:
        raise ConfigurationError(
            f"{folder} was begun by another version of the rules (source hash {old['source_hash'][:12]}, "
            f"now {new['source_hash'][:12]}); its runs would not fit together. Go back to that version, or start anew."
        )
    if old.get("replicate") != BY_LUCK and luck == "independent":
        raise ConfigurationError(
            f"{folder} was begun by a version that numbered the replicates of luck=independent otherwise; start anew."
        )
    if (old["design"], old["parts"]) != (new["design"], new["parts"]):
        raise ConfigurationError(f"{folder}: the design comes out otherwise than when it was begun; start a new sweep.")


def _work(plan: Plan, journal: journals.Journal, results: Results) -> list[Canary]:
    """Play what is left, gather it, draw it; returns the canaries that died."""
    clock, began = time.perf_counter(), record.stamp()
    choices, folder = plan.setting.settings.choices, results.working
    print(f"if it is stopped: {command('sweep', resume=folder)}", file=sys.stderr)
    canaries = sing(plan) if choices["canaries"] else []
    try:
        _play(plan, journal)
    except Lost as error:
        kept = f"{len(journal.digests)} of {len(plan.parts)} parts are kept"
        raise Lost(f"{error} {kept}; go on with: rubicon sweep resume={shlex.quote(str(folder))}") from error
    played = time.perf_counter() - clock
    if choices["canaries"]:
        canaries.append(as_run(plan, journal))
    from sim.studies.sweep.results import gather, report_on

    gather(folder, len(plan.parts))
    summary, pages = report_on(plan, folder, canaries)
    results.save(pages)
    record.write_json(folder / "summary.json", summary)
    for text in (*summary["conclusions"], *summary["notes"]):
        results.say(text, highlight=False, markup=False)
    timing = {"started": began, "play_s": round(played, 3), "wall_s": round(time.perf_counter() - clock, 3)}
    facts = {"design": plan.design.kind, "points": len(plan.base), "runs": plan.runs, "digest": journal.digest()}
    made = base_manifest(plan.setting)
    made["overrides"] = [text for text in made["overrides"] if not text.startswith("resume=")]  # that folder goes
    record.write_json(folder / "manifest.json", made | facts | timing)
    return [canary for canary in canaries if not canary.passed]


def _play(plan: Plan, journal: journals.Journal) -> None:
    """Play the parts that the journal lacks; each is written while the next one is played."""
    settings = plan.setting.settings
    options = settings.choices["executor"]
    todo = [number for number in range(len(plan.parts)) if number not in journal.digests]
    sizes = [(part.high - part.low) * part.count for part in plan.parts]
    keep = settings.choices["keep"] == "runs"
    written: list[Future[None]] = []
    what = f"{plan.setting.name}: {len(plan.base):,} points"
    with counting(plan.runs, what) as progress, ThreadPoolExecutor(1) as writer:
        progress(sum(sizes[number] for number in journal.digests))
        for number, tables in EXECUTORS[options["name"]](plan, todo, keep, options, settings.threads):
            while len(written) >= 2:  # at most two parts wait for the disk
                written.pop(0).result()
            written.append(writer.submit(journal.add, number, tables))
            progress(sizes[number])
        for left in written:
            left.result()


def _close(results: Results, dead: list[Canary]) -> int:
    """Say what was found and where it is, and whether it can be trusted."""
    for canary in dead:
        print(f"rubicon sweep: canary failed: {canary.name}: {canary.text}", file=sys.stderr)
    results.speak()
    return FAILED if dead else 0


def main(argv: list[str]) -> int:
    """Entry of the verb: Hydra overrides and flags in `argv`; sweeping overrides are axes."""
    from sim.config import launch

    return launch(argv, task, "sweep")
