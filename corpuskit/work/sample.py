"""An estimate of a run's time from one second of its work."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from corpuskit.io.documents import Document
from corpuskit.io.units import Unit
from corpuskit.work.stage import PartWriter, Stage

SAMPLE_SECONDS = 1.0


class _Enough(Exception):
    """The sample has lasted long enough."""


class _SampleWriter(PartWriter):
    """Stops its kernel after a second and knows how much text that took."""

    def __init__(self, directory: Path, unit: Unit, suffixes: Sequence[str]) -> None:
        super().__init__(directory, unit, suffixes)
        self.text_bytes = 0
        self.deadline = time.perf_counter() + SAMPLE_SECONDS

    def documents(self, key: str) -> Iterator[Document]:
        for document in super().documents(key):
            if time.perf_counter() > self.deadline:
                raise _Enough
            yield document
            self.text_bytes += len(document.text.encode("utf-8", "replace"))


def estimate_seconds(stage: Stage, units: Sequence[Unit], workers: int) -> float:
    """Expected wall time in seconds.

    Compressed inputs count by their size on disk, so that their estimate is too low by
    the compression ratio.
    """
    if not units:
        return 0.0
    kernel = stage.open()
    largest = max(units, key=lambda unit: unit.size)
    with tempfile.TemporaryDirectory() as directory:
        writer = _SampleWriter(Path(directory), largest, stage.suffixes)
        started = time.perf_counter()
        try:
            kernel.run(largest, writer)
        except _Enough:
            pass
        finally:
            writer.discard()
        seconds = time.perf_counter() - started
    rate = writer.text_bytes / seconds if writer.text_bytes else largest.size / seconds
    return round(sum(unit.size for unit in units) / max(rate, 1e-9) / workers, 1)
