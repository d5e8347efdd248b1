"""The mistakes a user can make; the command line prints them as one sentence, never as a traceback."""

from __future__ import annotations


class UserError(Exception):
    """What was given, what is allowed, what to do."""


class ConfigurationError(UserError):
    """A key, a file, an option or an override that the configuration does not know or cannot read."""


class ParameterError(ConfigurationError):
    """A number of the model that is unknown, of the wrong kind, or outside its hard bounds."""


def needs(what: str, extra: str, missing: object) -> str:
    """The sentence for a library that an optional part of the program needs and that is not there.

    >>> needs("executor=dask", "cluster", "No module named 'distributed'")
    "executor=dask needs the extra `cluster` (No module named 'distributed'); see README, Installing."
    """
    return f"{what} needs the extra `{extra}` ({missing}); see README, Installing."
