"""What `rubicon compare` compares: scenarios, sets of overrides, or finished runs, all under one seed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import catalog
from sim import results as record
from sim.errors import ConfigurationError

if TYPE_CHECKING:
    import numpy as np

    from sim.scenario import Setting
    from sim.settings import Settings

SOURCES = ("scenarios", "sets", "runs")
OF_ALL = ("seed", "replications", "trajectories", "threads", "out", "name", "replicate")  # no matter of one setting
HOW = "give scenarios=[a,b], sets=[[...],[...]] or runs=[folder,folder]: two or more, the first is the reference"
Table = Mapping[str, "np.ndarray"]


@dataclass(frozen=True)
class Arm:
    """One of the settings compared; when it was played before, `runs` is its `kept` table and `rules` their hash."""

    label: str
    setting: Setting
    runs: Table | None = None
    rules: str | None = None


def arms_of(settings: Settings) -> list[Arm]:
    """The settings to compare, each with its label; the seed is one for all.

    Raises
    ------
    ConfigurationError
        when they are fewer than two, or asked for in two ways at once; others as in `compose` and `record.load`.
    """
    given = [key for key in SOURCES if any(_key(text) == key for text in settings.overrides)]
    if len(given) > 1:
        raise ConfigurationError(f"{' and '.join(given)} were given together; {HOW}.")
    source = given[0] if given else next((key for key in ("runs", "sets") if settings.choices[key]), "scenarios")
    wanted = settings.choices[source]
    if not isinstance(wanted, list) or len(wanted) < 2:
        raise ConfigurationError(f"{source}={wanted} names no two settings; {HOW}.")
    if source == "runs":
        _nothing_beside(settings)
        return _distinct(_recorded([Path(str(folder)) for folder in wanted], settings))
    if source == "scenarios" and any(_key(text) == "scenario" for text in settings.overrides):
        raise ConfigurationError("scenario=... was given, but `compare` takes its scenarios from scenarios=[a,b].")
    sets = [[f"scenario={name}"] for name in wanted] if source == "scenarios" else [_words(one) for one in wanted]
    return _distinct(_composed(sets, settings))


def _nothing_beside(settings: Settings) -> None:
    """ConfigurationError for a key that finished runs can no longer take."""
    allowed = {*catalog.verb_tree("compare"), "out", "name", "threads", "seed"} - {"replications"}
    late = [text for text in settings.overrides if _key(text) not in allowed and not text.startswith("figures.")]
    if late:
        raise ConfigurationError(
            f"{', '.join(late)}: finished runs are compared as they were played; leave that out, "
            "or compare settings with sets=[[...],[...]]."
        )


def _key(text: str) -> str:
    key = catalog.key_of(text)
    return key if key in catalog.verb_tree("compare") else catalog.aliases().get(key, key)


def _words(one: Any) -> list[str]:
    """The overrides of one set: a list of them, or one string with spaces between them."""
    words = shlex.split(one) if isinstance(one, str) else one
    if not isinstance(words, list) or not all(isinstance(word, str) and "=" in word for word in words):
        raise ConfigurationError(
            f'sets holds {one!r}, which is no set of overrides; write sets=[["R0=8"],["R0=8","scenario=no_mediator"]].'
        )
    return words


def _composed(sets: Sequence[Sequence[str]], settings: Settings) -> list[Arm]:
    from sim.config import compose_like
    from sim.scenario import build, fresh_seed

    own = {*catalog.verb_tree(settings.verb)}
    shared = [text for text in settings.overrides if _key(text) not in own]
    seed = fresh_seed() if settings.seed is None else settings.seed
    arms = []
    _refuse_lost(shared, sets)
    for words in sets:
        keys = {_key(word) for word in words}
        if keys & {*OF_ALL, *own}:
            raise ConfigurationError(
                f"a set holds {', '.join(sorted(keys & {*OF_ALL, *own}))}, which all settings of a comparison share; "
                "give it outside of sets."
            )
        overrides = [*(text for text in shared if _key(text) not in keys), *words]
        made = compose_like(settings, overrides)
        arms.append(Arm(label(words, made.scenario), build(replace(made, seed=seed))))
    return arms


def _refuse_lost(shared: Sequence[str], sets: Sequence[Sequence[str]]) -> None:
    """ConfigurationError for a key of the line that every set sets otherwise, so that it would never be played."""
    for text in shared:
        if all(_key(text) in {_key(word) for word in words} for words in sets):
            raise ConfigurationError(
                f"{text} was given for all settings, and every one of sets sets {_key(text)} itself; keep one of them."
            )


def label(words: Sequence[str], scenario: str) -> str:
    """A set of overrides in short: its scenario where it names one, then the rest.

    >>> label(["R0=8", "scenario=no_mediator"], "no_mediator"), label([], "historical")
    ('no_mediator, R0=8', 'historical')
    """
    named = [word.split("=", 1)[1] for word in words if word.startswith("scenario=")]
    return ", ".join([*named, *(word for word in words if not word.startswith("scenario="))]) or scenario


def _recorded(folders: Sequence[Path], settings: Settings) -> list[Arm]:
    """Finished runs as arms; refused unless they met the same luck under the same rules."""
    from sim.stats.paired import kept
    from sim.studies.replay.verb import setting_of

    if settings.choices["until"] is not None or settings.choices["precision"] is not None:
        raise ConfigurationError(
            "finished runs cannot be gone on with; leave out until=... and precision=... for runs=[...]."
        )
    for folder in folders:
        if (verb := record.finished(folder).verb) != "run":
            raise ConfigurationError(
                f"{folder} is a folder of `rubicon {verb}`; runs=[...] takes folders of `rubicon run`."
            )
    done = [record.load(folder) for folder in folders]
    _same_luck(done)
    seed = done[0].manifest["seed"]
    if any(_key(text) == "seed" for text in settings.overrides) and settings.seed != seed:
        raise ConfigurationError(f"seed={settings.seed} was given, and these runs were played with seed={seed}.")
    n = min(len(one.runs["outcome"]) for one in done)
    tables = [kept({name: values[:n] for name, values in one.runs.items()}) for one in done]
    rules = str(done[0].manifest["source_hash"])
    return [Arm(made.label, made, table, rules) for made, table in zip(map(setting_of, done), tables, strict=True)]


def _same_luck(done: Sequence[record.RunSet]) -> None:
    for key, words in (("seed", "seeds"), ("source_hash", "versions of the rules")):
        values = [str(one.manifest[key])[:12] for one in done]
        if len(set(values)) > 1:
            raise record.RecordError(
                f"these runs have different {words} ({', '.join(values)}): their replicates share no luck and cannot "
                "be paired. Run them again under one version and one seed=..., or compare the settings themselves with "
                "scenarios=[...] or sets=[...]."
            )


def _distinct(arms: list[Arm]) -> list[Arm]:
    """The same arms, a second one of a label marked as such."""
    seen: dict[str, int] = {}
    named = []
    for arm in arms:
        seen[arm.label] = seen.get(arm.label, 0) + 1
        named.append(arm if seen[arm.label] == 1 else replace(arm, label=f"{arm.label} ({seen[arm.label]})"))
    return named


def identical(a: Setting, b: Setting) -> bool:
    """Whether two settings are one to the engine: equal numbers and equal timelines."""
    return bool(a.params.row().tobytes() == b.params.row().tobytes() and a.script == b.script and a.sets == b.sets)
