"""Many settings at once on the kernel: the runs of a block of a design's points, or their sums.

A point is a *base* (a setting composed once: scenario, doctrines, structure) and numbers
changed in it. A block is a plain, picklable order, so any process of any machine can play it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.engines.columns import columns
from sim.model.derived import direct
from sim.model.state import ENDINGS, state_type
from sim.scenario import TOGETHER, Setting, followers

if TYPE_CHECKING:
    from sim.model.script import Script

INDEPENDENT = 2**32  # luck of one's own starts so many replicates further with each point
METRICS = ("duration_h", "closest_km", "deaths")  # of which a point's sums are kept
# Numbers that shape the timeline: a point that changes one is a setting of its own.
STRUCTURE = ("clock.dt", "clock.horizon_h", "route.D0", "release_at_h")


@dataclass(frozen=True)
class Block:
    """Points to play: `base` (m,) says which of `bases` each starts from, `numbers` (m,) by path what it changes.

    `points` (m,) are their places in the design; each is played for replicates
    first .. first+replications-1. With `luck="shared"` they meet the same luck, else that of
    replicates of their own (point * 2**32 + ...), by which each can be told again.
    """

    bases: Sequence[Setting]
    base: np.ndarray
    numbers: Mapping[str, np.ndarray]
    points: np.ndarray
    replications: int
    seed: int
    first: int = 0
    luck: str = "shared"


def rows(base: Setting, numbers: Mapping[str, np.ndarray], n: int) -> np.ndarray:
    """Parameter rows (n,) of `params_type()` of a setting with numbers changed: equal to building each anew."""
    places, followed = direct(base.switched_off), {other for others in followers().values() for other in others}
    simple = [path for path in numbers if path in places and path not in followed and path not in TOGETHER]
    hard = [path for path in numbers if path not in simple]
    out = np.repeat(base.params.row(), n)
    for i in range(n if hard else 0):
        out[i] = base.numbers({path: float(numbers[path][i]) for path in hard}).row()[0]
    for path in simple:
        field, index = places[path]
        column: Any = out[field]
        column[(slice(None), *index)] = numbers[path]
    return out


def play(block: Block) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Run tables of a block, a few thousand crises at a time, in order of point and replicate.

    Yields (point (k,), columns); `columns` as in `sim.engines.columns`, each with the replicate whose luck it has.
    """
    for members in _pieces(block):
        yield from _play_piece(block, members)


def _pieces(block: Block) -> Iterator[np.ndarray]:
    """Runs of neighbouring points that share base and structure: they can go to the kernel together."""
    shaping = [block.numbers[path] for path in STRUCTURE if path in block.numbers]
    keys = np.column_stack([block.base, *shaping])
    cuts = np.flatnonzero(np.any(keys[1:] != keys[:-1], axis=1)) + 1
    yield from np.split(np.arange(len(block.base)), cuts)


def _play_piece(block: Block, members: np.ndarray) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    base = block.bases[int(block.base[members[0]])]
    shaped = {path: float(block.numbers[path][members[0]]) for path in STRUCTURE if path in block.numbers}
    base = base.changed(shaped) if shaped else base
    numbers = {path: values[members] for path, values in block.numbers.items() if path not in shaped}
    params = rows(base, numbers, len(members))
    yield from _crises(block, base.script, params, block.points[members])


def _crises(
    block: Block, script: Script, params: np.ndarray, points: np.ndarray
) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    from sim.engines import kernel

    total = len(points) * block.replications
    room = np.zeros(min(total, kernel.CHUNK), state_type())  # used again: fresh pages are dear
    for start in range(0, total, kernel.CHUNK):
        crisis = np.arange(start, min(start + kernel.CHUNK, total))
        which, replicate = crisis // block.replications, block.first + crisis % block.replications
        luck = luck_of(block, points[which], replicate)
        states = room[: len(crisis)]
        kernel.play(states, params, seed=block.seed, replicate=luck, which=which, script=script)
        yield points[which], columns(states, read_by_columns(params, which), luck)


def luck_of(block: Block, point: np.ndarray, replicate: np.ndarray) -> np.ndarray:
    """The replicate whose luck a crisis has: its own number, or one that no other point uses."""
    return replicate + point * INDEPENDENT if block.luck == "independent" else replicate


def read_by_columns(params: np.ndarray, which: np.ndarray) -> SimpleNamespace:
    """What the run table reads of the numbers, crisis by crisis; the whole rows would be megabytes a thousand."""
    own = {name: params[name][which] for name in ("dead_share", "v_med", "k_fail")}
    return SimpleNamespace(D0=float(params["D0"][0]), **own)


def tables(block: Block, *, keep_runs: bool) -> dict[str, dict[str, np.ndarray]]:
    """What a part of a sweep writes: `sums` by point, and the `runs` themselves where they are kept."""
    kept: list[dict[str, np.ndarray]] = []
    first = int(block.points[0])
    sums = _no_sums(block.points)
    for point, table in play(block):
        _add(sums, point - first, table)
        if keep_runs:
            kept.append({"point": point, **table})
    out = {"sums": sums}
    if keep_runs:
        out["runs"] = {name: np.concatenate([piece[name] for piece in kept]) for name in kept[0]}
    return out


def _no_sums(points: np.ndarray) -> dict[str, np.ndarray]:
    whole = ("n", *(f"count_{name}" for name in ENDINGS), "deals", "deals_kept")
    real = [f"{kind}_{name}" for name in METRICS for kind in ("sum", "squares")]
    sums = {"point": points.copy()}
    sums |= {name: np.zeros(len(points), np.int64) for name in whole}
    return sums | {name: np.zeros(len(points)) for name in real}


def _add(sums: dict[str, np.ndarray], at: np.ndarray, table: Mapping[str, np.ndarray]) -> None:
    """Add crises to the sums of their points; one after the other, so the same on every machine."""
    m = len(sums["point"])
    sums["n"] += np.bincount(at, minlength=m)
    for code, name in enumerate(ENDINGS):
        sums[f"count_{name}"] += np.bincount(at[table["outcome"] == code], minlength=m)
    sums["deals"] += np.bincount(at[table["deal_kept"] >= 0], minlength=m)
    sums["deals_kept"] += np.bincount(at[table["deal_kept"] == 1], minlength=m)
    for name in METRICS:
        sums[f"sum_{name}"] += np.bincount(at, table[name], minlength=m)
        sums[f"squares_{name}"] += np.bincount(at, table[name] ** 2, minlength=m)
