"""The command `rubicon`. It stands outside the package `sim`, so that it can tell when another `sim` is found first."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path


def main() -> int:
    """Run a command line; 2 and a sentence where Python finds a `sim` that is not Rubicon's."""
    spec = find_spec("sim")
    places = [] if spec is None else [spec.origin, *(spec.submodule_search_locations or ())]
    found = next((place for place in places if place), None)
    if found is None or not (Path(found).parent / "engines" / "kernel.py").is_file():
        print(
            f"rubicon: Python finds another `sim` before Rubicon's own: {found}. Take its folder out of PYTHONPATH, or "
            "install Rubicon in an environment of its own; see README, Installing.",
            file=sys.stderr,
        )
        return 2
    from sim.cli import main as command

    return command()
