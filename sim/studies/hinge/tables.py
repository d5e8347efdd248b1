"""Tables of hinges for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from sim.scenario import Setting


def decision_table(told: Mapping[str, Any], setting: Setting) -> Table:
    """One run: the smallest single decisions that flip it. An ensemble: how often a seat's decision is a hinge."""
    from rich.table import Table

    taken, flip = told["decisions_taken"], told["decisions_that_flip"]
    if "ensemble" in told:
        table = Table(
            title=f"{setting.label}, {told['ensemble']:,} runs: whose decisions are hinges", title_justify="left",
            caption=f"{flip:,} of {taken:,} decisions, taken otherwise, would have ended their run otherwise",
            caption_justify="left",
        )  # fmt: skip
        for heading in ("seat", "decisions", "hinges", "share", "95 % interval"):
            table.add_column(heading, justify="left" if heading == "seat" else "right")
        for seat, entry in told["by_seat"].items():
            low, high = 100 * entry["low"], 100 * entry["high"]
            share = f"{100 * entry['share']:.1f} %" if entry["n"] else "-"
            table.add_row(seat, f"{entry['n']:,}", f"{entry['count']:,}", share, f"{low:.1f} to {high:.1f} %")
        return table
    table = Table(
        title=f"{setting.label}, replicate {told['replicate']} ({told['ending']}): the smallest decisions that flip it",
        caption=f"{flip} of {taken} decisions flip it; each verified from the start on both engines",
        title_justify="left", caption_justify="left",
    )  # fmt: skip
    for heading in ("hour", "seat", "chose", "instead", "chance", "then ends", "verified"):
        table.add_column(heading, justify="right" if heading in ("hour", "chance") else "left")
    for made in told["decisions"]:
        chance, verified = f"{100 * made['chance']:.0f} %", "yes" if made["verified"] else "NO"
        hour = f"{made['hour']:.1f}"
        table.add_row(hour, made["seat"], made["chose"], made["instead"], chance, made["ending"], verified)
    return table


def number_table(told: Mapping[str, Any], setting: Setting) -> Table:
    """One run: the smallest moves of a number that flip it. An ensemble: the numbers that flip most runs."""
    from rich.table import Table

    if "ensemble" in told:
        table = Table(title="Numbers that flip most runs at an end of their plausible range", title_justify="left")
        for heading in ("number", "runs flipped", "95 % interval", "most of them at"):
            table.add_column(heading, justify="left" if heading == "number" else "right")
        for entry in told["numbers"]:
            low, high = 100 * entry["low"], 100 * entry["high"]
            table.add_row(
                entry["path"], f"{100 * entry['share']:.1f} %", f"{low:.1f} to {high:.1f} %", f"{entry['to']:g}"
            )
        return table
    table = Table(
        title=f"The smallest moves of one number that flip it, of {told['numbers_that_flip']} numbers that can",
        caption="share: of the plausible range", title_justify="left", caption_justify="left",
    )  # fmt: skip
    for heading in ("number", "from", "to", "share", "then ends", "verified"):
        table.add_column(heading, justify="right" if heading in ("from", "to", "share") else "left")
    for entry in told["numbers"]:
        move = f"{entry['own']:g}", f"{entry['value']:.9g}", f"{100 * entry['size']:.1f} %"
        table.add_row(entry["path"], *move, entry["ending"], "yes" if entry["verified"] else "NO")
    return table
