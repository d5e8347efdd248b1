"""The report of `rubicon game`: equilibria of one moment's game beside what the model does there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.report.endings import phrase, points
from sim.report.parts import Table, between, number, percent
from sim.results import Finished
from sim.studies.game.efg_qre import SETTLED

QUESTION = (
    "If leader and ruler played this moment as a game under private resolve, would they choose as the model does?"
)
OPTIONS = ("advance", "hold", "negotiate", "concede")
LEVEL = 1e-6  # chances closer than this are level
WAYS = (("equilibrium", "logit equilibrium"), ("model", "model"), ("nash", "limit of the branch"))


def conclusions(done: Finished) -> Iterator[str]:
    """How far choices are apart, what that moves, what the branch tends to, and whether Gambit agrees."""
    told = done.summary
    for name in ("leader", "ruler"):
        choice = told["choices"][name]
        most, other = (_top(choice[way]) for way in ("equilibrium", "model"))
        same = "as in the model" if most == other else f"where the model's seat would most often {' or '.join(other)}"
        yield (
            f"At hour {number(told['hour'])} the {name} most often chooses to {' or '.join(most)} in the equilibrium, "
            f"{same}; {percent(choice['apart'])} of the chances differ."
        )
    yield _odds(told["odds"])
    nash = told["nash"]
    gains = f"nobody could gain more than {number(nash['regret'])} stakes by changing his strategy"
    yield (
        f"As lambda grows the branch tends to a Nash equilibrium; at lambda = {number(nash['lambda'])} {gains}."
        if nash["regret"] < SETTLED
        else f"Up to lambda = {number(nash['lambda'])} the branch has not come as near to a Nash equilibrium as counts "
        f"for one ({SETTLED:g} stakes); there {gains}."
    )
    yield _gambit(told["gambit"])


def _top(chances: list[float]) -> list[str]:
    """The likeliest options: more than one where chances are level."""
    return [name for name, chance in zip(OPTIONS, chances, strict=True) if chance > max(chances) - LEVEL]


def _odds(odds: Mapping[str, Any]) -> str:
    """The largest difference of an ending's odds that is beyond chance, six endings taken together."""
    start = "If both chose by the equilibrium now and the crisis then went on as the model has it, the odds of "
    sure = {name: e for name, e in odds.items() if e["difference"]["low"] > 0.0 or e["difference"]["high"] < 0.0}
    if not sure:
        return f"{start}no ending would differ beyond chance."
    name, entry = max(sure.items(), key=lambda item: abs(item[1]["difference"]["share"]))
    gap = entry["difference"]
    return (
        f"{start}{phrase(name)} would be {percent(entry['equilibrium']['share'])} in place of "
        f"{percent(entry['model']['share'])} ({points(gap['share'])} points, {points(gap['low'])} to "
        f"{points(gap['high'])}; 95 % for the six endings together)."
    )


def _gambit(told: Mapping[str, Any]) -> str:
    if not told["used"]:
        return f"Gambit was not asked: {told['why']}."
    text = f"Gambit ({told['version']}) read the same game"
    if "qre_gap" in told:
        text += f"; its logit equilibrium differs by at most {number(told['qre_gap'])}"
    if "nash_regret_here" in told:
        text += f", and its Nash equilibrium has a regret of {number(told['nash_regret_here'])} stakes here"
    return f"{text}; it was stopped before its end." if told["late"] else f"{text}."


def tables(done: Finished) -> Iterator[Table]:
    """Choices, odds, and what the types believe."""
    told = done.summary
    rows = [
        (f"{name}, {word}", *(percent(x) for x in told["choices"][name][way]))
        for name in ("leader", "ruler") for way, word in WAYS
    ]  # fmt: skip
    yield Table(f"Choices at lambda = {number(told['precision'])}", ("who, by what", *OPTIONS), rows)
    if "mediator" in told["choices"]:
        one = told["choices"]["mediator"]
        lines = [(word, *(percent(x) for x in one[way])) for way, word in (WAYS[0], WAYS[2])]
        yield Table("The mediator, where both negotiate", ("by what", *one["actions"]), lines)
    odds = [
        (phrase(name), *(f"{percent(e[way]['share'])} ({between(e[way]['low'], e[way]['high'])})"
                         for way in ("free", "model", "equilibrium")))
        for name, e in told["odds"].items()
    ]  # fmt: skip
    heads = ("ending", "as the model goes on", "model's choice now", "equilibrium's choice now")
    note = "95 % intervals of shares, one by one; the same continuations in all columns."
    yield Table("Odds of the endings", heads, odds, note)
    believed = [
        (name, kind, percent(belief), "yes" if kind == told["types"][name]["own"] else "")
        for name in ("leader", "ruler") for kind, belief in told["types"][name]["beliefs"].items()
    ]  # fmt: skip
    yield Table("Types", ("who", "type", "belief that the rebels win", "the state's own"), believed)
