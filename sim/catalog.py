"""What the model can be told: every number, option and scenario, read from `conf/` without Hydra.

In a group's file a mapping with `value` (or `follows`) is a number of the model; a mapping
with `source` alone is a fact; all else is a label. Options other than a group's default
state only what differs from it.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sim import yamls
from sim.errors import ConfigurationError, ParameterError

GRADES = ("A", "B", "C", "judgement")
# Units that bound a quantity by themselves; others state `allowed` or are unbounded.
UNIT_BOUNDS = {"probability": (0.0, 1.0), "share": (0.0, 1.0), "flag": (0.0, 1.0)}
NOT_NEGATIVE = ("h", "km", "km/h", "men", "thousand men", "dead", "week", "aircraft", "formations", "1/h", "1/week")
# Groups of settings that are no part of the model: their plain numbers need no grade.
NOT_MODEL = ("figures", "parameters")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the model: default, plausible range [low, high], hard bounds, and where it comes from."""

    path: str
    value: float
    low: float
    high: float
    allowed_low: float
    allowed_high: float
    unit: str
    grade: str
    source: str
    about: str
    main: bool = False
    integer: bool = False
    follows: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Last part of the path, as in the equations."""
        return self.path.rpartition(".")[2]


@cache
def conf_folder() -> Path:
    """Folder of the configuration: inside an installed package, else beside it in a checkout."""
    inside = Path(__file__).parent / "conf"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "conf"


def read(path: Path) -> dict[str, Any]:
    """One YAML file as a mapping; ConfigurationError names the file and the line that cannot be read."""
    content: dict[str, Any] = marked(path).content
    return content


def marked(path: Path) -> yamls.Read:
    """The same with the line of each key; read again only when the file has changed."""
    try:
        stat = path.stat()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}.") from error
    return _marked(path, stat.st_mtime_ns, stat.st_size)


@cache
def _marked(path: Path, changed: int, size: int) -> yamls.Read:
    return yamls.read(path)


@cache
def default_options() -> dict[str, tuple[str, str]]:
    """Package -> (group, option) of the defaults list of conf/config.yaml, the scenario left out."""
    chosen: dict[str, tuple[str, str]] = {}
    for item in read(conf_folder() / "config.yaml")["defaults"]:
        if isinstance(item, dict):
            (key, option), *_ = item.items()
            group, _, package = key.partition("@")
            if group != "scenario":
                chosen[package or group] = (group, option)
    return chosen


def verb_file(verb: str) -> Path:
    """File of a verb's own keys; only some verbs have one."""
    return conf_folder() / "verb" / f"{verb}.yaml"


@cache
def verb_groups(verb: str) -> dict[str, str]:
    """Group -> option that a verb's file chooses by default, as `sweep` does of conf/sweep/."""
    if not verb_file(verb).is_file():
        return {}
    return {group: name for item in read(verb_file(verb)).get("defaults", []) for group, name in item.items()}


@cache
def verb_tree(verb: str) -> dict[str, Any]:
    """The keys that a verb has beyond the model's, with their defaults; empty for a verb without a file."""
    if not verb_file(verb).is_file():
        return {}
    own = {key: value for key, value in read(verb_file(verb)).items() if key != "defaults"}
    return own | {group: option(group, name) for group, name in verb_groups(verb).items()}


def files(group: str, folder: Path) -> dict[str, Path]:
    """Option -> file of a group in one folder; hidden files (`._mine.yaml` of a Mac) are none of it."""
    found: dict[str, Path] = {}
    for path in sorted((folder / group).glob("*.y*ml")):
        if path.suffix not in (".yaml", ".yml") or path.name.startswith(".") or not path.is_file():
            continue
        if path.stem in found:
            raise ConfigurationError(
                f"{found[path.stem]} and {path.name} are one option, {path.stem!r}; keep one file."
            )
        found[path.stem] = path
    return found


def options(group: str, folders: Iterable[Path] = ()) -> list[str]:
    """Names of the options of a group, in `conf/` and in further folders."""
    return sorted({name for place in [conf_folder(), *folders] for name in files(group, place)})


