"""What people send: ids of their requests, names, texts, in the form in which a room takes them."""

from __future__ import annotations

import secrets
import unicodedata
from typing import Any

from sim.classroom.desk import LONGEST_NAME
from sim.classroom.moves import LONGEST
from sim.classroom.seats import SeminarError

LONGEST_REQUEST = 60  # characters of the id that a page gives a request
SHORTEST_SECRET = 16  # characters of the id of a request to join
BREAKS = ("\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")  # besides the line feed
JOINERS = "\u200c\u200d"
JOINED = "\u0600"  # scripts that are joined, and pictures, lie beyond
BLANK = "\u2065\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and marks that show as nothing


def new_id(kind: str) -> str:
    """An id of the room's own."""
    return f"{kind}-{secrets.token_hex(12)}"


def plain(text: str) -> str:
    r"""A person's text without what turns, hides or overwrites the text around it, or cannot be written.

    Control and format characters go (C0, C1, marks of direction, zero width, tags) and so do halves of surrogate pairs
    and letters that show as nothing; line breaks of any kind become one kind. Joiners stay between two characters of a
    script, or signs of a picture, that need them.

    >>> plain("a\u202eb\u200b\x1b[1m\r\nc\u2028d")
    'ab[1m\nc\nd'
    >>> plain("\u0645\u06cc\u200c\u062e") == "\u0645\u06cc\u200c\u062e", plain("a\u200cb")
    (True, 'ab')
    """
    for line in BREAKS:
        text = text.replace(line, "\n")
    text = text.replace("\t", " ")
    return "".join(letter for at, letter in enumerate(text) if letter == "\n" or _stays(text, at))


def _stays(text: str, at: int) -> bool:
    letter = text[at]
    if letter in JOINERS:
        around = text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
        return len(around) == 2 and all(
            one > JOINED and unicodedata.category(one)[0] in "LMS" and one not in BLANK for one in around
        )
    return letter not in BLANK and unicodedata.category(letter) not in ("Cc", "Cf", "Cs")


def name_of(text: str) -> str:
    """A name on one line, plain, cut to its longest."""
    return " ".join(plain(text).split())[:LONGEST_NAME].strip()


def own(sender: int | str, id_: str) -> str:
    """A sender's id for a request, made his own: one person's ids cannot stand in the way of another's."""
    if not 0 < len(id_) <= LONGEST_REQUEST or not id_.isascii() or not id_.isprintable():
        raise SeminarError(f"a request needs an id of 1 to {LONGEST_REQUEST} printable ASCII characters.")
    return f"by-{sender}:{id_}"


def checked_text(text: Any) -> str:
    """A text that can be shown, plain: SeminarError where it is empty, too long or not text."""
    told = plain(text) if isinstance(text, str) else ""
    if not told.strip() or len(told) > LONGEST:
        raise SeminarError(f"write from 1 to {LONGEST} characters.")
    return told
