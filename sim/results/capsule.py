"""A capsule: one crisis as a short readable text that replays to the last bit.

It holds what differs from the default configuration, the seed and replicate, imposed
orders, the hash of the sources, the decisions, and digests of how it came out.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sim import yamls
from sim.errors import ConfigurationError, UserError
from sim.model.state import ENDINGS, FIELDS, OPTIONS, SEATS
from sim.results.tables import digest

if TYPE_CHECKING:
    import numpy as np

FORMAT = 1
MOST_BYTES = 2_000_000
MOST = 1e9  # of a number of hours
DIGESTS = ("config", "decisions", "state")
# Fields of the state that came after the format: within a step, or free in a crisis that nobody plays from outside.
SINCE_FORMAT_1 = (
    "moved", "visible", "ordered", "tries", "terms_least", "terms_most", "forward_most", "consent", "offers",
)  # fmt: skip
HEAD = """# One crisis of Rubicon. Replay it to the last bit:  rubicon capsule --play THIS_FILE
# config: what differs from the default configuration; orders: decisions imposed from outside;
# decisions: every change of a standing order, orders included (hours since the first public defiance).
"""


class CapsuleError(UserError):
    """A capsule that cannot be read: the text says what is wrong and where."""


class Order(NamedTuple):
    """A seat takes an option at an hour (h since the first public defiance)."""

    hour: float
    seat: str
    option: str

    def __str__(self) -> str:
        return f"{{hour: {self.hour:g}, seat: {self.seat}, option: {self.option}}}"


@dataclass(frozen=True)
class Capsule:
    """What the file holds; `config` by path, `digests` by name of `DIGESTS`."""

    capsule: int
    rubicon: str
    scenario: str
    source_hash: str
    seed: int
    replicate: int
    config: Mapping[str, Any]
    orders: Sequence[Order]
    decisions: Sequence[Order]
    ending: str
    end_h: float
    digests: Mapping[str, str]

    def text(self) -> str:
        """The capsule as YAML with a comment at its head."""
        import yaml

        parts = [HEAD]
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in ("orders", "decisions"):
                body = "".join(f"  - {entry}\n" for entry in value)
                parts.append(f"{field.name}:\n{body}" if value else f"{field.name}: []\n")
            else:
                plain = dict(value) if isinstance(value, Mapping) else value
                parts.append(yaml.safe_dump({field.name: plain}, sort_keys=False, allow_unicode=True, width=110))
        return "".join(parts)


def read(path: Path) -> Capsule:
    """The capsule in a file; CapsuleError where it is none."""
    if not path.is_file():
        raise CapsuleError(f"{path} cannot be read: there is no such file; give one that `rubicon capsule` wrote.")
    if path.stat().st_size > MOST_BYTES:
        raise CapsuleError(f"{path} is larger than any capsule ({MOST_BYTES:,} bytes); give one of `rubicon capsule`.")
    try:
        content = yamls.read(path).content
    except ConfigurationError as error:
        raise CapsuleError(f"{error} A capsule is what `rubicon capsule` wrote.") from error
    return parsed(content, str(path))


def parsed(content: Any, name: str) -> Capsule:
    """A capsule from plain data, every field checked; CapsuleError names the first that is wrong."""
    known = [field.name for field in fields(Capsule)]
    if not isinstance(content, dict):
        raise CapsuleError(f"{name} is no capsule: it must be a mapping with the keys {', '.join(known)}.")
    missing, strange = [k for k in known if k not in content], [str(k) for k in content if k not in known]
    if content.get("capsule") != FORMAT or isinstance(content["capsule"], bool):
        raise CapsuleError(
            f"{name}: capsule: {_short(content.get('capsule'))} is no format of this version; known: {FORMAT}."
        )
    if missing or strange:
        said = [f"lacks {', '.join(missing)}"] * bool(missing) + [f"has unknown keys {', '.join(strange)}"] * bool(
            strange
        )
        raise CapsuleError(f"{name} {' and '.join(said)}; a capsule has exactly {', '.join(known)}.")
    for key in ("seed", "replicate"):
        _expect(name, key, content[key], isinstance(content[key], int) and not isinstance(content[key], bool)
                and 0 <= content[key] < 2**63, "a whole number from 0 to 2**63 - 1")  # fmt: skip
    for key in ("rubicon", "scenario", "source_hash"):
        _expect(name, key, content[key], isinstance(content[key], str), "text")
    _expect(name, "ending", content["ending"], content["ending"] in list(ENDINGS), f"one of {', '.join(ENDINGS)}")
    _expect(name, "end_h", content["end_h"], _is_number(content["end_h"]), "a number of hours")
    _expect(name, "config", content["config"], isinstance(content["config"], dict)
            and all(isinstance(path, str) for path in content["config"]), "a mapping of paths to values")  # fmt: skip
    digests = content["digests"]
    right = isinstance(digests, dict) and {*digests} == {*DIGESTS} and all(isinstance(x, str) for x in digests.values())
    _expect(name, "digests", digests, right, f"a mapping of {', '.join(DIGESTS)}")
    lists = {key: orders(content[key], f"{name}: {key}") for key in ("orders", "decisions")}
    return Capsule(**{**content, **lists, "end_h": float(content["end_h"])})


def orders(entries: Any, name: str) -> tuple[Order, ...]:
    """Orders from plain data; CapsuleError names the entry that is wrong."""
    if not isinstance(entries, (list, tuple)):
        raise CapsuleError(f"{name} must be a list of {{hour, seat, option}}; given: {entries!r}.")
    out = []
    for number, entry in enumerate(entries, 1):
        where = f"{name}, entry {number}"
        if not isinstance(entry, Mapping) or sorted(map(str, entry)) != ["hour", "option", "seat"]:
            raise CapsuleError(f"{where}: {entry!r} is no order; write {{hour: 15.5, seat: ruler, option: advance}}.")
        _expect(where, "hour", entry["hour"], _is_number(entry["hour"]) and entry["hour"] >= 0, "hours from 0")
        _expect(where, "seat", entry["seat"], entry["seat"] in list(SEATS), f"one of {', '.join(SEATS)}")
        _expect(where, "option", entry["option"], entry["option"] in list(OPTIONS), f"one of {', '.join(OPTIONS)}")
        out.append(Order(float(entry["hour"]), str(entry["seat"]), str(entry["option"])))
    return tuple(out)


def _expect(name: str, key: str, value: Any, good: bool, wanted: str) -> None:
    if not good:
        raise CapsuleError(f"{name}: {key}: {_short(value)} is not allowed; it must be {wanted}.")


def _short(value: Any) -> str:
    """A value as it stands in a sentence."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."


