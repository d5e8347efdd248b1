"""Configuration by Hydra: conf/ as typed structured configs, composed into one checked `Settings`.

The only file that imports Hydra. Keys, options and numbers are checked before Hydra
sees them, because it refuses wrong types but neither knows ranges nor suggests spellings.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import field, make_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize, initialize_config_dir
from hydra import main as hydra_main
from hydra._internal.utils import get_args_parser
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sim import catalog
from sim.errors import ConfigurationError, UserError
from sim.overrides import COUNTS, ENGINES, OPTIONAL, check_count, check_figures, options_of, prepare, refuse_targets
from sim.settings import Doctrine, Settings
from sim.turns import in_turn

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


@cache
def register(verb: str = "run") -> str:
    """Put conf/ into Hydra's store, the root with the verb's own keys; returns the root's name."""
    _register_groups()
    store, name = ConfigStore.instance(), f"config_{verb}"
    store.store(name=name, node=_schema(verb))
    for group in catalog.verb_groups(verb):
        for option in catalog.options(group):
            store.store(group=group, name=option, node=catalog.option(group, option))
    return name


@cache
def _register_groups() -> None:
    """Each group's options of the model, as plain values."""
    store = ConfigStore.instance()
    chosen = set(catalog.default_options().values())
    for group in sorted({group for group, _ in chosen} | {"scenario"}):
        package = "_global_" if group == "scenario" else None
        for name in catalog.options(group):
            # The root already holds the defaults' values; Hydra copies its store often, so it is kept small.
            node = {} if (group, name) in chosen else catalog.option(group, name)
            store.store(group=group, name=name, node=node, package=package)


@cache
def _schema(verb: str = "run") -> type:
    """The typed root of the configuration."""
    quiet = [{"override hydra/job_logging": "none"}, {"override hydra/hydra_logging": "none"}]
    groups = [{group: name} for group, name in catalog.verb_groups(verb).items()]
    chosen = [*catalog.read(catalog.conf_folder() / "config.yaml")["defaults"], *groups, *quiet]
    defaults = ("defaults", list[Any], field(default_factory=lambda: chosen))
    presets = catalog.verb_groups(verb)
    own = {key: node for key, node in catalog.verb_tree(verb).items() if key not in presets}
    # A preset may hold any axes, so a verb's groups are plain mappings; the study checks them.
    free: list[tuple[str, Any, Any]] = [(group, dict[str, Any], field(default_factory=dict)) for group in presets]
    return _typed("Config", {**catalog.defaults_tree(), **own}, [defaults, *free])


def _typed(name: str, tree: Mapping[str, Any], first: Sequence[tuple[str, Any, Any]] = ()) -> type:
    """A dataclass with one typed field a key, after those of `first`; its defaults are the default options' values."""
    fields = [*first, *((key, *_typed_field(key, node, top=bool(first))) for key, node in tree.items())]
    return make_dataclass(name, fields)


def _typed_field(key: str, node: Any, *, top: bool) -> tuple[Any, Any]:
    if catalog.is_number(node):
        value = node.get("value")
        return (float | None if value is None else float), field(default=value)
    if node == {}:
        return dict[str, Any], field(default_factory=dict)  # free, such as a verb's `axes`; the study checks it
    if isinstance(node, dict) and "source" not in node:
        kind = _typed(key.title(), node)
        return kind, field(default_factory=kind)
    if top and (key == "name" or key in OPTIONAL):
        return (str | None if key == "name" else int | None), field(default=node)
    if isinstance(node, (bool, int, str)):
        return type(node), field(default=node)
    return Any, field(default_factory=lambda: node)


@in_turn  # Hydra knows one composition at a time
def compose(overrides: Sequence[str] = (), config_dir: str | Path | None = None, verb: str = "run") -> Settings:
    """Settings from Hydra overrides, for notebooks and tests; the same grammar as the command line of `verb`.

    Raises
    ------
    ConfigurationError
        for an unknown key, option or scenario; ParameterError for a number out of its bounds.
    """
    root = register(verb)
    folders = _folders(config_dir)
    ready = _axes_apart([_prepared(text, folders, verb) for text in overrides], verb)
    _one_job(ready, verb)
    try:
        with _hydra_at(folders):
            cfg = hydra_compose(root, overrides=ready, return_hydra_config=True)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigurationError(_sentence(error)) from error
    choices = cfg.hydra.runtime.choices
    OmegaConf.set_struct(cfg, False)
    del cfg["hydra"]
    return settle(cfg, choices["scenario"], tuple(ready), folders, verb)


def compose_like(settings: Settings, overrides: Sequence[str]) -> Settings:
    """Other overrides composed as these settings were: for their verb, with the user's own folder."""
    return compose(overrides, settings.folders[0] if settings.folders else None, settings.verb)


