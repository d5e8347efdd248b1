"""What was set: the differences from `historical`, how well they are known, and the command that does it again."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim import catalog
from sim.report.parts import NOTHING, Table, number
from sim.results import Finished

# Keys that say where, how fast or how it looks, and not what is played.
APART = ("about", "seed", "replications", "engine", "name", "out", "threads", "trajectories", "replicate")
NOT_SAID = ("resume=", "out=", "name=", "hydra", "hydra.", "figures.", "threads=", "+out=")
GRADES = {
    "A": "well documented",
    "B": "documented, with doubts",
    "C": "thin or indirect sources",
    "judgement": "judgement alone",
}


def at(config: Mapping[str, Any], path: str) -> Any:
    """Value at a dotted path of a configuration; None where it ends before."""
    node: Any = config
    for part in path.split("."):
        node = node.get(part) if isinstance(node, Mapping) else None
    return node


def numbers_changed(config: Mapping[str, Any]) -> list[tuple[catalog.Parameter, float]]:
    """Numbers of the model that differ from `historical`, with their present values."""
    found = ((parameter, at(config, path)) for path, parameter in catalog.catalogue().items())
    return [(p, float(value)) for p, value in found if isinstance(value, (int, float)) and float(value) != p.value]


def labels_changed(config: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(path, default, now) of names and texts that differ: doctrines, seats, the route."""
    for path, default in catalog.labels().items():
        now = at(config, path)
        if isinstance(default, str) and default.startswith("${"):  # follows another key, which is listed itself
            default = at(config, default.strip("${}"))
        if path in APART or path.startswith("figures.") or now == default or now is None:
            continue
        yield path, _brief(default), _brief(now)


def _brief(value: Any) -> str:
    if isinstance(value, (list, dict)):
        return f"{len(value)} entries"
    return str(value)


def own_keys(done: Finished) -> Iterator[tuple[str, str, str]]:
    """(key, default, now) of the verb's own keys, and of the counts that all verbs share."""
    shared = {key: value for key, value in catalog.labels().items() if key in ("seed", "replications", "engine")}
    for key, default in {**shared, **catalog.verb_tree(done.verb)}.items():
        now = done.config.get(key)
        if key == "replications" and done.verb in ("tension", "hinge", "capsule"):
            continue  # they have counts of their own
        if key not in ("about", "resume", "executor") and not isinstance(default, dict):
            yield key, _flat(default), _flat(now)


def _flat(value: Any) -> str:
    if isinstance(value, list):
        plain = all(not isinstance(item, (dict, list)) for item in value)
        return (", ".join(map(str, value)) if plain else f"{len(value)} entries") or NOTHING
    return number(value) if value is None or isinstance(value, (bool, float)) else str(value)


@dataclass(frozen=True)
class Arm:
    """A setting besides the directory's own that a verb played: its scenario, its numbers and names changed."""

    label: str
    scenario: str
    numbers: list[tuple[catalog.Parameter, float]]


def arms(done: Finished) -> list[Arm]:
    """Settings that a comparison names, or scenarios that a sweep has as an axis; none of other verbs."""
    compared = done.summary.get("settings")
    if isinstance(compared, list):
        found = [_arm(str(of.get("label", "")), list(map(str, of.get("overrides") or []))) for of in compared]
    else:
        axes = done.summary.get("axes")
        levels = (axes.get("scenario") or {}).get("levels") if isinstance(axes, Mapping) else None
        found = [_arm(str(name), [f"scenario={name}"]) for name in levels or []]
    return [arm for arm in found if arm.numbers]


def _arm(label: str, overrides: list[str]) -> Arm:
    """What overrides come to: the scenario's numbers, then those given by path or short name."""
    given = dict(text.split("=", 1) for text in overrides if "=" in text)
    scenario, numbers = given.get("scenario", "historical"), {}
    if scenario in catalog.options("scenario"):
        numbers = {p.path: (p, value) for p, value in numbers_changed(catalog.option("scenario", scenario))}
    for name, text in given.items():
        path = catalog.aliases().get(name, name)
        if path in catalog.catalogue():
            numbers[path] = (catalog.catalogue()[path], catalog.check(path, text))
    return Arm(label, scenario, list(numbers.values()))


