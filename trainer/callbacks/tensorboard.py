"""Every record as TensorBoard scalars, ``train/loss`` and so on."""

from __future__ import annotations

from typing import Any

from trainer.callbacks import Callback
from trainer.run import Run


class TensorBoard(Callback):
    """Event files under ``tensorboard/``."""

    def start(self, run: Run) -> None:
        self.writer = None
        if run.processes.first:
            from torch.utils.tensorboard import SummaryWriter

            place = str(run.directory / "tensorboard")
            self.writer = SummaryWriter(place, purge_step=run.step + 1)

    def record(self, run: Run, record: dict[str, Any]) -> None:
        if self.writer is None:
            return
        for name, value in record.items():
            if name not in ("part", "step"):
                self.writer.add_scalar(f"{record['part']}/{name}", value, record["step"])

    def end(self, run: Run) -> None:
        if self.writer is not None:
            self.writer.close()
