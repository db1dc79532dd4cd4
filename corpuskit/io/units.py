"""Sources and units: what a stage reads, and how it is cut for the workers.

A unit is the smallest piece of work: about 64 MB of one input. The cut depends on the
inputs alone, never on the number of workers, so that a part of the output is a pure
function of its unit.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

UNIT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """One input file.

    Attributes:
        path: Absolute path.
        name: POSIX path relative to the input argument that led to the file (its base
            name where the argument was the file itself); unique within a plan.
        format: ``jsonl``, ``wudao``, ``txt``, ``clue`` or ``parquet``.
        compression: ``none``, ``gz``, ``zst`` or ``xz``.
        size: Bytes on disk.
        mtime_ns: Modification time.
    """

    path: Path
    name: str
    format: str
    compression: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A range of one source.

    Attributes:
        index: Position in the plan.
        source: The file.
        start, stop: Byte range for line formats and WuDao arrays, row groups for Parquet.
            A unit owns the records that begin inside its range. A compressed file is one
            unit.
        size: Bytes of input on disk that this unit stands for; the units of a source add
            up to its size, except that Parquet files also hold a header and a footer.
    """

    index: int
    source: Source
    start: int
    stop: int
    size: int

    def __str__(self) -> str:
        """``unit 3 (corpus.jsonl, 0-67108864)``."""
        return f"unit {self.index} ({self.source.name}, {self.start}-{self.stop})"

    def to_json(self) -> dict[str, Any]:
        record = asdict(self)
        record["source"]["path"] = str(self.source.path)
        return record

    @staticmethod
    def from_json(record: dict[str, Any]) -> Unit:
        source = Source(**{**record["source"], "path": Path(record["source"]["path"])})
        return Unit(**{**record, "source": source})
