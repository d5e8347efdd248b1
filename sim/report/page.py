"""The page: everything that a report says, put into its template."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim import __version__, catalog
from sim.report import figures, setting, verbs
from sim.report.parts import Table
from sim.results import Finished, understood

TEMPLATE = "page.html.j2"
LIMITS = (
    "The model explains mechanisms. It does not predict, and it says nothing about what any living person intends.",
    "Intervals show the luck of the draw, or where it is said so the spread over a design. They do not show doubt "
    "about the model, which is far larger.",
    "It is one case, and one case cannot tell which of the model's numbers is right. Levels are conditional on what "
    "happened; the signs of differences are sturdier.",
)


@dataclass(frozen=True)
class Canary:
    """A test of the study on itself."""

    name: str
    passed: bool
    text: str


def html(done: Finished) -> str:
    """The report of a finished directory as one HTML text; the same directory gives the same text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["code"] = code
    return environment.get_template(TEMPLATE).render(**content(done))


def content(done: Finished) -> dict[str, Any]:
    """What the template shows, by the names that it uses."""
    with understood(done.folder / "manifest.json"):
        told = {
            "title": title(done), "verb": done.verb, "question": verbs.question(done.verb), "changes": changes(done),
            "command": setting.command(done), "made": setting.provenance(done), "own_scenario": is_own(done),
            "digest": "digest" in done.manifest, "limits": LIMITS, "version": __version__,
        }  # fmt: skip
    with understood(done.folder / "config.yaml"):
        study_, config = study(done), config_text(done)
    with understood(done.folder / "summary.json"):
        (debts, grades), (computed, debtors) = setting.debt(done), verbs.debt(done)
        return told | {
            "abouts": abouts(done), "conclusions": verbs.conclusions(done), "warnings": verbs.warnings(done),
            "differing": setting.tables(done), "study": study_, "config": config,
            "tables": [table for table in verbs.tables(done) if table.rows], "canaries": canaries(done),
            "debts": [*computed, *debts], "grades": [*debtors, *grades], "figures": figures.figures(done.folder),
        }  # fmt: skip


def title(done: Finished) -> str:
    """Verb and scenario."""
    return f"{done.verb.capitalize()}: {done.manifest.get('scenario', done.folder.name)}"


def abouts(done: Finished) -> list[tuple[str, str]]:
    """(scenario, its sentence) of the scenario and of every other one that the verb was asked about."""
    scenario, known = str(done.manifest.get("scenario", "")), catalog.options("scenario")
    own = str(done.config.get("about") or "")
    if not own and scenario in known:
        own = str(catalog.option("scenario", scenario)["about"])
    others = dict.fromkeys(arm.scenario for arm in setting.arms(done))
    told = [(name, str(catalog.option("scenario", name)["about"])) for name in others if name in known]
    return [(scenario, own), *(pair for pair in told if pair[0] != scenario)]


def changes(done: Finished) -> list[str]:
    """Overrides that were given, those left out that say only where and how it is written."""
    given = [str(text) for text in done.manifest.get("overrides", [])]
    return [text for text in given if not text.startswith((*setting.NOT_SAID, "scenario="))]


def study(done: Finished) -> Table:
    """The verb's own keys and the counts."""
    rows = [(key, now, default) for key, default, now in setting.own_keys(done)]
    return Table("How it was asked", ("key", "here", "default"), rows)


def canaries(done: Finished) -> list[Canary]:
    """Canaries of the summary, those that failed first."""
    found = [
        Canary(str(c.get("name", "")), bool(c.get("passed")), str(c.get("text", "")))
        for c in done.summary.get("canaries") or []
    ]
    return sorted(found, key=lambda canary: canary.passed)


def is_own(done: Finished) -> bool:
    """Whether the scenario is a user's own, which another machine does not know."""
    return done.manifest.get("scenario") not in catalog.options("scenario")


def config_text(done: Finished) -> str:
    """The resolved configuration as it was written."""
    return (done.folder / "config.yaml").read_text(encoding="utf-8")


def code(text: str) -> Any:
    """A sentence with its `quoted` words as code; all else escaped.

    >>> str(code("ask `a < b` & go"))
    'ask <code>a &lt; b</code> &amp; go'
    """
    from markupsafe import Markup, escape

    text = str(text).replace(" %", "\N{NO-BREAK SPACE}%")
    parts = text.split("`")
    if len(parts) % 2 == 0:  # an odd quote is no quote
        return escape(text)
    return Markup("").join(Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))
