"""`rubicon validate`: does the model show what happened? Patterns, rival accounts, and a jury on its conclusions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import results as record
from sim.errors import ConfigurationError
from sim.studies.console import counting
from sim.studies.writing import of_setting, study

if TYPE_CHECKING:
    import numpy as np

    from sim.patterns.patterns import Book
    from sim.scenario import Setting
    from sim.settings import Settings

GIVEN = ("all", "exit")


def validate(setting: Setting) -> Path:
    """Score the patterns of the case, the rivals and the jury where asked for; write, print, return the folder.

    The directory holds patterns.parquet (a row a pattern), readings.parquet (a row a run: each pattern's quantity and
    whether it hits), rivals.parquet, jury.parquet, figures/ and summary.json.
    """
    from sim import jit
    from sim.engines import kernel
    from sim.patterns.evidence import gather
    from sim.patterns.patterns import book
    from sim.studies.validate.tables import pattern_rows, pattern_table, readings

    keys, n = checked(setting.settings), setting.settings.replications
    of = book()
    jit.use_threads(setting.settings.threads)
    with study(setting) as (results, summary, manifest):
        kernel.ready()
        with counting(n, setting.name) as progress:
            evidence = gather(setting, n, progress)
        summary |= patterns(of, evidence, str(keys["given"])) | {"scenario": setting.label, "seed": setting.seed}
        table = pattern_rows(summary["patterns"])
        record.write_table(results.working / "patterns.parquet", table)
        record.write_table(results.working / "readings.parquet", readings(of, evidence), words=True)
        manifest["digest"] = record.digest({name: column for name, column in table.items() if column.dtype != object})
        _rivals(setting, of, evidence, summary, results.working)
        _jury(setting, summary, results.working)
        summary["conclusions"] = list(conclusions(summary))
        results.save(_figures(summary, setting))
        results.say(pattern_table(summary))
        for sentence in summary["conclusions"]:
            results.say(sentence, highlight=False, markup=False)
        _without_infinity(summary)
    return results.final


def checked(settings: Settings) -> Mapping[str, Any]:
    """The verb's own keys; ConfigurationError for one that is not allowed."""
    own = settings.choices
    if own["given"] not in GIVEN:
        raise ConfigurationError(f"given={own['given']} is not allowed; give one of {', '.join(GIVEN)}.")
    if own["jury_runs"] < 2:
        raise ConfigurationError(f"jury_runs={own['jury_runs']} is not allowed; give a whole number from 2 on.")
    level = own["jury_level"]
    if not isinstance(level, (int, float)) or not 0.5 <= level <= 0.9999:
        raise ConfigurationError(f"jury_level={level} is not allowed; give a number from 0.5 to 0.9999.")
    if settings.engine != "kernel":
        raise ConfigurationError(
            f"engine={settings.engine} is not allowed for validate; both engines play the same runs."
        )
    return own


def patterns(of: Book, e: Mapping[str, np.ndarray], given: str) -> dict[str, Any]:
    """What summary.json holds of the patterns: each scored over all runs and over exits, totals, joint hits.

    A pattern's own entries are those of the runs that `given` asks for; `all` and `exit` hold both.
    """
    from sim.model.state import Ending
    from sim.patterns import scores as p

    exits = e["outcome"] == Ending.NEGOTIATED_EXIT
    among = {"all": e, "exit": {name: values[exits] for name, values in e.items()}}
    scores = {name: p.scored(of, part) for name, part in among.items()}
    found = {name: _entry(pattern, scores, given) for name, pattern in of.patterns.items()}
    return {
        "given": given, "replications": len(exits), "exits": int(exits.sum()), "patterns": found,
        "totals": {name: _totals(of, scores[name], part) for name, part in among.items()},
        "joint": {name: p.joint(of, part) for name, part in among.items()},
        "joint_patterns": list(of.joint), "telling_patterns": list(of.telling),
    }  # fmt: skip


def _entry(pattern: Any, scores: Mapping[str, Any], given: str) -> dict[str, Any]:
    from sim.patterns.patterns import ABSENT
    from sim.patterns.patterns import GIVEN as AN_INPUT

    told = ("what", "how", "unit", "central", "use", "grade", "weight", "source", "represented", "given", "seen", "why")
    entry = {name: getattr(pattern, name) for name in told} | {"accept": [pattern.low, pattern.high]}
    if not pattern.represented:
        return entry | {"verdict": ABSENT}
    both = {name: scores[name][pattern.id] for name in GIVEN}
    own = both[given] | ({"verdict": AN_INPUT} if pattern.given else {})
    return entry | own | both


def _totals(of: Book, scores: Mapping[str, Any], e: Mapping[str, np.ndarray]) -> dict[str, Any]:
    from sim.patterns.scores import total, weighted

    found = {use: total(of, scores, use) | weighted(of, e, use) for use in ("H", "K")}
    return found | {"H_unseen": total(of, scores, "H", unseen=True)}


def _rivals(setting: Setting, of: Book, e: Mapping[str, np.ndarray], summary: dict[str, Any], folder: Path) -> None:
    from sim.studies.validate import rivals
    from sim.studies.validate.tables import rival_rows

    if not setting.settings.choices["rivals"]:
        return
    n = setting.settings.replications
    with counting(rivals.work(n), "rivals") as progress:
        found = rivals.rivals(setting, n, of, progress, e)
    summary["rivals"] = {"this model": {"about": "the model as it stands"} | rivals.account(of, e)} | found
    record.write_table(folder / "rivals.parquet", rival_rows(summary["rivals"]))


def _jury(setting: Setting, summary: dict[str, Any], folder: Path) -> None:
    from sim.studies.validate import jury
    from sim.studies.validate.tables import jury_rows

    own = setting.settings.choices
    if not own["jury"]:
        return
    with counting(jury.work(own["jury_runs"]), "jury") as progress:
        summary["jury"] = jury.jury(
            setting.settings, setting.seed, own["jury_runs"], float(own["jury_level"]), progress
        )
    record.write_table(folder / "jury.parquet", jury_rows(summary["jury"]))


def _figures(summary: Mapping[str, Any], setting: Setting) -> dict[str, Any]:
    from sim import draw as plots

    drawn = setting.drawn(summary["replications"])
    pages = {"patterns": plots.draw("patterns", validation=summary, setting=drawn)}
    if "rivals" in summary:
        pages["rivals"] = plots.draw("rivals", validation=summary, setting=drawn)
    if "jury" in summary:
        pages["jury"] = plots.draw("jury", jury=summary["jury"], setting=drawn)
    return pages


def conclusions(summary: Mapping[str, Any]) -> list[str]:
    """What was found, in sentences, the weak points as plainly as the strong ones."""
    from sim.studies.validate.words import of_jury, of_patterns, of_rivals

    said = of_patterns(summary)
    said += of_rivals(summary) if "rivals" in summary else []
    return said + (of_jury(summary["jury"]) if "jury" in summary else [])


def _without_infinity(summary: dict[str, Any]) -> None:
    """JSON has no infinity: `never` becomes null."""

    def plain(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: plain(value) for key, value in node.items()}
        if isinstance(node, list):
            return [plain(value) for value in node]
        return None if isinstance(node, float) and not math.isfinite(node) else node

    for key, value in list(summary.items()):
        summary[key] = plain(value)


def main(argv: list[str]) -> int:
    """Entry of the verb: Hydra overrides and flags in `argv`."""
    from sim.config import launch

    return launch(argv, of_setting(validate), "validate")
