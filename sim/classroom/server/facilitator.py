"""Routes of the facilitator, each behind a secret of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, StreamingResponse
from markupsafe import Markup
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from sim.classroom import chair
from sim.classroom.debriefing.files import FILES, LOG
from sim.classroom.hall import DEBRIEF
from sim.classroom.server import render
from sim.classroom.server.guard import DOCUMENT_POLICY
from sim.classroom.server.people import Strict, entered, followed, site_of
from sim.classroom.server.work import begin, current, make_debrief

routes = APIRouter()


class Act(Strict):
    """One of the facilitator's actions with what it needs; `sim.classroom.chair.ACTIONS` lists them."""

    id: str
    action: str
    given: dict[str, Any] = Field(default_factory=dict)


class Ask(Strict):
    """A request that needs no more than its id."""

    id: str = ""


@routes.get("/table/{token}", response_class=HTMLResponse)
async def table_page(request: Request, token: str) -> str:
    """The facilitator's page."""
    site = site_of(request)
    host = entered(site, token, "table").host
    feed = site.feed(host)
    shot = await feed.shot("table")
    return render.page(
        "table.html.j2", v=shot.view, s=feed.status_of(shot), t=site.words, parts=shot.parts, links=site.links(host),
        code=host.desk.code, root=site.address, also=site.also,
        qr=Markup(site.qr(host)), stream=f"/api/table/{token}/events", api=f"/api/table/{token}",
        files=f"/table/{token}/files",
    )  # fmt: skip


@routes.get("/api/table/{token}/events", response_class=StreamingResponse)
async def table_events(request: Request, token: str) -> StreamingResponse:
    """The stream of the facilitator's page."""
    return followed(request, token, "table")


@routes.get("/api/table/{token}/view")
async def table_view(request: Request, token: str) -> JSONResponse:
    """The same as data, for programs."""
    site = site_of(request)
    feed = site.feed(entered(site, token, "table").host)
    shot = await feed.shot("table")
    return JSONResponse({"version": shot.number, "status": feed.status_of(shot), "table": shot.view})


@routes.post("/api/table/{token}/act")
def act(request: Request, token: str, given: Act) -> dict[str, bool]:
    """Carry out an action; it is on the disk when this answers."""
    host = entered(site_of(request), token, "table").host
    chair.act(host, given.action, given.id, given.given)
    return {"done": True}


@routes.post("/api/table/{token}/debrief")
async def make(request: Request, token: str, given: Ask) -> dict[str, bool]:
    """Begin to work out the debrief; the page shows how far it is."""
    site = site_of(request)
    host = entered(site, token, "table").host
    begun = await run_in_threadpool(begin, host)  # it waits for the room, and nobody else shall
    if begun:
        sizes = dict(site.hall.options["debrief"])
        asyncio.get_running_loop().run_in_executor(
            site.debriefs, make_debrief, host, site.measure, sizes, site.hall.folder / host.name / DEBRIEF
        )
    return {"begun": begun}


@routes.get("/table/{token}/files/{name}")
def download(request: Request, token: str, name: str) -> Response:
    """A file of the debrief; the log and its states are those of now, and beside the debrief lie those of then."""
    site = site_of(request)
    host = entered(site, token, "table").host
    if name in LOG:
        told = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(current(host, name), media_type="application/octet-stream", headers=told)
    folder = site.hall.folder / host.name / DEBRIEF
    if name not in FILES or not (folder / name).is_file():
        raise HTTPException(404, "there is no such file yet; make the debrief first.")
    headers = {"content-security-policy": DOCUMENT_POLICY} if name.endswith(".html") else {}
    kind = "inline" if name.endswith(".html") else "attachment"
    return FileResponse(folder / name, filename=name, content_disposition_type=kind, headers=headers)
