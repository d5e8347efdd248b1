"""The game of a crisis: its .efg text, its equilibria, and what the verb writes."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import yaml

from sim.config import compose
from sim.errors import ConfigurationError
from sim.model.rules.appraise import standing_down_value
from sim.scenario import Setting, build
from sim.studies.game.efg import Chance, Game, GameError, Leaf, Move, read, walk, write
from sim.studies.game.efg_crisis import beta_quantiles, reduce
from sim.studies.game.efg_qre import branch, form, payoff, regrets
from sim.studies.game.verb import by_gambit, game, limit, moment

DATA = Path(__file__).parents[1] / "data"
GAMBIT = yaml.safe_load((DATA / "gambit_crisis.yaml").read_text(encoding="utf-8"))
TEXT = (DATA / "crisis.efg").read_text(encoding="utf-8")
SMALL = ("continuations=60", "types=2", "lambdas=5", "gambit=false", "seed=1", "figures.formats=[svg]")


def asked(*overrides: str) -> Setting:
    return build(compose([*SMALL, *overrides], verb="game"))


def reduced_of(of: Setting, types: int) -> Game:
    seed, replicate = of.seed, of.settings.replicate
    return reduce(moment(of), of.params, seed=seed, replicate=replicate, types=types, title="a moment").game


def half(x: float) -> Fraction:
    return Fraction(x).limit_denominator(1000)


def coordination(signal: bool) -> Game:
    """Chance draws left or right; two players, the second seeing the draw or not, win by naming it together."""

    def leaf(truth: int, i: int, j: int) -> Leaf:
        return Leaf(f"{truth}{i}{j}", (half(2.0 if i == j == truth else 0.5 * (i == j)), half(1.0 * (j == truth))))

    def second(truth: int, i: int) -> Move:
        label = f"told {truth}" if signal else "blind"
        return Move(1, label, tuple((str(j), leaf(truth, i, j)) for j in range(2)))

    def first(truth: int) -> Move:
        return Move(0, "first", tuple((str(i), second(truth, i)) for i in range(2)))

    odds = (Fraction(2, 3), Fraction(1, 3))
    return Game(
        "coordination", "", ("one", "two"), Chance("draw", tuple((str(t), odds[t], first(t)) for t in range(2)))
    )


@pytest.mark.parametrize(("scenario", "replicate", "hour"), [("historical", 17, 22), ("core", 3, 20),
                                                             ("no_mediator", 5, 22), ("core", 3, 12)])  # fmt: skip
@pytest.mark.parametrize("types", [1, 3])
def test_a_crisis_written_and_read_is_the_same_game(scenario: str, replicate: int, hour: int, types: int) -> None:
    of = asked(f"scenario={scenario}", f"replicate={replicate}", f"hour={hour}")
    tree = reduced_of(of, types)
    assert read(write(tree)) == tree
    assert write(read(write(tree))) == write(tree)
    leaves = [node for node in walk(tree.root) if isinstance(node, Leaf)]
    assert len(leaves) >= 16 * types**2
    assert len({leaf.name for leaf in leaves}) == len(leaves)


def test_gambit_opens_the_export_and_gives_it_back() -> None:
    gambit = pytest.importorskip("pygambit", reason="Gambit is the optional extra [games]")
    theirs = gambit.read_efg(BytesIO(TEXT.encode()))
    assert read(theirs.to_efg()) == read(TEXT)


def test_the_stored_game_is_the_one_that_the_model_gives() -> None:
    of = asked("scenario=historical", "replicate=17", "hour=22")
    tree = reduced_of(of, 2)
    assert replace(tree, title=read(TEXT).title) == read(TEXT), "rules have changed: make tests/data/crisis.efg anew"


@pytest.mark.parametrize("place", range(len(GAMBIT["lambdas"])))
def test_mckelvey_palfrey_1998_equilibria_are_those_that_gambit_found(place: int) -> None:
    f = form(read(TEXT))
    assert [[("leader", "ruler", "mediator")[one.player], one.label] for one in f.sets] == GAMBIT["sets"]
    mine = branch(f, [GAMBIT["lambdas"][place]])[0].chance
    assert mine == pytest.approx(GAMBIT["qre"][place], abs=1e-7)


def test_gambits_nash_equilibrium_leaves_nobody_a_gain() -> None:
    """Our own check of best replies, of the whole strategy, on an equilibrium not ours; and ours tends to it."""
    f = form(read(TEXT))
    theirs = np.array(GAMBIT["nash"][0])
    assert regrets(f, theirs).max() < 1e-4
    spoilt = theirs.copy()
    spoilt[:4] = [1.0, 0.0, 0.0, 0.0]
    assert regrets(f, spoilt)[0] > 1e-3
    last = limit(f).chance
    reached = [h for h in range(len(f.sets)) if f.sets[h].label in ("leader, low", "ruler, low", "mediator")]
    for h in reached:
        assert last[f.of == h] == pytest.approx(theirs[f.of == h], abs=1e-3)


def test_each_action_has_the_odds_of_its_payoff() -> None:
    """The definition, checked by another way than the solver's: payoffs by forcing each action in turn."""
    f = form(coordination(signal=True))
    at = branch(f, [3.0])[0].chance
    for h, one in enumerate(f.sets):
        actions = np.flatnonzero(f.of == h)
        forced = []
        for a in actions:
            chance = at.copy()
            chance[actions] = 0.0
            chance[a] = 1.0
            forced.append(payoff(f, chance)[one.player])
        through = np.exp(f.chance) * np.where(f.through > 0, at, 1.0).prod(axis=1)
        reached = through[f.through[:, actions].any(axis=1)].sum()
        odds = np.log(at[actions[1]] / at[actions[0]])
        assert odds == pytest.approx(3.0 * (forced[1] - forced[0]) / reached, abs=1e-8)


