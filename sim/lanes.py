"""One formula on four numbers at once: the machine spelling of `sim.jit.four`.

Processors have registers of four numbers on which `+`, `-` and `*` round as they do on
one. The compiler finds such fours in loops only; a formula that is waited for, as four
exponentials are for every logit reply, is written down here by running it on `Lanes`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any


class Lanes:
    """Four numbers in one register: the arithmetic done with it in Python is written down as machine code."""

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    def _with(self, other: Any) -> Any:
        return other.value if isinstance(other, Lanes) else self.value.type([float(other)] * 4)

    def __add__(self, other: Any) -> Lanes:
        return Lanes(self.builder, self.builder.fadd(self.value, self._with(other)))

    def __sub__(self, other: Any) -> Lanes:
        return Lanes(self.builder, self.builder.fsub(self.value, self._with(other)))

    def __mul__(self, other: Any) -> Lanes:
        return Lanes(self.builder, self.builder.fmul(self.value, self._with(other)))

    __radd__, __rmul__ = __add__, __mul__  # IEEE sums and products are the same either way round

    def pow2_above(self) -> Lanes:
        """As `pow2_above`, on each of the four."""
        from llvmlite import ir

        whole = ir.VectorType(ir.IntType(64), 4)
        bits = self.builder.add(self.builder.bitcast(self.value, whole), whole([1023] * 4))
        return Lanes(self.builder, self.builder.bitcast(self.builder.shl(bits, whole([52] * 4)), self.value.type))


def teach_four(each: Callable[..., Any], function: Callable[[Any], Any], options: dict[str, Any]) -> None:
    """Give numba the machine spelling of one `four`: the function run once, on lanes."""
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic, overload

    on_lanes = FunctionType(function.__code__, {**function.__globals__, "pow2_above": Lanes.pow2_above})

    @intrinsic
    def at_once(context, a, b, c, d):  # type: ignore[no-untyped-def]
        def code(context, builder, signature, args):  # type: ignore[no-untyped-def]
            vector = ir.VectorType(ir.DoubleType(), 4)(ir.Undefined)
            for i, number in enumerate(args):
                vector = builder.insert_element(vector, number, ir.IntType(32)(i))
            result = on_lanes(Lanes(builder, vector)).value
            parts = [builder.extract_element(result, ir.IntType(32)(i)) for i in range(4)]
            return context.make_tuple(builder, signature.return_type, parts)

        return types.UniTuple(types.float64, 4)(*[types.float64] * 4), code

    @overload(each, jit_options={**options, "forceinline": True})
    def machine_each(a, b, c, d):  # type: ignore[no-untyped-def]
        return lambda a, b, c, d: at_once(a, b, c, d)
