"""A comparison as numbers for `summary.json`, and in words: claims only where the intervals allow them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.model.state import ENDINGS, Ending
from sim.stats import paired, sequential
from sim.stats.estimates import wilson
from sim.stats.outcomes import share
from sim.stats.pointwise import holm
from sim.studies.compare.divergence import ACTORS

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from sim.studies.compare.comparing import Found, Plan
    from sim.studies.compare.divergence import Parting

DEALS = (Ending.NEGOTIATED_EXIT, Ending.GOVERNMENT_CONCEDES)
HEAD = 12  # letters of a label that fits at the head of a column; longer ones are A and B there
DIGITS = {"h": 2, "km": 1, "men": 1, "share": 3}  # of a mean in a table


def summary(
    labels: Sequence[str], plan: Plan, found: Found, parting: Mapping[tuple[int, int], Parting],
    same: Mapping[tuple[int, int], bool], seed: int,
) -> dict[str, Any]:  # fmt: skip
    """Everything `summary.json` holds besides the settings; one entry of `pairs` a pair, `other - reference`."""
    _tests(labels, plan, found, seed)
    pairs = {}
    for a, b in plan.pairs:
        one, two = found.tables[a], found.tables[b]
        pairs[f"{labels[b]} - {labels[a]}"] = {
            "reference": labels[a], "other": labels[b], "identical": same[a, b], "same_runs": paired.same(one, two),
            "same_ending": share(one["outcome"] == two["outcome"]), "differences": found.differences[a, b],
            "transitions": _named(paired.transitions(one["outcome"], two["outcome"])),
            "parting": _parts(parting[a, b], one["outcome"], two["outcome"]) if (a, b) in parting else None,
        }  # fmt: skip
    return {
        "reference": labels[0], "replications": found.n, "seed": seed, "level": plan.level,
        "claims": len(plan.pairs) * len(paired.MEASURES), "looks": found.looks, "stopped": found.stopped,
        "precision": plan.precision, "shares": {
            name: {ending: share(table["outcome"] == code) for code, ending in enumerate(ENDINGS)}
            for name, table in zip(labels, found.tables, strict=True)
        },
        "pairs": pairs, "rankings": _rankings(labels, plan, found),
    }  # fmt: skip


def _tests(labels: Sequence[str], plan: Plan, found: Found, seed: int) -> None:
    """Add p-values corrected for their number, and what is only right at a size fixed beforehand where it was."""
    if plan.once:
        for (a, b), own in found.differences.items():
            paired.add_pointwise(own, found.tables[a], found.tables[b], seed)
    entries = [entry for own in found.differences.values() for entry in own.values()]
    corrected = holm([entry["p" if plan.once else "p_anytime"] for entry in entries])
    for entry, p in zip(entries, corrected, strict=True):
        factor = entry["variance_reduction"]
        entry |= {"p_holm": p, "independent_runs": None if factor is None else round(factor * found.n)}


def _named(counts: np.ndarray) -> dict[str, dict[str, int]]:
    return {one: {two: int(counts[i, j]) for j, two in enumerate(ENDINGS)} for i, one in enumerate(ENDINGS)}


def _parts(parting: Parting, one: np.ndarray, two: np.ndarray) -> dict[str, Any]:
    """Share of pairs that part, the hours with their counts and quantiles, who is first, and who ends alike."""
    n, parted = len(parting.hour), parting.parted
    hours, counts = np.unique(parting.hour[parted], return_counts=True)
    alike = one[:n] == two[:n]
    quantiles = np.quantile(parting.hour[parted], [0.1, 0.5, 0.9]).tolist() if len(hours) else [float("nan")] * 3
    first = {}
    for code, name in enumerate(ACTORS):
        his = parting.actor == code
        first[name] = share(his) | {"same_ending": int(np.sum(his & alike))}
    return {
        "pairs": n, "parted": share(parted), "same_ending_if_parted": share(alike[parted]), "first": first,
        "hour": dict(zip(("p10", "median", "p90"), quantiles, strict=True)),
        "hours": hours.tolist(), "counts": counts.tolist(),
    }  # fmt: skip


def _rankings(labels: Sequence[str], plan: Plan, found: Found) -> dict[str, Any]:
    """By ending: the settings from most to least often, and neighbours whose order is open; of three or more only."""
    if len(labels) < 3:
        return {}
    ranked = {}
    for name in ENDINGS:
        ways = {(labels[a], labels[b]): found.differences[a, b][name]["direction"] for a, b in plan.pairs}
        order, loose = paired.ranking(labels, ways)
        ranked[name] = {"settled": not loose, "order": None if loose else order, "open": [list(two) for two in loose]}
        same = paired.ties(labels, ways)
        ranked[name]["equal"] = [list(two) for two in pairwise(order) if two in same and not loose]
    return ranked


def pair_table(summary: Mapping[str, Any], pair: Mapping[str, Any]) -> RichTable:
    """The differences of one pair: shares in per cent and points, means in their units."""
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    one, two, n = escape(pair["reference"]), escape(pair["other"]), summary["replications"]
    short = max(len(pair["reference"]), len(pair["other"])) <= HEAD
    heads, named = ((one, two), (one, two)) if short else (("A", "B"), (f"{one} (A)", f"{two} (B)"))
    pairs = f"{n:,} {'pair' if n == 1 else 'pairs'} under common luck (seed {summary['seed']})"
    table = Table(
        title=f"{named[1]} against {named[0]}: {pairs}", title_justify="left",
        box=SIMPLE_HEAD,
        caption=f"Shares in per cent, their differences in points. All {summary['claims']} intervals of the comparison "
        f"hold together with {100 * summary['level']:g} %, whenever one stops.", caption_justify="left",
    )  # fmt: skip
    for heading in ("", *heads, "difference", "interval", "settled"):
        table.add_column(heading, justify="left" if heading in ("", "settled") else "right", no_wrap=True)
    for name, entry in pair["differences"].items():
        table.add_row(name, *_cells(name, entry), paired.in_words(entry))
    return table


def _cells(name: str, entry: Mapping[str, Any]) -> tuple[str, str, str, str]:
    scale, digits = (100, 2) if name in paired.SHARES else (1, DIGITS[entry["unit"]])
    one, two, gap, low, high = (scale * entry[k] for k in ("reference", "other", "difference", "low", "high"))
    span = "-" if low != low else f"{low:+.{digits}f} to {high:+.{digits}f}"
    return f"{one:.{digits}f}", f"{two:.{digits}f}", f"{gap:+.{digits}f}", span


def _pairs(n: int) -> str:
    return f"{n:,} pair{'' if n == 1 else 's'}"


def more(entry: Mapping[str, Any]) -> str:
    """What it would take to settle a difference, in words.

    >>> more({"low": -0.1, "more": 12000})
    'about 12,000 more replications needed'
    """
    if entry["low"] != entry["low"]:
        return f"only {_pairs(entry['differ'])} differ{'s' if entry['differ'] == 1 else ''}, too few for an interval"
    if entry["more"] is None:
        return "no number of replications in sight"
    return f"about {entry['more']:,} more replications needed"


def sentences(summary: Mapping[str, Any], pair: Mapping[str, Any]) -> Iterator[str]:
    """What one pair's table does not say: what became of the deals, what common luck gained, where the stories part."""
    one, two, n = pair["reference"], pair["other"], summary["replications"]
    if pair["identical"]:
        yield f"{two} and {one} are the same setting: identical in every run, every difference is exactly zero."
        return
    if pair["same_runs"]:
        yield f"The settings differ, but in all {_pairs(n)} every column compared is identical."
    yield from _open(pair["differences"])
    yield from _became(pair)
    yield from _gained(pair["differences"], n)
    if pair["parting"]:
        yield from _where(pair["parting"])


