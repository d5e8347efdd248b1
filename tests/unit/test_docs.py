"""The documents say what the program does: tables in step, names that exist, commands that are understood."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from sim.catalog import catalogue, defaults_tree, verb_tree
from sim.cli import VERBS
from sim.config import compose
from tools.tables import PLACE, TABLES, filled, markdown

ROOT = Path(__file__).parents[2]
PAGES = (
    *("README.md", "DESIGN.md", "CONTRIBUTING.md", "CHANGELOG.md"),
    *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")),
)
MODEL = ("docs/model.md", "docs/actors.md")
TEXT = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
GROUPS = "|".join(key for key, node in defaults_tree().items() if isinstance(node, dict) and "value" not in node)
PATHS = re.compile(r"`((?:sim|conf|tests|docs|benchmarks)/[\w./]+)`")
FUNCTIONS = re.compile(r"((?:`\w+`(?:,\s| and )?)+)\s?\(?`(sim/[\w/]+\.py)`")
NUMBERS = re.compile(rf"`((?:{GROUPS})(?:\.\w+)+)`")
BLOCKS = re.compile(r"```(?:sh|python)\n(.*?)```", re.DOTALL)
PLAYED = ("results", "pattern_results")  # tables that take thousands of runs
COMMANDS = [
    (page, line.split("#")[0].strip())
    for page in PAGES
    for block in BLOCKS.findall(TEXT[page])
    for line in block.splitlines()
    if line.startswith(("rubicon ", "make "))
]
MADE = [(page, place[2]) for page in PAGES for place in PLACE.finditer(TEXT[page])]


def table_in(page: str, name: str) -> str:
    return next(place[3] for place in PLACE.finditer(TEXT[page]) if place[2] == name)


@pytest.mark.parametrize(("page", "name"), [made for made in MADE if made[1] not in PLAYED])
def test_table_is_in_step(page: str, name: str) -> None:
    assert table_in(page, name) == TABLES[name](), f"{page}: table {name} is out of step; run `make docs`"


@pytest.mark.slow
@pytest.mark.parametrize(("page", "name"), [made for made in MADE if made[1] in PLAYED])
def test_results_are_those_of_this_version(page: str, name: str) -> None:
    assert table_in(page, name) == TABLES[name](), f"{page} shows old results; run `make docs`"


def test_every_table_has_its_place() -> None:
    assert sorted(name for _, name in MADE) == sorted(TABLES)


def test_a_marked_table_is_replaced_and_the_rest_is_left() -> None:
    before = "a\n<!-- table: scenarios -->\nold\n<!-- end -->\nb\n"
    after = filled(before)
    assert after.startswith("a\n<!-- table: scenarios -->\n| scenario |")
    assert after.endswith("<!-- end -->\nb\n")
    assert filled(after) == after
    with pytest.raises(KeyError):
        filled(before.replace("scenarios", "unheard"))


def test_a_bar_in_a_cell_does_not_split_it() -> None:
    assert markdown(["x"], [["a|b"]]) == "| x |\n| --- |\n| a\\|b |\n"


@pytest.mark.parametrize("page", PAGES)
def test_files_named_exist(page: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", TEXT[page]) if "://" not in link]
    missing = [name for name in PATHS.findall(TEXT[page]) if not (ROOT / name).exists()]
    missing += [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES)
def test_functions_named_stand_in_the_file_named(page: str) -> None:
    named = [(name, path) for names, path in FUNCTIONS.findall(TEXT[page]) for name in re.findall(r"`(\w+)`", names)]
    wrong = [
        f"{name} ({path})" for name, path in named
        if not re.search(rf"^(def {name}\(|class {name}\b|{name}\b.*=)", (ROOT / path).read_text("utf-8"), re.MULTILINE)
    ]  # fmt: skip
    assert not wrong
    assert named or page not in MODEL


def test_every_file_of_rules_is_described() -> None:
    files = {
        f"sim/model/rules/{path.name}" for path in (ROOT / "sim/model/rules").glob("*.py") if path.stem != "__init__"
    }
    assert files <= set(PATHS.findall(TEXT["docs/model.md"]))


def test_every_rule_with_an_equation_is_described() -> None:
    """A rule whose docstring states an equation (` = `, a `logistic` or an `exp`) is named in docs/model.md."""
    from importlib import import_module

    lacking = []
    for path in sorted((ROOT / "sim/model/rules").glob("*.py")):
        module = import_module(f"sim.model.rules.{path.stem}")
        for name, thing in vars(module).items():
            stated = re.search(r"\w = |logistic\(|exp\(", getattr(thing, "__doc__", None) or "")
            if callable(thing) and getattr(thing, "__module__", "") == module.__name__ and stated:
                lacking += [f"{path.stem}.{name}"] if f"`{name}`" not in TEXT["docs/model.md"] else []
    assert not lacking


@pytest.mark.parametrize("page", PAGES)
def test_numbers_named_exist(page: str) -> None:
    known = catalogue()
    assert not [
        name for name in NUMBERS.findall(TEXT[page])
        if name not in known and not any(path.startswith(f"{name}.") for path in known)
    ]  # fmt: skip


def test_every_actor_has_its_place() -> None:
    """Each seat is on the page of actors, by name and person."""
    for seat, actor in defaults_tree()["actors"].items():
        assert f"`{seat}`" in TEXT["docs/actors.md"]
        for person in actor["person"].split(" and "):
            assert person.split()[-1] in TEXT["docs/actors.md"], person


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_command_is_understood(page: str, command: str) -> None:
    """A make target exists; a verb exists and its overrides compose (they are not run)."""
    words = shlex.split(command)
    if words[0] == "make":
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert [word for word in words[1:] if "=" not in word and word not in targets] == []
        return
    assert words[1] in VERBS or words[1].startswith("-")
    overrides = [word for word in words[2:] if re.match(r"[\w.@/]+=", word)]
    two = "_".join(words[1:3])  # a verb of two words has a file of its own
    verb = two if verb_tree(two) else words[1]
    if verb_tree(verb):  # a verb with axes takes several values at once
        compose(overrides, verb=verb)
        return
    singles = [single for word in overrides for single in (f"{word.split('=')[0]}={v}" for v in _values(word))]
    for override in singles:
        compose([override])


def _values(word: str) -> list[str]:
    value = word.split("=", 1)[1]
    return [value] if value.startswith(("[", "{")) else value.split(",")


def test_the_notebook_example_runs() -> None:
    code = re.search(r"```python\n(.*?)```", TEXT["README.md"], re.DOTALL)
    assert code is not None
    names: dict[str, object] = {}
    exec(code[1], names)
    assert len(names["many"]["outcome"]) == 1000  # type: ignore[index]
