"""The report of `rubicon compare`: what differs between settings that met the same luck."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.report import generic
from sim.report.endings import PHRASE, listed, phrase, points
from sim.report.parts import NOTHING, Table, number, percent, words
from sim.results import Finished
from sim.stats import paired

QUESTION = "What changes when one setting takes the place of another and the luck stays the same?"
Entry = Mapping[str, Any]


def conclusions(done: Finished) -> Iterator[str]:
    """Of each pair what is settled, largest first, and what is not; then the verb's own sentences."""
    told = done.summary
    for pair in told["pairs"].values():
        yield from _pair(pair, told["replications"])
    yield from map(str, told.get("conclusions") or [])


def _pair(pair: Entry, n: int) -> Iterator[str]:
    one, two = f"`{pair['reference']}`", f"`{pair['other']}`"
    if pair.get("identical"):
        yield f"{two} and {one} are identical in every run: every difference is exactly zero."
        return
    endings = {name: entry for name, entry in pair["differences"].items() if name in PHRASE}
    sure = sorted((name for name in endings if _way(endings[name])), key=lambda k: -abs(_gap(endings[k])))
    if sure:
        parts = [f"{phrase(name)} {_change(endings[name])}" for name in sure[:3]]
        yield (
            f"Under {two} rather than {one}, over {_pairs(n)}, the share of {listed(parts)}. All intervals of the "
            "comparison hold together."
        )
    near = [name for name in endings if endings[name]["settled"] and not _way(endings[name])]
    if near:
        parts = [f"{phrase(name)} {paired.in_words(endings[name])}" for name in near]
        yield f"Known closely under {two} and {one}, without a direction: the difference of {listed(parts)}."
    loose = [phrase(name) for name in endings if not endings[name]["settled"]]
    if loose:
        yield f"Not settled between {two} and {one}: the share of {listed(loose)}."
    deals = _deals(pair)
    if deals:
        yield deals


def _gap(entry: Entry) -> float:
    return float(entry["difference"] or 0.0)


def _way(entry: Entry) -> str:
    """Rises or falls where the interval leaves out zero; empty where no direction is settled."""
    return {"higher": "rises", "lower": "falls"}.get(paired.direction(entry), "")


def _pairs(n: int) -> str:
    return f"{n:,} paired run{'' if n == 1 else 's'}"


def _change(entry: Entry) -> str:
    way = _way(entry)
    span = f"{points(entry['low'])} to {points(entry['high'])} points"
    return f"{way} from {percent(entry['reference'])} to {percent(entry['other'])} ({span})"


def _deals(pair: Entry) -> str:
    """What became of the runs that ended in a negotiated exit."""
    row = (pair.get("transitions") or {}).get("negotiated_exit") or {}
    n = sum(row.values())
    if not n:
        return ""
    most = sorted((name for name in row if row[name]), key=lambda name: -row[name])[:3]
    parts = [f"{percent(row[name] / n)} {phrase(name)}" for name in most]
    return (
        f"Of the {n:,} {'run that ends' if n == 1 else 'runs that end'} in a negotiated exit under "
        f"`{pair['reference']}`, the same luck makes {listed(parts)} under `{pair['other']}`."
    )


def tables(done: Finished) -> Iterator[Table]:
    """Shares by setting, differences pair by pair, and what became of the reference's runs."""
    told = done.summary
    if told.get("shares"):
        heads = ("setting", *(name.replace("_", " ") for name in PHRASE))
        rows = [(label, *(f"{percent(of[name]['share'])}" for name in PHRASE)) for label, of in told["shares"].items()]
        yield Table("Shares of the endings by setting", heads, rows)
    for title, pair in told["pairs"].items():
        yield _differences(title, pair, told)
        if pair.get("transitions"):
            yield _transitions(pair)
    apart = (*generic.APART, "pairs", "shares", "looks")
    yield from generic.tables({key: value for key, value in told.items() if key not in apart})


def _differences(title: str, pair: Entry, told: Entry) -> Table:
    rows = []
    for name, entry in pair["differences"].items():
        share = entry.get("unit") == "share"
        show = percent if share else number
        gap, low, high = (_signed(entry[key], share=share) for key in ("difference", "low", "high"))
        more = entry.get("more")
        wait = f"no: about {more:,.0f} more runs needed" if more else "no"
        rows.append(
            (phrase(name), show(entry["reference"]), show(entry["other"]), gap, f"{low} to {high}",
             wait if paired.in_words(entry) == "not settled" else paired.in_words(entry))
        )  # fmt: skip
    level = told.get("level", 0.95)
    note = (
        f"Differences of shares in percentage points. All intervals of this comparison hold together with "
        f"{100 * level:g} %, whenever one stops."
    )
    heads = ("", str(pair["reference"]), str(pair["other"]), "difference", "interval", "settled")
    return Table(f"Differences: {title}", heads, rows, note)


def _signed(value: Any, *, share: bool) -> str:
    if value is None:
        return NOTHING
    return points(value) if share else f"{value:+.4g}"


def _transitions(pair: Entry) -> Table:
    names = list(pair["transitions"])
    rows = [(phrase(one), *(number(pair["transitions"][one][two]) for two in names)) for one in names]
    caption = f"What became of the runs of {pair['reference']} (rows) under {pair['other']} (columns)"
    return Table(caption, ("", *map(words, names)), rows)
