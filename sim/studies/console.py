"""What a verb prints: progress, the closing table. Tables go to standard output, progress to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from sim.scenario import Setting

LEAST = 20  # columns


@cache
def console(*, stderr: bool = False, columns: int = 100) -> Console:
    """The terminal; where there is none, as many columns as COLUMNS says, or `columns`."""
    from sim.studies.terminal import Terminal

    stream = sys.stderr if stderr else sys.stdout
    said = os.environ.get("COLUMNS", "")
    if said.isascii() and said.isdigit():
        columns = max(int(said), LEAST)
    return Terminal(stderr=stderr, width=None if stream.isatty() else columns)


@contextmanager
def counting(total: int, what: str) -> Iterator[Callable[[int], None]]:
    """A bar with rate and remaining time on a terminal, else one line at the end; yields the function to tell."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        """Crises a second."""

        def render(self, task: Any) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:,.0f} runs/s")

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)


def closing_table(setting: Setting, numbers: dict[str, Any]) -> Table:
    """The six endings with 95 % intervals, and below them the medians."""
    from rich.table import Table

    table = Table(
        title=f"{setting.label}: how {numbers['count']:,} crises end (seed {setting.seed})",
        caption=_medians(numbers), caption_justify="left", title_justify="left",
    )  # fmt: skip
    sets = numbers.get("parameters")  # numbers that vary from replicate to replicate
    doubt = (f"95 % of {sets['sets']} sets", "variance between sets") if sets else ()
    for heading in ("ending", "share", "95 % interval", *doubt, "runs"):
        table.add_column(heading, justify="left" if heading == "ending" else "right")
    for name, entry in numbers["outcomes"].items():
        between = _between(sets["outcomes"][name]) if sets else ()
        cells = (f"{100 * entry['share']:.1f} %", f"{100 * entry['low']:.1f} to {100 * entry['high']:.1f} %")
        table.add_row(name, *cells, *between, f"{entry['count']:,}")
    return table


def _between(entry: dict[str, Any]) -> tuple[str, str]:
    """Where the shares of the sets lie, and how much of a run's ending hangs on its set."""
    if entry["explained"] is None:
        return "too few runs", "too few runs"
    return f"{100 * entry['sets_low']:.0f} to {100 * entry['sets_high']:.0f} %", f"{100 * entry['explained']:.0f} %"


def _medians(numbers: dict[str, Any]) -> str:
    middle = {name: numbers["medians"][name]["median"] for name in numbers["medians"]}
    kept = numbers["deals"]["kept"]
    deals = f"deals kept {100 * kept['share']:.0f} % of {kept['n']:,}" if kept["n"] else "no deal was made"
    return (
        f"medians: {middle['duration_h']:.1f} h, closest {middle['closest_km']:.0f} km, "
        f"{middle['deaths']:.0f} dead; {deals}"
    )
