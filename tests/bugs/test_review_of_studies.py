"""Mistakes found in review of sweeps, comparisons and the studies of one run, each with what showed it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from sim import draw as plots
from sim.cli import main
from sim.config import compose
from sim.errors import ConfigurationError
from sim.report import figures
from sim.results import RecordError, read_any
from sim.stats.designs import design
from sim.stats.estimates import wilson
from sim.studies.compare.comparison import pair_table
from sim.studies.sensitivity import reading
from sim.studies.sensitivity.indices import Indices, known
from sim.studies.sweep.figures import tornado
from sim.studies.sweep.figures.bands import effective, pooled, share_bands
from sim.studies.sweep.figures.swept import bins, counts, swept
from tests.conftest import undrawn
from tests.unit.test_plots import make_setting
from tests.unit.test_sweep_figures import DESIGNS, described, table

SMALL = ["figures.formats=[png]", "figures.dpi=30"]


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a refused command says."""
    assert main(list(words)) == 2
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    return shown


def test_pooled_bands_do_not_count_the_same_replicates_again() -> None:
    """400 runs at 25 points of one level had the interval of 10,000, though they were the same 400 crises."""
    columns = DESIGNS["two_and_option"]
    points = table(columns)
    axis = swept(points, described(columns))[0]
    owner, places = bins(axis)
    total = pooled(counts(points), owner, len(places))
    shared = share_bands(total, effective(owner, total, make_setting()))
    own = share_bands(total, effective(owner, total, {**make_setting(), "luck": "independent"}))
    n = int(points["n"][0])
    share = total[0, 2] / total[0].sum()
    assert (shared[0][0, 2], shared[1][0, 2]) == pytest.approx(wilson(round(share * n), n), abs=0.003)
    assert np.all(shared[1] - shared[0] > 3 * (own[1] - own[0])), "20 points a level: their width goes with 1/sqrt(20)"


def test_points_that_are_copies_get_the_band_of_one_of_them() -> None:
    one = np.array([[30, 0, 20, 50, 0, 0]])
    owner, many = np.zeros(25, int), np.repeat(one, 25, axis=0)
    total = pooled(many, owner, 1)
    alone = share_bands(one, np.array([100.0]))
    assert np.allclose(share_bands(total, effective(owner, total, {})), alone)


def test_a_tornado_shows_both_ends_and_doubt_at_a_share_of_none() -> None:
    columns = DESIGNS["oat_small"]
    points = table(columns)
    main_ending = int(np.argmax(counts(points)[0]))
    name = [key for key in points if key.startswith("count_")][main_ending]
    points[name] = points[name].copy()
    points[name][[1, 2]] = 0  # both ends of the first number lie on one side, at a share of 0
    fig = plots.draw("tornado", points=points, setting=make_setting(), axes=described(columns))
    bars = [patch for patch in fig.axes[0].patches if abs(patch.get_width()) > 1e-9]
    heights = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in bars]
    assert all(a[1] <= b[0] or b[1] <= a[0] for i, a in enumerate(heights) for b in heights[:i]), "no bar hides another"
    (_, _, (values, bands)), *_ = tornado._outputs(points, counts(points), main_ending)
    assert values[1] == 0.0
    assert bands[1].tolist() == pytest.approx(wilson(0, int(points["n"][1])))


STILL = {"N": [16]}


def lucky(half: float) -> Indices:
    """Indices of two numbers, the first far ahead, known to +- half."""
    st, wide = np.array([0.9, 0.1]), np.full(2, half)
    names = ("forces.R0", "society.beta")
    given = {"names": names, "s1": st, "st": st, "s1_half": wide, "st_half": wide, "constant": False}
    found = object.__new__(Indices)
    for key, value in given.items():
        object.__setattr__(found, key, value)
    return found


@pytest.mark.parametrize(("half", "luck"), [(0.02, 0.5), (0.3, 0.0)])
def test_no_sentence_is_sure_where_a_warning_doubts_it(half: float, luck: float) -> None:
    sure = " ".join(reading.of_indices("the share", lucky(0.02), 0.01, STILL))
    assert known(lucky(0.02), 0.01)
    assert "comes first is settled" in sure
    said = " ".join(reading.of_indices("the share", lucky(half), luck, STILL))
    assert "is not known from this study" in said
    assert not any(word in said for word in ("explains", "settled", "alone"))
    assert reading.of_submodels("the share", lucky(half), luck) == []
    moved = {"N": [8, 16]} | {name: {"ST": [0.9, 0.8]} for name in lucky(0.02).names}
    assert "still moved" in " ".join(reading.of_indices("the share", lucky(0.02), 0.01, moved))


