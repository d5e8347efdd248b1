"""Brier scores of the odds that a seat stated, beside the model's in that seat and the base rate of past episodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.catalog import option
from sim.classroom.numbering import flags
from sim.classroom.room import Room
from sim.classroom.turning import named
from sim.classroom.worlds import known_odds
from sim.model.state import ENDINGS
from sim.stats.scoring import brier
from sim.story.tension import shares

FORECASTERS = ("seat", "model", "all_knowing", "base_rate")
FEWEST = 5  # forecasts of each seat from which on seats are compared


def forecasts(room: Room, seat: str, samples: int, fates: np.ndarray) -> dict[str, Any]:
    """Brier scores (0 best, 2 worst) of the odds a seat stated, beside the model's and the case shelf's base rate.

    model : odds from the worlds the seat might have been in; all_knowing : from the true state
    without : the means over turns without a flag of `sim.classroom.numbering`; None where none or all have one
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
        | {name: float(scores[name][i]) for name in scores} | {"flags": flags(room, turn)}
        for i, turn in enumerate(told)
    ]  # fmt: skip
    fair = [row for row in by_turn if not row["flags"]]
    return {"turns": by_turn, **means(by_turn), "without": means(fair) if 0 < len(fair) < len(by_turn) else None}


def means(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean scores of some forecasts, and how many they are."""
    return {"stated": len(rows), **{name: sum(row[name] for row in rows) / len(rows) for name in FORECASTERS}}


def foresight(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    """Who foresaw the ending best, of what can be compared: turns without a flag, five at least of each seat.

    by : "turns", mean Brier scores over the turns that all stated; "model", where those are too few, by how much the
    model in each seat scores worse on the same turns. None with fewer forecasts, fewer than two seats, or a tie.

    Parameters
    ----------
    entries : what `forecasts` gives, by seat
    """
    rows = {seat: {row["turn"]: row for row in of["turns"] if not row["flags"]} for seat, of in entries.items()
            if "turns" in of}  # fmt: skip
    if len(rows) < 2:
        return None
    common = sorted(set.intersection(*(set(of) for of in rows.values())))
    if len(common) >= FEWEST:
        scores = {seat: sum(of[turn]["seat"] for turn in common) / len(common) for seat, of in rows.items()}
        found = _ranked("turns", scores, {seat: len(common) for seat in rows}, -1.0)
    elif min(map(len, rows.values())) < FEWEST:
        return None
    else:
        ahead = {seat: sum(row["model"] - row["seat"] for row in of.values()) / len(of) for seat, of in rows.items()}
        found = _ranked("model", ahead, {seat: len(of) for seat, of in rows.items()}, 1.0)
    base = {seat: float(of["base_rate"]) for seat, of in entries.items() if seat in rows}
    return found and found | {"base_rate": base[found["best"]]}


def _ranked(by: str, scores: dict[str, float], counts: dict[str, int], sign: float) -> dict[str, Any] | None:
    order = sorted(scores, key=lambda seat: -sign * scores[seat])
    if scores[order[0]] == scores[order[1]]:
        return None
    return {"by": by, "best": order[0], "scores": scores, "stated": counts}


def base_rate() -> np.ndarray:
    """Shares (6,) of the endings among comparable episodes, one added to each; June 2023 is not among them."""
    counts = option("rival", "class_frequencies")["endings"]
    numbers = np.array([float(counts[name]) + 1.0 for name in ENDINGS])
    out: np.ndarray = numbers / numbers.sum()
    return out
