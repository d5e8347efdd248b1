"""The explorer's application: one page, and the questions it asks; the server remembers no visitor."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, TypeVar

import numpy as np
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sim import jit
from sim.classroom.server.guard import Rates, guarded
from sim.classroom.server.origin import networks
from sim.classroom.server.render import STATIC, page, palette
from sim.draw.style import ENDINGS, OPTIONS, SEAT_COLOURS
from sim.explorer.course import course
from sim.explorer.levers import Lever, Shelf, levers
from sim.explorer.odds import PIECE, Endings, compared, shares
from sim.model.state import SEATS
from sim.settings import Settings

T = TypeVar("T")
MOST_RUNS = 50_000
LARGEST_SEED = 2**53 - 1  # a whole number that JavaScript holds exactly
NOBODY_WAITS = 499  # never read: the browser has turned to a newer question
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.]{1,80}$")]


class Point(BaseModel):
    """A scenario with some of its numbers moved."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
    scenario: Name
    numbers: dict[Name, float] = Field(default_factory=dict, max_length=64)


class OddsAsked(BaseModel):
    """Odds of a point beside those of a reference, over the same replicates."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
    point: Point
    reference: Point
    seed: int = Field(ge=0, le=LARGEST_SEED)
    runs: int = Field(ge=PIECE, le=MOST_RUNS)


class RunAsked(BaseModel):
    """One crisis of a point."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
    point: Point
    seed: int = Field(ge=0, le=LARGEST_SEED)
    replicate: int = Field(ge=0, le=LARGEST_SEED)


def application(
    settings: Settings, hosts: Iterable[str], rates: Rates | None = None, *, address: str | None = None
) -> FastAPI:
    """The application for composed settings of the verb `explore`.

    Parameters
    ----------
    hosts, address : host names that a request may come by, and what visitors type
    rates : of questions by sender; by default 40 a second, 80 at once

    Raises
    ------
    ExploreError
        when `sliders` or `mechanisms` name something that is no number of the model.
    """
    keys = settings.choices
    sliders, switches = levers(keys["sliders"]), levers(keys["mechanisms"])
    shelf = Shelf(settings, sliders, switches)
    app = FastAPI(title="Rubicon explorer", openapi_url=None)
    _pages(app, shelf, sliders, switches)
    _questions(app, shelf, rates or Rates(40, 80), settings.threads)
    app.mount("/static", StaticFiles(directory=STATIC))
    return guarded(app, hosts, address=address, proxies=networks(keys["proxies"]))


def _pages(app: FastAPI, shelf: Shelf, sliders: Sequence[Lever], switches: Sequence[Lever]) -> None:
    @app.get("/", response_class=HTMLResponse)
    def index() -> HTMLResponse:
        known = _known(shelf)
        return HTMLResponse(page("explore.html.j2", sliders=sliders, switches=switches, known=json.dumps(known)))

    @app.get("/static/palette.css")
    def colours() -> Response:
        return Response(palette(), media_type="text/css")


def _known(shelf: Shelf) -> dict[str, Any]:
    """What the page needs beforehand: names, colours, levers, and where the first scenario stands."""
    settings, keys = shelf.base, shelf.base.choices
    first = shelf.setting(settings.scenario)
    return {
        "scenario": settings.scenario, "scenarios": shelf.names, "seed": first.seed, "replicate": settings.replicate,
        "runs": keys["runs"], "refine": keys["refine"], "own": shelf.own(settings.scenario),
        "about": {name: shelf.about(name) for name in shelf.names},
        "levers": [lever.as_json() for lever in shelf.levers.values()],
        "endings": [{"label": mark.label, "phrase": mark.phrase, "colour": mark.colour} for mark in ENDINGS],
        "options": [{"label": mark.label, "colour": mark.colour} for mark in OPTIONS],
        "seats": [
            {"title": first.seats[seat]["title"], "person": first.seats[seat].get("person") or "",
             "means": dict(first.seats[seat]["options"]), "colour": colour}
            for seat, colour in zip(SEATS, SEAT_COLOURS, strict=True)
        ],
    }  # fmt: skip


def _questions(app: FastAPI, shelf: Shelf, rates: Rates, threads: int | None) -> None:
    endings = Endings(shelf)
    # One thread for the kernel, whose own threads may not be entered twice; one for the interpreter.
    kernel = ThreadPoolExecutor(1, "kernel", initializer=jit.use_threads, initargs=(threads,))
    mesa = ThreadPoolExecutor(1, "mesa")

    async def done(pool: ThreadPoolExecutor, work: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, work, *given)

    @app.get("/api/scenario/{name}")
    async def scenario(name: str, request: Request) -> JSONResponse:
        rates.check(_sender(request))
        return JSONResponse({"scenario": name, "own": await done(mesa, shelf.own, name), "about": shelf.about(name)})

    @app.post("/api/odds")
    async def odds(asked: OddsAsked, request: Request) -> Response:
        rates.check(_sender(request))
        played: tuple[list[Any], list[Any]] = ([], [])
        for number in range(asked.runs // PIECE):
            for point, pieces in zip((asked.reference, asked.point), played, strict=True):
                if await request.is_disconnected():
                    return Response(status_code=NOBODY_WAITS)
                pieces.append(await done(kernel, endings.piece, point.scenario, point.numbers, asked.seed, number))
        before, now = (np.concatenate(pieces) for pieces in played)
        return JSONResponse({"n": len(now), "odds": shares(now), "reference": shares(before), **compared(before, now)})

    @app.post("/api/run")
    async def run(asked: RunAsked, request: Request) -> JSONResponse:
        rates.check(_sender(request))

        def play() -> dict[str, Any]:
            return course(shelf.changed(asked.point.scenario, asked.point.numbers), asked.seed, asked.replicate)

        return JSONResponse(await done(mesa, play))


def _sender(request: Request) -> str:
    return request.client.host if request.client else ""