def test_a_study_that_is_all_luck_explains_nothing(
    tmp_path: Path, blank_figures: None, capsys: pytest.CaptureFixture[str]
) -> None:
    axes = ["R0=interval(4,4.0001)", "beta=interval(0.05,0.06)", "screen=false", "submodels=false"]
    size = ["points=32", "replications=20", "resamples=20", "name=x", f"out={tmp_path}"]
    assert main(["sensitivity", *axes, *size, *SMALL]) == 0
    shown = capsys.readouterr().out
    assert "Read out is the share of" in shown
    assert not any(word in shown for word in (" explains ", "is settled", "rests on judgement alone"))
    summary = json.loads((tmp_path / "sensitivity" / "historical" / "x" / "summary.json").read_text())
    assert summary["focus"] in summary["unknown"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    with undrawn():
        assert main(["run", "name=r", f"out={out}", "replications=20", "trajectories=2", *SMALL]) == 0
    return out / "run" / "historical" / "r"


def test_a_report_overwrites_nothing_but_reports(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.html"
    mine.write_text("<p>my own page</p>")
    assert "is no report of Rubicon" in told(capsys, "report", str(folder), "--to", str(mine))
    assert mine.read_text() == "<p>my own page</p>"
    assert "ends in .html" in told(capsys, "report", str(folder), "--to", str(folder / "runs.parquet"))
    assert "there is no folder" in told(capsys, "report", str(folder), "--to", str(tmp_path / "no" / "x.html"))
    assert not (tmp_path / "no").exists()
    assert main(["report", str(folder), "--to", str(mine), "--force"]) == 0
    assert main(["report", str(folder), "--to", str(mine)]) == 0, "now it is one of ours"


def test_an_export_takes_known_endings_and_makes_no_trees(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "ends in .xlsx" in told(capsys, "export", str(folder), "--to", str(tmp_path / "s.xlsx"))
    assert "there is no folder" in told(capsys, "export", str(folder), "--to", str(tmp_path / "a" / "b"))
    assert not list(tmp_path.iterdir())
    assert main(["export", str(folder), "--to", str(tmp_path / "all")]) == 0
    assert {path.suffix for path in (tmp_path / "all").iterdir()} == {".csv"}


def test_a_table_with_long_labels_keeps_its_numbers_at_a_hundred_columns() -> None:
    entry = {"reference": 0.5, "other": 0.25, "difference": -0.25, "low": -0.31, "high": -0.19, "direction": "lower",
             "settled": True, "unit": "share"}  # fmt: skip
    pair = {"reference": "a" * 60, "other": "b" * 60, "differences": {"government_concedes": entry}}
    out = Console(width=100, file=io.StringIO())
    out.print(pair_table({"replications": 300, "seed": 1, "claims": 9, "level": 0.95}, pair))
    assert isinstance(out.file, io.StringIO)
    shown = out.file.getvalue()
    flat = "".join(shown.split())
    assert all(text in flat for text in ("-25.00", "-31.00to-19.00", "yes,lower", "a" * 60, "b" * 60, "(A)", "(B)"))
    assert "…" not in shown
    row = next(line for line in shown.splitlines() if "government_concedes" in line)
    assert row.split() == ["government_concedes", "50.00", "25.00", "-25.00", "-31.00", "to", "-19.00", "yes,", "lower"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["tension", "history=true", "replicate=17"], "history=true takes history itself"),
        (["hinge", "ensemble=2", "replicate=5"], "ensemble=2 takes replicates 0 to 1"),
        (["hinge", "ensemble=0"], "ensemble=0 is not allowed"),
        (["compare", "runs=[a,b]", "R0=8"], "finished runs are compared as they were played"),
        (["compare", "R0=4,8"], "use `rubicon sweep`, or -m"),
        (["run", "R0=4,8"], "use `rubicon sweep`, or -m"),
        (["compare", "replications=2.5"], "replications=2.5 is not allowed; give a whole number"),
        (["sweep", "threads=1,2"], "'threads' cannot be an axis"),
        (["sweep", "sweep.design=table"], "give sweep.table=FILE"),
    ],
)
def test_what_would_be_ignored_or_is_unclear_is_said(
    words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says in told(capsys, *words, f"out={tmp_path}")
    assert not list(tmp_path.iterdir())


def test_an_unknown_key_names_three_and_no_wall(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, "run", "zzzqqq=3")
    assert said.partition("Nearest: ")[2].partition(". ")[0].count(", ") == 2
    assert len(said) < 250


def test_a_folder_of_another_verb_is_named(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "R0=4,8", "replications=10", "name=s", f"out={tmp_path}", *SMALL]) == 0
    capsys.readouterr()
    other = tmp_path / "sweep" / "historical" / "s"
    assert "is a folder of `rubicon sweep`" in told(capsys, "compare", f"runs=[{folder},{other}]", f"out={tmp_path}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("R0,k_st\n4,0.2\n5\n", r"row 2 has 1 cells and the heading has 2"),
        ("R0;k_st\n4;0.2\n5;0.1;7\n", r"row 2 has 3 cells"),
        ("R0,R0\n4,5\n", r"the heading has 'R0' twice"),
        ("R0,\n4,5\n", r"column 2 has no name"),
        ("", r"is empty"),
        (b"R0\n\xff\xfe\n", r"save it as text in UTF-8"),
    ],
)
def test_a_bad_table_names_its_row_or_column(text: str | bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RecordError, match=says) as error:
        read_any(path)
    assert "\n" not in str(error.value)


