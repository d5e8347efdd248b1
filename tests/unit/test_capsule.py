"""Capsules replay to the last bit, on either engine, or say what does not match."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim import cli
from sim.config import compose
from sim.engines.mesa import play_one
from sim.model.state import ENDINGS, OPTIONS, SEATS
from sim.results import finished
from sim.results.capsule import SINCE_FORMAT_1, Capsule, CapsuleError, Order, of_state, orders, parsed, read
from sim.scenario import Setting, build
from sim.studies.capsule.capsules import enclose, imposed, replay, setting_of
from sim.studies.hinge.deviations import deviations
from sim.studies.hinge.summary import hinges
from sim.studies.run.verb import run
from tests.conftest import crises

FORCED = (Order(15.5, "ruler", "advance"), Order(18.0, "leader", "hold"))
CASES: list[tuple[tuple[str, ...], tuple[Order, ...]]] = [
    ((), ()),
    (("scenario=no_mediator", "R0=8", "seed=5"), FORCED),
    (("doctrine=satisficing", "actors.ruler.doctrine=uniform", "doctrine.tilt=0.1"), FORCED[:1]),
    (("release_at_h=14",), ()),
    (("doctrine=historical_moves",), ()),
    (("clock.dt=0.25", "clock.horizon_h=12", "switches.calls=0"), (Order(3.25, "guard", "concede"),)),
]


@cache
def set_up(*overrides: str) -> Setting:
    return build(compose(overrides, verb="capsule"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "one.yaml"
    path.write_text(enclose(set_up("R0=8"), 17, FORCED).text())
    return path


@pytest.mark.parametrize(("overrides", "forced"), CASES)
def test_a_capsule_survives_its_text_and_replays_to_the_last_bit(
    overrides: tuple[str, ...], forced: tuple[Order, ...], tmp_path: Path
) -> None:
    of = set_up(*overrides)
    capsule = enclose(of, 3, forced)
    (tmp_path / "c.yaml").write_text(capsule.text())
    again = read(tmp_path / "c.yaml")
    assert again == capsule
    assert replay(again) == (True, [])
    back = setting_of(again)
    assert (back.settings.values, back.seed) == (of.settings.values, of.seed)
    state = play_one(back.params, imposed(back, again.orders), back.seed, 3)
    assert of_state(state.row()) == capsule.digests["state"], "the readable engine plays the same crisis"


def test_without_orders_it_is_the_run_itself() -> None:
    capsule = enclose(set_up(), 17, ())
    assert of_state(crises(set_up(), 1, first=17)) == capsule.digests["state"]
    assert capsule.config == {}
    assert capsule.text().count("\n") < 120, "short enough to read"


def test_it_holds_only_what_differs() -> None:
    changed = enclose(set_up("scenario=no_mediator", "R0=8", "replications=7", "figures.dpi=90"), 0, ())
    assert changed.config == {"forces.R0": 8.0, "actors.mediator.present": 0.0}


def test_orders_are_among_the_decisions_and_change_the_crisis() -> None:
    forced, free = enclose(set_up(), 17, FORCED), enclose(set_up(), 17, ())
    assert FORCED[0] in forced.decisions
    assert forced.digests["state"] != free.digests["state"]
    same = [d for d in forced.decisions if d.hour < 15.5]
    assert same == [d for d in free.decisions if d.hour < 15.5], "before the first order nothing differs"


def edited(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path


def play(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = cli.main(["capsule", "--play", str(path)])
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    return code, shown.out + shown.err


def test_played_from_the_command_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = play(file, capsys)
    assert (code, "replays bit for bit" in said) == (0, True)


def test_other_sources_are_named_though_the_bits_agree(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hash_ = read(file).source_hash
    code, said = play(edited(file, hash_, "f" * 64), capsys)
    assert code == 0
    assert "sources: other than those that wrote it" in said
    assert "replays bit for bit" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("forces.R0: 8.0", "forces.R0: 9.0", ("config: comes to other numbers", "final state: differs")),
        ("forces.R0: 8.0", "forces.RO: 8.0", ("config: does not match this version", "no 'forces.RO'")),
        ("forces.R0: 8.0", "forces.R0: 900.0", ("config: does not match this version", "out of range")),
        ("seed: 1", "seed: 2", ("decisions: part at number", "final state: differs")),
        ("hour: 15.5", "hour: 16", ("decisions: part at number",)),
        ("end_h: ", "end_h: 1", ("ending: ",)),
        ("scenario: historical", "scenario: nonsense", ("scenario: 'nonsense' in the file", "those of 'historical'")),
        ("scenario: historical", "scenario: no_mediator", ("scenario: 'no_mediator' in the file",)),
    ],
)
def test_a_tampered_capsule_says_what_does_not_match(
    old: str, new: str, said: tuple[str, ...], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, shown = play(edited(file, old, new), capsys)
    assert code == (1 if said else 0)
    assert all(part in shown for part in said), shown
    assert ("does NOT replay as recorded" in shown) == bool(said)


def test_a_decision_struck_out_is_found(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    last = str(read(file).decisions[-1])
    code, shown = play(edited(file, f"  - {last}\n", ""), capsys)
    assert code == 1
    assert f"{last} only in this version" in shown


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("capsule: 1", "capsule: 9", r"capsule: 9 is no format of this version; known: 1"),
        ("seed: 1", "seed: -1", r"seed: -1 is not allowed; it must be a whole number"),
        ("replicate: 17", "replicate: many", r"replicate: 'many' is not allowed"),
        (
            "seat: ruler, option: advance",
            "seat: king, option: advance",
            r"seat: 'king' is not allowed; it must be one of",
        ),
        ("seat: ruler, option: advance", "seat: ruler", r"is no order; write \{hour"),
        ("ending: ", "ended: ", r"lacks ending and has unknown keys ended"),
        ("  state: ", "  estate: ", r"digests: .* must be a mapping of config, decisions, state"),
        ("\nconfig:", "\nconfig: [", r"is no YAML"),
    ],
)
def test_a_malformed_capsule_is_one_sentence(
    old: str, new: str, sentence: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, shown = play(edited(file, old, new), capsys)
    assert code == 2
    assert re.search(sentence, shown), shown


@pytest.mark.parametrize("content", [None, 7, "text", [1], {}, {"capsule": 1}])
def test_what_is_no_capsule_is_refused(content: object) -> None:
    with pytest.raises(CapsuleError, match=r"^here"):
        parsed(content, "here")


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["capsule", "--play", str(tmp_path / "none.yaml")]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (Order(15.3, "ruler", "hold"), "its hour is no step here; give a multiple of 0.5 below 48"),
        (Order(48.0, "ruler", "hold"), "its hour is no step here"),
        (Order(3.0, "mediator", "hold"), "that seat is empty"),
    ],
)
def test_orders_that_cannot_be_obeyed_are_refused(order: Order, sentence: str) -> None:
    with pytest.raises(CapsuleError, match=sentence):
        enclose(set_up("scenario=no_mediator"), 0, [order])
    with pytest.raises(CapsuleError, match="two orders in one step"):
        enclose(set_up(), 0, [FORCED[0], FORCED[0]])


def test_written_from_the_command_line_with_orders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    forced = "orders=[{hour:15.5,seat:ruler,option:advance}]"
    assert cli.main(["capsule", "replicate=17", forced, f"out={tmp_path}"]) == 0
    folder = Path(capsys.readouterr().out.splitlines()[-1])
    assert folder.parent == tmp_path / "capsule" / "historical"
    assert read(folder / "capsule.yaml").orders == FORCED[:1]
    assert finished(folder).summary["ending"] == read(folder / "capsule.yaml").ending
    assert cli.main(["capsule", "--play", str(folder)]) == cli.main(["capsule", "--play", str(folder / "capsule.yaml")])
    assert capsys.readouterr().out.count("replays bit for bit") == 2
    assert cli.main(["report", str(folder)]) == 0
    assert "ruler" in (folder / "report.html").read_text()
    assert cli.main(["capsule", "orders=[{hour:15.5}]", f"out={tmp_path}"]) == 2
    assert "orders, entry 1" in capsys.readouterr().err


def test_taken_from_a_recorded_run(tmp_path: Path, blank_figures: None, capsys: pytest.CaptureFixture[str]) -> None:
    small = ("replications=6", "trajectories=2", "figures.formats=[svg]", "figures.dpi=20", "name=r", f"out={tmp_path}")
    folder = run(build(compose(["scenario=no_mediator", "seed=4", *small])))
    capsys.readouterr()
    assert cli.main(["capsule", str(folder), "--replicate", "5"]) == 0
    written = Path(capsys.readouterr().out.splitlines()[-1])
    assert written.parent == folder / "capsules"
    capsule = read(written)
    assert (capsule.seed, capsule.replicate, capsule.scenario) == (4, 5, "no_mediator")
    assert capsule.digests["state"] == of_state(crises(set_up("scenario=no_mediator"), 1, seed=4, first=5))
    assert cli.main(["capsule", str(folder), "--replicate", "6"]) == 2
    assert "replicates 0 to 5" in capsys.readouterr().err


def test_orders_as_plain_data() -> None:
    assert orders([{"hour": 3, "seat": "guard", "option": "hold"}], "x") == (Order(3.0, "guard", "hold"),)
    with pytest.raises(CapsuleError, match="x must be a list"):
        orders("3 guard hold", "x")
    with pytest.raises(CapsuleError, match="hour: nan"):
        orders([{"hour": float("nan"), "seat": "guard", "option": "hold"}], "x")


def test_the_digest_sees_every_field_that_the_format_knows() -> None:
    row = crises(set_up(), 1)
    before = of_state(row)
    for name in row.dtype.names or ():
        other = row.copy()
        raw = np.atleast_1d(other[name])
        raw.flat[-1] += 1
        other[name] = raw
        assert (of_state(other) == before) == (name in SINCE_FORMAT_1), name
    assert isinstance(enclose(set_up(), 0, ()), Capsule)


def test_a_hinge_can_be_put_in_a_capsule() -> None:
    """A decision that `rubicon hinge` names is an order: the capsule under it ends as the hinge says."""
    of, whose = set_up(), np.array([17])
    endings, table = deviations(of.params, seed=1, replicate=whose, script=of.script, progress=lambda done: None)
    i = int(np.flatnonzero(hinges(endings, table, 0.05))[-1])
    order = Order(table["step"][i] * 0.5, SEATS[table["seat"][i]], OPTIONS[table["option"][i]])
    assert enclose(of, 17, [order]).ending == ENDINGS[table["ending"][i]] != ENDINGS[endings[0]]


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[1] / "data" / "capsules").glob("*.yaml")), ids=lambda p: p.stem
)
def test_a_capsule_of_an_earlier_house_replays_bit_for_bit(path: Path) -> None:
    """Written by version 0.1.0 before rules moved: only the sources are other ones."""
    same, said = replay(read(path))
    assert same
    assert [line.split(":")[0] for line in said] == ["sources"]
