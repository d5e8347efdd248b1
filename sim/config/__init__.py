"""Configuration by Hydra: conf/ as typed structured configs, composed into one checked `Settings`.

The only package that imports Hydra. Keys, options, numbers and a user's own files are read and
checked before Hydra sees them, because it refuses wrong types but neither knows ranges, nor
suggests spellings, nor doubts what a file asks it to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sim.config import line, own
from sim.config.launching import HYDRA_VERSION, launch, spoken
from sim.config.settling import sentence, settle
from sim.config.store import holding, schema
from sim.errors import ConfigurationError
from sim.settings import Settings
from sim.turns import turns

__all__ = ["compose", "compose_like", "launch", "recompose", "settle", "spoken"]
_one_at_a_time = turns()  # Hydra and its store are one for the process


def compose(overrides: Sequence[str] = (), config_dir: str | Path | None = None, verb: str = "run") -> Settings:
    """Settings from Hydra overrides, for notebooks and tests; the same grammar as the command line of `verb`.

    Raises
    ------
    ConfigurationError
        for an unknown key, option or scenario; ParameterError for a number out of its bounds.
    """
    folders = own.folders_of(config_dir, verb)
    givens = line.given(overrides, folders, verb)
    line.one_job(givens, verb)
    ready = line.axes_apart(givens, verb)
    try:
        with _hydra(own.options(folders, verb, line.chosen(givens)), verb) as root:
            cfg = hydra_compose(root, overrides=ready, return_hydra_config=True)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigurationError(sentence(error)) from error
    choices = cfg.hydra.runtime.choices
    OmegaConf.set_struct(cfg, False)
    del cfg["hydra"]
    return settle(cfg, choices["scenario"], tuple(ready), folders, verb)


def compose_like(settings: Settings, overrides: Sequence[str]) -> Settings:
    """Other overrides composed as these settings were: for their verb, with the user's own folder."""
    return compose(overrides, settings.folders[0] if settings.folders else None, settings.verb)


@contextmanager
def _hydra(options: Sequence[own.Option], verb: str) -> Iterator[str]:
    """Hydra set up for one composition; a job of a command line, which has one of its own, gets it back."""
    with _one_at_a_time:
        one = GlobalHydra.instance()
        before, one.hydra = one.hydra, None
        try:
            with holding(verb, options) as root, initialize(config_path=None, version_base=HYDRA_VERSION):
                yield root
        finally:
            GlobalHydra.instance().hydra = before


def recompose(config: Mapping[str, Any]) -> Settings:
    """Settings from a resolved configuration as `Settings.text` holds it; errors as in `compose`."""
    verb = str(config.get("verb", "run"))
    tree = {key: value for key, value in config.items() if key not in ("scenario", "verb")}
    own.refuse_code(tree, "this configuration")
    try:
        cfg = OmegaConf.merge(OmegaConf.structured(schema(verb)), tree)
    except OmegaConfBaseException as error:
        raise ConfigurationError(f"this configuration is not one of this version: {sentence(error)}") from error
    assert isinstance(cfg, DictConfig)
    OmegaConf.set_struct(cfg, False)
    del cfg["defaults"]
    return settle(cfg, str(config.get("scenario", "historical")), (), (), verb)
