"""By which names this server may be reached, from which pages it may be written to, and which proxies are believed.

A name that is not ours is a sign of a rebinding attack: somebody's name made to point here. A page of another site is
told by its origin. Behind a proxy both may look foreign: `address` is then the one that visitors type, and `proxies`
may say by `X-Forwarded-*` what they were asked for.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from sim.errors import ConfigurationError

LOOPBACK = ("127.0.0.0/8", "::1/128")  # a tunnel or proxy on this machine says where a request comes from
PORTS = {"http": 80, "https": 443}
MOST_TOLD = 80  # letters of a foreign name that are repeated in a refusal

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def origin_of(address: str) -> str | None:
    """Scheme, host and port of an address, in one form; None where it is none.

    >>> origin_of("HTTP://Class.Example:80"), origin_of("https://[::1]:8443/x"), origin_of("null")
    ('http://class.example:80', 'https://[::1]:8443', None)
    """
    try:
        parts = urlsplit(address)
        port = parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    if not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host.rstrip('.')}:{port}"


def checked_address(address: object) -> str | None:
    """What visitors type, without a slash at its end; ConfigurationError where no browser could go there."""
    if address is None:
        return None
    text = str(address).rstrip("/")
    if origin_of(text) is None:
        raise ConfigurationError(
            f"address={address} is not allowed; give it like http://class.example:8123 or https://..."
        )
    if urlsplit(text).path or urlsplit(text).query or "@" in text or not text.isascii():
        raise ConfigurationError(
            f"address={address} is not allowed; give scheme, name and port only: the pages need a name or a port of "
            "their own, and no folder of another site (docs/proxies.md)."
        )
    return text


def networks(proxies: object) -> list[Network]:
    """The proxies that are believed; ConfigurationError where one is no address."""
    if not isinstance(proxies, list):
        raise ConfigurationError(f"proxies={proxies} is not allowed; give a list such as [127.0.0.1,10.0.0.0/8].")
    found = []
    for one in proxies:
        try:
            found.append(ipaddress.ip_network(str(one), strict=False))
        except ValueError as error:
            raise ConfigurationError(
                f"proxies: {one!r} is no address; give addresses or networks, such as 127.0.0.1 or 10.0.0.0/8."
            ) from error
    return found


def plain_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address written in any way, None for a name.

    >>> plain_address("[::ffff:192.0.2.7]"), plain_address("class.example")
    (IPv4Address('192.0.2.7'), None)
    """
    try:
        found = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found


def host_of(header: str) -> str:
    """The name in a Host header, without its port.

    >>> host_of("Class.Example.:8123"), host_of("[::1]:8123"), host_of("evil@127.0.0.1")
    ('class.example', '[::1]', 'evil@127.0.0.1')
    """
    name = header[: header.find("]") + 1] if header.startswith("[") else header.partition(":")[0]
    return name.lower().rstrip(".")


class Names:
    """The names by which requests may come: those given, and the address of this machine that a visitor reached."""

    def __init__(self, hosts: Iterable[str], address: str | None = None) -> None:
        own = origin_of(address) if address else None
        self.own = own
        self.hosts = {host.lower().rstrip(".") for host in hosts}
        if address and (name := urlsplit(address).hostname):
            self.hosts.add(f"[{name}]" if ":" in name else name.rstrip("."))

    def know(self, scope: Scope) -> bool:
        """Whether a request comes by a name of this server."""
        header = Headers(scope=scope).get("host", "")
        name, reached = host_of(header), (scope.get("server") or ("",))[0]
        if name in self.hosts:
            return True
        at = plain_address(name) if name else None
        return at is not None and not header.startswith("[::ffff:") and at == plain_address(str(reached))

    def refuse(self, scope: Scope) -> str:
        """Why a request is of another site; empty where it is not."""
        headers = Headers(scope=scope)
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if site is not None:  # the browser itself has compared them
            return "" if site in ("same-origin", "none") else foreign(origin)
        if origin is None:
            return ""
        asked = origin_of(origin)
        here = (origin_of(f"{scheme}://{headers.get('host', '')}") for scheme in ("http", "https"))
        ours = {one.partition("://")[2] for one in here if one}
        if asked is not None and (asked == self.own or asked.partition("://")[2] in ours):
            return ""
        return foreign(origin)


def foreign(origin: str | None) -> str:
    """The refusal of a page of another site, with the way out where it is our own behind a proxy."""
    found = origin_of(origin or "")
    if found is None or len(found) > MOST_TOLD or not found.isprintable():
        return "this request comes from another site."
    shown = found.removesuffix(f":{PORTS[found.partition(':')[0]]}")
    return (
        f"this request comes from another site, {shown}. If that is where this server is reached, through a proxy, "
        f"start it with address={shown}; docs/proxies.md tells how."
    )


class Forwarded:
    """ASGI middleware: takes from proxies that are believed where a request comes from and what it was asked for.

    For and Proto are taken from this machine too, as a tunnel sends them. Host is taken from `proxies` alone: a page
    that reaches this machine by a foreign name could send that header itself.
    """

    def __init__(self, app: ASGIApp, proxies: Iterable[Network] = ()) -> None:
        self._proxies = list(proxies)
        trusted = [*LOOPBACK, *(str(one) for one in self._proxies)]
        self._inner = ProxyHeadersMiddleware(app, trusted_hosts=trusted)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with what it was before the proxy."""
        if scope["type"] == "http":
            at = plain_address(str((scope.get("client") or ("",))[0]))
            told = Headers(scope=scope).get("x-forwarded-host", "").split(",")[-1].strip()
            if told and at is not None and any(at in network for network in self._proxies):
                MutableHeaders(scope=scope)["host"] = told
        await self._inner(scope, receive, send)  # type: ignore[arg-type]
