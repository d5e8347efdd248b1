"""Luck by address: a draw is a function of (seed, replicate, step, actor, purpose), and of nothing else.

No generator is kept and nothing is used up, so the order of calls cannot matter, and an
actor or a draw that is added elsewhere moves no other draw. Two runs with one seed face
the same luck wherever they meet the same question, which is what paired comparison needs.
"""

from __future__ import annotations

from enum import IntEnum

from sim.jit import rule, u64, unit
from sim.model.maths import normal_quantile


class Purpose(IntEnum):
    """What a draw is for. Never renumber; add at the end: a number changed is other luck in every old run."""

    REVISE = 1
    ACT = 2
    ENGAGE = 3
    READ_LEADER = 4
    READ_RULER = 5
    ACCEPT_LEADER = 6
    ACCEPT_RULER = 7
    SORTIE = 8
    BATTLE = 9
    ACCEPT_CONCESSION = 10
    SCOUT_WHOM = 11
    SCOUT_WHAT = 12
    ATTEND = 13
    SIGNAL = 14
    LOYALTY = 15
    LATENT = 16
    THRESHOLD = 17
    CAPABILITY = 18
    BREACH = 19
    MINISTER = 20
    CALL = 21
    ANSWER = 22
    ASK = 23
    JOIN_TALKS = 24
    WALK_OUT = 25
    PARLEY = 26
    PRIVATE_READ = 27
    ERODE = 28
    REGROUP = 29
    OFFER = 30


# The same as plain numbers, which compiled rules read as constants.
REVISE: int = Purpose.REVISE.value
ACT: int = Purpose.ACT.value
ENGAGE: int = Purpose.ENGAGE.value
READ_LEADER: int = Purpose.READ_LEADER.value
READ_RULER: int = Purpose.READ_RULER.value
ACCEPT_LEADER: int = Purpose.ACCEPT_LEADER.value
ACCEPT_RULER: int = Purpose.ACCEPT_RULER.value
SORTIE: int = Purpose.SORTIE.value
BATTLE: int = Purpose.BATTLE.value
ACCEPT_CONCESSION: int = Purpose.ACCEPT_CONCESSION.value
SCOUT_WHOM: int = Purpose.SCOUT_WHOM.value
SCOUT_WHAT: int = Purpose.SCOUT_WHAT.value
ATTEND: int = Purpose.ATTEND.value
SIGNAL: int = Purpose.SIGNAL.value
LOYALTY: int = Purpose.LOYALTY.value
LATENT: int = Purpose.LATENT.value
THRESHOLD: int = Purpose.THRESHOLD.value
CAPABILITY: int = Purpose.CAPABILITY.value
BREACH: int = Purpose.BREACH.value
MINISTER: int = Purpose.MINISTER.value
CALL: int = Purpose.CALL.value
ANSWER: int = Purpose.ANSWER.value
ASK: int = Purpose.ASK.value
JOIN_TALKS: int = Purpose.JOIN_TALKS.value
WALK_OUT: int = Purpose.WALK_OUT.value
PARLEY: int = Purpose.PARLEY.value
PRIVATE_READ: int = Purpose.PRIVATE_READ.value
ERODE: int = Purpose.ERODE.value
REGROUP: int = Purpose.REGROUP.value
OFFER: int = Purpose.OFFER.value

GOLDEN: int = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio, odd
MULTIPLIER_1: int = 0xBF58476D1CE4E5B9
MULTIPLIER_2: int = 0x94D049BB133111EB
FROM_UNIT: float = 2.0**53


@rule
def mix(x: int) -> int:
    """`x` (unsigned 64 bits) stirred so that each bit depends on every bit; one to one.

    Source: Stafford's variant 13, the finaliser of SplitMix64 (Steele, Lea & Flood 2014, OOPSLA).

    >>> hex(mix(0x9E3779B97F4A7C15))
    '0xe220a8397b1dcdaf'
    """
    x = u64((x ^ (x >> 30)) * u64(MULTIPLIER_1))
    x = u64((x ^ (x >> 27)) * u64(MULTIPLIER_2))
    return x ^ (x >> 31)


@rule
def run_key(seed: int, replicate: int) -> int:
    """The key (unsigned 64 bits) of one run; 0 <= seed, replicate < 2**63.

    With one seed no two replicates share a key, and for one replicate no two seeds do.

    >>> len({run_key(0, 0), run_key(0, 1), run_key(1, 0), run_key(1, 1)})
    4
    """
    stem = mix(u64(u64(int(seed)) + u64(GOLDEN)))
    # Seed and replicate enter differently; a symmetric mixture gives (0, 1) and (1, 0) one luck.
    return mix(mix(u64(stem + u64(u64(int(replicate)) * u64(GOLDEN)))))


@rule
def raw53(key: int, step: int, actor: int, purpose: int) -> int:
    """An odd whole number, uniform in [1, 2**53): `uniform` before it is scaled, to hold against whole thresholds.

    `raw53(...) < t` exactly where `uniform(...) < t * 2.0**-53`.

    Parameters
    ----------
    key : from `run_key`
    step : time step, 0 <= step < 2**32
    actor : seat, formation or elite, 0 <= actor < 2**16
    purpose : a member of `Purpose`, 0 <= purpose < 2**16

    Outside these limits two addresses may coincide; nothing is checked, for speed.

    >>> raw53(run_key(1, 0), 5, 2, REVISE) % 2
    1
    """
    return int(uniform(key, step, actor, purpose) * FROM_UNIT)


@rule
def uniform(key: int, step: int, actor: int, purpose: int) -> float:
    """A uniform draw strictly between 0 and 1, an odd multiple of 2**-53; address as for `raw53`.

    Odd multiples lie evenly about 1/2 and are exact. (k + 1/2) * 2**-53 is not: it rounds, at the top to 1.

    >>> uniform(run_key(1, 0), 5, 2, REVISE) == raw53(run_key(1, 0), 5, 2, REVISE) * 2.0**-53
    True
    """
    address = u64((int(step) << 32) | (int(actor) << 16) | int(purpose))
    # The address is stirred before it meets the key. Met raw, two keys that differ in the few
    # bits an address uses would hold the same draws in another order.
    return unit(mix(u64(int(key)) ^ mix(u64(address + u64(GOLDEN)))))


@rule
def normal(key: int, step: int, actor: int, purpose: int) -> float:
    """A standard normal draw, |z| <= 8.3, from the one uniform of the same address.

    >>> key = run_key(1, 0)
    >>> normal(key, 5, 2, SIGNAL) == normal_quantile(uniform(key, 5, 2, SIGNAL))
    True
    """
    return normal_quantile(uniform(key, step, actor, purpose))
