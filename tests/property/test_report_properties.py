"""Reports hold for any summary: tables stay tables, and no text becomes markup."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.report import generic
from sim.report.page import code
from sim.studies.sweep.lead import lead_settled

PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
TREES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=6), inner, max_size=5),
    max_leaves=30,
)


@given(st.dictionaries(st.text(max_size=6), TREES, max_size=6))
@settings(max_examples=200, deadline=None)
def test_any_summary_gives_tables_with_rows_of_one_length(summary: dict[str, object]) -> None:
    for table in generic.tables(summary):
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.heads)} == {len(table.numeric)}
        assert all(isinstance(cell, str) for row in table.rows for cell in row)


@given(st.text())
def test_a_sentence_shows_its_own_characters_and_no_tag_but_code(text: str) -> None:
    tags, shown = [], []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            tags.append(tag)

        def handle_data(self, data: str) -> None:
            shown.append(data)

    reader = Reader()
    reader.feed(str(code(text)))
    reader.close()
    assert set(tags) <= {"code"}
    quoted = text.count("`") % 2 == 0
    assert "".join(shown).replace("\N{NO-BREAK SPACE}", " ") == (text.replace("`", "") if quoted else text).replace(
        "\N{NO-BREAK SPACE}", " "
    )


@given(
    st.lists(st.lists(st.integers(0, 10_000), min_size=6, max_size=6), min_size=1, max_size=8),
    st.permutations(range(6)),
)
def test_whether_a_lead_is_settled_does_not_depend_on_names_and_grows_with_runs(
    rows: list[list[int]], order: list[int]
) -> None:
    table = np.array(rows)
    settled = lead_settled(table)
    assert lead_settled(table[:, order]).tolist() == settled.tolist()
    assert (lead_settled(10 * table) >= settled).all()
