"""The real `rubicon seminar` in a process of its own, on one port as often as it is started, and its links."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.web.driver import ask, until

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Command:
    """`rubicon seminar` with these words behind it; `folder` takes its rooms and what it writes to stderr."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.line = [sys.executable, "-m", "sim", "seminar", f"port={self.port}", f"out={folder}", *words]
        self.log = (folder / "stderr").open("ab")
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Start it, and return what it prints, the links."""
        self.process = subprocess.Popen(self.line, stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=ROOT)
        text = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            text += line
            if "Ctrl-C" in line:
                break
        assert "Ctrl-C" in text, self.complaints[-2000:]
        until(self.answers)
        return text

    @property
    def complaints(self) -> str:
        """What it has written to stderr so far."""
        return (self.folder / "stderr").read_text()

    def answers(self) -> bool:
        """Whether it listens."""
        try:
            return ask(self.port, "GET", "/healthz").status == 200
        except (OSError, IndexError):
            return False

    def end(self, how: signal.Signals) -> None:
        """Send a signal to this process alone, and wait."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    def close(self) -> None:
        """Kill it if it runs, and close its log."""
        self.end(signal.SIGKILL)
        self.log.close()


def link(printed: str, kind: str) -> str:
    """The first link of a kind (table, wall, join) among what the command printed."""
    return re.findall(rf"http\S+/{kind}/\S+", printed)[0]
