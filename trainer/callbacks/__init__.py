"""What happens around the loop: measuring, evaluating, saving, writing down.

Every process has the same callbacks, in the same order; those that write files or text do
so on the first process only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainer.config import Config
    from trainer.engine import Update
    from trainer.run import Run


class Callback:
    """Hooks of the loop; each does nothing by default."""

    def start(self, run: Run) -> None:
        """Before the first update of this session."""

    def update(self, run: Run, update: Update, learning_rate: float) -> None:
        """After every update; ``run.step`` counts it."""

    def record(self, run: Run, record: dict[str, Any]) -> None:
        """When some callback has published measurements."""

    def end(self, run: Run) -> None:
        """After the last update of this session; ``run.finished`` tells whether of the run."""


def standard_callbacks(config: Config) -> list[Callback]:
    """The callbacks of ``corpuskit train``, in their order."""
    from trainer.callbacks.console_lines import ConsoleLines
    from trainer.callbacks.csv_file import CsvFile
    from trainer.callbacks.evaluate import Evaluate
    from trainer.callbacks.meter import Meter
    from trainer.callbacks.save import Save
    from trainer.callbacks.tensorboard import TensorBoard

    callbacks: list[Callback] = [Meter(), Evaluate(), Save(), ConsoleLines(), CsvFile()]
    if config.logging.tensorboard:
        callbacks.append(TensorBoard())
    return callbacks