def option(group: str, name: str, folders: Iterable[Path] = ()) -> dict[str, Any]:
    """One option of a group as plain values; later folders win; ConfigurationError lists the known ones."""
    folders = tuple(folders)
    for place in [*reversed(folders), conf_folder()]:
        found = files(group, place)
        if name in found:
            plain: dict[str, Any] = plain_values(read(found[name]))
            return plain
    raise ConfigurationError(unknown(group.rstrip("s"), name, options(group, folders)))


def is_number(node: Any) -> bool:
    """Whether a node of a file describes a number of the model."""
    return isinstance(node, dict) and ("value" in node or "follows" in node)


def plain_values(node: Any) -> Any:
    """The same tree with each number's description replaced by its value (None where it follows others)."""
    if is_number(node):
        return node.get("value")
    if isinstance(node, dict):
        return {key: plain_values(child) for key, child in node.items()}
    return node


@cache
def defaults_tree() -> dict[str, Any]:
    """The default configuration with all descriptions: settings at the top, then one branch a group."""
    tree = {key: node for key, node in read(conf_folder() / "config.yaml").items() if key != "defaults"}
    for package, (group, name) in default_options().items():
        branch = tree
        *parents, last = package.split(".")
        for parent in parents:
            branch = branch.setdefault(parent, {})
        branch[last] = read(conf_folder() / group / f"{name}.yaml")
    return tree


