"""The user's overrides, checked and written out before Hydra composes them.

An override is Hydra's `key=value`, already parsed by it. A key may be shortened to any
tail that names one thing only (`R0=8`); a whole branch (`forces={R0: 8}`) comes apart into
its keys, so that what a line sets can be read off its keys alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim import catalog
from sim.checks import COUNTS, ENGINES, check_count
from sim.errors import ConfigurationError
from sim.keys import full, groups, is_free, is_of_verb, is_whole_key, known_keys, takes_text, unknown_key
from sim.spelling import Override, listed, quoted, spelled, whole

MOST_JOBS = 10_000  # of one line with -m
# What may be told to Hydra itself: how the jobs of -m are started. All else of it runs code or writes files.
LAUNCHER = (
    "account", "array_parallelism", "backend", "batch_size", "constraint", "cpus_per_task", "gpus_per_node",
    "max_num_timeout", "mem_gb", "n_jobs", "name", "nodes", "partition", "pre_dispatch", "prefer", "qos",
    "tasks_per_node", "timeout", "timeout_min", "verbose",
)  # fmt: skip
LEADING_ZERO = re.compile(r"(?<![\w.'\"])[-+]?0\d")


@dataclass(frozen=True)
class Given:
    """One thing that a line sets: its key in full, how Hydra shall see it, and what the user wrote."""

    path: str
    text: str
    said: str
    value: Any = None
    levels: tuple[Any, ...] | None = None  # of several values, () where they cannot be listed


def options_of(group: str, folders: Sequence[Path] = ()) -> list[str]:
    """Known options of a group, the user's own folders included."""
    return catalog.options(group, folders)


def prepare(text: str, override: Override, folders: Sequence[Path] = (), verb: str = "run") -> list[Given]:
    """What an override sets, one entry a key.

    Raises
    ------
    ConfigurationError
        when it names nothing known or chooses an unknown option; ParameterError when a number
        is out of its bounds.
    """
    key = override.key_or_group
    if override.is_delete():
        raise ConfigurationError(f"{text!r} would delete a key, and all are needed; set it to another value instead.")
    if key.split(".")[0].split("/")[0] == "hydra":
        return [_of_hydra(text, override)]
    known, right = groups(verb), text.partition("=")[2]
    place = f"{key}@{override.package}" if override.package else key
    place = {package: place for place, (package, _) in known.items()}.get(place, place)
    value = None if override.is_sweep_override() else override.value()
    if place in known and not isinstance(value, Mapping):
        return [_choice(text, place, *known[place], override, folders)]
    if override.package:
        raise ConfigurationError(f"{text!r}: {place!r} chooses nothing. Known: {', '.join(known)}.")
    path = full(key, verb)
    own = is_of_verb(path, verb)
    if isinstance(value, Mapping) and not is_free(path, verb) and (own or path not in known_keys()):
        return _apart(text, path, value, folders, verb)
    if own:
        return [_of_verb(text, path, right, value, override, verb)]
    _check_known(path, verb)
    if (path in catalog.catalogue() or path in COUNTS) and LEADING_ZERO.search(right):
        raise ConfigurationError(
            f"{text}: a number that begins with 0 is read to base 8 by some and to base 10 by others; "
            "write it without the leading zero."
        )
    levels = None if not override.is_sweep_override() else tuple(listed(text, override))
    for one in [value] if levels is None else levels:
        if not (isinstance(one, str) and "${" in one):  # an interpolation is known only once composed
            check_value(path, one, folders)
    return [_plain(text, path, right, value, levels)]


def _plain(text: str, path: str, right: str, value: Any, levels: tuple[Any, ...] | None) -> Given:
    """A number or setting of the model, as Hydra shall see it."""
    if path in catalog.catalogue() and catalog.catalogue()[path].unit == "flag":  # Hydra takes no truth for a number
        right = re.sub(r"\b(true|false)\b", lambda word: str(int(word[0].lower() == "true")), right, flags=re.I)
    elif is_whole_key(path) and isinstance(value, float):
        right = spelled(whole(value))
    return Given(path, f"{path}={right}", text, value, levels)


