"""Paired differences: numbers by hand, published tests, and a whole comparison with a known answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from sim.model.state import ENDINGS
from sim.stats import paired
from sim.stats.paired import MEANS, MEASURES, SHARES, Terms, differences, ranking, same, transitions
from sim.stats.pointwise import bootstrap, holm, mcnemar, paired_share_interval
from sim.studies.compare.comparing import Plan, gather

TERMS = Terms(0.95, 1, 1000)
P, Q = np.array([0.05, 0.05, 0.5, 0.2, 0.15, 0.05]), np.array([0.10, 0.05, 0.2, 0.4, 0.20, 0.05])
APART = 0.3  # chance that luck lets the second setting's run go its own way
HOURS = np.array([20.0, 24.0, 22.0, 18.0, 30.0, 48.0])


def synthetic(arm: int, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """`kept` tables of two settings whose true differences are known (`truth`); the luck in `rng` is common."""
    u, v, own, noise = rng.random(n), rng.random(n), rng.random(n), rng.lognormal(0, 0.8, n)
    outcome = np.searchsorted(np.cumsum(P), u).clip(0, 5)
    if arm:
        outcome = np.where(own < APART, np.searchsorted(np.cumsum(Q), v).clip(0, 5), outcome)
    weight = 1.0 + outcome
    return {
        "outcome": outcome.astype(np.int8), "deal_kept": (outcome == 2) & (noise < 1.0),
        "mediator_in": noise < 2.0, "battle": np.isin(outcome, (0, 4)),
        "duration_h": HOURS[outcome] + noise, "closest_km": 100.0 + 3.0 * weight, "deaths": weight * noise,
        "casualties_rebels": weight**2 * noise, "casualties_state": (outcome == 4) * noise**2,
        "authority": 0.5 + 0.0 * noise,
    }  # fmt: skip


def truth() -> dict[str, float]:
    """True differences of `synthetic`: APART times those of the two laws; noise is independent of the endings."""
    gap = APART * (Q / Q.sum() - P / P.sum())
    noise, square, kept = np.exp(0.32), np.exp(1.28), 0.5
    weight = 1.0 + np.arange(6)
    return dict(zip(ENDINGS, gap, strict=True)) | {
        "deal_kept": gap[2] * kept, "mediator_in": 0.0, "battle": gap[0] + gap[4], "duration_h": gap @ HOURS,
        "closest_km": 3 * gap @ weight, "deaths": noise * gap @ weight, "casualties_rebels": noise * gap @ weight**2,
        "casualties_state": gap[4] * square, "authority": 0.0,
    }  # fmt: skip


def tables(n: int, seed: int) -> list[dict[str, np.ndarray]]:
    return [synthetic(arm, n, np.random.default_rng(seed)) for arm in (0, 1)]


def test_the_whole_procedure_holds_all_truths_and_claims_no_wrong_sign() -> None:
    """150 comparisons, each going on until all is settled or its cap; all 15 intervals of one must hold together."""
    studies, held, wrong, answers = 150, 0, 0, truth()
    for study in range(studies):

        def play(arm: int, first: int, n: int, study: int = study) -> Mapping[str, Any]:
            return synthetic(arm, n, np.random.default_rng([study, first]))

        found = gather(play, 2, Plan(400, 1000, 0.95, "settled", None, ((0, 1),), 0), {(0, 1): False})
        entries = found.differences[0, 1]
        known = {name: e for name, e in entries.items() if not np.isnan(e["low"])}
        held += all(e["low"] <= answers[name] <= e["high"] for name, e in known.items())
        wrong += any(e["settled"] and np.sign(e["difference"]) != np.sign(answers[name]) for name, e in known.items())
        assert {"mediator_in", "authority"} & {name for name, e in entries.items() if e["settled"]} == set()
        assert found.stopped == "cap"  # what does not differ is never settled
    assert held >= 0.95 * studies
    assert wrong <= 0.05 * studies


def test_a_study_stops_once_it_knows_enough() -> None:
    def play(arm: int, first: int, n: int) -> Mapping[str, Any]:
        return synthetic(arm, n, np.random.default_rng([5, first]))

    found = gather(play, 2, Plan(300, 100_000, 0.95, None, 0.03, ((0, 1),), 0), {(0, 1): False})
    assert found.stopped == "settled"
    assert found.n < 20_000
    assert found.looks == sorted(found.looks)
    widths = [paired.half_width(e["low"], e["high"]) for name, e in found.differences[0, 1].items() if name in SHARES]
    assert max(widths) <= 0.03
    assert len(found.tables[0]["outcome"]) == found.n


def test_forecast_of_a_study_is_about_right() -> None:
    """A difference that 1,000 pairs leave open is settled by about as many more as was said."""
    a, b = tables(60_000, 3)
    part = differences({k: v[:1000] for k, v in a.items()}, {k: v[:1000] for k, v in b.items()}, TERMS)
    entry = next(e for name, e in part.items() if name in SHARES and e["direction"] == "open" and e["difference"])
    more = paired.more_for_direction(entry, 1000, TERMS)
    assert more is not None
    grown = {key: entry[key] * (1000 + more) / 1000 for key in ("plus", "minus")}
    assert paired.sequential.share_p(grown["plus"], grown["minus"]) < TERMS.alpha


def test_identical_tables_differ_by_exactly_zero() -> None:
    a, _ = tables(500, 1)
    known = differences(a, dict(a), TERMS, identical=True)
    assert same(a, dict(a))
    assert {(e["difference"], e["low"], e["high"], e["direction"]) for e in known.values()} == {
        (0.0, 0.0, 0.0, "equal")
    }
    guessed = differences(a, dict(a), TERMS)  # equal so far, but not known to be one setting
    assert {e["difference"] for e in guessed.values()} == {0.0}
    assert not any(e["settled"] for e in guessed.values())
    assert all(guessed[name]["low"] < 0 < guessed[name]["high"] for name in SHARES)
    assert all(np.isnan(guessed[name]["low"]) for name in MEANS)


def test_swapping_the_pair_turns_every_sign() -> None:
    a, b = tables(3000, 2)
    one, two = differences(a, b, TERMS), differences(b, a, TERMS)
    turned = {"higher": "lower", "lower": "higher", "open": "open"}
    for name in MEASURES:
        assert two[name]["difference"] == pytest.approx(-one[name]["difference"], abs=1e-12)
        assert (two[name]["low"], two[name]["high"]) == pytest.approx(
            (-one[name]["high"], -one[name]["low"]), abs=1e-9, nan_ok=True
        )
        assert two[name]["direction"] == turned[one[name]["direction"]]
        assert two[name]["p_anytime"] == pytest.approx(one[name]["p_anytime"])


def test_variance_reduction_is_that_of_the_definition() -> None:
    a, b = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.5, 2.0, 3.5, 4.0])
    assert paired.variance_reduction(a, b) == pytest.approx((a.var() + b.var()) / 0.0625)
    assert paired.variance_reduction(a, a) is None


def test_means_refuse_what_would_hide_runs() -> None:
    with pytest.raises(ValueError, match="finite"):
        paired.mean_difference(np.array([1.0, np.nan]), np.array([1.0, 2.0]), TERMS)


def test_transitions_count_every_pair_once() -> None:
    a, b = tables(2000, 4)
    matrix = transitions(a["outcome"], b["outcome"])
    assert matrix.sum() == 2000
    np.testing.assert_array_equal(matrix.sum(axis=1), np.bincount(a["outcome"], minlength=6))
    np.testing.assert_array_equal(matrix.sum(axis=0), np.bincount(b["outcome"], minlength=6))
    assert matrix[2, 3] == np.sum((a["outcome"] == 2) & (b["outcome"] == 3))


@pytest.mark.parametrize(("plus", "minus"), [(0, 0), (3, 3), (1, 9), (40, 22), (700, 812)])
def test_mcnemar_is_the_binomial_test_less_half_the_point(plus: int, minus: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    few, n = min(plus, minus), plus + minus
    expected = 1.0 if plus == minus else stats.binomtest(plus, n).pvalue - stats.binom.pmf(few, n, 0.5)
    assert mcnemar(plus, minus) == pytest.approx(expected, rel=1e-9)


def test_holm_is_that_of_the_hand() -> None:
    # four tests: 4 * 0.005, then 3 * 0.011, then 2 * 0.02, then 0.04 raised to what stands before it
    assert holm([0.02, 0.005, 0.04, 0.011]) == pytest.approx([0.04, 0.02, 0.04, 0.033])


def test_usual_intervals_cover_at_a_size_fixed_beforehand() -> None:
    rng, n, studies = np.random.default_rng(6), 300, 2000
    counts = rng.multinomial(n, [0.03, 0.01, 0.96], size=studies)
    ends = np.array([paired_share_interval(int(p), int(m), n) for p, m, _ in counts])
    assert 0.935 <= np.mean((ends[:, 0] <= 0.02) & (ends[:, 1] >= 0.02)) <= 0.98


def test_bootstrap_is_as_wide_as_the_normal_limit_says_and_blocks_do_not_matter() -> None:
    gaps = np.random.default_rng(7).normal(0.3, 2.0, (45_000, 2))
    low, high = bootstrap(gaps, seed=1)
    np.testing.assert_allclose((high - low) / 2, 1.96 * gaps.std(axis=0) / np.sqrt(len(gaps)), rtol=0.1)
    assert np.all((low < gaps.mean(axis=0)) & (gaps.mean(axis=0) < high))
    np.testing.assert_array_equal(bootstrap(gaps, seed=1), bootstrap(gaps, seed=1))


def test_a_ranking_needs_every_step_settled() -> None:
    # b > a and c < a settle b > c too; d is open against a
    ways = {("a", "b"): "higher", ("a", "c"): "lower"}
    assert ranking(["a", "b", "c"], ways) == (["b", "a", "c"], [])
    order, loose = ranking(["a", "b", "c", "d"], ways | {("a", "d"): "open"})
    assert loose
    assert order.index("b") < order.index("c")
