"""The training loop. What is not essential to it is a callback."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from trainer.run import Run
from trainer.schedule import learning_rate


class StopRequest:
    """Set by SIGINT or SIGTERM; the loop looks at it between two updates.

    A second signal interrupts at once.
    """

    def __init__(self) -> None:
        self.made = False

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.made:
            raise KeyboardInterrupt
        self.made = True

    @contextmanager
    def watch(self) -> Iterator[StopRequest]:
        """Take the signals inside the block, give them back after it."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(number, self._receive) for number in signals]
        try:
            yield self
        finally:
            for number, handler in zip(signals, before, strict=True):
                signal.signal(number, handler)


def train(run: Run, stop: StopRequest) -> None:
    """Update until the last step, or until some process is asked to stop."""
    began = time.monotonic() - run.seconds
    for callback in run.callbacks:
        callback.start(run)
    while not run.finished and not run.processes.any(stop.made):
        rate = learning_rate(run.config.schedule, run.step + 1, run.config.train.steps)
        update = run.engine.update(run.data.step(run.step + 1), rate)
        run.step += 1
        run.seconds = time.monotonic() - began
        for callback in run.callbacks:
            callback.update(run, update, rate)
    for callback in run.callbacks:
        callback.end(run)