def _of_verb(text: str, path: str, right: str, value: Any, override: Override, verb: str) -> Given:
    levels = None if not override.is_sweep_override() else tuple(listed(text, override))
    if isinstance(value, float) and is_whole_key(path, verb):
        right = spelled(whole(value))
    # Keys of a free mapping are the user's to choose; Hydra wants to be told so.
    plus = "++" if is_free(path, verb) or isinstance(value, Mapping) else ""
    return Given(path, f"{plus}{path}={right}", text, value, levels)


def _of_hydra(text: str, override: Override) -> Given:
    """A word to Hydra itself, let through where it only says how the jobs of -m are started."""
    key = override.key_or_group
    value = None if override.is_sweep_override() else override.value()
    plain = isinstance(value, (str, int, float)) and not override.package and "${" not in text
    name = key.removeprefix("hydra.launcher.")
    if plain and (key == "hydra/launcher" or (name != key and name in LAUNCHER)):
        return Given(key, text, text, value)
    raise ConfigurationError(
        f"{text!r} would change how Hydra itself works, which could run code or write files; only hydra/launcher=NAME "
        f"and hydra.launcher.KEY=... are taken, with a KEY of {', '.join(LAUNCHER)}."
    )


def _choice(text: str, place: str, package: str, group: str, override: Override, folders: Sequence[Path]) -> Given:
    """An option of a group, or several."""
    several = override.is_sweep_override()
    known = options_of(group, folders)
    glob = getattr(override._value, "filter", None) if several else None
    chosen = glob(known) if glob else listed(text, override) if several else [override.value()]
    if not chosen:
        raise ConfigurationError(f"{text} chooses nothing. Known: {', '.join(known)}.")
    for value in chosen:
        if isinstance(value, str) and "${" in value:
            raise ConfigurationError(f"{text}: write the name of an option; known: {', '.join(known)}.")
        if isinstance(value, (list, dict)) or value is None:
            raise ConfigurationError(
                f"{text}: {place} takes one name and was given {value!r}; write {place}={known[0]}."
            )
        if str(value) not in known:
            kind = "actor" if group == "actors" else group
            raise ConfigurationError(f"{place}: {catalog.unknown(kind, str(value), known)}")
    right = ",".join(spelled(str(value)) for value in chosen)
    return Given(package, f"{place}={right}", text, str(chosen[0]), tuple(map(str, chosen)) if several else None)


def _apart(text: str, path: str, value: Mapping[Any, Any], folders: Sequence[Path], verb: str) -> list[Given]:
    """A whole branch, `forces={R0: 8}`, key by key."""
    if not value:
        raise ConfigurationError(f"{text} sets nothing; name keys in it, for example forces={{R0: 8}}.")
    if not is_of_verb(path, verb) and not any(name.startswith(f"{path}.") for name in known_keys()):
        _check_known(path, verb)
    found: list[Given] = []
    for key, one in value.items():
        part = Plain(f"{path}.{key}", one)
        found += prepare(f"{path}.{key}={spelled(one)}", part, folders, verb)
    return [Given(one.path, one.text, text, one.value, one.levels) for one in found]


@dataclass(frozen=True)
class Plain:
    """An override of one value, made here and not by Hydra's parser."""

    key_or_group: str
    _value: Any
    package: str | None = None

    def value(self) -> Any:
        """The value."""
        return self._value

    def is_delete(self) -> bool:
        """Never."""
        return False

    is_choice_sweep = is_range_sweep = is_sweep_override = is_delete


