"""The words of the pack: conf/handouts/ for its own texts, conf/labels/ for what it shares with the screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.catalog import option
from sim.model.state import CHANNELS, ENDINGS, ITEMS, OPTIONS


@dataclass(frozen=True)
class Words:
    """Texts by their place in the files."""

    own: Mapping[str, Any]
    shared: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.own[key]

    @property
    def endings(self) -> Mapping[str, str]:
        """Name of each ending."""
        return {name: str(self.shared["endings"][name]) for name in ENDINGS}

    @property
    def ending_texts(self) -> Mapping[str, str]:
        """What each ending means, in a sentence."""
        return {name: str(self.shared["ending_texts"][name]) for name in ENDINGS}

    @property
    def options(self) -> Mapping[str, str]:
        """Name of each option."""
        return {name: str(self.shared["options"][name]) for name in OPTIONS}

    def channels(self, names: Sequence[str] = CHANNELS) -> str:
        """Channels in a row."""
        return ", ".join(str(self.shared["channels"][name]) for name in names)

    @property
    def items(self) -> str:
        """Clauses of a deal in a row."""
        return "; ".join(str(self.shared["items"][name]) for name in ITEMS)


def words(own: str, shared: str) -> Words:
    """Texts of one language; UnknownNameError-like errors of the catalogue name the files there are."""
    return Words(option("handouts", own), option("labels", shared))


def filled(tree: Any, **values: Any) -> Any:
    """Every text of a tree with its {names} filled in; what is not given stays as it is."""
    if isinstance(tree, Mapping):
        return {key: filled(value, **values) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [filled(value, **values) for value in tree]
    return tree.format_map(_Left(values)) if isinstance(tree, str) else tree


class _Left(dict[str, Any]):
    """Values of a format; a name that is missing stays in its braces."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def spell_hours(hours: float) -> str:
    """A length of time in words.

    >>> spell_hours(1.0), spell_hours(2.5), spell_hours(0.5)
    ('1 hour', '2 h 30 min', '30 minutes')
    """
    whole, minutes = divmod(round(hours * 60), 60)
    if not minutes:
        return f"{whole} hour{'' if whole == 1 else 's'}"
    return f"{whole} h {minutes} min" if whole else f"{minutes} minutes"
