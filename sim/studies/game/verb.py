"""`rubicon game`: a crisis at one moment as a game in extensive form, its equilibria, and what the model does there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.errors import ConfigurationError
from sim.studies.console import counting
from sim.studies.writing import of_setting, study

if TYPE_CHECKING:
    import numpy as np

    from sim.model.state import State
    from sim.scenario import Setting
    from sim.studies.game.efg_crisis import Reduced
    from sim.studies.game.efg_qre import Form, Point

MOST_TYPES = 5
PRINCIPALS = ("leader", "ruler")
LIMIT = (100.0, 200.0, 400.0, 800.0)  # lambdas at which a Nash equilibrium is looked for, 1/stake


def game(setting: Setting) -> Mapping[str, Any]:
    """Reduce, solve, simulate, print and write; returns what summary.json holds.

    The directory holds game.efg, qre.parquet (a row a lambda and action), nash.parquet and figures/game_qre.
    """
    from sim import jit
    from sim import results as record
    from sim.engines import kernel
    from sim.studies.game.efg import write
    from sim.studies.game.efg_crisis import reduce
    from sim.studies.game.efg_qre import branch, form
    from sim.studies.game.side import compared, simulated

    keys = checked(setting)
    jit.use_threads(setting.settings.threads)
    with study(setting) as (results, numbers, manifest):
        kernel.ready()
        state, replicate = moment(setting), setting.settings.replicate
        title = f"{setting.label}, replicate {replicate}, hour {keys['hour']:g}, seed {setting.seed}"
        reduced = reduce(
            state,
            setting.params,
            seed=setting.seed,
            replicate=replicate,
            types=keys["types"],
            title=title.replace('"', "'"),
        )
        f, text = form(reduced.game), write(reduced.game)
        grid = lambdas(keys, reduced.precision)
        points = branch(f, grid)
        at_model = points[grid.index(reduced.precision)]
        last = limit(f)
        with counting(16 * keys["continuations"], "continuations") as progress:
            play = simulated(setting, state, keys["continuations"], progress)
        told = compared(reduced, f, at_model, last, play)
        told = {"replicate": replicate, "hour": float(keys["hour"]), "km": state.km, "title": title} | told
        told["gambit"] = by_gambit(text, f, at_model, last, keys)
        numbers |= told
        record.write_text(results.working / "game.efg", text)
        record.write_table(results.working / "qre.parquet", table(f, points))
        record.write_table(results.working / "nash.parquet", table(f, [last]))
        results.save({"game_qre": page(reduced, f, points, told, setting)})
        manifest |= {name: told[name] for name in ("replicate", "hour", "continuations")}
        for shown in printed(told, setting):
            results.say(shown)
    return told


def checked(setting: Setting) -> Mapping[str, Any]:
    """The verb's keys, checked; ConfigurationError names what is allowed."""
    from sim.studies.tension.verb import whole

    keys = setting.settings.choices
    for key, least in (("types", 1), ("lambdas", 2), ("continuations", 2)):
        whole(keys, key, least)
    if keys["types"] > MOST_TYPES:
        raise ConfigurationError(f"types={keys['types']} is not allowed; give a whole number from 1 to {MOST_TYPES}.")
    for key in ("lambda_max", "gambit_limit_s"):
        if isinstance(keys[key], bool) or not isinstance(keys[key], (int, float)) or not 0 < keys[key] <= 1000:
            raise ConfigurationError(f"{key}={keys[key]} is not allowed; give a number above 0, at most 1000.")
    if keys["gambit"] not in (None, True, False):
        raise ConfigurationError(f"gambit={keys['gambit']} is not allowed; give null, true or false.")
    if setting.params.precision[0] <= 0:
        raise ConfigurationError("actors.leader.precision is 0: the leader chooses at random, and there is no game.")
    return keys


def lambdas(keys: Mapping[str, Any], own: float) -> list[float]:
    """The grid of lambda, with the model's own value in it."""
    count = keys["lambdas"]
    grid = {round(keys["lambda_max"] * i / (count - 1), 9) for i in range(count)}
    return sorted(grid | {own})


def moment(setting: Setting) -> State:
    """The state of the run at the hour asked for; ConfigurationError where there is no game to play."""
    import numpy as np

    from sim.engines.rollouts import courses
    from sim.model.state import ENDINGS, State

    hour, p, replicate = setting.settings.choices["hour"], setting.params, setting.settings.replicate
    step = round(hour / p.dt) if isinstance(hour, (int, float)) and not isinstance(hour, bool) else -1
    if step < 0 or abs(step * p.dt - hour) > 1e-9:
        raise ConfigurationError(f"hour={hour} is not allowed; give a multiple of the step, clock.dt={p.dt:g} h.")
    if hour < p.t_start:
        raise ConfigurationError(
            f"hour={hour:g}: leader and ruler have no say before hour {p.t_start:g} (clock.t_start); give a later hour."
        )
    if hour < setting.settings.release_at_h:
        raise ConfigurationError(
            f"hour={hour:g} is ruled by the script; give an hour from {p.dt:g} h after release on."
        )
    for seat, name in enumerate(PRINCIPALS):
        if p.present[seat] == 0.0:
            raise ConfigurationError(
                f"the seat of the {name} is empty, so there is no game; set actors.{name}.present=1."
            )
    states = courses(p, seed=setting.seed, replicate=np.array([replicate]), script=setting.script)[:, 0]
    ends = float(states["end_h"][-1])
    if step >= len(states) - 1 or states["ending"][step] >= 0:
        raise ConfigurationError(
            f"hour={hour:g}: replicate {replicate} has ended by then ({ENDINGS[states['ending'][-1]]} at {ends:g} h); "
            "give an earlier hour or another replicate."
        )
    return State.of_row(states[step])


