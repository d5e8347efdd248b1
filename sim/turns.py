"""Locks that hold over a fork: what is done in turns in one process is not left half done in its copy."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def turns() -> AbstractContextManager[Any]:
    """A lock for one thread at a time, which may take it again; a fork waits for it."""
    lock = threading.RLock()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)
    return lock


def in_turn(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, done by one thread at a time; it may call itself."""
    lock = turns()

    @wraps(function)
    def alone(*args: P.args, **kwargs: P.kwargs) -> R:
        with lock:
            return function(*args, **kwargs)

    return alone
