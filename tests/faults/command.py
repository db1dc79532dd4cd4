"""Runs of the real command that can be watched and killed."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

CORPUSKIT = [sys.executable, "-m", "corpuskit"]


class Command:
    """A running ``corpuskit``, in a process group of its own as under a shell."""

    def __init__(self, *words: object) -> None:
        self.process = subprocess.Popen(
            [*CORPUSKIT, *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait(self) -> int:
        self.out, self.err = self.process.communicate(timeout=120)
        return self.process.returncode

    def until(self, reached: Callable[[], object], timeout: float = 60) -> bool:
        """Wait for a state of the disk; False when the command ends before."""
        limit = time.monotonic() + timeout
        while not reached():
            if self.process.poll() is not None:
                return False
            assert time.monotonic() < limit, "the state was never reached"
            time.sleep(0.0005)
        return True

    def workers(self) -> list[int]:
        """Process ids of the workers."""
        return [pid for pid in children(self.process.pid) if b"spawn_main" in _command(pid)]

    def kill(self) -> None:
        self.process.kill()

    def interrupt(self) -> None:
        """Ctrl-C: the whole group gets the signal."""
        os.killpg(self.process.pid, signal.SIGINT)


def children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


def hinted(text: str) -> list[str]:
    """The words of the command that a message tells us to go on with."""
    (line,) = (line for line in text.splitlines() if line.startswith("hint: go on with: "))
    first, *words = shlex.split(line.removeprefix("hint: go on with: "))
    assert first == "corpuskit"
    return words


def outputs(directory: Path) -> dict[str, bytes]:
    """Every file below ``directory``, without reports and working directories."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not path.name.endswith((".report.json", ".rejects.jsonl"))
    }
