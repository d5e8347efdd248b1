"""Routes of those who play and of those who look: the way in, a seat, the projected wall."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, StreamingResponse
from fastapi.sse import EventSourceResponse
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sim.classroom import views
from sim.classroom.hall import DEBRIEF, Who
from sim.classroom.host import Host
from sim.classroom.server import render
from sim.classroom.server.guard import DOCUMENT_POLICY, refusal
from sim.classroom.server.site import MOST_STREAMS, Site

routes = APIRouter()
UNBUFFERED = {"x-accel-buffering": "no", "cache-control": "no-store, no-transform"}  # a proxy passes events on at once


class Strict(BaseModel):
    """A request that may hold nothing beyond what it names."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Join(Strict):
    """Sit down: a seat, or null for where fewest sit; a name is not needed.

    `id` is a secret of the sender: sent again after an answer that was lost, it leads to the same place.
    """

    id: str = ""
    seat: str | None = None
    name: str = Field("", max_length=200)


class Vote(Strict):
    """What one wants the seat to order in the open turn."""

    id: str
    line: int
    turn: int
    option: str
    details: dict[str, Any] = Field(default_factory=dict)


class Forecast(Strict):
    """Odds of the six endings."""

    id: str
    line: int
    turn: int
    odds: dict[str, float]


class Say(Strict):
    """A statement, or with `to` a message."""

    id: str
    text: str
    to: str | None = None


class Move(Strict):
    """Another seat, before the start."""

    id: str = ""
    seat: str


def site_of(request: Request) -> Site:
    """The site that a request came to."""
    found: Site = request.app.state.site
    return found


def address_of(request: Request) -> str:
    """Where a request comes from; behind a tunnel on this machine, where the tunnel says that it came from."""
    return request.client.host if request.client else ""


def entered(site: Site, token: str, *kinds: str) -> Who:
    """Who sends this, at a bearable rate."""
    who = site.who(token, *kinds)
    site.rates.check(token)
    return who


@routes.get("/", response_class=HTMLResponse)
def home(request: Request) -> str:
    """What this is."""
    return render.page("home.html.j2", t=site_of(request).words, wrong=False)


@routes.get("/enter", response_class=HTMLResponse)
def enter(request: Request, code: str = "") -> Response:
    """The way in for those who typed the code that is projected."""
    site = site_of(request)
    site.codes.check(address_of(request))
    token = site.hall.coded(code)
    if token is None:
        return HTMLResponse(render.page("home.html.j2", t=site.words, wrong=True), 404)
    return RedirectResponse(f"/join/{token}", 303)


@routes.get("/join/{token}", response_class=HTMLResponse)
def join_page(request: Request, token: str) -> str:
    """The way in: of the room, or of one seat."""
    site = site_of(request)
    who = site.who(token, "join", "sit")
    return render.page(
        "join.html.j2", t=site.words, title=who.host.name, seat=who.seat or None, api=f"/api/join/{token}",
        seats=views.seats(who.host), doors=who.host.book.doors, s=site.feed(who.host).status(),
    )  # fmt: skip


@routes.post("/api/join/{token}")
def join(request: Request, token: str, given: Join) -> dict[str, str]:
    """A place in the room, and the link to it."""
    site = site_of(request)
    who = site.who(token, "join", "sit")
    site.newcomers.check(address_of(request))
    site.joins.check(token)
    member = who.host.join(who.seat or given.seat, given.name, given.id, fixed=bool(who.seat))
    return {"url": f"/seat/{site.hall.seated(who.host, member.number)}"}


def audience(host: Host, number: int) -> str:
    """Whose page a member is shown: that of a seat, or of one who may still leave it; SeminarError where they left."""
    seat = host.member(number).seat
    return f"seat:{seat}" if host.may_read(number) else f"newcomer:{seat}"


@routes.get("/seat/{token}", response_class=HTMLResponse)
async def seat_page(request: Request, token: str) -> str:
    """A member's page."""
    site = site_of(request)
    who = entered(site, token, "member")
    feed = site.feed(who.host)
    shot = await feed.shot(audience(who.host, who.member))
    return render.page(
        "seat.html.j2", v=shot.view, s=feed.status_of(shot), t=site.words, parts=shot.parts,
        mine=views.member(who.host, who.member), stream=f"/api/seat/{token}/events", api=f"/api/seat/{token}",
        address=site.url("seat", token), debrief=f"/seat/{token}/debrief",
    )  # fmt: skip


