"""The file that knows numba: one rule book, read by Python and compiled for the kernel.

A rule is a plain Python function. `@rule` only writes its name in a list, so that
importing the rule book costs nothing; `compiled` turns a kernel and every rule it
calls into machine code the first time a kernel is wanted. Six primitives that
Python and machine code spell differently (`u64`, `unit`, `pow2`, `pow2_above`, `split`,
`first_bit`) live here too, each with both spellings side by side; `four` runs one
formula on four numbers at once (`sim/lanes.py`).
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sim import caches
from sim.errors import UserError

F = TypeVar("F", bound=Callable[..., Any])

_RULES: list[tuple[Callable[..., Any], bool]] = []  # with whether it is copied into its callers
_FOURS: list[tuple[Callable[..., Any], Callable[..., Any]]] = []
_THREADS = [0]  # how many a kernel may use; 0 is not said yet
MASK64 = 0xFFFFFFFFFFFFFFFF
# The packages whose text decides what the machine code does.
SOURCES = (
    "jit.py",
    "lanes.py",
    "model",
    "engines/kernel.py",
)

# Division by zero as IEEE 754 has it; no door for Python to call a rule's machine code by itself.
RULE_OPTIONS: dict[str, Any] = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def rule(function: F) -> F:
    """Mark a function as part of the rule book: callable as it is, and from compiled code.

    The machine copies it into whoever calls it. Left to itself the compiler keeps most
    rules apart, and a call hands over every array as seven numbers: runs took a third longer.
    """
    _RULES.append((function, True))
    return function


def seldom(function: F) -> F:
    """A rule that few steps reach, or that many call: it stays a call, so that hot code is short and soon compiled."""
    _RULES.append((function, False))
    return function


def u64(x: int) -> int:
    """`x` as an unsigned 64-bit number: what wraps round in the machine is cut off in Python."""
    return x & MASK64


def unit(x: int) -> float:
    """The top 52 bits of unsigned 64-bit `x`, and a last bit that is set, as an odd multiple of 2**-53 in (0, 1)."""
    return ((x >> 11) | 1) * 2.0**-53


def pow2(k: int) -> float:
    """2.0 ** k, exactly, for -1022 <= k <= 1023."""
    return math.ldexp(1.0, k)


def pow2_above(t: float) -> float:
    """2.0 ** k, exactly, for t = 1.5 * 2**52 + k and -1022 <= k <= 1023: whole k as rounding leaves it."""
    return math.ldexp(1.0, int(t - 1.5 * 2.0**52))


def split(x: float) -> tuple[float, int]:
    """(m, k) with x = m * 2**k and 1 <= m < 2, exactly, for normal x > 0."""
    m, k = math.frexp(x)
    return 2.0 * m, k - 1


def four(function: Callable[[Any], Any]) -> Callable[..., tuple[float, float, float, float]]:
    """`function` of four numbers at once; it may use +, -, * and `pow2_above` only.

    The machine has registers of four numbers on which each operation rounds as it does on
    one: same bits, a quarter of the work.
    """

    def each(a: float, b: float, c: float, d: float) -> tuple[float, float, float, float]:
        return function(a), function(b), function(c), function(d)

    _FOURS.append((each, function))
    return each


def first_bit(x: int) -> int:
    """Place of the lowest set bit of a whole number 0 < x < 2**63."""
    return (x & -x).bit_length() - 1


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
def _numba() -> Any:
    """numba itself; UserError where a setting of its own keeps it from loading."""
    try:
        import numba
    except ValueError as error:
        raise UserError(f"numba does not load: {error} Look at the environment variables NUMBA_...") from error
    if numba.config.DISABLE_JIT:
        raise UserError("NUMBA_DISABLE_JIT is set, and the kernel has to be compiled; unset it, or use engine=mesa.")
    return numba


@cache
def cache_folder() -> Path | None:
    """Folder of the compiled code, named by everything that could make old code wrong; None where none can be trusted.

    numba compares only the kernel's own file with its cache, so an edited rule in
    another file would run as before; a folder for each state of the sources cannot.
    """
    import llvmlite

    tag = f"{source_hash()} {_numba().__version__} {llvmlite.__version__} {sys.version}"
    folder, said = caches.kept(hashlib.sha256(tag.encode()).hexdigest()[:16])
    if said:
        place = f"kept in {folder}" if folder else "kept for this process alone"
        print(f"rubicon: compiled code is {place}: {said}.", file=sys.stderr)
    return folder


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

    @intrinsic
    def low_zeros(context, whole):  # type: ignore[no-untyped-def]
        def code(context, builder, signature, args):  # type: ignore[no-untyped-def]
            return builder.cttz(args[0], ir.IntType(1)(1))

        return types.int64(types.int64), code

    def machine_first_bit(x):  # type: ignore[no-untyped-def]
        return lambda x: low_zeros(x)

    def machine_unit(x):  # type: ignore[no-untyped-def]
        import numpy as np

        # The bits as they stand are a number in [1, 2); what is taken away leaves an exact result.
        # Two conversions between whole numbers and floats cost more than the hash.
        return lambda x: as_float(np.int64((x >> np.uint64(12)) | np.uint64(1023 << 52))) - (1.0 - 2.0**-53)

    def machine_pow2(k):  # type: ignore[no-untyped-def]
        return lambda k: as_float((k + 1023) << 52)

    def machine_pow2_above(t):  # type: ignore[no-untyped-def]
        return lambda t: as_float((as_bits(t) + 1023) << 52)  # the last bits of t are k itself

    def machine_split(x):  # type: ignore[no-untyped-def]
        def impl(x):  # type: ignore[no-untyped-def]
            bits = as_bits(x)
            return as_float((bits & 0xFFFFFFFFFFFFF) | (1023 << 52)), (bits >> 52) - 1023

        return impl

    options = {**RULE_OPTIONS, "forceinline": True}
    overload(u64, jit_options=options, inline="never")(machine_u64)
    overload(first_bit, jit_options=options)(machine_first_bit)
    overload(unit, jit_options=options)(machine_unit)
    overload(pow2, jit_options=options)(machine_pow2)
    overload(pow2_above, jit_options=options)(machine_pow2_above)
    overload(split, jit_options=options)(machine_split)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` as machine code, from the cache where the sources have not changed.

    It lets other threads run meanwhile. No `fastmath`: a fused or reordered sum would
    differ from Python's in the last bit.
    """
    numba = _numba()
    import numba.extending as extending

    from sim.lanes import teach_four

    _teach_numba()
    while _FOURS:
        teach_four(*_FOURS.pop(), RULE_OPTIONS)
    while _RULES:  # rules imported since the last kernel
        function_, copied = _RULES.pop()
        extending.register_jitable(**RULE_OPTIONS, forceinline=copied)(function_)
    folder, before = cache_folder(), numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder)
    try:
        return numba.njit(cache=folder is not None, nogil=True, error_model="numpy")(function)
    finally:
        numba.config.CACHE_DIR = before


def use_threads(count: int | None) -> int:
    """Let kernels use `count` threads (None: all cores); returns how many. No result depends on it."""
    most = int(_numba().config.NUMBA_NUM_THREADS)
    _THREADS[0] = most if count is None else max(1, min(count, most))
    return _THREADS[0]


def threads() -> int:
    """How many threads a kernel may use."""
    return _THREADS[0] or use_threads(None)