def test_a_damaged_parquet_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"not parquet at all, and long enough to be opened")
    with pytest.raises(RecordError, match=r"cannot be read as parquet") as error:
        read_any(tmp_path / "t.parquet")
    assert "\n" not in str(error.value)


def test_a_good_table_is_read_as_it_stands(tmp_path: Path) -> None:
    """As text: what a cell is worth is for its column to say."""
    path = tmp_path / "it's a täble.csv"
    path.write_bytes('\ufeffscenario;R0\r\n"core";4,5\r\n\r\nhistorical;6\r\n'.replace("4,5", "4.5").encode())
    found = read_any(path)
    assert {name: values.tolist() for name, values in found.items()} == {
        "scenario": ["core", "historical"], "R0": ["4.5", "6"]
    }  # fmt: skip


def test_flags_may_be_true_or_false_everywhere(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("switches.mediation,R0\ntrue,4\nfalse,5\ntrue,4\n")
    made = design("table", [], points=1, levels=2, seed=1, table=read_any(tmp_path / "t.csv"))
    assert made.columns["switches.mediation"].tolist() == [1.0, 0.0, 1.0]
    assert made.notes == ("row 3 of the table is the same point as row 1; each is played.",)
    for text in ("switches.mediation=false", "switches.mediation=0"):
        assert compose([text]).values["switches.mediation"] == 0
    axes = compose(["switches.mediation=true,false"], verb="sweep").choices["sweep"]["axes"]
    assert list(axes["switches.mediation"]) == [1, 0]
    with pytest.raises(ConfigurationError, match="R0=True is not a number"):
        compose(["R0=true"])


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_figure_that_has_nothing_to_draw_is_left_out_of_the_report(kind: str, tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    for name, of in (("phase_diagram", "still"), ("response_curves", "one")):
        page = plots.draw(name, points=table(DESIGNS[of]), setting=make_setting(), axes=described(DESIGNS[of]))
        page.savefig(
            tmp_path / "figures" / f"{name}.{kind}", dpi=30, metadata={"Date": None} if kind == "svg" else None
        )
    assert [figure.name for figure in figures.figures(tmp_path)] == ["response_curves"]


def test_an_empty_answer_says_so_with_its_columns(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", str(folder), "select replicate, outcome from runs where replicate < 0"]) == 0
    assert capsys.readouterr().out == "0 rows; columns: replicate, outcome\n"


def test_a_line_without_a_turning_point_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = ["continuations=2", "what_if=0", "clock.horizon_h=2", f"out={tmp_path}", *SMALL]
    assert main(["tension", *few]) == 0
    assert "No turning point" in " ".join(capsys.readouterr().out.split())


def test_a_capsule_takes_equal_numbers_for_the_same() -> None:
    """0 and 0.0 are equal, so no difference was noted between them; yet their digests differed."""
    from sim.results.capsule import fingerprint

    assert fingerprint({"a": [0, 1.5]}) == fingerprint({"a": (0.0, 1.5)})
    assert fingerprint({"a": 0}) != fingerprint({"a": 0.5})
