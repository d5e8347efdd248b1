"""Rubicon: an open agent-based wargame of an armed march on a capital, June 2023.

>>> from sim import compose
>>> compose(["scenario=no_mediator"]).values["actors.mediator.present"]
0
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.catalog import Parameter, catalogue
    from sim.config import compose
    from sim.engines.mesa import Crisis
    from sim.errors import UserError
    from sim.notebook import crisis, runs, setting
    from sim.scenario import Setting, build
    from sim.settings import Settings

__version__ = "0.1.0"
__all__ = [
    "Crisis", "Parameter", "Setting", "Settings", "UserError", "__version__", "build", "catalogue", "compose", "crisis",
    "runs", "setting",
]  # fmt: skip

# public name -> its module; imported when first asked for, so that `import sim` costs nothing
_PUBLIC = {
    "Crisis": "sim.engines.mesa",
    "Parameter": "sim.catalog",
    "Setting": "sim.scenario",
    "Settings": "sim.settings",
    "UserError": "sim.errors",
    "catalogue": "sim.catalog",
    "build": "sim.scenario",
    "compose": "sim.config",
    "crisis": "sim.notebook",
    "runs": "sim.notebook",
    "setting": "sim.notebook",
}


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'sim' has no attribute {name!r}; public names: {', '.join(__all__)}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
