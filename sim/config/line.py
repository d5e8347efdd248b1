"""A command line's overrides, read by Hydra's grammar and made ready for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import create_functions
from hydra.core.override_parser.overrides_visitor import HydraErrorListener, HydraOverrideVisitor
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.grammar.gen.OverrideLexer import CommonTokenStream, InputStream, OverrideLexer  # type: ignore[attr-defined]
from hydra.grammar.gen.OverrideParser import OverrideParser

from sim import catalog
from sim.config.own import refuse_code, refuse_resolvers
from sim.errors import ConfigurationError
from sim.overrides import Given, check_jobs, literal, prepare, without_clashes
from sim.spelling import spelled

DEEPEST, LONGEST = 30, 200_000  # brackets within brackets, and characters, of one override
# What Hydra's grammar and functions raise at words that it does not know.
UNREADABLE = (HydraException, ValueError, TypeError, ArithmeticError, AssertionError, AttributeError, RecursionError)


class _Visitor(HydraOverrideVisitor):
    """Hydra's own, but a key that stands twice in a mapping is refused rather than lost."""

    def visitDictContainer(self, ctx: Any) -> dict[Any, Any]:
        pairs = [self.visitDictKeyValuePair(ctx.getChild(i)) for i in range(1, ctx.getChildCount() - 1, 2)]
        keys = [getattr(key, "text", key) for key, _ in pairs]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                raise HydraException(f"{key} stands there twice; keep one of them")
        return {key: value for key, (_, value) in zip(keys, pairs, strict=True)}


def parse(text: str) -> Override:
    """One override; ConfigurationError where it is none."""
    depth = deepest = 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        deepest = max(deepest, depth)
    if "\0" in text:
        raise ConfigurationError(f"{_short(text)} holds a zero byte, which no key, name or file can.")
    if deepest > DEEPEST or len(text) > LONGEST:
        raise ConfigurationError(f"{text[:40]!r}... is too long or too deeply nested to be an override.")
    listener = HydraErrorListener()
    try:
        lexer = OverrideLexer(InputStream(text))
        lexer.removeErrorListeners()
        lexer.addErrorListener(listener)
        parser = OverrideParser(CommonTokenStream(lexer))
        parser.removeErrorListeners()
        parser.addErrorListener(listener)
        found = _Visitor(create_functions()).visit(parser.override())  # type: ignore[no-untyped-call]
        found.input_line = text
        found.validate()
    except UNREADABLE as error:
        first = (str(error).splitlines() or [type(error).__name__])[0].partition(" expecting ")[0]
        raise ConfigurationError(
            f"{_short(text)} is no override ({first}). Write key=value, for example R0=8."
        ) from error
    assert isinstance(found, Override)
    return found


def _short(text: str) -> str:
    return repr(text if len(text) <= 200 else f"{text[:197]}...")


def given(texts: Sequence[str], folders: tuple[Path, ...], verb: str, *, several: bool = False) -> list[Given]:
    """What a line sets, checked; errors as in `sim.overrides.prepare`, and for a key that is set twice."""
    found: list[Given] = []
    for text in texts:
        ready = text if "\0" in text else literal(text, parse, verb, several=several)
        override = parse(ready)
        _refuse_code(text, override)
        found += prepare(ready, override, folders, verb)
    found = without_clashes(found, verb, axes_place(verb))
    if several:
        check_jobs(found)
    return found


def _refuse_code(text: str, override: Override) -> None:
    if not override.is_hydra_override():  # what is said to Hydra has a list of its own
        refuse_code({override.key_or_group: None}, repr(text))
    refuse_resolvers(text.partition("=")[2], repr(text))
    if not override.is_sweep_override():
        refuse_code(override.value(), repr(text))


def axes_place(verb: str) -> str | None:
    """Where a verb keeps its axes; None for a verb without any."""
    tree = catalog.verb_tree(verb)
    return "axes" if "axes" in tree else "sweep.axes" if "sweep" in tree else None


def axes_apart(givens: Sequence[Given], verb: str) -> list[str]:
    """The line as Hydra shall see it: for a verb with axes, `R0=4,8` and `k_st=interval(0.1,0.4)` are axes."""
    place = axes_place(verb)
    axes = {one.path: one for one in givens if one.levels is not None} if place else {}
    kept = [one.text for one in givens if one.path not in axes]
    if not axes:
        return kept
    more = ", ".join(f"{spelled(path)}: {axis_of(one)}" for path, one in axes.items())
    whole = [one for one in givens if one.path == place]
    if whole:  # axes=... of the line and its sweeps are one mapping
        old = spelled(whole[0].value).removeprefix("{").removesuffix("}")
        kept = [text for text in kept if text != whole[0].text]
        more = f"{old}, {more}" if old else more
    return [*kept, f"++{place}={{{more}}}"]


def axis_of(one: Given) -> str:
    """A key with several values as an axis: levels of a choice or range, bounds and scale of an interval.

    >>> axis_of(given(["R0=tag(log, interval(1, 9))"], (), "sweep")[0])
    '{low: 1.0, high: 9.0, scale: log}'
    """
    if one.levels:
        return spelled(list(one.levels))
    sweep = parse(one.text).value()
    scale = "log" if "log" in sweep.tags else "linear"  # type: ignore[union-attr]
    return spelled({"low": float(sweep.start), "high": float(sweep.end), "scale": scale})  # type: ignore[union-attr, arg-type]


def one_job(givens: Sequence[Given], verb: str) -> None:
    """ConfigurationError for a key with several values where one setting is played."""
    for one in givens:
        if one.levels is not None and not axes_place(verb):
            raise ConfigurationError(
                f"{one.said} gives several values, and one `rubicon {verb.replace('_', ' ')}` takes one of each: use "
                "`rubicon sweep`, or -m to play one job a value."
            )


def chosen(givens: Sequence[Given]) -> Mapping[str, set[str]]:
    """Group -> options that the line chooses, a seat's doctrine among them."""
    found: dict[str, set[str]] = {}
    packages = {package: group for package, (group, _) in catalog.default_options().items()}
    for one in givens:
        group = "doctrine" if one.path.endswith(".doctrine") else packages.get(one.path, one.path)
        values = one.levels if one.levels is not None else (one.value,)
        found.setdefault(group, set()).update(str(value) for value in values)
    return found
