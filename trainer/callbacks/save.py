"""Checkpoints every ``checkpoint.every`` steps, and when a session ends."""

from __future__ import annotations

from trainer import checkpoint
from trainer.callbacks import Callback
from trainer.engine import Update
from trainer.run import Run, due


class Save(Callback):
    """Saves the run."""

    def __init__(self) -> None:
        self.saved = 0

    def start(self, run: Run) -> None:
        self.saved = run.step

    def update(self, run: Run, update: Update, learning_rate: float) -> None:
        if due(run.step, run.config.checkpoint.every):
            self._save(run)

    def end(self, run: Run) -> None:
        if run.step > self.saved:
            self._save(run)

    def _save(self, run: Run) -> None:
        checkpoint.save(run)
        self.saved = run.step
