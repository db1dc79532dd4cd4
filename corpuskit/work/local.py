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
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from corpuskit.console import console
from corpuskit.errors import DataError
from corpuskit.io.units import Unit
from corpuskit.work.stage import PartRecord, Stage
from corpuskit.work.worker import Failure, worker_main

ATTEMPTS = 2


class WorkerFault(RuntimeError):
    """A bug inside a worker; carries the worker's traceback."""


class _Worker:
    """A process and the unit that it holds."""

    def __init__(self, stage: Stage, parts: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=worker_main, args=(theirs, stage, parts, os.getpid()), daemon=True
        )
        self.process.start()
        theirs.close()
        self.unit: Unit | None = None

    def give(self, unit: Unit) -> None:
        self.unit = unit
        try:
            self.connection.send(unit)
        except OSError:
            pass  # it has died; the loop sees the closed connection

    def close(self) -> None:
        self.connection.close()
        self.process.join()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


def run_local(
    stage: Stage, units: Sequence[Unit], parts: Path, workers: int, stopping: Callable[[], bool]
) -> Iterator[PartRecord]:
    """Run ``units``, giving each part's record as it finishes, in any order.

    When ``stopping()`` becomes true no new unit is begun; those in hand are finished.
    """
    queue = deque(units)
    attempts: dict[int, int] = {}
    pool = [_Worker(stage, parts) for _ in range(min(workers, len(units)))]
    try:
        while True:
            for worker in pool:
                if worker.unit is None and queue and not stopping():
                    worker.give(queue.popleft())
            busy: dict[Connection, _Worker] = {w.connection: w for w in pool if w.unit}
            if not busy:
                break
            for connection in wait(list(busy)):
                worker = busy[connection]  # type: ignore[index]
                record = _answer(worker)
                if record is not None:
                    worker.unit = None
                    yield record
                    continue
                unit = _lost(worker, attempts)
                queue.appendleft(unit)
                pool[pool.index(worker)] = _Worker(stage, parts)
        for worker in pool:
            worker.close()
    finally:
        for worker in pool:
            if worker.process.is_alive():
                worker.kill()


def _answer(worker: _Worker) -> PartRecord | None:
    """The worker's record; None when the worker is gone."""
    try:
        answer = worker.connection.recv()
    except (EOFError, OSError):
        return None
    if isinstance(answer, Failure):
        if answer.error is not None:
            raise answer.error
        assert worker.unit is not None
        raise WorkerFault(f"in {describe_unit(worker.unit)}:\n{answer.trace}")
    record: PartRecord = answer
    return record


def _lost(worker: _Worker, attempts: dict[int, int]) -> Unit:
    """Account for a dead worker; its unit, if it may be tried again."""
    worker.process.join()
    unit = worker.unit
    assert unit is not None
    how = _death(worker.process.exitcode)
    attempts[unit.index] = attempts.get(unit.index, 0) + 1
    if attempts[unit.index] >= ATTEMPTS:
        raise DataError(
            f"a worker {how} in the same unit {ATTEMPTS} times",
            where=describe_unit(unit),
            hint="if memory ran out, use fewer --workers; the same command goes on from here",
        )
    console.warn(f"a worker {how} in {describe_unit(unit)}; the unit is tried once more")
    return unit


def _death(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"was killed ({signal.Signals(-exitcode).name})"
    return f"ended with code {exitcode}"


def describe_unit(unit: Unit) -> str:
    """``unit 3 (corpus.jsonl, 0-67108864)``."""
    return f"unit {unit.index} ({unit.source.name}, {unit.start}-{unit.stop})"