@routes.get("/api/seat/{token}/events", response_class=StreamingResponse)
async def seat_events(request: Request, token: str) -> StreamingResponse:
    """The stream of a member's page."""
    site = site_of(request)
    who = entered(site, token, "member")
    host, number = who.host, who.member

    async def events() -> AsyncIterator[bytes]:
        host.connect(number)
        try:
            stream = site.feed(host).stream(lambda: audience(host, number), lambda: views.member(host, number))
            async for event in stream:
                yield event
        finally:
            host.disconnect(number)

    return Stream(site, token, events())


class Stream(EventSourceResponse):
    """Events of a link, which has only so many streams: its place is taken, or refused, in one step as it begins."""

    def __init__(self, site: Site, token: str, events: AsyncIterator[bytes]) -> None:
        super().__init__(events, headers=UNBUFFERED)
        self._open, self._token = site.streams, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events, or a refusal."""
        if self._open[self._token] >= MOST_STREAMS:
            refused = refusal(429, "this link is open in too many places; close some.", **{"Retry-After": "5"})
            await refused(scope, receive, send)
            return
        self._open[self._token] += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._open[self._token] -= 1
            if not self._open[self._token]:
                del self._open[self._token]


def followed(request: Request, token: str, page: str) -> StreamingResponse:
    """The stream of a page that is the same for all who open it: wall or table."""
    site = site_of(request)
    host = entered(site, token, page).host
    return Stream(site, token, site.feed(host).stream(lambda: page))


@routes.get("/api/seat/{token}/view")
async def seat_view(request: Request, token: str) -> JSONResponse:
    """The same as data, for programs."""
    site = site_of(request)
    who = entered(site, token, "member")
    feed = site.feed(who.host)
    shot = await feed.shot(audience(who.host, who.member))
    shown = {"seat": shot.view, "mine": views.member(who.host, who.member)}
    return JSONResponse({"version": shot.number, "status": feed.status_of(shot), **shown})


@routes.post("/api/seat/{token}/vote")
def vote(request: Request, token: str, given: Vote) -> dict[str, bool]:
    """A member's vote; it is on the disk when this answers."""
    who = entered(site_of(request), token, "member")
    at = (given.line, given.turn)
    return {"new": who.host.vote(who.member, given.id, at, given.option, given.details)}


@routes.post("/api/seat/{token}/forecast")
def forecast(request: Request, token: str, given: Forecast) -> dict[str, bool]:
    """A member's odds."""
    who = entered(site_of(request), token, "member")
    return {"new": who.host.forecast(who.member, given.id, (given.line, given.turn), given.odds)}


@routes.post("/api/seat/{token}/say")
def say(request: Request, token: str, given: Say) -> dict[str, bool]:
    """A statement or message."""
    site = site_of(request)
    who = entered(site, token, "member")
    site.says.check(token)
    return {"new": who.host.say(who.member, given.id, given.text, given.to)}


@routes.post("/api/seat/{token}/move")
def move(request: Request, token: str, given: Annotated[Move, Body()]) -> dict[str, str]:
    """Another seat, as long as the game has not begun."""
    who = entered(site_of(request), token, "member")
    return {"seat": who.host.change(who.member, given.seat).seat}


@routes.get("/wall/{token}", response_class=HTMLResponse)
async def wall_page(request: Request, token: str) -> str:
    """The page to project."""
    site = site_of(request)
    host = entered(site, token, "wall").host
    feed = site.feed(host)
    shot = await feed.shot("wall")
    return render.page(
        "wall.html.j2", v=shot.view, s=feed.status_of(shot), t=site.words, parts=shot.parts, qr=Markup(site.qr(host)),
        join_url=site.links(host)["join"], code=host.desk.code, root=site.address,
        stream=f"/api/wall/{token}/events", debrief=f"/wall/{token}/debrief",
    )  # fmt: skip


@routes.get("/api/wall/{token}/events", response_class=StreamingResponse)
async def wall_events(request: Request, token: str) -> StreamingResponse:
    """The stream of the projected page."""
    return followed(request, token, "wall")


@routes.get("/{kind}/{token}/debrief", response_class=HTMLResponse)
def debrief_page(request: Request, kind: str, token: str) -> FileResponse:
    """The debrief, once the facilitator has published it."""
    site = site_of(request)
    who = site.who(token, {"seat": "member"}.get(kind, kind))
    if who.kind == "member":
        who.host.member(who.member)
    path = site.hall.folder / who.host.name / DEBRIEF / "debrief.html"
    if who.kind not in ("member", "wall", "table") or not path.is_file():
        raise HTTPException(404, "there is no debrief yet.")
    if who.kind != "table" and not who.host.book.published:
        raise HTTPException(404, "there is no debrief yet.")
    return FileResponse(path, media_type="text/html", headers={"content-security-policy": DOCUMENT_POLICY})
