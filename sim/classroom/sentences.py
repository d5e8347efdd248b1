"""Sentences on a seat's marks and forecasts, the same in the text and on the page of a debrief."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sim.classroom.numbering import FLAGS, place
from sim.stats.estimates import Z95


def tidy(value: float, digits: int = 0) -> str:
    """A number with a true minus sign, and nought without one.

    >>> tidy(-0.04, 1), tidy(9.04, 1), ascii(tidy(-2.3))
    ('0.0', '9.0', "'\\\\u22122'")
    """
    out = f"{value:.{digits}f}"
    return out.removeprefix("-") if float(out) == 0.0 else out.replace("-", "\N{MINUS SIGN}")


def given_away(entry: Mapping[str, Any]) -> str:
    """Points given away in all, with the half-width of their 95 % interval."""
    return f"{tidy(entry['given_away'])} ± {tidy(Z95 * entry['given_away_error'])} points"


def without(entry: Mapping[str, Any]) -> str:
    """A seat's total, marks and precision over the turns without a flag; empty where there is nothing to tell apart."""
    apart = entry["without"]
    if not apart:
        return ""
    counted = ", ".join(f"{count} {name}" for name, count in apart["marks"].items() if count)
    return f"Without the turns marked {' or '.join(FLAGS.values())}: {counted}; given away {given_away(apart)}."


def sharpness(found: Mapping[str, Any]) -> str:
    """How sharply a team chose, beside the model's own seat and beside choosing blindly."""
    n = found["decisions"]
    if not n:
        return "No decision for which the model has a worth of each option."
    best = "beyond 1,000" if found["precision"] is None else f"{found['precision']:.1f}"
    high = "no upper end" if found["high"] is None else f"{found['high']:.1f}"
    numbers = f"Best fit {best} (95 %: {found['low']:.1f} to {high}) from {n} decision{'s' if n > 1 else ''}"
    numbers += f", {found['best_taken']} of them what the model ranks first."
    blind, own = found["low"] == 0.0, found["model"]
    above, below = found["low"] > own, found["high"] is not None and found["high"] < own
    if above:
        said = f"It followed these worths more sharply than the model's own seat ({own:g})."
    elif below and blind:
        said = f"That is less sharp than the model's own seat ({own:g}) and cannot be told from choosing blindly."
    elif below:
        said = f"That is sharper than choosing blindly and less sharp than the model's own seat ({own:g})."
    elif blind:
        said = f"Too few decisions to tell it from choosing blindly, or from the model's own seat ({own:g})."
    else:
        said = f"That is sharper than choosing blindly and agrees with the model's own seat ({own:g})."
    return f"{numbers} {said}"


def forecast(found: Mapping[str, Any]) -> str:
    """A team's score in a sentence or two."""
    if "seat" not in found:
        return "No forecast was stated." if not found["stated"] else "Forecasts are scored when the crisis has ended."
    beaten = [words for key, words in (("model", "the model in its seat"), ("base_rate", "the base rate"))
              if found["seat"] < found[key]]  # fmt: skip
    tail = f"better than {' and '.join(beaten)}" if beaten else "no better than the model or the base rate"
    count = f"{found['stated']} forecast{'s' if found['stated'] > 1 else ''}"
    said = f"Mean Brier score {found['seat']:.2f} from {count}: {tail}."
    if found["without"]:
        rest = found["without"]
        said += f" Without those marked {' or '.join(FLAGS.values())}: {rest['seat']:.2f} from {rest['stated']}"
        said += f", the model {rest['model']:.2f}."
    return said


def foresight(found: Mapping[str, Any] | None) -> str:
    """Who foresaw the ending best, of what can be compared; empty where nothing can."""
    if not found:
        return ""
    best, n = found["best"], found["stated"][found["best"]]
    tail = f"The base rate of past episodes scores {found['base_rate']:.2f}; less is better. "
    tail += "One game has one ending, so this is as much luck as insight."
    if found["by"] == "turns":
        scores = ", ".join(f"{seat} {score:.2f}" for seat, score in sorted(found["scores"].items(), key=lambda x: x[1]))
        return (
            f"Over the {n} turns for which all teams stated odds the {best} scored best (Brier score: {scores}). {tail}"
        )
    ahead = found["scores"][best]
    if ahead <= 0.0:
        return "No team foresaw the ending better than the model in its own seat."
    return (
        f"Beside the model in its own seat and turns, the {best} foresaw the ending best: "
        f"its Brier score is {ahead:.2f} lower over {n} forecasts. {tail}"
    )


def flagged(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """What each flag means that some of these moves or forecasts have."""
    meant = {
        "shown": "odds from the true state were shown while the turn was open: the seat could know more than is "
        "reckoned here",
        "replayed": "played again after going back: how the turn went before had been seen",
    }
    present = {name for row in rows for name in row["flags"]}
    return [f"{FLAGS[name]} {meant[name]}" for name in FLAGS if name in present]


def signs(row: Mapping[str, Any]) -> str:
    """Signs of a move's or a forecast's flags."""
    return "".join(FLAGS[name] for name in row["flags"])


def moved(event: Mapping[str, Any], first: int | None) -> str:
    """An event that the facilitator set for another hour."""
    what = event["what"][:1].upper() + event["what"][1:]
    return (
        f"{what} was set for hour {event['from_h']:g}; the facilitator moved it to hour {event['to_h']:g} "
        f"({place(event['turn'], first)})."
    )
