"""After the game: what each decision was worth given what its seat could know, who foresaw what, and what was hidden.

Every number is a simulation: odds have standard errors, marks allow for them, and the worlds a
seat might have been in are drawn as `sim.seminar.worlds` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.analysis.estimates import Z95
from sim.analysis.scoring import brier
from sim.analysis.tension import change, described, largest, shares, telling
from sim.catalog import conf_folder, option, read
from sim.engines.batch import run_table
from sim.luck import run_key
from sim.rules.appraise import weigh
from sim.rules.talks import ending_of_deal
from sim.rules.turn import open_turn
from sim.seminar import rationality
from sim.seminar.briefing import news
from sim.seminar.room import Room, model_seats, ordered_seats
from sim.seminar.seats import CLASS_SEATS, SeminarError
from sim.seminar.worlds import by_option, known_odds, true_odds
from sim.state import ENDINGS, ITEMS, OPTIONS, SEATS, Ending

MARKS = ("best", "fine", "dubious", "blunder")
MOST_TURNING = 6


@dataclass(frozen=True)
class Measure:
    """What a game is measured by, as in conf/seminar/: worth of each ending to each seat, thresholds of the marks."""

    worth: Mapping[str, np.ndarray]
    marks: Mapping[str, float]
    source: str


def measure(tree: Mapping[str, Any]) -> Measure:
    """A file of conf/seminar/ as numbers; SeminarError where a seat, ending or mark is missing or out of order."""
    worth = {}
    for seat in CLASS_SEATS:
        given = tree.get("worth", {}).get(seat, {})
        good = set(given) == set(ENDINGS) and all(0.0 <= float(value) <= 1.0 for value in given.values())
        if not good:
            raise SeminarError(f"seminar: worth.{seat} must give each of {', '.join(ENDINGS)} a number from 0 to 1.")
        worth[seat] = np.array([float(given[name]) for name in ENDINGS])
    marks = {name: float(tree.get("marks", {}).get(name, -1.0)) for name in MARKS[:-1]}
    if not 0.0 <= marks["best"] <= marks["fine"] <= marks["dubious"]:
        raise SeminarError("seminar: marks need best <= fine <= dubious, in points from 0.")
    return Measure(worth, marks, str(tree.get("source", "not stated")))


def debrief(
    room: Room, by: Measure, *, samples: int = 1000, continuations: int = 1000, games: int = 2000
) -> dict[str, Any]:
    """The whole debrief as plain data.

    Parameters
    ----------
    samples : worlds for each option of each decision
    continuations : from each turn's true state, for the line of odds
    games : of the model, by which the game is compared; 0 leaves that out
    """
    fates = np.array([true_odds(room, turn, continuations) for turn in range(len(room.turns))])
    return {
        "scenario": room.setting.name, "seed": room.setting.seed, "replicate": room.replicate, "turn_h": room.turn_h,
        "ending": ENDINGS[room.now.state.ending] if room.over else None, "hour": room.hour,
        "closest_km": float(room.now.state.closest_km), "turns": len(room.turns) - 1,
        "measure": {"source": by.source, "marks": dict(by.marks)},
        "line": [
            {"turn": turn.number, "hour": turn.state.step * room.setting.params.dt, "orders": ordered_seats(turn)}
            | {"odds": named(odds)}
            for turn, odds in zip(room.turns, shares(fates), strict=True)
        ],
        "turning_points": turning_points(room, fates),
        "seats": {seat: of_seat(room, seat, by, samples, fates) for seat in CLASS_SEATS if _played(room, seat)},
        "comparison": comparison(room, games), "hidden": hidden(room),
        "samples": samples, "continuations": continuations,
    }  # fmt: skip


def _played(room: Room, seat: str) -> bool:
    return any(seat in turn.orders or seat in turn.forecasts for turn in room.turns)


def turning_points(room: Room, fates: np.ndarray) -> list[dict[str, Any]]:
    """Turns over which the odds jumped most, clear of chance, with what anybody could see or later learn of them."""
    if len(fates) < 2:
        return []
    jumps = change(fates[:-1], fates[1:])
    ending = room.now.state.ending if room.over else int(Ending.NEGOTIATED_EXIT)
    out = []
    for at in sorted(largest(jumps, MOST_TURNING)):
        seen = [event for seat in CLASS_SEATS for event in news(room.path(at), room.setting, seat)]
        texts = list(dict.fromkeys(event.text for event in telling(seen)))
        out.append({"turn": at, "events": texts[:3], "ending": ENDINGS[ending], **described(jumps, at, ending)})
    return out


def of_seat(room: Room, seat: str, by: Measure, samples: int, fates: np.ndarray) -> dict[str, Any]:
    """One seat's moves with their marks, its forecasts with their scores, and how sharply it chose."""
    moves = [
        graded(room, turn.number, seat, by, samples)
        for turn in room.turns[:-1] if seat in turn.orders and room.has_say(seat, turn.state)
    ]  # fmt: skip
    return {
        "moves": moves, "given_away": sum(move["lost"] for move in moves),
        "marks": {mark: sum(move["mark"] == mark for move in moves) for mark in MARKS},
        "rationality": sharpness(room, seat), "forecasts": forecasts(room, seat, samples, fates),
        "worth": named(by.worth[seat]),
    }  # fmt: skip


