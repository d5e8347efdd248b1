"""A user's own folder of options (--config-dir): read, checked and made plain before Hydra is given any of it.

Whoever wrote the files need not be who runs them. So no key of theirs may speak to Hydra, no value may ask for code or
for the environment, and what a file gets wrong is said with its name and line.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf.errors import GrammarParseError
from omegaconf.grammar.gen.OmegaConfGrammarParser import OmegaConfGrammarParser
from omegaconf.grammar_parser import parse

from sim import catalog, keys, overrides, spelling
from sim.errors import ConfigurationError, ParameterError

PACKAGE = re.compile(r"^\s*#\s*@package\s+(\S+)\s*$", re.MULTILINE)
INSTANTIATE = re.compile(r"(?<!\w)_[a-z]+_(?!\w)")  # _target_ and its like
TO_HYDRA = re.compile(r"(override\s+|optional\s+)*(/?|[^@]*@\s*)hydra([./@:\s].*)?", re.DOTALL)
DEFAULTS = "defaults is a list such as [no_mediator, _self_], of options of this folder or {override /group: option}"
CHOOSE = "An option is chosen on the line, {key}=..., or in the file's list of defaults."


@dataclass(frozen=True)
class Option:
    """One option of a user's own: what Hydra is given in place of the file."""

    group: str
    name: str
    node: dict[str, Any]


def folders_of(config_dir: str | Path | None, verb: str) -> tuple[Path, ...]:
    """The user's folder, if there is one, looked through; ConfigurationError where it asks for more than numbers."""
    if config_dir is None:
        return ()
    folder = Path(config_dir)
    if not folder.is_dir():
        raise ConfigurationError(f"--config-dir {config_dir} is no folder; it must hold folders such as scenario/.")
    if (folder / "hydra").exists():
        raise ConfigurationError(f"{folder / 'hydra'} would change how Hydra itself works and is refused; remove it.")
    for group in groups(verb):
        for path in catalog.files(group, folder).values():
            try:
                content = catalog.marked(path).content
            except ConfigurationError:
                continue  # what cannot be read is not given to Hydra; whoever chooses it is told
            refuse_code(content, str(path))
    return (folder,)


def groups(verb: str) -> list[str]:
    """Groups whose options Hydra composes."""
    of_model = dict.fromkeys(group for group, _ in catalog.default_options().values())
    return [*catalog.verb_groups(verb), "scenario", *of_model]


def options(folders: tuple[Path, ...], verb: str, chosen: Mapping[str, set[str]] | None) -> list[Option]:
    """All options of the user's; ConfigurationError for one that is chosen and is not right.

    With `chosen` None, as of several jobs of which each is checked when its turn comes, one that is not right is empty.
    """
    found = []
    for folder in folders:
        for group in groups(verb):
            wanted = {*(chosen or {}).get(group, ()), *(name for of, name in _defaults(verb) if of == group)}
            for name in catalog.files(group, folder):
                try:
                    found.append(load(folder, group, name, verb))
                except ConfigurationError:
                    if chosen is not None and name in wanted:
                        raise
                    found.append(Option(group, name, {}))
    return found


def _defaults(verb: str) -> list[tuple[str, str]]:
    return [*catalog.default_options().values(), *catalog.verb_groups(verb).items(), ("scenario", "historical")]


def load(folder: Path, group: str, name: str, verb: str, above: tuple[str, ...] = ()) -> Option:
    """One option, with those that its list of defaults names, every key and number checked."""
    path = catalog.files(group, folder)[name]
    if name in above:
        raise ConfigurationError(f"{path}: the lists of defaults go round in a circle ({' -> '.join((*above, name))}).")
    file = _File(path, group, verb, folder)
    return Option(group, name, file.checked((*above, name)))


