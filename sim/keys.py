"""Keys of a configuration: which there are, whose they are, and what is said of one that is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim import catalog
from sim.checks import COUNTS

# Keys that take a text and are null until they have one.
TEXTS = ("name", "resume", "sweep.table", "file", "shelf", "address", "executor.address")


def known_keys() -> Mapping[str, Any]:
    """Every key of the model and of runs in general, by path."""
    return {**catalog.labels(), **catalog.catalogue()}


def full(key: str, verb: str) -> str:
    """A key in full: the verb's own as it is, one of the model's however short."""
    return key if is_of_verb(key, verb) else catalog.aliases().get(key, key)


def _verb_node(path: str, verb: str) -> tuple[bool, Any]:
    """Whether a key is one of the verb's own, or lies in one of its free mappings; and what stands there."""
    node: Any = dict(catalog.verb_tree(verb))
    for group in catalog.verb_groups(verb):  # an option may have keys that the default one lacks
        node[group] = {
            key: value for name in catalog.options(group) for key, value in catalog.option(group, name).items()
        }
        if group == "sweep":
            node[group]["axes"] = {}
    for depth, part in enumerate(path.split(".")):
        if depth and node == {}:
            return True, {}
        if not isinstance(node, Mapping) or part not in node:
            return False, None
        node = node[part]
    return True, node


def is_of_verb(path: str, verb: str) -> bool:
    """Whether a key is one of the verb's own, or lies in one of its free mappings."""
    return _verb_node(path, verb)[0]


def is_free(path: str, verb: str) -> bool:
    """Whether a key is a free mapping of the verb, such as `sweep.axes`, or lies in one."""
    found, node = _verb_node(path, verb)
    return found and node == {}


def is_whole_key(path: str, verb: str | None = None) -> bool:
    """Whether a key that is no number of the model takes a whole number, going by its default."""
    default = _verb_node(path, verb)[1] if verb else catalog.labels().get(path)
    return path in COUNTS or (isinstance(default, int) and not isinstance(default, bool))


def takes_text(key: str, verb: str) -> bool:
    """Whether a key takes a text: a path, a name, a sentence, the name of an option."""
    path = full(key, verb)
    default = catalog.labels().get(path, _verb_node(path, verb)[1])
    return path in TEXTS or path in groups(verb) or isinstance(default, str)


def groups(verb: str) -> dict[str, tuple[str, str]]:
    """What stands left of `=` to choose an option -> (its place in the configuration, its group)."""
    groups = {"scenario": ("scenario", "scenario"), **{name: (name, name) for name in catalog.verb_groups(verb)}}
    for package, (group, _) in catalog.default_options().items():
        groups[group if package == group else f"{group}@{package}"] = (package, group)
    return groups


def unknown_key(path: str, verb: str) -> str:
    """The sentence for a key that does not exist."""
    names = [*known_keys(), *groups(verb), *(name for name, _ in catalog.walk(catalog.verb_tree(verb)))]
    near = catalog.nearest(path, names)
    hint = f" Did you mean {near!r}?" if near else f" Nearest: {', '.join(catalog.closest(path, names))}."
    return (
        f"unknown key {path!r}.{hint} `rubicon list parameters` shows all numbers, "
        f"`rubicon {verb.replace('_', ' ')} --help` the other keys."
    )
