"""What people write is shown as they wrote it, without what turns, hides or overwrites the text around it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.classroom.desk import LONGEST_NAME
from sim.classroom.requests import checked_text, name_of, plain
from sim.classroom.seats import SeminarError

RANGES = [(0x00, 0x20), (0x7F, 0xA0), (0x200B, 0x2010), (0x2028, 0x202F), (0x2060, 0x2070)]
HARMFUL = [
    *(chr(one) for low, high in RANGES for one in range(low, high) if chr(one) != "\n"),
    "\u00ad", "\u061c", "\ufeff", "\U000e0041", "\u3164", "\u115f", "\u2800",
]  # fmt: skip
ORDINARY = [
    "Nothing.", "Пригожин: «назад»\nи точка", "אחורה!", "تراجع الآن",
    "\u0645\u06cc\u200c\u062e\u0648\u0627", "退回去", "뒤로 물러나라",
    "पीछे हटो", "क्\u200dष", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f3f3\ufe0f\u200d\U0001f308",
    "\U0001f44d\U0001f3fd", "naïve café", "x² ≤ 3", "a\u0301",
]  # fmt: skip


@pytest.mark.parametrize("letter", HARMFUL, ids=lambda one: f"U+{ord(one):04X}")
def test_a_harmful_character_goes_or_becomes_a_line_or_a_space(letter: str) -> None:
    assert plain(f"a{letter}b") in ("ab", "a\nb", "a b")
    assert name_of(f"a{letter}b") in ("ab", "a b")
    with pytest.raises(SeminarError, match="1 to 2000"):
        checked_text(letter * 3)
    assert name_of(letter * 3) == ""


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_of_any_script_stays_as_it_is(text: str) -> None:
    assert plain(text) == text
    assert checked_text(text) == text


@given(st.text(max_size=80))
@example("\u200d\u200d")
@example("\u0645\u200c\u200c\u0645")
@example("\ud800\r\r\n")
def test_what_is_left_is_harmless_and_stays(text: str) -> None:
    once = plain(text)
    kinds = {unicodedata.category(one) for one in once if one not in "\n\u200c\u200d"}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert all(ord(one) > 0x600 for at in range(len(once)) if once[at] in "\u200c\u200d" for one in once[at - 1 : at])
    once.encode()
    name = name_of(text)
    assert len(name) <= LONGEST_NAME
    assert "\n" not in name
    assert name == name.strip()