@contextmanager
def _hydra_at(folders: tuple[Path, ...]) -> Iterator[None]:
    """Hydra set up for one composition; a job of a command line, which has one of its own, gets it back."""
    one = GlobalHydra.instance()
    before, one.hydra = one.hydra, None
    home: AbstractContextManager[None]
    try:
        if folders:
            home = initialize_config_dir(config_dir=str(folders[0].resolve()), version_base=HYDRA_VERSION)
        else:
            home = initialize(config_path=None, version_base=HYDRA_VERSION)
        with home:
            yield
    finally:
        GlobalHydra.instance().hydra = before


def recompose(config: Mapping[str, Any]) -> Settings:
    """Settings from a resolved configuration as `Settings.text` holds it; errors as in `compose`."""
    verb = str(config.get("verb", "run"))
    tree = {key: value for key, value in config.items() if key not in ("scenario", "verb")}
    try:
        cfg = OmegaConf.merge(OmegaConf.structured(_schema(verb)), tree)
    except OmegaConfBaseException as error:
        raise ConfigurationError(f"this configuration is not one of this version: {_sentence(error)}") from error
    assert isinstance(cfg, DictConfig)
    OmegaConf.set_struct(cfg, False)
    del cfg["defaults"]
    return settle(cfg, str(config.get("scenario", "historical")), (), (), verb)


def launch(argv: Sequence[str], task: Callable[[Settings], int | None], verb: str = "run") -> int:
    """Run `task` once per job of a Hydra command line (overrides and Hydra's flags); the exit code.

    A user's mistake is printed as one sentence and gives 2; with `--multirun` the other jobs go on.
    """
    parsed = get_args_parser().parse_intermixed_args(list(argv))
    folders = _folders(parsed.config_dir)
    if parsed.help:
        print(_help(verb, folders))
        return 0
    root = register(verb)
    completes = parsed.shell_completion
    ready = parsed.overrides if completes else [_prepared(text, folders, verb) for text in parsed.overrides]
    if not parsed.multirun:
        ready = _axes_apart(ready, verb)
        _one_job(ready, verb)
    # Overrides first and together: Hydra's parser would not take them on both sides of a flag.
    line = [*ready, *(text for text in argv if text not in parsed.overrides)]
    codes: list[int] = []
    broken: list[Exception] = []

    def job(cfg: DictConfig) -> None:
        try:
            chosen = HydraConfig.get()
            settings = settle(cfg, chosen.runtime.choices["scenario"], tuple(chosen.overrides.task), folders, verb)
            codes.append(task(settings) or 0)
        except UserError as error:
            print(f"rubicon {spoken(verb)}: {error}", file=sys.stderr)
            codes.append(2)
        except Exception as error:
            broken.append(error)
            raise

    with _hydra_command_line(line, bare=completes):
        try:
            hydra_main(version_base=HYDRA_VERSION, config_path=None, config_name=root)(job)()
        except SystemExit as done:  # --help, --cfg and the like end this way
            return done.code if isinstance(done.code, int) else 0
        except (HydraException, OmegaConfBaseException, ValueError) as error:
            if broken:
                raise broken[0] from None
            raise ConfigurationError(_sentence(error)) from error
    return max(codes, default=0)


@contextmanager
def _hydra_command_line(line: list[str], *, bare: bool) -> Iterator[None]:
    """Hydra reads sys.argv, prints its own errors unless told not to, and leaves a multirun.yaml: not here."""
    before, full = sys.argv, os.environ.get("HYDRA_FULL_ERROR")
    scratch = tempfile.mkdtemp(prefix="rubicon-")
    sys.argv = ["rubicon", *([] if bare else [*QUIET, f"hydra.sweep.dir='{scratch}'"]), *line]
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
    of_model = dict.fromkeys(group for group, _ in catalog.default_options().values())
    places = [*catalog.verb_groups(verb), "scenario", *of_model]
    groups = "\n".join(f"  {group}: {', '.join(catalog.options(group, folders))}" for group in places)
    known = [(", ".join(action.option_strings), action.help) for action in get_args_parser()._actions]
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


def _folders(config_dir: str | Path | None) -> tuple[Path, ...]:
    if config_dir is None:
        return ()
    folder = Path(config_dir)
    if not folder.is_dir():
        raise ConfigurationError(f"--config-dir {config_dir} is no folder; it must hold folders such as scenario/.")
    refuse_targets(folder)
    return (folder,)