def graded(room: Room, turn: int, seat: str, by: Measure, samples: int) -> dict[str, Any]:
    """A decision: points (100 times the expected worth to the seat) of each option in the worlds it might have been in.

    `lost` is what the choice gave away against the best option, `error` the standard error of that paired
    difference. A loss that chance explains (within 1.96 errors of nought) is marked fine at worst.
    """
    ended = by_option(room, turn, seat, samples)
    points = 100.0 * by.worth[seat][ended]
    means = points.mean(axis=1)
    chosen, best = int(room.turns[turn].orders[seat].option), int(np.argmax(means))
    apart = points[best] - points[chosen]
    lost, error = float(apart.mean()), float(apart.std(ddof=1) / np.sqrt(samples)) if samples > 1 else float("inf")
    return {
        "turn": turn, "hour": room.turns[turn].state.step * room.setting.params.dt, "option": OPTIONS[chosen],
        "best": OPTIONS[best], "points": dict(zip(OPTIONS, means.tolist(), strict=True)), "lost": lost, "error": error,
        "mark": mark(lost, error, by.marks),
        "odds": dict(zip(OPTIONS, map(named, shares(ended)), strict=True)),
    }  # fmt: skip


def named(odds: np.ndarray) -> dict[str, float]:
    """Odds (6,) by name of the ending."""
    return dict(zip(ENDINGS, odds.tolist(), strict=True))


def mark(lost: float, error: float, marks: Mapping[str, float]) -> str:
    """Best, fine, dubious or blunder, by the points given away."""
    if lost <= marks["best"]:
        return "best"
    if lost <= marks["fine"] or lost <= Z95 * error:
        return "fine"
    return "dubious" if lost <= marks["dubious"] else "blunder"


def sharpness(room: Room, seat: str) -> dict[str, Any]:
    """Precision that best fits a seat's choices to the model's worths of its options, and the model's own."""
    worths, chosen = [], []
    for turn in room.turns[:-1]:
        if seat not in turn.orders or not weighs(room, seat, turn.number):
            continue
        state, p = turn.state.copy(), room.params(turn)
        open_turn(state, p, run_key(room.setting.seed, turn.luck))
        mine = [one for one in model_seats(seat) if p.present[one]]
        for one in mine:
            weigh(one, state, p)
        worths.append(np.mean([state.utility[one] for one in mine], axis=0))
        chosen.append(int(turn.orders[seat].option))
    own = float(np.mean([room.setting.params.precision[one] for one in model_seats(seat)]))
    found = rationality.fit(np.array(worths).reshape(-1, len(OPTIONS)), np.array(chosen, int))
    return found | {"model": own}