def limit(f: Form) -> Point:
    """Where the branch tends: the first of its points at which nobody gains more than `SETTLED` by leaving."""
    from sim.studies.game.efg_qre import SETTLED, branch, regrets

    points = branch(f, LIMIT)
    return next((point for point in points if regrets(f, point.chance).max() < SETTLED), points[-1])


def by_gambit(text: str, f: Form, at_model: Point, last: Point, keys: Mapping[str, Any]) -> dict[str, Any]:
    """What pygambit finds of the same text, and how far it is from ours; `used` false says why it was not asked."""
    import numpy as np

    from sim.studies.game.efg_gambit import GambitError, installed, solve
    from sim.studies.game.efg_qre import regrets

    if keys["gambit"] is False or (keys["gambit"] is None and not installed()):
        why = "left out" if keys["gambit"] is False else "pygambit is not installed (extra games)"
        return {"used": False, "why": why}
    found = solve(text, [at_model.precision], float(keys["gambit_limit_s"]))
    names = ("leader", "ruler", "mediator")
    if found.get("sets", []) and [tuple(one) for one in found["sets"]] != [(names[s.player], s.label) for s in f.sets]:
        raise GambitError("pygambit orders the information sets otherwise; this version of it is not known here.")
    told: dict[str, Any] = {"used": True, "version": found["version"], "late": found["late"]}
    if found.get("qre"):
        told["qre_gap"] = float(np.abs(np.array(found["qre"][0]) - at_model.chance).max())
    if found.get("nash"):
        theirs = np.array(found["nash"][0])
        told |= {"nash_regret": float(found["regret"][0]), "nash_regret_here": float(regrets(f, theirs).max())}
        told["nash_gap"] = float(np.abs(theirs - last.chance).max())
    return told


def table(f: Form, points: list[Point]) -> dict[str, np.ndarray]:
    """A row an action at each lambda: its player, information set and chance."""
    import numpy as np

    from sim.studies.game.efg_crisis import PLAYERS

    n = len(points)
    sets = [(PLAYERS[one.player], one.label, action) for one in f.sets for action in one.actions]
    return {
        "lambda": np.repeat([point.precision for point in points], len(sets)),
        "player": np.array([player for player, _, _ in sets] * n),
        "infoset": np.array([label for _, label, _ in sets] * n),
        "action": np.array([action for _, _, action in sets] * n),
        "chance": np.concatenate([point.chance for point in points]),
    }


def page(reduced: Reduced, f: Form, points: list[Point], told: Mapping[str, Any], setting: Setting) -> Any:
    """The figure: the own types' choices over lambda, the model's choices as marks, and the odds."""
    import numpy as np

    from sim import draw as plots
    from sim.studies.game.side import own_choice

    found = [own_choice(reduced, f, point) for point in points]
    branches = {name: np.array([one[name] for one in found]) for name in found[0]}
    data = {**told, "lambda": np.array([point.precision for point in points]), "branches": branches}
    return plots.draw("game_qre", game=data, setting=setting.drawn(told["continuations"]))


def printed(told: Mapping[str, Any], setting: Setting) -> list[Any]:
    """Tables for the terminal: choices, and odds of the endings."""
    from rich.table import Table

    from sim.model.state import OPTIONS

    choices = Table(title=f"{told['title']}: choices at lambda = {told['precision']:g}", title_justify="left")
    for heading in ("", *OPTIONS):
        choices.add_column(heading, justify="right" if heading else "left")
    for name in PRINCIPALS:
        for word in ("equilibrium", "model", "nash"):
            choices.add_row(f"{name}, {word}", *(f"{100 * x:.1f} %" for x in told["choices"][name][word]))
    odds = Table(
        title="Odds of the endings, by continuations", title_justify="left", caption_justify="left",
        caption="intervals of the differences hold for all endings together (95 %)",
    )  # fmt: skip
    for heading in ("ending", "as the model goes on", "model's choice now", "equilibrium now", "difference, points"):
        odds.add_column(heading, justify="left" if heading == "ending" else "right")
    for name, entry in told["odds"].items():
        gap = entry["difference"]
        odds.add_row(
            name, *(f"{100 * entry[way]['share']:.1f} %" for way in ("free", "model", "equilibrium")),
            f"{100 * gap['share']:+.1f} ({100 * gap['low']:+.1f} to {100 * gap['high']:+.1f})",
        )  # fmt: skip
    return [choices, odds]


def main(argv: list[str]) -> int:
    """Entry of the verb: Hydra overrides and flags in `argv`."""
    from sim.config import launch

    return launch(argv, of_setting(game), "game")