def _prepared(text: str, folders: tuple[Path, ...], verb: str) -> str:
    try:
        override = OverridesParser.create().parse_override(text)
    except HydraException as error:
        first = str(error).splitlines()[0]
        raise ConfigurationError(f"{text!r} is no override ({first}). Write key=value, for example R0=8.") from error
    return prepare(text, override, folders, verb)


def _axes_apart(ready: Sequence[str], verb: str) -> list[str]:
    """For a verb with axes, Hydra's sweeps (`R0=4,8`, `k_st=interval(0.1,0.4)`) become axes; else all as it is."""
    tree = catalog.verb_tree(verb)
    place = "axes" if "axes" in tree else "sweep.axes" if "sweep" in tree else None
    if place is None:
        return list(ready)
    parsed = [(text, OverridesParser.create().parse_override(text)) for text in ready]
    axes = {o.key_or_group: axis_of(o) for text, o in parsed if o.is_sweep_override()}
    kept = [text for text, o in parsed if not o.is_sweep_override()]
    given = ",".join(f"{path}:{spec}" for path, spec in axes.items())
    return [*kept, f"++{place}={{{given}}}"] if axes else kept


def _one_job(ready: Sequence[str], verb: str) -> None:
    """ConfigurationError for a key with several values where one setting is played."""
    for text in ready:
        if OverridesParser.create().parse_override(text).is_sweep_override():
            raise ConfigurationError(
                f"{text} gives several values, and one `rubicon {verb}` takes one of each: use `rubicon sweep`, or -m "
                "to play one job a value."
            )


def axis_of(override: Any) -> str:
    """A sweeping override as an axis: levels for a choice or range, bounds and scale for an interval.

    >>> axis_of(OverridesParser.create().parse_override("x=tag(log, interval(1, 9))"))
    '{low:1.0,high:9.0,scale:log}'
    """
    if override.is_interval_sweep():
        sweep = override.value()
        scale = "log" if "log" in sweep.tags else "linear"
        return f"{{low:{float(sweep.start)},high:{float(sweep.end)},scale:{scale}}}"
    return "[" + ",".join(str(getattr(level, "text", level)) for level in override.sweep_iterator()) + "]"


def settle(
    cfg: DictConfig, scenario: str, overrides: tuple[str, ...], folders: tuple[Path, ...], verb: str = "run"
) -> Settings:
    """The checked Settings of a composed configuration; errors as in `compose`."""
    values = _numbers(cfg)
    plain: Any = OmegaConf.to_container(cfg, resolve=True)
    for key in COUNTS:
        check_count(key, plain[key])
    check_figures(plain["figures"])
    if plain["engine"] not in ENGINES:
        raise ConfigurationError(catalog.unknown("engine", plain["engine"], ENGINES))
    text = f"verb: {verb}\nscenario: {scenario}\n{OmegaConf.to_yaml(cfg, resolve=True)}"
    own = {key: plain[key] for key in (*COUNTS, "name", "about", "engine", "out", "figures", "route", "parameters")}
    return Settings(
        scenario=scenario, values=values, doctrines=_doctrines(plain, folders), seats=plain["actors"],
        release_at_h=values["release_at_h"], overrides=overrides, text=text,
        folders=folders, verb=verb, choices={key: plain[key] for key in catalog.verb_tree(verb)}, **own,
    )  # fmt: skip


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


def _doctrines(plain: Mapping[str, Any], folders: tuple[Path, ...]) -> dict[str, Doctrine]:
    """Each seat's doctrine: the group's as composed where the names agree, else the option's own file."""
    group, found = plain["doctrine"], {}
    known = options_of("doctrine", folders)
    for seat, actor in plain["actors"].items():
        name = actor["doctrine"]
        if name not in (group["name"], *known):
            raise ConfigurationError(f"actors.{seat}: {catalog.unknown('doctrine', name, known)}")
        default = catalog.plain_values(catalog.defaults_tree()["doctrine"])
        of = group if name == group["name"] else {**default, **catalog.option("doctrine", name, folders)}
        for key in ("tilt", "aspiration"):
            catalog.check(f"doctrine.{key}", of[key])
        script = {key: of[key] for key in ("track", "moves", "calls", "deal") if of.get(key)}
        found[seat] = Doctrine(name, of["rule"], of["about"], float(of["tilt"]), float(of["aspiration"]), script)
    return found


def _sentence(error: BaseException) -> str:
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
    missing = re.search(r"Key '([^']+)' not in '([^']+)'", text)
    if missing:
        key, branch = missing[1], missing[2].lower()
        names = [*catalog.catalogue(), *catalog.labels()]
        near = catalog.nearest(key, [path for path in names if f"{branch}." in f".{path}"] or names)
        text += f". Did you mean {near!r}?" if near else ". `rubicon list parameters` shows all keys."
    return text