def tables(done: Finished) -> list[Table]:
    """What differs from `historical`: numbers with range, grade and source, then names and texts."""
    made = []
    numbers = numbers_changed(done.config)
    if numbers:
        made.append(_numbers("Numbers that differ from the historical setting", numbers))
    made += [_numbers(f"Numbers that {arm.label} changes", arm.numbers) for arm in arms(done)]
    texts = list(labels_changed(done.config))
    if texts:
        made.append(Table("Names and texts that differ", ("key", "default", "here"), texts))
    return made


def _numbers(caption: str, changed: list[tuple[catalog.Parameter, float]]) -> Table:
    rows = [
        (
            p.path, p.about, number(p.value), number(value), p.unit, f"{number(p.low)} to {number(p.high)}", p.grade,
            p.source,
        )
        for p, value in changed
    ]  # fmt: skip
    heads = ("number", "meaning", "default", "here", "unit", "plausible range", "grade", "source")
    outside = [p.path for p, value in changed if not p.low <= value <= p.high]
    return Table(caption, heads, rows, f"Outside the plausible range: {', '.join(outside)}." if outside else "")


def debt(done: Finished) -> tuple[list[str], list[Table]]:
    """How much of this rests on judgement: sentences, and the grades of all numbers beside those changed."""
    known = catalog.catalogue()
    sources = [numbers_changed(done.config), *(arm.numbers for arm in arms(done))]
    changed = list({p.path: (p, value) for source in sources for p, value in source}.values())
    graded, moved = Counter(p.grade for p in known.values()), Counter(p.grade for p, _ in changed)
    judged = graded["judgement"]
    told = [
        f"Of the {len(known)} numbers of the model {judged} ({100 * judged / len(known):.0f} %) are judgement alone: "
        "no source states them.",
    ]
    what = "The settings together change" if len(sources) > 1 else "This setting changes"
    if changed:
        told.append(
            f"{what} {len(changed)} of them; {moved['judgement'] or 'none'} of these "
            f"{'is' if moved['judgement'] == 1 else 'are'} judgement."
        )
    else:
        told.append(f"{what} none of them.")
    if done.verb != "sensitivity":
        told.append(
            "Which of them a conclusion hangs on is a matter of sensitivity: `rubicon sensitivity` "
            "weighs each number's influence by its grade."
        )
    rows = [(grade, GRADES[grade], number(graded[grade]), number(moved[grade])) for grade in catalog.GRADES]
    return told, [Table("Grades of the numbers", ("grade", "meaning", "all numbers", "changed here"), rows)]


def command(done: Finished) -> str:
    """The one line that makes these results again; the seed is written out even where it was drawn."""
    given = [str(text) for text in done.manifest.get("overrides", [])]
    kept = [text for text in given if not text.startswith(NOT_SAID) and text.partition("=")[0] != "seed"]
    extra = []
    if done.manifest.get("scenario") not in catalog.options("scenario"):
        extra = ["--config-dir", "FOLDER"]  # a user's own scenario
    seed = done.manifest.get("seed")
    return shlex.join(["rubicon", done.verb, *kept, *([] if seed is None else [f"seed={seed}"]), *extra])


def provenance(done: Finished) -> Table:
    """Seed, sources, versions, digest and times, as the manifest has them."""
    skip = ("versions", "overrides", "counts")
    rows = [(words_of(key), _flat(value)) for key, value in done.manifest.items() if key not in skip and _plain(value)]
    rows += [(f"version of {name}", str(version)) for name, version in dict(done.manifest.get("versions", {})).items()]
    return Table("What made these results", ("what", "value"), rows)


def _plain(value: Any) -> bool:
    return value is not None and not isinstance(value, (dict, list))


def words_of(key: str) -> str:
    """A key of the manifest in words."""
    known = {"source_hash": "hash of the rules (SHA-256)", "digest": "digest of the table (SHA-256)"}
    return known.get(key, key.replace("_", " "))
