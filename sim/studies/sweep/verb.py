"""`rubicon sweep`: a design played point by point into Parquet, in parts that survive a stop."""

from __future__ import annotations

import shlex
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import record
from sim.errors import ConfigurationError
from sim.record import journal as journals
from sim.studies.console import console, counting
from sim.studies.sweep.canaries import Canary, as_run, sing
from sim.studies.sweep.executors import EXECUTORS, Lost
from sim.studies.sweep.plan import FREE_AT_RESUME, Plan, differences, header, lay_out
from sim.studies.writing import base_manifest, save

if TYPE_CHECKING:
    from sim.scenario import Setting
    from sim.settings import Settings

FAILED = 1  # exit code of a sweep whose canaries died


def task(settings: Settings) -> int:
    """One composed job of the command line."""
    from sim.scenario import build

    if settings.choices["resume"] is not None:
        return resume(settings)
    setting = build(settings)
    plan = lay_out(setting)
    with record.directory(Path(settings.out) / "sweep" / setting.name, settings.name) as place:
        record.write_text(place.working / "config.yaml", settings.text)
        record.write_table(place.working / "points.parquet", plan.points())
        # The journal comes last: where it stands, what it needs beside it is whole.
        with closing(journals.begin(place.working, header(plan, place.final.name))) as journal:
            dead = _work(plan, journal, place.working)
    return _close(place.final, dead)


def resume(settings: Settings) -> int:
    """Go on with a stopped sweep where it was; RecordError or ConfigurationError where it cannot be the same one."""
    if not settings.choices["resume"]:
        raise ConfigurationError("resume= names no folder; give the one that the stopped sweep named.")
    folder = Path(settings.choices["resume"])
    if folder.is_dir() and not folder.name.endswith(record.UNFINISHED):
        record.finished(folder)
        console().print(f"{folder} is finished already; there is nothing to go on with.", highlight=False)
        return 0
    with closing(journals.reopen(folder)) as journal, record.again(folder, final_name(settings, journal)) as place:
        setting = _same_setting(settings, journal.header)
        _refuse_other_config(setting, journal.header, folder)
        plan = lay_out(setting)
        _refuse_other_sources(journal.header, header(plan), folder)
        dead = _work(plan, journal, place.working)
    return _close(place.final, dead)


def final_name(settings: Settings, journal: journals.Journal) -> str:
    """The name that the folder was to have, unless another is given now."""
    return str(settings.name or journal.header["final"])


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

    texts = ((folder / "config.yaml").read_text(encoding="utf-8"), setting.settings.text)
    was, now = ({key: v for key, v in yaml.safe_load(text).items() if key not in FREE_AT_RESUME} for text in texts)
    changed = [*differences(was, now), *differences({"seed": known["seed"]}, {"seed": setting.seed})]
    if changed:
        raise ConfigurationError(
            f"{folder} was begun with another configuration ({'; '.join(changed[:5])}). Nothing was changed. "
            "Resume with the same, or with resume= alone, or start a new sweep."
        )


def _refuse_other_sources(old: dict[str, Any], new: dict[str, Any], folder: Path) -> None:
    """ConfigurationError when rules or points are not those that the sweep was begun with."""
    if old["source_hash"] != new["source_hash"]:
        raise ConfigurationError(
            f"{folder} was begun by another version of the rules (source hash {old['source_hash'][:12]}, "
            f"now {new['source_hash'][:12]}); its runs would not fit together. Go back to that version, or start anew."
        )
    if (old["design"], old["parts"]) != (new["design"], new["parts"]):
        raise ConfigurationError(f"{folder}: the design comes out otherwise than when it was begun; start a new sweep.")


def _work(plan: Plan, journal: journals.Journal, folder: Path) -> list[Canary]:
    """Play what is left, gather it, draw it; returns the canaries that died."""
    clock, began = time.perf_counter(), record.stamp()
    choices = plan.setting.settings.choices
    print(f"if it is stopped: rubicon sweep resume={folder}", file=sys.stderr)
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
    save(pages, plan.setting, folder / "figures")
    record.write_json(folder / "summary.json", summary)
    for text in (*summary["conclusions"], *summary["notes"]):
        console().print(text, highlight=False)
    timing = {"started": began, "play_s": round(played, 3), "wall_s": round(time.perf_counter() - clock, 3)}
    facts = {"design": plan.design.kind, "points": len(plan.base), "runs": plan.runs, "digest": journal.digest()}
    record.write_json(folder / "manifest.json", base_manifest(plan.setting) | facts | timing)
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


def _close(folder: Path, dead: list[Canary]) -> int:
    """Say where the results are, and whether they can be trusted."""
    console().print(str(folder), highlight=False, soft_wrap=True)
    for canary in dead:
        print(f"rubicon sweep: canary failed: {canary.name}: {canary.text}", file=sys.stderr)
    return FAILED if dead else 0


def main(argv: list[str]) -> int:
    """Entry of the verb: Hydra overrides and flags in `argv`; sweeping overrides are axes."""
    from sim.config import launch

    return launch(argv, task, "sweep")
