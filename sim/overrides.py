"""The user's overrides, checked and completed before Hydra composes them.

An override is Hydra's `key=value`, already parsed by it. A key may be shortened to any
tail that names one thing only (`R0=8`); values of a sweep (`R0=4,5`) are checked one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from sim import catalog
from sim.errors import ConfigurationError

ENGINES = ("kernel", "mesa")
FORMATS = ("png", "svg", "pdf")
LEAST_DPI, MOST_DPI = 20, 600
INSTANTIATE = "_target_"
# Settings that are whole numbers, with the least that is allowed; the optional ones may be null.
COUNTS = {"seed": 0, "replications": 1, "threads": 1, "trajectories": 1, "replicate": 0}
OPTIONAL = ("seed", "threads")


class Override(Protocol):
    """What is asked of Hydra's parsed override."""

    key_or_group: str
    package: str | None

    def value(self) -> Any: ...
    def is_choice_sweep(self) -> bool: ...
    def is_range_sweep(self) -> bool: ...
    def is_sweep_override(self) -> bool: ...
    def sweep_iterator(self) -> Iterator[Any]: ...


def options_of(group: str, folders: Sequence[Path] = ()) -> list[str]:
    """Known options of a group, the user's own folders included."""
    return catalog.options(group, folders)


def prepare(text: str, override: Override, folders: Sequence[Path] = (), verb: str = "run") -> str:
    """The override as Hydra shall see it: its key in full.

    Raises
    ------
    ConfigurationError
        when it names nothing known or chooses an unknown option; ParameterError when a number
        is out of its bounds.
    """
    key = override.key_or_group
    if text.startswith("~"):
        raise ConfigurationError(f"{text!r} would delete a key, and all are needed; set it to another value instead.")
    if INSTANTIATE in text:
        raise ConfigurationError(f"{text!r}: {INSTANTIATE} would run code of your choice and is refused.")
    if key.split(".")[0].split("/")[0] == "hydra":
        return text
    place = f"{key}@{override.package}" if override.package else key
    groups = _groups(verb)
    if place in groups:
        _check_option(place, groups[place], override, folders)
        return text
    if _is_of_verb(key, verb):
        # Keys of a free mapping are the user's to choose; Hydra wants to be told so.
        return f"++{text.lstrip('+')}" if isinstance(override.value(), Mapping) else text
    path = catalog.aliases().get(key, key)
    _check_values(path, override, folders, verb)
    left, equals, right = text.replace(key, path, 1).partition("=")
    if path in catalog.catalogue() and catalog.catalogue()[path].unit == "flag":  # Hydra takes no truth for a number
        right = re.sub(r"\b(true|false)\b", lambda word: str(int(word[0].lower() == "true")), right, flags=re.I)
    return f"{left}{equals}{right}"


def _is_of_verb(key: str, verb: str) -> bool:
    """Whether a key is one of the verb's own, or lies in one of its free mappings, such as `sweep.axes`."""
    node: Any = dict(catalog.verb_tree(verb))
    for group in catalog.verb_groups(verb):  # an option may have keys that the default one lacks
        node[group] = {
            key: value for name in catalog.options(group) for key, value in catalog.option(group, name).items()
        }
    for part in key.lstrip("+").split("."):
        if not isinstance(node, Mapping) or part not in node:
            return False
        node = node[part]
        if node is None or node == {}:
            return True
    return True


def _groups(verb: str) -> dict[str, str]:
    """What stands left of `=` to choose an option -> its group."""
    groups = {"scenario": "scenario", **{group: group for group in catalog.verb_groups(verb)}}
    for package, (group, _) in catalog.default_options().items():
        groups[group if package == group else f"{group}@{package}"] = group
    return groups


def _check_option(place: str, group: str, override: Override, folders: Sequence[Path]) -> None:
    for value in _given(override):
        if isinstance(value, str) and value not in options_of(group, folders) and "${" not in value:
            kind = "actor" if group == "actors" else group
            raise ConfigurationError(f"{place}: {catalog.unknown(kind, value, options_of(group, folders))}")


def _check_values(path: str, override: Override, folders: Sequence[Path], verb: str) -> None:
    known = {**catalog.labels(), **catalog.catalogue()}
    if path not in known:
        if isinstance(override.value(), Mapping) and any(name.startswith(f"{path}.") for name in known):
            return  # a whole branch, `forces={R0: 8}`: its keys and numbers are checked once composed
        names = [*known, *_groups(verb), *(name for name, _ in catalog.walk(catalog.verb_tree(verb)))]
        near = catalog.nearest(path, names)
        hint = f" Did you mean {near!r}?" if near else f" Nearest: {', '.join(catalog.closest(path, names))}."
        raise ConfigurationError(
            f"unknown key {path!r}.{hint} `rubicon list parameters` shows all numbers, "
            f"`rubicon {verb} --help` the other keys."
        )
    for value in _given(override):
        if isinstance(value, str) and "${" in value:
            continue  # an interpolation is known only once composed
        _check_value(path, value, folders)


def _check_value(path: str, value: Any, folders: Sequence[Path]) -> None:
    if path in catalog.catalogue():
        if value is not None or not catalog.catalogue()[path].follows:
            catalog.check(path, value)
    elif path in COUNTS:
        check_count(path, value)
    elif path == "engine" and value not in ENGINES:
        raise ConfigurationError(catalog.unknown("engine", str(value), ENGINES))
    elif path.endswith(".doctrine") and value not in options_of("doctrine", folders):
        raise ConfigurationError(f"{path}: {catalog.unknown('doctrine', str(value), options_of('doctrine', folders))}")


def _given(override: Override) -> Iterator[Any]:
    """The value, or each value of a choice or range sweep."""
    if override.is_choice_sweep() or override.is_range_sweep():
        values: Any = override.sweep_iterator()
    elif override.is_sweep_override():
        return  # an interval has no list of values; each job is checked when it is composed
    else:
        values = [override.value()]
    for value in values:
        yield getattr(value, "text", value)  # a quoted string keeps its text inside


def check_figures(look: Mapping[str, Any]) -> None:
    """ConfigurationError unless figures are asked for in known formats and a sane resolution."""
    unknown = set(look["formats"]) - set(FORMATS)
    if unknown or not look["formats"]:
        raise ConfigurationError(
            f"figures.formats={list(look['formats'])} is not allowed; give some of {list(FORMATS)}."
        )
    if not LEAST_DPI <= look["dpi"] <= MOST_DPI:
        raise ConfigurationError(f"figures.dpi={look['dpi']} is not allowed; give {LEAST_DPI} to {MOST_DPI}.")


def check_count(key: str, value: Any) -> None:
    """ConfigurationError unless `value` is a whole number within its bounds, or None where that is allowed."""
    if value is None and key in OPTIONAL:
        return
    least, null = COUNTS[key], ", or null" if key in OPTIONAL else ""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 2**63:
        raise ConfigurationError(f"{key}={value} is not allowed; give a whole number from {least} to 2**63 - 1{null}.")


def refuse_targets(folder: Path) -> None:
    """ConfigurationError when a YAML file of a user's folder cannot be read or asks Hydra to run code."""
    for path in sorted(folder.rglob("*.y*ml")):
        catalog.read(path)  # Hydra would show a traceback for what is no YAML
        if INSTANTIATE in path.read_text(encoding="utf-8"):
            raise ConfigurationError(f"{path}: {INSTANTIATE} would run code of the file's choice and is refused.")