def _is_number(value: Any) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return abs(value) < MOST and math.isfinite(value)


def differing(plain: Mapping[str, Any], changed: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Parts of `changed` that differ from `plain`, by path; a branch whose keys differ is given whole."""
    out: dict[str, Any] = {}
    for key, value in changed.items():
        known = plain.get(key)
        if isinstance(value, Mapping) and isinstance(known, Mapping) and value.keys() == known.keys():
            out |= differing(known, value, f"{prefix}{key}.")
        elif key not in plain or value != known:
            out[f"{prefix}{key}"] = value
    return out


def merged(plain: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The tree with parts replaced by path: undoes `differing`; CapsuleError for a path that it does not have."""
    out: dict[str, Any] = json.loads(json.dumps(plain))
    for path, value in changes.items():
        branch: Any = out
        *parents, last = path.split(".")
        for part in parents:
            branch = branch.get(part) if isinstance(branch, dict) else None
        if not isinstance(branch, dict) or last not in branch:
            raise CapsuleError(f"this version's configuration has no {path!r}")
        branch[last] = value
    return out


def fingerprint(data: Any) -> str:
    """SHA-256 of plain data, the same in whatever order its keys stand and however equal numbers are written."""
    return hashlib.sha256(json.dumps(_alike(data), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _alike(data: Any) -> Any:
    """The same data with numbers that are equal written alike."""
    if isinstance(data, Mapping):
        return {key: _alike(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_alike(value) for value in data]
    whole = isinstance(data, bool) or (isinstance(data, float) and data.is_integer())
    return int(data) if whole else data


def of_state(row: np.ndarray) -> str:
    """SHA-256 of the fields of a final state (1,) that the format knows, names and little-endian bytes."""
    return digest({field.name: row[field.name] for field in FIELDS if field.name not in SINCE_FORMAT_1})
