"""What people send: ids of their requests, names, texts, in the form in which a room takes them."""

from __future__ import annotations

import secrets
from typing import Any

from sim.seminar.desk import LONGEST_NAME
from sim.seminar.moves import LONGEST, writable
from sim.seminar.seats import SeminarError

LONGEST_REQUEST = 60  # characters of the id that a page gives a request
SHORTEST_SECRET = 16  # characters of the id of a request to join


def new_id(kind: str) -> str:
    """An id of the room's own."""
    return f"{kind}-{secrets.token_hex(12)}"


def name_of(text: str) -> str:
    """A name without control characters, cut to its longest."""
    return "".join(letter for letter in text if letter.isprintable()).strip()[:LONGEST_NAME]


def own(sender: int | str, id_: str) -> str:
    """A sender's id for a request, made his own: one person's ids cannot stand in the way of another's."""
    if not 0 < len(id_) <= LONGEST_REQUEST or not id_.isascii() or not id_.isprintable():
        raise SeminarError(f"a request needs an id of 1 to {LONGEST_REQUEST} printable ASCII characters.")
    return f"by-{sender}:{id_}"


def checked_text(text: Any) -> str:
    """A text that can be shown: SeminarError where it is empty, too long or not text."""
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST or not writable(text):
        raise SeminarError(f"write from 1 to {LONGEST} characters.")
    return text
