"""What a configuration may hold beside the model's numbers: counts, names, and values of the kind of their defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim import catalog
from sim.errors import ConfigurationError

ENGINES = ("kernel", "mesa")
FORMATS = ("png", "svg", "pdf")
LEAST_DPI, MOST_DPI = 20, 600
MOST_LEVELS = 100_000  # of one key or axis
# Settings that are whole numbers, with the least that is allowed; the optional ones may be null.
COUNTS = {"seed": 0, "replications": 1, "threads": 1, "trajectories": 1, "replicate": 0}
OPTIONAL = ("seed", "threads")
NUMBER, TEXT, LIST, WHOLE, TRUTH = "a number", "a text", "a list", "a whole number from 1", "true or false"
# Keys that may be null, with the kind that they otherwise are of; each verb checks the bounds of its own.
NULLABLE = {
    "name": TEXT, "resume": TEXT, "sweep.table": TEXT, "file": TEXT, "shelf": TEXT, "address": TEXT, "until": TEXT,
    "executor.address": TEXT, "executor.workers": WHOLE, "precision": NUMBER, "start_h": NUMBER, "turn_h": NUMBER,
    "moves": LIST, "seats": LIST, "gambit": TRUTH, "seminar.scenario": TEXT, "seminar.start_h": NUMBER,
    "seed": WHOLE, "threads": WHOLE, "doctrine.track": TEXT,
}  # fmt: skip
ALSO_NULL = ("seed", "threads", "name", "seminar.turn_s")  # have a default, and may be null all the same


def check_count(key: str, value: Any) -> None:
    """ConfigurationError unless `value` is a whole number within its bounds, or None where that is allowed."""
    if value is None and key in OPTIONAL:
        return
    least, null = COUNTS[key], ", or null" if key in OPTIONAL else ""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 2**63:
        raise ConfigurationError(f"{key}={value} is not allowed; give a whole number from {least} to 2**63 - 1{null}.")


def check_figures(look: Mapping[str, Any]) -> None:
    """ConfigurationError unless figures are asked for in known formats and a sane resolution."""
    formats = [str(one) for one in look["formats"]]
    if set(formats) - set(FORMATS) or not formats:
        raise ConfigurationError(f"figures.formats={formats} is not allowed; give some of {list(FORMATS)}.")
    if not isinstance(look["dpi"], int) or not LEAST_DPI <= look["dpi"] <= MOST_DPI:
        raise ConfigurationError(f"figures.dpi={look['dpi']} is not allowed; give {LEAST_DPI} to {MOST_DPI}.")


def check_kinds(plain: Mapping[str, Any], default: Mapping[str, Any]) -> None:
    """ConfigurationError for a value that is not of the kind of its default, as a list where a number stands."""
    for path, value, wanted in _pairs(plain, default, ""):
        kind = NULLABLE.get(path) if wanted is None else _kind(wanted)
        optional = wanted is None or path in ALSO_NULL
        if value is None and optional:
            continue
        if kind is not None and not _is(value, kind):
            null = ", or null" if optional else ""
            raise ConfigurationError(f"{path}={_short(value)} is not allowed; give {kind}{null}.")
        if isinstance(wanted, list) and path.startswith("route."):  # a verb checks the entries of its own lists
            _check_entries(path, value, wanted)


def _pairs(plain: Mapping[str, Any], default: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any, Any]]:
    """(path, value, default) of every leaf that has a default; mappings without one are free."""
    for key, wanted in default.items():
        value, path = plain.get(key), f"{prefix}{key}"
        if isinstance(wanted, Mapping):
            if not isinstance(value, Mapping):
                raise ConfigurationError(f"{path}={_short(value)} is not allowed; give a mapping of keys to values.")
            yield from _pairs({**wanted, **value}, wanted, f"{path}.")
        elif key in plain:
            yield path, value, wanted


def _kind(default: Any) -> str | None:
    if isinstance(default, bool):
        return TRUTH
    if isinstance(default, (int, float)):
        return NUMBER
    return TEXT if isinstance(default, str) else LIST if isinstance(default, list) else None


def _is(value: Any, kind: str) -> bool:
    if kind == TEXT:
        return isinstance(value, str)
    if kind == LIST:
        return isinstance(value, list)
    if kind == TRUTH:
        return isinstance(value, bool)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and (kind == NUMBER or (isinstance(value, int) and 1 <= value < 2**31))


def _check_entries(path: str, given: Sequence[Any], default: Sequence[Any]) -> None:
    """Each entry of a list of mappings has the keys that all entries of the default have, of the same kinds."""
    if not default or not all(isinstance(one, Mapping) for one in default):
        return
    common = {key: default[0][key] for key in default[0] if all(key in one for one in default)}
    needed = {key: value for key, value in common.items() if key not in ("grade", "source", "note", "why")}
    for number, one in enumerate(given, 1):
        if not isinstance(one, Mapping) or set(needed) - set(one):
            raise ConfigurationError(
                f"{path}, entry {number}: {_short(one)} is not understood; each entry has {', '.join(needed)}."
            )
        for key, wanted in needed.items():
            kind = _kind(wanted)
            if kind is not None and not _is(one[key], kind):
                raise ConfigurationError(f"{path}, entry {number}: {key}={_short(one[key])} must be {kind}.")


def _short(value: Any) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def defaults(verb: str) -> dict[str, Any]:
    """Every key of a verb that is no number of the model, with its default; of its groups, the keys of all options."""
    found: dict[str, Any] = {}
    for path, value in catalog.labels().items():
        branch = found
        *parents, last = path.split(".")
        for parent in parents:
            branch = branch.setdefault(parent, {})
        branch[last] = value
    found |= catalog.verb_tree(verb)
    for group in catalog.verb_groups(verb):
        every = [catalog.option(group, name) for name in catalog.options(group)]
        found[group] = {key: value for one in reversed(every) for key, value in one.items()} | found[group]
    return {key: value for key, value in found.items() if key not in COUNTS}


def check_script(name: str, script: Mapping[str, Any]) -> None:
    """ConfigurationError unless a doctrine's moves, calls and deal are what a timeline can be made of."""
    known = catalog.option("doctrine", "historical_moves")
    for key in ("moves", "calls"):
        if key in script:
            if not isinstance(script[key], list):
                raise ConfigurationError(f"doctrine {name}: {key}={_short(script[key])} is not allowed; give a list.")
            _check_entries(f"doctrine {name}: {key}", script[key], known[key])
    if "deal" in script:
        _check_entries(f"doctrine {name}: deal", [script["deal"]], [known["deal"]])
