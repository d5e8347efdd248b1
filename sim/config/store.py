"""What Hydra composes from: conf/ as typed structured configs, and the user's own options, all in its store.

Hydra opens no file itself. What it gets was read and checked by us, so nothing that was not checked can reach it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, make_dataclass
from functools import cache
from typing import Any

from hydra.core.config_store import ConfigNode, ConfigStore
from omegaconf import OmegaConf

from sim import catalog
from sim.checks import OPTIONAL
from sim.config.own import Option


@cache
def register(verb: str = "run") -> str:
    """Put the options of conf/ that a verb may choose into Hydra's store; returns the name of the verb's root."""
    _register_groups()
    store = ConfigStore.instance()
    for group in catalog.verb_groups(verb):
        for option in catalog.options(group):
            store.store(group=group, name=option, node=catalog.option(group, option))
    return f"config_{verb}"


@cache
def _root(verb: str) -> ConfigNode:
    """The typed root of a verb, as the store holds it."""
    name = f"{register(verb)}.yaml"
    return ConfigNode(name=name, node=OmegaConf.structured(schema(verb)), group=None, package=None, provider=None)


@cache
def _register_groups() -> None:
    """Each group's options of the model, as plain values."""
    store = ConfigStore.instance()
    chosen = set(catalog.default_options().values())
    for group in sorted({group for group, _ in chosen} | {"scenario"}):
        package = "_global_" if group == "scenario" else None
        for name in catalog.options(group):
            # The root already holds the defaults' values; Hydra copies its store often, so it is kept small.
            node = {} if (group, name) in chosen else catalog.option(group, name)
            store.store(group=group, name=name, node=node, package=package)


# The user's options that stand in the store now, with what they stand in place of (None for nothing).
_placed: dict[tuple[str, str], tuple[Option, Any]] = {}


@contextmanager
def holding(verb: str, own: Sequence[Option]) -> Iterator[str]:
    """Hydra's store with one verb's root, whose name is given, and a user's options, for as long as this lasts.

    Nothing else of ours stands in it: Hydra copies its store more than once for each composition.
    """
    root, repo = register(verb), ConfigStore.instance().repo
    roots = {name: repo.pop(name) for name in [*repo] if name.startswith("config_")}
    before = [option for option, _ in _placed.values()]
    repo[f"{root}.yaml"] = _root(verb)
    _place(own)
    try:
        yield root
    finally:
        _place(before)
        del repo[f"{root}.yaml"]
        repo.update(roots)


def _place(own: Sequence[Option]) -> None:
    """Take out what was placed before, and put in what is given; Hydra's own entries stay as they are."""
    store = ConfigStore.instance()
    for (group, name), (_, shipped) in _placed.items():
        del store.repo[group][name]
        if shipped is not None:
            store.repo[group][name] = shipped
    _placed.clear()
    for one in own:
        name, package = f"{one.name}.yaml", "_global_" if one.group == "scenario" else None
        shipped = store.repo.get(one.group, {}).get(name)
        store.store(group=one.group, name=name, node=one.node, package=package)
        _placed[one.group, name] = one, shipped


@cache
def schema(verb: str = "run") -> type:
    """The typed root of the configuration."""
    quiet = [{"override hydra/job_logging": "none"}, {"override hydra/hydra_logging": "none"}]
    groups = [{group: name} for group, name in catalog.verb_groups(verb).items()]
    chosen = [*catalog.read(catalog.conf_folder() / "config.yaml")["defaults"], *groups, *quiet]
    defaults = ("defaults", list[Any], field(default_factory=lambda: chosen))
    presets = catalog.verb_groups(verb)
    own = {key: node for key, node in catalog.verb_tree(verb).items() if key not in presets}
    # A preset may hold any axes, so a verb's groups are plain mappings; the study checks them.
    free: list[tuple[str, Any, Any]] = [(group, dict[str, Any], field(default_factory=dict)) for group in presets]
    return _typed("Config", {**catalog.defaults_tree(), **own}, [defaults, *free])


def _typed(name: str, tree: Mapping[str, Any], first: Sequence[tuple[str, Any, Any]] = ()) -> type:
    """A dataclass with one typed field a key, after those of `first`; its defaults are the default options' values."""
    fields = [*first, *((key, *_typed_field(key, node, top=bool(first))) for key, node in tree.items())]
    return make_dataclass(name, fields)


def _typed_field(key: str, node: Any, *, top: bool) -> tuple[Any, Any]:
    if catalog.is_number(node):
        value = node.get("value")
        return (float | None if value is None else float), field(default=value)
    if node == {}:
        return dict[str, Any], field(default_factory=dict)  # free, such as a verb's `axes`; the study checks it
    if isinstance(node, dict) and "source" not in node:
        kind = _typed(key.title(), node)
        return kind, field(default_factory=kind)
    if top and (key == "name" or key in OPTIONAL):
        return (str | None if key == "name" else int | None), field(default=node)
    if isinstance(node, (bool, int, str)):
        return type(node), field(default=node)
    return Any, field(default_factory=lambda: node)
