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


def changed(at: int = 0, **fields: str) -> list[dict[str, str]]:
    """The first three episodes, one of them with other fields."""
    three = rows()[:3]
    three[at] = three[at] | fields
    return three


def bring(path: Path, table: list[dict[str, str]], *more: str) -> int:
    return main(["cases", "import", str(write(path / "table.csv", table)), "--to", str(path / "shelf"), *more])


@pytest.mark.parametrize(
    "text", ["0,435", "1,2345", "1,500", "12,5", "1.500,5", "1 500", "1_500", "~300", "<50", "300 km", "-3", "1e999",
             "many", "0x10", "10:30", "yes", "\N{ARABIC-INDIC DIGIT THREE}", "=1+2", "+5", "inf"],
)  # fmt: skip
@pytest.mark.parametrize("column", ["dist_km_start", "deaths_central"])
def test_a_number_in_another_form_is_refused_with_its_line_and_column(
    text: str, column: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring(tmp_path, changed(1, **{column: text})) == 2
    told = capsys.readouterr().err
    assert f"line 3 ('{rows()[1]['case_id']}'): {column} {text!r} is not a" in told
    assert "such as 0.435 or 1500" in told
    assert not (tmp_path / "shelf").exists(), "all or none"


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.435", 0.435), ("1500", 1500), (" 12.5 ", 12.5), ("1e3", 1000), ("0", 0), ("", None), ("NA", None)],
)
def test_a_plain_number_is_taken_as_it_is(text: str, value: float | None, tmp_path: Path) -> None:
    assert bring(tmp_path, changed(dist_km_start=text)) == 0
    [case] = [case for case in shelf.load(tmp_path / "shelf") if case.case_id == rows()[0]["case_id"]]
    assert case.numbers["dist_km_start"] == value


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 1e300), st.integers(0, 10**15))
def test_any_number_comes_back_from_the_shelf_to_the_last_bit(distance: float, men: int) -> None:
    import yaml

    row = rows()[0] | {"dist_km_start": repr(distance), "rebels_high": str(men)}
    case = read_rows([row], "here").cases[0]
    assert case.numbers["dist_km_start"] == distance
    assert yaml.safe_load(shelf.text(case))["inputs"]["dist_km_start"] == distance
    assert case.numbers["rebels_high"] == men


def separated(path: Path, mark: str, table: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]), delimiter=mark)
        writer.writeheader()
        writer.writerows(table)
    return path


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_table_with_semicolons_may_have_decimal_commas_if_nothing_is_in_doubt(mark: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    with_commas = changed(dist_km_start="0,435", hours_to_capital="12,5", demands="first this; then that, or so")
    case = read_csv(separated(path, mark, with_commas), strict=True).cases[0]
    assert (case.numbers["dist_km_start"], case.numbers["hours_to_capital"]) == (0.435, 12.5)
    assert case.withheld["demands"] == "first this; then that, or so"
    for other in ("1,500", "0.5"):  # perhaps thousands; or a point and a comma in one table
        with pytest.raises(CaseError, match="is not a plain number"):
            read_csv(separated(path, mark, changed(dist_km_start="0,435", hours_to_capital=other)), strict=True)
    plain = read_csv(separated(path, mark, rows()), strict=True).cases
    assert plain == read_csv(TABLE).cases


@pytest.mark.parametrize(
    "name", ["a/b", "../evil", ".hidden", "CON", "nul", "com1.x", "coding", "Coding", "", " ", ".", "..", "a\\b", "a:b",
             "Côte d'Ivoire", "x" * 101, "a b", "-rf", "a.", "\u202egnol", "ⅷ", "a\x00b", "/etc/passwd", "C:evil",
             "~root"],
)  # fmt: skip
def test_an_id_that_is_no_plain_name_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bring(tmp_path, changed(2, case_id=name)) == 2
    assert "case_id" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


@pytest.mark.parametrize(("one", "other"), [("case", "CASE"), ("case", "case"), ("a_b", "A_b")])
def test_two_episodes_that_one_file_would_hold_are_refused(one: str, other: str, tmp_path: Path) -> None:
    table = rows()[:3]
    table[0]["case_id"], table[2]["case_id"] = one, other
    assert bring(tmp_path, table) == 2
    assert not (tmp_path / "shelf").exists()


def test_a_row_that_has_slipped_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "table.csv", rows()[:3])
    lines = path.read_text(encoding="utf-8").splitlines()
    for slipped, word in ((lines[2] + ",more", "line 3: "), (lines[2].rsplit(",", 1)[0], "line 3: ")):
        path.write_text("\n".join([*lines[:2], slipped, lines[3]]), encoding="utf-8")
        with pytest.raises(CaseError, match=word):
            read_csv(path)
    path.write_text("\n".join([lines[0].replace("tier", "cluster"), *lines[1:]]), encoding="utf-8")
    with pytest.raises(CaseError, match="two columns 'cluster'"):
        read_csv(path)


def test_what_stands_on_a_shelf_is_not_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "shelf"
    assert bring(tmp_path, changed()) == bring(tmp_path, changed()) == 0, "the same again is no loss"
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    assert bring(tmp_path, [*rows()[3:5], *changed(dist_km_start="77")]) == 2
    assert "--force" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before, "all or none"
    assert bring(tmp_path, changed(case_id=rows()[0]["case_id"].upper()), "--force") == 2
    assert "capitals" in capsys.readouterr().err
    assert bring(tmp_path, changed(dist_km_start="77"), "--force") == 0
    assert {case.case_id: case.numbers["dist_km_start"] for case in shelf.load(place)}[rows()[0]["case_id"]] == 77


def test_an_import_that_breaks_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim import results as record

    done: list[Path] = []

    def full(path: Path, text: str) -> None:
        if len(done) == 2:
            raise OSError(28, "No space left on device")
        done.append(path)
        path.write_text(text, encoding="utf-8")

    monkeypatch.setattr(record, "write_text", full)
    assert bring(tmp_path, changed()) == 2
    assert list((tmp_path / "shelf").iterdir()) == []


def test_episodes_go_to_a_folder_of_the_users_and_never_into_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sim

    path = write(tmp_path / "table.csv", changed())
    monkeypatch.chdir(tmp_path)
    assert main(["cases", "import", "table.csv"]) == 0
    assert len(list((tmp_path / "cases").glob("*.yaml"))) == 3
    inside = Path(sim.__file__).parent / "conf" / "cases"
    assert main(["cases", "import", str(path), "--to", str(inside)]) == 2
    assert not inside.exists()
    (tmp_path / "link").symlink_to(inside.parents[1])
    assert main(["cases", "import", str(path), "--to", "link"]) == 2


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
