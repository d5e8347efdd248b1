"""Turns as people count them, and the turns whose marks and forecasts are not what they claim to be."""

from __future__ import annotations

from sim.classroom.room import Room

BEFORE = "\N{EN DASH}"  # for the number of a turn before a class took over
FLAGS = {"shown": "†", "replayed": "‡"}  # put after what a seat did when it knew more than its seat could


def number(turn: int, first: int | None) -> str:
    """A turn of the room's line as people saw it numbered.

    Parameters
    ----------
    first : turns that the model played before a class took over, whose pages count from 1; None where people were
        shown the room's own numbers, as in the terminal

    >>> number(9, 9), number(9, None), number(4, 9) == BEFORE
    ('1', '9', True)
    """
    if first is None:
        return str(turn)
    return str(turn - first + 1) if turn >= first else BEFORE


def place(turn: int, first: int | None) -> str:
    """The same in words.

    >>> place(10, 9), place(4, 9)
    ('turn 2', 'before the class took over')
    """
    return f"turn {number(turn, first)}" if first is None or turn >= first else "before the class took over"


def played(turns: int, first: int | None) -> int:
    """How many of these resolved turns people played."""
    return turns - (first or 0)


def flags(room: Room, turn: int) -> list[str]:
    """Why what a seat did in a turn says less than it seems to: keys of FLAGS.

    shown : odds from the true state were to be seen while it was open, on the wall or on the seats' own pages
    replayed : the turn had been played to its end on a line that the class went back from
    """
    at = room.turns[turn]
    again = any(turn < len(line) - 1 and line[turn] is not at for line in room.left)
    return (["shown"] if at.shown else []) + (["replayed"] if again else [])


def fair(room: Room) -> set[int]:
    """Turns without a flag."""
    return {turn.number for turn in room.turns if not flags(room, turn.number)}
