"""A run while it lasts: what the loop, the callbacks and the checkpoints share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trainer.batch import Batch
    from trainer.callbacks import Callback
    from trainer.config import Config
    from trainer.engine import Engine
    from trainer.processes import Processes


class Data(Protocol):
    """Batches as functions of the update's number."""

    def step(self, step: int) -> Sequence[Batch]:
        """This process's forward passes of update ``step`` (the first is 1)."""

    def evaluation(self) -> Iterable[Batch]:
        """This process's share of the validation samples, the same every time."""


@dataclass
class Run:
    """Everything alive in one process of a run.

    Attributes:
        facts: What a resumed run must find again: options, data, processes.
        step: Updates done.
        seconds: Time spent training in earlier sessions.
        report: The contents of ``report.json``, filled by the callbacks.
    """

    config: Config
    directory: Path
    processes: Processes
    engine: Engine
    data: Data
    callbacks: list[Callback]
    facts: dict[str, Any]
    step: int = 0
    seconds: float = 0.0
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        return self.step >= self.config.train.steps

    def publish(self, record: dict[str, Any]) -> None:
        """Give a record of measurements to every callback."""
        for callback in self.callbacks:
            callback.record(self, record)


def due(step: int, every: int) -> bool:
    """Whether something done every ``every`` steps (0: never) happens after ``step``."""
    return every > 0 and step % every == 0
