"""The files of a hall of rooms: made whole or not at all, one process at a time, and looked through before they are
used again.

A hall is built under an unfinished name and gets its own when all of it is on the disk, so a kill leaves no room or all
of them. `LEDGER` says which rooms there are.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from sim import results as record
from sim.classroom.journal import WAIT
from sim.classroom.seats import SeminarError
from sim.errors import RecordError, cause
from sim.results import moves as files
from sim.results.witness import Account

MOVES, DESK, LEDGER = "moves.sqlite", "desk.sqlite", "hall.json"
WHAT = {MOVES: "the log of the crisis", DESK: "the log of people and votes"}
FORMAT = 1


class Checked(NamedTuple):
    """What came of looking through the logs of a hall.

    entries, logs : that are as they were written
    unwitnessed : logs that nothing could be held against: they are of an earlier version, or somebody took it away
    rescued : what was lost, a sentence each, where the user asked to go on with what is left
    """

    entries: int = 0
    logs: int = 0
    unwitnessed: int = 0
    rescued: tuple[str, ...] = ()


class Key:
    """The right to be the only server of a hall, and of the hall that it is a copy of."""

    def __init__(self, folder: Path) -> None:
        self._held: list[record.Held] = []
        self.take(folder)

    def take(self, folder: Path) -> None:
        """Have this folder too; RecordError where another server has it."""
        busy = f"the rooms in {folder} are open in another server; stop that one first, or choose another name=..."
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_make(folder, error) from error
        self._held.append(record.alone(folder.with_name(f".{folder.name}.lock"), busy))

    def close(self) -> None:
        """Let others have it."""
        while self._held:
            self._held.pop().close()


def cannot_make(folder: Path, error: OSError) -> SeminarError:
    """The error of a folder that cannot be made."""
    return SeminarError(f"cannot make the folder {folder} ({cause(error)}); choose another with out=...")


def build(folder: Path, names: Iterable[str], furnish: Callable[[Path], None], config: str) -> None:
    """Make a hall: `furnish` writes the logs of a room into its folder, and closes them.

    Raises
    ------
    SeminarError
        where the disk refuses; nothing is left behind then.
    """
    working, rooms = folder.with_name(folder.name + record.UNFINISHED), list(names)
    try:
        _clear(working)  # of one that was killed here
        working.mkdir(mode=0o700)  # the links' secrets lie here
        for name in rooms:
            (working / name).mkdir(mode=0o700)
            furnish(working / name)
            record.sync_folder(working / name)
        record.write_text(working / "config.yaml", config)
        ledger = {"format": FORMAT, "id": secrets.token_hex(16), "rooms": rooms, "folder": str(folder.resolve())}
        record.write_json(working / LEDGER, ledger)
        for name in ("config.yaml", LEDGER):
            record.sync(working / name)
        if folder.is_dir():
            folder.rmdir()  # an empty one; another is an error
        working.rename(folder)
        record.sync_folder(folder.parent)
    except OSError as error:
        _clear(working)
        raise cannot_make(folder, error) from error
    except BaseException:
        _clear(working)
        raise


def _clear(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def is_there(folder: Path) -> bool:
    """Whether a hall was made in this folder, or something else lies in it."""
    return folder.is_dir() and any(folder.iterdir())


def examine(folder: Path, key: Key, *, go_on: bool) -> tuple[list[Path], Checked]:
    """The folders of the rooms, once their logs have been looked through.

    Parameters
    ----------
    go_on : whether to go on with what is left where something is damaged or missing

    Raises
    ------
    SeminarError
        where something is, without `go_on`; nothing has been changed then.
    """
    ledger = _ledger(folder)
    _no_double(folder, ledger, key)
    there = sorted(path.parent for path in folder.glob(f"*/{DESK}") if (path.parent / MOVES).is_file())
    if not there:
        raise SeminarError(f"there is no room under {folder}; delete that folder, or choose another name=...")
    gone = [name for name in ledger.get("rooms", []) if folder / name not in there]
    faults = [f"{name} of {folder} is gone, or one of its logs" for name in gone]
    accounts: dict[Path, Account] = {}
    for place in there:
        first = waited(place / MOVES)
        for log in (MOVES, DESK):
            account = accounts[place / log] = files.examined(place / log)
            if account.fault():
                faults.append(f"{place.name}: {WHAT[log]} is not as it was written: {account.fault(first)}")
    if faults and not go_on:
        raise SeminarError(
            f"{'; '.join(faults)}. A file or the disk is damaged; nothing was changed. Put a copy of {folder} in its "
            "place, or go on with what is left: damaged=go_on (the damaged files are kept in the room's folder)."
        )
    for path, account in accounts.items():
        if account.fault():
            files.rescue(path, path.parent / f"damaged-{record.stamp().replace(':', '-')}")
    whole = [one for one in accounts.values() if one.checked is not None and not one.fault()]
    unwitnessed = sum(one.checked is None for one in accounts.values())
    return there, Checked(sum(one.entries for one in whole), len(whole), unwitnessed, tuple(faults))


def waited(path: Path) -> int:
    """Turns that the model played before a class took over, as far as a log tells; its turns count from there."""
    log = files.reopen(path, write=False)
    try:
        return sum(str(move["id"]).startswith(WAIT) for move in log.moves())
    except RecordError:
        return 0  # an entry is damaged: `examine` tells which
    finally:
        log.close()


def _ledger(folder: Path) -> dict[str, Any]:
    path = folder / LEDGER
    if not path.is_file():
        return {}  # of an earlier version
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {"id": str(found["id"]), "rooms": [str(one) for one in found["rooms"]], "folder": str(found["folder"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SeminarError(
            f"{path} cannot be read ({cause(error)}), so which rooms there were is not known. Put a copy of it in its "
            "place, or delete it to go on with the rooms that lie beside it."
        ) from error


def _no_double(folder: Path, ledger: dict[str, Any], key: Key) -> None:
    """A copy has the links of its original: both at once would part a class. So a copy locks its original too."""
    original = Path(ledger.get("folder", folder))
    if original == folder.resolve() or not (original / LEDGER).is_file():
        return
    if _ledger(original).get("id") == ledger["id"]:
        key.take(original)
