"""`rubicon seminar`: start the room's server, and say where to go."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ConfigurationError, UserError, needs

if TYPE_CHECKING:
    from sim.classroom.hall import Hall
    from sim.scenario import Setting
    from sim.settings import Settings

LARGEST_PORT = 65_535
DAMAGED = ("refuse", "go_on")


def task(settings: Settings) -> int:
    """One composed job of the command line: serve until Ctrl-C."""
    keys = settings.choices
    try:
        from sim.classroom.server import origin, serve
        from sim.classroom.server.app import application
    except ModuleNotFoundError as error:
        raise UserError(needs("rubicon seminar", "seminar", error)) from error
    from sim.classroom.debrief import measure
    from sim.engines import kernel
    from sim.scenario import build

    host, port = _where(keys)
    address, proxies = origin.checked_address(keys["address"]), origin.networks(keys["proxies"])
    by = measure(keys["seminar"])
    setting = build(with_scenario(settings))
    socket = serve.listen(host, port)
    hall = opened(setting, keys)
    kernel.ready()
    port = socket.getsockname()[1]
    address = address or serve.url(serve.address_of(host), port)
    also = [serve.url(one, port) for one in serve.other_addresses(host)] if keys["address"] is None else []
    app = application(hall, by, address=address, hosts=serve.allowed_hosts(host), proxies=proxies, also=also)
    serve.warn_if_open(host)
    announce(app.state.site, hall)
    serve.serve(app, [socket], app.state.site.leave)
    print(f"\nStopped. The same command goes on where it was: the rooms are in {hall.folder}", file=sys.stderr)
    return 0


def opened(setting: Setting, keys: Mapping[str, Any]) -> Hall:
    """The rooms of this name: as they were stopped, or new ones."""
    from sim import results as record
    from sim.classroom import hall as halls

    settings = setting.settings
    name = halls.named(settings.name or record.stamp().replace(":", "-"))
    folder = Path(settings.out) / "seminar" / name
    found, was_there = halls.opened(
        folder, setting, keys["seminar"], keys["rooms"], settings.replicate, go_on=keys["damaged"] == "go_on"
    )
    if was_there:
        print(told(found), file=sys.stderr)
        for text in differences(found, setting, keys):
            print(f"note: {text}; for a game as you now ask for it choose another name=...", file=sys.stderr)
    return found


def told(hall: Hall) -> str:
    """What is gone on with, and only what was checked of it."""
    checked, start = hall.checked, f"Going on with {len(hall.hosts)} room(s) of {hall.folder}, paused; "
    if checked.rescued:
        return f"{start}NOT all of it is there: {'; '.join(checked.rescued)}. It goes on from what was left."
    if checked.unwitnessed:
        return f"{start}whether all is there is not known: {checked.unwitnessed} log(s) have no file of sums."
    return f"{start}nothing was lost: all {checked.entries} entries of {checked.logs} logs are as they were written."


def differences(hall: Hall, setting: Setting, keys: Mapping[str, Any]) -> list[str]:
    """What the rooms that were stopped are played by where the command line now says something else."""
    from sim.classroom.journal import same_rules

    header = hall.hosts[0].journal.log.header()
    asked = {"rooms": keys["rooms"], "seminar.turn_h": float(keys["seminar"]["turn_h"]), "seed": setting.seed}
    held = {"rooms": len(hall.hosts), "seminar.turn_h": header["turn_h"], "seed": header["seed"]}
    out = [f"the stopped game has {key}={held[key]}, not {asked[key]}" for key in asked if asked[key] != held[key]]
    name = hall.hosts[0].room.setting.name
    if name != setting.name:
        out.append(f"the stopped game has scenario={name}, not {setting.name}")
    if not same_rules(header):
        out.append("the rules of this version differ from those it was played by: its states may differ from then")
    return out


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
    if site.also:
        print(f"\nA device that cannot open {site.address} may find the same at {', '.join(site.also)}")
    print(f"\nRooms are kept in {hall.folder}\nCtrl-C stops the server.", flush=True)


def _where(keys: Mapping[str, Any]) -> tuple[str, int]:
    host, port = str(keys["host"]), keys["port"]
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= LARGEST_PORT:
        raise ConfigurationError(f"port={port} is not allowed; give a whole number from 0 to {LARGEST_PORT}.")
    if keys["damaged"] not in DAMAGED:
        raise ConfigurationError(f"damaged={keys['damaged']} is not allowed; give {' or '.join(DAMAGED)}.")
    if isinstance(keys["rooms"], bool) or not isinstance(keys["rooms"], int):
        raise ConfigurationError(f"rooms={keys['rooms']} is not allowed; give a whole number.")
    return host, port


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
