"""What happened on 23-24 June 2023 and after, as far as figures mark it.

Drawn only where the setting carries the historical track; the track and the halt
themselves come with the setting.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.draw.style import Setting


class June2023(NamedTuple):
    """Facts for the eye: central values and the range between credible reports."""

    ending: int = 2  # negotiated exit
    halt_hour: float = 23.3  # h after 21:09 on 23 June: the halt is announced about 20:30 on the 24th
    dead_low: int = 10  # Meduza's count of airmen
    dead_high: int = 40  # all crews of all aircraft reported lost
    breach_day: int = 60  # crash of 23 August; who caused it is disputed


class Place(NamedTuple):
    """A point on the map, degrees."""

    name: str
    lat: float
    lon: float


JUNE_2023 = June2023()
# The bridges closed and defended on 24 June (lenta.ru, 24 June 2023): the first line, west to east.
OKA_LINE = (Place("Serpukhov", 54.87, 37.44), Place("Kashira", 54.86, 38.08), Place("Kolomna", 55.08, 38.78))
VERIFIED = ("A", "B")  # grades that count as seen by others; lower ones are claims


def is_june_2023(setting: Setting) -> bool:
    """True where the setting is the march on Moscow and history may be laid over it."""
    return bool(setting.get("track"))
