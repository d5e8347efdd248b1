"""Brier scores of the odds that a seat stated, beside the model's in that seat and the base rate of past episodes."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.analysis.scoring import brier
from sim.analysis.tension import shares
from sim.catalog import option
from sim.seminar.room import Room
from sim.seminar.turning import named
from sim.seminar.worlds import known_odds
from sim.state import ENDINGS


def forecasts(room: Room, seat: str, samples: int, fates: np.ndarray) -> dict[str, Any]:
    """Brier scores (0 best, 2 worst) of the odds a seat stated, beside the model's and the case shelf's base rate.

    model : odds from the worlds the seat might have been in; all_knowing : from the true state
    """
    told = [turn.number for turn in room.turns[:-1] if seat in turn.forecasts]
    if not told or not room.over:
        return {"stated": len(told)}
    truth = np.full(len(told), room.now.state.ending)
    rows = {
        "seat": np.array([[room.turns[turn].forecasts[seat][name] for name in ENDINGS] for turn in told]),
        "model": shares(np.array([known_odds(room, turn, seat, samples) for turn in told])),
        "all_knowing": shares(fates[told]),
        "base_rate": np.tile(base_rate(), (len(told), 1)),
    }
    scores = {name: brier(odds, truth) for name, odds in rows.items()}
    hours = [room.turns[turn].state.step * room.setting.params.dt for turn in told]
    by_turn = [
        {"turn": turn, "hour": hours[i], "odds": {name: named(rows[name][i]) for name in ("seat", "model")}}
        | {name: float(scores[name][i]) for name in scores}
        for i, turn in enumerate(told)
    ]
    return {"stated": len(told), "turns": by_turn, **{name: float(score.mean()) for name, score in scores.items()}}


def base_rate() -> np.ndarray:
    """Shares (6,) of the endings among comparable episodes, one added to each; June 2023 is not among them."""
    counts = option("rival", "class_frequencies")["endings"]
    numbers = np.array([float(counts[name]) + 1.0 for name in ENDINGS])
    out: np.ndarray = numbers / numbers.sum()
    return out
