"""The same game solved by Gambit itself, where its Python package is installed (extra `games`)."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from json import loads
from typing import Any

from sim.errors import UserError, needs

# Run in a process of its own: the solver cannot be interrupted from within, and it may take minutes.
SCRIPT = """
import io, json, sys
import pygambit
order = json.loads(sys.stdin.readline())
game = pygambit.read_efg(io.BytesIO(sys.stdin.read().encode()))
sets = [infoset for player in game.players for infoset in player.infosets]
found = {"sets": [[infoset.player.label, infoset.label] for infoset in sets]}
how = {"first_step": 0.1, "max_accel": 1.5}
found["qre"] = []
for point in pygambit.qre.logit_solve_lambda(game, lam=order["lambdas"], **how):
    found["qre"].append([float(point[i]) for i in range(len(point))])
print(json.dumps(found), flush=True)
equilibria = pygambit.nash.logit_solve(game, maxregret=1e-6, **how).equilibria
found["nash"] = [[float(one[action]) for infoset in sets for action in infoset.actions] for one in equilibria]
found["regret"] = [float(one.max_regret()) for one in equilibria]
print(json.dumps(found), flush=True)
"""


class GambitError(UserError):
    """pygambit was asked for and is missing, or could not solve the game."""


def installed() -> bool:
    """Whether pygambit can be imported."""
    return find_spec("pygambit") is not None


def solve(text: str, lambdas: list[float], limit_s: float) -> dict[str, Any]:
    """Gambit's answers to a game given as .efg text.

    Returns `version`, `sets` (player, label), `qre` (one list of action chances a lambda), and, where it came to an
    end in time, `nash` and `regret` (a list an equilibrium); `late` says whether it did not.

    Raises
    ------
    GambitError
        when pygambit is not installed, or fails on the game.
    """
    import json

    if not installed():
        raise GambitError(needs("gambit=true", "games", "pygambit is not installed"))
    order = f"{json.dumps({'lambdas': lambdas})}\n{text}"
    command = [sys.executable, "-c", SCRIPT]
    try:
        done = subprocess.run(command, input=order, capture_output=True, text=True, timeout=limit_s, check=False)
        out, late = done.stdout, False
        if done.returncode:
            raise GambitError(f"pygambit could not solve the game: {done.stderr.strip().splitlines()[-1]}")
    except subprocess.TimeoutExpired as stopped:
        told = stopped.stdout or b""
        out, late = (told.decode() if isinstance(told, bytes) else told), True
    lines = out.strip().splitlines()
    found: dict[str, Any] = loads(lines[-1]) if lines else {}
    return {"version": version("pygambit"), "late": late, **found}