class _File:
    """The file of one option."""

    def __init__(self, path: Path, group: str, verb: str, folder: Path) -> None:
        self.path, self.group, self.verb, self.folder = path, group, verb, folder
        read = catalog.marked(path)
        self.content, self.lines = copy.deepcopy(read.content), read.lines

    def checked(self, above: tuple[str, ...]) -> dict[str, Any]:
        """The content as Hydra shall have it."""
        refuse_code(self.content, str(self.path))
        self._check_package()
        tree = {key: value for key, value in self.content.items() if key != "defaults"}
        if "defaults" in self.content:
            self._check_defaults(self.content["defaults"], above)
        if self.group in catalog.verb_groups(self.verb):
            self._check_preset(tree)
        else:
            self._check(tree, ())
        return {**({"defaults": self.content["defaults"]} if "defaults" in self.content else {}), **tree}

    def _says(self, place: tuple[Any, ...], said: str) -> ConfigurationError:
        line = self.lines.get(place)
        where = f"{self.path}, line {line}" if line else str(self.path)
        return ConfigurationError(f"{where}: {said}")

    def _check_package(self) -> None:
        """A scenario is laid over the whole configuration and any other option over its own branch, said or not."""
        head = self.path.read_bytes().decode("utf-8-sig")[:512]
        allowed = ("_global_",) if self.group == "scenario" else ("_group_", self.group, self.group.replace("/", "."))
        for package in PACKAGE.findall(head):
            if package not in allowed:
                raise ConfigurationError(
                    f"{self.path}: # @package {package} is not taken for {self.group}/; write # @package {allowed[0]}."
                )

    def _check_defaults(self, entries: Any, above: tuple[str, ...]) -> None:
        if not isinstance(entries, list):
            raise self._says(("defaults",), f"{DEFAULTS}.")
        for number, entry in enumerate(entries):
            place = ("defaults", number)
            if entry in entries[:number]:
                raise self._says(place, f"{entry!r} stands in defaults for the second time; keep one of them.")
            if entry == "_self_":
                continue
            if isinstance(entry, str):
                group, option = self.group, entry
            else:
                group, option = self._overridden(place, entry)
            known = catalog.options(group, (self.folder,))
            if option not in known:
                raise self._says(place, catalog.unknown(group, option, known))
            if option in catalog.files(group, self.folder):
                load(self.folder, group, option, self.verb, above if group == self.group else ())

    def _overridden(self, place: tuple[Any, ...], entry: Any) -> tuple[str, str]:
        """Group and option of an entry such as `override /switches: core`.

        Each group stands once, and only at the branch that Rubicon gives it: any other branch (`/figures@hydra.run`)
        would lay an option over keys that are not the user's to set.
        """
        pairs = list(entry.items()) if isinstance(entry, dict) else []
        if len(pairs) != 1 or not all(isinstance(one, str) for one in pairs[0]):
            raise self._says(place, f"{entry!r} is not understood; {DEFAULTS}.")
        (key, option), *_ = pairs
        branches = {package: group for package, (group, _) in catalog.default_options().items()}
        allowed = {name if name == group else f"{group}@{name}": group for name, group in branches.items()}
        allowed |= {group: group for group in catalog.verb_groups(self.verb)}
        target = re.sub(r"^override\s+/?|^/", "", key)
        if target == self.group:
            raise self._says(place, f"{entry!r} names the file's own group; write {option} alone.")
        if target not in allowed:
            raise self._says(place, f"{key!r} is no group here; known: {', '.join(sorted(allowed))}.")
        if key != f"override /{target}":
            raise self._says(place, f"write 'override /{target}: {option}' in place of '{key}: {option}'.")
        return allowed[target], option

    def _check_preset(self, tree: dict[str, Any]) -> None:
        known = {key for name in catalog.options(self.group) for key in catalog.option(self.group, name)}
        for key in tree:
            if key not in known:
                raise self._says((key,), f"unknown key {key!r}. Known: {', '.join(sorted(known))}.")
            tree[key] = spelling.whole(tree[key])

    def _check(self, node: dict[Any, Any], place: tuple[Any, ...]) -> None:
        """Every key known and every number within its bounds; whole floats and flags made what Hydra takes."""
        for key, value in list(node.items()):
            here = (*place, key)
            path = self._path(here)
            if isinstance(key, str) and "." in key:
                raise self._says(here, f"{key!r} has a dot; write one key a line, each under the one before the dot.")
            if path in keys.known_keys():
                node[key] = self._value(here, path, value)
            elif keys.is_free(path, self.verb) or (not isinstance(value, dict) and self._of_verb(path)):
                node[key] = spelling.whole(value)
            elif self._is_branch(path):
                if not isinstance(value, dict) or not value:
                    raise self._says(here, f"{key} holds {value!r}; keys stand under it. {CHOOSE.format(key=key)}")
                self._check(value, here)
            elif path in groups(self.verb):
                raise self._says(here, f"{key!r} is no key of a file. {CHOOSE.format(key=key)}")
            else:
                raise self._says(here, keys.unknown_key(path, self.verb))

    def _path(self, place: tuple[Any, ...]) -> str:
        """The full path of a key of this file, in the first branch that has it."""
        tail = ".".join(map(str, place))
        if self.group == "scenario":
            return tail
        branches = [package for package, (group, _) in catalog.default_options().items() if group == self.group]
        found = [f"{branch}.{tail}" for branch in branches]
        return next((path for path in found if path in keys.known_keys() or self._is_branch(path)), found[0])

    def _is_branch(self, path: str) -> bool:
        return any(name.startswith(f"{path}.") for name in keys.known_keys()) or self._of_verb(path)

    def _of_verb(self, path: str) -> bool:
        return self.group == "scenario" and keys.is_of_verb(path, self.verb)

    def _value(self, place: tuple[Any, ...], path: str, value: Any) -> Any:
        if isinstance(value, str) and "${" in value:
            return value
        if isinstance(value, bool) and path in catalog.catalogue():
            value = int(value) if catalog.catalogue()[path].unit == "flag" else value
        if keys.is_whole_key(path):
            value = spelling.whole(value)
        try:
            overrides.check_value(path, value, (self.folder,))
        except ParameterError as error:
            raise ParameterError(str(self._says(place, str(error)))) from None
        except ConfigurationError as error:
            raise self._says(place, str(error)) from None
        return value


