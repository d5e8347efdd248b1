"""Whatever is typed after `rubicon`: a sentence and exit code 2, or the work begins. Never a traceback, never a hang.

`RUBICON_LINES=2000` throws so many lines in place of the usual number.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from sim import catalog, jit
from sim.cli import VERBS, main
from sim.engines import batch, kernel
from sim.engines.mesa import Crisis
from sim.errors import UserError

LINES = int(os.environ.get("RUBICON_LINES", "120"))
PIECES = 12  # of the lines, so that one that fails is soon found again
LONGEST_S = 120  # for one line; what takes so long on any machine is a hang
COMPOSED = [verb for verb in VERBS if verb not in ("list", "query", "export", "plot", "report", "replay", "cases")]
ODD = [
    "", "0", "1", "-1", "5", "0.5", "1e4", "1e2", "1.5", "010", "1_000", "0x10", "1e400", "nan", "inf", "-inf", "null",
    "None", "true", "false", "yes", "no", "on", "10:30", "2023-06-24", "9" * 25, "9" * 5000, "übung", "日本", "a b",
    "a&b", "run=1", "~/x", "'x'", '"x"', "'", '"', "\\", "a\\'b", "${forces.R0}", "${oc.env:HOME}", "${nope}", "${",
    "$HOME", "[", "]", "{", "}", "(", "[]", "{}", "[1,2]", "[[1],[2]]", "[a,null]", "{a: 1}", "{R0: 5}",
    "{a: 1, a: 2}", "{low: 3, high: 9}", "{low: 9, high: 3}", "{count: 100000000}",
    "{low: 0, high: 1e308, scale: log}", "4,8", "4,4", "a,b", ",", "4,", "null,4", "[4],[5]", "range(4,8)",
    "range(4,8,0)", "range(8,4)", "range(0,1e12)", "range(0,1,1e-9)", "range(1)", "range()", "interval(0,1)",
    "interval(9,1)", "interval(a,b)", "interval()", "interval(nan,inf)", "tag(log,interval(1,9))", "choice(4,8)",
    "choice()", "shuffle(4,8)", "sort(8,4)", "glob(*)", "glob(no_*)", "glob(zz*)", "int(4.5)", "int(x)", "float(x)",
    "str(4)", "bool(maybe)", "foo(1)", "historical", "historical,core", "histrical", "[historical]", "quantal", "grid",
    "lhs", "/etc/passwd", "/nowhere/x.csv", "../x", "x" * 300, "\n", "\t", "a\nb", "\u202e", "\x00", "[" * 200,
    "(" * 50 + ")" * 50, "0,6", "7,5 ", " 5", "5 ", "%s", "{0}", "*", "?", "#", "a#b", "[{path: forces.R0, why: x}]",
    "settled", "[{hour: 15.5, seat: ruler, option: advance}]", "[{hour: x}]", "[hold, hold]", "0,1,2,3,4,5,6,7,8,9",
]  # fmt: skip
FLAGS = [
    "-m", "--multirun", "--cfg", "job", "-c", "--resolve", "--info", "-p", "forces", "--config-dir", "/nowhere", "-cd",
    ".", "--config-path", "--config-name", "x", "--experimental-rerun", "--nope", "--", "-x", "--help", "-sc",
    "install=bash", "--package",
]  # fmt: skip
NOT_KEYS = [
    "", "x", "forces", "forces.", ".R0", "forces..R0", "forces.RO", "R0.x", "actors", "actors.leader",
    "actors@actors.leader", "scenario@x", "hydra", "hydra.verbose", "hydra/launcher", "hydra.run.dir",
    "hydra.sweeper.params", "hydra.mode", "hydra.launcher.n_jobs", "_target_", "doctrine._target_", "defaults", "verb",
    "route.towns", "route.track", "route.halt", "doctrine.moves", "doctrine.deal", "parameters.sets",
    "parameters.paths", "figures.formats", "figures.dpi", "sweep.axes.R0", "sweep.axes", "axes", "axes.R0",
    "executor.workers", "executor.address", "seminar.seats", "seminar.worth", "seminar.debrief", "weights.A",
    "forces[R0]", "ü", "a b", "R0 ", "1", "$x", "scenario/x",
]  # fmt: skip


class Begun(UserError):
    """All was composed and checked, and the crises would be played now."""


@pytest.fixture(autouse=True)
def nothing_is_played(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The engines stop where they would start, in an empty folder."""

    def stop(*args: Any, **named: Any) -> NoReturn:
        raise Begun("the work begins here")

    for where, name in (
        (kernel, "ready"), (kernel, "_kernel"), (kernel, "play"), (batch, "_mesa_parts"),
        (Crisis, "__init__"), (jit, "compiled"),
    ):  # fmt: skip
        monkeypatch.setattr(where, name, stop)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("builtins.input", lambda *_: (_ for _ in ()).throw(EOFError()))


def keys_of(verb: str) -> tuple[list[str], list[str]]:
    """The verb's own keys with those that hold more than a number, and all others, known or not."""
    paths = [*catalog.catalogue(), *catalog.labels()]
    own = [path for path, _ in catalog.walk(catalog.verb_tree(verb.replace(" ", "_")))]
    groups = [group for group, _ in catalog.default_options().values()]
    more = [path for path, value in catalog.labels().items() if not isinstance(value, str)]
    special = [*more, "scenario", "name", "out", "about", "engine", *catalog.verb_groups(verb.replace(" ", "_"))]
    return [*own, *special], [*paths, *(path.rpartition(".")[2] for path in paths), *groups * 4, *NOT_KEYS * 5]


def lines(seed: int, n: int) -> Iterator[list[str]]:
    """Lines of a verb and some words, odd in every way that we could think of."""
    rng = random.Random(seed)
    for _ in range(n):
        verb = rng.choice([*COMPOSED, "seminar pack"])
        own, others = keys_of(verb)
        words = []
        for _ in range(rng.choice((1, 1, 1, 1, 2, 3))):
            key, sign = (
                rng.choice(own if rng.random() < 0.6 else others),
                rng.choice(["="] * 30 + ["", "==", ":", " = "]),
            )
            prefix = rng.choice([""] * 20 + ["+", "++", "~", "--"])
            value = "".join(rng.sample("R0=,:[]{}()'\"\\$ü ~+%a1.", 6)) if rng.random() < 0.1 else rng.choice(ODD)
            words.append(f"{prefix}{key}{sign}{value}")
        if rng.random() < 0.1:
            words.insert(rng.randrange(len(words) + 1), rng.choice(FLAGS))
        yield [*verb.split(), *words]


def answered(line: list[str]) -> int:
    """The exit code of a line; an error that is not caught is the test's failure, with the line beside it."""

    def late(*_: Any) -> NoReturn:
        raise TimeoutError(f"no answer in {LONGEST_S} s: {line}")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(LONGEST_S)
    try:
        return main(line)
    except SystemExit as done:  # argparse, for a flag that is not there
        return done.code if isinstance(done.code, int) else 2
    except Exception as error:
        raise AssertionError(f"rubicon {line!r}: {type(error).__name__}: {error}") from error
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("piece", range(PIECES))
def test_no_line_gives_a_traceback_or_hangs(piece: int, capfd: pytest.CaptureFixture[str]) -> None:
    for line in lines(piece, LINES // PIECES):
        code = answered(line)
        said = capfd.readouterr()
        assert code in (0, 2), (line, code, said)
        assert "Traceback" not in said.out + said.err, (line, said)
        assert code == 0 or len(said.err.strip()) > 20, (line, said)
