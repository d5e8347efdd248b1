"""`rubicon report`: one file that holds everything, for every verb, whatever the names in it."""

from __future__ import annotations

import base64
import json
import re
import shlex
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import results as record
from sim.catalog import catalogue
from sim.cli import main
from sim.config import compose
from sim.model.state import ENDINGS
from sim.report import figures, generic, setting, verbs
from sim.report.page import html

RUN = ["replications=80", "trajectories=4", "seed=3", "figures.formats=[svg,png]", "figures.dpi=30"]
VOID = {"meta", "img", "br", "hr", "link", "input"}
HOSTILE = "<script>alert('x')</script> \"quoted\" & {{ 7*7 }}"


class Reader(HTMLParser):
    """Tags in order with their attributes; fails on a tag that is closed wrongly or left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).replace("\N{NO-BREAK SPACE}", " ").split())


def reported(folder: Path) -> tuple[str, Reader]:
    assert main(["report", str(folder)]) == 0
    text = (folder / "report.html").read_text(encoding="utf-8")
    return text, Reader(text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    assert main(["run", "scenario=no_mediator", "R0=8", "name=small", f"out={out}", *RUN]) == 0
    return out / "run" / "no_mediator" / "small"


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    asked = ["scenario=historical,no_mediator", "R0=4,8", "replications=20", "figures.formats=[png]", "figures.dpi=30"]
    assert main(["sweep", "name=small", f"out={out}", *asked]) == 0
    return out / "sweep" / "historical" / "small"


def made_up(place: Path, verb: str, summary: dict[str, Any], **manifest: Any) -> record.Finished:
    """A finished directory of a verb that wrote this summary."""
    place.mkdir(parents=True, exist_ok=True)
    text = compose(["scenario=no_mediator"]).text
    record.write_json(place / "summary.json", summary)
    record.write_json(place / "manifest.json", {"verb": verb, "scenario": "no_mediator", "seed": 1, **manifest})
    record.write_text(place / "config.yaml", text)
    return record.finished(place)


def test_it_loads_nothing_and_is_whole(folder: Path) -> None:
    text, page = reported(folder)
    for tag, attributes in page.tags:
        assert tag not in ("script", "link", "iframe", "object", "embed", "base"), tag
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "srcset", "data", "poster"):
            target = attributes.get(name) or ""
            assert not target or target.startswith(("data:", "#")), f"{tag} loads {target[:60]}"
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert ("html", {"lang": "en"}) in page.tags


def test_contents_lead_to_headings_and_ids_are_unique(folder: Path) -> None:
    _, page = reported(folder)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [str(attributes["href"])[1:] for tag, attributes in page.tags if tag == "a"]
    assert set(links) <= set(ids)
    sections = [attributes["id"] for tag, attributes in page.tags if tag == "section"]
    assert links == sections
    assert sections == ["question", "answer", "setting", "figures", "tables", "canaries", "debt", "again", "limits"]


def test_every_figure_is_in_it_with_words_for_those_who_do_not_see_it(folder: Path) -> None:
    _, page = reported(folder)
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    drawn = {path.stem for path in (folder / "figures").iterdir()}
    assert len(images) == len(drawn) == 7
    files = {path.read_bytes() for path in (folder / "figures").iterdir()}
    for image in images:
        assert len(str(image["alt"])) > 60
        kind, _, data = str(image["src"]).partition(";base64,")
        assert kind in ("data:image/png", "data:image/svg+xml")
        assert base64.b64decode(data) in files
    headline = figures._texts(folder / "figures" / "outcome_shares.svg")[0]
    assert str(images[0]["alt"]).startswith(headline)


def test_tables_have_headings_with_scope_and_rows_of_one_length(folder: Path) -> None:
    text, page = reported(folder)
    assert {attributes.get("scope") for tag, attributes in page.tags if tag == "th"} == {"col", "row"}
    for table in re.findall(r"<table>.*?</table>", text, re.DOTALL):
        assert table.count("<caption>") == 1
        rows = [len(re.findall(r"<t[hd][ >]", row)) for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)]
        assert len(set(rows)) == 1
        assert rows[0] > 0


def test_the_answer_has_the_numbers_of_the_summary(folder: Path) -> None:
    _, page = reported(folder)
    told = json.loads((folder / "summary.json").read_text())
    first = max(told["outcomes"].values(), key=lambda entry: entry["count"])
    assert f"Of 80 crises {100 * first['share']:.1f} %" in page.text
    assert f"{told['medians']['duration_h']['median']:g} hours" in page.text
    assert "No outside head of state" in page.text


def test_only_what_differs_from_historical_is_listed(folder: Path) -> None:
    changed = {p.path: value for p, value in setting.numbers_changed(record.finished(folder).config)}
    assert changed == {"forces.R0": 8.0, "actors.mediator.present": 0.0}
    assert not list(setting.labels_changed(record.finished(folder).config))
    other = record.finished(folder).config | {"doctrine": {"name": "cautious", "rule": "quantal"}}
    assert ("doctrine.name", "quantal", "cautious") in list(setting.labels_changed(other))
    _, page = reported(folder)
    assert catalogue()["forces.R0"].source[:30] in page.text


def test_the_command_makes_the_same_table_again(folder: Path, tmp_path: Path) -> None:
    words = shlex.split(setting.command(record.finished(folder)))
    assert words[0] == "rubicon"
    assert "seed=3" in words
    assert not any(word.startswith(("out=", "name=")) for word in words)
    assert main([*words[1:], f"out={tmp_path}", "name=again", "figures.formats=[png]", "figures.dpi=20"]) == 0
    again = record.finished(tmp_path / "run" / "no_mediator" / "again")
    assert again.manifest["digest"] == record.finished(folder).manifest["digest"]


def test_the_same_directory_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    first, _ = reported(folder)
    for _ in range(2):  # a report may be written over a report
        assert main(["report", str(folder), "--to", str(tmp_path / "again.html")]) == 0
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == first


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    mine = tmp_path / "mine" / "scenario"
    mine.mkdir(parents=True)
    body = {"about": HOSTILE, "forces": {"R0": 9}, "actors": {"leader": {"title": HOSTILE}}}
    (mine / "my_own.yaml").write_text(f"# @package _global_\n{json.dumps(body)}\n", encoding="utf-8")
    assert main(["run", "--config-dir", str(mine.parent), "scenario=my_own", f"out={tmp_path}", "name=x", *RUN]) == 0
    text, page = reported(tmp_path / "run" / "my_own" / "x")
    assert "<script" not in text
    assert f"my_own : {HOSTILE}" in page.text
    assert "actors.leader.title" in page.text
    assert "forces.R0" in page.text
    assert "--config-dir FOLDER" in page.text


def test_a_sweep_is_reported_with_axes_points_and_canaries(swept: Path) -> None:
    _, page = reported(swept)
    told = json.loads((swept / "summary.json").read_text())
    assert "(grid) has 4 points over 2 axes, 80 runs in all" in page.text
    assert told["conclusions"][0] in page.text
    assert told["canaries"]
    assert all(canary["name"] in page.text for canary in told["canaries"])
    assert "Numbers that no_mediator changes" in page.text
    points = record.read_table(swept / "summary.parquet")
    assert f"{100 * points['share_crushed'][0]:.1f} %" in page.text


def test_a_failed_canary_comes_first_and_is_marked(tmp_path: Path) -> None:
    birds = [{"name": "one", "passed": True, "text": "sang"}, {"name": "two", "passed": False, "text": "fell silent"}]
    done = made_up(tmp_path / "x", "unheard", {"canaries": birds})
    page = Reader(html(done))
    assert page.text.index("two : fell silent") < page.text.index("one : sang")
    assert sum(attributes.get("class") == "chip bad" for _, attributes in page.tags) == 1


def test_a_comparison_tells_what_is_settled_and_what_is_not(tmp_path: Path) -> None:
    entry = {"reference": 0.5, "other": 0.2, "difference": -0.3, "low": -0.34, "high": -0.26, "settled": True}
    loose = {"reference": 0.1, "other": 0.11, "difference": 0.01, "low": -0.02, "high": 0.04, "settled": False}
    differences = {"negotiated_exit": entry | {"unit": "share"}, "crushed": loose | {"unit": "share", "more": 9000}}
    pair = {"reference": "historical", "other": "no_mediator", "identical": False, "differences": differences}
    pair["transitions"] = {a: {b: 7 if a == b else 0 for b in ENDINGS} for a in ENDINGS}
    done = made_up(tmp_path / "x", "compare", {"replications": 500, "level": 0.95, "pairs": {"a - b": pair}})
    text = Reader(html(done)).text
    assert "the share of a negotiated exit falls from 50.0 % to 20.0 % (-34.0 to -26.0 points)." in text
    assert "Not settled between no_mediator and historical : the share of a crushed rebellion." in text
    assert "about 9,000 more runs needed" in text
    same = pair | {"identical": True}
    done = made_up(tmp_path / "y", "compare", {"replications": 500, "pairs": {"a - b": same}})
    assert verbs.conclusions(done) == [
        "`no_mediator` and `historical` are identical in every run: every difference is exactly zero."
    ]


def test_every_setting_of_a_comparison_is_told_apart(tmp_path: Path) -> None:
    sets = [{"label": "a", "overrides": ["R0=8"]}, {"label": "b", "overrides": ["scenario=no_oka_line", "forces.R0=6"]}]
    done = made_up(tmp_path / "x", "compare", {"settings": sets, "pairs": {}, "replications": 1})
    first, second = setting.arms(done)
    assert [(p.path, value) for p, value in first.numbers] == [("forces.R0", 8.0)]
    assert {p.path: value for p, value in second.numbers} == {"forces.L_max": 0.0, "forces.R0": 6.0}
    text = Reader(html(done)).text
    assert "Numbers that b changes" in text
    assert "Nothing is prepared at the river" in text


def test_a_verb_that_nobody_here_knows_is_reported_from_its_summary(tmp_path: Path) -> None:
    rows = [{"hour": 1.5, "who": "leader"}, {"hour": 2.0, "who": "ruler"}]
    branch = {"crushed": {"share": 0.25, "n": 4}, "prolonged": {"share": None, "n": 12345}}
    done = made_up(tmp_path / "x", "unheard", {"reading": ["It held."], "count": 7, "rows": rows, "of": {"by": branch}})
    made = {table.caption: table for table in generic.tables(done.summary)}
    assert made["Main numbers"].rows == [("count", "7")]
    assert made["Rows"].rows == [("1", "1.5", "leader"), ("2", "2", "ruler")]
    assert made["Of: by"].rows == [("crushed", "0.25", "4"), ("prolonged", "\N{EN DASH}", "12,345")]
    text = Reader(html(done)).text
    assert "It held." in text
    assert "What does rubicon unheard find here?" in text


def test_the_assumption_debt_counts_grades(tmp_path: Path) -> None:
    done = made_up(tmp_path / "x", "run", {})
    told, (table,) = setting.debt(done)
    every = [p.grade for p in catalogue().values()]
    assert [row[2] for row in table.rows] == [f"{every.count(grade):,}" for grade in ("A", "B", "C", "judgement")]
    assert sum(int(row[3]) for row in table.rows) == 1  # no_mediator changes one number
    assert f"Of the {len(every)} numbers" in told[0]


def test_mistakes_are_explained(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main(["report", str(tmp_path / "nowhere")]) == 2
    assert "is no run directory" in capsys.readouterr().err
    assert main(["report", str(folder), "--to", str(tmp_path / "file" / "x.html")]) == 2
    assert "choose another with --to" in capsys.readouterr().err


def test_long_tables_are_cut_and_say_so() -> None:
    rows = {f"p{i}": {"a": i, "b": float(np.sqrt(i))} for i in range(100)}
    (table,) = generic.tables({"many": rows})
    assert len(table.rows) == generic.MOST_ROWS
    assert "of 100 rows" in table.note
