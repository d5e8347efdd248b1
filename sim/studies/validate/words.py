"""What `rubicon validate` found, in sentences: claims only where the numbers allow them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.patterns.scores import MARGIN
from sim.studies.validate.rivals import actual


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share == share else "none"


def of_patterns(summary: Mapping[str, Any]) -> list[str]:
    """Held-out patterns that hold, those that fail, joint hits, and how far `held out` means it."""
    given, found = summary["given"], summary["patterns"]
    h, joint = summary["totals"][given]["H"], summary["joint"]
    said = [
        f"Of {h['patterns']} held-out patterns that the model represents, {h['covers']} have the fact inside the "
        f"ensemble ({_percent(h['covered'])} by weight), and {h['holds']} also hit in at least half of the runs; a run "
        f"hits {_percent(h['hit_share'])} of the weight ({_percent(h['hit_low'])} to {_percent(h['hit_high'])}).",
        f"All of {', '.join(summary['joint_patterns'])} together: {_percent(joint['all']['share'])} of all runs, "
        f"{_percent(joint['exit']['share'])} of the {summary['exits']:,} that end in a negotiated exit.",
    ]
    near = [name for name, p in found.items() if p["represented"] and not p["given"] and p["near"]]
    if near:
        said.append(f"Chance may have set the verdict of {', '.join(near)}: a threshold lies within its interval.")
    weak = [name for name, p in found.items() if p["verdict"] in ("partly", "misses")]
    if weak:
        said.append("Not or only partly shown: " + "; ".join(f"{name} {found[name]['what']}" for name in weak) + ".")
    absent = [name for name, p in found.items() if not p["represented"]]
    said.append(
        f"Not represented: {', '.join(absent)}; counted as misses they leave {_percent(h['covered_strict'])} of the "
        f"held-out weight covered and {_percent(h['hit_share_strict'])} hit."
    )
    tested = {name: p for name, p in found.items() if p["use"] == "H" and p["represented"] and not p["given"]}
    seen = [name for name, p in tested.items() if p["seen"]]
    fresh = [f"{name} {p['verdict']}" for name, p in tested.items() if not p["seen"]]
    said.append(
        f"Held out in name: {len(seen)} of the {h['patterns']} were in view when numbers were set "
        f"({', '.join(seen)}), so they test consistency and not prediction; not in view were only: "
        f"{', '.join(fresh) or 'none'}."
    )
    return said


def of_rivals(summary: Mapping[str, Any]) -> list[str]:
    """The model against each rival: coverage, hits with their intervals, joint hits, odds of what came."""
    accounts = summary["rivals"]
    ours = accounts["this model"]
    said = []
    for name, rival in accounts.items():
        if name == "this model":
            continue
        if "H" not in rival:
            said.append(
                f"{_title(name)} tell only the ending: they give the one that came {_percent(actual(rival))}, this "
                f"model {_percent(actual(ours))}, to which it was in part tuned."
            )
            continue
        mine, theirs = ours["H"], rival["H"]
        said.append(
            f"{_title(name)} covers {theirs['covers']} held-out patterns against {mine['covers']}; in what a run "
            f"hits, this model {way(rival['ahead'])} ({_percent(mine['hit_share'])} of the "
            f"weight against {_percent(theirs['hit_share'])}); joint hits {_percent(ours['joint']['share'])} against "
            f"{_percent(rival['joint']['share'])}."
        )
    return said


def way(ahead: Mapping[str, float]) -> str:
    """In words whether a difference of weighted hits is beyond chance and large enough to speak of.

    >>> way({"gap": 0.2, "low": 0.18, "high": 0.22}), way({"gap": 0.0, "low": -0.01, "high": 0.02})
    ('does better', 'does about as well')
    >>> way({"gap": 0.006, "low": 0.002, "high": 0.01}), way({"gap": 0.1, "low": -0.3, "high": 0.5})
    ('is hardly better', 'is not told from it by so few runs')
    """
    low, high = ahead["low"], ahead["high"]
    if low > 0.0 or high < 0.0:
        verb = "does" if abs(ahead["gap"]) >= MARGIN else "is hardly"
        return f"{verb} {'better' if low > 0.0 else 'worse'}"
    return "does about as well" if max(-low, high) < MARGIN else "is not told from it by so few runs"


def _title(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def of_jury(jury: Mapping[str, Any]) -> list[str]:
    """How many directions hold whoever chooses, which do not, and what the rankings agree on."""
    rows, m = jury["directions"], jury["directions"][0]["stamp"]["of"]
    everywhere = [row for row in rows if row["stamp"]["holds"] == m]
    against = [row for row in rows if row["stamp"]["contradicted"]]
    alone = [row for row in rows if any(row["cells"][name]["verdict"] == "holds" for name in jury["controls"])]
    said = [
        f"Of {len(rows)} directions {len(everywhere)} hold under all {m} ways of choosing, "
        f"{sum(2 * row['stamp']['holds'] > m for row in rows)} under most; {len(against)} are contradicted."
    ]
    said += [
        f"Contradicted: {row['scenario']}, {row['what']} (holds under {row['stamp']['holds']} of {m}, the other way "
        f"under {row['stamp']['contradicted']})."
        for row in against
    ]
    if jury["controls"]:
        said.append(
            f"Where everybody chooses at random {len(alone)} still hold; those follow from what is on the road and not "
            "from how people choose."
        )
    return [*said, *_ranking(jury)]


def _ranking(jury: Mapping[str, Any]) -> Iterator[str]:
    """How far the others' rankings of the scenarios agree with the default's; ties only have no tau."""
    first, *rest = (name for name in jury["ranking"] if name not in jury["controls"])
    taus = {name: jury["ranking"][name]["tau"] for name in rest}
    known = {name: tau for name, tau in taus.items() if tau == tau}
    if known:
        low = min(known, key=known.__getitem__)
        yield (
            f"The ranking of the scenarios by their share of exits agrees with that under {first} by Kendall's tau of "
            f"{known[low]:.2f} ({low}) to {max(known.values()):.2f}, as measured in these runs."
        )
