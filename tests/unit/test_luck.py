"""Luck by address: uniform, independent along every axis of the address, the same bits when compiled."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from numpy.typing import ArrayLike

from sim.jit import compiled
from sim.model import luck
from sim.model.luck import Purpose, mix, normal, raw53, run_key, uniform

TOP_SEED = 2**63 - 1
SEEDS = (0, 1, 2, 2**32, TOP_SEED)
# With fixed seeds a test either always passes or always fails; 4.5 standard errors leave
# room for the hundred or so comparisons made here and still catch a bias of a few per mille.
LIMIT = 4.5


def fill(seeds: np.ndarray, addresses: np.ndarray, out: np.ndarray) -> None:
    """A uniform and a normal for each row (replicate, step, actor, purpose) of `addresses`."""
    for i in range(len(seeds)):
        replicate, step, actor, purpose = addresses[i]
        key = run_key(seeds[i], replicate)
        out[i, 0] = uniform(key, step, actor, purpose)
        out[i, 1] = normal(key, step, actor, purpose)
        out[i, 2] = raw53(key, step, actor, purpose)


@cache
def machine_fill() -> Callable[[np.ndarray, np.ndarray, np.ndarray], None]:
    return compiled(fill)


def draws(seed: int, replicate: ArrayLike, step: ArrayLike, actor: ArrayLike, purpose: ArrayLike) -> np.ndarray:
    """Compiled uniforms over broadcast addresses."""
    columns = np.broadcast_arrays(replicate, step, actor, purpose)
    addresses = np.stack([np.asarray(c, np.int64).ravel() for c in columns], axis=1)
    out = np.empty((len(addresses), 3))
    machine_fill()(np.full(len(addresses), seed, np.int64), addresses, out)
    return out[:, 0].reshape(columns[0].shape)


def chi_square_z(counts: np.ndarray) -> float:
    """Chi-square against equal shares as a standard normal number (Wilson & Hilferty 1931)."""
    expected, free = counts.sum() / counts.size, counts.size - 1
    chi = float(((counts - expected) ** 2).sum() / expected)
    spread = 2.0 / (9.0 * free)
    return float(((chi / free) ** (1 / 3) - (1.0 - spread)) / math.sqrt(spread))


def test_compiled_and_interpreted_give_the_same_bits() -> None:
    rng = np.random.default_rng(1)
    n = 100_000
    seeds = rng.choice(np.array([*SEEDS, 12345, 2**62 + 7]), n)
    addresses = np.stack([rng.integers(0, high, n) for high in (2**40, 2**32, 2**16, 2**16)], axis=1)
    addresses[:50_000, 1:] %= (300, 100, 31)
    ours, machine = np.empty((n, 3)), np.empty((n, 3))
    fill(seeds.tolist(), addresses.tolist(), ours)
    machine_fill()(seeds, addresses, machine)
    assert (ours.view(np.int64) == machine.view(np.int64)).all()


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.int32, np.int64, np.uint64])
def test_the_width_of_an_actors_number_does_not_matter(kind: Callable[[int], int]) -> None:
    key = run_key(1, 2)
    assert [uniform(key, kind(3), kind(a), kind(2)) for a in range(100)] == [uniform(key, 3, a, 2) for a in range(100)]


def test_mix_equals_the_published_splitmix64_sequence() -> None:
    expected = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC]
    assert [mix(luck.GOLDEN * i & 0xFFFFFFFFFFFFFFFF) for i in range(1, 5)] == expected


def test_draws_are_pinned() -> None:
    """Old runs stay reproducible: whoever changes these numbers changes every result."""
    assert run_key(0, 0) == 0x33FE8BD4F9C57863
    assert raw53(run_key(1, 17), 28, 3, Purpose.ACT) == 1595504353030391


@pytest.mark.parametrize("purpose", Purpose)
def test_each_purpose_is_uniform(purpose: Purpose) -> None:
    u = draws(3, np.arange(400)[:, None], np.arange(150), 2, int(purpose))
    assert abs(chi_square_z(np.bincount((u.ravel() * 256).astype(int), minlength=256))) < LIMIT


@pytest.mark.parametrize("seed", SEEDS)
def test_first_draws_over_replicates_are_uniform_for_any_seed(seed: int) -> None:
    u = draws(seed, np.arange(100_000), 0, 0, 1)
    assert abs(chi_square_z(np.bincount((u * 256).astype(int), minlength=256))) < LIMIT


NEIGHBOURS = {
    "replicate": (1, 0, 0, 0),
    "step": (0, 1, 0, 0),
    "actor": (0, 0, 1, 0),
    "purpose": (0, 0, 0, 1),
    "replicate for step": (1, -1, 0, 0),
    "step for actor": (0, 1, -1, 0),
    "actor for purpose": (0, 0, 1, -1),
}


@pytest.mark.parametrize("axis", NEIGHBOURS)
@pytest.mark.parametrize("seed", [0, TOP_SEED])
def test_neighbours_are_independent(axis: str, seed: int) -> None:
    base = np.meshgrid(np.arange(1, 31), np.arange(1, 31), np.arange(1, 21), np.arange(1, 11), indexing="ij")
    here = draws(seed, *base).ravel()
    there = draws(seed, *(b + d for b, d in zip(base, NEIGHBOURS[axis], strict=True))).ravel()
    assert abs(np.corrcoef(here, there)[0, 1]) < LIMIT / math.sqrt(len(here))
    pairs = (here * 16).astype(int) * 16 + (there * 16).astype(int)
    assert abs(chi_square_z(np.bincount(pairs, minlength=256))) < LIMIT


def test_neighbouring_seeds_are_independent() -> None:
    seeds = np.arange(20_000)
    addresses = np.zeros((len(seeds), 4), np.int64)
    out = np.empty((len(seeds), 3))
    machine_fill()(seeds, addresses, out)
    assert abs(chi_square_z(np.bincount((out[:, 0] * 64).astype(int), minlength=64))) < LIMIT
    assert abs(np.corrcoef(out[:-1, 0], out[1:, 0])[0, 1]) < LIMIT / math.sqrt(len(seeds))


def test_no_two_addresses_share_a_draw() -> None:
    u = draws(
        1, np.arange(20)[:, None, None, None], np.arange(100)[:, None, None], np.arange(20)[:, None], np.arange(25)
    )
    assert len(np.unique(u)) == u.size == 1_000_000


def test_no_two_of_many_runs_share_a_key() -> None:
    keys = [run_key(seed, replicate) for seed in (*SEEDS, *range(3, 40)) for replicate in range(1000)]
    assert len(set(keys)) == len(keys)


def test_every_bit_of_the_address_stirs_about_half_the_bits_of_the_draw() -> None:
    flips = np.zeros(64)
    keys = [run_key(5, r) for r in range(400)]
    for bit in range(64):
        other = 1 << bit
        place = (other >> 32, other >> 16 & 0xFFFF, other & 0xFFFF)
        changed = [(raw53(k, 0, 0, 0) ^ raw53(k, *place)).bit_count() for k in keys]
        flips[bit] = np.mean(changed) / 52  # the lowest of the 53 bits is always set
    assert np.abs(flips - 0.5).max() < LIMIT * 0.5 / math.sqrt(52 * len(keys))


def test_uniform_stays_inside_the_open_interval_at_both_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    for bits, expected in ((0, 2.0**-53), (2**64 - 1, 1.0 - 2.0**-53)):
        monkeypatch.setattr(luck, "mix", lambda x, bits=bits: bits)
        assert uniform(1, 0, 0, 0) == expected
        assert math.isfinite(normal(1, 0, 0, 0))


def test_normal_has_the_moments_of_a_normal() -> None:
    n = 200_000
    out = np.empty((n, 3))
    addresses = np.zeros((n, 4), np.int64)
    addresses[:, 0] = np.arange(n)
    machine_fill()(np.zeros(n, np.int64), addresses, out)
    z = out[:, 1]
    errors = [z.mean() / 1.0, (z**2).mean() - 1.0, (z**3).mean(), (z**4).mean() - 3.0]
    for error, variance in zip(errors, (1.0, 2.0, 15.0, 96.0), strict=True):
        assert abs(error) < LIMIT * math.sqrt(variance / n)


def test_every_purpose_has_a_plain_number_and_no_two_share_one() -> None:
    assert {p.name: getattr(luck, p.name) for p in Purpose} == {p.name: int(p) for p in Purpose}
    assert all(type(getattr(luck, p.name)) is int for p in Purpose)
    assert Counter(int(p) for p in Purpose) == Counter(range(1, len(Purpose.__members__) + 1))


def test_purposes_keep_their_numbers() -> None:
    """Renumbering is other luck in every old run: add new purposes at the end."""
    first = "REVISE ACT ENGAGE READ_LEADER READ_RULER ACCEPT_LEADER ACCEPT_RULER SORTIE BATTLE ACCEPT_CONCESSION"
    second = "SCOUT_WHOM SCOUT_WHAT ATTEND SIGNAL LOYALTY LATENT THRESHOLD CAPABILITY BREACH MINISTER"
    third = "CALL ANSWER ASK JOIN_TALKS WALK_OUT PARLEY PRIVATE_READ ERODE REGROUP OFFER"
    names = f"{first} {second} {third}".split()
    assert [p.name for p in Purpose][:30] == names
