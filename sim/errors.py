"""The mistakes a user can make; the command line prints them as one sentence, never as a traceback."""

from __future__ import annotations

import errno
import os
import re
import shlex
from pathlib import Path

ADVICE = {
    errno.ENOSPC: "make room, or choose another disk",
    errno.EDQUOT: "make room within your quota, or choose another disk",
    errno.EFBIG: "choose a place that takes larger files",
    errno.EROFS: "choose a folder that can be written",
    errno.EACCES: "choose a folder that you may write",
    errno.EPERM: "choose a folder that you may write",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENOTDIR: "a file stands where a folder should be; choose another place",
    errno.EISDIR: "a folder stands where a file should be; move it away",
    errno.ELOOP: "its links lead in a circle; choose another place",
    errno.EMFILE: "too many files are open; raise the limit (ulimit -n)",
}
PLAIN = re.compile(r"[\w./+%@-]+", re.ASCII)  # what Hydra's grammar and a shell take as it is
OTHER = re.compile(r"null|true|false|nan|inf|[-+.\d][\d_.eE+-]*", re.IGNORECASE)  # what Hydra takes for no text


class UserError(Exception):
    """What was given, what is allowed, what to do."""


class ConfigurationError(UserError):
    """A key, a file, an option or an override that the configuration does not know or cannot read."""


class ParameterError(ConfigurationError):
    """A number of the model that is unknown, of the wrong kind, or outside its hard bounds."""


class RecordError(UserError):
    """A run directory or file is missing, unfinished, damaged or cannot be written; the text says what to do."""


def cause(error: BaseException) -> str:
    """What the system said, without the number and the path of an OSError."""
    return " ".join((getattr(error, "strerror", None) or str(error) or type(error).__name__).split())


def refused(error: Exception, path: Path | str | None = None) -> RecordError:
    """An error of the disk as a sentence: which file, what the system said, what to do."""
    named = getattr(error, "filename2", None) or getattr(error, "filename", None)  # of two, the one to be written
    file = os.fsdecode(named) if isinstance(named, (str, bytes, os.PathLike)) else path
    what = ADVICE.get(getattr(error, "errno", None) or 0, "choose another place")
    return RecordError(f"cannot use {file or 'a file'} ({cause(error)}); {what}.")


def command(verb: str, *words: object, **keys: object) -> str:
    """A command line of Rubicon that can be pasted: quoted for the shell, values of keys for Hydra's grammar too.

    >>> command("report", "a b"), command("sweep", resume="a/b")
    ("rubicon report 'a b'", 'rubicon sweep resume=a/b')
    >>> print(command("sweep", resume="my results/x"))
    rubicon sweep 'resume="my results/x"'
    """
    return shlex.join(["rubicon", *verb.split(), *map(str, words), *(setting(*pair) for pair in keys.items())])


def setting(key: str, value: object) -> str:
    """`key=value` in Hydra's grammar, its value in quotes where it must be.

    >>> print(setting("out", "it's"), setting("out", "plain/path"), setting("name", "17"), setting("seed", 17))
    out="it's" out=plain/path name="17" seed=17
    """
    text = str(value)
    if PLAIN.fullmatch(text) and (not isinstance(value, (str, Path)) or not OTHER.fullmatch(text)):
        return f"{key}={text}"
    # Within quotes Hydra takes backslashes before a quote for escapes, and resolves ${...}.
    inside = re.sub(r"(\\+)$", r"\1\1", re.sub(r'(\\*)"', r'\1\1\\"', text)).replace("${", "\\${")
    return f'{key}="{inside}"'


def needs(what: str, extra: str, missing: object) -> str:
    """The sentence for a library that an optional part of the program needs and that is not there.

    >>> needs("executor=dask", "cluster", "No module named 'distributed'")
    "executor=dask needs the extra `cluster` (No module named 'distributed'); see README, Installing."
    """
    return f"{what} needs the extra `{extra}` ({missing}); see README, Installing."
