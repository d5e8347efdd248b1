"""YAML that can be read in one way only: the core schema of YAML 1.2, and no word that YAML 1.1 reads otherwise.

Readers of the two versions are both in use (Hydra's is of 1.1): `10:30` is 630 to one and text to the other,
`010` is 8 or 10, `no` is false or a word. Such words, keys that stand twice, tags, merge keys and a second document
are refused with their line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import ConfigurationError

DEEPEST, MOST_VALUES = 40, 1_000_000  # nesting, and values once aliases are written out
NULL = {"", "~", "null", "Null", "NULL"}
TRUTH = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)|0x[0-9a-fA-F]+")
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|(0|[1-9][0-9]*))([eE][-+]?[0-9]+)?")
ENDLESS = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
# Words that readers of YAML 1.1 and of 1.2 take for different things -> what to write.
TWO_READINGS = tuple(
    (re.compile(words), said)
    for words, said in (
        ("yes|Yes|YES|on|On|ON", "true to one and a word to the other; write true, or {text!r} in quotes"),
        ("no|No|NO|off|Off|OFF", "false to one and a word to the other; write false, or {text!r} in quotes"),
        (
            r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?",
            "a number to base 60 to one and text to the other; write hours with a decimal point, or text in quotes",
        ),
        ("[-+]?0[0-9_]+", "a number to base 8 to one and to base 10 to the other; leave out the leading zero"),
        ("[-+]?(0b[01_]+|0o[0-7]+|0x[0-9a-fA-F_]+)", "a number to one only; write it to base 10"),
        (r"[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?", "a number to one only; leave out the underscores"),
        (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?", "a date to one and text to the other; write it in quotes"),
        ("<<", "a merge to one and a word to the other; write the keys out"),
    )
)


@dataclass
class Read:
    """What a file holds, and the line of each key and entry by its path (a tuple of keys and places)."""

    content: Any
    lines: dict[tuple[Any, ...], int] = field(default_factory=dict)


def read(path: Path) -> Read:
    """A YAML file whose top is a mapping; ConfigurationError names the file and the line that cannot be taken."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigurationError(f"{path}, line {line}: this is no text in UTF-8; save the file as UTF-8.") from None
    found = parsed(text, str(path))
    if found.content is None:
        raise ConfigurationError(f"{path} is empty; it must be a mapping of keys to values.")
    if not isinstance(found.content, dict):
        raise ConfigurationError(
            f"{path} holds {type(found.content).__name__}; it must be a mapping of keys to values."
        )
    return found


