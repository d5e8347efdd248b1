"""The mistakes a user can make; the command line prints them as one sentence, never as a traceback."""

from __future__ import annotations


class UserError(Exception):
    """What was given, what is allowed, what to do."""


class ConfigurationError(UserError):
    """A key, a file, an option or an override that the configuration does not know or cannot read."""


class ParameterError(ConfigurationError):
    """A number of the model that is unknown, of the wrong kind, or outside its hard bounds."""


class RecordError(UserError):
    """A run directory or file is missing, unfinished, damaged or cannot be written; the text says what to do."""
