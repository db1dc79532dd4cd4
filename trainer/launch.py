"""Start the processes of a run: here, on this machine, or on the machines of a hostfile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpuskit.console import console
from corpuskit.errors import Interrupted
from corpuskit.io.files import read_json, write_json
from trainer.hosts import HERE, free_port, read_hostfile
from trainer.session import Session

LAUNCH = "launch.json"
KILLED = 3  # a process ended by a signal: out of memory, or a crash
_GRACE_SECONDS = 20.0


def launch_local(session: Session, count: int) -> int:
    """Run ``count`` processes on this machine; returns the exit code of the run.

    SIGINT and SIGTERM are passed on, so that the processes save and stop together.
    """
    path = _write_launch(session)
    shared = {
        "WORLD_SIZE": str(count),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "OMP_NUM_THREADS": str(_threads(count)),
    }
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "trainer.worker", str(path)],
            env={**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            start_new_session=True,
        )
        for rank in range(count)
    ]
    return _wait(workers)


def launch_hostfile(session: Session, hostfile: Path) -> int:
    """Run on the machines of a hostfile through DeepSpeed's launcher; the exit code."""
    path = _write_launch(session)
    hosts = read_hostfile(hostfile)
    program = [sys.executable, "-m", "deepspeed.launcher.runner", "--hostfile", str(hostfile)]
    if set(hosts) <= HERE:
        program += ["--no_ssh_check", "--master_addr=127.0.0.1", f"--master_port={free_port()}"]
    program += ["--no_local_rank", "--module", "trainer.worker", str(path.absolute())]
    threads = {"OMP_NUM_THREADS": str(_threads(max(hosts.values())))}
    return _wait([subprocess.Popen(program, env=threads | os.environ, start_new_session=True)])


def _threads(processes: int) -> int:
    """A fair share of this machine's cores."""
    return max(1, len(os.sched_getaffinity(0)) // processes)


def _write_launch(session: Session) -> Path:
    session.output.mkdir(parents=True, exist_ok=True)
    path = session.output / LAUNCH
    settings = {"json": console.json, "quiet": console.quiet, "progress": console.bars}
    write_json(path, {"session": session.to_dict(), "console": settings})
    return path


def _wait(workers: Sequence[subprocess.Popen[Any]]) -> int:
    """The first exit code that is not 0, once all have ended."""

    def forward(number: int, frame: object) -> None:
        for worker in workers:
            if worker.poll() is None:
                worker.send_signal(number)

    before = {n: signal.signal(n, forward) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        return _watch(workers)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(workers: Sequence[subprocess.Popen[Any]]) -> int:
    failed, since = 0, 0.0
    while any(worker.poll() is None for worker in workers):
        codes = [worker.returncode for worker in workers if worker.returncode]
        if codes and not failed:
            failed, since = codes[0], time.monotonic()
        if failed and time.monotonic() - since > _GRACE_SECONDS:
            for worker in workers:
                worker.kill()
        time.sleep(0.05)
    codes = [worker.returncode for worker in workers if worker.returncode]
    first = failed or (codes[0] if codes else 0)
    if -first in (signal.SIGINT, signal.SIGTERM):
        return Interrupted.exit_code
    return first if first >= 0 else KILLED


def report_of(session: Session) -> dict[str, Any]:
    """The report that the processes have written."""
    report: dict[str, Any] = read_json(session.output / "report.json")
    return report
