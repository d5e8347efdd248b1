"""Elementary functions with the same bits everywhere: interpreted, compiled, on every machine.

The `exp` of one C library differs from another's in the last bit, and one such bit can
flip a choice and with it a crisis. These use only what IEEE 754 rounds exactly (`+`, `-`,
`*`, `/`, square root, comparison, whole powers of two), in an order that is written out.
"""

from __future__ import annotations

from math import inf, nan, sqrt
from typing import Any

from sim.jit import four, pow2, pow2_above, rule, seldom, split

EXP_LOW: float = -708.0
"""Below this `exp` is 0: the last whole number before results lose digits (subnormal numbers)."""
EXP_HIGH: float = 709.0
"""Above this `exp` stays at exp(709) = 8.2e307, the last whole number before infinity."""
LOGISTIC_EDGE: float = 40.0
"""Beyond it `logistic` stays where it is: 1 - logistic(40) is below half an ulp of 1."""

LOG_LOW: float = 2.0**-1020
LOG_HIGH: float = 2.0**1020
EXP_CEILING: float = 8.218407461554972e307
SQRT_HALF: float = 0.7071067811865476
INV_LN2: float = 1.4426950408889634
# Added and taken away again it leaves the nearest whole number: above 2**52 doubles have no fraction.
ROUNDER: float = 1.5 * 2.0**52
INV_SQRT_2PI: float = 0.3989422804014327
NORMAL_CENTRE: float = 0.425  # so far from 1/2 `normal_centre` is exact: 85 % of all draws
# ln 2 in two parts: the upper one ends in 32 zero bits, so that k * LN2_HIGH is exact.
LN2_HIGH: float = 6.93147180369123816490e-01
LN2_LOW: float = 1.90821492927058770002e-10


@rule
def clamp(x: float, low: float, high: float) -> float:
    """`x`, or the nearer bound where it lies outside [low, high].

    >>> clamp(1.2, 0.0, 1.0), clamp(-3.0, 0.0, 1.0), clamp(0.5, 0.0, 1.0)
    (1.0, 0.0, 0.5)
    """
    if x < low:
        return low
    if x > high:
        return high
    return x


@rule
def exp(x: float) -> float:
    """e to the power `x`, within 1 ulp; 0.0 below -708, exp(709) above 709; nan stays nan.

    x = k ln 2 + r with |r| <= 0.35 (reduction as in fdlibm, Sun 1993); e**r = 1 + r + r**2 q(r),
    where q is a minimax polynomial found by Remez's exchange (relative error 4e-18).

    >>> exp(0.0), exp(0.5), exp(-1000.0)
    (1.0, 1.6487212707001282, 0.0)
    """
    if not EXP_LOW <= x <= EXP_HIGH:
        if x < EXP_LOW:
            return 0.0
        return EXP_CEILING if x > EXP_HIGH else x
    return _exp_inside(x)


@rule
def _exp_inside(x: Any) -> Any:
    """`exp` where neither end is near: no branch, so that it runs on four numbers at once as well."""
    t = x * INV_LN2 + ROUNDER
    k = t - ROUNDER
    high = x - k * LN2_HIGH
    low = k * LN2_LOW
    r = high - low
    r2 = r * r
    r4 = r2 * r2
    # Pairs of terms (Estrin) and not a chain: the machine works on several at once.
    q = (0.5000000000000011 + r * 0.16666666666666413) + r2 * (0.041666666666530155 + r * 0.008333333333494461)
    q4 = (0.0013888888943630134 + r * 0.00019841269506578723) + r2 * (2.480149309888739e-05 + r * 2.755758637378518e-06)
    q8 = 2.763024838532302e-07 + r * 2.500006162553128e-08
    return (1.0 + (high + (r2 * (q + r4 * (q4 + r4 * q8)) - low))) * pow2_above(t)


exp_of_four = four(_exp_inside)
"""`exp` of four numbers at once, each within [-708, 709], as a tuple."""


@seldom
def log(x: float) -> float:
    """Natural logarithm of `x` > 0, within 1 ulp; -inf at 0, nan below 0 and for nan.

    Source: FreeBSD msun `e_log.c` (fdlibm, Sun 1993), x = 2**k (1 + f) with 1 + f in [0.71, 1.42].

    >>> log(1.0), log(10.0)
    (0.0, 2.302585092994046)
    """
    shift = 0
    if not LOG_LOW <= x <= LOG_HIGH:
        if not 0.0 < x < inf:
            return x if x > 0.0 else (-inf if x == 0.0 else nan)
        # Into the middle of the range, exactly, where doubling and halving are safe.
        shift = -64 if x < 1.0 else 64
        x = x * pow2(-shift)
    # x / sqrt 2 has the power of two that brings x itself nearest to 1: no branch to guess.
    _, k = split(x * SQRT_HALF)
    k += 1
    f = x * pow2(-k) - 1.0
    k += shift
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    even = z * (
        (6.666666666666735130e-01 + w * 2.857142874366239149e-01)
        + (w * w) * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)
    )
    half = 0.5 * f * f
    return k * LN2_HIGH - ((half - (s * (half + (odd + even)) + k * LN2_LOW)) - f)