def walk(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(path, node) of every number and label; facts and lists are given whole."""
    for key, child in node.items():
        path = f"{prefix}{key}"
        if isinstance(child, dict) and not is_number(child) and "source" not in child:
            yield from walk(child, f"{path}.")
        else:
            yield path, child


@cache
def labels() -> dict[str, Any]:
    """Every key of the default configuration that is no number of the model, with its value."""
    return {path: node for path, node in walk(defaults_tree()) if not is_number(node)}


@cache
def catalogue() -> dict[str, Parameter]:
    """Every number of the model by path, in the order of the files."""
    found: dict[str, Parameter] = {}
    for path, node in walk(defaults_tree()):
        if is_number(node):
            found[path] = _parameter(path, node, found)
        elif "." in path and path.split(".")[0] not in NOT_MODEL and isinstance(node, (int, float)):
            raise ParameterError(f"{path} = {node} has no unit, range, grade and source; describe it in conf/.")
    return found


def _parameter(path: str, node: dict[str, Any], found: Mapping[str, Parameter]) -> Parameter:
    missing = [key for key in ("about", "low", "high", "unit", "grade", "source") if node.get(key) in (None, "")]
    if missing:
        raise ParameterError(f"{path} lacks {', '.join(missing)}; every number of the model states them in conf/.")
    if node["grade"] not in GRADES:
        raise ParameterError(f"{path} has grade {node['grade']!r}; allowed: {', '.join(GRADES)}.")
    follows = tuple(node.get("follows", ()))
    value = node["value"] if "value" in node else sum(_default_of(other, found) for other in follows)
    least, most = node.get("allowed") or _unit_bounds(node["unit"])
    return Parameter(
        path, float(value), float(node["low"]), float(node["high"]), float(least), float(most), node["unit"],
        node["grade"], str(node["source"]), node["about"], bool(node.get("main", False)),
        bool(node.get("integer", False)) or node["unit"] == "flag", follows,
    )  # fmt: skip


def _default_of(path: str, found: Mapping[str, Parameter]) -> float:
    if path not in found:
        raise ParameterError(f"{path!r} is followed before it is described; name a number of an earlier group.")
    return found[path].value


def _unit_bounds(unit: str) -> tuple[float, float]:
    return UNIT_BOUNDS.get(unit, (0.0 if unit in NOT_NEGATIVE else -math.inf, math.inf))


def check(path: str, value: Any) -> float:
    """`value` as a legal number for `path` (an int where it must be whole).

    Raises
    ------
    ParameterError
        when the path is unknown, or the value no number, not finite, or outside the hard bounds.
    """
    if path not in catalogue():
        raise ParameterError(unknown("parameter", path, catalogue()))
    parameter = catalogue()[path]
    try:
        if isinstance(value, bool) and parameter.unit != "flag":
            raise TypeError("only a flag may be true or false")
        if isinstance(value, str) and not yamls.NUMBER.fullmatch(value):
            raise ValueError("Python would take more for a number, such as 1_000")
        number = float(value)
    except (TypeError, ValueError):
        raise ParameterError(f"{path}={value!r} is not a number; {_range_text(parameter)}") from None
    if not math.isfinite(number):
        raise ParameterError(f"{path}={value} is not finite; {_range_text(parameter)}")
    if not parameter.allowed_low <= number <= parameter.allowed_high:
        raise ParameterError(f"{path}={value} is out of range; {_range_text(parameter)}")
    if parameter.integer and number != int(number):
        raise ParameterError(f"{path}={value} is not a whole number; {_range_text(parameter)}")
    return int(number) if parameter.integer else number


def _range_text(p: Parameter) -> str:
    least = "" if math.isinf(p.allowed_low) else f" from {p.allowed_low:g}"
    most = "" if math.isinf(p.allowed_high) else f" up to {p.allowed_high:g}"
    unit = "" if p.unit == "-" else f" ({p.unit})"
    allowed = f"{least}{most}".strip() or "any number"
    return f"allowed: {allowed}{unit}, plausible: {p.low:g} to {p.high:g}. It is: {p.about}."


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The known name closest in spelling, compared whole and by its last part; None when nothing is near."""
    known = list(names)
    whole = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    tails = {path.rpartition(".")[2]: path for path in reversed(known)}
    last = name.rpartition(".")[2]
    # In a name of two or three letters one wrong letter is much; it is still the likeliest slip.
    tail = difflib.get_close_matches(last, tails, n=1, cutoff=0.6 if len(last) > 3 else 0.5)
    return whole[0] if whole else tails[tail[0]] if tail else None


def closest(name: str, names: Iterable[str], count: int = 3) -> list[str]:
    """The names closest in spelling by their last part or whole, however far; the nearest first."""
    last = name.rpartition(".")[2].lower()

    def alike(path: str) -> float:
        tail = difflib.SequenceMatcher(None, last, path.rpartition(".")[2].lower()).ratio()
        return max(tail, difflib.SequenceMatcher(None, name.lower(), path.lower()).ratio())

    return sorted(dict.fromkeys(names), key=lambda path: -alike(path))[:count]


def unknown(kind: str, name: str, names: Iterable[str]) -> str:
    """The sentence for a name that does not exist: the nearest one, and where to see all."""
    known = list(names)
    near = nearest(name, known)
    hint = f" Did you mean {near!r}?" if near else ""
    listing = f" Known: {', '.join(known)}." if len(known) <= 40 else " `rubicon list parameters` shows all."
    return f"unknown {kind} {name!r}.{hint}{listing}"


@cache
def aliases() -> dict[str, str]:
    """Each unambiguous tail of a path -> the path: R0 -> forces.R0, mediator.present -> actors.mediator.present."""
    tails: dict[str, list[str]] = {}
    for path in [*catalogue(), *labels()]:
        parts = path.split(".")
        for start in range(1, len(parts)):
            tails.setdefault(".".join(parts[start:]), []).append(path)
    whole = {*catalogue(), *labels(), *(group for group, _ in default_options().values()), "scenario"}
    return {tail: paths[0] for tail, paths in tails.items() if len(paths) == 1 and tail not in whole}


def key_of(override: str) -> str:
    """The key that an override sets, as it is written there, without what tells Hydra how.

    >>> key_of("R0=8"), key_of("actors@actors.leader=leader"), key_of("++sweep.axes={R0: null}")
    ('R0', 'actors.leader', 'sweep.axes')
    """
    return override.partition("=")[0].lstrip("+").rpartition("@")[2]
