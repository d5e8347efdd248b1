"""Where compiled code is kept between starts: a folder that nobody but its user can write to.

Compiled code is loaded as code, so whoever can write there can run what he likes as the
reader. A folder is taken only if it and all above it are out of others' reach; then nobody
can change it between the check and the use either.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sim.errors import UserError

APP = "rubicon-wargame"
PLACE = "RUBICON_CACHE"  # environment variable: a folder for compiled code, instead of the user's cache


class Refused(Exception):
    """Why a folder is not trusted, or cannot be had."""


def kept(name: str) -> tuple[Path | None, str]:
    """A folder `name` of this user's own, made if missing, and what is to be said about it ('' if all is as usual).

    None where no place can be trusted or written; then the code is to be compiled for this process alone.
    UserError when `RUBICON_CACHE` names no full path.
    """
    said = ""
    for top, usual in _tops():
        try:
            return _private(top, name), said
        except Refused as error:
            said = said or f"{error}; set {PLACE} to a folder of your own"
        except OSError as error:
            if not usual:
                said = said or f"{top} cannot be used ({error.strerror}); set {PLACE} to another folder"
    return None, said or f"there is no folder to keep it in; set {PLACE} to a folder of your own"


def _tops() -> Iterator[tuple[Path, bool]]:
    """Places in the order in which they are tried, and whether it is usual that one cannot be written."""
    from platformdirs import user_cache_path

    if chosen := os.environ.get(PLACE):
        if not Path(chosen).is_absolute():
            raise UserError(f"{PLACE}={chosen} is no full path; give the folder from the root on, or leave it unset.")
        yield Path(chosen), False
    try:
        usual = user_cache_path(APP, appauthor=False)
    except RuntimeError:  # a user without a home has none
        usual = Path()
    if usual.is_absolute():
        yield usual, True
    yield Path(tempfile.gettempdir()) / f"{APP}-{os.getuid() if hasattr(os, 'getuid') else 'user'}", True


def _private(top: Path, name: str) -> Path:
    """The folder `name` in `top`, both made if missing; Refused where others could write, OSError where we cannot."""
    if not hasattr(os, "getuid"):  # Windows: who may write is not told by these numbers; the user's cache is his own
        (top / name).mkdir(parents=True, exist_ok=True)
        return _written(top / name)
    top.parent.mkdir(parents=True, exist_ok=True)
    top = top.parent.resolve() / top.name  # from here on no link is followed
    for above in top.parents:
        _check_above(above)
    for folder in (top, top / name):
        folder.mkdir(mode=0o700, exist_ok=True)
        _check_own(folder)
    for within in (top / name).rglob("*"):  # of an earlier time, when the folder may have been open
        _check_owner(within)
    return _written(top / name)


def _written(folder: Path) -> Path:
    """The folder, after trying to write there: a disk may be read-only whatever the modes say."""
    with tempfile.TemporaryFile(dir=folder):
        return folder


def _check_own(folder: Path) -> None:
    """Refused unless `folder` is ours, no link, and closed to the writing of others."""
    _check_owner(folder)
    mode = stat.S_IMODE(folder.lstat().st_mode)
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise Refused(f"{folder} can be written by others (mode {mode:o})")


def _check_owner(path: Path) -> None:
    """Refused for a link and for what another user owns."""
    entry = path.lstat()
    if stat.S_ISLNK(entry.st_mode):
        raise Refused(f"{path} is a link")
    if entry.st_uid != os.geteuid():
        raise Refused(f"{path} belongs to another user")


def _check_above(path: Path) -> None:
    """Refused unless only root and we can rename what is in `path`."""
    entry = path.stat()
    if entry.st_uid not in (0, os.geteuid()):
        raise Refused(f"{path} belongs to another user")
    shared = entry.st_mode & stat.S_IWOTH or (entry.st_mode & stat.S_IWGRP and not _own_group(entry.st_gid))
    if shared and not entry.st_mode & stat.S_ISVTX:
        raise Refused(f"{path} can be written by others (mode {stat.S_IMODE(entry.st_mode):o})")


def _own_group(number: int) -> bool:
    """Whether a group has one member, us: the usual group of a user's own files on many systems."""
    import grp
    import pwd

    try:
        group, user = grp.getgrgid(number), pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return number == user.pw_gid and group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}
