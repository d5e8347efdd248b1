"""From a composed configuration to checked `Settings`, and from Hydra's errors to sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from sim import catalog
from sim.checks import COUNTS, ENGINES, check_count, check_figures, check_kinds, check_script, defaults
from sim.config import own
from sim.config.line import axes_place
from sim.errors import ConfigurationError
from sim.overrides import options_of
from sim.settings import Doctrine, Settings


def settle(
    cfg: DictConfig, scenario: str, overrides: tuple[str, ...], folders: tuple[Path, ...], verb: str = "run"
) -> Settings:
    """The checked Settings of a composed configuration; errors as in `compose`."""
    try:
        held = _hold(cfg, overrides, verb)
        values = _numbers(cfg)
        plain: Any = OmegaConf.to_container(cfg, resolve=True)
        yaml = OmegaConf.to_yaml(cfg, resolve=True)
    except OmegaConfBaseException as error:
        raise ConfigurationError(sentence(error)) from error
    for key in COUNTS:
        check_count(key, plain[key])
    check_kinds(plain, defaults(verb))
    check_figures(plain["figures"])
    if plain["engine"] not in ENGINES:
        raise ConfigurationError(catalog.unknown("engine", plain["engine"], ENGINES))
    plain["out"] = _at_home(plain["out"])
    mine = {key: plain[key] for key in (*COUNTS, "name", "about", "engine", "out", "figures", "route", "parameters")}
    return Settings(
        scenario=scenario, values=values, doctrines=_doctrines(plain, folders, verb), seats=plain["actors"],
        release_at_h=values["release_at_h"], overrides=overrides,
        text=f"verb: {verb}\nscenario: {scenario}\n{yaml}", folders=folders, verb=verb,
        choices={key: plain[key] for key in catalog.verb_tree(verb)}, held=held, **mine,
    )  # fmt: skip


def _hold(cfg: DictConfig, overrides: tuple[str, ...], verb: str) -> tuple[str, ...]:
    """Take out of a preset's axes what the line sets to one value, in `cfg` too; returns those keys."""
    place = axes_place(verb)
    if place is None:
        return ()
    fixed = {catalog.key_of(text) for text in overrides}
    held: list[str] = []
    axes, usual = (OmegaConf.select(cfg, where) for where in (place, place.replace("axes", "fallback")))
    branch = axes or usual  # what varies where no axis is named
    for name in list(branch) if isinstance(branch, DictConfig) else ():
        path = catalog.aliases().get(str(name), str(name))
        if path in fixed:
            with open_dict(branch):
                del branch[name]
            held.append(path)
    return tuple(held)


def _at_home(path: str) -> str:
    """`~/res` as a shell would read it; the text as it is where there is no such home."""
    try:
        return str(Path(path).expanduser()) if path.startswith("~") else path
    except RuntimeError:
        return path


def _numbers(cfg: DictConfig) -> dict[str, float]:
    """Every number checked; those that follow others are filled in, in `cfg` too."""
    values: dict[str, float] = {}
    for path, parameter in catalog.catalogue().items():
        value = OmegaConf.select(cfg, path)
        if value is None and parameter.follows:
            value = sum(values[other] for other in parameter.follows)
        values[path] = catalog.check(path, value)
        OmegaConf.update(cfg, path, values[path])
    return values


def _doctrines(plain: Mapping[str, Any], folders: tuple[Path, ...], verb: str) -> dict[str, Doctrine]:
    """Each seat's doctrine: the group's as composed where the names agree, else the option's own file."""
    group, found = plain["doctrine"], {}
    known = options_of("doctrine", folders)
    default = catalog.plain_values(catalog.defaults_tree()["doctrine"])
    for seat, actor in plain["actors"].items():
        name = str(actor["doctrine"])
        if name not in (group["name"], *known):
            raise ConfigurationError(f"actors.{seat}: {catalog.unknown('doctrine', name, known)}")
        for folder in folders:
            if name in catalog.files("doctrine", folder):
                own.load(folder, "doctrine", name, verb)  # says what is wrong with it
        of = group if name == group["name"] else {**default, **catalog.option("doctrine", name, folders)}
        for key in ("tilt", "aspiration"):
            catalog.check(f"doctrine.{key}", of[key])
        script = {key: of[key] for key in ("track", "moves", "calls", "deal") if of.get(key)}
        check_script(name, script)
        found[seat] = Doctrine(
            name, str(of["rule"]), str(of["about"]), float(of["tilt"]), float(of["aspiration"]), script
        )
    return found


def sentence(error: BaseException) -> str:
    """What Hydra says, with the cause it hides, in one line, and the nearest key where one is unknown."""
    cause = error.__cause__
    parts = [str(error), *([str(cause)] if cause is not None and str(cause) not in str(error) else [])]
    lines = [line.strip() for part in parts for line in part.splitlines()]
    noise = ("full_key:", "object_type=", "reference_type=", "To append to your config")
    text = " ".join(line for line in lines if line and not line.startswith(noise))
    whole = re.search(
        r"override (\S+?)=.*Value '([^']*)' of type '\w+' could not be converted to (Integer|Float|Boolean)", text
    )
    if whole:
        kinds = {"Integer": "a whole number", "Float": "a number", "Boolean": "true or false"}
        return f"{whole[1]}={whole[2]} is not allowed; give {kinds[whole[3]]}."
    null = re.search(r"override (\S+?)=.*field '\w+' is not Optional", text)
    if null:
        return f"{null[1]}=null is not allowed; give a value, or leave it out."
    absent = re.search(r"Could not override '((\w+)\.[\w.]+)'.* is not in struct", text)
    if absent:
        return f"{absent[1]} is no key of the option of {absent[2]} that is chosen; choose another, or leave it out."
    missing = re.search(r"Key '([^']+)' not in '([^']+)'", text)
    if missing:
        key, branch = missing[1], missing[2].lower()
        names = [*catalog.catalogue(), *catalog.labels()]
        near = catalog.nearest(key, [path for path in names if f"{branch}." in f".{path}"] or names)
        text += f". Did you mean {near!r}?" if near else ". `rubicon list parameters` shows all keys."
    return text or type(error).__name__
