"""Losses on the same validation samples, every ``evaluation.every`` steps and at the end."""

from __future__ import annotations

from trainer.callbacks import Callback
from trainer.engine import Update
from trainer.run import Run, due


class Evaluate(Callback):
    """Publishes the ``valid`` records."""

    def update(self, run: Run, update: Update, learning_rate: float) -> None:
        if due(run.step, run.config.evaluation.every) and not run.finished:
            self._evaluate(run)

    def end(self, run: Run) -> None:
        if run.finished:
            self._evaluate(run)

    def _evaluate(self, run: Run) -> None:
        if run.config.evaluation.samples == 0:
            return
        found = run.engine.evaluate(run.data.evaluation())
        if found.samples == 0:  # the split has no validation documents
            return
        losses = {"loss": found.loss, "mlm": found.mlm, "sop": found.sop}
        run.report["valid"] = {**losses, "samples": found.samples}
        run.publish({"part": "valid", "step": run.step, **losses})
