"""The Ray executor: the same units on the machines of a Ray cluster.

Every worker is an actor with one engine and one CPU, and holds one unit at a time. Actors
write their parts straight into the working directory beside the output; the output has to
lie on a file system that all machines share under the same path, and so do the inputs.
"""

from __future__ import annotations

import importlib
import logging
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from corpuskit.errors import UsageError
from corpuskit.io.units import Unit
from corpuskit.work.attempts import Losses, record_of
from corpuskit.work.stage import PartRecord, Stage
from corpuskit.work.worker import Engine


def run_ray(
    stage: Stage,
    units: Sequence[Unit],
    parts: Path,
    workers: int | None,
    stopping: Callable[[], bool],
) -> Iterator[PartRecord]:
    """Run ``units`` as Ray tasks, giving each part's record as it finishes, in any order.

    The cluster is the one of ``RAY_ADDRESS``, else the one that runs on this machine, else
    a new one on this machine alone. When ``stopping()`` becomes true no new unit is begun;
    those in hand are finished.

    Args:
        workers: Actors to use; None for one for every CPU of the cluster.

    Raises:
        UsageError: Ray is not installed.
        DataError: As for the local executor.
    """
    with _cluster() as ray:
        workers = workers or int(ray.cluster_resources().get("CPU", 1))
        yield from _Pool(ray, stage, parts).run(units, workers, stopping)


@contextmanager
def _cluster() -> Iterator[Any]:
    """The module ``ray``, connected."""
    try:
        ray: Any = importlib.import_module("ray")
    except ImportError:
        raise UsageError(
            "--executor ray needs Ray, which is not installed",
            hint="pip install 'corpuskit[ray]'",
        ) from None
    mine = not ray.is_initialized()
    if mine:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        with _handlers_kept():
            ray.init(logging_level=logging.ERROR, log_to_driver=False)
    try:
        yield ray
    finally:
        if mine:
            ray.shutdown()


@contextmanager
def _handlers_kept() -> Iterator[None]:
    """Undo what ``ray.init`` does to signal handlers."""
    main = threading.current_thread() is threading.main_thread()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items() if main else ():
        signal.signal(number, handler)


class _Pool:
    """Actors, and the unit that each of them holds."""

    def __init__(self, ray: Any, stage: Stage, parts: Path) -> None:
        self._ray = ray
        self._actor = ray.remote(num_cpus=1)(Engine)
        self._arguments = stage, parts
        self._held: dict[Any, tuple[Any, Unit]] = {}  # answer to come: actor, unit
        self._losses = Losses()

    def run(
        self, units: Sequence[Unit], workers: int, stopping: Callable[[], bool]
    ) -> Iterator[PartRecord]:
        queue = deque(units)
        idle = [self._actor.remote(*self._arguments) for _ in range(min(workers, len(units)))]
        try:
            while True:
                while idle and queue and not stopping():
                    self._give(idle.pop(), queue.popleft())
                self._release(idle)
                if not self._held:
                    return
                for answer in self._ray.wait(list(self._held))[0]:
                    actor, unit = self._held.pop(answer)
                    try:
                        record = record_of(self._ray.get(answer), unit)
                    except self._deaths as error:
                        self._losses.add(unit, f"was lost ({type(error).__name__})")
                        queue.appendleft(unit)
                        actor = self._actor.remote(*self._arguments)
                    else:
                        yield record
                    idle.append(actor)
        finally:
            self._release(idle)
            self._release([actor for actor, _ in self._held.values()])

    @property
    def _deaths(self) -> tuple[type[Exception], ...]:
        errors = self._ray.exceptions
        return errors.RayActorError, errors.OutOfMemoryError, errors.NodeDiedError

    def _give(self, actor: Any, unit: Unit) -> None:
        self._held[actor.attempt.remote(unit)] = actor, unit

    def _release(self, actors: list[Any]) -> None:
        """End actors: one that waits for a CPU can then have theirs."""
        while actors:
            self._ray.kill(actors.pop())
