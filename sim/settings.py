"""One setting of the model, complete and checked: what a configuration comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Doctrine:
    """How one seat chooses: a rule of the registry and its numbers; `script` is empty unless the rule is scripted."""

    name: str
    rule: str
    about: str
    tilt: float
    aspiration: float
    script: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """Everything a run needs to know.

    Parameters
    ----------
    values : every number of the model by its path ("forces.R0"), integers as int
    doctrines, seats : by seat; `seats` holds title, person, office, aims, knows and options
    route : towns, track and halt, as in conf/route/
    seed : whole number >= 0, or None for a fresh one
    threads : None for all cores
    text : the resolved configuration as YAML
    folders : the user's own configuration folders (--config-dir)
    verb, choices : the verb this was composed for, and its own keys as in conf/verb/
    parameters : sets of numbers that replicates take in turn, as in conf/parameters/; empty for none
    held : keys that a preset would vary and the line sets to one value, so that they are no axes
    """

    scenario: str
    about: str
    values: Mapping[str, float]
    doctrines: Mapping[str, Doctrine]
    seats: Mapping[str, Mapping[str, Any]]
    route: Mapping[str, Any]
    figures: Mapping[str, Any]
    seed: int | None
    replications: int
    engine: str
    name: str | None
    threads: int | None
    trajectories: int
    replicate: int
    out: str
    release_at_h: float
    overrides: tuple[str, ...]
    text: str
    folders: tuple[Path, ...] = ()
    verb: str = "run"
    choices: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    held: tuple[str, ...] = ()