def refuse_code(content: Any, name: str) -> None:
    """ConfigurationError for parsed content that would have Hydra run code, or read what is none of its business."""
    for key, value in _everything(content):
        if isinstance(key, str) and (INSTANTIATE.search(key) or TO_HYDRA.fullmatch(key.strip())):
            raise ConfigurationError(
                f"{name}: the key {key!r} would have Hydra run code or write files of the file's choice and is refused."
            )
        for text in (key, value):
            if isinstance(text, str):
                refuse_resolvers(text, name)


def _everything(content: Any) -> Iterator[tuple[Any, Any]]:
    """(key, value) of every mapping and entry, however deep; entries of lists come with no key."""
    left: list[tuple[Any, Any]] = [(None, content)]
    while left:
        key, value = left.pop()
        yield key, value
        if isinstance(value, Mapping):
            left.extend(value.items())
        elif isinstance(value, (list, tuple)):
            left.extend((one if isinstance(one, str) and "hydra" in one else None, one) for one in value)


def refuse_resolvers(text: str, name: str) -> None:
    """ConfigurationError for `${oc.env:HOME}` and its like: what is resolved so would be written into the results."""
    if "${" not in text:
        return
    try:
        tree = parse(text)
    except GrammarParseError as error:
        raise ConfigurationError(f"{name}: {text!r} is no interpolation that can be read; write the value.") from error
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, OmegaConfGrammarParser.InterpolationResolverContext):
            raise ConfigurationError(
                f"{name}: {node.getText()} would be worked out on this machine and written into the results; "
                "write the value itself."
            )
        left.extend(node.getChildren() if hasattr(node, "getChildren") else ())
