"""Odds of the endings under the sliders, and how they moved: thousands of compiled crises, pairs under common luck."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engines import kernel
from sim.explorer.levers import Shelf
from sim.model.state import ENDINGS, state_type
from sim.scenario import Setting
from sim.stats.estimates import wilson
from sim.stats.paired import transitions
from sim.stats.pointwise import paired_share_interval

Outcomes = NDArray[np.int8]
PIECE = 1000  # crises played between two looks at whether anybody still waits
KEPT = 2000  # pieces remembered: two megabytes
FLOWS = 3  # most frequent moves from one ending to another that are told


class Endings:
    """The endings of replicates of a setting, a piece at a time; what was played is remembered. For one thread."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._kept: OrderedDict[tuple[Any, ...], Outcomes] = OrderedDict()
        self._room = np.zeros(PIECE, state_type())  # used again: fresh pages are dear

    def piece(self, scenario: str, numbers: Mapping[str, float], seed: int, number: int) -> Outcomes:
        """Codes of the endings (PIECE,) of replicates number * PIECE and on."""
        moved = self.shelf.moved(scenario, numbers)
        key = (scenario, tuple(moved.items()), seed, number)
        if key not in self._kept:
            self._kept[key] = self._play(self.shelf.changed(scenario, moved), seed, number * PIECE)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _play(self, setting: Setting, seed: int, first: int) -> Outcomes:
        replicate = np.arange(first, first + PIECE)
        kernel.play(self._room, setting.params.row(), seed=seed, replicate=replicate, script=setting.script)
        return self._room["ending"].astype(np.int8)


def shares(outcome: Outcomes) -> list[dict[str, float]]:
    """Share of each ending with its 95 % score interval (Wilson 1927), in the order of `ENDINGS`."""
    counts, n = np.bincount(outcome, minlength=len(ENDINGS)), len(outcome)
    found = []
    for count in counts:
        low, high = wilson(int(count), n)
        found.append({"share": float(count) / n, "low": low, "high": high})
    return found


def compared(reference: Outcomes, outcome: Outcomes) -> dict[str, Any]:
    """How the odds differ from the reference's, over the same replicates.

    Returns, by ending, `change` with its 95 % interval (Agresti & Min 2005), which holds one at a time at a size
    fixed beforehand; `differ`, the share of crises that end otherwise; and the most frequent `flows` between endings.
    """
    n, moves = len(outcome), transitions(reference, outcome)
    same = np.array_equal(reference, outcome)
    changes = []
    for code in range(len(ENDINGS)):
        plus = int(moves[:, code].sum() - moves[code, code])
        minus = int(moves[code].sum() - moves[code, code])
        # Where not one crisis differs the two settings are as good as one: no interval is made up around that.
        low, high = (0.0, 0.0) if same else paired_share_interval(plus, minus, n)
        changes.append({"change": (plus - minus) / n, "low": low, "high": high, "settled": low > 0 or high < 0})
    away = moves.copy()
    np.fill_diagonal(away, 0)
    largest = np.argsort(-away, axis=None, kind="stable")[:FLOWS]
    flows = [(*divmod(int(place), len(ENDINGS)), float(away.flat[place]) / n) for place in largest]
    return {
        "changes": changes, "differ": float(away.sum()) / n,
        "flows": [{"from": i, "to": j, "share": share} for i, j, share in flows if share > 0],
    }  # fmt: skip
