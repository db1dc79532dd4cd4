"""One line on standard error for every record."""

from __future__ import annotations

from typing import Any

from corpuskit.console import console, human_time
from trainer.callbacks import Callback
from trainer.run import Run


class ConsoleLines(Callback):
    """``step 20/1200 · loss 6.51 · ...``"""

    def record(self, run: Run, record: dict[str, Any]) -> None:
        if not run.processes.first:
            return
        parts = [f"{record['step']:>{len(str(run.config.train.steps))}}/{run.config.train.steps}"]
        parts += [f"{name} {record[name]:.4f}" for name in ("loss", "mlm", "sop")]
        if record["part"] == "train":
            parts += _pace(record)
        else:
            parts.append("on the validation samples")
        console.note("step " + " · ".join(parts))


def _pace(record: dict[str, Any]) -> list[str]:
    parts = [f"lr {record['lr']:.2e}", f"norm {record['grad_norm']:.2f}"]
    if record["loss_scale"] != 1:
        parts.append(f"scale {record['loss_scale']:g}")
    parts.append(f"{record['tokens_per_second']:,.0f} tokens/s")
    parts.append(f"{record['samples_per_second']:,.1f} samples/s")
    parts.append(f"{human_time(record['seconds_left'])} left")
    return parts