def parsed(text: str, name: str) -> Read:
    """The one document of a text; ConfigurationError names the line of what cannot be taken."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Builder(name).built(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(filter(None, [error.context, error.problem]))
        place = f"{name}, line {mark.line + 1}" if mark else name
        tab = " Indent with spaces: YAML takes no tabs." if "\\t" in said or _tabbed(text, mark) else ""
        raise ConfigurationError(f"{place}: this is no YAML ({said}).{tab}") from error
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise ConfigurationError(f"{name} cannot be read as YAML: {said}.") from error


def _tabbed(text: str, mark: Any) -> bool:
    lines = text.splitlines()
    return bool(mark) and mark.line < len(lines) and "\t" in re.match(r"\s*", lines[mark.line])[0]  # type: ignore[index]


class _Builder:
    """Builds plain data from the events of a parser, without recursion, so that no file can exhaust the stack."""

    def __init__(self, name: str) -> None:
        self.name, self.lines = name, dict[tuple[Any, ...], int]()
        self.anchors: dict[Any, Any] = {}
        self.open: list[_Open] = []
        self.content: Any = None
        self.values = self.documents = 0

    def built(self, events: Any) -> Read:
        """The content of the only document."""
        import yaml

        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    self._refuse(event, "a second document begins; a file holds one")
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self._begin(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self._end()
            elif isinstance(event, yaml.ScalarEvent):
                self._add(event, self._scalar(event))
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in self.anchors:
                    self._refuse(event, f"*{event.anchor} names nothing that stands before it")
                self._add(event, self.anchors[event.anchor])
        return Read(self.content, self.lines)

    def _begin(self, event: Any, value: Any) -> None:
        self._no_tag(event)
        if len(self.open) >= DEEPEST:
            self._refuse(event, f"this is nested more than {DEEPEST} deep")
        place = self._place(event)
        self.open.append(_Open(value, place, event))

    def _end(self) -> None:
        done = self.open.pop()
        if done.event.anchor is not None:
            self.anchors[done.event.anchor] = done.value
        self._put(done.event, done.place, done.value)

    def _add(self, event: Any, value: Any) -> None:
        if self.open and isinstance(self.open[-1].value, dict) and self.open[-1].key is _NONE:
            self._key(event, value)
            return
        if hasattr(event, "value") and event.anchor is not None:
            self.anchors[event.anchor] = value
        self._put(event, self._place(event), value)

    def _key(self, event: Any, key: Any) -> None:
        branch = self.open[-1]
        if isinstance(key, (dict, list)) or key is None or isinstance(key, (bool, float)):
            self._refuse(event, f"{key!r} cannot be a key; write a word, in quotes where it must be this one")
        if key in branch.value:
            self._refuse(event, f"the key {key!r} stands here for the second time; keep one of them")
        branch.key = key
        self.lines[(*branch.place, key)] = event.start_mark.line + 1

    def _place(self, event: Any) -> tuple[Any, ...]:
        """Where the next value goes."""
        if not self.open:
            return ()
        branch = self.open[-1]
        if isinstance(branch.value, dict):
            if branch.key is _NONE:
                self._refuse(event, "a list or mapping cannot be a key; write a word")
            return (*branch.place, branch.key)
        place = (*branch.place, len(branch.value))
        self.lines[place] = event.start_mark.line + 1
        return place

    def _put(self, event: Any, place: tuple[Any, ...], value: Any) -> None:
        self.values += _size(value) if not hasattr(event, "implicit") else 1
        if self.values > MOST_VALUES:
            self._refuse(event, f"this comes to more than {MOST_VALUES:,} values")
        if not self.open:
            self.content = value
            return
        branch = self.open[-1]
        if isinstance(branch.value, dict):
            branch.value[branch.key], branch.key = value, _NONE
        else:
            branch.value.append(value)

    def _scalar(self, event: Any) -> Any:
        self._no_tag(event)
        text = event.value
        if event.style in ("'", '"', "|", ">"):
            return text
        for pattern, said in TWO_READINGS:
            if pattern.fullmatch(text) and not WHOLE.fullmatch(text):
                self._refuse(event, f"YAML has two versions, and {text} is {said.format(text=text)}")
        if text in NULL:
            return None
        if text in TRUTH:
            return TRUTH[text]
        if WHOLE.fullmatch(text):
            return int(text, 16 if text.startswith("0x") else 10) if len(text) < 400 else float(text)
        if NUMBER.fullmatch(text):
            return float(text)
        endless = ENDLESS.fullmatch(text)
        return float(text.replace(".", "", 1)) if endless else text

    def _no_tag(self, event: Any) -> None:
        if event.tag is not None:
            self._refuse(event, f"the tag {event.tag!r} is not read; write the value without it")

    def _refuse(self, event: Any, said: str) -> None:
        raise ConfigurationError(f"{self.name}, line {event.start_mark.line + 1}: {said}.")


_NONE = object()


@dataclass
class _Open:
    """A mapping or list whose end has not come yet."""

    value: Any
    place: tuple[Any, ...]
    event: Any
    key: Any = _NONE


def _size(value: Any) -> int:
    """How many values there are in plain data, counted only as far as it matters."""
    count, left = 0, [value]
    while left and count <= MOST_VALUES:
        one = left.pop()
        count += 1
        left.extend(one.values() if isinstance(one, Mapping) else one if isinstance(one, list) else ())
    return count
