"""Names that no file may have, because some system keeps them for a device of its own."""

from __future__ import annotations

PORTS = ("COM", "LPT")
DEVICES = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in PORTS for number in range(10))})


def is_device(name: str) -> bool:
    """Whether Windows takes a file of this name, whatever its ending, for a device.

    >>> is_device("con.yaml"), is_device("lpt1 "), is_device("console")
    (True, True, False)
    """
    return name.split(".")[0].strip().upper() in DEVICES
