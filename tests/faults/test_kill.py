"""SIGKILL at any moment: the same command goes on and gives the same bytes."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.command import alive
from tests.faults.conftest import Job

JobOf = Callable[[str], Job]

RANDOM_MOMENTS = [
    pytest.param(seed, marks=[] if seed < 6 else pytest.mark.slow) for seed in range(20)
]


@pytest.mark.parametrize("seed", RANDOM_MOMENTS)
def test_killed_at_a_random_moment(job_of: JobOf, tmp_path: Path, seed: int) -> None:
    """Killed twice, then run to the end."""
    chance = random.Random(seed)
    job = job_of(("jsonl", "tokenize", "segment")[seed % (2 if seed < 6 else 3)])
    for _ in range(2):
        command = job.start(tmp_path)
        time.sleep(chance.uniform(0.2, job.seconds))
        command.kill()
        command.wait()
    job.finish(tmp_path)


def _ledger_lines(directory: Path) -> int:
    return sum(
        ledger.read_bytes().count(b"\n") for ledger in directory.glob("out.corpuskit/ledger*")
    )


MOMENTS: dict[str, Callable[[Path], object]] = {
    "planned": lambda d: (d / "out.corpuskit" / "plan.json").exists(),
    "first part": lambda d: any(d.glob("out.corpuskit/parts/*.rejects")),
    "half done": lambda d: _ledger_lines(d) >= 8,
    "assembling": lambda d: any(d.glob(".out.*.tmp")),
    "first final": lambda d: (d / "out").exists() or (d / "out.bin").exists(),
    "last final": lambda d: (d / "out").exists() or (d / "out.idx").exists(),
    "reported": lambda d: (d / "out.report.json").exists(),
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("stage", ["tokenize", pytest.param("jsonl", marks=pytest.mark.slow)])
def test_killed_in_a_given_state(job_of: JobOf, tmp_path: Path, moment: str, stage: str) -> None:
    command = job_of(stage).start(tmp_path)
    command.until(lambda: MOMENTS[moment](tmp_path))
    command.kill()
    command.wait()
    job_of(stage).finish(tmp_path)


def test_a_torn_ledger_and_damaged_parts(job: Job, tmp_path: Path) -> None:
    command = job.start(tmp_path)
    assert command.until(lambda: _ledger_lines(tmp_path) >= 6)
    command.kill()
    command.wait()
    work = tmp_path / "out.corpuskit"
    (ledger,) = work.glob("ledger*.jsonl")
    lines = ledger.read_bytes().splitlines(keepends=True)
    ledger.write_bytes(b"".join(lines[:-1]) + lines[-1][:30])
    done = sorted(work.glob("parts/*.ids"))
    done[0].unlink()
    os.truncate(done[1], done[1].stat().st_size // 2)
    job.finish(tmp_path)


def test_no_worker_outlives_its_parent(job: Job, tmp_path: Path) -> None:
    command = job.start(tmp_path)
    assert command.until(lambda: len(command.workers()) == 2)
    workers = command.workers()
    command.kill()
    command.wait()
    limit = time.monotonic() + 10
    while any(map(alive, workers)):
        assert time.monotonic() < limit, "orphans"
        time.sleep(0.05)


def test_a_killed_worker_is_reported_and_replaced(job: Job, tmp_path: Path) -> None:
    command = job.start(tmp_path)
    assert command.until(lambda: any(tmp_path.glob("out.corpuskit/parts/*.rejects")))
    os.kill(command.workers()[0], signal.SIGKILL)
    assert command.wait() == 0
    assert "warning: a worker was killed (SIGKILL) in unit " in command.err
    assert "the unit is tried once more" in command.err
    job.finish(tmp_path)


def test_workers_killed_again_and_again(job: Job, tmp_path: Path) -> None:
    command = job.start(tmp_path)
    while command.process.poll() is None:
        for worker in command.workers():
            os.kill(worker, signal.SIGKILL)
        time.sleep(0.02)
    assert command.wait() == 1
    assert "a worker was killed (SIGKILL) in the same unit 2 times" in command.err
    assert "Traceback" not in command.err
    job.finish(tmp_path)
