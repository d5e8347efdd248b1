"""What holds for every address, whatever seed, replicate, step, actor and purpose."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.model.luck import normal, raw53, run_key, uniform
from sim.model.maths import normal_quantile

SEED = st.integers(0, 2**63 - 1)
ADDRESS = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1), st.integers(0, 2**16 - 1))
ADDRESSES = st.lists(ADDRESS, min_size=1, max_size=20)


@settings(deadline=None)
@given(SEED, SEED)
def test_a_key_is_an_unsigned_64_bit_number(seed: int, replicate: int) -> None:
    assert 0 <= run_key(seed, replicate) < 2**64


@settings(deadline=None)
@given(SEED, SEED, SEED)
def test_keys_differ_where_seed_or_replicate_differ(seed: int, a: int, b: int) -> None:
    assume(a != b)
    assert run_key(seed, a) != run_key(seed, b)
    assert run_key(a, seed) != run_key(b, seed)
    assert run_key(a, b) != run_key(b, a)


@settings(deadline=None)
@given(SEED, SEED, ADDRESS)
def test_a_uniform_lies_strictly_inside_and_is_the_raw_draw_scaled(
    seed: int, replicate: int, address: tuple[int, int, int]
) -> None:
    key = run_key(seed, replicate)
    raw = raw53(key, *address)
    assert 0 < raw < 2**53
    assert raw % 2 == 1
    assert 0.0 < uniform(key, *address) < 1.0
    assert uniform(key, *address) * 2**53 == raw


@settings(deadline=None)
@given(SEED, ADDRESS, st.integers(0, 2**53))
def test_a_whole_threshold_and_a_probability_decide_alike(
    seed: int, address: tuple[int, int, int], threshold: int
) -> None:
    key = run_key(seed, 0)
    assert (raw53(key, *address) < threshold) == (uniform(key, *address) < threshold * 2.0**-53)


@settings(deadline=None)
@given(SEED, ADDRESS, ADDRESS)
def test_draws_differ_where_addresses_differ(
    seed: int, here: tuple[int, int, int], there: tuple[int, int, int]
) -> None:
    assume(here != there)
    assert raw53(run_key(seed, 1), *here) != raw53(run_key(seed, 1), *there)


@settings(deadline=None)
@given(SEED, ADDRESSES, st.randoms(use_true_random=False))
def test_the_order_of_calls_does_not_matter(seed: int, addresses: list[tuple[int, int, int]], shuffler: object) -> None:
    key = run_key(seed, 4)
    in_order = {a: uniform(key, *a) for a in addresses}
    mixed = list(addresses)
    shuffler.shuffle(mixed)  # type: ignore[attr-defined]
    assert {a: uniform(key, *a) for a in mixed} == in_order


@settings(deadline=None)
@given(SEED, ADDRESS, ADDRESSES)
def test_a_draw_made_elsewhere_moves_none(
    seed: int, address: tuple[int, int, int], others: list[tuple[int, int, int]]
) -> None:
    key = run_key(seed, 9)
    alone = normal(key, *address)
    for other in others:
        normal(key, *other)
        run_key(seed, other[0])
    assert normal(key, *address) == alone == normal_quantile(uniform(key, *address))
