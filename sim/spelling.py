"""Values in Hydra's grammar: written so that it reads them back, and the values of a choice or range listed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from sim.checks import MOST_LEVELS
from sim.errors import ConfigurationError


class Override(Protocol):
    """What is asked of Hydra's parsed override."""

    @property
    def key_or_group(self) -> str: ...
    @property
    def package(self) -> str | None: ...
    @property
    def _value(self) -> Any: ...
    def value(self) -> Any: ...
    def is_delete(self) -> bool: ...
    def is_choice_sweep(self) -> bool: ...
    def is_range_sweep(self) -> bool: ...
    def is_sweep_override(self) -> bool: ...


def spelled(value: Any) -> str:
    """A plain value in Hydra's grammar.

    >>> spelled({"a": [1, "x", "it's", None, True]})
    "{a: [1, x, 'it\\\\'s', null, true]}"
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{spelled(key)}: {spelled(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(spelled, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if not isinstance(value, str):
        return repr(value)
    word = re.fullmatch(r"[A-Za-z_][\w\-./]*", value, re.ASCII)
    if word and value.lower() not in ("true", "false", "null", "inf", "nan"):
        return value
    return quoted(value)


def quoted(text: str) -> str:
    """A text in quotes, as Hydra's grammar reads it back: a backslash counts only before a quote."""
    return "'" + re.sub(r"(\\*)('|\Z)", lambda m: m[1] * 2 + ("\\'" if m[2] else ""), text) + "'"


def whole(value: Any) -> Any:
    """`1e4` as 10000; anything else as it is."""
    fits = isinstance(value, float) and value.is_integer() and abs(value) < 2**63
    return int(value) if fits else value


def listed(text: str, override: Override) -> list[Any]:
    """The values of a choice or range, () of an interval; ConfigurationError where they are none or too many."""
    given = override._value
    if hasattr(given, "filter"):
        raise ConfigurationError(f"{text}: glob(...) chooses among the options of a group, such as scenario.")
    if override.is_range_sweep():
        return _range(text, given)
    if not override.is_choice_sweep():
        ends = (given.start, given.end)
        if not all(isinstance(end, (int, float)) for end in ends):
            raise ConfigurationError(f"{text}: an interval has two numbers; write interval(LOW,HIGH).")
        return []
    return [getattr(level, "text", level) for level in given.list]


def _range(text: str, given: Any) -> list[Any]:
    start, stop, step = given.start, given.stop, given.step
    if not step or not all(isinstance(x, (int, float)) and abs(x) < 1e300 for x in (start, stop, step)):
        raise ConfigurationError(f"{text}: a range is range(FIRST,END,STEP) of numbers with a step other than 0.")
    count = (stop - start) / step
    if count <= 0:
        raise ConfigurationError(
            f"{text} holds no number: from {start} by steps of {step} it never comes nearer {stop}."
        )
    if count > MOST_LEVELS:
        raise ConfigurationError(f"{text} has {count:,.0f} values; at most {MOST_LEVELS:,} are taken.")
    return list(given.range())
