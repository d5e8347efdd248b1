"""Start a server, say where it is, and stop it cleanly."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from sim.classroom.server.origin import plain_address
from sim.errors import UserError

EVERYWHERE = ("0.0.0.0", "::", "")
BACKLOG = 1024
MOST_FILES = 65_536  # open at once, connections among them; where the system allows it
# A phone that vanishes without a word is noticed in about 25 seconds. No system has all of these names.
GONE = {
    "TCP_KEEPIDLE": 10, "TCP_KEEPALIVE": 10,  # s of silence before the other end is asked
    "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3,  # s between two questions, and how many go unanswered
    "TCP_USER_TIMEOUT": 20_000,  # ms that what was sent may stay unacknowledged
}  # fmt: skip


class ServeError(UserError):
    """The server cannot start; the text says what to change."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. ServeError where the address is taken or not this machine's.

    The name of this machine stands for all its interfaces: its own table of names often says that it is at 127.0.1.1.
    """
    try:
        at = "0.0.0.0" if is_own_name(host) else host.strip("[]")
        family, kind, _, _, address = socket.getaddrinfo(at, port, type=socket.SOCK_STREAM)[0]
        found = socket.socket(family, kind)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if at == "::" and hasattr(socket, "IPV6_V6ONLY"):
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # and IPv4, on every system
        _notice_the_gone(found)
        found.bind(address)
        found.listen(BACKLOG)
    except (OSError, OverflowError, UnicodeError) as error:  # a host name may be no name at all
        raise ServeError(
            f"cannot listen on host={host} port={port} ({error}); choose another with port=..., 0 takes a free one."
        ) from error
    return found


def _notice_the_gone(listening: socket.socket) -> None:
    """Keep-alive of TCP; sockets that the listening one accepts inherit it."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in GONE.items():
        if hasattr(socket, name):
            listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    at = plain_address(host)
    return host == "localhost" if at is None else at.is_loopback


def is_own_name(host: str) -> bool:
    """Whether a host name is this machine's: as it calls itself, or with `.local` as it is found in a local network."""
    return plain_address(host) is None and host.lower().rstrip(".") in own_names()


def own_names() -> list[str]:
    """Names of this machine that others may type."""
    name = socket.gethostname().lower().rstrip(".")
    short = name.partition(".")[0]
    return [] if name in ("", "localhost") else list(dict.fromkeys([name, short, f"{short}.local"]))


def address_of(host: str) -> str:
    """What others type to reach this machine: `host`, or for 0.0.0.0 and :: the address of the outgoing interface."""
    if host not in EVERYWHERE:
        return host.strip("[]")
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.connect(
            ("192.0.2.1", 9)
        )  # documentation range (RFC 5737): nothing is sent, the system picks an interface
        return str(probe.getsockname()[0])
    except OSError:
        return socket.gethostname()
    finally:
        probe.close()


def url(host: str, port: int) -> str:
    """Address of the server's root, without a trailing slash."""
    return f"http://[{host.strip('[]')}]:{port}" if ":" in host else f"http://{host}:{port}"


def other_addresses(host: str) -> list[str]:
    """What else others may type, where a server listens on every interface: addresses of the other ones, and names."""
    if host not in EVERYWHERE and not is_own_name(host):
        return []
    import ifaddr

    found = []
    for card in ifaddr.get_adapters():
        for one in card.ips:
            text = one.ip if isinstance(one.ip, str) else one.ip[0]
            at = plain_address(text)
            # One of IPv6 that changes from day to day, or works on one cable only, helps nobody.
            if at is not None and not at.is_loopback and not at.is_link_local and (at.version == 4 or host == "::"):
                found.append(str(at))
    names = [name for name in own_names() if name.endswith(".local")]
    return [one for one in dict.fromkeys([*found, *names]) if one != address_of(host)]


def allowed_hosts(host: str) -> list[str]:
    """Host names that a request may come by; another one is a sign of a rebinding attack.

    The address that a visitor reached is allowed besides (`sim.classroom.server.origin.Names`), for it may change.
    """
    if is_loopback(host):
        return ["127.0.0.1", "localhost", "[::1]"]
    shown = [host, address_of(host), *other_addresses(host), *own_names()]
    return ["127.0.0.1", "localhost", "[::1]", *(f"[{one.strip('[]')}]" if ":" in one else one for one in shown)]


def warn_if_open(host: str) -> None:
    """Say what it means to listen beyond this machine."""
    if not is_loopback(host):
        print(
            f"note: host={host} lets every device of this network reach the server, over plain HTTP: whoever can listen"
            " to the network can read the links. Use a network you trust, or a tunnel with TLS; stop it after class.",
            file=sys.stderr,
        )


def more_files() -> None:
    """Raise the number of files that this process may open: each phone is one, and 256 or 1024 are common."""
    try:
        import resource
    except ImportError:  # not on Windows, which has no such limit on sockets
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):  # a system may say infinite and allow less: then it stays as it was
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def configured(app: Any, log_level: str = "warning") -> Any:
    """The server's settings, as uvicorn's Config."""
    import uvicorn

    from sim.classroom.server.heads import TimedProtocol

    return uvicorn.Config(
        app, http=TimedProtocol, log_level=log_level, access_log=False, server_header=False, date_header=False,
        ws="none", timeout_graceful_shutdown=1, timeout_keep_alive=30, h11_max_incomplete_event_size=16_384,
        proxy_headers=False,  # sim.classroom.server.origin takes them
    )  # fmt: skip


def serve(app: Any, sockets: Sequence[socket.socket], leave: Callable[[], None] = lambda: None) -> None:
    """Serve until Ctrl-C; `leave` is called then, to end what would go on for ever."""
    import uvicorn

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: Any) -> None:
            leave()
            super().handle_exit(sig, frame)

    more_files()
    with suppress(KeyboardInterrupt):  # it has stopped cleanly by then, and raises the signal once more
        Server(configured(app)).run(sockets=list(sockets))
