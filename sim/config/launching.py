"""A verb's command line: Hydra's flags and overrides, one job or (with -m) several, and the page of --help."""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra import main as hydra_main
from hydra._internal.utils import get_args_parser
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sim import catalog
from sim.config import line, own
from sim.config.settling import sentence, settle
from sim.config.store import holding
from sim.errors import ConfigurationError, UserError, refused
from sim.settings import Settings
from sim.streams import ReaderGone

HYDRA_VERSION = "1.3"
# Folders and logs are the record layer's business: Hydra writes none.
QUIET = ("hydra.run.dir=.", "hydra.output_subdir=null", "hydra.sweep.subdir=.")
HELP = """usage: rubicon {verb} [key=value ...] [flags]

Any key of the configuration may be set on the command line:

  rubicon {verb} R0=8 actors.mediator.doctrine=uniform
  rubicon {verb} -m seed=1,2
{own}
Options to choose from:
{groups}

Keys: `rubicon list parameters`, or `rubicon {verb} --cfg job`.
Tab completion: eval "$(rubicon -sc install=bash)"

Flags of Hydra:
{flags}"""
# Flags that would have Hydra read files or code that were not checked here.
REFUSED = {"config_path": "--config-path", "config_name": "--config-name", "experimental_rerun": "--experimental-rerun"}

COMPLETION = re.compile("(install|uninstall|query)=(bash|zsh|fish)")


def launch(argv: Sequence[str], task: Callable[[Settings], int | None], verb: str = "run") -> int:
    """Run `task` once per job of a Hydra command line (overrides and Hydra's flags); the exit code.

    A user's mistake is printed as one sentence and gives 2; with `--multirun` the other jobs go on.
    """
    reader = get_args_parser()
    reader.prog = f"rubicon {spoken(verb)}"
    parsed = reader.parse_intermixed_args(list(argv))
    for name, flag in REFUSED.items():
        if getattr(parsed, name) is not None:
            raise ConfigurationError(f"{flag} is not taken; options of your own stand in a folder for --config-dir.")
    folders = own.folders_of(parsed.config_dir, verb)
    if parsed.help:
        print(_help(verb, folders))
        return 0
    if parsed.shell_completion:
        if len(parsed.overrides) != 1 or not COMPLETION.fullmatch(parsed.overrides[0]):
            raise ConfigurationError('tab completion: eval "$(rubicon -sc install=bash)", or zsh, or fish.')
        words = [*parsed.overrides, "--shell-completion"]
        with holding(verb, []) as root, _hydra_command_line(words, bare=True):
            return _hydra(root, lambda cfg: None, [])
    givens = line.given(parsed.overrides, folders, verb, several=parsed.multirun)
    if not parsed.multirun:
        line.one_job(givens, verb)
    ready = [one.text for one in givens] if parsed.multirun else line.axes_apart(givens, verb)
    codes: list[int] = []
    broken: list[Exception] = []

    def job(cfg: DictConfig) -> None:
        try:
            chosen = HydraConfig.get()
            own.options(folders, verb, _chosen(chosen.runtime.choices))
            told: Any = OmegaConf.to_container(chosen.overrides.task, resolve=False)
            settings = settle(cfg, chosen.runtime.choices["scenario"], tuple(told), folders, verb)
            codes.append(task(settings) or 0)
        except UserError as error:
            print(f"rubicon {spoken(verb)}: {error}", file=sys.stderr)
            codes.append(2)
        except OSError as error:
            print(f"rubicon {spoken(verb)}: {refused(error)}", file=sys.stderr)
            codes.append(2)
        except ReaderGone:
            codes.append(0)
        except Exception as error:
            broken.append(error)
            raise

    options = own.options(folders, verb, None if parsed.multirun else line.chosen(givens))
    with holding(verb, options) as root, _hydra_command_line([*ready, *_flags(parsed)]):
        code = _hydra(root, job, broken)
    return max(codes, default=code)


def _chosen(choices: Mapping[str, Any]) -> dict[str, set[str]]:
    """Group -> options of one job, as Hydra tells them (`actors@actors.leader: leader`)."""
    found: dict[str, set[str]] = {}
    for place, name in choices.items():
        found.setdefault(place.partition("@")[0], set()).add(str(name))
    return found


def _hydra(root: str, job: Callable[[DictConfig], None], broken: list[Exception]) -> int:
    """Hydra's main on the line that is set; the exit code of its flags."""
    try:
        with _log_as_before():
            hydra_main(version_base=HYDRA_VERSION, config_path=None, config_name=root)(job)()
    except SystemExit as done:  # --help, --cfg and the like end this way
        return done.code if isinstance(done.code, int) else 0
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        if broken:
            raise broken[0] from None
        raise ConfigurationError(sentence(error)) from error
    return 0


@contextmanager
def _log_as_before() -> Iterator[None]:
    """Hydra's --info writes its log to the standard output of now; a later line of this process may have another."""
    log = logging.getLogger()
    handlers, level = list(log.handlers), log.level
    try:
        yield
    finally:
        log.handlers[:] = handlers
        log.setLevel(level)


def _flags(parsed: Any) -> list[str]:
    """The flags of a line that Hydra shall see; its files and folders are ours to read."""
    with_value = {"--cfg": parsed.cfg, "--package": parsed.package, "--info": parsed.info}
    alone = {
        "--resolve": parsed.resolve, "--run": parsed.run, "--multirun": parsed.multirun,
        "--hydra-help": parsed.hydra_help,
    }  # fmt: skip
    pairs = [word for flag, value in with_value.items() if value is not None for word in (flag, value)]
    return [*pairs, *(flag for flag, given in alone.items() if given)]


@contextmanager
def _hydra_command_line(words: list[str], *, bare: bool = False) -> Iterator[None]:
    """Hydra reads sys.argv, prints its own errors unless told not to, and leaves a multirun.yaml: not here."""
    before, full = sys.argv, os.environ.get("HYDRA_FULL_ERROR")
    scratch = tempfile.mkdtemp(prefix="rubicon-")
    sys.argv = ["rubicon", *([] if bare else [*QUIET, f"hydra.sweep.dir='{scratch}'"]), *words]
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        yield
    finally:
        sys.argv = before
        os.environ.pop("HYDRA_FULL_ERROR")
        if full is not None:
            os.environ["HYDRA_FULL_ERROR"] = full
        shutil.rmtree(scratch)


def _help(verb: str, folders: tuple[Path, ...]) -> str:
    """Our own page: Hydra's takes seconds to list the groups."""
    groups = "\n".join(f"  {group}: {', '.join(catalog.options(group, folders))}" for group in own.groups(verb))
    left_out = [*REFUSED, "hydra_help"]
    known = [
        (", ".join(action.option_strings), action.help)
        for action in get_args_parser()._actions
        if action.dest not in left_out
    ]
    flags = "\n".join(
        f"  {names:<28}{' '.join(text.split())}" for names, text in known if names and isinstance(text, str)
    )
    return HELP.format(verb=spoken(verb), groups=groups, flags=flags, own=_own_keys(verb))


def spoken(verb: str) -> str:
    """A verb as it is typed: `seminar_pack` is two words."""
    return verb.replace("_", " ")


def _own_keys(verb: str) -> str:
    """The verb's own keys with their defaults and comments, as its file has them."""
    if not catalog.verb_file(verb).is_file():
        return ""
    lines = catalog.verb_file(verb).read_text(encoding="utf-8").splitlines()
    return "\n".join(["", f"Keys of {spoken(verb)}, with their defaults:", "", *(f"  {line}" for line in lines), ""])
