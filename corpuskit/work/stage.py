"""What a data stage says about itself, and the parts that its kernel writes."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, ClassVar, Protocol

import orjson

from corpuskit.errors import DataError
from corpuskit.io.documents import Document, Reject
from corpuskit.io.files import sync_directory, temporary_name
from corpuskit.io.read import Reader
from corpuskit.io.units import Source, Unit

SPOOL_BYTES = 4 << 20
REJECTS = "rejects"


class Stage(ABC):
    """One step of the road from text to samples.

    Stages are small, picklable records of options. ``version`` grows whenever the same
    options would give other bytes.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    suffixes: ClassVar[tuple[str, ...]]

    @abstractmethod
    def options(self) -> dict[str, Any]:
        """Everything beside the inputs that decides the bytes of the output."""

    @abstractmethod
    def open(self) -> Kernel:
        """Build the engine; called once in every worker."""

    @abstractmethod
    def finals(self, sources: Sequence[Source], output: Path) -> list[Path]:
        """The files that :meth:`assemble` publishes."""

    @abstractmethod
    def assemble(self, parts: Sequence[Part], output: Path) -> dict[str, Any]:
        """Join the parts, publish the finals; returns extra fields for the report."""


class Kernel(Protocol):
    """The work of a stage on one unit; a pure function of the unit."""

    def run(self, unit: Unit, part: PartWriter) -> None: ...


@dataclass
class PartRecord:
    """One line of the ledger: what a finished unit has left on disk.

    Attributes:
        unit: Index of the unit.
        files: Size in bytes and checksum of every part file, by suffix.
        counts: What the kernel counted.
        documents: Documents that were read.
        rejected: Records that were rejected.
        lines: Lines that begin in the unit.
        seconds: Time that the unit took.
        rss_mb: Peak memory of the worker so far, in MB.
    """

    unit: int
    files: dict[str, tuple[int, str]]
    counts: dict[str, int] = field(default_factory=dict)
    documents: int = 0
    rejected: int = 0
    lines: int = 0
    seconds: float = 0.0
    rss_mb: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(record: dict[str, Any]) -> PartRecord:
        files = {suffix: (size, digest) for suffix, (size, digest) in record["files"].items()}
        return PartRecord(**{**record, "files": files})


def part_path(directory: Path, unit: int, suffix: str) -> Path:
    return directory / f"{unit:06d}.{suffix}"


class PartWriter:
    """Collects the output of one unit and publishes it as part files.

    Output is spooled in memory and goes to a hidden file whenever 4 MB have gathered.
    ``counts`` is free for the kernel: documents, sentences, tokens, bytes.
    """

    def __init__(self, directory: Path, unit: Unit, suffixes: Sequence[str]) -> None:
        self.unit = unit
        self.counts: Counter[str] = Counter()
        self.read = 0
        self.rejected = 0
        self.lines = 0
        self._spools = {
            suffix: _Spool(part_path(directory, unit.index, suffix))
            for suffix in (*suffixes, REJECTS)
        }

    def write(self, suffix: str, data: bytes | memoryview) -> None:
        self._spools[suffix].write(data)

    def reject(self, reject: Reject) -> None:
        self.rejected += 1
        record = {"file": self.unit.source.name, **asdict(reject)}
        self.write(REJECTS, orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))

    def documents(self, key: str) -> Iterator[Document]:
        """The documents of the unit; rejects are written down and counted on the way."""
        reader = Reader(self.unit, key)
        for item in reader:
            if isinstance(item, Document):
                self.read += 1
                yield item
            else:
                self.reject(item)
        self.lines = reader.lines

    def finish(self) -> PartRecord:
        """Sync and rename every file; the directory is synced once."""
        files = {suffix: spool.publish() for suffix, spool in self._spools.items()}
        directory = next(iter(self._spools.values())).path.parent
        sync_directory(directory)
        return PartRecord(
            self.unit.index, files, dict(self.counts), self.read, self.rejected, self.lines
        )

    def discard(self) -> None:
        """Remove the hidden files of an unfinished part."""
        for spool in self._spools.values():
            spool.discard()


class _Spool:
    """One file of a part: memory first, then a hidden file beside the final name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._digest = hashlib.blake2b(digest_size=16)
        self._memory = io.BytesIO()
        self._file: IO[bytes] | None = None

    def write(self, data: bytes | memoryview) -> None:
        self._memory.write(data)
        if self._memory.tell() >= SPOOL_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._file is None:
            self._file = temporary_name(self.path).open("wb")
        with self._memory.getbuffer() as view:
            self._digest.update(view)
            self._file.write(view)
            self.size += len(view)
        self._memory = io.BytesIO()

    def publish(self) -> tuple[int, str]:
        self._flush()
        assert self._file is not None
        with self._file as handle:
            handle.flush()
            os.fsync(handle.fileno())
        temporary_name(self.path).replace(self.path)
        return self.size, self._digest.hexdigest()

    def discard(self) -> None:
        if self._file is not None:
            self._file.close()
            temporary_name(self.path).unlink(missing_ok=True)


@dataclass(frozen=True)
class Part:
    """The finished output of one unit, as :meth:`Stage.assemble` sees it."""

    unit: Unit
    record: PartRecord
    directory: Path

    def path(self, suffix: str) -> Path:
        return part_path(self.directory, self.unit.index, suffix)

    def intact(self) -> bool:
        """Whether every file is there at its size (contents are checked when read)."""
        return all(
            self.path(suffix).is_file() and self.path(suffix).stat().st_size == size
            for suffix, (size, _) in self.record.files.items()
        )

    def remove(self) -> None:
        for suffix in self.record.files:
            self.path(suffix).unlink(missing_ok=True)

    def read(self, suffix: str) -> bytes:
        """The whole file, checked; for small parts."""
        buffer = io.BytesIO()
        self.copy_to(suffix, buffer)
        return buffer.getvalue()

    def verify(self, suffix: str) -> None:
        """Check the contents of a file that will be read out of order."""
        with Path(os.devnull).open("wb") as nowhere:
            self.copy_to(suffix, nowhere)

    def copy_to(self, suffix: str, target: IO[bytes]) -> None:
        """Append the file to ``target`` and check its contents on the way.

        A part that was damaged after it was written is removed, so that the same command
        makes it again.
        """
        digest = hashlib.blake2b(digest_size=16)
        with self.path(suffix).open("rb") as handle:
            shutil.copyfileobj(handle, _Tee(target, digest), 1 << 20)
        if digest.hexdigest() != self.record.files[suffix][1]:
            self.remove()
            raise DataError(
                "a part changed on disk after it was written; it has been removed",
                where=self.path(suffix),
                hint="run the same command again: only this part is made anew",
            )


class _Tee:
    """Writes to a file and a hash."""

    def __init__(self, target: IO[bytes], digest: Any) -> None:
        self._target = target
        self._digest = digest

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return self._target.write(data)
