"""The case shelf: what is read, how it is coded, and that the shipped files come from the table by the command."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cases import CLASSES, INPUTS, Case, CaseError, coding, read_csv, shelf
from sim.cases.reading import CATEGORIES, NUMBERS, read_rows
from sim.catalog import catalogue, check
from sim.cli import main
from tests.conftest import setting

TABLE = Path(__file__).parents[1] / "data" / "cases.csv"
CENTRAL = {c.name: np.array([c.value]) for c in coding.coefficients()}


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, table: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    return path


def test_the_shipped_shelf_is_what_the_command_makes_of_the_table(tmp_path: Path) -> None:
    assert main(["cases", "import", str(TABLE), "--to", str(tmp_path)]) == 0
    made = {path.name: path.read_bytes() for path in tmp_path.glob("*.yaml")}
    shipped = {path.name: path.read_bytes() for path in shelf.folder().glob("*.yaml") if path.stem != shelf.CODING}
    assert made == shipped
    assert len(made) == 31


def test_a_shelf_reads_back_as_the_table() -> None:
    by_id = {case.case_id: case for case in read_csv(TABLE).cases}
    assert {case.case_id: case for case in shelf.load()} == by_id


@pytest.mark.parametrize("column", ["rebel_type", "loyal_central", "cluster"])
def test_a_missing_column_is_named(column: str, tmp_path: Path) -> None:
    short = [{key: value for key, value in row.items() if key != column} for row in rows()]
    with pytest.raises(CaseError, match=column):
        read_csv(write(tmp_path / "short.csv", short))


@pytest.mark.parametrize(
    "content", [b"", b"case_id\n", b"\xff\xfe\x00bad", ",".join(["case_id", "cluster", *INPUTS]).encode()]
)
def test_what_is_no_table_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_bytes(content)
    with pytest.raises(CaseError):
        read_csv(tmp_path / "bad.csv")


def test_columns_may_stand_in_any_order_and_further_ones_do_no_harm(tmp_path: Path) -> None:
    turned = [dict(reversed([*row.items(), ("weather", "rain")])) for row in rows()]
    found = read_csv(write(tmp_path / "turned.csv", turned)).cases
    assert [(case.words, case.numbers, case.outcome) for case in found] == [
        (case.words, case.numbers, case.outcome) for case in read_csv(TABLE).cases
    ]


def test_what_cannot_be_read_is_noted_and_neutral() -> None:
    row = rows()[0] | {"rebel_type": "Space Marines", "loyal_central": "lots", "loyal_low": "", "loyal_high": "",
                       "outcome_class": "REVOLUTION", "dist_km_start": "-3"}  # fmt: skip
    reading = read_rows([row, row], "here")
    case = reading.cases[0]
    of = coding.facts(case)
    assert len(reading.cases) == 1
    assert case.outcome is None
    assert of.words["rebel_type"] == "other"
    assert of.bands["loyal"][1] == coding.tables()["fallbacks"]["loyal"]["value"]
    said = " ".join((*reading.notes, *of.notes))
    for word in ("twice", "REVOLUTION", "lots", "-3", "space_marines", "loyal_central"):
        assert word in said


WORD = st.one_of(st.none(), st.sampled_from([name for kind in CATEGORIES for name in coding.tables()[kind]]), st.text())
AMOUNT = st.one_of(st.none(), st.floats(0, 1e9, allow_nan=False))


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(CATEGORIES, WORD)), st.fixed_dictionaries(dict.fromkeys(NUMBERS, AMOUNT)))
def test_any_row_comes_to_numbers_that_the_model_takes(
    words: dict[str, str | None], given: dict[str, float | None]
) -> None:
    case = Case("x", "x", words, given)
    of = coding.facts(case)
    low, central, high = of.bands["loyal"]
    assert 0 < low <= central <= high
    numbers = coding.fixed(of)
    base = setting().changed(numbers)
    for c in coding.coefficients():
        for end in (c.low, c.high):
            fitted = coding.fitted(of, CENTRAL | {c.name: np.array([end])})
            base.numbers({path: float(values[0]) for path, values in fitted.items()})
    for path, (shift, values) in coding.drawn(case, of, 8, 1).items():
        for value in values:
            check(path, value + (catalogue()[path].value if shift else 0.0))


def test_draws_stay_in_their_bands_and_are_keyed_by_the_episode() -> None:
    one, other = read_csv(TABLE).cases[:2]
    of = coding.facts(one)
    _, sizes = coding.drawn(one, of, 200, 1)["forces.R0"]
    ratio = sizes / coding.constant("men")
    assert ratio.min() >= of.bands["rebels"][0] / of.bands["loyal"][2]
    assert ratio.max() <= of.bands["rebels"][2] / of.bands["loyal"][0]
    again = coding.drawn(one, of, 200, 1)
    assert all(np.array_equal(values, again[path][1]) for path, (_, values) in coding.drawn(one, of, 200, 1).items())
    assert not np.array_equal(sizes, coding.drawn(other, of, 200, 1)["forces.R0"][1])


def test_endings_become_classes_by_what_was_demanded() -> None:
    def of(demand: str) -> coding.Facts:
        case = read_csv(TABLE).cases[0]
        return coding.facts(Case("x", "x", {**case.words, "demand_type": demand}, case.numbers))

    endings, political = np.array([0.5, 0.2, 0.1, 0.1, 0.1, 0.0]), np.array(0.4)
    for demand in coding.tables()["demand_type"]:
        shares = coding.classes(of(demand), endings, political)
        assert shares.sum() == pytest.approx(1.0)
        assert shares.min() >= 0.0
        assert np.array_equal(shares[3:], endings[3:])
    power, pay = (coding.classes(of(demand), endings, political) for demand in ("regime_change", "pay_or_conditions"))
    assert power[0] == pytest.approx(0.5 + 0.2 * coding.constant("handed_over"))
    assert pay[0] == pytest.approx(0.5 - 0.4 * (1 - coding.constant("grows")))


def test_the_coding_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "cases.md").read_text(encoding="utf-8")
    assert 5 <= len(coding.coefficients()) <= 9
    for c in coding.coefficients():
        assert c.low <= c.value <= c.high
        assert f"`{c.name}`" in page
    for name in INPUTS:
        assert f"`{name}`" in page or name.rsplit("_", 1)[0] in page
    assert all(node["why"] for kind in ("constants", "draws", "fallbacks") for node in coding.tables()[kind].values())


def test_list_names_every_episode(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cases", "list", "--json"]) == 0
    told = capsys.readouterr().out
    assert all(case.case_id in told for case in read_csv(TABLE).cases)
    assert all(name in told for name in CLASSES)


def test_an_empty_shelf_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="rubicon cases import"):
        shelf.load(tmp_path)
