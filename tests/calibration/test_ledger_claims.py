"""What `ledger` says of a mediator who is worth nothing, and whether its words are those of its table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.config import compose
from sim.scenario import Setting, build
from sim.stats.accounts import MEASURES, best_hour, differences, settle
from sim.studies.ledger import report
from sim.studies.ledger.figures.ledger import takeaway
from sim.studies.ledger.verb import accounts, nothing, steps_of
from tests.calibration.counting import Case, Said, check
from tests.calibration.nulls import LUCK, Runs, alike, done, pool

HOURS, N = (8.0, 12.0, 16.0, 20.0), 400


def account(never: Runs, arms: Mapping[float | None, Runs]) -> dict[str, Any]:
    """The ledger of these arms, one of which has no hour and is free; functions are worth what mediation is."""
    entries = []
    for hour, runs in arms.items():
        of = [("mediation", None), *(("function", name) for name in report.WORDS)]
        for value_of, lacks in of:
            label = {
                "entry": "free" if hour is None else f"{hour:g}",
                "hour": hour,
                "value_of": value_of,
                "lacks": lacks,
            }
            entries += [{**label, "measure": name, **e} for name, e in differences(never, runs).items()]
    settle(entries)
    hours = {hour: runs for hour, runs in arms.items() if hour is not None}
    return {"entries": entries, "best": best_hour(never, hours), "worth_nothing": nothing(entries)}


def worthless(shared: float, seed: int) -> dict[str, Any]:
    never, *arms = alike(seed, N, len(HOURS) + 2, shared)
    return account(never, dict(zip((*HOURS, None), arms, strict=True)))


def claims(text: str) -> bool:
    """Whether a sentence has mediation, or a function, make a difference."""
    if text.startswith(("Which hour", "At no hour")):
        return False
    if "brings most deals" in text or "brings deals at" in text:
        return True
    if " points in deals and of " in text or text.startswith("What a function adds"):
        parts = text.partition(": ")[2].split("; ") if text.startswith("What") else text.split(" in deals and of ")
        return not all("(no more than chance)" in part for part in parts)
    return "raises that" in text or "lowers that" in text


def entries(shared: float, seed: int) -> Iterator[Said]:
    """The whole ledger but the best hour, which is a family of its own."""
    of = worthless(shared, seed)
    texts = [text for text in report.conclusions(done(of)) if " most deals" not in text]
    yield from (Said(text, claims(text)) for text in (*texts, takeaway(of)))


def best(shared: float, seed: int) -> Iterator[Said]:
    of = worthless(shared, seed)
    yield from (Said(text, claims(text)) for text in report._best(of))
    yield Said(f"best {of['best']}", bool(of["best"]["sure"]))


def best_of_equals(seed: int) -> Iterator[Said]:
    """Every hour of entry brings as many deals: none is the best."""
    never = {name: values[:N] for name, values in pool("no_mediator").items()}
    of = best_hour(never, dict(zip(HOURS, alike(seed, N, len(HOURS), 0.5), strict=True)))
    yield from (Said(text, claims(text)) for text in report._best({"best": of}))


@cache
def closed() -> Setting:
    """A mediator who cannot reach the leader and carries nothing."""
    return build(compose(["channels.mediator.open=0", "replications=40", "hours=[12]"], verb="ledger"))


def cut_off(seed: int) -> Iterator[Said]:
    of = build(replace(closed().settings, seed=seed))
    told = accounts(of, steps_of(of))
    yield from (Said(text, claims(text)) for text in report.conclusions(done(told)))


CASES = [
    *(Case("ledger", "entries", luck, "a mediator worth nothing", partial(entries, shared))
      for luck, shared in LUCK.items()),
    *(Case("ledger", "best hour", luck, "a mediator worth nothing", partial(best, shared))
      for luck, shared in LUCK.items()),
    Case("ledger", "best hour", "common", "hours of entry worth the same", best_of_equals),
    Case("ledger", "whole verb", "common", "channels.mediator.open=0", cut_off),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mediator_worth_nothing_is_not_told_to_be_worth_something(case: Case) -> None:
    check(case)


def real() -> tuple[Runs, Runs]:
    never, whole = ({name: values[:N] for name, values in pool(of).items()} for of in ("no_mediator", "historical"))
    return never, whole


def test_a_real_mediator_and_a_best_hour_are_claimed() -> None:
    never, whole = real()
    of = account(never, {8.0: never, 16.0: whole, None: whole})
    text = " ".join(report.conclusions(done(of)))
    assert "hour 16 brings most deals" in text
    assert "Mean number of killed, all sides: mediation lowers that with entry at hour 16 and free entry" in text
    assert "not told from worth nothing with entry at hour 8" in text


def test_harm_is_told_as_harm() -> None:
    never, whole = real()
    of = account(whole, {8.0: never, None: never})
    text = " ".join((*report.conclusions(done(of)), takeaway(of)))
    assert "at no hour of entry tried is mediation seen to bring deals" in text.lower()
    assert "Mean number of killed, all sides: mediation raises that with every entry tried" in text
    assert "Mediation brings deals at 0 of 1 hours of entry and costs some at 1" in text


effects = st.sampled_from([-0.3, -0.02, 0.0, 0.02, 0.3])


@given(st.lists(effects, min_size=1, max_size=4), effects, st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_words_are_those_of_the_table(shifts: list[float], free: float, n: int) -> None:
    """Also of one run, of one hour, of ties, and of hours at which mediation does harm."""
    rng = np.random.default_rng(n)
    luck = rng.random(n)

    def runs(share: float) -> Runs:
        deal = luck < share
        return {"outcome": np.where(deal, 2, 4), "deal_kept": np.where(deal, 1, -1), "deaths": 10.0 * ~deal + luck}

    arms = {4.0 * (i + 1): runs(0.5 + shift) for i, shift in enumerate(shifts)}
    of = account(runs(0.5), {**arms, None: runs(0.5 + free)})
    texts = list(report.conclusions(done(of)))
    for measure, (_, about) in MEASURES.items():
        mine = [e for e in of["entries"] if e["measure"] == measure and e["value_of"] == "mediation"]
        (text,) = (text for text in of["worth_nothing"] if text.lower().startswith(about.lower() + ":"))
        assert ("raises" in text) == any(e["difference"] > 0 and not e["nothing"] for e in mine)
        assert ("lowers" in text) == any(e["difference"] < 0 and not e["nothing"] for e in mine)
        assert ("not told from" in text) == any(e["nothing"] for e in mine)
    best = of["best"]
    deals = {e["hour"]: e["difference"] for e in of["entries"]
             if e["hour"] is not None and e["measure"] == "deal" and e["value_of"] == "mediation"}  # fmt: skip
    assert best["difference"] == max(deals.values())
    settled = [text for text in texts if "brings most deals" in text and not text.startswith("Which")]
    assert bool(settled) == (best["sure"] and not best["level"])
    if settled:
        assert list(deals.values()).count(best["difference"]) == 1
