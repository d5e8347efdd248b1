"""What is printed fits: no name is cut, no two names are cut to the same, no number is torn from its unit."""

from __future__ import annotations

import io
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.table import Table

from sim.cli import main
from sim.engines.batch import run_table
from sim.model.state import ENDINGS
from sim.stats.outcomes import summary
from sim.studies import console
from sim.studies.backtest.words import said
from sim.studies.console import closing_table
from sim.studies.disclose import verb as disclose
from sim.studies.game.verb import printed as of_game
from sim.studies.ledger import verb as ledger
from sim.studies.terminal import Terminal, wrapped
from sim.studies.validate.tables import pattern_table
from tests.conftest import setting

WIDTHS = (40, 60, 80, 100, 120)
EVIDENCE = Path(__file__).parents[2] / "docs" / "evidence"
TORN = re.compile(r"\d\n *%|\d \n|\bof\n *\d")


def shown(table: Any, width: int) -> str:
    out = io.StringIO()
    Terminal(file=out, width=width).print(table)
    return out.getvalue()


def words_of(table: Table) -> list[list[str]]:
    """Words of each cell and heading, of each line of it."""
    plain = Terminal(file=io.StringIO())._plain
    cells = [str(cell) for column in table.columns for cell in (column.header, *column.cells)]
    return [plain(cell).split() for cell in cells]


def check(table: Any, width: int) -> None:
    """Every word stands whole; names that differ are told apart; lines end in time."""
    expected = [word for words in words_of(table) for word in words]
    text = shown(table, width)
    rows = [re.split(r"[\s│┃]+", line) for line in text.splitlines()]
    printed = {word.rstrip(":") for row in rows for word in row}
    longest = max(map(len, expected), default=0)
    assert [word for word in expected if word.rstrip(":") not in printed] == []
    assert max(map(len, text.splitlines()), default=0) <= max(width, longest + 24), "but for a number and its label"
    assert "…" not in text or any("…" in word for word in expected)
    assert TORN.search(text) is None


NAMES = st.from_regex(r"[a-z]{3,9}(_[a-z]{3,9}){0,2}", fullmatch=True)
AMOUNTS = st.floats(-1000, 1000).map(lambda x: f"{x:.1f} %")
SENTENCES = st.lists(NAMES, min_size=1, max_size=9).map(" ".join)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(NAMES, AMOUNTS, AMOUNTS, SENTENCES), min_size=1, max_size=4), st.integers(20, 130), st.booleans()
)
def test_a_table_of_any_width_keeps_its_words_and_numbers_whole(
    rows: list[tuple[str, ...]], width: int, kept: bool
) -> None:
    table = Table(title="how they end: 12 % of 30", caption="deals kept 56 % of 114, closest 191 km")
    for heading in ("ending", "share", "95 % interval", "about"):
        table.add_column(heading, no_wrap=kept and heading != "about")
    for row in rows:
        table.add_row(*row)
    check(table, width)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(NAMES, AMOUNTS), max_size=30).map(" ".join), st.integers(8, 120), st.integers(0, 4))
def test_a_sentence_loses_nothing_and_a_number_keeps_its_unit(text: str, width: int, indent: int) -> None:
    told = wrapped(" " * indent + text, width)
    assert told.split() == text.split()
    assert re.search(r"\d\n *%", told) is None


def evidence(verb: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((EVIDENCE / f"{verb}.json").read_text(encoding="utf-8"))
    return dict(told["summary"])


@cache
def tables() -> dict[str, list[Any]]:
    of = setting()
    runs = run_table(of.params, of.script, seed=1, n=200)
    found = {
        "run": [closing_table(of, summary(runs))],
        "validate": [pattern_table(evidence("validate"))],
        "backtest": said(evidence("backtest")),
        "ledger": [ledger.printed(evidence("ledger"), of)],
        "disclose": [disclose.printed(evidence("disclose"), of)],
        "game": of_game(evidence("game"), of),
    }
    return {verb: [one for one in shown if isinstance(one, Table)] for verb, shown in found.items()}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_tables_of_the_verbs_fit(width: int) -> None:
    for verb, made in tables().items():
        assert made, verb
        for table in made:
            check(table, width)


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("line", [["list"], ["list", "parameters"], ["list", "actors"], ["cases", "list"]])
def test_lists_fit(
    line: list[str], width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    console.console.cache_clear()
    try:
        assert main(line) == 0
    finally:
        console.console.cache_clear()
    told = capsys.readouterr().out
    assert "…" not in told
    assert TORN.search(told) is None
    if line == ["list"]:
        assert all(re.search(rf"\b{name}\b", told) for name in ENDINGS)


def test_text_that_looks_like_markup_is_printed_as_it_is() -> None:
    assert shown("out/[bold]x[/bold]/:smile:/a [1, 2]", 80) == "out/[bold]x[/bold]/:smile:/a [1, 2]\n"
