"""The command `rubicon`: a table of verbs, each a study imported only when it is called."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from sim import __version__
from sim.errors import UserError, refused
from sim.streams import ReaderGone, steady

# verb -> (module of `verb(argv) -> exit code`, function, one line of help)
VERBS: dict[str, tuple[str, str, str]] = {
    "run": ("sim.studies.run.verb", "main", "simulate a scenario many times: numbers and figures"),
    "sweep": ("sim.studies.sweep.verb", "main", "play a whole design of settings, with tests of itself"),
    "compare": ("sim.studies.compare.verb", "main", "settings side by side under common luck, settled or not"),
    "calibrate": ("sim.studies.calibrate.verb", "main", "what the patterns of the case tell of the numbers"),
    "sensitivity": ("sim.studies.sensitivity.verb", "main", "which numbers the endings hang on, and what is judgement"),
    "validate": ("sim.studies.validate.verb", "main", "does the model show what happened, and do simpler rivals"),
    "backtest": ("sim.studies.backtest.verb", "main", "predict past episodes, scored beside simple reference lines"),
    "cases": ("sim.studies.cases", "main", "the shelf of past episodes: import a table, list them"),
    "replay": ("sim.studies.replay.verb", "main", "the same of a results folder"),
    "story": ("sim.studies.replay.verb", "story", "tell one run of a setting, hour by hour"),
    "tension": ("sim.studies.tension.verb", "main", "odds of the endings along a run, and what moved them"),
    "hinge": ("sim.studies.hinge.verb", "main", "smallest change that flips a run: one decision, or one number"),
    "play": ("sim.studies.play.verb", "main", "one seat for you, the model in the others, and a debrief"),
    "explore": ("sim.studies.explore", "main", "a page with sliders: one crisis step by step, odds that follow"),
    "seminar": ("sim.studies.seminar", "main", "a classroom's server: teams in the seats; seminar pack: hand-outs"),
    "game": ("sim.studies.game.verb", "main", "a moment of a crisis as a game, solved, beside what the model does"),
    "ledger": ("sim.studies.ledger.verb", "main", "what mediation is worth, by hour of entry and by function"),
    "disclose": ("sim.studies.disclose.verb", "main", "what it is worth to tell one private fact to one actor"),
    "capsule": ("sim.studies.capsule.verb", "main", "one run as a short text that replays bit for bit"),
    "plot": ("sim.studies.plot", "main", "draw the figures of a results folder again"),
    "query": ("sim.studies.query", "main", "ask a results folder in SQL"),
    "export": ("sim.studies.export", "main", "tables of a results folder as CSV"),
    "report": ("sim.report", "main", "one HTML file of a results folder"),
    "list": ("sim.studies.list_", "main", "scenarios, sweeps, actors, doctrines, parameters, figures, endings"),
}
# What verbs are for; each stands in one place.
GROUPS: dict[str, tuple[str, ...]] = {
    "simulate": ("run", "sweep"),
    "compare": ("compare", "sensitivity", "ledger", "disclose"),
    "explain one crisis": ("story", "replay", "tension", "hinge", "capsule", "game"),
    "evidence": ("validate", "calibrate", "backtest", "cases"),
    "teach and play": ("seminar", "explore", "play"),
    "tables and figures": ("list", "plot", "query", "export", "report"),
}
USAGE, INTERRUPTED = 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; 0 when all went well, 2 for what the user or the disk must mend, 130 when interrupted."""
    with steady():
        try:
            return _told(list(sys.argv[1:] if argv is None else argv))
        except ReaderGone:  # results stand before a word is printed, so nothing is lost
            return 0


def _told(words: list[str]) -> int:
    """The exit code of a command line, its errors told in one sentence."""
    try:
        try:
            return _dispatch(words)
        finally:
            sys.stdout.flush()
    except UserError as error:
        said = str(error)
    except MemoryError:
        said = "this does not fit into memory; ask for fewer runs, or use rubicon sweep."
    except KeyboardInterrupt:
        print("\nrubicon: interrupted; nothing unfinished was left under its final name.", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        said = str(refused(error))
    print(f"rubicon: {said}", file=sys.stderr)
    return USAGE


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(_help())
        return 0
    if words[0] in ("-V", "--version"):
        print(f"rubicon {__version__}")
        return 0
    if words[0] in ("-sc", "--shell-completion"):
        return _complete(words)
    verb, *rest = words
    if verb not in VERBS:
        near = difflib.get_close_matches(verb, VERBS, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UserError(f"unknown verb {verb!r}.{hint} Known: {', '.join(VERBS)}. `rubicon --help` explains them.")
    module, function, _ = VERBS[verb]
    code: int = getattr(import_module(module), function)(rest)
    return code


def _help() -> str:
    width = max(map(len, VERBS))
    verbs = "\n".join(
        "\n".join([f"{group}:", *(f"  {verb:<{width}}  {VERBS[verb][2]}" for verb in names)])
        for group, names in GROUPS.items()
    )
    return f"""usage: rubicon VERB [key=value ...] [options]

An armed march on a capital, June 2023, as an agent-based wargame. It explains
mechanisms; it does not predict.

{verbs}

rubicon run                                the default scenario, 20,000 runs
rubicon run scenario=no_mediator R0=8      another scenario, a larger column
rubicon run -m scenario=historical,core    several in a row
rubicon sweep R0=4,6,8 k_st=0.1,0.2        a design of settings, with common luck
rubicon VERB --help                        options and keys of a verb
eval "$(rubicon -sc install=bash)"         tab completion (also zsh, fish)"""


def _complete(words: list[str]) -> int:
    """Hydra's completion knows keys but no verbs: the verb is taken out of the line, or offered."""
    line = os.environ.get("COMP_LINE", "").split(" ")
    if words[1:2] and words[1].startswith("query"):
        if len(line) <= 2:
            print(" ".join(VERBS))
            return 0
        os.environ["COMP_LINE"] = " ".join([line[0], *line[2:]])
    from sim.config import launch

    return launch(words, lambda settings: 0)
