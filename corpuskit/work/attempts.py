"""What an executor makes of a worker's answer, and of a worker that gives none."""

from __future__ import annotations

from collections import Counter

from corpuskit.console import console
from corpuskit.errors import DataError
from corpuskit.io.units import Unit
from corpuskit.work.stage import PartRecord
from corpuskit.work.worker import Failure

ATTEMPTS = 2


class WorkerFault(RuntimeError):
    """A bug inside a worker; carries the worker's traceback."""


def record_of(answer: PartRecord | Failure, unit: Unit) -> PartRecord:
    """The record of a finished part.

    Raises:
        CorpuskitError: The user error that the worker met.
        WorkerFault: The worker met a bug.
    """
    if isinstance(answer, PartRecord):
        return answer
    if answer.error is not None:
        raise answer.error
    raise WorkerFault(f"in {unit}:\n{answer.trace}")


class Losses:
    """Counts the workers that died, by the unit they held."""

    def __init__(self) -> None:
        self._lost: Counter[int] = Counter()

    def add(self, unit: Unit, how: str) -> None:
        """Report a lost worker; its unit may be tried again.

        Args:
            unit: What the worker held.
            how: ``was killed (SIGKILL)``.

        Raises:
            DataError: The unit has already been tried again.
        """
        self._lost[unit.index] += 1
        if self._lost[unit.index] >= ATTEMPTS:
            raise DataError(
                f"a worker {how} in the same unit {ATTEMPTS} times",
                where=str(unit),
                hint="if memory ran out, use fewer --workers; the same command goes on from here",
            )
        console.warn(f"a worker {how} in {unit}; the unit is tried once more")
