"""`rubicon explore`: a page for one person over the Mesa engine, with odds that follow the sliders."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sim.errors import UserError, needs

if TYPE_CHECKING:
    from sim.settings import Settings

NEEDED = ("fastapi", "uvicorn")
LEAST_RUNS, MOST_RUNS, PORTS = 1000, 50_000, 65_535


def task(settings: Settings) -> int:
    """Serve the page until Ctrl-C."""
    keys = checked(settings.choices)
    from sim.classroom.server import origin, serve
    from sim.engines import kernel
    from sim.explorer.app import application

    host, address = str(keys["host"]), origin.checked_address(keys["address"])
    origin.networks(keys["proxies"])
    socket = serve.listen(host, keys["port"])
    try:
        app = application(settings, serve.allowed_hosts(host), address=address)
        kernel.ready()
        serve.warn_if_open(host)
        link = address or serve.url(serve.address_of(host), socket.getsockname()[1])
        print(f"Explorer: {link}\nStop it with Ctrl-C.", flush=True)
        serve.serve(app, [socket])
    except KeyboardInterrupt:
        print("Explorer stopped.")  # the ordinary way to end it, so no failure
    finally:
        socket.close()
    return 0


def checked(choices: Mapping[str, Any]) -> dict[str, Any]:
    """The verb's own keys, each of its kind; UserError says what is allowed or what to install."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise UserError(needs("rubicon explore", "seminar", f"not installed: {', '.join(missing)}"))
    keys = dict(choices)
    for name, least, most in (("port", 0, PORTS), ("runs", LEAST_RUNS, MOST_RUNS), ("refine", LEAST_RUNS, MOST_RUNS)):
        if not isinstance(keys[name], int) or isinstance(keys[name], bool) or not least <= keys[name] <= most:
            raise UserError(f"{name}={keys[name]} is not allowed; give a whole number from {least} to {most}.")
    for name in ("sliders", "mechanisms"):
        if not isinstance(keys[name], list) or not all(isinstance(entry, dict) for entry in keys[name]):
            raise UserError(f"{name} is not allowed as given; list entries such as {{path: forces.R0, label: Men}}.")
    return keys


def main(argv: list[str]) -> int:
    """Entry of the verb."""
    from sim.config import launch

    return launch(argv, task, "explore")
