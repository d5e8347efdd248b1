"""Sentences of the debrief: why an option was best, what a turning point was, how sharply a team chose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.classroom.debriefing.svg import LABELS, PHRASES, percent
from sim.classroom.sentences import tidy
from sim.model.state import ENDINGS, OPTIONS
from sim.stats.estimates import Z95, bonferroni

SYMBOLS = {"best": "!", "fine": "=", "dubious": "?!", "blunder": "??"}
TONES = {"best": "#00634A", "fine": "#465062", "dubious": "#7A5200", "blunder": "#A32B00"}
EVEN = 0.5  # points within which options are called level
BESIDE = bonferroni(0.05, len(OPTIONS) - 1)  # errors: 95 % for the three others together


def cap(words: str) -> str:
    """With a capital.

    >>> cap("a deal")
    'A deal'
    """
    return words[:1].upper() + words[1:]


def verdict(move: Mapping[str, Any], worth: Mapping[str, float]) -> str:
    """One sentence on a decision: what was best, by how much, and through which ending."""
    chosen, best = move["option"], move["best"]
    behind = {name: one for name, one in move["behind"].items() if name != best}
    if chosen != best:
        apart = f"{tidy(move['lost'], 1)} ± {Z95 * move['error']:.1f} points"
        if move["lost"] <= EVEN:
            return f"Level with {best}, which came out best: {apart} given away."
        if move["lost"] <= Z95 * move["error"]:
            return f"{cap(best)} came out {apart} better, which chance may explain."
        return f"{cap(best)} was better by {apart}: {reason(move, best, chosen, worth)}."
    level = [name for name, one in behind.items() if one["lost"] <= max(EVEN, BESIDE * one["error"])]
    worse = [name for name in behind if name not in level]
    if not worse:
        return "The four options were level within chance."
    near = min(worse, key=lambda name: behind[name]["lost"])
    cost = f"{behind[near]['lost']:.1f} ± {BESIDE * behind[near]['error']:.1f} points"
    head = f"Best, level with {' and '.join(level)} within chance" if level else "Best"
    return f"{head}; {near} would have cost {cost}: {reason(move, best, near, worth)}."


def reason(move: Mapping[str, Any], better: str, worse: str, worth: Mapping[str, float]) -> str:
    """The ending through which one option was worth more than another."""
    a, b = move["odds"][better], move["odds"][worse]
    mean = sum(worth[name] * b[name] for name in ENDINGS)
    ending = max(ENDINGS, key=lambda name: (worth[name] - mean) * (a[name] - b[name]))
    return f"{PHRASES[ending]} follows in {percent(a[ending])} of the worlds, after {worse} in {percent(b[ending])}"


def turning(point: Mapping[str, Any]) -> str:
    """The jump of a turning point in words: only endings whose odds surely rose or fell."""
    told = [
        f"{LABELS[one['ending']]} {'rose' if one['change'] > 0 else 'fell'} by {100 * abs(one['change']):.0f} points"
        for one in point["sure"][:2]
    ]
    told[1:] = [text[:1].lower() + text[1:] for text in told[1:]]
    return f"{', '.join(told)}; {percent(point['moved'])} of the odds moved to other endings."


def details(order: Mapping[str, Any]) -> str:
    """What an order said beside its option.

    >>> details({"terms": ["immunity", "men"], "call": "mediator"})
    'call mediator, terms immunity + men'
    """
    out = [f"call {order['call']}"] if "call" in order else []
    if "terms" in order:
        terms = order["terms"]
        out.append(f"terms {terms if isinstance(terms, str) else ' + '.join(terms)}")
    out += [f"up to {order['men']:g} thousand men forward"] if "men" in order else []
    return ", ".join(out + (["offers himself"] if order.get("offer") else []))