@seldom
def power(a: float, b: float) -> float:
    """`a` to the power `b` for `a` > 0, clamped as `exp`; relative error about (1 + |b log a|) 2e-16.

    Exactly `a * a` for b = 2 and `a` for b = 1; 0.0 for a = 0 and b > 0.

    >>> power(3.0, 2.0), power(4.0, 0.5), power(0.7, 1.0)
    (9.0, 2.0, 0.7)
    """
    if b == 2.0:
        return a * a
    if b == 1.0:
        return a
    return exp(b * log(a))


@rule
def logistic(x: float) -> float:
    """1 / (1 + exp(-x)): log-odds to probability, never 0; `x` is clamped to [-40, 40].

    >>> logistic(0.0), logistic(1000.0), logistic(-1000.0) == logistic(-40.0)
    (0.5, 1.0, True)
    """
    return 1.0 / (1.0 + exp(-clamp(x, -LOGISTIC_EDGE, LOGISTIC_EDGE)))


@seldom
def cosh_sinh(x: float) -> tuple[float, float]:
    """(cosh x, sinh x), each within 2 ulp, also near 0; |x| is clamped to 709.

    Taylor's series up to |x| = 0.5, where (e - 1/e) / 2 would cancel; that form beyond.

    >>> cosh_sinh(0.0)
    (1.0, 0.0)
    >>> cosh_sinh(1e-9)
    (1.0, 1e-09)
    """
    size = abs(x)
    if size <= 0.5:
        t = x * x
        c = t * (1 / 3628800 + t * (1 / 479001600 + t * (1 / 87178291200)))
        c = t * (1 / 24 + t * (1 / 720 + t * (1 / 40320 + c)))
        s = t * (1 / 362880 + t * (1 / 39916800 + t * (1 / 6227020800)))
        s = t * (1 / 6 + t * (1 / 120 + t * (1 / 5040 + s)))
        return 1.0 + t * (0.5 + c), x + x * s
    e = exp(size)
    s = 0.5 * e - 0.5 / e
    return 0.5 * e + 0.5 / e, s if x > 0.0 else -s


@rule
def normal_cdf(x: float) -> float:
    """Probability that a standard normal number is below `x`, within 3e-16; far tails to 9 digits.

    Source: Hart et al. 1968, function 5666, as in West 2005 ("Better approximations to
    cumulative normal functions"); beyond |x| = 7.07 Laplace's continued fraction.

    >>> normal_cdf(0.0), normal_cdf(40.0), normal_cdf(-40.0)
    (0.5, 1.0, 0.0)
    """
    z = abs(x)
    density = exp(-0.5 * z * z)
    if z < 7.07106781186547:
        p = 6.37396220353165 + z * (0.7003830644436881 + z * 0.03526249659989109)
        p = 220.2068679123761 + z * (221.2135961699311 + z * (112.0792914978709 + z * (33.912866078383 + z * p)))
        q = 86.78073220294608 + z * (16.06417757920695 + z * (1.755667163182642 + z * 0.08838834764831844))
        q = 793.8265125199484 + z * (637.3336333788311 + z * (296.5642487796737 + z * q))
        tail = density * p / (440.4137358247522 + z * q)
    else:
        rest = z + 4 / (z + 5 / (z + 6 / (z + 7 / (z + 8 / (0.5 * z + sqrt(0.25 * z * z + 9.0))))))
        tail = density * INV_SQRT_2PI / (z + 1 / (z + 2 / (z + 3 / rest)))
    return 1.0 - tail if x > 0.0 else tail


@rule
def _septic(x: float, c0: float, c1: float, c2: float, c3: float, c4: float, c5: float, c6: float, c7: float) -> float:
    """c0 + c1 x + ... + c7 x**7, by pairs (Estrin)."""
    x2 = x * x
    return ((c0 + c1 * x) + (c2 + c3 * x) * x2) + ((c4 + c5 * x) + (c6 + c7 * x) * x2) * (x2 * x2)


@rule
def normal_quantile(u: float) -> float:
    """The number that a standard normal one stays below with probability `u`, 0 < u < 1; relative error 1e-15.

    Source: Wichura 1988, algorithm AS 241 (PPND16), Applied Statistics 37:477.

    >>> normal_quantile(0.5), round(normal_quantile(0.975), 12)
    (0.0, 1.95996398454)
    """
    q = u - 0.5
    if abs(q) <= NORMAL_CENTRE:
        return normal_centre(q)
    r = sqrt(-log(u if q < 0.0 else 1.0 - u))
    size = _near_tail(r - 1.6) if r <= 5.0 else _far_tail(r - 5.0)
    return -size if q < 0.0 else size


@rule
def normal_centre(q: float) -> float:
    """`normal_quantile` of 0.5 + q, for |q| <= 0.425 only: no branch, so that a loop of these runs several at once."""
    return q * _central(0.180625 - q * q)


@rule
def _central(r: float) -> float:
    above = _septic(
        r, 3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
        4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
    )  # fmt: skip
    below = _septic(
        r, 1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
        2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
    )  # fmt: skip
    return above / below


@rule
def _near_tail(r: float) -> float:
    above = _septic(
        r, 1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
    )  # fmt: skip
    below = _septic(
        r, 1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
    )  # fmt: skip
    return above / below


@rule
def _far_tail(r: float) -> float:
    above = _septic(
        r, 6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    )  # fmt: skip
    below = _septic(
        r, 1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    )  # fmt: skip
    return above / below
