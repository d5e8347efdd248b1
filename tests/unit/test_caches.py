"""Compiled code is run as it is read: it is kept only where nobody but its user can write."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim import caches, jit
from sim.errors import UserError

pytestmark = pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners are told by number on POSIX systems only")
as_root = pytest.mark.skipif(hasattr(os, "getuid") and os.getuid() != 0, reason="only root may give files away")
STRANGER = 65534


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's cache and a temporary folder, both empty."""
    for name in ("cache", "tmp"):
        (tmp_path / name).mkdir(mode=0o700)
    monkeypatch.delenv(caches.PLACE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.parametrize("mask", [0o000, 0o002, 0o077])
def test_a_new_folder_is_closed_to_others_whatever_the_umask_and_is_found_again(mask: int, tmp_path: Path) -> None:
    with umask(mask):
        folder, said = caches.kept("abc")
        assert (folder, said) == (tmp_path / "cache" / caches.APP / "abc", "")
        for made in (folder, folder.parent):
            assert stat.S_IMODE(made.stat().st_mode) == 0o700
        (folder / "code.nbi").write_bytes(b"")  # under umask 0 everybody could write to it, but nobody gets there
    assert caches.kept("abc") == (folder, "")


def another_owns(path: Path) -> None:
    os.chown(path, STRANGER, STRANGER)


def is_a_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def all_may_write(path: Path) -> None:
    path.chmod(0o777)


def a_group_may_write(path: Path) -> None:
    os.chown(path, -1, STRANGER) if os.getuid() == 0 else None
    path.chmod(0o770)


PLANTED: list[tuple[str, Callable[[Path], None], str]] = [
    (name, harm, word)
    for name in ("", "abc", "abc/code.nbi")
    for harm, word in ((another_owns, "another user"), (is_a_link, "a link"), (all_may_write, "by others"),
                       (a_group_may_write, "by others"))
    if name != "abc/code.nbi" or word != "by others"
]  # fmt: skip


@pytest.mark.parametrize(("name", "harm", "word"), PLANTED)
@pytest.mark.parametrize("where", ["cache", "tmp", "own"])
def test_a_folder_that_another_could_have_filled_is_not_read(
    where: str, name: str, harm: Callable[[Path], None], word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if harm is another_owns and os.getuid() != 0:
        pytest.skip("only root may give files away")
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere" if where == "tmp" else str(tmp_path / "cache"))
    if where == "own":
        monkeypatch.setenv(caches.PLACE, str(tmp_path / "own"))
    top, _ = caches.kept("abc")
    assert top is not None
    (top / "code.nbi").write_bytes(b"planted")
    harm(top.parent / name)
    folder, said = caches.kept("abc")
    assert folder != top
    assert word in said
    assert caches.PLACE in said
    if where == "tmp":
        assert folder is None, "no place is left"
    else:
        assert folder is not None
        assert list(folder.iterdir()) == [], "the next place in the order, and nothing of the planted is in it"


@as_root
def test_root_does_not_keep_code_in_the_home_of_another(tmp_path: Path) -> None:
    another_owns(tmp_path / "cache")
    folder, said = caches.kept("abc")
    assert folder == tmp_path / "tmp" / f"{caches.APP}-0" / "abc"
    assert f"{tmp_path / 'cache'} belongs to another user" in said


def test_a_parent_in_which_others_can_rename_is_refused_and_a_sticky_one_is_not(tmp_path: Path) -> None:
    for mode, trusted in ((0o777, False), (0o1777, True)):
        (tmp_path / "cache").chmod(mode)
        folder, said = caches.kept("abc")
        assert (folder == tmp_path / "cache" / caches.APP / "abc") is trusted, said


@as_root
def test_two_users_of_one_temporary_folder_do_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one made the folder with our name first."""
    shared = Path(tempfile.mkdtemp(dir="/tmp"))  # pytest's own folders are closed to others
    monkeypatch.setattr(tempfile, "tempdir", str(shared))
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    shared.chmod(0o1777)
    mine = shared / f"{caches.APP}-{os.getuid()}"
    os.seteuid(STRANGER)
    try:
        (mine / "abc").mkdir(parents=True)
        (mine / "abc" / "code.nbi").write_bytes(b"planted")
        theirs = caches.kept("abc")[0]
    finally:
        os.seteuid(0)
    folder, said = caches.kept("abc")
    assert folder is None
    assert f"{mine} belongs to another user" in said
    assert theirs is None or theirs.stat().st_uid == STRANGER
    assert (mine / "abc" / "code.nbi").read_bytes() == b"planted", "what is another's is left alone"


def test_a_home_that_cannot_be_written_is_nothing_to_talk_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    assert caches.kept("abc") == (tmp_path / "tmp" / f"{caches.APP}-{os.getuid()}" / "abc", "")
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")
    folder, said = caches.kept("abc")
    assert folder is None
    assert caches.PLACE in said


def test_a_place_of_ones_own_goes_first_and_is_a_full_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(caches.PLACE, str(tmp_path / "deep" / "own"))
    assert caches.kept("abc") == (tmp_path / "deep" / "own" / "abc", "")
    monkeypatch.setenv(caches.PLACE, "own")
    with pytest.raises(UserError, match="RUBICON_CACHE=own is no full path"):
        caches.kept("abc")


@pytest.fixture
def asked_anew() -> Iterator[None]:
    jit.cache_folder.cache_clear()
    yield
    jit.cache_folder.cache_clear()


@pytest.mark.usefixtures("asked_anew")
def test_without_a_trusted_place_code_is_compiled_in_memory_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("cache", "tmp"):
        (tmp_path / name).chmod(0o777)
    twice = jit.compiled(lambda x: 2 * x)
    assert twice(21) == 42
    assert jit.cache_folder() is None
    told = capsys.readouterr().err
    assert told.count("\n") == 1, "one line"
    assert "kept for this process alone" in told
    assert str(tmp_path / "cache") in told
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
