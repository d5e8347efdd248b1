"""Files whole or not at all, on the disk where it counts, by means that every system has; one lock, one holder."""

from __future__ import annotations

import ast
import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim import results as record
from sim.errors import setting as written
from sim.names import is_device
from sim.results import disk, place
from sim.results import journal as journals

SOURCES = sorted(Path(sim.__file__).parent.rglob("*.py"))


def test_no_source_needs_what_only_one_system_has() -> None:
    names = {
        path: {
            alias.name.partition(".")[0]
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        for path in SOURCES
    }
    asked_first = {"caches.py": {"pwd", "grp"}}  # reached only where the system has numbers of users
    tied = {"fcntl", "msvcrt", "pwd", "grp", "termios"}
    assert not [str(path) for path, used in names.items() if (used & tied) - asked_first.get(path.name, set())]


@pytest.fixture
def as_on_windows(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """`os.fsync` as Windows has it, which refuses what was opened for reading only; lists what was synced."""
    import stat

    synced: list[int] = []
    flags = {}
    opened, sync = os.open, os.fsync

    def remember(path: object, how: int, *rest: int) -> int:
        if isinstance(path, (str, os.PathLike)) and Path(path).is_dir():
            raise PermissionError(errno.EACCES, "folders cannot be opened")
        made = opened(path, how, *rest)  # type: ignore[arg-type]
        flags[made] = how
        return made

    def refuse(number: int) -> None:
        if flags.get(number, os.O_RDWR) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, "opened for reading only")
        assert stat.S_ISREG(os.fstat(number).st_mode)
        sync(number)
        synced.append(number)

    monkeypatch.setattr(os, "open", remember)
    monkeypatch.setattr(os, "fsync", refuse)
    return synced


def test_nothing_opened_for_reading_is_synced(as_on_windows: list[int], tmp_path: Path) -> None:
    """A directory, a journal and a part are written and synced where a read-only file cannot be."""
    import numpy as np

    with record.directory(tmp_path, "x") as where:
        record.write_text(where.working / "config.yaml", "a: 1\n")
        kept = journals.begin(where.working, {"a": 1})
        kept.add(0, {"runs": {"point": np.arange(3)}})
        kept.close()
    assert (tmp_path / "x" / "runs" / "part-00000.parquet").is_file()
    assert len(as_on_windows) >= 4  # configuration, header, part, line


def test_what_a_resume_needs_is_on_the_disk_before_the_journal_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    order: list[str] = []
    sync = disk._sync
    monkeypatch.setattr(disk, "_sync", lambda path, flags: (order.append(path.name), sync(path, flags))[1])
    (tmp_path / "points.parquet").write_bytes(b"x")
    monkeypatch.setattr(journals.Journal, "_append", lambda self, line: order.append("line"))
    journals.begin(tmp_path, {}).close()
    assert order.index("points.parquet") < order.index("line") < order.index(tmp_path.name, order.index("line"))


def test_a_file_that_fails_half_way_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    record.write_text(path, "old")

    def fails() -> None:
        with record.whole(path) as half:
            half.write_text("new, half of it")
            raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full") as failed:
        fails()
    assert failed.value.filename == str(path)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.txt", "old")]


def test_one_process_at_a_time_has_a_lock(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    ask = (
        "import sys; from pathlib import Path; from sim import results as record\n"
        "try: record.alone(Path(sys.argv[1]), 'busy').close(); print('had it')\n"
        "except record.RecordError as error: print(error)"
    )

    def other() -> str:
        return subprocess.run([sys.executable, "-c", ask, path], capture_output=True, text=True, check=True).stdout

    held = record.alone(path, "busy")
    with pytest.raises(record.RecordError, match="busy"):
        record.alone(path, "busy")
    assert other() == "busy\n"
    held.close()
    assert other() == "had it\n"
    assert not path.exists()


def test_a_name_that_another_process_is_writing_is_refused_before_the_work(tmp_path: Path) -> None:
    with (
        record.directory(tmp_path, "x"),
        pytest.raises(record.RecordError, match="another process is writing"),
        record.directory(tmp_path, "x"),
    ):
        pytest.fail("the work was reached")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_name_taken_meanwhile_keeps_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rename itself fails, as when somebody was quicker than the look; every system has its own error for it."""
    rename, errors = Path.rename, iter([errno.ENOTEMPTY, errno.EEXIST, errno.EACCES])

    def taken(self: Path, target: Path) -> Path:
        target.mkdir()
        (target / "theirs").touch()
        raise OSError(next(errors), "taken")

    for _ in range(3):
        monkeypatch.setattr(Path, "rename", taken)
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(record.RecordError, match="was taken while this ran; the results are complete in"):
            place._settle(record.Place(tmp_path, tmp_path / f"y{_}"), named=True)
        monkeypatch.setattr(Path, "rename", rename)


BAD = (
    "x.unfinished", "x.UNFINISHED", "n" * 300, "ü" * 150, ".", "..", "a/b", "a\\b", "CON", "nul.txt", "lpt1", "a\nb",
    "a\x00b", "\u202ea", "a ", " a", "a.", "a:b", "a*", "a?", "<a>", 'a"b', "a|b", "\ud800", "x.lock",
)  # fmt: skip


@pytest.mark.parametrize("name", BAD, ids=ascii)
def test_a_bad_name_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(record.RecordError) as refused, record.directory(tmp_path, name):
        pytest.fail("the work was reached")
    assert re.match(r"name=.*[.]", str(refused.value))
    assert len(str(refused.value).splitlines()) == 1
    assert not list(tmp_path.iterdir())


@given(st.from_regex(r"[\w][\w .,=+@()'!&-]{0,20}[\w]", fullmatch=True).filter(str.isprintable))
def test_any_other_name_is_taken_as_it_is(name: str) -> None:
    if not is_device(name) and not name.lower().endswith(".lock"):
        record.check_name(name)


@pytest.mark.parametrize("how", ["a file in the way", "a circle of links", "too long", "null"])
def test_a_folder_that_cannot_be_is_refused(how: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "circle").symlink_to("circle")
    base = {"a file in the way": tmp_path / "file" / "run", "a circle of links": tmp_path / "circle" / "run",
            "too long": tmp_path / ("n" * 300), "null": tmp_path / "a\0b"}[how]  # fmt: skip
    before = sorted(tmp_path.iterdir())
    with pytest.raises(record.RecordError, match="cannot use"), record.directory(base, "x"):
        pytest.fail("the work was reached")
    assert sorted(tmp_path.iterdir()) == before


def test_a_mistake_leaves_no_folder_and_work_is_kept(tmp_path: Path) -> None:
    def fails(write: bool) -> None:
        with record.directory(tmp_path / "out" / "run", None) as where:
            record.write_text(where.working / "config.yaml", "a: 1\n")
            if write:
                record.write_text(where.working / "runs.txt", "hours of work")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(record.RecordError, match="No space left"):
        fails(write=False)
    assert not list(tmp_path.iterdir())
    with pytest.raises(record.RecordError, match=r"No space left .* was written before is in .*unfinished"):
        fails(write=True)
    assert [path.read_text() for path in tmp_path.rglob("runs.txt")] == ["hours of work"]


@pytest.mark.skipif(not hasattr(__import__("signal"), "SIGHUP"), reason="this system closes terminals otherwise")
def test_a_closed_terminal_does_not_stop_what_fills_a_folder(tmp_path: Path) -> None:
    import signal

    before = signal.getsignal(signal.SIGHUP)
    with record.directory(tmp_path, "x"):
        os.kill(os.getpid(), signal.SIGHUP)
    assert (tmp_path / "x").is_dir()
    assert signal.getsignal(signal.SIGHUP) == before


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="$"), max_size=20))
def test_a_printed_setting_is_read_back_as_it_was(value: str) -> None:
    from hydra.core.override_parser.overrides_parser import OverridesParser

    read = OverridesParser.create().parse_override(written("out", value)).value()
    assert getattr(read, "text", read) == value
