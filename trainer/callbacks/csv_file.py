"""Every record as a row of ``metrics.csv``."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from corpuskit.io.files import atomic_write
from trainer.callbacks import Callback
from trainer.run import Run

COLUMNS = (
    "step",
    "part",
    "loss",
    "mlm",
    "sop",
    "lr",
    "grad_norm",
    "loss_scale",
    "tokens_per_second",
    "samples_per_second",
    "seconds_left",
)


class CsvFile(Callback):
    """Appends rows; a resumed run first drops the rows after its checkpoint."""

    def start(self, run: Run) -> None:
        if run.processes.first:
            keep_until(metrics_file(run), run.step)

    def record(self, run: Run, record: dict[str, Any]) -> None:
        if run.processes.first:
            with metrics_file(run).open("a", newline="", encoding="utf-8") as file:
                csv.DictWriter(file, COLUMNS, restval="").writerow(record)


def metrics_file(run: Run) -> Path:
    return run.directory / "metrics.csv"


def keep_until(path: Path, step: int) -> None:
    """Keep the header and the rows up to ``step``; make the file if there is none."""
    rows: list[dict[str, str]] = []
    if path.exists() and step > 0:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if int(row["step"]) <= step]
    with atomic_write(path, "w") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
