"""What a verb prints: progress, the closing table. Tables go to standard output, progress to standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from sim.scenario import Setting


@cache
def console(*, stderr: bool = False) -> Console:
    """The terminal, or a plain 100 columns where there is none."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else 100)


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
    for heading in ("ending", "share", "95 % interval", "runs"):
        table.add_column(heading, justify="left" if heading == "ending" else "right")
    for name, entry in numbers["outcomes"].items():
        low, high = 100 * entry["low"], 100 * entry["high"]
        table.add_row(name, f"{100 * entry['share']:.1f} %", f"{low:.1f} to {high:.1f} %", f"{entry['count']:,}")
    return table


def _medians(numbers: dict[str, Any]) -> str:
    middle = {name: numbers["medians"][name]["median"] for name in numbers["medians"]}
    kept = numbers["deals"]["kept"]
    deals = f"deals kept {100 * kept['share']:.0f} % of {kept['n']:,}" if kept["n"] else "no deal was made"
    return (
        f"medians: {middle['duration_h']:.1f} h, closest {middle['closest_km']:.0f} km, "
        f"{middle['deaths']:.0f} dead; {deals}"
    )
