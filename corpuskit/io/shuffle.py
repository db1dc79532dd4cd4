"""A seeded shuffle of any number of records in bounded memory.

Every record gets a pseudo-random 64-bit key from the seed and its place in the plan; the
output is the records in the order of their keys. Parts hold sorted runs of records with a
table of where each of 16,384 ranges of keys begins, so that the assembly reads a few
ranges of every run at a time: memory is bounded, and the order depends on the seed alone.
"""

from __future__ import annotations

import heapq
import itertools
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

RUN_BYTES = 16 << 20
READ_BYTES = 16 << 20
RANGE_BITS = 14
RANGES = 1 << RANGE_BITS
_MASK = (1 << 64) - 1
_HEAD = struct.Struct("<QI")
_TABLE = struct.Struct(f"<{RANGES + 1}Q")


def record_key(seed: int, unit: int, ordinal: int) -> int:
    """The key of record ``ordinal`` of ``unit``: SplitMix64 of the three numbers.

    Source of the mixing function: Steele, Lea and Flood, "Fast splittable pseudorandom
    number generators", OOPSLA 2014.
    """
    return _mix(_mix(_mix(seed & _MASK) ^ unit) ^ ordinal)


def _mix(x: int) -> int:
    x = (x + 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


class RunWriter:
    """Gathers records and gives them back as sorted runs of about 16 MB.

    A run is a table of RANGES + 1 offsets (u64, from the end of the table), then the
    records in the order of their keys: key (u64), length (u32), bytes.
    """

    def __init__(self) -> None:
        self._records: list[tuple[int, bytes]] = []
        self._bytes = 0

    def add(self, key: int, record: bytes) -> Iterator[bytes]:
        """Take one record; gives the pieces of a run whenever enough have gathered."""
        # A copy: the buffer behind what orjson gives is many times as large as the record.
        self._records.append((key, bytes(memoryview(record))))
        self._bytes += len(record)
        if self._bytes >= RUN_BYTES:
            yield from self.flush()

    def flush(self) -> Iterator[bytes]:
        """The records gathered so far as one run, piece by piece; nothing when there are none."""
        if not self._records:
            return
        records, self._records, self._bytes = sorted(self._records), [], 0
        yield _table_of(records)
        for key, record in records:
            yield _HEAD.pack(key, len(record))
            yield record


def _table_of(records: Sequence[tuple[int, bytes]]) -> bytes:
    """Where each range of keys begins among sorted records."""
    table = [0] * (RANGES + 1)
    size = 0
    for key, record in records:
        size += _HEAD.size + len(record)
        table[(key >> (64 - RANGE_BITS)) + 1] = size
    return _TABLE.pack(*itertools.accumulate(table, max))


class RunFile:
    """The runs of one part on disk; only their positions are kept in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        self._tables: list[int] = []
        position = 0
        with path.open("rb") as handle:
            while position < self.size:
                self._tables.append(position)
                handle.seek(position + 8 * RANGES)
                position += _TABLE.size + int.from_bytes(handle.read(8), "little")

    def read(self, start: int, stop: int) -> list[list[tuple[int, bytes]]]:
        """The records of ranges ``start`` to ``stop``, one sorted list a run."""
        runs = []
        with self.path.open("rb", buffering=0) as handle:
            for table in self._tables:
                ends = []
                for index in (start, stop):
                    handle.seek(table + 8 * index)
                    ends.append(int.from_bytes(handle.read(8), "little"))
                handle.seek(table + _TABLE.size + ends[0])
                runs.append(list(_records(handle.read(ends[1] - ends[0]))))
        return runs


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(data):
        key, length = _HEAD.unpack_from(data, position)
        position += _HEAD.size
        yield key, data[position : position + length]
        position += length


def merged(files: Sequence[RunFile]) -> Iterator[bytes]:
    """All records of all files in the order of their keys."""
    total = max(1, sum(file.size for file in files))
    step = min(RANGES, max(1, RANGES * READ_BYTES // total))
    for start in range(0, RANGES, step):
        stop = min(RANGES, start + step)
        runs = [run for file in files for run in file.read(start, stop)]
        for _, record in heapq.merge(*runs):
            yield record