def _open(differences: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What is not settled and what it would take; one line for all that share the reason."""
    names: dict[str, list[str]] = {}
    for name, entry in differences.items():
        if not entry["settled"]:
            names.setdefault(more(entry), []).append(name)
    yield from (f"{', '.join(those)} not settled: {reason}." for reason, those in names.items())


def _gained(differences: Mapping[str, Mapping[str, Any]], n: int) -> Iterator[str]:
    """What common luck gained over independent runs: the middle over the measures, and that of the commonest ending.

    Only where enough pairs differ for a variance to be known. An ending is named by how common it is: one named
    because it gained most would owe part of that to chance.
    """
    known = {name: e for name, e in differences.items() if _differ(e) >= sequential.LEAST_PAIRS}
    factors = {name: e["variance_reduction"] for name, e in known.items() if e["variance_reduction"]}
    if factors:
        said = f"half of these differences are about as sure as with {median(factors.values()):.2g} times as many "
        said += "independent runs, or more"
        name = max(ENDINGS, key=lambda ending: differences[ending]["reference"])
        if name in factors:
            runs = _round(factors[name] * n)
            said += f"; that of {name}, the commonest ending, is worth some {runs:,} independent runs of each"
        yield f"Common luck: {said}."


def _round(x: float) -> int:
    """A count to two figures.

    >>> _round(12345.0), _round(7.2)
    (12000, 7)
    """
    return round(float(f"{x:.2g}"))


def _differ(entry: Mapping[str, Any]) -> int:
    """Pairs that differ in a measure."""
    return int(entry["differ"] if "differ" in entry else entry["plus"] + entry["minus"])


def _became(pair: Mapping[str, Any]) -> Iterator[str]:
    """What became of the reference's runs that ended in a deal or a concession."""
    rows = [pair["transitions"][ENDINGS[code]] for code in DEALS]
    total = {name: sum(row[name] for row in rows) for name in ENDINGS}
    n, still = sum(total.values()), sum(total[ENDINGS[code]] for code in DEALS)
    if not n:
        return
    low, high = wilson(still, n)
    others = sorted((name for code, name in enumerate(ENDINGS) if code not in DEALS), key=lambda k: -total[k])
    rest = ", ".join(f"{100 * total[name] / n:.1f} % {name}" for name in others if total[name])
    yield (
        f"Of the {n:,} runs of {pair['reference']} that end in a deal or concession, {100 * still / n:.1f} % "
        f"({100 * low:.1f} to {100 * high:.1f} %) do so in {pair['other']} too"
        + (f"; the others become {rest}." if rest else ".")
    )


def _where(parts: Mapping[str, Any]) -> Iterator[str]:
    if not parts["parted"]["count"]:
        yield f"The stories never part in {_pairs(parts['pairs'])} compared step by step."
        return
    first = sorted(parts["first"].items(), key=lambda item: -item[1]["count"])[:3]
    who = ", ".join(f"{name} {100 * entry['share']:.0f} %" for name, entry in first if entry["count"])
    hour, apart = parts["hour"], 100 * parts["parted"]["share"]
    yield (
        f"The stories part in {apart:.1f} % of {_pairs(parts['pairs'])}, half of those by hour "
        f"{hour['median']:g} (middle 80 %: {hour['p10']:g} to {hour['p90']:g}). First to differ, of all pairs: {who}."
    )


def _ordered(entry: Mapping[str, Any]) -> str:
    """A settled order with its signs: the same setting twice is in no order.

    >>> _ordered({"order": ["a", "b", "c"], "equal": [["b", "c"]]})
    'a > b = c'
    """
    first, *rest = entry["order"]
    steps = zip(entry["order"], rest, strict=False)
    return first + "".join(f" {'=' if [x, y] in entry['equal'] else '>'} {y}" for x, y in steps)


def ranking_sentences(summary: Mapping[str, Any]) -> Iterator[str]:
    """Each ending's order of the settings where it is settled, and one line for those where it is not."""
    loose = [name for name, entry in summary["rankings"].items() if not entry["settled"]]
    for name, entry in summary["rankings"].items():
        if entry["settled"]:
            yield f"{name}, from most to least often: {_ordered(entry)} (settled)."
    if loose:
        arms, pairs = len(summary["shares"]), len(summary["pairs"])
        way = "more replications" if pairs == arms * (arms - 1) // 2 else "pairs=all or more replications"
        yield f"Order of the settings not settled for {', '.join(loose)}; {way} may settle it."
