"""The elementary functions: near enough to the true value, right at the edges, the same bits when compiled."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext

import numpy as np
import pytest

from sim.jit import compiled, first_bit, pow2_above, unit
from sim.model import maths

# Reference values worked out to 40 digits and rounded once.
CDF = [
    (-37.0, 5.725571222524577e-300),
    (-10.0, 7.619853024160525e-24),
    (-7.1, 6.237844463331591e-13),
    (-7.0, 1.279812543885835e-12),
    (-5.0, 2.866515718791939e-07),
    (-2.0, 0.02275013194817921),
    (-1.0, 0.15865525393145705),
    (-0.1, 0.460172162722971),
    (0.1, 0.539827837277029),
    (1.0, 0.8413447460685429),
    (2.0, 0.9772498680518208),
    (5.0, 0.9999997133484281),
]
QUANTILE = [
    (1e-300, -37.0470962993612),
    (1e-20, -9.262340089798407),
    (2.0**-53, -8.209536151601387),
    (1e-10, -6.361340902404057),
    (0.001, -3.0902323061678136),
    (0.07, -1.4757910281791706),
    (0.08, -1.4050715603096327),
    (0.25, -0.6744897501960817),
    (0.6, 0.2533471031357997),
    (0.9, 1.2815515655446006),
    (0.999, 3.090232306167813),
    (1 - 2.0**-53, 8.209536151601387),
]


def worst_ulp(function: Callable[[float], float], truth: Callable[[Decimal], Decimal], points: np.ndarray) -> float:
    """The largest error over `points`, in units of the last place of the true value."""
    with localcontext(prec=40):
        errors = []
        for x in points.tolist():
            exact = truth(Decimal(x))
            errors.append(abs(Decimal(function(x)) - exact) / Decimal(math.ulp(float(exact))))
    return float(max(errors))


def points(seed: int, *ranges: tuple[float, float], n: int = 1500) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.uniform(low, high, n) for low, high in ranges])


def test_exp_is_within_one_ulp() -> None:
    xs = points(1, (-1.0, 1.0), (-40.0, 40.0), (-708.0, 709.0), (-1e-6, 1e-6))
    assert worst_ulp(maths.exp, Decimal.exp, xs) < 1.0


def test_log_is_within_one_ulp() -> None:
    xs = np.concatenate([np.exp(points(2, (-2.0, 2.0), (-708.0, 709.0))), points(3, (0.9, 1.1), (1 - 1e-7, 1 + 1e-7))])
    assert worst_ulp(maths.log, Decimal.ln, xs) < 1.0


def test_log_at_the_ends_of_the_range_is_within_one_ulp() -> None:
    xs = np.array(
        [5e-324, 1e-310, 2.2e-308, 2.0**-1022, 2.0**-1020, 2.0**1020, 1.5 * 2.0**1020, 1.7976931348623157e308]
    )
    assert worst_ulp(maths.log, Decimal.ln, xs) < 1.0


def test_cosh_and_sinh_are_within_two_ulp_also_near_zero() -> None:
    xs = points(4, (-1.0, 1.0), (-6.0, 6.0), (-700.0, 700.0), (-1e-4, 1e-4), n=800)
    assert worst_ulp(lambda x: maths.cosh_sinh(x)[0], lambda x: (x.exp() + (-x).exp()) / 2, xs) < 2.0
    assert worst_ulp(lambda x: maths.cosh_sinh(x)[1], lambda x: (x.exp() - (-x).exp()) / 2, xs) < 2.0


def test_logistic_is_within_three_ulp() -> None:
    assert worst_ulp(maths.logistic, lambda x: 1 / (1 + (-x).exp()), points(5, (-40.0, 40.0), (-3.0, 3.0))) < 3.0


def test_power_error_stays_within_its_stated_bound() -> None:
    for a, b in zip(np.exp(points(6, (-4.0, 4.0))).tolist(), points(7, (-5.0, 5.0)).tolist(), strict=True):
        with localcontext(prec=40):
            exact = (Decimal(b) * Decimal(a).ln()).exp()
            relative = float(abs(Decimal(maths.power(a, b)) / exact - 1))
        assert relative < 2e-16 * (1 + abs(b * math.log(a)))


@pytest.mark.parametrize(("x", "probability"), CDF)
def test_normal_cdf_equals_reference(x: float, probability: float) -> None:
    assert abs(maths.normal_cdf(x) - probability) < 3e-16
    assert maths.normal_cdf(x) == pytest.approx(probability, rel=1e-8, abs=0.0)


def test_normal_cdf_agrees_with_erfc_and_is_symmetric() -> None:
    for x in points(8, (-8.0, 8.0)).tolist():
        assert abs(maths.normal_cdf(x) - 0.5 * math.erfc(-x / math.sqrt(2.0))) < 5e-16
        assert maths.normal_cdf(x) + maths.normal_cdf(-x) == pytest.approx(1.0, rel=0.0, abs=2e-16)


@pytest.mark.parametrize(("u", "z"), QUANTILE)
def test_normal_quantile_equals_reference(u: float, z: float) -> None:
    assert maths.normal_quantile(u) == pytest.approx(z, rel=1e-15, abs=0.0)


def test_normal_quantile_undoes_normal_cdf() -> None:
    for u in points(9, (1e-12, 1e-3), (0.001, 0.999)).tolist():
        assert maths.normal_cdf(maths.normal_quantile(u)) == pytest.approx(u, rel=2e-12)


GRIDS = {
    "exp": (maths.exp, np.linspace(-720.0, 720.0, 20001)),
    "log": (maths.log, np.exp(np.linspace(-700.0, 700.0, 20001))),
    "logistic": (maths.logistic, np.linspace(-45.0, 45.0, 20001)),
    "sinh": (lambda x: maths.cosh_sinh(x)[1], np.linspace(-3.0, 3.0, 20001)),
    "normal_cdf": (maths.normal_cdf, np.linspace(-39.0, 39.0, 20001)),
    "normal_quantile": (maths.normal_quantile, np.linspace(0.0, 1.0, 20003)[1:-1]),
}


@pytest.mark.parametrize("name", GRIDS)
def test_never_falls(name: str) -> None:
    function, grid = GRIDS[name]
    values = np.array([function(x) for x in grid.tolist()])
    assert np.all(np.diff(values) >= 0.0)


@pytest.mark.parametrize("seam", [0.5 * math.log(2.0), 1.5 * math.log(2.0), -0.5 * math.log(2.0)])
def test_exp_does_not_fall_from_one_double_to_the_next_at_a_seam(seam: float) -> None:
    x = np.array([seam]).view(np.int64) + np.arange(-500, 501)
    xs = np.sort(x.view(np.float64))
    assert np.all(np.diff([maths.exp(v) for v in xs.tolist()]) >= 0.0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (maths.exp(0.0), 1.0),
        (maths.exp(-708.0000001), 0.0),
        (maths.exp(-math.inf), 0.0),
        (maths.exp(709.0), maths.EXP_CEILING),
        (maths.exp(1e6), maths.EXP_CEILING),
        (maths.exp(math.inf), maths.EXP_CEILING),
        (maths.log(1.0), 0.0),
        (maths.log(0.0), -math.inf),
        (maths.log(math.inf), math.inf),
        (maths.power(0.1, 2.0), 0.1 * 0.1),
        (maths.power(0.1, 1.0), 0.1),
        (maths.power(0.1, 0.0), 1.0),
        (maths.power(0.0, 1.5), 0.0),
        (maths.logistic(0.0), 0.5),
        (maths.logistic(-1e9), maths.logistic(-40.0)),
        (maths.logistic(1e9), 1.0),
        (maths.cosh_sinh(-2.0), (maths.cosh_sinh(2.0)[0], -maths.cosh_sinh(2.0)[1])),
        (maths.cosh_sinh(1e9), maths.cosh_sinh(709.0)),
        (maths.normal_cdf(0.0), 0.5),
        (maths.normal_cdf(-math.inf), 0.0),
        (maths.normal_cdf(math.inf), 1.0),
        (maths.normal_quantile(0.5), 0.0),
        (maths.clamp(2.0, 0.0, 1.0), 1.0),
        (maths.clamp(-2.0, 0.0, 1.0), 0.0),
        (maths.clamp(0.25, 0.0, 1.0), 0.25),
    ],
)
def test_edge(given: object, expected: object) -> None:
    assert given == expected


def test_not_a_number_stays_so() -> None:
    assert math.isnan(maths.exp(math.nan))
    assert math.isnan(maths.log(math.nan))
    assert math.isnan(maths.log(-1.0))
    assert math.isnan(maths.logistic(math.nan))


def fill(xs: Sequence[float] | np.ndarray, out: np.ndarray) -> None:
    """Every function at every x, made a legal argument without leaving the doubles."""
    for i in range(len(xs)):
        x = xs[i]
        e = maths.exp(x)
        out[i, 0] = e
        out[i, 1] = maths.log(e)
        out[i, 2] = maths.power(1e-3 + e, 0.01 * x)
        out[i, 3] = maths.power(x, 2.0)
        out[i, 4] = maths.logistic(x)
        out[i, 5], out[i, 6] = maths.cosh_sinh(x)
        out[i, 7] = maths.normal_cdf(x)
        out[i, 8] = maths.normal_quantile(0.5 * maths.logistic(x) + 1e-9)
        out[i, 9] = maths.normal_quantile(maths.clamp(maths.logistic(x), 1e-12, 1.0 - 1e-12))
        out[i, 10] = maths.log(abs(x))


def test_compiled_and_interpreted_give_the_same_bits() -> None:
    edges = [0.0, -0.0, 5e-324, -1e-310, 2.0**-1022, 1e308, -1e308, math.inf, -math.inf, 709.0, -708.0, 40.0, 0.5, -0.5]
    edges += [7.07106781186547, 0.425, math.sqrt(2.0), math.sqrt(0.5), 2.0**1023, 2.0**1020]
    ranges = ((-1.0, 1.0), (-8.0, 8.0), (-40.0, 40.0), (-720.0, 720.0))
    xs = np.concatenate([np.array(edges), points(10, *ranges, n=25_000)])
    ours, machine = np.empty((len(xs), 11)), np.empty((len(xs), 11))
    fill(xs.tolist(), ours)  # a list: the interpreted side then works with Python's own floats
    compiled(fill)(xs, machine)
    same = (ours.view(np.int64) == machine.view(np.int64)) | (np.isnan(ours) & np.isnan(machine))
    assert same.all(), f"differ at x = {xs[~same.all(axis=1)][:5]}, columns {np.flatnonzero(~same.all(axis=0))}"


def four_of(xs: np.ndarray, out: np.ndarray) -> None:
    """`exp_of_four` of each row of `xs`."""
    for i in range(len(xs)):
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = maths.exp_of_four(xs[i, 0], xs[i, 1], xs[i, 2], xs[i, 3])


def test_exp_of_four_is_exp_of_each_to_the_last_bit_also_compiled() -> None:
    xs = points(11, (-1.0, 1.0), (-40.0, 40.0), (-708.0, 709.0), n=2000).reshape(-1, 4)
    plain, machine = np.empty_like(xs), np.empty_like(xs)
    four_of(xs, plain)
    compiled(four_of)(xs, machine)
    assert (plain == np.array([[maths.exp(x) for x in row] for row in xs.tolist()])).all()
    assert (machine.view(np.int64) == plain.view(np.int64)).all()


def primitives(whole: np.ndarray, bits: np.ndarray, shifted: np.ndarray, out: np.ndarray) -> None:
    """The three primitives that bits of a number decide, row by row."""
    for i in range(len(whole)):
        out[i, 0], out[i, 1], out[i, 2] = unit(bits[i]), first_bit(whole[i]), pow2_above(shifted[i])


def test_primitives_mean_the_same_to_the_machine() -> None:
    rng = np.random.default_rng(12)
    bits = np.concatenate([rng.integers(0, 2**64, 2045, dtype=np.uint64), np.array([0], np.uint64)])
    whole = np.maximum((bits >> np.uint64(1)) << rng.integers(0, 60, 2046).astype(np.uint64), np.uint64(1))
    whole = (whole & np.uint64(2**63 - 1)).astype(np.int64) | 2**62
    shifted = np.arange(-1022, 1024) + 1.5 * 2.0**52
    plain, machine = np.empty((2046, 3)), np.empty((2046, 3))
    primitives(whole.tolist(), bits.tolist(), shifted.tolist(), plain)  # type: ignore[arg-type]
    compiled(primitives)(whole, bits, shifted, machine)
    assert (plain == machine).all()
    assert plain[-1, 0] == 2.0**-53
    assert (plain[:, 2] == [2.0**k for k in range(-1022, 1024)]).all()
