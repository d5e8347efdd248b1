"""Options of the verbs that read a folder: `--key value`, or `key=value` as all other verbs have it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

YES, NO = ("true", "1"), ("false", "0")


class Arguments(argparse.ArgumentParser):
    """An argument parser that takes `key=value` for each of its options too.

    >>> parser = Arguments("rubicon replay")
    >>> _ = parser.add_argument("--replicate", type=int), parser.add_argument("--force", action="store_true")
    >>> parser.parse_args(["replicate=17", "force=true"])
    Namespace(replicate=17, force=True)
    """

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        """As `argparse` does, once every word that names an option is spelled its way."""
        words = sys.argv[1:] if args is None else args
        return super().parse_args([part for word in words for part in self._spelled(word)], namespace)

    def _spelled(self, word: str) -> list[str]:
        key, equals, value = word.partition("=")
        option = f"--{key.replace('_', '-')}"
        action = self._option_string_actions.get(option)
        if not equals or action is None:
            return [word]
        if action.nargs != 0:
            return [f"{option}={value}"]
        if value.lower() not in (*YES, *NO):
            self.error(f"{word}: {key} is on or off; give {key}=true or {key}=false")
        return [option] if value.lower() in YES else []
