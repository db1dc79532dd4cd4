"""The local executor: a pool of warm worker processes.

Each worker holds one unit at a time, so that work in flight is bounded by the number of
workers. A worker that dies is replaced and its unit is tried once more.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import cast

from corpuskit.io.units import Unit
from corpuskit.work.attempts import Losses, record_of
from corpuskit.work.stage import PartRecord, Stage
from corpuskit.work.worker import STOP_SIGNALS, Failure, worker_main


class _Worker:
    """A process and the unit that it holds."""

    def __init__(self, stage: Stage, parts: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=worker_main, args=(theirs, stage, parts, os.getpid()), daemon=True
        )
        with _signals_blocked():
            self.process.start()
        theirs.close()
        self.unit: Unit | None = None

    def give(self, unit: Unit) -> None:
        self.unit = unit
        with suppress(BrokenPipeError):  # it has died: its answer will be the end of the pipe
            self.connection.send(unit)

    def answer(self) -> PartRecord | Failure | None:
        """What has become of the unit; None when the worker is gone."""
        try:
            return cast("PartRecord | Failure", self.connection.recv())
        except (EOFError, OSError):
            return None

    def death(self) -> str:
        self.process.join()
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"was killed ({signal.Signals(-code).name})"
        return f"ended with code {code}"

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """Keep Ctrl-C from a process that starts; it inherits the mask and lifts it itself."""
    resource_tracker.ensure_running()  # else it starts inside and lifts the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def run_local(
    stage: Stage, units: Sequence[Unit], parts: Path, workers: int, stopping: Callable[[], bool]
) -> Iterator[PartRecord]:
    """Run ``units``, giving each part's record as it finishes, in any order.

    When ``stopping()`` becomes true no new unit is begun; those in hand are finished.

    Raises:
        DataError: A worker met bad data or a full disk, or died twice in one unit.
    """
    queue = deque(units)
    losses = Losses()
    pool: list[_Worker] = []
    try:
        pool += (_Worker(stage, parts) for _ in range(min(workers, len(units))))
        while True:
            for worker in pool:
                if worker.unit is None and queue and not stopping():
                    worker.give(queue.popleft())
            busy = {worker.connection: worker for worker in pool if worker.unit}
            if not busy:
                break
            for connection in wait(list(busy)):
                worker = busy[cast(Connection, connection)]
                unit, answer = cast(Unit, worker.unit), worker.answer()
                if answer is not None:
                    worker.unit = None
                    yield record_of(answer, unit)
                    continue
                losses.add(unit, worker.death())
                queue.appendleft(unit)
                pool[pool.index(worker)] = _Worker(stage, parts)
        for worker in pool:
            worker.connection.close()
        for worker in pool:
            worker.process.join()
    finally:
        for worker in pool:
            worker.kill()