def weighs(room: Room, seat: str, turn: int) -> bool:
    """Whether the model has a worth for each option of the seat then: not before a mediator has come in."""
    state = room.turns[turn].state
    return room.has_say(seat, state) and (seat != "mediator" or state.mediation == 1)


def forecasts(room: Room, seat: str, samples: int, fates: np.ndarray) -> dict[str, Any]:
    """Brier scores (0 best, 2 worst) of the odds a seat stated, beside the model's and the case shelf's base rate.

    model : odds from the worlds the seat might have been in; all_knowing : from the true state
    """
    told = [turn.number for turn in room.turns[:-1] if seat in turn.forecasts]
    if not told or not room.over:
        return {"stated": len(told)}
    truth = np.full(len(told), room.now.state.ending)
    base = base_rate()
    stated = np.array([[room.turns[turn].forecasts[seat][name] for name in ENDINGS] for turn in told])
    model = shares(np.array([known_odds(room, turn, seat, samples) for turn in told]))
    rows = {
        "seat": stated,
        "model": model,
        "all_knowing": shares(fates[told]),
        "base_rate": np.tile(base, (len(told), 1)),
    }
    scores = {name: brier(odds, truth) for name, odds in rows.items()}
    by_turn = [{"turn": turn} | {name: float(scores[name][i]) for name in scores} for i, turn in enumerate(told)]
    return {"stated": len(told), "turns": by_turn, **{name: float(score.mean()) for name, score in scores.items()}}


def base_rate() -> np.ndarray:
    """Shares (6,) of the endings among comparable episodes, one added to each; June 2023 is not among them."""
    counts = option("rival", "class_frequencies")["endings"]
    numbers = np.array([float(counts[name]) + 1.0 for name in ENDINGS])
    out: np.ndarray = numbers / numbers.sum()
    return out


def comparison(room: Room, games: int) -> dict[str, Any]:
    """The game beside 23-24 June 2023 and beside games that the model plays alone."""
    facts = read(conf_folder() / "patterns" / "june_2023.yaml")["patterns"]
    deal = option("doctrine", "historical_moves")["deal"]
    package = sum(1 << ITEMS.index(item) for item in deal["items"])
    out: dict[str, Any] = {
        "history": {
            "ending": ENDINGS[ending_of_deal(package)], "hour": float(facts["P1"]["central"]),
            "closest_km": float(facts["P4"]["central"]),
            "source": f"{facts['P1']['source']}; {facts['P4']['source']}",
        }
    }  # fmt: skip
    if games and room.over:
        of = room.setting
        runs = run_table(of.params, of.script, seed=of.seed, n=games)
        same = runs["outcome"] == room.now.state.ending
        shorter = runs["duration_h"] < room.hour
        out["model"] = {
            "games": games, "endings": named(shares(runs["outcome"])),
            "same_ending": float(same.mean()), "shorter": float(shorter.mean()),
            "farther_off": float((runs["closest_km"] > room.now.state.closest_km).mean()),
        }  # fmt: skip
    return out


def hidden(room: Room) -> dict[str, Any]:
    """What no seat was told: what each made of the odds at the end, and the formations' and elites' dispositions."""
    s = room.now.state
    return {
        "beliefs": {SEATS[i]: float(value) for i, value in enumerate(s.belief)},
        "misreads_by": {SEATS[i]: float(value) for i, value in enumerate(s.read)},
        "formation_loyalty": [float(value) for value in s.loyalty],
        "elite_thresholds": [float(value) for value in s.threshold], "rounds": int(s.rounds),
        "refused_calls": {"by_ruler": int(s.refused[0]), "by_leader": int(sum(s.refused[1:]))},
    }  # fmt: skip
