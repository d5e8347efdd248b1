"""What every request passes before a page sees it: host, size, origin, rate; and the headers of every answer.

No cookie is ever set: who somebody is stands in the address (an unguessable token), so another
site cannot act in a visitor's name. The checks of origin and content type are a second fence.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sim.classroom.server.origin import MOST_TOLD, Forwarded, Names, Network, host_of
from sim.errors import UserError
from sim.results.moves import DiskRefuses

log = logging.getLogger("uvicorn.error")  # the one that the server prints
LARGEST_BODY = 16_384  # bytes; the longest allowed message of four-byte characters, quoted, and some
KEYS = 10_000  # senders whose rate is remembered
MOST_NOTED = 20  # different refusals that are told in the terminal
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# A file to keep (debrief, hand-out) brings its own style and no script.
DOCUMENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
SAFE = ("GET", "HEAD", "OPTIONS")
NO_DISK = "the server's disk is full, or takes nothing just now. What was sent is kept here and sent again."
AGAIN_S = 5  # seconds until what a disk refused may be sent again


def refusal(status: int, text: str, **headers: str) -> JSONResponse:
    """An answer that says why not; what cannot be encoded (half of a surrogate pair, sent back) is replaced."""
    return JSONResponse({"error": text.encode("utf-8", "replace").decode()}, status, headers=headers)


class Fence:
    """ASGI middleware: adds the headers; refuses what is too large, or comes by a foreign name or from another site."""

    def __init__(self, app: ASGIApp, names: Names) -> None:
        self.app = app
        self.names = names
        self._told: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (HEADERS | {"content-security-policy": POLICY, "cache-control": "no-store"}).items():
                    headers.setdefault(name, value)
            await send(message)

        refused = self._refused(scope)
        if refused is not None:
            await refused(scope, receive, with_headers)
            return
        read, limited = 0, receive

        async def counted() -> Message:
            nonlocal read
            message = await limited()
            read += len(message.get("body", b""))
            if read > LARGEST_BODY:
                raise HTTPException(413, f"a request holds at most {LARGEST_BODY} bytes.")
            return message

        await self.app(scope, counted, with_headers)

    def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self.names.know(scope):
            return refusal(400, self._stranger(host_of(headers.get("host", ""))))
        if scope["method"] in SAFE:
            if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
                return refusal(400, f"a {scope['method']} request has no body.")
            return None
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 9 or int(length) > LARGEST_BODY:
            return refusal(413, f"a request holds at most {LARGEST_BODY} bytes.")
        foreign = self.names.refuse(scope)
        if foreign:
            self._note(foreign)
            return refusal(403, foreign)
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return refusal(415, "send JSON, with Content-Type: application/json.")
        return None

    def _stranger(self, name: str) -> str:
        if not name or len(name) > MOST_TOLD or not all(one.isalnum() or one in ".-_" for one in name):
            return "this server is not known by that name."
        text = f"this server is not known by the name {name}; if it is its own, start it with address=http://{name}."
        self._note(text)
        return text

    def _note(self, text: str) -> None:
        """Tell it once in the terminal too, where the one who can change it looks."""
        if text not in self._told and len(self._told) < MOST_NOTED:
            self._told.add(text)
            log.warning("refused: %s", text)


class Rates:
    """Token buckets by sender: `burst` at once, then `rate` a second."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self.burst = burst
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Use one up; returns 0, or the seconds to wait where none is left."""
        now = self._clock()
        left, at = self._left.pop(key, (self.burst, now))
        left = min(self.burst, left + (now - at) * self.rate)
        wait = 0.0 if left >= 1.0 else (1.0 - left) / self.rate
        self._left[key] = (left - 1.0 if wait == 0.0 else left, now)
        while len(self._left) > KEYS:
            self._left.popitem(last=False)
        return wait

    def check(self, key: str) -> None:
        """HTTPException 429 where a sender is too fast."""
        wait = self.take(key)
        if wait:
            raise HTTPException(429, "too fast; wait a moment.", {"Retry-After": str(int(wait) + 1)})


def guarded(
    app: FastAPI, hosts: Iterable[str], *, address: str | None = None, proxies: Iterable[Network] = ()
) -> FastAPI:
    """Put the fences around an application and make every refusal a short JSON text; returns the same application.

    Parameters
    ----------
    hosts, address : names by which requests may come, and what visitors type
    proxies : whose word on what they were asked for is taken
    """

    async def no_disk(request: Request, error: Exception) -> Response:
        log.error("the disk refuses: %s", error)
        return refusal(503, NO_DISK, **{"Retry-After": str(AGAIN_S)})

    async def user_error(request: Request, error: Exception) -> Response:
        return refusal(409, str(error))

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return refusal(error.status_code, str(error.detail), **dict(error.headers or {}))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return refusal(422, "; ".join(_said(one) for one in error.errors()[:3]))

    async def fault(request: Request, error: Exception) -> Response:
        # This one is sent outside the fence, so it brings the headers itself; the server's log has the traceback.
        told = HEADERS | {"content-security-policy": POLICY, "cache-control": "no-store"}
        return refusal(500, "a fault of the program; what was accepted is safe.", **told)

    app.add_exception_handler(Exception, fault)
    app.add_exception_handler(UserError, user_error)
    app.add_exception_handler(DiskRefuses, no_disk)
    app.add_exception_handler(OSError, no_disk)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_middleware(Fence, names=Names(hosts, address))
    app.add_middleware(Forwarded, proxies=[*proxies])  # added last, so outermost: the fence sees what a proxy was asked
    return app


def _said(error: Mapping[str, Any]) -> str:
    """What is wrong with one part of a request, without repeating what was sent."""
    return f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}"
