"""`rubicon seminar`: start the room's server, and say where to go."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ConfigurationError, UserError

if TYPE_CHECKING:
    from sim.scenario import Setting
    from sim.seminar.hall import Hall
    from sim.settings import Settings

LARGEST_PORT = 65_535


def task(settings: Settings) -> int:
    """One composed job of the command line: serve until Ctrl-C."""
    keys = settings.choices
    try:
        from sim.web import serve
        from sim.web.app import application
    except ModuleNotFoundError as error:
        raise UserError(
            f"rubicon seminar needs {error.name}: pip install 'rubicon-wargame[seminar]' brings it."
        ) from error
    from sim.engines import kernel
    from sim.scenario import build
    from sim.seminar.debrief import measure

    host, port, address = _where(keys)
    by = measure(keys["seminar"])
    setting = build(with_scenario(settings))
    socket = serve.listen(host, port)
    hall = opened(setting, keys)
    kernel.ready()
    port = socket.getsockname()[1]
    address = address or serve.url(serve.address_of(host), port)
    app = application(hall, by, address=address, hosts=[*serve.allowed_hosts(host), *_named(address)])
    serve.warn_if_open(host)
    announce(app.state.site, hall)
    serve.serve(app, [socket])
    print(f"\nStopped. The same command goes on where it was: the rooms are in {hall.folder}", file=sys.stderr)
    return 0


def opened(setting: Setting, keys: Mapping[str, Any]) -> Hall:
    """The rooms of this name: as they were stopped, or new ones."""
    from sim import record
    from sim.seminar import hall as halls

    settings = setting.settings
    folder = Path(settings.out) / "seminar" / (settings.name or record.stamp().replace(":", "-"))
    if folder.is_dir():
        found = halls.resume(folder, keys["seminar"])
        print(f"Going on with {len(found.hosts)} room(s) of {folder}, paused; nothing was lost.", file=sys.stderr)
        return found
    found = halls.create(folder, setting, keys["seminar"], keys["rooms"], settings.replicate)
    record.write_text(folder / "config.yaml", settings.text)
    return found


def announce(site: Any, hall: Hall) -> None:
    """Print each room's links, and the way in as a QR code where one terminal page has room for it."""
    for host in hall.hosts:
        links = site.links(host)
        print(f"\n{host.name}")
        print(f"  facilitator (secret)  {links['table']}")
        print(f"  projected page        {links['wall']}")
        print(f"  students join         {links['join']}")
        print(f"  or they open {site.address} and type {host.desk.code}")
    if len(hall.hosts) == 1 and sys.stdout.isatty():
        print(site.terminal_qr(hall.hosts[0]))
    print(f"\nRooms are kept in {hall.folder}\nCtrl-C stops the server.", flush=True)


def _where(keys: Mapping[str, Any]) -> tuple[str, int, str | None]:
    host, port, address = str(keys["host"]), keys["port"], keys["address"]
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= LARGEST_PORT:
        raise ConfigurationError(f"port={port} is not allowed; give a whole number from 0 to {LARGEST_PORT}.")
    if isinstance(keys["rooms"], bool) or not isinstance(keys["rooms"], int):
        raise ConfigurationError(f"rooms={keys['rooms']} is not allowed; give a whole number.")
    if address is not None and not str(address).startswith(("http://", "https://")):
        raise ConfigurationError(f"address={address} is not allowed; give it with http:// or https://.")
    return host, port, None if address is None else str(address).rstrip("/")


def _named(address: str) -> list[str]:
    from urllib.parse import urlsplit

    name = urlsplit(address).hostname
    return [name] if name else []


def with_scenario(settings: Settings) -> Settings:
    """The scenario that the class's file names, unless the command line names one."""
    named = settings.choices["seminar"]["scenario"]
    if named is None or any(text.lstrip("+").startswith("scenario=") for text in settings.overrides):
        return settings
    from sim.config import compose_like

    return compose_like(settings, [f"scenario={named}"])


def main(argv: list[str]) -> int:
    """Entry of the verb."""
    from sim.config import launch

    return launch(argv, task, "seminar")
