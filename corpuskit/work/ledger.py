"""The ledger: one synced line for every finished part.

A line counts when it is whole; the torn line that a crash may leave is cut off before the
next one is written. A ledger carries the fingerprint of its plan in its name, so that
records of another plan are never taken for ours. Several shards write ledgers of their own
into one directory.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import IO

import orjson

from corpuskit.work.stage import PartRecord


def ledger_path(directory: Path, fingerprint: str, shard: str | None) -> Path:
    """Where a run, or one shard of it, writes down what is done."""
    return directory / f"ledger-{fingerprint}{'-' + shard if shard else ''}.jsonl"


def read_ledgers(directory: Path, fingerprint: str) -> dict[int, PartRecord]:
    """Every finished part that a ledger of this plan in ``directory`` knows, by unit."""
    records: dict[int, PartRecord] = {}
    for path in sorted(directory.glob(f"ledger-{fingerprint}*.jsonl")):
        for line in path.read_bytes().split(b"\n"):
            record = _parse(line)
            if record is not None:
                records[record.unit] = record
    return records


def _parse(line: bytes) -> PartRecord | None:
    try:
        return PartRecord.from_json(orjson.loads(line))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None


class Ledger:
    """Appends records; use as a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes]

    def __enter__(self) -> Ledger:
        self._file = self.path.open("ab+")
        self._file.seek(0)
        whole = self._file.read().rfind(b"\n") + 1
        self._file.truncate(whole)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def append(self, record: PartRecord) -> None:
        self._file.write(orjson.dumps(record.to_json(), option=orjson.OPT_APPEND_NEWLINE))
        self._file.flush()
        os.fsync(self._file.fileno())
