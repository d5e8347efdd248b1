"""A new room, its words, and somebody who writes what a page must not take for its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.catalog import option as configured
from sim.classroom import chair, hall
from sim.classroom.host import Host
from tests.conftest import setting

WORDS = configured("labels", "en")
HOSTILE = "<script>alert(1)</script> \u202egnol & \"odd\" '{{ 7 * 7 }}'"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = hall.create(tmp_path / "class", setting("scenario=historical"), configured("seminar", "june_2023"), 1, 3)
    yield made.hosts[0]
    made.close()


def act(host: Host, action: str, **told: Any) -> None:
    chair.act(host, action, f"{action}-{host.version}", told)
