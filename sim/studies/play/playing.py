"""One person's game in the terminal: what is shown, and what a typed line comes to."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sim.classroom.seats import SeminarError
from sim.errors import UserError
from sim.model.state import ENDINGS, OPTIONS

if TYPE_CHECKING:
    from sim.classroom.journal import Journal

HELP = """Type one of: advance, hold, negotiate, concede (with details, e.g. negotiate terms=immunity+men)
  auto                                 let the model decide this turn for you
  odds                                 odds of the endings, as far as you can know
  forecast negotiated_exit=0.6 ...     state your own; what you leave out shares the rest
  say TEXT, tell SEAT TEXT             a statement, a message: logged, they change nothing
  back N                               go back to turn N and play on from there (back N fresh: with other luck)
  sheet                                your role sheet again
  end                                  the model plays on to the end (so does the end of input)
  quit                                 save; rubicon play resume=FILE goes on"""


class Game:
    """One person's game: the journal, the seat, and where commands come from."""

    def __init__(self, journal: Journal, seat: str, commands: Iterator[str], keys: Mapping[str, Any]) -> None:
        self.journal = journal
        self.room = journal.room
        self.seat = seat
        self.commands = commands
        self.keys = keys
        self.count = len(journal.log.moves())

    def take(self, kind: str, turn: int | None = None, **body: Any) -> None:
        """Enter a move; it is on the disk when this returns."""
        self.count += 1
        at = self.room.now.number if turn is None else turn
        self.journal.accept({"id": f"play-{self.count}", "kind": kind, "turn": at, **body})

    def run(self) -> bool:
        """Play until the ending (True) or `quit` (False)."""
        print("\n".join([*self.sheet(), "", HELP]))
        while not self.room.over:
            self.show()
            if not self.turn():
                return False
            if self.keys["odds"] and not self.room.over:
                self.odds()
        return True

    def turn(self) -> bool:
        """Take commands until the turn is resolved; False to stop."""
        opened = self.room.now
        while self.room.now is opened and not self.room.over:
            print(f"Turn {opened.number}> ", end="", flush=True)
            line = next(self.commands, "end")
            try:
                if not self.obey(line.split()):
                    return False
            except UserError as error:
                print(f"  {error}")
        return True

    def obey(self, words: list[str]) -> bool:
        """One command; False for `quit`."""
        if not words:
            return True
        verb, *rest = words
        if verb == "quit":
            return False
        if verb in OPTIONS:
            self.take("order", seat=self.seat, option=verb, **details(rest))
            self.take("resolve")
        elif verb == "end":
            while not self.room.over:
                self.take("resolve")
        elif verb in ("auto", "odds", "sheet", "help"):
            self.plain(verb)
        elif verb == "forecast":
            self.take("forecast", seat=self.seat, odds=forecast(rest))
        elif verb == "say":
            self.take("statement", seat=self.seat, text=" ".join(rest))
        elif verb == "tell":
            self.take("message", seat=self.seat, to=rest[0] if rest else "", text=" ".join(rest[1:]))
        elif verb == "back":
            self.back(rest)
        else:
            raise SeminarError(f"{verb!r} is no command; type help.")
        return True

    def plain(self, verb: str) -> None:
        """Commands of one word."""
        if verb == "auto":
            self.take("resolve")
        elif verb == "odds":
            self.odds()
        else:
            print("\n".join(self.sheet() if verb == "sheet" else [HELP]))

    def back(self, rest: list[str]) -> None:
        """Branch from an earlier turn."""
        if not rest or not rest[0].isdecimal():
            raise SeminarError("back wants the number of a turn, for example: back 3")
        self.take("branch", int(rest[0]), luck=rest[1] if len(rest) > 1 else "same")

    def odds(self) -> None:
        """Print the odds of somebody in this seat."""
        from sim.classroom.words import odds_text
        from sim.classroom.worlds import known_odds
        from sim.story.tension import shares

        ended = known_odds(self.room, self.room.now.number, self.seat, self.keys["continuations"])
        odds = dict(zip(ENDINGS, shares(ended).tolist(), strict=True))
        print(f"  Odds, as far as you can know: {odds_text(odds)}")

    def sheet(self) -> list[str]:
        """The role sheet."""
        from sim.classroom.words import role_sheet

        return role_sheet(self.room.briefing(self.seat))

    def show(self) -> None:
        """Print what the seat is told as the turn opens."""
        from sim.classroom.words import situation
        from sim.story.narrative import clock

        briefing = self.room.briefing(self.seat)
        print("\n".join(situation(briefing, clock(briefing.hour), self.room.news(self.seat))))
        if not self.room.has_say(self.seat):
            print("  (An order takes effect once the column is on the road and your seat is in play; `auto` waits.)")


def details(words: list[str]) -> dict[str, Any]:
    """Details of an order as typed: `terms=immunity+men call=officials men=0.5 offer`."""
    out: dict[str, Any] = {}
    for word in words:
        key, mark, value = word.partition("=")
        out[key] = value if mark else True
        if key == "men":
            out[key] = number(value, word)
    return out


def forecast(words: list[str]) -> dict[str, float]:
    """Odds as typed; endings that are left out share what is left evenly."""
    given: dict[str, float] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name not in ENDINGS:
            raise SeminarError(f"{name!r} is no ending; they are: {', '.join(ENDINGS)}.")
        given[name] = number(value, word)
    rest = [name for name in ENDINGS if name not in given]
    left = 1.0 - sum(given.values())
    return {name: given[name] if name in given else left / len(rest) for name in ENDINGS}


def number(text: str, word: str) -> float:
    """A number as typed; SeminarError otherwise."""
    try:
        return float(text)
    except ValueError:
        raise SeminarError(f"{word!r}: give a number, for example 0.5.") from None


def typed() -> Iterator[str]:
    """Lines of standard input; where it is no terminal they are echoed, so that the page reads like a game."""
    for line in sys.stdin:
        if not sys.stdin.isatty():
            print(line.strip())
        yield line.strip()


def beforehand(moves: list[Any]) -> Iterator[str]:
    """Commands given as `moves=[...]`, echoed; after them the model plays on."""
    for move in moves:
        print(move)
        yield str(move)