def check_jobs(givens: Sequence[Given]) -> None:
    """ConfigurationError where -m would start more jobs than anybody waits for."""
    jobs = 1
    for one in givens:
        if one.levels == ():
            raise ConfigurationError(
                f"{one.said} has no list of values, and -m plays one job a value; give a list or range, or use "
                "`rubicon sweep`, which takes an interval as an axis."
            )
        jobs *= 1 if one.levels is None else len(one.levels)
    if jobs > MOST_JOBS:
        raise ConfigurationError(
            f"this line makes {jobs:,} jobs; -m takes at most {MOST_JOBS:,}. `rubicon sweep` plays large designs."
        )


def without_clashes(givens: Sequence[Given], verb: str, place: str | None = None) -> list[Given]:
    """The entries of a line, each key set once; `place` holds the axes of a verb that has them.

    Of a key that says how runs are played or written (`replications=10 ... replications=20`) the last stands, so that
    a script may have defaults of its own.

    Raises
    ------
    ConfigurationError
        when a key of the model is set twice, or one has several values and one value.
    """
    seen: dict[str, Given] = {}
    late: list[Given] = []
    for one in givens:
        for path in _paths(one, place):
            before = seen.get(path, one)
            seen[path] = one
            if before is one:
                continue
            if before.levels is not None or one.levels is not None or not _of_playing(path, verb):
                same = before.said == one.said
                said = f"{one.said} stands twice" if same else f"{before.said} and {one.said} both set {path}"
                raise ConfigurationError(f"{said}; keep one of them.")
            late.append(before)
    return [one for one in givens if not any(one is other for other in late)]


def _of_playing(path: str, verb: str) -> bool:
    """Whether a key says how runs are played or written and not what is modelled."""
    mine = is_of_verb(path, verb) and path.split(".")[0] not in ("axes", "sweep", "sets", "scenarios", "runs", "orders")
    return mine or path in (*COUNTS, "name", "out", "about", "engine") or path.startswith("figures.")


def _paths(one: Given, place: str | None) -> Iterator[str]:
    """The keys that an entry speaks of; an axis speaks of the key that it varies."""
    if place and one.path == place and isinstance(one.value, Mapping):
        for name in one.value:
            yield catalog.aliases().get(str(name), str(name))
    elif place and one.path.startswith(f"{place}."):
        name = one.path.removeprefix(f"{place}.")
        yield catalog.aliases().get(name, name)
    else:
        yield one.path


def _check_known(path: str, verb: str) -> None:
    if path not in known_keys():
        raise ConfigurationError(unknown_key(path, verb))


def check_value(path: str, value: Any, folders: Sequence[Path]) -> None:
    """ConfigurationError unless a known key may have this value, as far as that shows before all is composed."""
    if path in catalog.catalogue():
        if value is not None or not catalog.catalogue()[path].follows:
            catalog.check(path, value)
    elif path in COUNTS:
        check_count(path, whole(value))
    elif path == "engine" and value not in ENGINES:
        raise ConfigurationError(catalog.unknown("engine", str(value), ENGINES))
    elif path.endswith(".doctrine") and value not in options_of("doctrine", folders):
        raise ConfigurationError(f"{path}: {catalog.unknown('doctrine', str(value), options_of('doctrine', folders))}")


def literal(text: str, parsed: Callable[[str], Override], verb: str, *, several: bool) -> str:
    """The same override with its value in quotes where the key takes a text that Hydra's grammar would read otherwise.

    `out=übung`, `out=a&b` and `name=007` are what they say. A value that begins with a quote, an interpolation, and
    with `several` jobs a list, stay Hydra's.
    """
    key, equals, right = text.partition("=")
    if (
        not equals
        or not takes_text(key.lstrip("+"), verb)
        or right[:1] in ("'", '"', "[", "{")
        or "${" in right
        or right == "null"
    ):
        return text
    plain = f"{key}={quoted(right)}"
    try:
        override = parsed(text)
    except ConfigurationError:
        return plain
    if override.is_sweep_override():
        return plain if key.lstrip("+") == "about" and not several else text
    value = override.value()
    return text if (isinstance(value, str) and value == right.strip()) or isinstance(value, (list, dict)) else plain
