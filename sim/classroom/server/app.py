"""The seminar's application: routes, fences, and a life from start to stop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles

from sim import __version__
from sim.classroom.debrief import Measure
from sim.classroom.hall import Hall
from sim.classroom.server import facilitator, people, render
from sim.classroom.server.guard import guarded, refusal
from sim.classroom.server.origin import Network
from sim.classroom.server.site import Site
from sim.errors import UserError
from sim.jit import source_hash


def application(
    hall: Hall,
    measure: Measure,
    *,
    address: str,
    hosts: Iterable[str],
    proxies: Iterable[Network] = (),
    also: Sequence[str] = (),
) -> FastAPI:
    """The application for a hall of rooms.

    Parameters
    ----------
    measure : what choices are worth and how they are marked, for the debrief
    address, also : what visitors type before a path, and what else leads to this server
    hosts : names by which requests may come
    proxies : whose word on what they were asked for is taken
    """
    site = Site(hall, measure, address, build=f"{__version__}-{source_hash()[:12]}", also=also)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        await site.start()
        yield
        await site.stop()

    app = FastAPI(title="Rubicon seminar", version=__version__, lifespan=life, openapi_url=None)
    app.state.site = site
    app.include_router(facilitator.routes)
    app.include_router(people.routes)
    static(app)
    guarded(app, hosts, address=address, proxies=proxies)

    def gone(request: Request, status: int, text: str) -> Response:
        if request.url.path.startswith("/api/"):
            return refusal(status, text)
        words = site.words
        return HTMLResponse(render.page("gone.html.j2", t=words, title=words["gone"]["title"], text=text), status)

    @app.exception_handler(404)
    async def missing(request: Request, error: Exception) -> Response:
        return gone(request, 404, str(getattr(error, "detail", "there is nothing here.")))

    @app.exception_handler(UserError)
    async def refused(request: Request, error: Exception) -> Response:
        return gone(request, 409, str(error))

    return app


def static(app: FastAPI) -> None:
    """Files that every page may fetch, and a sign of life."""

    @app.get("/static/palette.css", include_in_schema=False)
    def palette() -> Response:
        return Response(render.palette(), media_type="text/css", headers={"cache-control": "no-cache"})

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    app.mount("/static", StaticFiles(directory=render.STATIC), "static")
