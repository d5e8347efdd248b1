"""The only file that knows numba: one rule book, read by Python and compiled for the kernel.

A rule is a plain Python function. `@rule` only writes its name in a list, so that
importing the rule book costs nothing; `compiled` turns a kernel and every rule it
calls into machine code the first time a kernel is wanted. Three primitives that
Python and machine code spell differently (`u64`, `pow2`, `split`) live here too,
each with both spellings side by side.
"""

from __future__ import annotations

import hashlib
import math
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_RULES: list[Callable[..., Any]] = []
MASK64 = 0xFFFFFFFFFFFFFFFF
# The packages whose text decides what the machine code does.
SOURCES = ("jit.py", "maths.py", "luck.py", "state.py", "params.py", "rules", "doctrines", "engines/kernel.py")


def rule(function: F) -> F:
    """Mark a function as part of the rule book: callable as it is, and from compiled code."""
    _RULES.append(function)
    return function


def u64(x: int) -> int:
    """`x` as an unsigned 64-bit number: what wraps round in the machine is cut off in Python."""
    return x & MASK64


def pow2(k: int) -> float:
    """2.0 ** k, exactly, for -1022 <= k <= 1023."""
    return math.ldexp(1.0, k)


def split(x: float) -> tuple[float, int]:
    """(m, k) with x = m * 2**k and 1 <= m < 2, exactly, for normal x > 0."""
    m, k = math.frexp(x)
    return 2.0 * m, k - 1


def source_hash() -> str:
    """SHA-256 over the text of the rule book and its kernel (host-independent), as hex."""
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for name in SOURCES:
        place = root / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_text(encoding="utf-8").encode())
    return digest.hexdigest()


@cache
def cache_folder() -> Path:
    """Folder of the compiled code, named by everything that could make old code wrong.

    numba compares only the kernel's own file with its cache, so an edited rule in
    another file would run as before; a folder for each state of the sources cannot.
    """
    import llvmlite
    import numba

    tag = f"{source_hash()} {numba.__version__} {llvmlite.__version__} {sys.version}"
    name = hashlib.sha256(tag.encode()).hexdigest()[:16]
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rubicon"
    try:
        (base / name).mkdir(parents=True, exist_ok=True)
        if os.access(base / name, os.W_OK):
            return base / name
    except OSError:
        pass  # a read-only home: a folder of the user's own under the temporary one serves as well
    fallback = Path(tempfile.gettempdir()) / f"rubicon-{os.getuid() if hasattr(os, 'getuid') else 'user'}" / name
    fallback.mkdir(parents=True, exist_ok=True)
    return fallback


@cache
def _teach_numba() -> None:
    """Give numba the machine spelling of the primitives."""
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic, overload

    def machine_u64(x):  # type: ignore[no-untyped-def]
        import numpy as np

        return lambda x: np.uint64(x)

    @intrinsic
    def as_float(context, bits):  # type: ignore[no-untyped-def]
        def code(context, builder, signature, args):  # type: ignore[no-untyped-def]
            return builder.bitcast(args[0], ir.DoubleType())

        return types.float64(types.int64), code

    @intrinsic
    def as_bits(context, number):  # type: ignore[no-untyped-def]
        def code(context, builder, signature, args):  # type: ignore[no-untyped-def]
            return builder.bitcast(args[0], ir.IntType(64))

        return types.int64(types.float64), code

    def machine_pow2(k):  # type: ignore[no-untyped-def]
        return lambda k: as_float((k + 1023) << 52)

    def machine_split(x):  # type: ignore[no-untyped-def]
        def impl(x):  # type: ignore[no-untyped-def]
            bits = as_bits(x)
            return as_float((bits & 0xFFFFFFFFFFFFF) | (1023 << 52)), (bits >> 52) - 1023

        return impl

    options = {"error_model": "numpy"}
    overload(u64, jit_options=options, inline="never")(machine_u64)
    overload(pow2, jit_options=options)(machine_pow2)
    overload(split, jit_options=options)(machine_split)


def compiled(function: Callable[..., Any], *, parallel: bool = False) -> Callable[..., Any]:
    """`function` as machine code, from the cache where the sources have not changed.

    No `fastmath`: a fused or reordered sum would differ from Python's in the last bit.
    """
    import numba
    import numba.extending

    _teach_numba()
    while _RULES:  # rules imported since the last kernel
        numba.extending.register_jitable(error_model="numpy")(_RULES.pop())
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(cache_folder())
    try:
        return numba.njit(cache=True, parallel=parallel, error_model="numpy")(function)
    finally:
        numba.config.CACHE_DIR = before


def parallel_range() -> Any:
    """numba's `prange`, for the one loop over replicates."""
    from numba import prange

    return prange


def use_threads(count: int | None) -> int:
    """Let kernels use `count` threads (None: all cores); returns how many. No result depends on it."""
    import numba

    most = int(numba.config.NUMBA_NUM_THREADS)
    chosen = most if count is None else max(1, min(count, most))
    numba.set_num_threads(chosen)
    return chosen
