"""What the model does at the moment of a game, and its choices and odds beside those of the equilibria."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.engines.rollouts import FRESH, fates, one_step, ordered
from sim.model.doctrines import respond
from sim.model.luck import run_key
from sim.model.rules.appraise import weigh
from sim.model.rules.turn import open_turn
from sim.model.state import ENDINGS, N_OPTIONS, OPTIONS, Option, State
from sim.stats.estimates import Z95, bonferroni
from sim.stats.outcomes import share
from sim.studies.game.efg_crisis import PLAYERS, Reduced, principal
from sim.studies.game.efg_qre import Form, Point, payoff, regrets

if TYPE_CHECKING:
    from sim.scenario import Setting

TOGETHER = bonferroni(0.05, len(ENDINGS))  # errors: 95 % for all endings together
LEADER, RULER, MEDIATOR = (principal(player) for player in range(len(PLAYERS)))


@dataclass(frozen=True)
class Played:
    """The model at the moment: `chance` (2, 4) of each principal's options were it to look up now, `first` (2, m) the
    options of continuations in which it did, `free` (n,) endings, and `under` (4, 4, n) the endings under orders.
    """

    chance: np.ndarray
    first: list[np.ndarray]
    free: np.ndarray
    under: np.ndarray


def simulated(setting: Setting, state: State, n: int, progress: Callable[[int], None]) -> Played:
    """Play on from a state by fresh luck, freely and under each pair of orders to leader and ruler."""
    row, states, step = setting.params.row(), state.row(), state.step
    script = setting.script
    free = fates(states, row, seed=setting.seed, n=n, script=script)[0]
    under = np.empty((N_OPTIONS, N_OPTIONS, n), np.int8)
    for i in range(N_OPTIONS):
        for j in range(N_OPTIONS):
            both = ordered(ordered(script, step, LEADER, i), step, RULER, j)
            under[i, j] = fates(states, row, seed=setting.seed, n=n, script=both)[0]
            progress(n)
    after = one_step(np.repeat(states, n), row, seed=setting.seed, replicate=FRESH + np.arange(n), script=script)
    turned_down = np.where((after["granted"] == 2)[:, None], np.array([-1, int(Option.CONCEDE)]), -1)
    chose = np.where(turned_down >= 0, turned_down, after["option"][:, [LEADER, RULER]])
    first = [chose[after["revised"][:, seat] == 1, place] for place, seat in enumerate((LEADER, RULER))]
    return Played(weighed(state, setting), first, free, under)


def weighed(state: State, setting: Setting) -> np.ndarray:
    """Chances (2, 4) that leader and ruler would give their options, were they to look up now."""
    p, out = setting.params, []
    for seat in (LEADER, RULER):
        s = state.copy()
        open_turn(s, p, run_key(setting.seed, setting.settings.replicate))
        weigh(seat, s, p)
        respond(
            p.doctrine[seat], s.utility[seat], p.precision[seat], p.aspiration[seat], s.option[seat], s.chance[seat]
        )
        out.append(list(s.chance[seat]))
    return np.array(out)


def own_choice(reduced: Reduced, f: Form, point: Point) -> dict[str, np.ndarray]:
    """Chances of each player's first choice, a principal's as the type that it is in this state."""
    own = {
        "leader": f"leader, {reduced.leader.names[reduced.leader.own]}",
        "ruler": f"ruler, {reduced.ruler.names[reduced.ruler.own]}",
        "mediator": "mediator",
    }
    places = {(PLAYERS[one.player], one.label): h for h, one in enumerate(f.sets)}
    return {
        player: point.chance[f.of == places[player, label]]
        for player, label in own.items() if (player, label) in places
    }  # fmt: skip


def compared(reduced: Reduced, f: Form, at_model: Point, last: Point, play: Played) -> dict[str, Any]:
    """Choices and odds: the model's beside those of the equilibrium at the model's lambda and of the limit."""
    mine, nash = own_choice(reduced, f, at_model), own_choice(reduced, f, last)
    choices: dict[str, Any] = {}
    for place, name in enumerate(PLAYERS[:2]):
        picked = [share(play.first[place] == option) for option in range(N_OPTIONS)]
        choices[name] = {
            "equilibrium": mine[name].tolist(), "model": play.chance[place].tolist(), "nash": nash[name].tolist(),
            "simulated": dict(zip(OPTIONS, picked, strict=True)),
            "apart": float(0.5 * np.abs(mine[name] - play.chance[place]).sum()),
        }  # fmt: skip
    if "mediator" in mine:
        actions = next(one.actions for one in f.sets if one.label == "mediator")
        choices["mediator"] = {
            "actions": list(actions), "equilibrium": mine["mediator"].tolist(), "nash": nash["mediator"].tolist()
        }  # fmt: skip
    weights = {
        "model": np.outer(*play.chance), "equilibrium": np.outer(mine["leader"], mine["ruler"]),
        "nash": np.outer(nash["leader"], nash["ruler"]),
    }  # fmt: skip
    return {
        "channel": reduced.channel, "precision": at_model.precision, "continuations": len(play.free),
        "infosets": len(f.sets), "leaves": len(f.chance),
        "types": {name: _types(getattr(reduced, name)) for name in PLAYERS[:2]},
        "choices": choices, "odds": odds(play, weights),
        "nash": {"lambda": last.precision, "regret": float(regrets(f, last.chance).max()),
                 "payoffs": payoff(f, last.chance).tolist()},
        "regret_at_model": float(regrets(f, at_model.chance).max()),
    }  # fmt: skip


def _types(resolve: Any) -> dict[str, Any]:
    beliefs = dict(zip(resolve.names, map(float, resolve.beliefs), strict=True))
    return {"beliefs": beliefs, "own": resolve.names[resolve.own]}


def odds(play: Played, weights: dict[str, np.ndarray]) -> dict[str, dict[str, Any]]:
    """Odds of each ending, freely and with the next choice of both principals drawn with given weights (4, 4).

    The same continuations stand behind all, so the difference of equilibrium and model is paired. Intervals: 95 %,
    normal; those of the differences hold for all endings together (Bonferroni), so that the largest may be told.
    """
    found = {}
    for code, name in enumerate(ENDINGS):
        hit = (play.under == code).astype(float)
        drawn = {way: np.tensordot(weight, hit, axes=2) for way, weight in weights.items()}
        entry = {"free": share(play.free == code)} | {way: _mean(values) for way, values in drawn.items()}
        entry["difference"] = _mean(drawn["equilibrium"] - drawn["model"], TOGETHER, least=-1.0)
        found[name] = entry
    return found


def _mean(values: np.ndarray, errors: float = Z95, *, least: float = 0.0) -> dict[str, float | int]:
    """Mean of values (n,) and the ends of its interval, so many standard errors wide on either side."""
    half, middle = errors * float(values.std()) / len(values) ** 0.5, float(values.mean())
    return {"share": middle, "low": max(middle - half, least), "high": min(middle + half, 1.0), "n": len(values)}