def test_the_branch_begins_with_uniform_play_and_ends_where_nobody_gains() -> None:
    f = form(coordination(signal=False))
    first, last = branch(f, [0.0, 200.0])
    assert first.chance == pytest.approx(0.5)
    assert regrets(f, last.chance).max() < 1e-6
    assert last.chance[f.of == 0] == pytest.approx([1.0, 0.0], abs=1e-6), "the likelier draw is named"


def test_a_type_that_is_known_is_the_state_and_beta_quantiles_are_those_of_the_uniform() -> None:
    assert beta_quantiles(1.0, 1.0, np.array([0.1, 0.5, 0.8])) == pytest.approx([0.1, 0.5, 0.8], abs=1e-4)
    of = asked("hour=20")
    state = moment(of)
    found = reduce(state, of.params, seed=1, replicate=0, types=3, title="t")
    assert list(found.leader.beliefs) == sorted(found.leader.beliefs)
    alone = reduce(state, of.params, seed=1, replicate=0, types=1, title="t")
    assert alone.leader.beliefs == (found.leader.beliefs[found.leader.own],)


def test_payoffs_are_those_of_the_rules() -> None:
    """A leader who stands down gets what the rules say, whatever his type and the ruler's choice."""
    of = asked("hour=20")
    worth = standing_down_value(moment(of), of.params) + of.params.act[0][3]
    paid = {
        float(node.payoffs[0]) for node in walk(reduced_of(of, 3).root)
        if isinstance(node, Leaf) and node.name.endswith(("concede, advance", "concede, hold", "concede, negotiate"))
    }  # fmt: skip
    assert list(paid) == [pytest.approx(worth, abs=1e-9)]


@pytest.mark.parametrize(("text", "part"), [
    ("NFG 1 R", "EFG 2 R"), ('EFG 2 R "t" { "a" } t "" 1 "o" { 1', "ends"), ('EFG 2 R "t" { "a" } x "" 1', "kind"),
    ('EFG 2 R "t" { "a" } p "" 1 1 0', "before its actions"), ('EFG 2 R "t" { "a" } t "" 1', "before its payoffs"),
])  # fmt: skip
def test_a_broken_text_is_named(text: str, part: str) -> None:
    with pytest.raises(GameError, match=part):
        read(text)


def test_chances_that_do_not_sum_to_one_are_refused() -> None:
    leaf = Leaf("x", (Fraction(0),))
    with pytest.raises(GameError, match="sum to one"):
        write(Game("t", "", ("a",), Chance("c", (("l", Fraction(1, 3), leaf), ("r", Fraction(1, 3), leaf)))))


@pytest.mark.parametrize(("override", "part"), [
    ("hour=2", "no say"), ("hour=20.1", "multiple"), ("hour=200", "ended"), ("types=9", "from 1 to 5"),
    ("lambda_max=0", "above 0"), ("gambit=perhaps", "true or false, or null"),
    ("actors.leader.precision=0", "at random"),
])  # fmt: skip
def test_what_is_not_allowed_is_said(override: str, part: str) -> None:
    with pytest.raises(ConfigurationError, match=part):
        game(asked(override))


def test_the_directory_holds_what_the_summary_says(tmp_path: Path) -> None:
    of = asked("replicate=17", "hour=22", f"out={tmp_path}")
    told = game(of)
    folder = next((tmp_path / "game" / "historical").iterdir())
    assert {path.name for path in folder.iterdir()} == {
        "config.yaml", "summary.json", "manifest.json", "game.efg", "qre.parquet", "nash.parquet", "figures"
    }  # fmt: skip
    assert json.loads((folder / "summary.json").read_text())["choices"] == told["choices"]
    f = form(read((folder / "game.efg").read_text()))
    own = f.sets.index(next(one for one in f.sets if one.label == f"leader, {told['types']['leader']['own']}"))
    again = branch(f, [told["precision"]])[0].chance[f.of == own]
    assert told["choices"]["leader"]["equilibrium"] == pytest.approx(again.tolist(), abs=1e-9)
    for way in ("free", "model", "equilibrium", "nash"):
        assert sum(entry[way]["share"] for entry in told["odds"].values()) == pytest.approx(1.0)
    assert told["gambit"] == {"used": False, "why": "left out"}


def test_without_gambit_it_is_said_and_not_faked(monkeypatch: pytest.MonkeyPatch) -> None:
    import sim.studies.game.efg_gambit as bridge

    monkeypatch.setattr(bridge, "installed", lambda: False)
    f = form(read(TEXT))
    point = branch(f, [1.0])[0]
    keys = {"gambit": None, "gambit_limit_s": 5}
    assert by_gambit(TEXT, f, point, point, keys) == {"used": False, "why": "pygambit is not installed (extra games)"}
    with pytest.raises(bridge.GambitError, match="needs the extra `games`"):
        by_gambit(TEXT, f, point, point, keys | {"gambit": True})
