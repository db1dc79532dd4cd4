"""Ctrl-C and SIGTERM: what is in hand is finished, and a message tells how to go on."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.faults.command import Command, hinted, outputs
from tests.faults.conftest import Job


def _working(directory: Path) -> bool:
    return any(directory.glob("out.corpuskit/parts/*.rejects"))


@pytest.mark.parametrize("by", ["group", "SIGINT", "SIGTERM"])
def test_the_printed_command_goes_on(job: Job, tmp_path: Path, by: str) -> None:
    command = Command(*job.words, "--overwrite", "-o", tmp_path / "out")
    assert command.until(lambda: _working(tmp_path))
    if by == "group":
        command.interrupt()
    else:
        command.process.send_signal(signal.Signals[by])
    assert command.wait() == 130
    assert "warning: stopping after the units in hand" in command.err
    assert "error: interrupted; " in command.err
    assert "Traceback" not in command.err and "killed" not in command.err
    assert not list(tmp_path.glob("out.corpuskit/parts/.*"))  # nothing half done
    words = hinted(command.err)
    assert "--overwrite" not in words
    going_on = Command(*words)
    assert going_on.wait() == 0
    assert "going on: " in going_on.err
    assert outputs(tmp_path) == job.expected


def test_twice_stops_at_once(job: Job, tmp_path: Path) -> None:
    command = job.start(tmp_path)
    assert command.until(lambda: _working(tmp_path))
    command.interrupt()
    time.sleep(0.05)
    command.interrupt()
    assert command.wait() == 130
    assert "Traceback" not in command.err
    job.finish(tmp_path)


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.3])
def test_while_workers_start(job: Job, tmp_path: Path, delay: float) -> None:
    """A worker that is still importing must not take Ctrl-C for itself."""
    command = job.start(tmp_path)
    assert command.until(lambda: len(command.workers()) >= 1)
    time.sleep(delay)
    command.interrupt()
    assert command.wait() in (130, 0)
    assert "Traceback" not in command.err and "a worker" not in command.err
    job.finish(tmp_path)
