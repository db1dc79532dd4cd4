"""Means of the losses and rates over the last updates, published every ``logging.every``."""

from __future__ import annotations

import time

from trainer.callbacks import Callback
from trainer.engine import Update
from trainer.run import Run, due


class Meter(Callback):
    """Publishes the ``train`` records."""

    def __init__(self) -> None:
        self.window: list[Update] = []
        self.since = 0.0
        self.done = 0
        self.tokens = 0

    def start(self, run: Run) -> None:
        self.since = self.began = time.monotonic()

    def update(self, run: Run, update: Update, learning_rate: float) -> None:
        self.window.append(update)
        self.done += 1
        self.tokens += update.losses.tokens
        if due(run.step, run.config.logging.every) or run.finished:
            self._publish(run, learning_rate)

    def _publish(self, run: Run, learning_rate: float) -> None:
        now = time.monotonic()
        seconds = max(now - self.since, 1e-9)
        losses = [update.losses for update in self.window]
        masked = max(sum(one.masked for one in losses), 1)
        samples = sum(one.samples for one in losses)
        mlm = sum(one.mlm * one.masked for one in losses) / masked
        sop = sum(one.sop * one.samples for one in losses) / samples
        pace = (now - self.began) / self.done
        run.publish(
            {
                "part": "train",
                "step": run.step,
                "loss": mlm + sop,
                "mlm": mlm,
                "sop": sop,
                "lr": learning_rate,
                "grad_norm": self.window[-1].grad_norm,
                "loss_scale": self.window[-1].loss_scale,
                "tokens_per_second": sum(one.tokens for one in losses) / seconds,
                "samples_per_second": samples / seconds,
                "seconds_left": pace * (run.config.train.steps - run.step),
            }
        )
        run.report["train"] = {"loss": mlm + sop, "mlm": mlm, "sop": sop}
        self.window, self.since = [], time.monotonic()

    def end(self, run: Run) -> None:
        seconds = time.monotonic() - self.began
        run.report["tokens_per_second"] = self.tokens / max(seconds, 1e-9)
