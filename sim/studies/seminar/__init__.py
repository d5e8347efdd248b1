"""`rubicon seminar`: the classroom's server; `rubicon seminar pack`: what to print for it."""

from __future__ import annotations

from importlib import import_module


def main(argv: list[str]) -> int:
    """Entry of the verb; its first word may be `pack`."""
    pack = argv[:1] == ["pack"]
    module = import_module(f"sim.studies.seminar.{'pack' if pack else 'room'}")
    code: int = module.main(argv[1:] if pack else argv)
    return code
