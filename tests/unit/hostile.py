"""Damage to results, seeded: what a broken disk, another program or a stranger may leave in the place of a file."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import yaml

Damage = Callable[[Path, random.Random], None]
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 3.5, 1e308, 10**400, math.nan, math.inf, "", "x", "../../etc", "\u202eevil", [], [1], {},
    {"a": 1}, "nan", "1e9999", [None], "a" * 5000,
)  # fmt: skip


LINES = (
    "", "[]", "null", "{}", "x", "[" * 100_000, '{"part": 0}', '{"part": "0", "files": {}}',
    '{"part": -1, "files": {"runs": "x"}, "digest": "x"}', '{"part": 0, "files": {"../../x": "y"}, "digest": "z"}',
)  # fmt: skip


def missing(path: Path, _: random.Random) -> None:
    path.unlink()


def empty(path: Path, _: random.Random) -> None:
    path.write_bytes(b"")


def truncated(path: Path, draw: random.Random) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: draw.randrange(max(1, len(data)))])


def garbled(path: Path, draw: random.Random) -> None:
    data = bytearray(path.read_bytes())
    start = draw.randrange(max(1, len(data) - 40))
    data[start : start + 40] = draw.randbytes(40)
    path.write_bytes(bytes(data))


def flipped(path: Path, draw: random.Random) -> None:
    data = bytearray(path.read_bytes())
    for _ in range(draw.choice((1, 1, 3, 20))):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    path.write_bytes(bytes(data))


def of_bytes(path: Path, draw: random.Random) -> None:
    path.write_bytes(
        draw.choice((b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"\xff\xfe\x00", b"PAR1PAR1")) + draw.randbytes(300)
    )


def a_folder(path: Path, _: random.Random) -> None:
    path.unlink()
    path.mkdir()


def a_circle(path: Path, _: random.Random) -> None:
    path.unlink()
    path.symlink_to(path.name)


def nowhere(path: Path, _: random.Random) -> None:
    path.unlink()
    path.symlink_to("/nowhere/at/all")


ANY_FILE: tuple[Damage, ...] = (missing, empty, truncated, garbled, flipped, of_bytes, a_folder, a_circle, nowhere)


def _leaves(tree: Any) -> list[tuple[Any, Any]]:
    """(branch, key) of every place in a tree."""
    keys: Any = tree if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    found = []
    for key in keys:
        found.append((tree, key))
        found += _leaves(tree[key])
    return found


def _changed(tree: Any, draw: random.Random) -> Any:
    """A tree with something lost, added, or of another kind."""
    for _ in range(draw.choice((1, 1, 2, 5))):
        places = _leaves(tree) if draw.random() < 0.5 else [(tree, key) for key in tree]
        if not places:
            break
        branch, key = draw.choice(places)
        if isinstance(branch, dict) and draw.random() < 0.3:
            del branch[key]
        else:
            branch[key] = draw.choice(ODD)
    return tree


def other_json(path: Path, draw: random.Random) -> None:
    path.write_text(json.dumps(_changed(json.loads(path.read_text(encoding="utf-8")), draw)), encoding="utf-8")


def wrong_json(path: Path, draw: random.Random) -> None:
    texts = ("[]", "null", "3", '"x"', "{}", "[" * 200_000, "{" + '"a":{' * 5000, "NaN", "{'a': 1}", "1" * 10_000)
    path.write_text(draw.choice(texts), encoding="utf-8")


def other_yaml(path: Path, draw: random.Random) -> None:
    tree = _changed(yaml.safe_load(path.read_text(encoding="utf-8")), draw)
    path.write_text(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False), encoding="utf-8")


def wrong_yaml(path: Path, draw: random.Random) -> None:
    bomb = "a: &a [x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)
    )
    texts = (
        bomb, "- 1\n", "x", "", "a: b: c", "!!python/object/apply:os.system [ls]", "? [1]\n: 2\n", "{" * 3000,
        "a: \t- b", "1: 2\n", "a: 2001-99-99\n",
    )  # fmt: skip
    path.write_text(draw.choice(texts), encoding="utf-8")


def other_table(path: Path, draw: random.Random) -> None:
    """A Parquet file with a column lost, renamed, of another kind, or with values that are none."""
    frame = duckdb.sql(f"select * from read_parquet('{path}')").df()
    name = draw.choice(list(frame.columns))
    kind = draw.randrange(9)
    if kind == 0:
        frame = frame.drop(columns=[name])
    elif kind == 1:
        frame = frame.rename(columns={name: f"{name}_"})
    elif kind == 2:
        frame[name] = [str(value) + "x" for value in frame[name]]
    elif kind == 3:
        frame[name] = None
    elif kind == 4:
        frame = frame.iloc[:0]
    elif kind == 5:
        frame = pd.concat([frame, frame])
    elif kind == 6:
        frame[name] = draw.choice((math.nan, math.inf, -1e300, -7, 2**62))
    elif kind == 7:
        frame["more"] = 1
    else:
        frame[name] = pd.Series([[1, 2]] * len(frame))
    path.unlink()
    duckdb.sql(f"copy frame to '{path}' (format parquet)")


def other_journal(path: Path, draw: random.Random) -> None:
    """A journal with a line lost, doubled, cut, or saying something else."""
    lines = path.read_text(encoding="utf-8").splitlines()
    at = draw.randrange(len(lines))
    kind = draw.randrange(7)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, lines[at])
    elif kind == 2:
        lines[at] = lines[at][: len(lines[at]) // 2]
    elif kind == 3:
        lines[at] = draw.choice(LINES)
    else:
        lines[at] = json.dumps(_changed(json.loads(lines[at]), draw))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


OF_KIND: dict[str, tuple[Damage, ...]] = {
    ".json": (other_json, other_json, other_json, wrong_json), ".yaml": (other_yaml, other_yaml, wrong_yaml),
    ".parquet": (other_table, other_table, other_table), ".jsonl": (other_journal, other_journal, other_journal),
}  # fmt: skip


def damage(sound: Path, copy: Path, names: list[str], draw: random.Random) -> str:
    """A copy of a sound folder with one file damaged; says how."""
    shutil.copytree(sound, copy)
    path = copy / draw.choice(names)
    how = draw.choice([*ANY_FILE, *OF_KIND[path.suffix] * 3])
    how(path, draw)
    assert os.path.lexists(copy)
    return f"{how.__name__} {path.relative_to(copy)}"
